//! Of which package a suspect is said to be: the one whose object holds it, or whose code runs, and no other.

use leakhunt_heap::Snapshot;

use super::BYTES;
use crate::diagnose;
use crate::evidence::Evidence;
use crate::findings::Findings;
use crate::graph::Node;
use crate::packages::LoadedPackage;
use crate::testing::{APP, EVENTS, Heap, TIMERS};

const CLIENT: &str = "/app/node_modules/pg/lib/client.js";
const OBSERVE: &str = "node:internal/perf/observe";
const TASKS: &str = "/app/node_modules/cron/tasks.js";

/// What is found in five heaps, which have 10, 20, … of what grows.
fn judged(heap: impl Fn(u32) -> Heap, sources: &[(&str, &str)]) -> Findings {
    let texts = [10, 20, 30, 40, 50].map(|count| heap(count).text());
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let sources = |path: &str| {
        let text = sources.iter().find(|(file, _)| *file == path)?.1;
        Some(text.to_owned() + &"\n".repeat(1_000))
    };
    let loaded = |name: &str, version: &str| LoadedPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        folder: format!("/app/node_modules/{name}"),
    };
    let packages = [loaded("pg", "8.11.5"), loaded("cron", "3.0.3")];
    let evidence = Evidence { packages: &packages, ..Evidence::of_sources(&sources) };
    diagnose(texts.len(), load, &evidence).expect("they are whole")
}

/// The subject of the first suspect.
#[track_caller]
fn check(heap: impl Fn(u32) -> Heap, sources: &[(&str, &str)], subject: &str, package: Option<&str>) {
    let found = judged(heap, sources);
    let suspect = found.suspects.first().unwrap_or_else(|| panic!("no suspect: {}", found.sentence));
    let said = suspect.sentence.split(" gained ").next().unwrap_or_default();
    assert_eq!(said, subject);
    assert_eq!(suspect.package.as_ref().map(ToString::to_string).as_deref(), package, "{said}");
}

/// Functions of a script, each with so many bytes behind it.
fn functions(heap: &mut Heap, name: &str, script: &str, count: u32) -> Vec<Node> {
    let keeping = |_| {
        let (function, kept) = (heap.function_at(name, script, 7), heap.builtin("Object"));
        heap.size(kept, BYTES);
        heap.internal(function, "context", kept);
        function
    };
    (0..count).map(keeping).collect()
}

/// An emitter of the class that a script has written, with functions of another that listen for errors.
fn emitter(class: &str, script: &str, listener: &str, count: u32) -> Heap {
    let mut heap = Heap::new();
    heap.extend((class, script), ("EventEmitter", EVENTS));
    let emitter = heap.instance(class, script);
    let (events, listeners) = (heap.builtin("Object"), heap.builtin("Array"));
    heap.keep("db", emitter);
    heap.property(emitter, "_events", events);
    heap.property(events, "error", listeners);
    let functions = functions(&mut heap, "failed", listener, count);
    heap.table(listeners, &functions);
    heap
}

#[test]
fn an_emitter_is_of_the_package_that_wrote_its_class() {
    let said = "listener 'error' on Client db (pg 8.11.5) (app/shop.js:7)";
    check(|count| emitter("Client", CLIENT, APP, count), &[], said, Some("pg 8.11.5"));
    let said = "listener 'error' on Client db (app/shop.js:7)";
    check(|count| emitter("Client", APP, APP, count), &[], said, None);
}

#[test]
fn a_listener_is_of_the_package_that_adds_it_before_that_of_its_emitter() {
    let said = "listener 'error' on Client db (cron/tasks.js:7) of cron 3.0.3";
    check(|count| emitter("Client", CLIENT, TASKS, count), &[], said, Some("cron 3.0.3"));
}

/// So many ports that V8's handles keep, each by a number of its own and by Node's object for it.
fn ports(listener: Option<&str>, count: u32) -> Heap {
    let mut heap = Heap::new();
    let handles = heap.handles();
    for at in 0..count {
        let (port, native) = (heap.builtin("MessagePort"), heap.native("Node / MessagePort"));
        heap.size(port, BYTES);
        heap.internal(handles, &(at + 1).to_string(), port);
        heap.internal(native, "native_to_javascript", port);
        if let Some(script) = listener {
            let listener = heap.function_at("answered", script, 7);
            heap.property(port, "onmessage", listener);
        }
    }
    heap
}

#[test]
fn handles_are_of_the_package_that_listens_to_them() {
    check(|count| ports(None, count), &[], "open handles", None);
    check(|count| ports(Some(TASKS), count), &[], "open handles of cron 3.0.3", Some("cron 3.0.3"));
}

