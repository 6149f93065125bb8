//! What a sentence says of the source: for each kind of advice a program of which it is true, and those of which it is false.
//!
//! The heaps have one script, whose text each case gives; what a heap's names are is what the text declares.

use super::{BYTES, first, judge_with};
use crate::findings::{RemedyKind, Verdict, What};
use crate::testing::{APP, EVENTS, Heap};

/// What is said of five heaps, which have 10, 20, … of what grows, given the text of the script.
#[track_caller]
fn advice(
    heap: impl Fn(u32) -> Heap,
    source: Option<&str>,
) -> (String, RemedyKind, Vec<(What, Option<u32>)>) {
    // A heap has each of its functions on a line of its own.
    let source = source.map(|source| source.to_owned() + &"\n".repeat(1_000));
    let found = judge_with(&[10, 20, 30, 40, 50].map(heap), source.as_deref());
    let suspect = first(&found);
    let remedy = suspect.remedy.as_ref().expect("an advice");
    let seen = remedy.evidence.iter().map(|seen| (seen.what, seen.line)).collect();
    let after = suspect.sentence.split_once(" per snapshot, ").map_or("", |(_, after)| after);
    (after.split_once(". ").unwrap_or_default().1.to_owned(), remedy.kind, seen)
}

/// The last sentence of what is said, and the evidence for it.
#[track_caller]
fn check(
    heap: impl Fn(u32) -> Heap,
    source: Option<&str>,
    (said, kind): (&str, RemedyKind),
    evidence: &[(What, Option<u32>)],
) {
    let (sentence, found, seen) = advice(heap, source);
    assert_eq!((sentence.as_str(), found), (said, kind), "{source:?}");
    assert_eq!(seen, evidence, "{source:?}");
}

/// A context whose variable `sessions` is a `Map` with so many sessions.
fn sessions(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (serve, context, map) =
        (heap.function("serve", APP), heap.builtin("system / Context"), heap.builtin("Map"));
    heap.keep("serve", serve);
    heap.internal(serve, "context", context);
    heap.variable(context, "sessions", map);
    let sessions: Vec<_> = (0..count)
        .map(|_| {
            let session = heap.builtin("Object");
            heap.size(session, BYTES);
            session
        })
        .collect();
    heap.table(map, &sessions);
    heap
}

const FILLED: &str = "const sessions = new Map();\nfunction serve(id) { sessions.set(id, {}); }\n";

/// The same of an array that is in a `Map` `rooms`.
fn members(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (serve, context) = (heap.function("serve", APP), heap.builtin("system / Context"));
    let (map, room) = (heap.builtin("Map"), heap.builtin("Array"));
    heap.keep("serve", serve);
    heap.internal(serve, "context", context);
    heap.variable(context, "rooms", map);
    heap.table(map, &[room]);
    let members: Vec<_> = (0..count).map(|_| heap.builtin("Object")).collect();
    members.iter().for_each(|member| heap.size(*member, BYTES));
    heap.table(room, &members);
    heap
}

#[test]
fn an_element_of_a_collection_is_told_from_the_whole() {
    let join = "const rooms = new Map();\nfunction serve(id, it) { rooms.get(id).push(it); }\n";
    let close = format!("{join}function close(id) {{ rooms.delete(id); }}\n");
    let found = judge_with(&[10, 20, 30, 40, 50].map(members), Some(&(close.clone() + &"\n".repeat(1_000))));
    assert!(found.sentence.starts_with("leak: Array rooms[…] (app/shop.js:1) gained"), "{}", found.sentence);
    let (take_out, put) = (RemedyKind::TakeOut, (What::PutIn, Some(2)));
    let none = "No line of shop.js removes from it: delete what is done, or set a limit.";
    check(members, Some(join), (none, take_out), &[put, (What::NoLine, None)]);
    let only =
        "Only rooms.delete in close (app/shop.js:3) removes from it: delete what is done, or set a limit.";
    check(members, Some(&close), (only, take_out), &[put, (What::Undone, Some(3))]);
}

#[test]
fn nothing_is_said_of_a_source_that_is_not_at_hand() {
    check(sessions, None, ("Delete what is done, or set a limit.", RemedyKind::TakeOut), &[]);
}

#[test]
fn that_no_line_takes_out_is_said_where_none_does() {
    let put = (What::PutIn, Some(2));
    let none = "No line of shop.js removes from it: delete what is done, or set a limit.";
    let unknown = "Delete what is done, or set a limit.";
    for (more, said, evidence) in [
        ("", none, vec![put, (What::NoLine, None)]),
        ("function f() { const sessions = []; sessions.pop(); }", none, vec![put, (What::NoLine, None)]),
        ("users.sessions.delete(1);", none, vec![put, (What::NoLine, None)]),
        ("expire(sessions);", unknown, vec![put]),
        ("const all = () => sessions;", unknown, vec![put]),
    ] {
        check(sessions, Some(&format!("{FILLED}{more}")), (said, RemedyKind::TakeOut), &evidence);
    }
}

