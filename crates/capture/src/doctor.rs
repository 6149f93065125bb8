//! A hunt's first half, which only looks: can a hunt go there, what would it take, and what would that cost?
//!
//! [`examine`] asks the platform what a hunt would ask, then opens the same one shell and lets it probe. It gives no
//! order that signals, starts no forward and attaches to nothing, so what only V8 knows (the used heap, the version) is
//! estimated from outside. Where the platform stands against a hunt, not even the shell is opened: with Heroku Exec off,
//! `ps:exec` would offer to restart every dyno.

use leakhunt_host::heroku::Quota;
use leakhunt_host::{Check, Host};
use serde::Serialize;

use crate::data::{
    Bound, Error, Event, EvidenceKind, Inspector, Machine, NodeProcess, Plan, Prediction, Profile, Proof,
    Refusal, Shortage, Step,
};
use crate::preflight::is_admitted;
use crate::reach::{self, Choice, Found};
use crate::record::Record;
use crate::sample;
use crate::shell::{Probe, RemoteShell, Silence};
use crate::weigh::{self, Load, Room};

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
    /// What only a hunt can tell, by counting the objects, and may be refused for.
    pub undecided: Option<Refusal>,
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
    /// Those that it could have been, where there were several.
    pub candidates: Vec<u32>,
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
    /// The option by which it never catches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_by: Option<String>,
    /// What proves that it runs Node.js.
    pub proof: Proof,
    /// What it has so little left of that SIGUSR1 could end it.
    pub short: Vec<Shortage>,
    /// Its inspector.
    pub inspector: Inspector,
    /// For how long it has run, in seconds.
    pub age_s: Option<u64>,
    /// Resident memory, bytes.
    pub rss: u64,
    /// The memory limit that leaves the least room, bytes.
    pub limit: Option<u64>,
    /// What sets it.
    pub limit_of: Option<Bound>,
    /// What counts against that limit now, bytes.
    pub charged: Option<u64>,
    /// Used heap, guessed from the resident memory, at most, bytes.
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
    /// It was told never to install one: no signal opens its inspector.
    Never,
}

/// A kind of evidence, weighed from outside: what a snapshot costs goes by the objects, which only a hunt can count.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Weighed {
    /// Which.
    pub evidence: EvidenceKind,
    /// What it would cost, at worst: a heap of small objects on the slowest Node.js.
    #[serde(flatten)]
    pub prediction: Prediction,
    /// What it would cost at least: buffers and code, and hardly an object.
    pub least: Prediction,
    /// Why it will be refused, whatever a hunt finds.
    pub refusal: Option<Refusal>,
    /// Why it may be refused, when the objects are counted.
    pub possible_refusal: Option<Refusal>,
}

/// Looks, and changes nothing.
pub async fn examine(plan: &Plan, host: &Host, watch: &(dyn Fn(&Event) + Send + Sync)) -> Examination {
    let mut record = Record::new(watch);
    let mut found = Examination {
        target: host.describe(),
        checks: Vec::new(),
        look: None,
        verdict: Ok(()),
        undecided: None,
        left: true,
    };
    record.begin(Step::Preflight);
    let mut quota = None;
    let refusal = match host.survey().await {
        Ok(preflight) => {
            found.checks = preflight.checks;
            preflight.warnings.into_iter().for_each(|warning| record.warn(warning));
            quota = weigh::quota(Some(&preflight.platform));
            let refused = preflight.refusals.into_iter().next().map(Error::from);
            refused.or_else(|| is_admitted(plan, &preflight.platform).err())
        }
        Err(error) => Some(error.into()),
    };
    if let Some(refusal) = refusal {
        found.verdict = Err(refusal);
        return found;
    }
    record.begin(Step::Reach);
    let mut shell = match RemoteShell::open(host, &mut record).await {
        Ok(shell) => shell,
        Err(error) => {
            found.verdict = Err(error);
            return found;
        }
    };
    let looked = looked(plan, &mut shell, &mut record).await;
    found.left = shell.stop().await.gone;
    match looked {
        Ok((Found { probe, choice, candidates }, inspector)) => {
            let (look, verdict) = judge(plan, &found.target, probe, choice, inspector, quota.as_ref());
            found.undecided = look.chosen.as_ref().and_then(|chosen| undecided(plan, chosen));
            found.look = Some(Look { candidates, ..look });
            found.verdict = verdict;
        }
        Err(silence) => found.verdict = Err(silence.into()),
    }
    found
}

