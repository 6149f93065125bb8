//! Which of the Node processes is the app?
//!
//! A dyno runs several: `npm start` and `yarn` are Node programs that wrap the app, pm2's daemon and a cluster's primary
//! hold the port for their workers, agents stand beside. The rule, and what it was tried on, in the order of its steps:
//!
//! 1. Only what is proven to run Node.js counts (Deno and Bun are named, and left alone), and may be signalled or has its inspector open
//!    already, and only where its ports can be reached from the shell there: a container on the machine has a network of its own. What
//!    installs, builds, edits or tests is nobody's app (`programs.rs`); on one's own machine another user's process is not chosen,
//!    either. With `--name` only what has that in its command line.
//! 2. The process that listens on its own `$PORT` is the app. Otherwise a node process with node children and no listener is
//!    a wrapper and is dropped.
//! 3. The workers of node's `cluster` stand in for their primary, for they hold the heap.
//! 4. One left: that is it. More: a tie. Which of them grows is looked at from outside (`look.rs`). If that does not tell, the
//!    largest worker of a cluster is taken, for they all run the same program; what else it is, is for a person to decide.
//!
//! `--pid` names whatever it likes of these, and then the signal's own conditions hold: proof, or a person's consent to do
//! without; room for an inspector; and it is not a cluster's primary, which passes the signal on to every worker
//! (`NODE_DEBUG_ENABLED` in Node's `lib/internal/cluster/primary.js`): their inspectors would open, and nobody would close them.
//!
//! A process that does not catch SIGUSR1 is never chosen for the signal, since the signal would kill it. If the choice
//! falls on one (it is just starting, or it was started with `--disable-sigusr1`, or with `--permission` and without `--allow-inspector`), that is said, and nothing is sent.

use std::time::Duration;

use super::grow::the_growing;
use super::programs::Program;
use crate::data::{Error, NodeProcess, Plan, Proof};
use crate::shell::Probe;

/// What the rule says of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one, for this reason.
    Process(NodeProcess, String),
    /// The app's process is there but cannot be signalled yet, or ever.
    NotReady(NodeProcess),
    /// It could be ended by the signal, for it is near a limit.
    Short(NodeProcess),
    /// It was asked for, and nothing proves that it runs Node.js.
    Unproven(NodeProcess),
    /// It was asked for, and would pass the signal on to these, its cluster's workers.
    Primary(NodeProcess, Vec<u32>),
    /// Several are equally likely; they may be the workers of one cluster.
    Tie { candidates: Vec<NodeProcess>, cluster: bool },
    /// There is none; the reason reads after "no Node process: ".
    None(String),
}

impl Choice {
    /// The process that the choice fell on, whether or not it can be signalled, and why.
    pub(crate) fn candidate(&self) -> Option<(&NodeProcess, &str)> {
        match self {
            Self::Process(process, why) => Some((process, why)),
            Self::NotReady(process) => Some((process, "cannot be signalled")),
            Self::Short(process) => Some((process, "is near a limit")),
            Self::Unproven(process) => Some((process, "asked for by --pid")),
            Self::Primary(process, _) => Some((process, "the primary of a cluster")),
            Self::Tie { .. } | Self::None(_) => None,
        }
    }

    /// The process and why it is the one, or why there is none on `target`.
    pub(crate) fn process(self, target: &str) -> Result<(NodeProcess, String), Error> {
        let target = target.to_owned();
        match self {
            Self::Process(process, why) => Ok((process, why)),
            Self::NotReady(process) => {
                let locked_by = process.locked_by();
                Err(Error::NotCaught { pid: process.pid, command: process.command, locked_by })
            }
            Self::Short(process) => {
                Err(Error::Short { pid: process.pid, command: process.command, short: process.short })
            }
            Self::Unproven(process) => Err(Error::Unproven { pid: process.pid, command: process.command }),
            Self::Primary(process, workers) => {
                Err(Error::Primary { pid: process.pid, command: process.command, workers })
            }
            Self::Tie { candidates, .. } => Err(Error::Tie { target, candidates }),
            Self::None(why) => Err(Error::NoProcess { target, why }),
        }
    }
}

