//! What is unusual inside of what grows, in words.

use super::place::{at, parenthesised};
use super::size;
use crate::contents::{Contents, SetBy, Stacks, Stores};
use crate::facts::Facts;
use crate::source::Place;

/// `, each with …`: what each of the growing objects keeps; slices are spoken of where it is said what to do.
pub(super) fn contents(facts: &Facts) -> String {
    match &facts.grows.contents {
        Some(Contents::Stacks(stacks)) => of_stacks(stacks),
        Some(Contents::Stores(stores)) => of_stores(stores, facts.code.as_ref().map(|code| &code.place)),
        Some(Contents::Slices(_) | Contents::Views(_) | Contents::Varying(_)) | None => String::new(),
    }
}

/// What is to be done about it beside what is done about the holder.
pub(super) fn advice(facts: &Facts) -> &'static str {
    match &facts.grows.contents {
        Some(Contents::Stacks(_)) => " V8 lets go of what a stack keeps when it is first read.",
        _ => "",
    }
}

fn of_stacks(stacks: &Stacks) -> String {
    let made = stacks.made_in.as_ref().map_or_else(String::new, |place| {
        let function = place.location.function.as_ref().map_or(String::new(), |name| format!("{name} "));
        format!(" of {function}({})", at(place))
    });
    let receiver = stacks.receiver.as_ref();
    let store = stacks.stores.as_ref().map(|stores| {
        let by = receiver.map_or("", |_| "by its async context ");
        format!("{by}the AsyncLocalStorage store {}", store(stores))
    });
    let kept: Vec<String> = receiver.cloned().into_iter().chain(store).collect();
    let kept = if kept.is_empty() { String::new() } else { format!(": {}", kept.join(", and ")) };
    format!(", each with a stack{made} that nobody has read and that keeps {}{kept}", size(stacks.each))
}

fn of_stores(stores: &Stores, said: Option<&Place>) -> String {
    let runs = stores.runs.as_ref().filter(|place| said != Some(*place)).map_or_else(String::new, |place| {
        let function = place.location.function.as_deref().filter(|name| !name.is_empty());
        format!(" to run {} ({})", function.unwrap_or("a function"), at(place))
    });
    let Stores { captured_by, each, .. } = stores;
    format!(
        ", each keeping {} by its async context: the AsyncLocalStorage store {}, which {captured_by} has taken along{runs}",
        size(*each),
        store(stores)
    )
}

/// `RequestContext (lib/context.js:3) of current.run (server.js:22)`.
fn store(stores: &Stores) -> String {
    let set_by = stores.set_by.as_ref().map_or_else(String::new, set_by);
    format!("{}{}{set_by}", stores.class, parenthesised(stores.made.as_ref()))
}

fn set_by(SetBy { calls, is_all }: &SetBy) -> String {
    let calls: Vec<String> =
        calls.iter().map(|call| format!("{} ({})", call.code, at(&call.place))).collect();
    format!("{} of {}", if *is_all { "" } else { ", probably" }, calls.join(" or "))
}
