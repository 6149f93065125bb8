//! One sentence for a suspect: what grows under what, how fast, and what to do.

use super::advice::advice;
use super::bound::bound_by;
use super::contents;
use super::place::{at, parenthesised};
use super::size;
use crate::caller::Caller;
use crate::contents::{Contents, Varying};
use crate::facts::{Code, Facts, Grows, Lead, Own};
use crate::findings::{Bound, Growth, KnownLeak, Package};
use crate::held::Held;
use crate::known::NODE;
use crate::naming::{By, Reached};
use crate::remedy::Remedy;
use crate::source::{Author, Place, package_folder};
use crate::suspects::Holds;

/// The suspect in a sentence or two: what leaks, where and how fast; why it stays, where that was seen, and what to do.
pub(crate) fn suspect(
    facts: &Facts,
    growth: &Growth,
    bound: Option<&Bound>,
    remedy: Option<&Remedy>,
    known: Option<&KnownLeak>,
) -> String {
    let mut text = subject(facts);
    text.push_str(&what_grows(facts, growth));
    text.push_str(&in_step(facts));
    text.push_str(&contents::contents(facts));
    if let Some(code) = facts.code.as_ref().filter(|code| code.awaited) {
        let function =
            code.place.location.function.as_deref().or(code.part.as_deref()).unwrap_or("a function");
        let of_package = of_package(facts, Own::Code, Some(&code.place));
        let waits_for = code.waits_for.as_ref().map_or_else(String::new, |calls| {
            format!(", which waits for {} ({})", calls.callee, places(&calls.places))
        });
        text.push_str(&format!(", awaited in {function} ({}){of_package}{waits_for}", at(&code.place)));
    }
    text.push_str(&for_each_value(facts));
    text.push_str(&facts.lead.as_ref().map_or_else(String::new, lead));
    if let Some(Reached { name, place, by }) = reached(facts) {
        let by = if *by == By::Variable { "reached through" } else { "used by" };
        text.push_str(&format!(", {by} {name}{}", parenthesised(place.as_ref())));
        if let Some(uses) = &facts.uses {
            text.push_str(&format!(", used by {} ({})", uses.callee, places(&uses.places)));
        }
    }
    text.push_str(&facts.caller.as_ref().map_or_else(String::new, |caller| allocated_by(caller, facts)));
    if let Some((name, place)) = &facts.grows.inner {
        text.push_str(&format!(". Each instance also grows in {name}{}", parenthesised(place.as_ref())));
    }
    text.push_str(&bound.map_or_else(String::new, |bound| format!("; {}", bound_by(bound))));
    text.push_str(&remedy.map_or_else(String::new, advice));
    text.push('.');
    text.push_str(contents::advice(facts));
    if let Some(KnownLeak { package, fixed_in, link }) = known {
        let package = if package == NODE { "Node.js" } else { package };
        text.push_str(&format!(" This leak is known, and fixed in {package} {fixed_in}: {link}."));
    }
    text
}

/// By what the program gets at the holder. One of several calls says less than the call by which what grows is made.
fn reached(facts: &Facts) -> Option<&Reached> {
    let reached = facts.holder.reached_through.as_ref()?;
    let says_more = match (&facts.caller, reached.by) {
        (None, _) | (_, By::Variable) => true,
        (Some(_), By::Call) => false,
        (Some(caller), By::OnlyCall) => {
            reached.place.as_ref().is_none_or(|place| !caller.places.contains(place))
        }
    };
    says_more.then_some(reached)
}

fn subject(facts: &Facts) -> String {
    let code = facts.code.as_ref();
    let place = parenthesised(code.map(|code| &code.place));
    match &facts.held {
        Held::Timer { .. } => {
            let call = code.and_then(|code| code.call.as_ref()).map_or("timer", |call| call.callee.as_str());
            format!("{call} callback{}{place}{}", part(code, "in"), of_code(facts))
        }
        Held::Listener { event, .. } => {
            let event = event.as_ref().filter(|event| !event.is_empty());
            let event = event.map_or_else(String::new, |event| format!(" '{event}'"));
            let emitter = match place.is_empty() {
                true => holder(facts, true),
                false => format!("{}{}", holder(facts, false), parenthesised_package(facts)),
            };
            format!("listener{event} on {emitter}{}{place}{}", part(code, "of"), of_code(facts))
        }
        Held::Closure { .. } if facts.grows.in_slot => {
            format!("context variable {}", holder_name(facts, true))
        }
        Held::Promise { .. } => match &facts.result_of {
            Some(function) => {
                format!("promise of {} ({}), which does not settle,", function.code, at(&function.place))
            }
            None => format!("promise {}", holder_name(facts, true)).trim_end().to_owned(),
        },
        Held::Stream { is_piped: true, .. } => format!("what is piped from {}", holder(facts, true)),
        Held::Stream { .. } => format!("buffer of stream {}", holder(facts, true)),
        Held::Native { is_open, .. } => {
            let what = if *is_open || code.is_some() { "open handles" } else { "what native code keeps" };
            format!("{what}{}", of_package(facts, Own::Holder, None))
        }
        Held::List => holder(facts, true),
        Held::Collection { .. } | Held::Closure { .. } | Held::Object => {
            format!("{}{}", holder(facts, true), keyed_by(&facts.grows))
        }
    }
}

