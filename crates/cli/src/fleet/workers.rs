//! `--each-worker`: several processes of one machine, such as the workers of a cluster, as a fleet.

use std::path::PathBuf;
use std::time::Duration;

use leakhunt_capture::{NodeProcess, Plan, examine};
use leakhunt_host::{Environment, Host};
use leakhunt_incident::{Choice, Fleet, Member};

use super::select::{Words, fleet};
use crate::exit;
use crate::failure::Failure;

/// Those of which a hunt would take one: it looks, and signals nothing. Below a primary that was named they are its workers.
pub(crate) async fn candidates(plan: &Plan, host: &Host) -> Result<Vec<NodeProcess>, Failure> {
    // None is taken rather than the others, so that it need not be seen which of them grows.
    let plan = Plan { look_for: Duration::ZERO, ..plan.clone() };
    let found = examine(&plan, host, &|_| {}).await;
    if let Some(mut look) = found.look {
        if look.candidates.is_empty() {
            look.candidates.extend(look.chosen.map(|chosen| chosen.pid));
        }
        look.processes.retain(|process| look.candidates.contains(&process.pid));
        if !look.processes.is_empty() {
            return Ok(look.processes);
        }
    }
    // Without a candidate the verdict says why.
    Err(found.verdict.err().map_or_else(
        || Failure::new(exit::INTERNAL, "a process was neither found nor missed"),
        Failure::from,
    ))
}

/// Each of them, hunted one after another: they share the inspector's port. `host` and `which` are the words for where they are.
pub(crate) fn of_processes(
    name: String,
    (host, which): (&str, &[String]),
    processes: &[NodeProcess],
    place: (Environment, PathBuf),
    root: &clap::Command,
) -> Result<Fleet, Failure> {
    let words = Words::of(root);
    let member = |process: &NodeProcess| {
        let kind = if process.is_worker() { "worker" } else { "process" };
        let which = [which, &[format!("--pid={}", process.pid)]].concat();
        let command = ("command", process.command.clone());
        Member { facts: vec![command], ..words.member(&format!("{kind}-{}", process.pid), host, &which) }
    };
    fleet(name, processes.iter().map(member).collect(), Choice::All, 1, place)
}