/// Applies the rule, or takes the process that was asked for.
pub(super) fn choose(probe: &Probe, plan: &Plan) -> Choice {
    if let Some(pid) = plan.pid {
        return match probe.nodes.iter().find(|node| node.pid == pid) {
            Some(node) => asked_for(probe, plan, node),
            None => Choice::None(format!("{pid} is not a Node process there")),
        };
    }
    let nodes: Vec<&NodeProcess> =
        probe.nodes.iter().filter(|node| unfit(probe, plan, node).is_none()).collect();
    if nodes.is_empty() {
        return Choice::None(why_none(probe, plan));
    }
    let owners: Vec<&NodeProcess> = nodes
        .iter()
        .copied()
        .filter(|node| node.web_port().is_some_and(|port| node.listens_on(port)))
        .collect();
    let (apps, why) = match owners[..] {
        [] => (without_wrappers(&nodes), "the only one that is not a wrapper"),
        _ => (owners, "listens on $PORT"),
    };
    match heaps(&apps, &nodes)[..] {
        [] => Choice::None("only wrappers run Node.js there".to_owned()),
        [one] => settle(probe, one, if one.is_worker() { "the only worker of its cluster" } else { why }),
        ref several => {
            let primary = several[0].ancestors.first();
            let cluster = several.iter().all(|one| one.is_worker() && one.ancestors.first() == primary);
            Choice::Tie { candidates: several.iter().copied().cloned().collect(), cluster }
        }
    }
}

fn asked_for(probe: &Probe, plan: &Plan, node: &NodeProcess) -> Choice {
    if let Some(runtime) = node.other_runtime() {
        return Choice::None(format!("{} is {runtime}, not Node.js", node.pid));
    }
    match settle(probe, node, "asked for by --pid") {
        // What cannot be done is not asked about.
        Choice::None(why) => Choice::None(why),
        _ if node.proof == Proof::None && !plan.unproven_too => Choice::Unproven(node.clone()),
        settled => settled,
    }
}

/// After a second look at several, so much later: the one that grew, or of a cluster the largest.
pub(super) fn after_looking(
    probe: &Probe,
    candidates: Vec<NodeProcess>,
    cluster: bool,
    later: Duration,
) -> Choice {
    let (count, seconds) = (candidates.len(), later.as_secs());
    let find = |pid| probe.nodes.iter().find(|node| node.pid == pid);
    if let Some((grew, node)) =
        the_growing(&candidates, &probe.nodes).and_then(|it| Some((it, find(it.pid)?)))
    {
        let [by, next] = [grew.by, grew.next].map(|bytes| bytes as f64 / 1e6);
        let why = format!("of {count} it grew, by {by:.1} MB in {seconds} s, the next by {next:.1} MB");
        return settle(probe, node, &why);
    }
    let living = candidates.iter().filter_map(|then| find(then.pid).filter(|now| now.start == then.start));
    match living.max_by_key(|node| (node.rss, std::cmp::Reverse(node.pid))) {
        Some(largest) if cluster && later.is_zero() => {
            settle(probe, largest, &format!("the largest of {count} workers"))
        }
        Some(largest) if cluster => {
            let why = format!("the largest of {count} workers, none of which grew clearly in {seconds} s");
            settle(probe, largest, &why)
        }
        _ => Choice::Tie { candidates, cluster },
    }
}

