use super::*;
use crate::profile::Stacks;
use crate::source::Beginnings;
use crate::testing::{APP, Heap};

const FORMS: &str = "/app/forms.js";
const SCHEMAS: &str = "/app/node_modules/ajv/schemas.js";
const AJV: &str = "/app/node_modules/ajv/core.js";
const SOURCE: &str = "const Ajv = require('ajv');\nconst ajv = new Ajv();\nfunction check(body) {\n  \
                      const valid = ajv.compile({});\n  return valid(body);\n}\n";

/// A package's Map with an object of the package's in it.
fn heap() -> (Heap, Node, Node) {
    let mut heap = Heap::new();
    let (map, entry) = (heap.global("cache", "Map"), heap.instance("SchemaEnv", AJV));
    let take = heap.function("take", SCHEMAS);
    heap.keep("take", take);
    let form = heap.function("", FORMS);
    heap.keep("form", form);
    heap.table(map, &[entry]);
    (heap, map, entry)
}

fn frame(function: &str, url: &str, (line, column): (u32, u32), size: u32, child: &str) -> String {
    format!(
        r#"{{"callFrame":{{"functionName":"{function}","url":"{url}","lineNumber":{line},
            "columnNumber":{column}}},"selfSize":{size},"children":[{child}]}}"#
    )
}

/// What is said of it with a stack that has the constructor of the entry on it, called by a function at a line of the
/// program's; or, where V8 has inlined that, with the program's function alone.
fn told(source: Option<&str>, function: &str, line: u32, is_inlined: bool) -> Option<String> {
    let files: Vec<_> = source.map(|source| (APP, source)).into_iter().collect();
    told_with(&files, function, line, is_inlined)
}

fn told_with(files: &[(&str, &str)], function: &str, line: u32, is_inlined: bool) -> Option<String> {
    told_at(files, (function, line, 14), is_inlined, None)
}

/// The same of the function in the second line of this source, where the holder is reached by a name.
fn told_by(source: &str, reached_by: Option<&str>) -> Option<String> {
    told_at(&[(APP, source)], ("", 2, 6), false, reached_by)
}

fn told_at(
    files: &[(&str, &str)],
    function: (&str, u32, u32),
    is_inlined: bool,
    reached_by: Option<&str>,
) -> Option<String> {
    let callee = if is_inlined { "" } else { "compile" };
    told_called(files, function, callee, reached_by)
}

