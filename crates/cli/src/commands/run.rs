//! `leakhunt run`: a runbook, step by step.

use std::path::PathBuf;

use leakhunt_capture::Interrupt;
use leakhunt_host::Environment;
use leakhunt_incident::{self as incident, OfStep, Plan, Runbook, Selection, Severity, Source, Watch};

use crate::events::{Destination, Events};
use crate::exit;
use crate::failure::Failure;
use crate::hunt::{self, Listening};
use crate::runbooks::{self, described, drawn};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The runbook
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Give an input of the runbook; repeat it for more
    #[arg(long = "input", value_parser = input, value_name = "NAME=VALUE")]
    inputs: Vec<(String, String)>,

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

fn input(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("\"{text}\" is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn run(args: &Args, root: clap::Command) -> Result<u8, Failure> {
    let commands = described(root);
    let source = Source::read(&args.file).map_err(|error| {
        Failure::new(exit::USAGE, format!("{} cannot be read: {error}", args.file.display()))
    })?;
    let runbook = fit(&source, incident::read(&source, &commands))?;
    let inputs = incident::take_inputs(&runbook, &args.inputs, &commands).map_err(|(message, hint)| {
        let failure = Failure::new(exit::USAGE, message);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(exit::INTERNAL, format!("this program cannot be found: {error}")))?;
    let plan = Plan {
        runbook: &runbook,
        source: &source,
        commands: &commands,
        inputs,
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

/// The runbook, if it can be run; what was found is said on stderr.
fn fit(source: &Source, read: incident::Read) -> Result<Runbook, Failure> {
    for diagnostic in &read.diagnostics {
        terminal::say(&drawn(source, diagnostic));
    }
    let errors = read.diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
    read.runbook.ok_or_else(|| {
        let many = if errors == 1 { "an error".to_owned() } else { format!("{errors} errors") };
        let message = format!("{} has {many}; nothing was run", source.name);
        Failure::new(exit::USAGE, message)
            .hint(format!("mend it, and see `leakhunt runbook lint {}`", source.name))
    })
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
