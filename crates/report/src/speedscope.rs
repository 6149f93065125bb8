//! Profiles as speedscope's own format, which its page and its command open as they are: all of a session in one file.
//!
//! <https://www.speedscope.app/file-format-schema.json>

use leakhunt_diagnosis::{CallTree, CallTrees, Unit};
use leakhunt_text::{json, one_line};
use serde::Serialize;

use crate::Report;
use crate::stack::{name, stack};

#[derive(Serialize)]
struct File {
    #[serde(rename = "$schema")]
    schema: &'static str,
    exporter: &'static str,
    name: String,
    shared: Shared,
    profiles: Vec<Profile>,
}

#[derive(Serialize)]
struct Shared {
    frames: Vec<Frame>,
}

#[derive(Serialize)]
struct Frame {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    col: Option<u32>,
}

/// Stacks, the outermost caller first, each with what it cost.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    unit: &'static str,
    start_value: u64,
    end_value: u64,
    samples: Vec<Vec<usize>>,
    weights: Vec<u64>,
}

/// The document.
#[must_use]
pub fn render(report: &Report<'_>, calls: &CallTrees) -> String {
    let mut frames = Vec::new();
    let profiles =
        [&calls.heap, &calls.cpu].into_iter().flatten().map(|tree| profile(tree, &mut frames)).collect();
    let file = File {
        schema: "https://www.speedscope.app/file-format-schema.json",
        exporter: concat!("leakhunt ", env!("CARGO_PKG_VERSION")),
        name: one_line(report.session.map_or("leakhunt", |session| &session.target)),
        shared: Shared { frames },
        profiles,
    };
    let mut out = Vec::new();
    json::line(&mut out, &file).expect("a Vec takes all, and no key is anything but a string");
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn profile(tree: &CallTree, frames: &mut Vec<Frame>) -> Profile {
    let first = frames.len();
    frames.extend(tree.functions.iter().map(|function| {
        let at = function.location.as_ref();
        Frame {
            name: name(function),
            file: at.map(|at| one_line(&at.file)),
            line: at.map(|at| at.line),
            col: at.map(|at| at.column),
        }
    }));
    let counted = (0..tree.calls.len()).filter(|at| tree.calls[*at].own > 0);
    let (samples, weights) = counted
        .map(|at| {
            let stack = stack(tree, at).into_iter().rev().map(|function| first + function);
            (stack.collect::<Vec<usize>>(), tree.calls[at].own)
        })
        .unzip();
    let (name, unit) = match tree.unit {
        Unit::Bytes => ("live bytes, by who allocated them", "bytes"),
        Unit::Microseconds => ("CPU time", "microseconds"),
    };
    Profile { kind: "sampled", name, unit, start_value: 0, end_value: tree.total(), samples, weights }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::example;

    #[test]
    fn each_stack_has_what_its_innermost_call_cost() {
        let findings = example::leak();
        let document = render(&Report { findings: &findings, session: None }, &example::calls("shop"));
        let file: Value = serde_json::from_str(&document).unwrap();
        let [heap, cpu] = [&file["profiles"][0], &file["profiles"][1]];
        assert_eq!([&heap["unit"], &cpu["unit"]], ["bytes", "microseconds"]);
        assert_eq!((&heap["endValue"], &heap["weights"]), (&json!(1_000), &json!([600, 400])));
        let named = |at: &Value| {
            let frame = |frame: &Value| file["shared"]["frames"][frame.as_u64().unwrap() as usize].clone();
            at.as_array().unwrap().iter().map(frame).collect::<Vec<_>>()
        };
        let stack = named(&cpu["samples"][1]);
        let names: Vec<&Value> = stack.iter().map(|frame| &frame["name"]).collect();
        assert_eq!(names, ["shop", "request (shop 6.19.2)"]);
        assert_eq!(
            stack[1],
            json!({"name": "request (shop 6.19.2)", "file": "/app/node_modules/shop/index.js", "line": 7, "col": 5})
        );
    }
}