/// The processes there, the choice, and the inspector of what was chosen.
async fn looked(
    plan: &Plan,
    shell: &mut RemoteShell,
    record: &mut Record<'_>,
) -> Result<(Found, Option<Inspector>), Silence> {
    let found = reach::look(shell, plan, record).await?;
    let inspector = match found.choice.candidate() {
        Some((process, _)) => Some(reach::inspector(shell, process, record).await?),
        None => None,
    };
    Ok((found, inspector))
}

/// What a hunt would make of it.
fn judge(
    plan: &Plan,
    target: &str,
    probe: Probe,
    choice: Choice,
    inspector: Option<Inspector>,
    quota: Option<&Quota>,
) -> (Look, Result<(), Error>) {
    let chosen = choice
        .candidate()
        .zip(inspector)
        .map(|((process, why), inspector)| weighed(plan, &probe, process, why, inspector, quota));
    let verdict = choice.process(target).and_then(|(process, _)| match &chosen {
        Some(chosen) => chosen.inspector.admits(target, &process).and_then(|()| go(plan, chosen)),
        None => Ok(()),
    });
    (Look { machine: probe.machine, processes: probe.nodes, candidates: Vec::new(), chosen }, verdict)
}

fn go(plan: &Plan, chosen: &Chosen) -> Result<(), Error> {
    sample::is_admitted(plan)?;
    match wanted(plan, chosen).find_map(|weighed| Some((weighed, weighed.least.refused_by(plan)?))) {
        Some((Weighed { evidence, least: prediction, .. }, refusal)) => {
            Err(Error::refused(evidence, prediction, refusal))
        }
        None => Ok(()),
    }
}

/// What a hunt would take.
fn wanted(plan: &Plan, chosen: &Chosen) -> impl Iterator<Item = Weighed> {
    let wanted = plan.profile.iter().map(|profile| match profile {
        // Snapshots that do not fit are then not taken.
        Profile::Auto | Profile::Sampling => EvidenceKind::Sampling,
        Profile::Cpu => EvidenceKind::Cpu,
        Profile::Timeline => EvidenceKind::Timeline,
        Profile::Heap => weigh::wanted(plan.route),
    });
    let wanted: Vec<EvidenceKind> = wanted.collect();
    chosen.evidence.iter().copied().filter(move |weighed| wanted.contains(&weighed.evidence))
}

fn undecided(plan: &Plan, chosen: &Chosen) -> Option<Refusal> {
    wanted(plan, chosen).find_map(|weighed| weighed.prediction.refused_by(plan))
}

