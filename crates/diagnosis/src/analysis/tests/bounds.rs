//! Growth that comes to an end by itself, and what only looks like it.

use super::{BYTES, judge, judge_at, judge_told};
use crate::evidence::ReadNumbers;
use crate::findings::{Bound, Verdict};
use crate::graph::Node;
use crate::testing::{APP, Heap, TIMERS};

const MINUTE: usize = 60_000;

/// A list of Node's, which keeps its timers by their delay.
fn timers(heap: &mut Heap) -> Node {
    let list = heap.instance("TimersList", TIMERS);
    let (queue, lists) = (heap.global("timerListQueue", "Array"), heap.global("timerListMap", "Object"));
    heap.element(queue, 1, list);
    heap.element(lists, MINUTE, list);
    list
}

/// Where the variables of a function are that stands at line 2.
fn scope(heap: &mut Heap, function: &str) -> Node {
    let (function, context) = (heap.function_at(function, APP, 2), heap.builtin("system / Context"));
    heap.keep("function", function);
    heap.internal(function, "context", context);
    context
}

/// A cache with so many records, each with a timer of a minute that runs the function at line 4.
fn cache(count: u32) -> Heap {
    let mut heap = Heap::new();
    let list = timers(&mut heap);
    let context = scope(&mut heap, "put");
    let cache = heap.builtin("Map");
    heap.variable(context, "cache", cache);
    let mut records = Vec::new();
    let mut before = list;
    for at in 0..count {
        let (record, value) = (heap.builtin("Object"), heap.instance("Found", APP));
        let (timer, expire, null) =
            (heap.instance("Timeout", TIMERS), heap.function_at("", APP, 4), heap.hidden("null"));
        // The same in each snapshot.
        for (object, id) in [(record, 0), (value, 1), (timer, 2), (expire, 3)] {
            heap.number(object, 1_000_001 + 8 * at + 2 * id);
        }
        heap.size(value, BYTES);
        heap.property(record, "value", value);
        heap.property(record, "timeout", timer);
        heap.property(timer, "_onTimeout", expire);
        heap.property(timer, "_repeat", null);
        heap.property(timer, "_idlePrev", before);
        heap.property(before, "_idleNext", timer);
        heap.internal(expire, "context", context);
        before = timer;
        records.push(record);
    }
    heap.table(cache, &records);
    heap
}

/// What is said of it, and whether a bound was seen, where the function that the timers run is this one.
fn said(expire: &str, at_ms: [u64; 5]) -> (Verdict, Option<Bound>, String) {
    let source = format!(
        "const cache = new Map();\nfunction put(key, value) {{\n  const timeout = setTimeout(\n{expire}, 60000);\n  \
         cache.set(key, {{ value, timeout }});\n}}\nfunction drop(key) {{\n  cache.delete(key);\n}}\n{}",
        "\n".repeat(1_000)
    );
    let found = judge_at(&[10, 20, 30, 40, 50].map(cache), Some(&source), &at_ms);
    let bound = found.suspects.first().and_then(|suspect| suspect.bound.clone());
    (found.verdict, bound, found.sentence)
}

#[test]
fn entries_that_their_own_timers_take_out_are_bounded() {
    let times = [0, 5_000, 10_000, 15_000, 20_000];
    for expire in ["() => drop(key)", "() => { cache.delete(key); }"] {
        let (verdict, bound, sentence) = said(expire, times);
        assert_eq!(verdict, Verdict::Healthy, "{expire}: {sentence}");
        assert!(matches!(bound, Some(Bound::Timeout { delay_ms: 60_000, .. })), "{expire}: {bound:?}");
        assert!(sentence.contains("bounded: 2.0/s × 60 s"), "{expire}: {sentence}");
    }
}

#[test]
fn timers_that_do_something_else_or_come_too_late_are_no_bound() {
    let times = [0, 5_000, 10_000, 15_000, 20_000];
    let (verdict, bound, sentence) = said("() => { late += 1; }", times);
    assert_eq!((verdict, bound), (Verdict::Leak, None), "{sentence}");
    // They should have run long ago.
    let times = [0, 100_000, 200_000, 300_000, 400_000];
    let (verdict, bound, sentence) = said("() => drop(key)", times);
    assert_eq!((verdict, bound), (Verdict::Leak, None), "{sentence}");
}

