//! Which line of the program's own is told where a package keeps what grows.

use base64::Engine as _;
use leakhunt_heap::Snapshot;

use super::BYTES;
use crate::diagnose;
use crate::evidence::Evidence;
use crate::findings::Findings;
use crate::graph::Node;
use crate::profile::Stacks;
use crate::testing::{APP, Heap};

const ROUTER: &str = "/app/node_modules/router/index.js";
const BAG: &str = "/app/node_modules/bag/index.js";

/// What is found in five heaps, which have 10, 20, … of what grows, with a profile in which a function of the program's at this
/// line, counted from 0, has called one of a package's, or itself had everything allocated.
fn judged(heap: impl Fn(u32) -> Heap, source: &str, line: u32, called: Option<&str>) -> Findings {
    let texts = [10, 20, 30, 40, 50].map(|count| heap(count).text());
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let sources = |path: &str| (path == APP).then(|| source.to_owned());
    let column = source.lines().nth(line as usize).and_then(|line| line.find('(')).expect("a function");
    let (size, called) = match called {
        Some(function) => (0, frame(function, BAG, (6, 0), 524_288, "")),
        None => (524_288, String::new()),
    };
    let stack = frame("serve", APP, (line, column), size, &called);
    let root = frame("", "", (0, 0), 0, &stack);
    let stacks = Stacks::parse(&format!(r#"{{"head":{root},"samples":[]}}"#)).expect("a profile");
    let evidence = Evidence { stacks: Some(&stacks), ..Evidence::of_sources(&sources) };
    diagnose(texts.len(), load, &evidence).expect("they are whole")
}

fn frame(function: &str, url: &str, (line, column): (u32, usize), size: u32, child: &str) -> String {
    format!(
        r#"{{"callFrame":{{"functionName":"{function}","url":"{url}","lineNumber":{line},
            "columnNumber":{column}}},"selfSize":{size},"children":[{child}]}}"#
    )
}

#[track_caller]
fn check(found: &Findings, said: &str) {
    assert!(found.sentence.contains(said), "{}", found.sentence);
}

/// Plain objects of this shape, each with so many bytes, in a list that lies in another object of a package's.
fn in_a_package(count: u32, of: impl Fn(&mut Heap) -> Node) -> Heap {
    let mut heap = Heap::new();
    let (request, list) = (heap.function("Request", ROUTER), heap.builtin("Array"));
    let (props, prop) = (heap.builtin("Array"), heap.builtin("Object"));
    heap.keep("request", request);
    let serve = heap.function("serve", APP);
    heap.keep("serve", serve);
    heap.property(request, "props", props);
    heap.table(props, &[prop]);
    let key = heap.string("trail");
    heap.property(prop, "key", key);
    heap.property(prop, "value", list);
    let steps: Vec<Node> = (0..count).map(|_| of(&mut heap)).collect();
    heap.table(list, &steps);
    heap
}

fn step(heap: &mut Heap) -> Node {
    let (step, name, text) = (heap.builtin("Object"), heap.string("dig"), heap.string("free"));
    heap.size(step, BYTES);
    heap.property(step, "step", name);
    heap.property(step, "free", text);
    step
}

#[test]
fn a_plain_object_of_a_packages_is_named_by_the_way_to_it() {
    let found = judged(|count| in_a_package(count, step), "function serve() {}\n", 0, None);
    check(&found, "Array Request.props[…].value (router/index.js:4)");
}

#[test]
fn plain_objects_are_placed_where_a_function_that_allocates_writes_them_down() {
    let source = "function serve(request) {\n  request.trail.push({ step: 'dig', free: 'soon' });\n}\n";
    let found = judged(|count| in_a_package(count, step), source, 0, None);
    check(&found, "gained 10 {step, free} (app/shop.js:2)");
    check(&found, "filled by request.trail.push (app/shop.js:2)");
    // It is written down twice: nobody knows which of them it is.
    let twice = format!("{source}const other = (free) => ({{ step: 'fill', free }});\n");
    let found = judged(|count| in_a_package(count, step), &twice, 0, None);
    check(&found, "gained 10 {step, free} per snapshot");
    // Another function has allocated.
    let other = format!("{source}function idle() {{}}\n");
    let found = judged(|count| in_a_package(count, step), &other, 3, None);
    check(&found, "gained 10 {step, free} per snapshot");
}

/// Uploads, each with so many bytes, in a set of a package's.
fn uploads(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (bag, set) = (heap.instance("Bag", BAG), heap.builtin("Set"));
    heap.keep("bag", bag);
    heap.property(bag, "disposables", set);
    let upload = |heap: &mut Heap| {
        let upload = heap.instance("Upload", APP);
        heap.size(upload, BYTES);
        upload
    };
    let uploads: Vec<Node> = (0..count).map(|_| upload(&mut heap)).collect();
    heap.table(set, &uploads);
    heap
}

