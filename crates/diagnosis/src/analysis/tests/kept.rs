//! What is said of what grows where it is not what is in a collection that must change: promises that are waited for, required
//! modules, views of buffers.

use super::{BYTES, first, judge_with};
use crate::findings::{Content, RemedyKind};
use crate::graph::Node;
use crate::testing::{APP, EVENTS, Heap};

/// What is said of five heaps, which have 10, 20, … of what grows.
fn said(heap: impl Fn(u32) -> Heap, source: Option<&str>) -> (String, Option<RemedyKind>, Option<Content>) {
    let source = source.map(|source| source.to_owned() + &"\n".repeat(1_000));
    let found = judge_with(&[10, 20, 30, 40, 50].map(heap), source.as_deref());
    let suspect = first(&found);
    let remedy = suspect.remedy.as_ref().map(|remedy| remedy.kind);
    (suspect.sentence.clone(), remedy, suspect.content.clone())
}

#[test]
fn of_what_waits_for_a_promise_what_may_run_again_is_told() {
    let waiting = |count| {
        let mut heap = Heap::new();
        let promise = heap.builtin("Promise");
        heap.known_as("stop", APP, promise);
        let mut at = promise;
        for _ in 0..count {
            let reaction = heap.hidden("system / PromiseReaction");
            heap.size(reaction, BYTES);
            heap.internal(at, if at == promise { "reactions_or_result" } else { "next" }, reaction);
            at = reaction;
        }
        heap
    };
    let source = "const stop = new Promise(listen);\nawait stop;\nasync function handler(it) {\n  return Promise.race([it, stop]);\n}\n";
    let (sentence, remedy, _) = said(waiting, Some(source));
    assert!(sentence.ends_with("each Promise.race (app/shop.js:4) adds one."), "{sentence}");
    assert_eq!(remedy, Some(RemedyKind::Settle));
    let (sentence, ..) = said(waiting, None);
    assert!(sentence.ends_with("each then, await or Promise.race on it adds one."), "{sentence}");
}

#[test]
fn of_listeners_of_nodes_own_the_call_that_adds_them_is_told() {
    let listening = |count| {
        let mut heap = Heap::new();
        heap.extend(("Bus", APP), ("EventEmitter", EVENTS));
        let (bus, events, list) = (heap.instance("Bus", APP), heap.builtin("Object"), heap.builtin("Array"));
        heap.known_as("bus", APP, bus);
        heap.property(bus, "_events", events);
        heap.property(events, "close", list);
        let listener = |heap: &mut Heap| {
            let listener = heap.function_at("resolver", EVENTS, 9);
            heap.size(listener, BYTES);
            listener
        };
        let listeners: Vec<Node> = (0..count).map(|_| listener(&mut heap)).collect();
        heap.table(list, &listeners);
        heap
    };
    let source =
        |waits: &str| format!("const bus = new Bus();\nasync function handler() {{\n  {waits};\n}}\n");
    let once = source("await Promise.race([once(bus, 'drain'), once(bus, 'close')])");
    let (sentence, ..) = said(listening, Some(&once));
    assert!(sentence.contains("added by once (app/shop.js:3)"), "{sentence}");
    let by_method = source("await new Promise((done) => bus.on('close', done))");
    let (sentence, ..) = said(listening, Some(&by_method));
    assert!(sentence.contains("added by bus.on (app/shop.js:3)"), "{sentence}");
    // Of two calls nothing tells which it is, and what listens for another event is none.
    for others in ["await once(bus, 'close');\n  bus.on('close', done)", "await once(bus, 'drain')"] {
        let (sentence, ..) = said(listening, Some(&source(others)));
        assert!(!sentence.contains("added by"), "{sentence}");
    }
}

#[test]
fn modules_are_required_again_where_several_are_of_one_file() {
    let children = |file: fn(u32) -> String| {
        move |count| {
            let mut heap = Heap::new();
            let (parent, list) =
                (heap.instance("Module", "node:internal/modules/cjs/loader"), heap.builtin("Array"));
            heap.keep("main", parent);
            heap.property(parent, "children", list);
            let module = |heap: &mut Heap, at| {
                let module = heap.instance("Module", "node:internal/modules/cjs/loader");
                let name = heap.string(&file(at));
                heap.size(module, BYTES);
                heap.property(module, "filename", name);
                module
            };
            let modules: Vec<Node> = (0..count).map(|at| module(&mut heap, at)).collect();
            heap.table(list, &modules);
            heap
        }
    };
    let (sentence, remedy, _) = said(children(|_| "/app/rules.js".to_owned()), None);
    assert_eq!(remedy, Some(RemedyKind::RequireOnce), "{sentence}");
    assert!(sentence.starts_with("Array Module.children"), "{sentence}");
    let (sentence, remedy, _) = said(children(|at| format!("/app/rules-{at}.js")), None);
    assert_eq!(remedy, None, "{sentence}");
}

#[test]
fn views_of_buffers_are_told_from_buffers() {
    let buffers = |count| {
        let mut heap = Heap::new();
        let heads = heap.builtin("Array");
        heap.known_as("heads", APP, heads);
        let buffers: Vec<Node> = (0..count).map(|_| heap.buffer(6_000)).collect();
        heap.table(heads, &buffers);
        heap
    };
    let put =
        |value: &str| format!("const heads = [];\nfunction handler(data) {{\n  heads.push({value});\n}}\n");
    let (sentence, remedy, content) = said(buffers, Some(&put("data.subarray(0, 24)")));
    assert_eq!(remedy, Some(RemedyKind::CopySlice), "{sentence}");
    assert!(sentence.contains("data.subarray (app/shop.js:3) makes no copy"), "{sentence}");
    assert_eq!(content, Some(Content::BufferViews { each: 6_000 }));
    let (sentence, remedy, content) = said(buffers, Some(&put("data")));
    assert_eq!((remedy, content), (Some(RemedyKind::TakeOut), None), "{sentence}");
}
