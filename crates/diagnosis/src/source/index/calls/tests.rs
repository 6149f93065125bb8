//! What a script calls, and what is called like what it makes.

use super::super::slice;
use super::super::tests::{check, indexed};
use super::*;

#[test]
fn a_function_knows_the_call_that_it_is_handed_to() {
    let text = "setInterval(/*here*/() => tick(), 10);";
    let (index, at) = indexed(text);
    let call = index.call_with(at).expect("a call");
    assert_eq!((slice(text, call.callee), call.start), ("setInterval", 0));
    for (text, is_dropped) in [
        (text, true),
        ("setInterval(/*here*/() => tick(), 10).unref();", true),
        ("this.t = setInterval(/*here*/() => tick(), 10);", false),
        ("const again = () => setTimeout(/*here*/() => tick(), 10);", false),
    ] {
        let (index, at) = indexed(text);
        assert_eq!(index.call_with(at).expect("a call").result == Fate::Dropped, is_dropped, "{text}");
    }
}

#[test]
fn bound_functions_are_found_by_name() {
    let text = "class P {\n start() { setInterval(this.poll.bind(this), 5); }\n poll() {}\n}";
    check(text, "setInterval(this.poll", |index, _| {
        index.call_naming("poll", &["setInterval"]).map(|call| call.start)
    });
}

#[test]
fn a_function_has_the_calls_that_it_does_itself() {
    let text = "function check(source) {\n  read(() => ajv.compile(1));\n  const v = ajv.compile({});\n  v(source);\n}";
    let (index, _) = indexed(text);
    let at = text.find("(source)").expect("parameters") as u32;
    let found: Vec<&str> =
        index.calls_of(at, "compile").iter().map(|call| &text[call.start as usize..][..15]).collect();
    assert_eq!(found, ["ajv.compile({})"]);
}

#[test]
fn what_does_the_work_of_a_package_comes_first() {
    let text = "import { metrics } from 'otel';\nconst meter = metrics.getMeter();\nconst views = meter.count();\n\
                function serve/*here*/(req) {\n  metrics.flush();\n  views.add(1);\n}";
    check(text, "views.add(1)", |index, at| {
        Some(index.of_packages(&["otel"], index.done_by(at)).first()?.start)
    });
    check(text, "views.add(1)", |index, at| Some(index.calls_of(at, "add").first()?.start));
}

#[test]
fn what_a_module_makes_at_once_is_of_its_package() {
    let text = "const pgp = require('pg-promise')({});\nfunction beds/*here*/(garden) {\n  const db = pgp(garden);\n  return db.any(garden);\n}";
    check(text, "pgp(garden)", |index, at| {
        Some(index.of_packages(&["pg-promise"], index.done_by(at)).first()?.start)
    });
    let (index, at) = indexed(text);
    let stands_for = index.declaration("pgp", &[at]).map(|(_, stands_for)| stands_for);
    assert_eq!(stands_for, Some(crate::source::StandsFor::Itself), "it is the program's own");
}

#[test]
fn a_method_that_is_decorated_is_known_by_what_compilers_make_of_it() {
    for helper in [
        "__decorateClass([memoize({})], Quote.prototype, 'trips', 1);",
        "__decorate([(0, lib_1.memoize)({})], Quote.prototype, 'trips', null);",
        "_ts_decorate([memoize({})], Quote.prototype, 'trips', null);",
        "__decorateElement(init, 1, 'trips', trips_dec, Quote);",
        "_applyDecoratedDescriptor(Quote.prototype, 'trips', [dec], {}, Quote.prototype);",
    ] {
        let text = format!(
            "class Quote {{\n price/*here*/(van) {{ return sum(this.trips(van)) + rate(van); }}\n}}\n{helper}"
        );
        check(&text, "this.trips(van)", |index, at| match index.calls_of_decorated(at).as_slice() {
            [call] => Some(call.start),
            _ => None,
        });
    }
    let (index, at) =
        indexed("function price/*here*/(van) { trips(van); }\nfunction trips() {}\nset(price, 'trips');");
    assert!(index.calls_of_decorated(at).is_empty());
}