/// Clients of a package's that listen by a function of its own, each with a function of the program's in a field or, where it
/// was handed that, beside it.
fn clients(is_handed: bool, count: u32) -> Heap {
    let mut heap = Heap::new();
    heap.extend(("Server", CLIENT), ("EventEmitter", EVENTS));
    let server = heap.instance("Server", CLIENT);
    let (events, listeners) = (heap.builtin("Object"), heap.builtin("Array"));
    heap.keep("server", server);
    heap.property(server, "_events", events);
    heap.property(events, "change", listeners);
    let listening = |_| {
        let (listener, context) = (heap.function_at("", TASKS, 7), heap.builtin("system / Context"));
        let (client, told) = (heap.instance("Task", TASKS), heap.function_at("told", APP, 3));
        heap.size(client, BYTES);
        heap.internal(listener, "context", context);
        heap.variable(context, "self", client);
        match is_handed {
            true => heap.variable(context, "told", told),
            false => heap.property(client, "filter", told),
        }
        listener
    };
    let functions: Vec<_> = (0..count).map(listening).collect();
    heap.table(listeners, &functions);
    heap
}

#[test]
fn what_a_packages_listener_keeps_does_not_listen_unless_it_was_handed_on() {
    let found = judged(|count| clients(false, count), &[]);
    let sentence = &found.suspects[0].sentence;
    assert!(
        sentence.starts_with("listener 'change' on Server server (cron/tasks.js:7) of cron"),
        "{sentence}"
    );
    assert!(sentence.contains(", each with your code (app/shop.js:3)"), "{sentence}");
    let found = judged(|count| clients(true, count), &[]);
    let sentence = &found.suspects[0].sentence;
    assert!(
        sentence.starts_with("listener 'change' on Server server (pg 8.11.5) (app/shop.js:3)"),
        "{sentence}"
    );
}

/// A list of Node's with so many timeouts, which a function of one script runs for one of another.
fn timers(handed: &str, script: &str, count: u32) -> Heap {
    let mut heap = Heap::new();
    let list = heap.instance("TimersList", TIMERS);
    heap.keep("lists", list);
    for at in 0..count {
        let (timer, run) = (heap.instance("Timeout", TIMERS), heap.function_at("run", handed, 3));
        let (tick, kept) = (heap.function_at("tick", script, 7), heap.builtin("system / Context"));
        heap.size(kept, BYTES);
        heap.property(list, &format!("timer{at}"), timer);
        heap.property(timer, "_onTimeout", run);
        heap.internal(run, "context", kept);
        heap.variable(kept, "task", tick);
    }
    heap
}

#[test]
fn a_timer_is_of_the_package_whose_function_it_was_handed() {
    let said = "timer callback (app/shop.js:7), set by cron 3.0.3,";
    check(|count| timers(TASKS, APP, count), &[], said, Some("cron 3.0.3"));
    let said = "setInterval callback (cron/tasks.js:3) of cron 3.0.3";
    check(|count| timers(TASKS, TASKS, count), &[], said, Some("cron 3.0.3"));
    check(|count| timers(APP, APP, count), &[], "setInterval callback (app/shop.js:3)", None);
}

/// A stream of the class that a script has written, whose buffer is full of records.
fn stream(script: &str, count: u32) -> Heap {
    let mut heap = Heap::new();
    heap.extend(("Logger", script), ("Stream", "node:internal/streams/legacy"));
    let (logger, state) = (heap.instance("Logger", script), heap.builtin("Object"));
    heap.keep("logger", logger);
    heap.property(logger, "_writableState", state);
    let null = heap.hidden("null");
    let entry = |heap: &mut Heap| {
        let (entry, chunk) = (heap.builtin("Object"), heap.builtin("Array"));
        heap.size(chunk, BYTES);
        heap.property(entry, "chunk", chunk);
        entry
    };
    let entries: Vec<_> = (0..count).map(|_| entry(&mut heap)).collect();
    heap.property(state, "bufferedRequest", entries[0]);
    for (at, entry) in entries.iter().enumerate() {
        heap.property(*entry, "next", entries.get(at + 1).copied().unwrap_or(null));
    }
    heap
}

#[test]
fn a_stream_is_of_the_package_that_wrote_its_class() {
    let of_package = "buffer of stream Logger logger of pg 8.11.5";
    check(|count| stream(CLIENT, count), &[], of_package, Some("pg 8.11.5"));
    check(|count| stream(APP, count), &[], "buffer of stream Logger logger", None);
}

