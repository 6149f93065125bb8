//! What a method does with what it is called on, by its name.

use oxc_ast::ast::{Argument, CallExpression};

/// What a method is, by its name, to what it is called on.
const METHODS: &[(&str, Act)] = &[
    ("set", Act::Insert),
    ("add", Act::Insert),
    ("push", Act::Insert),
    ("unshift", Act::Insert),
    ("append", Act::Insert),
    ("enqueue", Act::Insert),
    ("register", Act::Insert),
    ("delete", Act::Remove),
    ("clear", Act::Remove),
    ("pop", Act::Remove),
    ("shift", Act::Remove),
    ("dequeue", Act::Remove),
    ("remove", Act::Remove),
    ("unregister", Act::Remove),
    ("off", Act::Unlisten),
    ("removeListener", Act::Unlisten),
    ("removeEventListener", Act::Unlisten),
    ("removeAllListeners", Act::Unlisten),
    ("unsubscribe", Act::Unlisten),
    ("pipe", Act::Read),
    ("resume", Act::Read),
    ("read", Act::Read),
    ("then", Act::Wait),
    ("catch", Act::Wait),
    ("finally", Act::Wait),
    ("close", Act::Close),
    ("terminate", Act::Close),
    ("destroy", Act::Close),
    ("disconnect", Act::Close),
    ("end", Act::Close),
    ("kill", Act::Close),
    ("abort", Act::Close),
    ("run", Act::Run),
    ("enterWith", Act::Run),
];
/// Methods that add a listener, as the functions `on` and `once` of `node:events` do.
pub(super) const LISTEN: [&str; 6] =
    ["on", "once", "addListener", "prependListener", "prependOnceListener", "addEventListener"];

/// What code does with a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Puts something in.
    Insert,
    /// Takes something out.
    Remove,
    /// Gives it another value than its first.
    Assign,
    /// Makes it longer: `+=`.
    Append,
    /// Stops it, if it is a timer.
    Stop,
    /// Adds a listener.
    Listen,
    Unlisten,
    /// Reads from it, if it is a stream.
    Read,
    /// Waits for it, if it is a promise.
    Wait,
    Close,
    /// Sets the store, if it is an `AsyncLocalStorage`.
    Run,
}

/// What the call of a method does.
pub(super) fn act_of(method: &str, call: &CallExpression<'_>) -> Option<Act> {
    match method {
        // `splice(at, 0, it)` puts in, `splice(at, 1)` takes out.
        "splice" => match call.arguments.as_slice() {
            [_, Argument::NumericLiteral(count), _, ..] if count.value == 0.0 => Some(Act::Insert),
            [_, Argument::NumericLiteral(count)] if count.value == 0.0 => None,
            [] => None,
            _ => Some(Act::Remove),
        },
        _ if LISTEN.contains(&method) => match call.arguments.first() {
            Some(Argument::StringLiteral(event)) if matches!(&*event.value, "data" | "readable") => {
                Some(Act::Read)
            }
            Some(Argument::StringLiteral(_)) => Some(Act::Listen),
            _ => None,
        },
        _ => METHODS.iter().find(|(name, _)| *name == method).map(|(_, act)| *act),
    }
}