#[test]
fn where_positions_say_nothing_names_do() {
    let text = "class A { start() { setInterval(f, 1); } }\nclass B { start() { setInterval(g, 2); } }";
    check(text, "setInterval(g", |index, _| index.call_in("B", &["setInterval"]).map(|call| call.start));
}

#[test]
fn calls_are_called_like_what_they_make() {
    for (text, class, callee, is_new) in [
        ("const w = new Worker(file);", "Worker", "Worker", true),
        ("const s = AbortSignal.any([a, b]);", "AbortSignal", "AbortSignal.any", false),
        ("const s = fs.createReadStream(file);", "ReadStream", "fs.createReadStream", false),
        ("performance.mark('a');", "PerformanceMark", "performance.mark", false),
    ] {
        let (index, _) = indexed(text);
        let call = index.maker(class).expect(text);
        assert_eq!((slice(text, call.callee), call.is_new), (callee, is_new), "{text}");
    }
}

#[test]
fn the_use_of_a_package_that_makes_the_class_comes_first() {
    let text = "const client = require('prom-client');\nclient.setup();\nconst c = new client.Counter({});";
    check(text, "new client.Counter", |index, _| {
        index.package_uses("prom-client", "Counter").first().map(|call| call.start)
    });
    check(text, "client.setup", |index, _| {
        index.package_uses("prom-client", "").first().map(|call| call.start)
    });
    let within = "import { map } from 'rxjs/operators';\nmap(1);";
    check(within, "map(1)", |index, _| index.package_uses("rxjs", "").first().map(|call| call.start));
    assert!(indexed(within).0.package_uses("rx", "").is_empty());
}

#[test]
fn what_a_field_of_its_own_has_is_called_where_no_variable_is() {
    let called = |text: &str| {
        let (index, _) = indexed(text);
        let calls = index.all_calls_rooted_in("db").into_iter();
        calls.map(|call| slice(text, call.callee).to_owned()).collect::<Vec<_>>()
    };
    let class = "class Plans { of(id) { this.#db.get(id); this.db(id); other.db.get(id); } }";
    assert_eq!(called(class), ["this.#db.get"]);
    assert_eq!(called("function of(id) { db.get(id); this.db.get(id); }"), ["db.get"]);
}

#[test]
fn what_a_function_waits_for_is_found() {
    let text =
        "async function read/*here*/() { log(1); await db.get(2); await (async () => await other())(); }";
    let (index, here) = indexed(text);
    let waits = index.awaited_by(here);
    let waits: Vec<&str> = waits.iter().map(|call| slice(text, call.callee)).collect();
    assert_eq!(waits, ["db.get", "(async () => await other())"]);
}

#[test]
fn calls_of_a_method_are_found_whatever_they_are_called_on() {
    let text = "const [a, b] = list(rows).tee();\nconst tee = log.tee;\ntee();\nthis.feed.tee(1);";
    let (index, _) = indexed(text);
    let calls = index.all_calls_of("tee");
    let calls: Vec<&str> = calls.iter().map(|call| slice(text, call.callee)).collect();
    assert_eq!(calls, ["list(rows).tee", "this.feed.tee"]);
}

#[test]
fn the_only_call_that_is_handed_a_function_is_the_one_where_its_name_is_seen() {
    let only = |text: &str| {
        let (index, here) = indexed(text);
        index.only_call_naming(here, "send").map(|call| slice(text, call.callee).to_owned())
    };
    let other = "function other() { const send = 1; log(send); }";
    let text = format!(
        "function screen() {{ const send = /*here*/() => 1; ward.subscribe(send); send(); }}\n{other}"
    );
    assert_eq!(only(&text).as_deref(), Some("ward.subscribe"));
    let twice =
        "function screen() { const send = /*here*/() => 1; ward.subscribe(send); bus.on('x', send); }";
    assert_eq!(only(twice), None);
}