/// A global map of tasks.
fn tasks(script: &str, count: u32) -> Heap {
    let mut heap = Heap::new();
    let (map, main) = (heap.global("scheduled", "Map"), heap.function("main", APP));
    heap.keep("main", main);
    let tasks: Vec<_> = (0..count).map(|_| heap.instance("Task", script)).collect();
    tasks.iter().for_each(|task| heap.size(*task, BYTES));
    heap.table(map, &tasks);
    heap
}

#[test]
fn a_global_is_of_the_package_that_declares_it_and_whose_objects_it_holds() {
    let declares = "if (!global.scheduled) global.scheduled = new Map();\n";
    let of_package = "Map scheduled (cron/tasks.js:1) of cron 3.0.3";
    let global = |count| tasks(TASKS, count);
    check(global, &[(TASKS, declares)], of_package, Some("cron 3.0.3"));
    check(global, &[(TASKS, "")], "Map scheduled", None);
    // The program's own, with a package's objects in it.
    check(global, &[(APP, declares), (TASKS, declares)], "Map scheduled (app/shop.js:1)", None);
    check(|count| tasks(APP, count), &[(TASKS, declares)], "Map scheduled", None);
}

/// A plain object that hangs on a global symbol, with a map of tasks.
fn tasks_of_a_symbol(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (state, main) = (heap.global("<symbol cron.state>", "Object"), heap.function("main", APP));
    heap.keep("main", main);
    let (planned, done) = (heap.builtin("Map"), heap.builtin("Map"));
    heap.property(state, "planned", planned);
    heap.property(state, "done", done);
    let tasks: Vec<_> = (0..count).map(|_| heap.instance("Task", TASKS)).collect();
    tasks.iter().for_each(|task| heap.size(*task, BYTES));
    heap.table(planned, &tasks);
    heap
}

#[test]
fn what_hangs_on_a_global_symbol_is_of_the_package_that_writes_it_down() {
    let writes =
        "const key = Symbol.for('cron.state');\nglobal[key] = { planned: new Map(), done: new Map() };\n";
    let of_package = "Map [cron.state].planned (cron/tasks.js:2) of cron 3.0.3";
    check(tasks_of_a_symbol, &[(TASKS, writes)], of_package, Some("cron 3.0.3"));
    check(
        tasks_of_a_symbol,
        &[(TASKS, "const other = { planned: 1, kept: 2 };")],
        "Map [cron.state].planned",
        None,
    );
}

/// An instance of a class that a script has written, with two maps, each with so many entries of its own.
fn validator(script: &str, count: u32) -> Heap {
    let mut heap = Heap::new();
    let validator = heap.instance("Validator", script);
    heap.keep("validator", validator);
    // Each map by an object of its own, so that it is not the validator's name that both have.
    let maps = ["Cache", "Scope"].map(|class| {
        let (part, map) = (heap.instance(class, script), heap.builtin("Map"));
        heap.property(validator, class, part);
        heap.property(part, "known", map);
        map
    });
    let mut entries = [Vec::new(), Vec::new()];
    for _ in 0..count {
        for (entries, class) in entries.iter_mut().zip(["Schema", "Name"]) {
            let entry = heap.instance(class, script);
            heap.size(entry, if class == "Schema" { 2 * BYTES } else { BYTES });
            entries.push(entry);
        }
    }
    heap.table(maps[0], &entries[0]);
    heap.table(maps[1], &entries[1]);
    heap
}

#[test]
fn what_one_call_of_a_package_fills_is_one_suspect() {
    let found = judged(|count| validator(CLIENT, count), &[]);
    assert_eq!(found.suspects.len(), 1, "{}", found.sentence);
    let suspect = &found.suspects[0];
    assert!(
        suspect.sentence.contains(", in step with Scope.known (pg/lib/client.js:"),
        "{}",
        suspect.sentence
    );
    assert!(suspect.share > 0.9, "{}", suspect.share);
    // Whether the program fills two of its own by one call nobody knows: either may have to be mended.
    let found = judged(|count| validator(APP, count), &[]);
    assert_eq!(found.suspects.len(), 2, "{}", found.sentence);
}

/// A map that a package keeps beside an object of the program's, with so many entries.
fn beside(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (track, context) = (heap.function_at("track", CLIENT, 3), heap.builtin("system / Context"));
    heap.keep("track", track);
    heap.internal(track, "context", context);
    let (beside, table) = (heap.builtin("WeakMap"), heap.array());
    heap.variable(context, "targets", beside);
    heap.internal(beside, "table", table);
    let (store, known) = (heap.instance("Store", APP), heap.builtin("Map"));
    heap.keep("store", store);
    let [key, value, of] = [store, known, table].map(|node| 2 * node.0 + 1);
    let entry =
        format!("2 / part of key (Store @{key}) -> value (Map @{value}) pair in WeakMap (table @{of})");
    heap.internal(store, &entry, known);
    heap.internal(table, &entry, known);
    let entries: Vec<_> = (0..count).map(|_| heap.builtin("Set")).collect();
    entries.iter().for_each(|entry| heap.size(*entry, BYTES));
    heap.table(known, &entries);
    heap
}