#[test]
fn what_a_package_makes_of_the_programs_class_is_placed_at_the_call() {
    let source = "const { bag } = require('bag');\nclass Upload {}\nfunction serve(photo) {\n  const upload = bag.take('upload');\n}\n";
    let found = judged(uploads, source, 2, Some("take"));
    check(&found, "allocated by bag.take in serve (app/shop.js:4)");
    let place = found.suspects[0].location.as_ref().expect("a line");
    assert_eq!((place.file.as_str(), place.line), (APP, 4));
}

#[test]
fn what_a_decorator_has_put_around_a_method_is_placed_at_the_call_of_the_method() {
    let source = "class Upload {}\nclass Album {\n  serve(photo) {\n    return sum(this.pages(photo), 7);\n  }\n  pages(photo) {}\n}\n";
    let helper = "__decorate([bag.remember()], Album.prototype, 'pages', null);\n";
    let found = judged(uploads, &format!("{source}{helper}"), 2, Some(""));
    check(&found, "allocated by this.pages in serve (app/shop.js:4)");
    // Nothing tells which of the two calls it is.
    let found = judged(uploads, source, 2, Some(""));
    check(&found, "allocated by serve (app/shop.js:3)");
}

#[test]
fn what_v8_may_have_inlined_is_looked_for_within() {
    let source = "const { bag } = require('bag');\nclass Upload {}\nfunction serve(photos) {\n  photos.forEach((photo) => {\n    bag.take(photo);\n  });\n}\n";
    let found = judged(uploads, source, 2, Some(""));
    check(&found, "allocated by bag.take in serve (app/shop.js:5)");
}

#[test]
fn what_a_bundler_took_from_a_package_is_known_by_the_source_map() {
    let bundle = "function take(photo) {}\nclass Upload {}\nfunction serve(photo) {\n  look(photo);\n  take(photo);\n}\n";
    // The first line is the package's, the others are the program's own.
    let map = r#"{"version":3,"sources":["node_modules/bag/take.js","src/shop.ts"],"names":[],
        "mappings":"AAAA;ACAA;AACA;AACA;AACA"}"#;
    let map = base64::engine::general_purpose::STANDARD.encode(map);
    let bundle = format!("{bundle}//# sourceMappingURL=data:application/json;base64,{map}\n");
    let found = judged(uploads, &bundle, 2, Some("makeRoom"));
    check(&found, "allocated by take in serve (src/shop.ts:4)");
}

#[test]
fn a_string_that_a_package_makes_longer_is_called_one() {
    let log = |length: u32| {
        let mut heap = Heap::new();
        let (log, text) = (heap.instance("Log", BAG), heap.string("bindings"));
        heap.keep("log", log);
        heap.number(text, 100_001 + 2 * length);
        heap.size(text, length * BYTES);
        heap.property(log, "<symbol bag.bindings>", text);
        heap
    };
    let found = judged(log, "function serve(order) {}\n", 0, None);
    check(&found, "Log[bag.bindings] (bag/index.js:4) is a string, which grew by 10.0 kB");
    assert!(!found.sentence.contains("cut it"), "{}", found.sentence);
}

#[test]
fn what_puts_itself_into_a_list_of_a_packages_is_told_by_that_line() {
    let heap = |count: u32| {
        let mut heap = Heap::new();
        let (source, list) = (heap.instance("Source", BAG), heap.builtin("Array"));
        heap.keep("source", source);
        heap.property(source, "subscribers", list);
        let trails: Vec<_> = (0..count).map(|_| heap.instance("Trail", APP)).collect();
        trails.iter().for_each(|trail| heap.size(*trail, BYTES));
        heap.table(list, &trails);
        heap
    };
    let source = |put: &str| {
        format!(
            "class Trail {{\n  constructor(source) {{\n    {put}\n  }}\n}}\nfunction serve(source) {{\n  new Trail(source);\n  \
             source.save();\n}}\n"
        )
    };
    let found = judged(heap, &source("source.subscribers.push(this);"), 5, Some("save"));
    check(&found, "source.subscribers.push (app/shop.js:3)");
    let line = |found: &Findings| found.suspects[0].location.as_ref().map(|location| location.line);
    assert_eq!(line(&found), Some(3), "{}", found.sentence);
    let other = judged(heap, &source("source.others.push(this);"), 5, Some("save"));
    assert_ne!(line(&other), Some(3), "{}", other.sentence);
}
