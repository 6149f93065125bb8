//! The verdict in one sentence.

use super::bound::time;
use super::native::native;
use super::place::{at, in_file};
use super::{count, size};
use crate::findings::{Kind, Memory, OpenKind, Suspect, WorkerThread};
use crate::grown::{Opened, Outside, Totals, WARM_UP_MS};
use crate::resources::growing;
use crate::series::growth::LEAST_STEPS;
use crate::shown::cut;
use crate::verdict::Reason;
use crate::worker_heaps::GrowingHeaps;
use crate::workers::Workers;

const NOTHING_BY_CLASS: &str = "object ids are not comparable across these snapshots, and by class nothing can be said: no class \
                                with a telling name grew at every snapshot";

const ONLY_SNAPSHOTS: &str = "who holds what grows only snapshots tell";

/// What is known of growth outside of the heap that was studied.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    /// The worker thread whose heap that is, where it is not the main thread's.
    pub(crate) hunted: Option<&'a WorkerThread>,
    /// The worker threads, where more run than before.
    pub(crate) workers: Option<&'a Workers>,
    /// What was read at each snapshot.
    pub(crate) memory: &'a Memory,
    /// So long it took.
    pub(crate) minutes: Option<f64>,
}

/// The verdict in one sentence, with that of the first suspect where there is one. It names the thread, where that is a worker.
pub(crate) fn verdict(reason: Reason, suspects: &[Suspect], beside: Beside<'_>) -> String {
    let said = of_a_heap(reason, suspects, beside);
    match (beside.hunted, reason) {
        (None, _) | (_, Reason::Outside { .. } | Reason::Opened { .. }) => said,
        (Some(worker), Reason::Suspects { .. }) => {
            let rest = said.strip_prefix("leak").unwrap_or(&said);
            format!("leak in {}{rest}", hunted(worker))
        }
        (Some(worker), _) => format!("{}: {said}", hunted(worker)),
    }
}

fn of_a_heap(reason: Reason, suspects: &[Suspect], beside: Beside<'_>) -> String {
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
            format!("leak{}: {first}", others(count, " suspect"))
        }
        Reason::Bounded { count } => {
            format!("what grows is bounded{}: {first}", others(count, ""))
        }
        Reason::SuspectsByClass => {
            format!("object ids are not comparable across these snapshots; by class, this grew: {first}")
        }
        Reason::NothingByClass => NOTHING_BY_CLASS.to_owned(),
        Reason::Outside { outside, totals } => outside_of_heap(outside, totals, suspects, beside),
        Reason::Opened { opened, totals } => open_files(opened, totals, beside),
        Reason::Diffuse { per_step } => {
            format!("the heap grew by {} per snapshot, but no one object holds what grew", size(per_step))
        }
        Reason::HeapObservedToGrow { totals } => {
            let pace = pace(totals, beside.minutes);
            format!(
                "the JavaScript heap grew from observation to observation, {}{pace}; {ONLY_SNAPSHOTS}",
                from_to(totals)
            )
        }
        Reason::HeapObservedToRise { totals } => {
            format!("the JavaScript heap rose and fell, {}; {ONLY_SNAPSHOTS}", from_to(totals))
        }
        Reason::NothingObservedToGrow { totals } => nothing_grew(totals, beside),
        Reason::LevelledOff { totals } => no_leak(totals, "what grew has levelled off"),
        Reason::Steady { totals } => no_leak(totals, "nothing grew at every step"),
    }
}

/// How many there are besides the first.
fn others(count: usize, what: &str) -> String {
    match (count, what) {
        (0 | 1, _) => String::new(),
        (2, _) => format!(" (and one other{what})"),
        (count, "") => format!(" (and {} others)", count - 1),
        (count, _) => format!(" (and {} other{what}s)", count - 1),
    }
}

fn no_leak(totals: Totals, why: &str) -> String {
    format!("no leak: the heap went {}, and {why}", from_to(totals))
}

/// Readings tell of a time, and of no other.
fn nothing_grew(totals: Totals, Beside { memory, .. }: Beside<'_>) -> String {
    let lasted = memory.at_ms.last().copied().unwrap_or(0);
    let resident = memory.rss.first().zip(memory.rss.last()).map_or_else(String::new, |(first, last)| {
        format!(", the resident set {}", from_to(Totals { first: *first, last: *last }))
    });
    format!(
        "too early to tell: nothing grew in {}, in which the JavaScript heap went {}{resident}; a slow leak, or one that \
         waits for traffic, shows in a longer time",
        time(whole_seconds(lasted)),
        from_to(totals)
    )
}

fn pace(totals: Totals, minutes: Option<f64>) -> String {
    let gain = totals.last.saturating_sub(totals.first);
    minutes.map_or_else(String::new, |minutes| format!(" ({} a minute)", size(a_minute(gain, minutes))))
}