/// ` in Banner`: the class or function that the code is written in.
fn part(code: Option<&Code>, preposition: &str) -> String {
    let part = code.and_then(|code| code.part.as_ref());
    part.map_or_else(String::new, |part| format!(" {preposition} {part}"))
}

/// `, keyed by strings of 40 characters,`.
fn keyed_by(grows: &Grows) -> String {
    let Some(key) = grows.key.as_ref().filter(|_| grows.chain.is_none()) else { return String::new() };
    match &key.value {
        Some(value) => format!(", keyed by strings such as \"{value}\","),
        None => format!(", keyed by strings of {} characters or so,", key.length),
    }
}

fn holder(facts: &Facts, with_place: bool) -> String {
    let class = &facts.holder.class;
    match holder_name(facts, with_place) {
        name if name.is_empty() && with_place => format!("{class}{}", of_package(facts, Own::Holder, None)),
        name if name.is_empty() => class.clone(),
        // A field that grows has the class in its name.
        name if name.strip_prefix(class.as_str()).is_some_and(|field| field.starts_with(['.', '['])) => name,
        name => format!("{class} {name}"),
    }
}

fn holder_name(facts: &Facts, with_place: bool) -> String {
    let Some(name) = &facts.holder.name else { return String::new() };
    if !with_place {
        return name.full();
    }
    let place = name.declared.as_ref();
    format!("{}{}{}", name.full(), parenthesised(place), of_package(facts, Own::Holder, place))
}

/// ` of socket.io-adapter 2.4.0 (through socket.io 4.5.1)`: where the version is not known, the path beside it may say as much.
fn of_package(facts: &Facts, own: Own, beside: Option<&Place>) -> String {
    let is_said = || beside.is_some_and(|place| package_folder(&place.best().file).is_some());
    let package = package(facts, own).filter(|package| package.version.is_some() || !is_said());
    package.map_or_else(String::new, |package| format!(" of {package}"))
}

/// ` (pg 8.11.5)`, where its place is not said.
fn parenthesised_package(facts: &Facts) -> String {
    package(facts, Own::Holder).map_or_else(String::new, |package| format!(" ({package})"))
}

/// Whose code runs, or who has it run.
fn of_code(facts: &Facts) -> String {
    let place = facts.code.as_ref().map(|code| &code.place);
    match package(facts, Own::Setter) {
        Some(package) => format!(", set by {package},"),
        None => of_package(facts, Own::Code, place),
    }
}

fn package(facts: &Facts, own: Own) -> Option<&Package> {
    facts.package.as_ref().filter(|of| of.own == own).map(|of| &of.package)
}

fn what_grows(facts: &Facts, growth: &Growth) -> String {
    let grows = &facts.grows;
    if let [bytes] = growth.bytes.as_slice() {
        return format!(" keeps {} alive", size(*bytes));
    }
    let a_minute = growth.per_minute.map_or_else(String::new, |bytes| format!(" ({} a minute)", size(bytes)));
    let per_step = format!("{}{a_minute}", size(growth.per_step));
    let grown = format!("{} per snapshot{a_minute}", size(growth.per_step));
    let class = &grows.class;
    let count = count_per_step(growth);
    if let Some(chain) = &grows.chain {
        let by = chain.by.as_ref().map_or_else(String::new, |by| format!(" through {by}"));
        let is_promise = matches!(facts.held, Held::Promise { .. });
        let chained = if is_promise {
            format!("{} reactions wait on it", chain.links)
        } else {
            let other = match chain.holds {
                Some(Holds::Older) => "each holding the one before",
                Some(Holds::Newer) => "each holding the one after",
                None => "each holding another",
            };
            format!("{} are chained, {other}{by}", chain.links)
        };
        return match (count, is_promise) {
            (0, true) => format!(" grew by {grown}: {chained}"),
            (0, false) => format!(" grew by {grown}: of {class} {chained}"),
            _ => format!(" gained {count} {class} per snapshot, {per_step}: {chained}"),
        };
    }
    if grows.in_slot && grows.class.contains("string") && grows.contents.is_none() {
        return format!(" is a string, which grew by {grown}");
    }
    if grows.in_place || count == 0 {
        return format!(" grew by {grown}");
    }
    // A function of the program's own that is kept, if nothing else is said of it.
    let kept = || {
        let is_said = matches!(facts.lead, Some(Lead::Handed { .. })) || is_with_place(facts);
        facts.code.as_ref().filter(|code| grows.is_function && !is_said && code.author == Author::User)
    };
    let written = grows.made.as_ref().or(grows.written.as_ref());
    let written = written.or_else(|| kept().map(|code| &code.place));
    let made = written.map_or_else(String::new, |place| format!(" ({})", at(place)));
    format!(" gained {count} {class}{made} per snapshot, {per_step}")
}

