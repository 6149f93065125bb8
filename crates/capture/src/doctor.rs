//! A hunt's first half, which only looks: can a hunt go there, what would it take, and what would that cost?
//!
//! [`examine`] asks the platform what a hunt would ask, then opens the same one shell and lets it probe. It gives no
//! order that signals, starts no forward and attaches to nothing, so what only V8 knows (the used heap, the version) is
//! estimated from outside. Where the platform stands against a hunt, not even the shell is opened: with Heroku Exec off,
//! `ps:exec` would offer to restart every dyno.

use leakhunt_host::{Check, Host};
use serde::Serialize;

use crate::error::Error;
use crate::event::{Event, Step};
use crate::plan::{Plan, Profile, Route};
use crate::reach::{self, Choice, DEFAULT_INSPECTOR_PORT, Far, Machine, NodeProcess, Probe};
use crate::record::Record;
use crate::weigh::{self, Evidence, Load, Prediction, Refusal};

/// What was found.
#[derive(Debug)]
pub struct Examination {
    /// The target in words.
    pub target: String,
    /// What the platform answered.
    pub checks: Vec<Check>,
    /// What was seen there, if a look could be had.
    pub look: Option<Look>,
    /// Go, or the first thing that stands against a hunt with this plan.
    pub verdict: Result<(), Error>,
    /// Was the shell seen gone afterwards? True where none was opened.
    pub left: bool,
}

/// One look at the target.
#[derive(Debug, Serialize)]
pub struct Look {
    /// The machine.
    pub machine: Machine,
    /// Every process there that runs Node.js, in the order of their pids.
    pub processes: Vec<NodeProcess>,
    /// The one that a hunt would take.
    pub chosen: Option<Chosen>,
}

/// The process that a hunt would take, and what the evidence would cost it.
#[derive(Debug, Serialize)]
pub struct Chosen {
    /// Its pid.
    pub pid: u32,
    /// Why this one.
    pub why: String,
    /// What SIGUSR1 would do to it.
    pub sigusr1: Usr1,
    /// Its inspector.
    pub inspector: Inspector,
    /// Resident memory, bytes.
    pub rss: u64,
    /// The memory limit that leaves the least room, bytes: its container's or the machine's.
    pub limit: Option<u64>,
    /// What counts against that limit now, bytes.
    pub charged: Option<u64>,
    /// Used heap, guessed from the resident memory, bytes.
    pub estimated_heap: u64,
    /// Each kind of evidence.
    pub evidence: Vec<Weighed>,
}

/// What SIGUSR1 would do to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usr1 {
    /// Its handler is there: the inspector opens, unless the handler is the app's own, which looks the same.
    Caught,
    /// Its handler is not there yet: the signal would kill it.
    NotYet,
    /// It was told never to install one: the signal would kill it.
    Never,
}

/// What is known of a process's inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Inspector {
    /// Open: a hunt would use it, and leave it open.
    Open {
        /// On this port.
        port: u16,
    },
    /// Closed: a hunt would open it and close it again.
    Closed,
    /// Closed, and another process has the port that Node.js would want.
    PortTaken {
        /// The other process.
        by: u32,
    },
}

/// A kind of evidence, weighed.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Weighed {
    /// Which.
    pub evidence: Evidence,
    /// What it would cost, at worst.
    #[serde(flatten)]
    pub prediction: Prediction,
    /// Why it would be refused.
    pub refusal: Option<Refusal>,
}

/// Looks, and changes nothing.
pub async fn examine(plan: &Plan, host: &Host, watch: &(dyn Fn(&Event) + Send + Sync)) -> Examination {
    let mut record = Record::new(watch);
    let mut found =
        Examination { target: host.describe(), checks: Vec::new(), look: None, verdict: Ok(()), left: true };
    record.begin(Step::Preflight);
    let refusal = match host.survey().await {
        Ok(preflight) => {
            found.checks = preflight.checks;
            preflight.refusals.into_iter().next()
        }
        Err(error) => Some(error),
    };
    if let Some(refusal) = refusal {
        found.verdict = Err(refusal.into());
        return found;
    }
    record.begin(Step::Reach);
    let mut far = match Far::open(host, &mut record).await {
        Ok(far) => far,
        Err(error) => {
            found.verdict = Err(error);
            return found;
        }
    };
    let looked = reach::look(&mut far, plan.pid).await;
    found.left = far.stop().await.gone;
    match looked {
        Ok((probe, choice)) => {
            let (look, verdict) = judge(plan, &found.target, probe, choice);
            found.look = Some(look);
            found.verdict = verdict;
        }
        Err(silence) => found.verdict = Err(silence.into()),
    }
    found
}

/// What a hunt would make of it.
fn judge(plan: &Plan, target: &str, probe: Probe, choice: Choice) -> (Look, Result<(), Error>) {
    let chosen = match &choice {
        Choice::Process(process, why) => Some(weighed(plan, &probe, process, why)),
        Choice::NotReady(process) => Some(weighed(plan, &probe, process, "cannot be signalled")),
        Choice::Tie(_) | Choice::None(_) => None,
    };
    let verdict = choice.process(target).and_then(|(process, _)| match &chosen {
        Some(chosen) => go(plan, &process, chosen),
        None => Ok(()),
    });
    (Look { machine: probe.machine, processes: probe.nodes, chosen }, verdict)
}

