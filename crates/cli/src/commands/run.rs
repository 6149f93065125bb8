//! `leakhunt run`: a runbook, step by step.

use std::path::PathBuf;

use leakhunt_capture::Interrupt;
use leakhunt_host::Environment;
use leakhunt_incident::{self as incident, OfStep, Plan, Runbook, Selection, Watch};

use crate::events::{Destination, Events};
use crate::exit;
use crate::failure::Failure;
use crate::hunt::{self, Listening};
use crate::runbooks::{self, described, given};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The runbook
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Give an input of the runbook; repeat it for more
    #[arg(long = "input", value_parser = given::pair, value_name = "NAME=VALUE")]
    inputs: Vec<(String, String)>,

    /// Say what set this run off: code, dyno, at, mem, quota (both in bytes) or line; repeat it for more. A watch says it all
    #[arg(long, value_parser = given::pair, value_name = "FIELD=VALUE")]
    trigger: Vec<(String, String)>,

    /// Print what would be run, every remote command included, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Run this step alone
    #[arg(long, value_name = "ID", conflicts_with = "from")]
    step: Option<String>,

    /// Begin with this step
    #[arg(long, value_name = "ID")]
    from: Option<String>,

    /// Make the run's folder in this one
    #[arg(long, default_value = ".", value_name = "DIR")]
    out: PathBuf,

    /// Write all that happens there as it happens, what happens in its hunts included, a line of JSON each: to a file, to the
    /// socket unix:PATH, or to stdout (-)
    #[arg(long, value_name = "DEST")]
    events: Option<Destination>,

    /// One JSON document on stdout, of all steps; everything else on stderr
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Args, root: clap::Command) -> Result<u8, Failure> {
    let commands = described(root);
    let (source, runbook) = given::read(&args.file, &commands)?;
    let inputs = given::inputs(&runbook, &args.inputs, &commands)?;
    let trigger = given::trigger(&runbook, &source, &args.trigger)?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(exit::INTERNAL, format!("this program cannot be found: {error}")))?;
    let plan = Plan {
        runbook: &runbook,
        source: &source,
        commands: &commands,
        inputs,
        trigger,
        selection: selection(args, &runbook)?,
        program,
        environment: Environment::new(std::env::vars_os()),
        out: args.out.clone(),
        tool_version: env!("CARGO_PKG_VERSION"),
    };
    if args.dry_run {
        let steps = incident::dry_run(&plan).map_err(|message| Failure::new(exit::USAGE, message))?;
        return Ok(runbooks::print_dry(&runbook, &steps, args.json).map(|()| exit::DONE)?);
    }
    go(&plan, args)
}

fn selection(args: &Args, runbook: &Runbook) -> Result<Selection, Failure> {
    let selection = match (&args.step, &args.from) {
        (Some(id), _) => Selection::Only(id.clone()),
        (None, Some(id)) => Selection::From(id.clone()),
        (None, None) => Selection::All,
    };
    if let Selection::Only(id) | Selection::From(id) = &selection
        && !runbook.steps.iter().any(|step| step.id.value == *id)
    {
        let ids: Vec<&str> = runbook.steps.iter().map(|step| step.id.value.as_str()).collect();
        return Err(Failure::new(exit::USAGE, format!("there is no step `{id}`"))
            .hint(format!("its steps: {}", ids.join(", "))));
    }
    Ok(selection)
}

fn go(plan: &Plan<'_>, args: &Args) -> Result<u8, Failure> {
    let events = args.events.as_ref().map(Events::open).transpose()?;
    let runtime = hunt::runtime()?;
    let interrupt = Interrupt::default();
    let listening = Listening::start(&runtime, &interrupt);
    let event = |event: &incident::Event| {
        runbooks::show(event);
        if let Some(events) = &events {
            events.run(event);
        }
    };
    let of_step = events.as_ref().map(|events| |step: &str, line: &str| events.of_step(step, line));
    let watch = Watch { event: &event, of_step: of_step.as_ref().map(|of_step| of_step as &OfStep<'_>) };
    let ran = runtime.block_on(incident::run(plan, &interrupt.stop, &interrupt.hurry, watch));
    let signalled = listening.signalled();
    drop(listening);
    let ran = ran.map_err(|error| {
        let message = format!("--out {} cannot be written: {error}", plan.out.display());
        Failure::new(exit::USAGE, message)
    })?;
    let code = match ran.exit_code.unwrap_or(exit::INTERNAL) {
        exit::NOT_CONFIRMED => exit::NOT_CONFIRMED,
        _ if signalled != 0 => signalled,
        code => code,
    };
    if let Some(events) = events {
        events.close();
    }
    if args.json {
        terminal::print_json(&ran)?;
    } else if args.events != Some(Destination::Stdout) {
        terminal::answer(&runbooks::ending(&ran))?;
    }
    Ok(code)
}
