//! The flame graph of a profile: what steers it, an empty graph, which the script draws, and the calls as JSON.

use leakhunt_diagnosis::{CallTree, Owner, Unit};
use leakhunt_text::Html;
use serde::Serialize;

use crate::words::{self, line};

/// What the page's script reads: names once, calls by their numbers.
#[derive(Serialize)]
struct Data {
    unit: &'static str,
    functions: Vec<Function>,
    /// The function, what it cost by itself and with all that it called, and its caller, or -1.
    calls: Vec<(usize, u64, u64, i64)>,
}

/// Name, package, place, and whose it is.
type Function = (String, String, String, u8);

/// Nothing, if nothing was counted. `id` is what the ids of its elements begin with.
pub(super) fn graph(id: &'static str, tree: Option<&CallTree>) -> Html {
    let Some(tree) = tree.filter(|tree| tree.total() > 0) else { return Html::default() };
    Html::markup("<div class=\"controls\"><label>Find <input id=\"")
        .and(id)
        .and("-find\" type=\"search\" placeholder=\"function, file, package\" autocomplete=\"off\"></label><button id=\"")
        .and(id)
        .and("-whole\" type=\"button\">Show all</button><output id=\"")
        .and(id)
        .and("-found\"></output></div><p class=\"call-facts\" id=\"")
        .and(id)
        .and("-facts\"></p><div class=\"flame\" role=\"tree\" id=\"")
        .and(id)
        .and("-graph\" aria-label=\"")
        .and(match tree.unit {
            Unit::Bytes => "Flame graph of live bytes, by who allocated them",
            Unit::Microseconds => "Flame graph of CPU time",
        })
        .and(
            "\"></div><ul class=\"legend\"><li class=\"program\">the program</li><li class=\"package\">packages</li>\
             <li class=\"inner\">Node.js and V8</li></ul><p class=\"signs\">Callers are above whom they call. A click, a tap or Enter \
             makes a call as wide as the page; Esc shows all again.</p>\
             <noscript><p>The flame graph needs JavaScript.</p></noscript>",
        )
        .html(&embedded(id, tree))
}

fn embedded(id: &'static str, tree: &CallTree) -> Html {
    let functions = tree.functions.iter().map(|function| {
        let package =
            function.package.as_ref().map_or_else(String::new, |package| line(&package.to_string()));
        let place = function
            .location
            .as_ref()
            .map_or_else(String::new, |at| format!("{}:{}", line(&at.file), at.line));
        let owner = match function.owner {
            Owner::Program => 0,
            Owner::Package => 1,
            Owner::Node => 2,
        };
        (words::function(&function.name), package, place, owner)
    });
    let calls = tree.calls.iter().map(|call| {
        let caller = call.caller.and_then(|caller| i64::try_from(caller).ok());
        (call.function, call.own, call.total, caller.unwrap_or(-1))
    });
    let unit = match tree.unit {
        Unit::Bytes => "bytes",
        Unit::Microseconds => "microseconds",
    };
    let data = Data { unit, functions: functions.collect(), calls: calls.collect() };
    let opening = match id {
        "heap" => "<script id=\"heap-calls\" type=\"application/json\">",
        _ => "<script id=\"cpu-calls\" type=\"application/json\">",
    };
    Html::default().json(opening, &data)
}