fn outside_of_heap(outside: Outside, totals: Totals, suspects: &[Suspect], beside: Beside<'_>) -> String {
    let what = match outside {
        Outside::ArrayBuffers { .. } => "memory in array buffers".to_owned(),
        Outside::External(_) => "memory that native objects keep outside of the JavaScript heap".to_owned(),
        Outside::WorkerHeaps(heaps) => worker_heaps(heaps, beside.memory),
        Outside::Resident { .. } => "the process".to_owned(),
    };
    let gain = outside.gain();
    let pace = beside
        .minutes
        .map_or_else(String::new, |minutes| format!(" ({} a minute)", size(a_minute(gain, minutes))));
    let inside = |lead: &str| {
        suspects.first().map_or_else(String::new, |first| format!(". {lead}: {}", first.sentence))
    };
    let first_of_all = "In the heap grew first of all";
    let more = match (outside, beside.workers) {
        (Outside::ArrayBuffers { is_owned: false, .. }, _)
            if suspects.first().is_some_and(|first| first.kind == Kind::Native) =>
        {
            inside("Node itself keeps them")
        }
        (Outside::Resident { .. }, Some(workers)) => threads(workers),
        (Outside::Resident { native: Some(grown), .. }, None) => {
            native(grown, beside.memory) + &inside(first_of_all)
        }
        (Outside::Resident { native: None, .. }, None) => {
            format!(": look at worker threads, native addons and buffers{}", inside(first_of_all))
        }
        (Outside::WorkerHeaps(heaps), _) => {
            let asked = if heaps.thread == 0 { "main".to_owned() } else { heaps.thread.to_string() };
            format!(". Hunt again with `--worker {asked}`, which looks into that heap")
        }
        (Outside::ArrayBuffers { .. } | Outside::External(_), _) => inside(first_of_all),
    };
    format!(
        "{what} grew by {}{pace}, while the JavaScript heap of {} went {}{more}",
        size(gain),
        whose(beside.hunted),
        from_to(totals)
    )
}

fn worker_heaps(heaps: GrowingHeaps, memory: &Memory) -> String {
    let GrowingHeaps { thread, first, last, others, .. } = heaps;
    let known = heaps.worker(memory);
    let name = known.and_then(|worker| worker.name.as_deref());
    let thread = in_words(thread, name, known.and_then(|worker| worker.script.as_deref()));
    let (first, last) = (size(first), size(last));
    if others == 0 {
        format!("the heap of {thread} went from {first} to {last}: it")
    } else {
        let all = others + 1;
        format!("the heaps of {all} threads, that of {thread} from {first} to {last} first of all,")
    }
}

/// Whose heap was studied.
fn whose(worker: Option<&WorkerThread>) -> String {
    worker.map_or_else(|| "the main thread".to_owned(), hunted)
}

fn hunted(WorkerThread { thread, name, script }: &WorkerThread) -> String {
    in_words(*thread, name.as_deref(), script.as_deref())
}

/// A thread with its name and the file of its script, as far as they are known; 0 is the main thread.
fn in_words(thread: u64, name: Option<&str>, script: Option<&str>) -> String {
    if thread == 0 {
        return "the main thread".to_owned();
    }
    let known: Vec<String> = name.into_iter().chain(script.map(in_file)).map(cut).collect();
    let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    format!("worker thread {thread}{known}")
}

fn open_files(Opened { kind, first, last }: Opened, totals: Totals, beside: Beside<'_>) -> String {
    let (what, how) = match kind {
        OpenKind::Files => {
            ("files", "look where files are opened, and at streams that are never read to their end")
        }
        OpenKind::Sockets => ("sockets", "look at connections that are never ended, on either side"),
        OpenKind::Pipes => ("pipes", "look at child processes that are started and never end"),
    };
    let resources = growing(beside.memory).map_or_else(String::new, |(kind, first, last)| {
        format!(". Of what keeps the event loop alive, {} grew most, from {first} to {last}", cut(kind))
    });
    format!(
        "open {what} went from {first} to {last}{}, more at every step, while the JavaScript heap of {} went {}: more are opened than closed; {how}{resources}. At its limit the process can open nothing more (EMFILE)",
        beside.minutes.map_or_else(String::new, |minutes| {
            format!(" ({} a minute)", count(a_minute(last.saturating_sub(first), minutes)))
        }),
        whose(beside.hunted),
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

fn a_minute(gain: u64, minutes: f64) -> u64 {
    (gain as f64 / minutes) as u64
}

fn whole_seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000) * 1_000
}

fn from_to(Totals { first, last }: Totals) -> String {
    format!("from {} to {}", size(first), size(last))
}