/// The same with what the program's function calls, if that is on the stack.
fn told_called(
    files: &[(&str, &str)],
    (function, line, column): (&str, u32, u32),
    callee: &str,
    reached_by: Option<&str>,
) -> Option<String> {
    let (heap, map, entry) = heap();
    heap.view(map, |view| {
        let at = view.graph.spot(entry).expect("its class is written");
        let made = frame("SchemaEnv", AJV, (at.line, at.column), 524_288, "");
        let compile = frame(callee, AJV, (900, 2), 0, &made);
        let (size, called) = if callee.is_empty() { (524_288, "") } else { (0, &*compile) };
        let stack = frame("", "", (0, 0), 0, &frame(function, APP, (line - 1, column), size, called));
        let stacks = Stacks::parse(&format!(r#"{{"head":{stack},"samples":[]}}"#)).expect("a profile");
        let resolve =
            |path: &str| files.iter().find(|(file, _)| *file == path).map(|(_, source)| (*source).to_owned());
        let sources = Sources::new(&resolve, Beginnings::default());
        let suspect = Suspect::below(map, entry, view);
        let package = Package { name: "ajv".to_owned(), version: None, through: None };
        let caller = profiled(
            &suspect,
            (Some(AJV), Some(&package)),
            reached_by,
            &Calls::of(&stacks, &sources),
            view,
            &sources,
        )?;
        let (call, function) = (caller.call.unwrap_or_default(), caller.function.unwrap_or_default());
        Some(format!("{call} in {function}:{}", caller.places[0].location.line))
    })
}

#[test]
fn the_programs_own_call_is_found_by_a_stack_and_the_source() {
    assert_eq!(told(Some(SOURCE), "check", 3, false).as_deref(), Some("ajv.compile in check:4"));
}

#[test]
fn below_whom_nearly_all_was_made_is_told_where_nothing_else_tells() {
    let source = "const ajv = require('ajv');\nfunction check(body) {\n  return ajv.compile(body);\n}\nfunction log(line) {\n  lines.push(line);\n}\n";
    let told = |logged| {
        let made = frame("compile", AJV, (900, 2), 524_288, "");
        let both = [
            frame("check", APP, (1, 14), 0, &made),
            frame("log", APP, (4, 12), logged, &frame("push", AJV, (5, 2), logged, "")),
        ];
        let head = frame("", "", (0, 0), 0, &both.join(","));
        let stacks = Stacks::parse(&format!(r#"{{"head":{head},"samples":[]}}"#)).expect("a profile");
        let resolve = |path: &str| (path == APP).then(|| source.to_owned());
        let sources = Sources::new(&resolve, Beginnings::default());
        let caller = of_most(&Calls::of(&stacks, &sources), &sources)?;
        Some((caller.call?, caller.places[0].location.line, caller.file?))
    };
    assert_eq!(told(1_000), Some(("ajv.compile".to_owned(), 3, AJV.to_owned())));
    assert_eq!(told(100_000), None, "too much comes of something else");
}

#[test]
fn a_call_is_found_by_the_name_that_a_bundler_has_numbered() {
    let told = |callee| told_called(&[(APP, SOURCE)], ("check", 3, 14), callee, None);
    assert_eq!(told("compile2").as_deref(), Some("ajv.compile in check:4"));
    assert_eq!(told("compile$1").as_deref(), Some("ajv.compile in check:4"));
    let bundled =
        "const ajv_1 = require('ajv');\nfunction check(body) {\n  return (0, ajv_1.compile)(body);\n}\n";
    let found = told_called(&[(APP, bundled)], ("check", 2, 14), "compile2", None);
    assert_eq!(found.as_deref(), Some("compile in check:3"));
    assert_eq!(unnumbered("compile"), None);
    assert_eq!(unnumbered("42"), None);
}

#[test]
fn where_the_package_is_inlined_the_function_that_calls_it_is_told() {
    assert_eq!(told(Some(SOURCE), "check", 3, true).as_deref(), Some("ajv.compile in check:4"));
    let other =
        "const ajv = require('ajv');\nconst yaml = require('yaml');\nfunction load() {\n  yaml.parse();\n}\n";
    assert_eq!(told(Some(other), "load", 3, true), None, "it calls another package");
}

#[test]
fn what_runs_where_a_stack_is_read_comes_of_reading_it() {
    let source = "function check(run) {\n  try {\n    return run();\n  } catch (error) {\n    return error.stack;\n  }\n}\n";
    let told = |callee| told_called(&[(APP, source)], ("check", 1, 14), callee, None);
    assert_eq!(told("prepareStackTraceCallback").as_deref(), Some("error.stack in check:5"));
    assert_eq!(told("compile").as_deref(), Some("run in check:3"));
    let app = "const { tell } = require('./forms');\nfunction check(error) {\n  log(tell(error), error.message);\n}\n";
    let forms = "exports.tell = tell;\nfunction tell(error) {\n  return error.stack;\n}\n";
    let files = [(APP, app), (FORMS, forms)];
    let inlined = told_called(&files, ("check", 2, 14), "prepareStackTraceCallback", None);
    assert_eq!(inlined.as_deref(), Some("error.stack in tell:3"));
}

#[test]
fn where_several_calls_may_be_it_all_of_them_are_told() {
    let told = |body: &str| {
        let source = format!("const ajv = require('ajv');\nfunction check(body) {{\n{body}}}\n");
        told(Some(&source), "check", 2, true)
    };
    let several = "  ajv.add(body);\n  for (const rule of body.rules) rule(body);\n";
    assert_eq!(told(several).as_deref(), Some("ajv.add or rule in check:3"));
    assert_eq!(told("  h(ajv, body);\n  h(body);\n").as_deref(), Some("h in check:3"));
    let alike = "  ajv.text.about(1);\n  ajv.sum.about(2);\n  ajv.list.about(3);\n  ajv.date.about(4);\n";
    assert_eq!(told(alike).as_deref(), Some("about in check:3"));
    // Too many to be of help: the function alone.
    let many = "  ajv.a();\n  ajv.b();\n  ajv.c();\n  ajv.d();\n";
    assert_eq!(told(many).as_deref(), Some(" in check:2"));
}

#[test]
fn what_a_package_has_made_of_a_function_is_called_by_the_programs_name_for_it() {
    let source = "const { price } = require('./prices');\nserve((basket) => {\n  send(JSON.stringify(price(basket)));\n});\n";
    assert_eq!(told_by(source, Some("price")).as_deref(), Some("price in :3"));
    assert_eq!(told_by(source, None).as_deref(), Some("compile in :2"));
}

#[test]
fn what_v8_has_inlined_between_is_found_in_the_source_of_the_package() {
    let source = "function check(schemas, body) {\n  const known = names(body);\n  schemas.take(body);\n}\n";
    let told = |schemas| told_with(&[(APP, source), (SCHEMAS, schemas)], "check", 1, false);
    let take = "class Schemas {\n  take(body) { return this.ajv.compile(body); }\n}\n";
    assert_eq!(told(take).as_deref(), Some("schemas.take in check:3"));
    // It takes them from somewhere else, and another function compiles.
    let other = "class Schemas {\n  take(body) { return this.known; }\n  make(body) { return this.ajv.compile(body); }\n}\n";
    assert_eq!(told(other).as_deref(), Some("compile in check:1"));
}

#[test]
fn what_calls_what_is_on_the_stack_comes_before_what_calls_the_package() {
    let app =
        "const { core } = require('./forms');\nfunction check(body) {\n  core();\n  schemas.take(body);\n}\n";
    let forms =
        "const ajv = require('ajv');\nfunction core() {\n  return ajv.core();\n}\nexports.core = core;\n";
    let told = |take| told_with(&[(APP, app), (FORMS, forms), (SCHEMAS, take)], "check", 2, false);
    let take = "class Schemas {\n  take(body) { return this.ajv.compile(body); }\n}\n";
    assert_eq!(told(take).as_deref(), Some("schemas.take in check:4"));
    let other = "class Schemas {\n  take(body) { return this.known; }\n}\n";
    assert_eq!(told(other).as_deref(), Some("ajv.core in core:3"));
}

#[test]
fn a_method_without_a_name_is_called_of_what_is_called_like_its_class() {
    let source = "const { logger } = require('./log');\nfunction check(body) {\n  metrics.count(body);\n  \
                  logger.debug(body);\n}\n";
    let told = |callee| told_called(&[(APP, source)], ("check", 2, 14), callee, None);
    assert_eq!(told("DerivedLogger.<computed>").as_deref(), Some("logger.debug in check:4"));
}

#[test]
fn what_v8_has_inlined_of_the_programs_own_is_found_in_its_source() {
    let app = "const forms = require('./forms');\nfunction check(body) {\n  forms.add(body);\n}\n";
    let forms = "const Ajv = require('ajv');\nconst ajv = new Ajv();\nclass Forms {\n  add(body) {\n    \
                 return ajv.compile(body.form);\n  }\n}\nmodule.exports = new Forms();\n";
    let told = |forms| told_with(&[(APP, app), (FORMS, forms)], "check", 2, false);
    assert_eq!(told(forms).as_deref(), Some("ajv.compile in add:5"));
    // Nothing of the package's is called there.
    assert_eq!(told("exports.add = (body) => body;\n").as_deref(), Some("forms.add in check:3"));
}

#[test]
fn a_function_without_a_name_comes_of_none_of_several_calls() {
    let calls = |other: &str| {
        let app = format!(
            "const {{ add, check }} = require('ajv');\nfunction form(body) {{\n  {other}(body);\n  check(body);\n}}\n"
        );
        let (heap, map, entry) = heap();
        heap.view(map, |view| {
            let at = view.graph.spot(entry).expect("its class is written");
            let made = frame("SchemaEnv", AJV, (at.line, at.column), 524_288, "");
            let unnamed = frame("", AJV, (900, 2), 0, &made);
            let stack = frame("", "", (0, 0), 0, &frame("form", APP, (1, 13), 0, &unnamed));
            let stacks = Stacks::parse(&format!(r#"{{"head":{stack},"samples":[]}}"#)).expect("a profile");
            let resolve = |path: &str| (path == APP).then(|| app.clone());
            let sources = Sources::new(&resolve, Beginnings::default());
            let (suspect, calls) = (Suspect::below(map, entry, view), Calls::of(&stacks, &sources));
            let package = Package { name: "ajv".to_owned(), version: None, through: None };
            profiled(&suspect, (Some(AJV), Some(&package)), None, &calls, view, &sources)
                .and_then(|caller| caller.call)
        })
    };
    assert_eq!(calls("check").as_deref(), Some("check"));
    assert_eq!(calls("add"), None);
}

#[test]
fn without_the_source_the_function_is_told() {
    assert_eq!(told(None, "check", 3, false).as_deref(), Some("compile in check:3"));
}
