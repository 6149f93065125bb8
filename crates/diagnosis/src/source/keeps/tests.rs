//! Functions of a small program, and the line by which each keeps something.

use super::super::Beginnings;
use super::*;

const SHOP: &str = "/app/shop.js";

/// The line at which the function that begins at `/*here*/` keeps something, by what stands there.
#[track_caller]
fn check_in(files: &[(&str, &str)], below: Below<'_>, expected: Option<&str>) {
    let text = files[0].1;
    let here = text.find("/*here*/").expect("a place") + "/*here*/".len();
    let line = text[..here].matches('\n').count() as u32;
    let column = here - text[..here].rfind('\n').map_or(0, |end| end + 1);
    let function = Location {
        file: SHOP.to_owned(),
        line: line + 1,
        column: column as u32 + 1,
        function: None,
        from: None,
    };
    let resolve = |path: &str| {
        let found = files.iter().find(|(file, _)| path == format!("/app/{file}"))?;
        Some(found.1.to_owned())
    };
    let sources = Sources::new(&resolve, Beginnings::default());
    let found = sources.keeping_line(&function, below).map(|line| {
        let at = &line.place.location;
        let file = resolve(&at.file).expect("one of the files");
        file.lines().nth(at.line as usize - 1).expect("a line of it").trim().to_owned()
    });
    assert_eq!(found.as_deref(), expected, "{text}");
}

#[track_caller]
fn check(text: &str, expected: Option<&str>) {
    check_in(&[("shop.js", text)], Below::Itself, expected);
}

#[test]
fn what_outlives_the_function_comes_before_what_may() {
    let text = "const { tag } = require('tags');
const all = new Map();
class Cart {
  add/*here*/(it) {
    const mine = [];
    mine.push(it);
    tag(it);
    this.lines.push(it);
    all.set(it.id, it);
  }
}";
    check(text, Some("all.set(it.id, it);"));
    check(&text.replace("    all.set(it.id, it);\n", ""), Some("this.lines.push(it);"));
    let without = text.replace("    all.set(it.id, it);\n", "").replace("    this.lines.push(it);\n", "");
    check(&without, Some("tag(it);"));
    check(&without.replace("    tag(it);\n", ""), None);
}

#[test]
fn a_call_for_what_it_does_comes_before_one_for_what_it_returns() {
    check(
        "const web = require('web');
function quote/*here*/(it) {
  const found = web.get(it);
  web.hooks.use((one) => it);
  return found;
}",
        Some("web.hooks.use((one) => it);"),
    );
}

#[test]
fn nodes_own_modules_and_those_of_the_program_are_no_packages() {
    check("const fs = require('node:fs');\nfunction f/*here*/() {\n  return fs.statSync('.');\n}", None);
    check("const path = require('path');\nfunction f/*here*/() {\n  return path.join('a');\n}", None);
    check("const own = require('./own');\nfunction f/*here*/() {\n  return own.gone();\n}", None);
}

#[test]
fn what_goes_on_is_kept_and_what_was_got_comes_last() {
    check("function f/*here*/(it) {\n  setInterval(() => it, 10);\n}", Some("setInterval(() => it, 10);"));
    check(
        "async function f/*here*/(pool) {\n  const one = await pool.connect();\n  one.on('error', () => pool);\n}",
        Some("one.on('error', () => pool);"),
    );
}

#[test]
fn functions_that_are_called_are_looked_through() {
    let follow = "import bus from 'bus';
export const museum = bus();
export function follow(it) {
  museum.on('entered', () => it);
}
export class Notices {
  constructor() { this.sent = []; }
  send(it) {
    this.sent.push(it);
  }
}";
    let imports = "import { follow, Notices } from './follow.mjs';\nconst notices = new Notices();\n";
    let of = |body: &str, expected: Option<&str>| {
        let text = format!("{imports}setInterval(/*here*/() => {{\n  {body}\n}}, 5);");
        check_in(&[("shop.js", &text), ("follow.mjs", follow)], Below::Itself, expected);
    };
    of("follow({ n: 1 });", Some("museum.on('entered', () => it);"));
    of("notices.send('a');", Some("this.sent.push(it);"));
    of("other.send('a');", None);
    of("new Notices();", None);
}

#[test]
fn the_own_method_of_a_class_is_looked_through() {
    let text = "class Banner {
  tick/*here*/() {
    this.text = this.line(3);
  }
  line(length) {
    const parts = ['a'];
    return parts.join('');
  }
}";
    check_in(&[("shop.js", text)], Below::BuiltIn("join"), Some("return parts.join('');"));
    check_in(&[("shop.js", text)], Below::BuiltIn("slice"), None);
}

#[test]
fn where_a_package_allocates_its_call_is_named() {
    let text = "const Ajv = require('ajv');
const ajv = new Ajv();
const seen = [];
function problems/*here*/(it) {
  seen.push(it);
  return ajv.compile(it);
}";
    let of = |callee: &str, expected| {
        let below = Below::Package { callee, package: "ajv" };
        check_in(&[("shop.js", text)], below, expected);
    };
    of("Ajv.compile", Some("return ajv.compile(it);"));
    // What the stacks name V8 may have inlined the called function into.
    of("compileSchema", Some("return ajv.compile(it);"));
}

#[test]
fn a_call_is_seen_where_no_other_function_may_do_it() {
    let is_seen = |other: &str| {
        let text = format!(
            "function f(it) {{\n  g(it);\n  return it.join('');\n}}\nfunction g(it) {{ it.{other}(''); }}"
        );
        let resolve = |path: &str| (path == SHOP).then(|| text.clone());
        let sources = Sources::new(&resolve, Beginnings::default());
        let function = Location { file: SHOP.to_owned(), line: 1, column: 11, function: None, from: None };
        let line = sources.keeping_line(&function, Below::BuiltIn("join")).expect("a line");
        assert_eq!(line.place.location.line, 3);
        line.is_seen
    };
    assert!(is_seen("split") && !is_seen("join"));
}

#[test]
fn more_lines_than_help_are_none() {
    let insertions = "  log.push(it);\n".repeat(4);
    check(&format!("const log = [];\nfunction f/*here*/(it) {{\n{insertions}}}"), None);
}

#[test]
fn functions_that_call_each_other_come_to_an_end() {
    check("function f/*here*/(it) { g(it); }\nfunction g(it) { f(it); }", None);
}
