//! Whole analyses of small heaps made by hand, from the files to the findings.

use leakhunt_heap::Snapshot;

use super::minutes;
use crate::evidence::{Evidence, ReadNumbers};
use crate::findings::{Findings, Kind, Verdict};
use crate::testing::{APP, EVENTS, Heap, TIMERS};
use crate::{diagnose, findings};

/// So many bytes has each of the objects that grow: more than noise.
const BYTES: u32 = 1_000;

/// Judges snapshots of one process, oldest first.
fn judge(snapshots: &[Heap]) -> Findings {
    judge_with(snapshots, None)
}

/// The same, given the source of the program's own script.
fn judge_with(snapshots: &[Heap], source: Option<&str>) -> Findings {
    judge_at(snapshots, source, &[])
}

/// The same, taken at these times.
fn judge_at(snapshots: &[Heap], source: Option<&str>, at_ms: &[u64]) -> Findings {
    judge_aged(snapshots, source, at_ms, None)
}

/// The same of a process that was so old at the first of them.
fn judge_aged(snapshots: &[Heap], source: Option<&str>, at_ms: &[u64], age_ms: Option<u64>) -> Findings {
    let texts: Vec<String> = snapshots.iter().map(Heap::text).collect();
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let sources = |path: &str| source.filter(|_| path == APP).map(str::to_owned);
    let memory = findings::Memory { at_ms: at_ms.to_vec(), ..findings::Memory::default() };
    let evidence = Evidence { memory, age_ms, ..Evidence::of_sources(&sources) };
    diagnose(texts.len(), load, &evidence).expect("they are whole")
}

/// The same where the process has told these numbers.
fn judge_told(snapshots: &[Heap], source: &str, numbers: &[ReadNumbers]) -> Findings {
    let texts: Vec<String> = snapshots.iter().map(Heap::text).collect();
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let sources = |path: &str| (path == APP).then(|| source.to_owned());
    let evidence = Evidence { numbers, ..Evidence::of_sources(&sources) };
    diagnose(texts.len(), load, &evidence).expect("they are whole")
}

/// A shop with so many sessions in a map.
fn shop(sessions: u32) -> Heap {
    stocked(Heap::new(), sessions)
}

