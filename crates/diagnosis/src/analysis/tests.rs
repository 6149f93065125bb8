//! Whole analyses of small heaps made by hand, from the files to the findings.

use leakhunt_heap::Snapshot;

use super::minutes;
use crate::evidence::Evidence;
use crate::findings::{Findings, Kind, Verdict};
use crate::testing::{APP, Heap, TIMERS};
use crate::{diagnose, findings};

/// So many bytes has each of the objects that grow: more than noise.
const BYTES: u32 = 1_000;

/// Judges snapshots of one process, oldest first.
fn judge(snapshots: &[Heap]) -> Findings {
    judge_with(snapshots, None)
}

/// The same, given the source of the program's own script.
fn judge_with(snapshots: &[Heap], source: Option<&str>) -> Findings {
    let texts: Vec<String> = snapshots.iter().map(Heap::text).collect();
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let sources = |path: &str| source.filter(|_| path == APP).map(str::to_owned);
    diagnose(texts.len(), load, &Evidence::of_sources(&sources)).expect("they are whole")
}

/// A shop with so many sessions in a map.
fn shop(sessions: u32) -> Heap {
    let mut heap = Heap::new();
    let map = heap.global("sessions", "Map");
    let sessions: Vec<_> = (0..sessions)
        .map(|_| {
            let session = heap.instance("Session", APP);
            heap.size(session, BYTES);
            session
        })
        .collect();
    heap.table(map, &sessions);
    heap
}

fn first(findings: &Findings) -> &findings::Suspect {
    findings.suspects.first().unwrap_or_else(|| panic!("no suspect: {}", findings.sentence))
}

#[test]
fn a_map_that_gains_at_every_step_is_a_leak() {
    let found = judge(&[10, 20, 30, 40, 50].map(shop));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    let suspect = first(&found);
    assert_eq!((suspect.kind, suspect.class.as_str(), suspect.rank), (Kind::Map, "Session", 1));
    assert_eq!(suspect.growth.counts, [10, 20, 30, 40, 50]);
    let holder = suspect.holder.as_ref().expect("a holder");
    assert_eq!((holder.class.as_str(), holder.variable.as_deref()), ("Map", Some("sessions")));
    let path: Vec<&str> = suspect.path.iter().map(|hop| hop.class.as_str()).collect();
    assert_eq!(path, ["global", "Map", "Session"]);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
}

#[test]
fn a_map_that_is_full_is_none() {
    let found = judge(&[10, 40, 60, 60, 60, 60].map(shop));
    assert_eq!(found.verdict, Verdict::Healthy, "{}", found.sentence);
    assert!(found.suspects.is_empty() && found.sentence.contains("levelled off"), "{}", found.sentence);
}

#[test]
fn too_few_snapshots_name_suspects_but_judge_nothing() {
    let none = judge(&[]);
    assert_eq!((none.verdict, none.suspects.len()), (Verdict::Inconclusive, 0));
    for snapshots in [vec![shop(40)], vec![shop(10), shop(40)]] {
        let found = judge(&snapshots);
        assert_eq!(found.verdict, Verdict::Inconclusive, "{}", found.sentence);
        assert_eq!(first(&found).kind, Kind::Map);
    }
}

#[test]
fn snapshots_in_the_wrong_order_are_put_right() {
    let found = judge(&[50, 40, 30, 20, 10].map(shop));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    assert_eq!(first(&found).growth.counts, [10, 20, 30, 40, 50]);
    assert!(found.warnings[0].contains("5, 4, 3, 2, 1"), "{:?}", found.warnings);
}