/// The workers of a cluster stand in for their primary.
fn heaps<'a>(apps: &[&'a NodeProcess], nodes: &[&'a NodeProcess]) -> Vec<&'a NodeProcess> {
    let mut found: Vec<&NodeProcess> = Vec::new();
    for app in apps {
        let works_for_it = |node: &&&NodeProcess| node.is_worker() && node.ancestors.contains(&app.pid);
        let mut heaps: Vec<&NodeProcess> = nodes.iter().filter(works_for_it).copied().collect();
        if heaps.is_empty() {
            heaps.push(app);
        }
        heaps.retain(|heap| found.iter().all(|other| other.pid != heap.pid));
        found.extend(heaps);
    }
    found
}

/// Why a process is not among those that may be chosen, as it stands behind its command line.
fn unfit(probe: &Probe, plan: &Plan, node: &NodeProcess) -> Option<String> {
    if let Some(runtime) = node.other_runtime() {
        return Some(format!("is {runtime}, not Node.js"));
    }
    if node.own_network {
        return Some("runs in a container".to_owned());
    }
    if !node.may_signal && node.open_inspector().is_none() {
        return Some(of_another_user(node));
    }
    if node.proof == Proof::None {
        return Some("is not proven to run Node.js".to_owned());
    }
    if plan.own_only && node.uid.is_some() && node.uid != probe.machine.uid {
        return Some(format!("belongs to another user, {}", node.owner()));
    }
    if let Some(name) = plan.named.as_ref().filter(|name| !node.command.contains(name.as_str())) {
        return Some(format!("has no {name:?} in its command line"));
    }
    Program::of(node).map(|program| format!("is {}", program.described()))
}

fn of_another_user(node: &NodeProcess) -> String {
    format!("belongs to another user, {0}: only {0} or root can hunt it", node.owner())
}

/// How many that were passed over are named.
const NAMED: usize = 5;

fn why_none(probe: &Probe, plan: &Plan) -> String {
    // The one that was meant comes first.
    let is_named =
        |node: &&NodeProcess| plan.named.as_ref().is_some_and(|name| node.command.contains(name.as_str()));
    let mut nodes: Vec<&NodeProcess> = probe.nodes.iter().collect();
    nodes.sort_by_key(|node| !is_named(node));
    let passed_over: Vec<String> = nodes
        .into_iter()
        .filter_map(|node| {
            let command: String = node.command.chars().take(60).flat_map(char::escape_debug).collect();
            Some(format!("{} ({command}) {}", node.pid, unfit(probe, plan, node)?))
        })
        .collect();
    match passed_over.len() {
        0 => "nothing there runs Node.js".to_owned(),
        count if count > NAMED => {
            format!("{}; and {} more", passed_over[..NAMED].join("; "), count - NAMED)
        }
        _ => passed_over.join("; "),
    }
}

fn settle(probe: &Probe, node: &NodeProcess, why: &str) -> Choice {
    let pid = node.pid;
    if node.own_network {
        return Choice::None(format!(
            "{pid} runs in a container, whose ports are not to be reached from outside"
        ));
    }
    let open = node.open_inspector().is_some();
    let works_for_it = |other: &&NodeProcess| other.is_worker() && other.ancestors.first() == Some(&pid);
    let workers: Vec<u32> = probe.nodes.iter().filter(works_for_it).map(|worker| worker.pid).collect();
    if !node.may_signal && !open {
        return Choice::None(format!("{pid} {}", of_another_user(node)));
    }
    if !open && !workers.is_empty() {
        Choice::Primary(node.clone(), workers)
    } else if !open && !node.catches_usr1 {
        Choice::NotReady(node.clone())
    } else if !open && !node.short.is_empty() {
        Choice::Short(node.clone())
    } else {
        Choice::Process(node.clone(), why.to_owned())
    }
}

fn without_wrappers<'a>(nodes: &[&'a NodeProcess]) -> Vec<&'a NodeProcess> {
    let wraps = |node: &NodeProcess| nodes.iter().any(|other| other.ancestors.contains(&node.pid));
    nodes.iter().copied().filter(|node| !node.ports.is_empty() || !wraps(node)).collect()
}

#[cfg(test)]
mod tests;