#[test]
fn what_takes_out_is_said_with_its_function_its_check_or_its_limit() {
    let put = (What::PutIn, Some(2));
    for (more, said, evidence) in [
        (
            "function leave(id) { sessions.delete(id); }",
            "Only sessions.delete in leave (app/shop.js:3) removes from it: delete what is done, or set a limit.",
            vec![put, (What::Undone, Some(3))],
        ),
        (
            "function leave(id) {\n if (!open) return;\n sessions.delete(id); }",
            "sessions.delete in leave (app/shop.js:5) stands behind a check (:4): delete what is done, or set a limit.",
            vec![put, (What::Undone, Some(5)), (What::Check, Some(4))],
        ),
        (
            "function trim() {\n if (sessions.size > 20) sessions.delete(oldest); }",
            "A limit is there (sessions.size > 20, app/shop.js:4), which has not stopped the growth so far: lower it if \
             that is too much.",
            vec![put, (What::Undone, Some(4)), (What::Limit, Some(4))],
        ),
        (
            "function trim() {\n if (sessions.size > most) sessions.clear(); }",
            "A limit is there (sessions.size > most, app/shop.js:4), which has not stopped the growth so far: lower it if \
             that is too much.",
            vec![put, (What::Undone, Some(4)), (What::Limit, Some(4))],
        ),
    ] {
        check(sessions, Some(&format!("{FILLED}{more}")), (said, RemedyKind::TakeOut), &evidence);
    }
}

#[test]
fn what_a_limit_in_the_code_will_stop_is_bounded() {
    let said = |more: &str| {
        let source = format!("{FILLED}{more}") + &"\n".repeat(1_000);
        let found = judge_with(&[10, 20, 30, 40, 50].map(sessions), Some(&source));
        (found.verdict, first(&found).sentence.clone())
    };
    let (verdict, sentence) =
        said("function trim() {\n if (sessions.size > 1_000) sessions.delete(oldest); }");
    assert_eq!(verdict, Verdict::Healthy, "{sentence}");
    assert!(sentence.contains("not full yet: 50 of 1,000 (app/shop.js:4)"), "{sentence}");
    // It holds more already.
    let (verdict, sentence) = said("function trim() {\n if (sessions.size > 20) sessions.delete(oldest); }");
    assert_eq!(verdict, Verdict::Leak, "{sentence}");
}

/// Timers of Node's, each with a banner that keeps it or not.
fn banners(is_kept: bool) -> impl Fn(u32) -> Heap {
    move |count| super::banners(count, is_kept)
}

#[test]
fn a_timer_that_nobody_keeps_is_told_from_one_that_nobody_clears() {
    let kept =
        "class Banner {\n constructor() { this.timer = setInterval(this.tick.bind(this), 9); }\n tick() {}\n";
    let not_kept = "Nobody keeps what setInterval returns: keep it, and call clearInterval when done.";
    for (is_kept, source, said, evidence) in [
        (false, None, not_kept, vec![(What::NotKept, None)]),
        (true, None, "Call clearInterval when done.", vec![]),
        (
            true,
            Some("class Banner {\n constructor() { setInterval(this.tick.bind(this), 9).unref(); }\n tick() {}\n}".to_owned()),
            "What setInterval returns is dropped there: keep it, and call clearInterval when done.",
            vec![(What::NotKept, Some(2))],
        ),
        (
            true,
            Some(format!("{kept}}}\nclass Clock {{ stop() {{ clearInterval(this.timer); }} }}")),
            "No line of shop.js clears this.timer: call clearInterval when done.",
            vec![(What::NoLine, None)],
        ),
        (
            true,
            Some(format!("{kept} stop() {{ clearInterval(this.timer); }}\n}}")),
            "Only clearInterval in stop (app/shop.js:4) clears this.timer: make sure that it runs.",
            vec![(What::Undone, Some(4))],
        ),
        (
            true,
            Some(format!("{kept} stop() {{ if (this.done)\n clearInterval(this.timer); }}\n}}")),
            "clearInterval in stop (app/shop.js:5) stands behind a check (:4): make sure that it runs.",
            vec![(What::Undone, Some(5)), (What::Check, Some(4))],
        ),
        (
            true,
            Some(format!("{kept} stop() {{ end(this.timer); }}\n}}")),
            "Call clearInterval when done.",
            vec![],
        ),
    ] {
        check(banners(is_kept), source.as_deref(), (said, RemedyKind::ClearTimer), &evidence);
    }
}