fn go(plan: &Plan, process: &NodeProcess, chosen: &Chosen) -> Result<(), Error> {
    if let Inspector::PortTaken { by } = chosen.inspector {
        return Err(Error::NotOpened {
            pid: process.pid,
            why: format!("process {by} listens on its port {DEFAULT_INSPECTOR_PORT}; nothing was signalled"),
        });
    }
    let wanted = match (plan.profile, plan.route) {
        (Profile::Sampling, _) => Evidence::Sampling,
        (Profile::Heap, Route::Stream) => Evidence::SnapshotByStream,
        (Profile::Heap, Route::Auto | Route::File) => Evidence::SnapshotByFile,
    };
    let refused = chosen
        .evidence
        .iter()
        .find(|weighed| weighed.evidence == wanted)
        .and_then(|weighed| Some((weighed.prediction, weighed.prediction.refused_by(plan)?)));
    match refused {
        Some((prediction, refusal)) => Err(Error::Refused { evidence: wanted, prediction, refusal, kept: 0 }),
        None => Ok(()),
    }
}

fn weighed(plan: &Plan, probe: &Probe, process: &NodeProcess, why: &str) -> Chosen {
    let heap = weigh::heap_behind(process.rss);
    let load = Load::of(heap, process.rss, process, &probe.machine, None);
    let evidence = [Evidence::SnapshotByFile, Evidence::SnapshotByStream, Evidence::Sampling];
    let evidence = evidence.map(|evidence| {
        // Nobody outside knows the version: the slowest is assumed.
        let prediction = weigh::predict(evidence, &load, 0, None);
        Weighed { evidence, prediction, refusal: prediction.refused(plan.max_pause) }
    });
    Chosen {
        pid: process.pid,
        why: why.to_owned(),
        sigusr1: match process.catches_usr1 {
            true => Usr1::Caught,
            false if process.never_catches_usr1() => Usr1::Never,
            false => Usr1::NotYet,
        },
        inspector: inspector(probe, process),
        rss: process.rss,
        limit: load.limit,
        charged: load.charged,
        estimated_heap: heap,
        evidence: evidence.into(),
    }
}

fn inspector(probe: &Probe, process: &NodeProcess) -> Inspector {
    if let Some(port) = process.open_inspector() {
        return Inspector::Open { port };
    }
    let holder = probe.nodes.iter().find(|other| {
        other.pid != process.pid && !other.own_network && other.listens_on(DEFAULT_INSPECTOR_PORT)
    });
    match holder {
        // One that was told to use another port does not mind.
        Some(other) if !process.asks_for_a_port() => Inspector::PortTaken { by: other.pid },
        _ => Inspector::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Risk;
    use crate::reach::Listener;

    const MB: u64 = 1_000_000;

    fn node(pid: u32) -> NodeProcess {
        NodeProcess {
            pid,
            ancestors: vec![1],
            may_signal: true,
            catches_usr1: true,
            rss: 80 * MB,
            sockets_readable: true,
            command: "node server.js".into(),
            ..NodeProcess::default()
        }
    }

    #[track_caller]
    fn check(plan: &Plan, nodes: Vec<NodeProcess>, chosen: NodeProcess, expected: &str) {
        let probe = Probe { nodes, ..Probe::default() };
        let (look, verdict) = judge(plan, "there", probe, Choice::Process(chosen, "the only one"));
        assert!(look.chosen.is_some());
        let said = verdict.err().map_or_else(|| "go".to_owned(), |error| error.to_string());
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn a_limit_that_a_snapshot_would_pass_is_a_no_go_unless_lighter_evidence_is_asked_for() {
        let small = NodeProcess { memory_limit: Some(256 * MB), memory_used: Some(100 * MB), ..node(10) };
        let (heap, sampling) = (Plan::default(), Plan { profile: Profile::Sampling, ..Plan::default() });
        check(&heap, vec![small.clone()], small.clone(), "snapshot refused: peak");
        check(&sampling, vec![small.clone()], small.clone(), "go");
        let accepted = |risk| Plan { accept: vec![risk], ..Plan::default() };
        check(&accepted(Risk::Pause), vec![small.clone()], small.clone(), "snapshot refused: peak");
        check(&accepted(Risk::Memory), vec![small.clone()], small, "go");
        check(&heap, vec![node(10)], node(10), "go");
    }

    #[test]
    fn a_port_that_another_has_is_a_no_go() {
        let mut other = node(12);
        other.ports.push(Listener { port: DEFAULT_INSPECTOR_PORT, loopback: true });
        check(
            &Plan::default(),
            vec![node(10), other.clone()],
            node(10),
            "the inspector of process 10 did not open: process 12",
        );
        let elsewhere = NodeProcess { command: "node --inspect-port=0 server.js".into(), ..node(10) };
        check(&Plan::default(), vec![elsewhere.clone(), other.clone()], elsewhere, "go");
        other.own_network = true;
        check(&Plan::default(), vec![node(10), other], node(10), "go");
    }
}