fn weighed(
    plan: &Plan,
    probe: &Probe,
    process: &NodeProcess,
    why: &str,
    inspector: Inspector,
    quota: Option<&Quota>,
) -> Chosen {
    let heap = weigh::heap_behind(process.rss);
    let room = Room::of(process, &probe.machine, quota, None, process.rss);
    let load = Load { used: heap, rss: process.rss, room };
    let evidence = [
        EvidenceKind::SnapshotByFile,
        EvidenceKind::SnapshotByStream,
        EvidenceKind::Sampling,
        EvidenceKind::Cpu,
        EvidenceKind::Timeline,
    ];
    let evidence = evidence.map(|evidence| {
        let (least, prediction) = weigh::from_outside(evidence, &load);
        let refusal = least.refused(plan.max_pause);
        let possible_refusal = prediction.refused(plan.max_pause);
        Weighed { evidence, prediction, least, refusal, possible_refusal }
    });
    Chosen {
        pid: process.pid,
        why: why.to_owned(),
        sigusr1: match process.catches_usr1 {
            true => Usr1::Caught,
            false if process.locked_by().is_some() => Usr1::Never,
            false => Usr1::NotYet,
        },
        locked_by: process.locked_by(),
        proof: process.proof,
        short: process.short.clone(),
        inspector,
        age_s: process.age(&probe.machine),
        rss: process.rss,
        limit: room.map(|room| room.limit),
        limit_of: room.map(|room| room.bound),
        charged: room.map(|room| room.charged),
        estimated_heap: heap,
        evidence: evidence.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Risk;

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
    fn check(plan: &Plan, chosen: NodeProcess, inspector: Inspector, expected: &str) {
        let probe = Probe { nodes: vec![chosen.clone()], ..Probe::default() };
        let choice = Choice::Process(chosen, "the only one".to_owned());
        let (look, verdict) = judge(plan, "there", probe, choice, Some(inspector), None);
        assert!(look.chosen.is_some());
        let said = verdict.err().map_or_else(|| "go".to_owned(), |error| error.to_string());
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn a_limit_that_a_snapshot_would_pass_is_a_no_go_unless_lighter_evidence_is_asked_for() {
        let small = NodeProcess { memory_limit: Some(130 * MB), memory_used: Some(100 * MB), ..node(10) };
        let (heap, sampling) =
            (Plan::default(), Plan { profile: vec![Profile::Sampling], ..Plan::default() });
        let closed = Inspector::Closed;
        check(&heap, small.clone(), closed, "snapshot refused: peak");
        check(&sampling, small.clone(), closed, "go");
        check(&Plan { accept: vec![Risk::Memory], ..Plan::default() }, small, closed, "go");
        let timeline = Plan { profile: vec![Profile::Timeline], ..Plan::default() };
        check(&timeline, node(10), closed, "an allocation timeline notes every allocation");
        check(&Plan { accept: vec![Risk::Timeline], ..timeline }, node(10), closed, "go");
        check(&heap, node(10), closed, "go");
    }

    #[test]
    fn what_goes_by_the_number_of_objects_is_left_to_a_hunt() {
        let check = |limit: u64, expected| {
            let node = NodeProcess { memory_limit: Some(limit * MB), memory_used: Some(80 * MB), ..node(10) };
            let chosen =
                weighed(&Plan::default(), &Probe::default(), &node, "the only one", Inspector::Closed, None);
            assert!(go(&Plan::default(), &chosen).is_ok());
            assert_eq!(undecided(&Plan::default(), &chosen), expected);
        };
        check(256, Some(Refusal::Memory));
        check(1024, None);
    }

    #[test]
    fn a_dyno_is_weighed_by_its_type_where_no_cgroup_shows() {
        let source = leakhunt_host::heroku::QuotaSource::DynoType;
        let quota = Quota { dyno_type: Some("Standard-1X".into()), bytes: 512 << 20, source };
        let large = NodeProcess { rss: 500 * MB, ..node(10) };
        let chosen = weighed(
            &Plan::default(),
            &Probe::default(),
            &large,
            "the only one",
            Inspector::Closed,
            Some(&quota),
        );
        assert_eq!((chosen.limit, chosen.limit_of), (Some(512 << 20), Some(Bound::DynoType)));
        assert!(go(&Plan::default(), &chosen).is_err());
    }

    #[test]
    fn who_has_the_port_or_is_attached_is_a_no_go() {
        let port = 9229;
        let check = |inspector, expected| check(&Plan::default(), node(10), inspector, expected);
        check(
            Inspector::PortTaken { port, by: Some(12) },
            "the inspector of process 10 did not open: process 12 listens on its port 9229; nothing was signalled",
        );
        check(
            Inspector::PortTaken { port, by: None },
            "the inspector of process 10 did not open: another program",
        );
        check(Inspector::Open { port, clients: 1 }, "somebody is attached to the inspector of process 10");
        check(Inspector::Open { port, clients: 0 }, "go");
        check(Inspector::Gone, "the process ended before it was signalled");
    }
}