/// A bus with so many listeners for `change`.
fn listeners(count: u32) -> Heap {
    let mut heap = Heap::new();
    heap.extend(("Bus", APP), ("EventEmitter", EVENTS));
    let (bus, events, list) = (heap.instance("Bus", APP), heap.builtin("Object"), heap.builtin("Array"));
    heap.keep("bus", bus);
    heap.property(bus, "_events", events);
    heap.property(events, "change", list);
    let listener = heap.function("onChange", APP);
    let listeners: Vec<_> = (0..count)
        .map(|_| {
            let wrapper = heap.builtin("Object");
            heap.size(wrapper, BYTES);
            heap.property(wrapper, "listener", listener);
            wrapper
        })
        .collect();
    heap.table(list, &listeners);
    heap
}

#[test]
fn a_listener_that_no_line_removes_is_told_from_one_that_goes_by_itself() {
    let added = "function onChange() {}\nbus.on('change', onChange);\n";
    let unknown = "Remove the listener when its owner is done.";
    for (source, said, evidence) in [
        (None, unknown, vec![]),
        (
            Some(added.to_owned()),
            "No line of shop.js removes it: remove it when its owner is done.",
            vec![(What::NoLine, None)],
        ),
        (
            Some(format!("{added}bus.off('other', onChange);")),
            "No line of shop.js removes it: remove it when its owner is done.",
            vec![(What::NoLine, None)],
        ),
        (
            Some(format!("{added}function close() {{ bus.off('change', onChange); }}")),
            "Only bus.off in close (app/shop.js:3) removes it: make sure that it runs.",
            vec![(What::Undone, Some(3))],
        ),
        (Some(format!("{added}function close(it) {{ it.off('change', onChange); }}")), unknown, vec![]),
        (
            Some("function onChange() {}\nbus.once('change', onChange);\n".to_owned()),
            "bus.once removes it only when its event comes, and no line of shop.js removes it: remove it when its owner is done.",
            vec![(What::NoLine, None)],
        ),
        (
            Some("function onChange() {}\nbus.prependOnceListener('change', onChange);\n".to_owned()),
            "bus.prependOnceListener removes it only when its event comes, and no line of shop.js removes it: remove it when its owner is done.",
            vec![(What::NoLine, None)],
        ),
        (
            Some(
                "function onChange() {}\nbus.addEventListener('change', onChange, { once: true });\n"
                    .to_owned(),
            ),
            "once: true removes it only when its event comes, and no line of shop.js removes it: remove it when its owner is done.",
            vec![(What::NoLine, None)],
        ),
        (
            Some(
                "function onChange() {}\nbus.addEventListener('change', onChange, { once: false });\n"
                    .to_owned(),
            ),
            "No line of shop.js removes it: remove it when its owner is done.",
            vec![(What::NoLine, None)],
        ),
    ] {
        check(listeners, source.as_deref(), (said, RemedyKind::RemoveListener), &evidence);
    }
}

/// A stream of the program's, in a variable `trail`, with so many writes that wait in its buffer.
fn writes(count: u32) -> Heap {
    let mut heap = Heap::new();
    heap.extend(("Audit", APP), ("Stream", "node:internal/streams/legacy"));
    let (serve, context, trail) =
        (heap.function("serve", APP), heap.builtin("system / Context"), heap.instance("Audit", APP));
    heap.keep("serve", serve);
    heap.internal(serve, "context", context);
    heap.variable(context, "trail", trail);
    let (state, readable) = (heap.builtin("WritableState"), heap.builtin("ReadableState"));
    let buffer = heap.builtin("Array");
    heap.property(trail, "_writableState", state);
    heap.property(trail, "_readableState", readable);
    heap.property(state, "buffered", buffer);
    let writes: Vec<_> = (0..count)
        .map(|_| {
            let write = heap.builtin("Object");
            heap.size(write, BYTES);
            write
        })
        .collect();
    heap.table(buffer, &writes);
    heap
}

#[test]
fn a_stream_that_no_line_reads_is_told_from_one_that_is_read_too_slowly() {
    let written = "const trail = new Audit();\nfunction serve(it) { trail.write(it); }\n";
    let attach = "attach a consumer, call resume(), or stop writing.";
    for (source, said, evidence) in [
        (None, format!("More is written to it than read: {attach}"), vec![]),
        (Some(written.to_owned()), format!("No line of shop.js reads it: {attach}"), vec![(What::NoLine, None)]),
        (
            Some(format!("{written}trail.pipe(log);")),
            "More is written to it than read; only trail.pipe (app/shop.js:3) reads it: wait for 'drain', or write less."
                .to_owned(),
            vec![(What::Undone, Some(3))],
        ),
        (
            Some(format!("{written}send(trail);")),
            format!("More is written to it than read: {attach}"),
            vec![],
        ),
    ] {
        check(writes, source.as_deref(), (&said, RemedyKind::Consume), &evidence);
    }
}
