//! `leakhunt local`: a hunt on this machine.

use std::io::IsTerminal as _;

use leakhunt_capture::{Destination, NodeProcess, Plan};
use leakhunt_host::{Environment, Host};

use crate::consent::{Consent, Question};
use crate::failure::Failure;
use crate::{exit, fleet, human, hunt};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let mut plan = hunt::plan(&args.hunt, "local".to_owned())?;
    plan.destination = Some(Destination::Local);
    plan.own_only = true;
    let (host, runtime) = (host(), hunt::runtime()?);
    if args.hunt.each_worker {
        return each_worker(&args.hunt, plan, &host, &runtime, root);
    }
    let is_named = plan.pid.is_some() || plan.named.is_some();
    if !is_named && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        plan.pid = Some(runtime.block_on(asked(&args.hunt, &plan, &host))?);
    }
    hunt::hunt(&args.hunt, &plan, &host, &runtime)
}

/// Hunts of each process that could be the one.
fn each_worker(
    options: &hunt::Options,
    plan: Plan,
    host: &Host,
    runtime: &tokio::runtime::Runtime,
    root: &clap::Command,
) -> Result<u8, Failure> {
    let processes = runtime.block_on(fleet::candidates(&plan, host))?;
    if plan.pid.is_none() && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        let all: Vec<String> = processes.iter().map(|process| described(process, None)).collect();
        let what = format!("this hunt would signal, one after another, {}", all.join("; "));
        let question = Question { risk: None, what: &what, ask: "Hunt there?" };
        runtime.block_on(Consent::new(&options.accept, options.yes).obtain(&question))?;
    }
    let place = (Environment::new(std::env::vars_os()), plan.out);
    let selected = fleet::of_processes(plan.name, ("local", &[]), &processes, place, root)?;
    fleet::hunt(options, &selected, runtime)
}

/// The process that a hunt would choose, if the person at the terminal agrees to it.
async fn asked(options: &hunt::Options, plan: &Plan, host: &Host) -> Result<u32, Failure> {
    let found = leakhunt_capture::examine(plan, host, &|_| {}).await;
    let chosen = found.look.as_ref().and_then(|look| {
        let pid = look.chosen.as_ref()?.pid;
        look.processes.iter().find(|process| process.pid == pid).map(|process| (process, &look.machine))
    });
    let Some((process, machine)) = chosen else {
        // Without a candidate the verdict says why.
        return Err(found.verdict.err().map_or_else(
            || Failure::new(exit::INTERNAL, "a process was neither found nor missed"),
            Failure::from,
        ));
    };
    let what = format!("this hunt would signal {}", described(process, process.age(machine)));
    let question = Question { risk: None, what: &what, ask: "Hunt there?" };
    Consent::new(&options.accept, options.yes).obtain(&question).await?;
    Ok(process.pid)
}

/// `process 42: node server.js, in /srv/app, of user app, up for 2 h`.
fn described(process: &NodeProcess, age: Option<u64>) -> String {
    human::process(process.pid, &process.command, &process.directory, &process.owner(), age)
}

/// This machine.
pub(super) fn host() -> Host {
    Host::Local(leakhunt_host::Local::new(Environment::new(std::env::vars_os())))
}