/// `, in step with Scope.names (lib/scope.js:3) and 2 more`: what else the same calls fill.
fn in_step(facts: &Facts) -> String {
    let Some(name) = facts.in_step.first() else { return String::new() };
    let more = match facts.in_step.len() {
        1 => String::new(),
        names => format!(" and {} more", names - 1),
    };
    // Another instance of the same class may have another name that is the same.
    let other =
        if facts.holder.name.as_ref().is_some_and(|own| own.full() == name.full()) { "another " } else { "" };
    format!(", in step with {other}{}{}{more}", name.full(), parenthesised(name.declared.as_ref()))
}

/// The place of its code is part of the subject.
fn is_with_place(facts: &Facts) -> bool {
    matches!(facts.held, Held::Timer { .. } | Held::Listener { .. } | Held::Native { .. })
}

/// How many there are more at each of the last steps, on average.
fn count_per_step(growth: &Growth) -> u64 {
    let steps: Vec<u64> = growth.counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    let late = &steps[steps.len().saturating_sub(3)..];
    if late.is_empty() { 0 } else { late.iter().sum::<u64>() / late.len() as u64 }
}

/// `, with one entry for each basket`: of what a library keeps the program knows what it gives, not what becomes of it.
fn for_each_value(facts: &Facts) -> String {
    let is_users = facts.holder.name.as_ref().is_some_and(|name| name.author() == Author::User);
    match &facts.grows.contents {
        Some(Contents::Varying(Varying { class, field, compared, values, other, others })) if !is_users => {
            format!(
                ", with one entry for each {field} ({compared} {class} have {values} values of it, and {others} of {other})"
            )
        }
        _ => String::new(),
    }
}

fn lead(lead: &Lead) -> String {
    match lead {
        Lead::Kept { part, given_to, place, calls } => {
            let code = match (given_to, part) {
                (Some(callee), Some(part)) => format!("the callback given to {callee} in {part}"),
                (Some(callee), None) => format!("the callback given to {callee}"),
                (None, Some(part)) => part.clone(),
                (None, None) => "your code".to_owned(),
            };
            let calls = calls.as_ref().map_or_else(String::new, |calls| {
                format!(", which calls {} ({})", calls.callee, places(&calls.places))
            });
            format!(", each with {code} ({}){calls}", at(place))
        }
        Lead::Made { call, place } => format!(", made by {call} ({})", at(place)),
        Lead::Handed { call, place } => format!(", each handed to {call} ({})", at(place)),
        Lead::Listens { call, place } => format!(", added by {call} ({})", at(place)),
    }
}

/// `, allocated by ajv.compile in checkPayload (app/app.js:17)`.
fn allocated_by(caller: &Caller, facts: &Facts) -> String {
    let function = caller.function.as_deref();
    let of = of_package(facts, Own::Called, None);
    if let Some(call) = caller.call.as_deref().filter(|_| !caller.is_found) {
        // Between the two there may be others, which V8 has inlined.
        let place = at(caller.place());
        return match function {
            Some(function) => format!(", allocated by {call}{of} below {function} ({place})"),
            None => format!(", allocated by {call}{of} below the function at {place}"),
        };
    }
    let other = caller.other.as_deref().map(|other| format!(" and by {}", found(other, facts)));
    format!(", allocated by {}{}", found(caller, facts), other.unwrap_or_default())
}

/// `ajv.compile in checkPayload (app/app.js:17)`.
fn found(caller: &Caller, facts: &Facts) -> String {
    let of = of_package(facts, Own::Called, None);
    let who = match (caller.call.as_deref(), caller.function.as_deref()) {
        (Some(call), Some(function)) => format!("{call}{of} in {function}"),
        (Some(call), None) => format!("{call}{of}"),
        (None, Some(function)) => function.to_owned(),
        (None, None) => "your code".to_owned(),
    };
    format!("{who} ({})", places(&caller.places))
}

/// `app/app.js:17 or 21`: there is at least one.
fn places(places: &[Place]) -> String {
    let lines = places[1..].iter().map(|place| place.best().line.to_string());
    std::iter::once(at(&places[0])).chain(lines).collect::<Vec<_>>().join(" or ")
}