#[test]
fn what_grows_inside_of_what_grows_is_one_suspect() {
    let carts = |count: u32| {
        let mut heap = Heap::new();
        let map = heap.global("carts", "Map");
        let carts: Vec<_> = (0..count)
            .map(|_| {
                let (cart, items) = (heap.instance("Cart", APP), heap.builtin("Array"));
                heap.size(items, BYTES);
                heap.property(cart, "items", items);
                cart
            })
            .collect();
        heap.table(map, &carts);
        heap
    };
    let found = judge(&[10, 20, 30, 40, 50].map(carts));
    assert_eq!(found.suspects.len(), 1, "{}", found.sentence);
    assert_eq!((first(&found).class.as_str(), first(&found).growth.per_step), ("Cart", 10_080));
}

#[test]
fn two_containers_of_one_class_are_two_suspects() {
    let queues = |count: u32| {
        let mut heap = Heap::new();
        let (open, done) = (heap.global("open", "Set"), heap.global("done", "Array"));
        let jobs: Vec<_> = (0..count)
            .map(|_| {
                let job = heap.instance("Job", APP);
                heap.size(job, BYTES);
                job
            })
            .collect();
        let (some, others): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.0 % 2 == 0);
        heap.table(open, &some);
        heap.table(done, &others);
        heap
    };
    let found = judge(&[10, 20, 30, 40, 50].map(queues));
    let mut kinds: Vec<Kind> = found.suspects.iter().map(|suspect| suspect.kind).collect();
    kinds.sort_by_key(|kind| *kind == Kind::Set);
    assert_eq!(kinds, [Kind::Array, Kind::Set], "{}", found.sentence);
}

/// A list of Node's with so many intervals, each with a banner of its own, which keeps its timer or not.
fn banners(timers: u32, is_kept: bool) -> Heap {
    let mut heap = Heap::new();
    let list = heap.instance("TimersList", TIMERS);
    heap.keep("lists", list);
    let tick = heap.function("tick", APP);
    for at in 0..timers {
        let (timer, banner) = (heap.instance("Timeout", TIMERS), heap.instance("Banner", APP));
        heap.size(banner, BYTES);
        heap.property(list, &format!("timer{at}"), timer);
        heap.property(timer, "_onTimeout", tick);
        heap.property(timer, "_banner", banner);
        if is_kept {
            heap.property(banner, "timer", timer);
        }
    }
    heap
}

#[test]
fn timers_are_named_by_what_they_call() {
    let found = judge(&[10, 20, 30, 40, 50].map(|timers| banners(timers, false)));
    let suspect = first(&found);
    assert_eq!((found.verdict, suspect.kind), (Verdict::Leak, Kind::Timer), "{}", found.sentence);
    let place = suspect.location.as_ref().expect("the function that is called");
    assert_eq!((place.file.as_str(), place.function.as_deref()), (APP, Some("tick")));
}

#[test]
fn a_queue_of_objects_that_hold_each_other_is_a_list() {
    let queue = |jobs: u32| {
        let mut heap = Heap::new();
        let queue = heap.instance("Queue", APP);
        heap.keep("queue", queue);
        let mut at = queue;
        for _ in 0..jobs {
            let job = heap.instance("Job", APP);
            heap.size(job, BYTES);
            heap.property(at, "next", job);
            at = job;
        }
        heap
    };
    let found = judge(&[10, 20, 30, 40, 50].map(queue));
    let suspect = first(&found);
    assert_eq!((found.verdict, suspect.kind), (Verdict::Leak, Kind::List), "{}", found.sentence);
    // The queue's first job was there first, and leads to those that came after.
    assert!(
        suspect.sentence.contains("50 are chained, each holding the one after through next"),
        "{}",
        suspect.sentence
    );
}

#[track_caller]
fn check(at_ms: &[u64], expected: Option<f64>) {
    assert_eq!(minutes(at_ms), expected, "{at_ms:?}");
}

#[test]
fn a_clock_that_was_set_back_tells_no_pace() {
    check(&[0, 60_000, 180_000], Some(3.0));
    check(&[0, 60_000], Some(1.0));
    check(&[0, 60_000, 30_000, 180_000], None);
    check(&[0, 0], None);
    check(&[], None);
}

mod advice;
