//! The verdict in one sentence.

use super::bound::time;
use super::place::at;
use super::size;
use crate::findings::{Kind, OpenKind, Suspect};
use crate::grown::{Opened, Outside, Totals, WARM_UP_MS};
use crate::series::growth::LEAST_STEPS;
use crate::verdict::Reason;
use crate::workers::Workers;

const NOTHING_BY_CLASS: &str = "object ids are not comparable across these snapshots, and by class nothing can be said: no class \
                                with a telling name grew at every snapshot";

/// The verdict in one sentence, with that of the first suspect where there is one.
pub(crate) fn verdict(reason: Reason, suspects: &[Suspect], workers: Option<&Workers>) -> String {
    let first = suspects.first().map_or("", |suspect| suspect.sentence.as_str());
    match reason {
        Reason::NoSnapshot => "there is no snapshot to judge".to_owned(),
        Reason::OneSnapshot => {
            "one snapshot shows what is there, not what grows; the largest holders are listed".to_owned()
        }
        Reason::TwoSnapshots => {
            format!(
                "between two snapshots grew first of all: {first} Two snapshots cannot tell a leak from a warm-up"
            )
        }
        Reason::FewSteps { steps } => format!(
            "too early to tell after {steps} steps: hunt again with {} snapshots or more. What grew first of all: {first}",
            LEAST_STEPS + 1
        ),
        Reason::WarmUp { span } => format!(
            "too early to tell: seen {} of a process {} old; hunt again after {}. What grew first of all: {first}",
            time(whole_seconds(span.seen)),
            time(whole_seconds(span.age)),
            time(WARM_UP_MS)
        ),
        Reason::TwoWithoutSuspect { totals } => format!(
            "the heap went {}, and no one object holds what grew; two snapshots cannot tell whether that goes on",
            from_to(totals)
        ),
        Reason::Suspects { count } => {
            let more = match count {
                1 => String::new(),
                2 => " (and one other suspect)".to_owned(),
                n => format!(" (and {} other suspects)", n - 1),
            };
            format!("leak{more}: {first}")
        }
        Reason::Bounded { count } => {
            let more = match count {
                1 => String::new(),
                2 => " (and one other)".to_owned(),
                n => format!(" (and {} others)", n - 1),
            };
            format!("what grows is bounded{more}: {first}")
        }
        Reason::SuspectsByClass => {
            format!("object ids are not comparable across these snapshots; by class, this grew: {first}")
        }
        Reason::NothingByClass => NOTHING_BY_CLASS.to_owned(),
        Reason::Outside { outside, totals } => outside_of_heap(outside, totals, suspects, workers),
        Reason::Opened { opened, totals } => open_files(opened, totals),
        Reason::Diffuse { per_step } => {
            format!("the heap grew by {} per snapshot, but no one object holds what grew", size(per_step))
        }
        Reason::LevelledOff { totals } => {
            format!("no leak: the heap went {}, and what grew has levelled off", from_to(totals))
        }
        Reason::Steady { totals } => {
            format!("no leak: the heap went {}, and nothing grew at every step", from_to(totals))
        }
    }
}

fn outside_of_heap(
    outside: Outside,
    totals: Totals,
    suspects: &[Suspect],
    workers: Option<&Workers>,
) -> String {
    let (what, gain) = match outside {
        Outside::ArrayBuffers { gain, .. } => ("memory in array buffers", gain),
        Outside::External(gain) => ("memory that native objects keep outside of the JavaScript heap", gain),
        Outside::Resident(gain) => ("the process", gain),
    };
    let inside = |lead: &str| {
        suspects.first().map_or_else(String::new, |first| format!(". {lead}: {}", first.sentence))
    };
    let first_of_all = "In the heap grew first of all";
    let more = match (outside, workers) {
        (Outside::ArrayBuffers { is_owned: false, .. }, _)
            if suspects.first().is_some_and(|first| first.kind == Kind::Native) =>
        {
            inside("Node itself keeps them")
        }
        (Outside::Resident(_), Some(workers)) => threads(workers),
        (Outside::Resident(_), None) => {
            format!(": look at worker threads, native addons and buffers{}", inside(first_of_all))
        }
        (Outside::ArrayBuffers { .. } | Outside::External(_), _) => inside(first_of_all),
    };
    format!(
        "{what} grew by {}, while the JavaScript heap of the main thread went {}{more}",
        size(gain),
        from_to(totals)
    )
}

fn open_files(Opened { kind, first, last }: Opened, totals: Totals) -> String {
    let (what, how) = match kind {
        OpenKind::Files => {
            ("files", "look where files are opened, and at streams that are never read to their end")
        }
        OpenKind::Sockets => ("sockets", "look at connections that are never ended, on either side"),
        OpenKind::Pipes => ("pipes", "look at child processes that are started and never end"),
    };
    format!(
        "open {what} went from {first} to {last}, more at every step, while the JavaScript heap of the main thread went \
         {}: more are opened than closed; {how}. At its limit the process can open nothing more (EMFILE)",
        from_to(totals)
    )
}

fn threads(Workers { running, started, made }: &Workers) -> String {
    let made = made
        .as_ref()
        .map_or_else(String::new, |made| format!(", made by {} ({})", made.code, at(&made.place)));
    format!(
        ". {started} worker threads were started meanwhile and have not ended, {running} run in all{made}: call \
         terminate() on those that are done or hang."
    )
}

fn whole_seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000) * 1_000
}

fn from_to(Totals { first, last }: Totals) -> String {
    format!("from {} to {}", size(first), size(last))
}