#[test]
fn what_is_kept_beside_an_object_is_of_whoever_keeps_it() {
    let declares = "const targets = new WeakMap();\n\nfunction track() {\n}\n";
    let said = "Map targets[…] (pg/lib/client.js:1) of pg 8.11.5";
    check(beside, &[(CLIENT, declares)], said, Some("pg 8.11.5"));
}

/// A map that a package's class has in its options, and that a function of the package's was handed.
fn handed_on(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (client, options, map) =
        (heap.instance("Client", CLIENT), heap.builtin("Object"), heap.builtin("Map"));
    heap.keep("client", client);
    heap.property(client, "opts", options);
    heap.property(options, "store", map);
    let (walk, context) = (heap.function_at("walk", CLIENT, 6), heap.builtin("system / Context"));
    heap.property(client, "walk", walk);
    heap.internal(walk, "context", context);
    heap.variable(context, "iterator", map);
    let entries: Vec<_> = (0..count).map(|_| heap.builtin("Set")).collect();
    entries.iter().for_each(|entry| heap.size(*entry, BYTES));
    heap.table(map, &entries);
    heap
}

#[test]
fn a_parameter_says_less_than_a_field_and_nothing_of_what_is_done() {
    let source = "class Client {\n  constructor(opts) {\n    this.opts = opts;\n    const walk =\n\
                  (iterator) =>\n() => iterator.next();\n    this.walk = walk(opts.store);\n  }\n\
                  delete(key) {\n    const { store } = this.opts;\n    store.delete(key);\n  }\n}\n";
    let found = judged(handed_on, &[(CLIENT, source)]);
    let sentence = &found.suspects[0].sentence;
    assert!(sentence.starts_with("Map Client.opts.store ("), "{sentence}");
    assert!(!sentence.contains("No line"), "{sentence}");
}

/// An array of a package's, with functions of the program's in it.
fn processors(count: u32) -> Heap {
    let mut heap = Heap::new();
    let (scope, processors) = (heap.instance("Scope", CLIENT), heap.builtin("Array"));
    heap.keep("scope of pg", scope);
    heap.property(scope, "processors", processors);
    let keeping = |_| {
        let (function, kept) = (heap.function_at("", APP, 3), heap.builtin("Object"));
        heap.size(kept, BYTES);
        heap.internal(function, "context", kept);
        function
    };
    let functions: Vec<_> = (0..count).map(keeping).collect();
    heap.table(processors, &functions);
    heap
}

#[test]
fn of_functions_that_a_package_keeps_the_call_is_told_that_they_were_handed_to() {
    let source =
        "function watched(scope, request) {\n  scope.addProcessor(\n(event) => parse(event, request));\n}\n";
    let found = judged(processors, &[(APP, source)]);
    let sentence = &found.suspects[0].sentence;
    assert!(sentence.contains(", each handed to scope.addProcessor (app/shop.js:2)"), "{sentence}");
}

/// A list that Node's own code keeps in a variable, or that the program has hung on an object of Node's.
fn of_node(is_nodes: bool, count: u32) -> Heap {
    let mut heap = Heap::new();
    let (list, class) = (heap.builtin("Array"), "PerformanceMark");
    if is_nodes {
        let (enqueue, context) = (heap.function_at("enqueue", OBSERVE, 3), heap.builtin("system / Context"));
        heap.keep("enqueue", enqueue);
        heap.internal(enqueue, "context", context);
        heap.variable(context, "markEntryBuffer", list);
    } else {
        let server = heap.instance("Server", "node:_http_server");
        heap.keep("server", server);
        heap.property(server, "marks", list);
    }
    let marks: Vec<_> = (0..count).map(|_| heap.instance(class, OBSERVE)).collect();
    // Of what only Node leads to, less is no suspect.
    marks.iter().for_each(|mark| heap.size(*mark, 20 * BYTES));
    heap.table(list, &marks);
    heap
}

#[test]
fn what_node_keeps_itself_is_taken_out_by_what_node_offers() {
    let found = judged(|count| of_node(true, count), &[]);
    let sentence = &found.suspects[0].sentence;
    assert!(
        sentence.ends_with(". Node.js keeps each until performance.clearMarks() is called."),
        "{sentence}"
    );
    let found = judged(|count| of_node(false, count), &[]);
    let sentence = &found.suspects[0].sentence;
    assert!(sentence.ends_with(". Delete what is done, or set a limit."), "{sentence}");
}