/// What the program has made of a package, with the package's cache in its field `cache`, whose shape has a number called `limit`.
fn engine(entries: u32) -> Heap {
    const PACKAGE: &str = "/app/node_modules/liquid/index.js";
    let mut heap = Heap::new();
    let (engine, lru, map) =
        (heap.instance("Engine", PACKAGE), heap.instance("LRU", PACKAGE), heap.builtin("Map"));
    let (show, context) = (heap.function_at("show", APP, 2), heap.builtin("system / Context"));
    heap.keep("show", show);
    heap.internal(show, "context", context);
    heap.variable(context, "engine", engine);
    heap.property(engine, "cache", lru);
    heap.property(lru, "entries", map);
    heap.keeps_number(lru, "limit");
    let pages: Vec<_> = (0..entries).map(|_| heap.instance("Page", PACKAGE)).collect();
    pages.iter().for_each(|page| heap.size(*page, BYTES));
    heap.table(map, &pages);
    heap
}

#[test]
fn a_limit_that_the_program_hands_on_to_a_package_is_that_of_its_cache() {
    let series = || [10, 20, 30, 40, 50].map(engine);
    let found = |options: &str| {
        let source = format!(
            "const engine = new Engine({{ {options} }});\nfunction show() {{ return engine.page(); }}"
        );
        judge_at(&series(), Some(&source), &[])
    };
    let bounded = found("cache: 5000, root: 'shops'");
    assert_eq!(bounded.verdict, Verdict::Healthy, "{}", bounded.sentence);
    assert!(bounded.sentence.contains("not full yet: 50 of 5,000 (app/shop.js:1)"), "{}", bounded.sentence);
    for passed_or_of_another in ["cache: 45", "workers: 5000", "cacheTtl: 60000"] {
        let found = found(passed_or_of_another);
        assert_eq!(found.verdict, Verdict::Leak, "{passed_or_of_another}: {}", found.sentence);
    }
}

#[test]
fn a_limit_that_snapshots_leave_out_is_asked_for() {
    let source = "const engine = new Engine(options);\nfunction show() { return engine.page(); }";
    let judged = |numbers: &[ReadNumbers]| judge_told(&[10, 20, 30, 40, 50].map(engine), source, numbers);
    let unread = judged(&[]).suspects[0].unread.clone();
    assert_eq!(unread.iter().map(|unread| unread.fields.as_slice()).collect::<Vec<_>>(), [["limit"]]);
    let told = |limit: Option<f64>| {
        let fields = limit.map(|limit| ("limit".to_owned(), limit)).into_iter().collect();
        judged(&[ReadNumbers { object: unread[0].object, fields }])
    };
    let bounded = told(Some(5_000.0));
    assert_eq!(bounded.verdict, Verdict::Healthy, "{}", bounded.sentence);
    assert!(bounded.sentence.contains("not full yet: 50 of 5,000"), "{}", bounded.sentence);
    for passed_or_gone in [Some(45.0), Some(0.0), None] {
        let found = told(passed_or_gone);
        assert_eq!(found.verdict, Verdict::Leak, "{passed_or_gone:?}: {}", found.sentence);
        assert_eq!(found.suspects[0].unread, [], "it is asked for once");
    }
}

#[test]
fn a_number_of_the_programs_own_class_limits_what_its_source_compares_with_it() {
    let limiter = |entries: u32| {
        let mut heap = Heap::new();
        let context = scope(&mut heap, "hit");
        let (limiter, map) = (heap.instance("Limiter", APP), heap.builtin("Map"));
        heap.variable(context, "limiter", limiter);
        heap.property(limiter, "seen", map);
        heap.keeps_number(limiter, "limit");
        let visits: Vec<_> = (0..entries).map(|_| heap.instance("Visit", APP)).collect();
        visits.iter().for_each(|visit| heap.size(*visit, BYTES));
        heap.table(map, &visits);
        heap
    };
    let judged = |test: &str, numbers: &[ReadNumbers]| {
        let source = format!(
            "\n\n\n\nclass Limiter {{ constructor\n\n\
             (limit) {{ this.limit = limit; this.seen = new Map(); }}\n  \
             hit(it) {{ this.seen.set(it.id, it); if ({test}) this.seen.delete(first()); }}\n}}\n{}",
            "\n".repeat(1_000)
        );
        judge_told(&[10, 20, 30, 40, 50].map(limiter), &source, numbers)
    };
    let asked = |test: &str| judged(test, &[]).suspects[0].unread.clone();
    assert_eq!(asked("this.seen.size > this.limit").len(), 1);
    assert_eq!(asked("it.hits > this.limit"), []);
    // By whatever name, and reckoned with.
    let test = "this.seen.size > this.room * 2";
    let unread = asked(test);
    assert_eq!(unread[0].fields, ["limit", "room"]);
    let told = |room| ReadNumbers { object: unread[0].object, fields: [("room".to_owned(), room)].into() };
    let bounded = judged(test, &[told(100.0)]);
    assert!(bounded.sentence.contains("not full yet: 50 of 200"), "{}", bounded.sentence);
    let passed = judged(test, &[told(20.0)]);
    assert_eq!(passed.verdict, Verdict::Leak, "{}", passed.sentence);
}