fn stocked(mut heap: Heap, sessions: u32) -> Heap {
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
    let brief = judge(&[10, 20, 30].map(shop));
    assert_eq!(brief.verdict, Verdict::Inconclusive, "{}", brief.sentence);
    assert!(brief.sentence.starts_with("too early to tell after 2 steps"), "{}", brief.sentence);
    assert_eq!(judge(&[10, 20, 30, 40].map(shop)).verdict, Verdict::Leak);
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

#[test]
fn what_grows_no_faster_than_a_warm_up_is_too_early_to_tell_of_a_young_process() {
    let at_ms = [0, 4_000, 8_000, 12_000, 16_000];
    let check = |sessions: [u32; 5], age_ms, verdict, said: &str| {
        let found = judge_aged(&sessions.map(shop), None, &at_ms, age_ms);
        assert_eq!(found.verdict, verdict, "{}", found.sentence);
        assert!(found.sentence.starts_with(said), "{}", found.sentence);
    };
    let (slow, fast) = ([10, 20, 30, 40, 50], [100, 600, 1_100, 1_600, 2_100]);
    let early = "too early to tell: seen 16 s of a process 5 s old; hunt again after 2 min. What grew";
    check(slow, Some(5_000), Verdict::Inconclusive, early);
    check(slow, Some(3_600_000), Verdict::Leak, "leak: ");
    check(slow, None, Verdict::Leak, "leak: ");
    check(fast, Some(5_000), Verdict::Leak, "leak: ");
    // What grows beside them grows as fast as no warm-up, in nobody's hands.
    let with_code = |(sessions, code): (u32, u32)| {
        let mut heap = Heap::new();
        let (handles, compiled) = (heap.handles(), heap.hidden("system / Code"));
        heap.internal(handles, "1", compiled);
        heap.size(compiled, code);
        let map = heap.global("sessions", "Map");
        let sessions: Vec<_> = (0..sessions).map(|_| heap.instance("Session", APP)).collect();
        sessions.iter().for_each(|session| heap.size(*session, BYTES));
        heap.table(map, &sessions);
        heap
    };
    let steps = [10, 20, 30, 40, 50].map(|sessions| (sessions, sessions * 20_000));
    let found = judge_aged(&steps.map(with_code), None, &at_ms, Some(5_000));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    // What they gain is more than a warm-up's, while as much goes that was only there to start.
    let with_rest = |(sessions, rest): (u32, u32)| {
        let mut heap = Heap::new();
        let object = heap.global("rest", "Object");
        heap.size(object, rest);
        stocked(heap, sessions)
    };
    let steps = [(100, 2_100_000), (600, 1_600_000), (1_100, 1_100_000), (1_600, 600_000), (2_100, 110_000)];
    let found = judge_aged(&steps.map(with_rest), None, &at_ms, Some(5_000));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
}

#[test]
fn where_the_heap_fell_nothing_leaks() {
    let with_old = |(sessions, old): (u32, u32)| {
        let mut heap = Heap::new();
        let (buffer, log) = (heap.global("old", "Object"), heap.global("log", "Array"));
        heap.size(buffer, old);
        let lines: Vec<_> = (0..sessions).map(|_| heap.instance("Line", APP)).collect();
        lines.iter().for_each(|line| heap.size(*line, BYTES));
        heap.table(log, &lines);
        heap
    };
    let falls = [(10, 90_000), (20, 70_000), (30, 50_000), (40, 30_000), (50, 10_000)];
    let found = judge(&falls.map(with_old));
    assert_eq!((found.verdict, found.suspects.len()), (Verdict::Healthy, 0), "{}", found.sentence);
}

#[test]
fn code_that_v8_throws_away_hides_no_leak() {
    let with_code = |(sessions, bytes): (u32, u32)| {
        let mut heap = Heap::new();
        let (handles, code) = (heap.handles(), heap.code());
        heap.internal(handles, "1", code);
        heap.size(code, bytes);
        stocked(heap, sessions)
    };
    let flushed = [(10, 90_000), (20, 70_000), (30, 50_000), (40, 30_000), (50, 10_000)];
    let found = judge(&flushed.map(with_code));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    assert!((0.9..=1.0).contains(&first(&found).share), "{}", first(&found).share);
}

#[test]
fn one_line_is_one_suspect_however_many_instances_it_has() {
    let rooms = |members: u32| {
        let mut heap = Heap::new();
        let sets = ["lobby", "games"].map(|name| {
            let (room, set) = (heap.instance("Room", APP), heap.builtin("Set"));
            heap.keep(name, room);
            heap.property(room, "members", set);
            set
        });
        let (mut lobby, mut games) = (Vec::new(), Vec::new());
        for _ in 0..members {
            for members in [&mut lobby, &mut games] {
                let member = heap.instance("Member", APP);
                heap.size(member, BYTES);
                members.push(member);
            }
        }
        heap.table(sets[0], &lobby);
        heap.table(sets[1], &games);
        heap
    };
    let found = judge(&[10, 20, 30, 40, 50].map(rooms));
    assert_eq!(found.suspects.len(), 1, "{}", found.sentence);
    let suspect = first(&found);
    assert_eq!(suspect.growth.counts, [20, 40, 60, 80, 100]);
    assert!(suspect.sentence.contains("gained 20 Member"), "{}", suspect.sentence);
}

#[test]
fn one_line_that_listens_to_several_emitters_is_one_suspect() {
    let clients = |count: u32| {
        let mut heap = Heap::new();
        heap.extend(("Client", APP), ("EventEmitter", EVENTS));
        let lists = ["first", "second"].map(|name| {
            let (client, events) = (heap.instance("Client", APP), heap.builtin("Object"));
            let listeners = heap.builtin("Array");
            heap.keep(name, client);
            heap.property(client, "_events", events);
            heap.property(events, "error", listeners);
            listeners
        });
        let mut of = [Vec::new(), Vec::new()];
        for _ in 0..count {
            for listeners in &mut of {
                let (listener, kept) = (heap.function_at("failed", APP, 7), heap.builtin("Object"));
                heap.size(kept, BYTES);
                heap.internal(listener, "context", kept);
                listeners.push(listener);
            }
        }
        lists.iter().zip(&of).for_each(|(list, listeners)| heap.table(*list, listeners));
        heap
    };
    let found = judge(&[10, 20, 30, 40, 50].map(clients));
    assert_eq!(found.suspects.len(), 1, "{}", found.sentence);
    assert_eq!(first(&found).growth.counts, [20, 40, 60, 80, 100]);
}

/// A list of Node's with so many timeouts of a minute, each with what it keeps.
fn timeouts(timers: u32) -> Heap {
    let mut heap = Heap::new();
    let (list, lists) = (heap.instance("TimersList", TIMERS), heap.global("timerListMap", "Object"));
    heap.element(lists, 60_000, list);
    let (tick, null) = (heap.function("tick", APP), heap.hidden("null"));
    let mut before = list;
    for _ in 0..timers {
        let (timer, kept) = (heap.instance("Timeout", TIMERS), heap.builtin("Object"));
        heap.size(kept, BYTES);
        heap.property(list, &format!("timer{}", timer.0), timer);
        heap.property(timer, "_idlePrev", before);
        heap.property(timer, "_onTimeout", tick);
        heap.property(timer, "_repeat", null);
        heap.property(timer, "kept", kept);
        before = timer;
    }
    heap
}

#[test]
fn what_lives_as_long_as_a_timeout_is_bounded_until_it_outlives_it() {
    let series = || [10, 20, 30, 40, 50].map(timeouts);
    let found = judge_at(&series(), None, &[0, 5_000, 10_000, 15_000, 20_000]);
    assert_eq!(found.verdict, Verdict::Healthy, "{}", found.sentence);
    assert!(
        first(&found).sentence.ends_with("bounded: 2.0/s × 60 s × 1.0 kB ≈ 121.0 kB."),
        "{}",
        found.sentence
    );
    let untimed = judge(&series());
    assert_eq!(untimed.verdict, Verdict::Healthy, "{}", untimed.sentence);
    assert!(first(&untimed).sentence.contains("bounded: each lives for 60 s"), "{}", untimed.sentence);
    // Those of the first snapshots are older than their minute: somebody sets them again.
    let found = judge_at(&series(), None, &[0, 50_000, 100_000, 150_000, 200_000]);
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    assert!(first(&found).bound.is_none());
    assert!(first(&found).sentence.contains("call clearTimeout"), "{}", found.sentence);
}

#[test]
fn what_is_bounded_never_stands_before_what_may_not_be() {
    let both = |(timers, sessions): (u32, u32)| {
        let mut heap = timeouts(timers);
        let log = heap.global("log", "Array");
        let lines: Vec<_> = (0..sessions).map(|_| heap.instance("Line", APP)).collect();
        lines.iter().for_each(|line| heap.size(*line, BYTES / 2));
        heap.table(log, &lines);
        heap
    };
    // Ids go by the order in which objects are made, so that the timers, made first, are as many each time.
    let found = judge_at(&[(50, 10), (50, 20), (50, 30), (50, 40), (50, 50)].map(both), None, &[]);
    assert_eq!(first(&found).kind, Kind::Array, "{}", found.sentence);
}

/// A cache with so many entries, whose shape has a number called `limit`.
fn cache(entries: u32) -> Heap {
    let mut heap = Heap::new();
    let (cache, map) = (heap.instance("Cache", APP), heap.builtin("Map"));
    heap.keep("pages", cache);
    heap.property(cache, "entries", map);
    heap.keeps_number(cache, "limit");
    let pages: Vec<_> = (0..entries).map(|_| heap.instance("Page", APP)).collect();
    pages.iter().for_each(|page| heap.size(*page, BYTES));
    heap.table(map, &pages);
    heap
}

#[test]
fn a_cache_that_is_not_full_is_none_until_it_has_passed_its_limit() {
    let series = || [10, 20, 30, 40, 50].map(cache);
    let found = judge_with(&series(), Some("globalThis.pages = new Cache(5000);"));
    assert_eq!(found.verdict, Verdict::Healthy, "{}", found.sentence);
    assert!(found.sentence.contains("not full yet: 50 of 5,000 (app/shop.js:1)"), "{}", found.sentence);
    for source in
        [None, Some("globalThis.pages = new Cache(45);"), Some("globalThis.pages = new Cache(most());")]
    {
        let found = judge_with(&series(), source);
        assert_eq!(found.verdict, Verdict::Leak, "{source:?}: {}", found.sentence);
    }
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
mod bounds;
mod chains;
mod counted;
mod kept;
mod observed;
mod outside;
mod own_line;
mod packages;
mod together;
