//! One sentence for a suspect.

use crate::describe::{Portrait, original_name};
use crate::findings::{Growth, Kind, Location};
use crate::naming::candidates::{Named, Scope};
use crate::source::Place;
use crate::suspects::cluster::Cluster;

/// People write no longer lines.
const LONGEST_LINE: u32 = 250;

/// `4.5 MB`, as people read sizes: in steps of 1000, as DevTools does.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The last parts of a path and the line, as in `components/DiscountBanner.js:12`; of a minified file's one long line the
/// column as well.
fn at(place: &Place) -> String {
    let Location { file, line, column, .. } = place.best();
    let column = if *column > LONGEST_LINE { format!(":{column}") } else { String::new() };
    format!("{}:{line}{column}", short(file))
}

pub(crate) fn short(file: &str) -> String {
    let parts: Vec<&str> = file.rsplit(['/', '\\']).take(3).collect();
    let package = file.rfind("node_modules/").map(|at| &file[at + "node_modules/".len()..]);
    package.map_or_else(|| parts.iter().take(2).rev().copied().collect::<Vec<_>>().join("/"), str::to_owned)
}

/// Node's own files say nothing to a reader.
fn parenthesised(place: Option<&Place>) -> String {
    place
        .filter(|place| !place.location.file.starts_with("node:"))
        .map_or_else(String::new, |place| format!(" ({})", at(place)))
}

/// The suspect in one sentence.
pub(crate) fn of(portrait: &Portrait, growth: &Growth, cluster: &Cluster) -> String {
    let mut text = subject(portrait);
    text.push_str(&what_grows(portrait, growth, cluster));
    if let Some(code) = portrait.code.as_ref().filter(|code| code.awaited) {
        let function =
            code.place.location.function.as_deref().or(code.part.as_deref()).unwrap_or("a function");
        text.push_str(&format!(", awaited in {function} ({})", at(&code.place)));
    }
    if let Some((name, place)) = &portrait.inner {
        text.push_str(&format!("; each grows through {name}{} as well", parenthesised(place.as_ref())));
    }
    if let Some((part, place)) = &portrait.leads_to {
        let part = part.as_ref().map_or_else(|| "your code".to_owned(), Clone::clone);
        text.push_str(&format!(", each with {part} ({})", at(place)));
    }
    if let Some((place, call)) = &portrait.maker {
        text.push_str(&format!(", made by {call} ({})", at(place)));
    }
    if let Some((name, place)) = &portrait.user {
        text.push_str(&format!(", reached through {name}{}", parenthesised(place.as_ref())));
    }
    if growth.bytes.len() > 1 {
        text.push_str(&advice(portrait));
    }
    text.push('.');
    text
}

fn subject(portrait: &Portrait) -> String {
    let code = portrait.code.as_ref();
    let place = parenthesised(code.map(|code| &code.place));
    match portrait.kind {
        Kind::Timer => {
            let call = code.and_then(|code| code.call.as_ref()).map_or("timer", |call| call.callee.as_str());
            let part = code
                .and_then(|code| code.part.clone())
                .map_or_else(String::new, |part| format!(" in {part}"));
            format!("{call} callback{part}{place}")
        }
        Kind::Listener => {
            let event = portrait.event.as_deref().filter(|event| !event.is_empty());
            let event = event.map_or_else(String::new, |event| format!(" '{event}'"));
            let part = code
                .and_then(|code| code.part.clone())
                .map_or_else(String::new, |part| format!(" of {part}"));
            format!("listener{event} on {}{part}{place}", holder(portrait, place.is_empty()))
        }
        Kind::Closure if portrait.slot_only => {
            format!("context variable {}", holder_name(portrait, true))
        }
        Kind::Promise => match &portrait.result_of {
            Some((function, place)) => {
                format!("promise of {function} ({}), which does not come to its end,", at(place))
            }
            None => format!("promise {}", holder_name(portrait, true)).trim_end().to_owned(),
        },
        Kind::Stream if portrait.piped => format!("what is piped from {}", holder(portrait, true)),
        Kind::Stream => format!("buffer of stream {}", holder(portrait, true)),
        Kind::Native if code.is_some() => "open handles".to_owned(),
        Kind::Native => portrait.container_class.clone(),
        _ => format!("{}{}", holder(portrait, true), keyed_by(portrait)),
    }
}

/// `, keyed by strings of 40 characters,`.
fn keyed_by(portrait: &Portrait) -> String {
    let is_list = portrait.chain.is_some() || portrait.kind == Kind::List;
    let Some(key) = portrait.key.as_ref().filter(|_| !is_list) else {
        return String::new();
    };
    match &key.value {
        Some(value) => format!(", keyed by strings such as \"{value}\","),
        None => format!(", keyed by strings of {} characters or so,", key.length),
    }
}