#[test]
fn a_list_that_was_filled_with_undefined_beforehand_is_not_full_yet() {
    let slots = |(used, undefined): (u32, &str)| {
        let mut heap = Heap::new();
        let list = heap.global("slots", "Array");
        let nothing = heap.hidden(undefined);
        let visits: Vec<_> = (0..used).map(|_| heap.instance("Visit", APP)).collect();
        visits.iter().for_each(|visit| heap.size(*visit, BYTES));
        for at in 0..500 {
            let visit = visits.get(at).copied();
            heap.element(list, at, visit.unwrap_or(nothing));
        }
        heap
    };
    for undefined in ["undefined", "system / Oddball"] {
        let found = judge(&[10, 20, 30, 40, 50].map(|used| slots((used, undefined))));
        assert!(found.sentence.contains("not full yet: 50 of 500"), "{}", found.sentence);
    }
    // What V8 keeps free in a list that grows it fills with something else.
    let found = judge(&[10, 20, 30, 40, 50].map(|used| slots((used, "hole"))));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
}

/// A list of so many visits, which the function that an interval runs at line 4 may shorten.
fn visits(count: u32, repeats: bool) -> Heap {
    let mut heap = Heap::new();
    let list = timers(&mut heap);
    let context = scope(&mut heap, "put");
    let seen = heap.builtin("Map");
    heap.variable(context, "seen", seen);
    let (timer, sweep) = (heap.instance("Timeout", TIMERS), heap.function_at("sweep", APP, 4));
    heap.property(list, "_idleNext", timer);
    heap.property(timer, "_idlePrev", list);
    heap.property(timer, "_onTimeout", sweep);
    if !repeats {
        let null = heap.hidden("null");
        heap.property(timer, "_repeat", null);
    }
    heap.internal(sweep, "context", context);
    let visits: Vec<_> = (0..count).map(|_| heap.instance("Visit", APP)).collect();
    visits.iter().for_each(|visit| heap.size(*visit, BYTES));
    heap.table(seen, &visits);
    heap
}

#[test]
fn what_a_timer_takes_out_by_age_is_bounded() {
    let times = [0, 5_000, 10_000, 15_000, 20_000];
    let said = |repeats: bool, body: &str, at_ms: [u64; 5]| {
        let source = format!(
            "const seen = new Map();\nfunction put(key, it) {{ seen.set(key, it); }}\nconst sweep =\n\
             () => {{ {body} }};\n{}",
            "\n".repeat(1_000)
        );
        judge_at(&[10, 20, 30, 40, 50].map(|count| visits(count, repeats)), Some(&source), &at_ms)
    };
    let old = "seen.forEach((it, key) => { if (it.until < Date.now()) seen.delete(key); });";
    let swept = said(true, old, times);
    assert_eq!(swept.verdict, Verdict::Healthy, "{}", swept.sentence);
    let words = "bounded: what is too old is taken out every 60 s (app/shop.js:4)";
    assert!(swept.sentence.contains(words), "{}", swept.sentence);
    let again = said(false, &format!("{old} setTimeout(sweep, 60000);"), times);
    assert_eq!(again.verdict, Verdict::Healthy, "{}", again.sentence);
    let once = said(false, old, times);
    assert_eq!(once.verdict, Verdict::Leak, "{}", once.sentence);
    let other = said(true, "seen.forEach((it, key) => { if (it.isLeft) seen.delete(key); });", times);
    assert_eq!(other.verdict, Verdict::Leak, "{}", other.sentence);
    let too_long = said(true, old, [0, 200_000, 400_000, 600_000, 800_000]);
    assert_eq!(too_long.verdict, Verdict::Leak, "{}", too_long.sentence);
}