fn holder(portrait: &Portrait, with_place: bool) -> String {
    let class = &portrait.container_class;
    match holder_name(portrait, with_place) {
        name if name.is_empty() => class.clone(),
        // A field that grows has the class in its name.
        name if name.strip_prefix(class.as_str()).is_some_and(|field| field.starts_with('.')) => name,
        name => format!("{class} {name}"),
    }
}

fn holder_name(portrait: &Portrait, with_place: bool) -> String {
    let Some(named) = &portrait.named else { return String::new() };
    let name = portrait.full_name.clone().unwrap_or_else(|| full_name(named, portrait.declared.as_ref()));
    if with_place { format!("{name}{}", parenthesised(portrait.declared.as_ref())) } else { name }
}

fn full_name(named: &Named, declared: Option<&Place>) -> String {
    match &named.scope {
        Scope::Context(_) => original_name(named, declared),
        _ => named.qualified(),
    }
}

fn what_grows(portrait: &Portrait, growth: &Growth, cluster: &Cluster) -> String {
    let a_minute = growth.per_minute.map_or_else(String::new, |bytes| format!(" ({} a minute)", size(bytes)));
    let per_step = format!("{}{a_minute}", size(growth.per_step));
    let grown = format!("{} per snapshot{a_minute}", size(growth.per_step));
    let steps: Vec<u64> = cluster.counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    let late = &steps[steps.len().saturating_sub(3)..];
    let count = if late.is_empty() { 0 } else { late.iter().sum::<u64>() / late.len() as u64 };
    let made = portrait.made.as_ref().map_or_else(String::new, |place| format!(" ({})", at(place)));
    if cluster.bytes.len() == 1 {
        return format!(" keeps {} alive", size(cluster.bytes[0]));
    }
    if let Some(chain) = &portrait.chain {
        let by = chain.by.as_ref().map_or_else(String::new, |by| format!(" through {by}"));
        let class = &portrait.class;
        let chained = match portrait.kind {
            Kind::Promise => format!("{} reactions wait on it", chain.links),
            _ => format!("{} are chained, each holding the one before{by}", chain.links),
        };
        return match (count, portrait.kind) {
            (0, Kind::Promise) => format!(" grew by {grown}: {chained}"),
            (0, _) => format!(" grew by {grown}: of {class} {chained}"),
            _ => format!(" gained {count} {class} per snapshot, {per_step}: {chained}"),
        };
    }
    if portrait.in_place || count == 0 {
        return format!(" grew by {grown}");
    }
    format!(" gained {count} {}{made} per snapshot, {per_step}", portrait.class)
}

/// What to do about a string in a variable or a field.
const LONGER: &str = "; it is only ever made longer: write it out, or cut it";

fn advice(portrait: &Portrait) -> String {
    match portrait.kind {
        Kind::Timer => {
            let callee = portrait
                .code
                .as_ref()
                .and_then(|code| code.call.as_ref())
                .map_or("", |call| call.callee.as_str());
            if callee.contains("setInterval") {
                "; nothing clears it: keep what setInterval returns and call clearInterval when done"
                    .to_owned()
            } else {
                "; clear the timer when it is no longer needed".to_owned()
            }
        }
        Kind::Listener => "; remove the listener when its owner is done".to_owned(),
        Kind::Object if portrait.slot_only && portrait.class.contains("string") => LONGER.to_owned(),
        Kind::Map | Kind::Set | Kind::Array | Kind::Object | Kind::Cache => {
            let by = portrait
                .insertion
                .as_ref()
                .map_or_else(String::new, |(place, call)| format!(", filled by {call} ({})", at(place)));
            format!("{by}; nothing takes them out: delete what is done, or set a limit")
        }
        Kind::Promise => {
            "; it lives as long as it is not settled, and all that waits for it as well: each then, await \
                          or Promise.race on it adds one"
                .to_owned()
        }
        Kind::Stream if portrait.piped => "; remove (unpipe) what is done".to_owned(),
        Kind::Stream => "; nobody reads it: attach a consumer, call resume(), or stop writing".to_owned(),
        Kind::Closure if portrait.class.contains("string") => LONGER.to_owned(),
        Kind::Closure => {
            "; set it to null when it is no longer needed, or move it out of the shared function".to_owned()
        }
        Kind::List => "; unlink what is done".to_owned(),
        Kind::Native => portrait.code.as_ref().map_or_else(String::new, |code| {
            let handed = code
                .call
                .as_ref()
                .map_or_else(String::new, |call| format!("what {} was given ", call.callee));
            format!("; each keeps itself alive, with {handed}({}): close it when it is done", at(&code.place))
        }),
    }
}
