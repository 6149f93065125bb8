//! What the files for other tools have in common: a call as a stack, and a function by a name that says its package.

use leakhunt_diagnosis::{CallTree, Function};
use leakhunt_text::one_line;

/// The functions of a call and of its callers, its own first. The root, which all have, is left out.
pub(crate) fn stack(tree: &CallTree, call: usize) -> Vec<usize> {
    let above = |at: &usize| tree.calls[*at].caller;
    let calls = std::iter::successors(Some(call), above);
    let stack = calls.filter(|at| *at == call || tree.calls[*at].caller.is_some());
    stack.map(|at| tree.calls[at].function).collect()
}

/// `request (undici 6.19.2)`: other tools show no more than a name.
pub(crate) fn name(function: &Function) -> String {
    let name = if function.name.is_empty() { "(anonymous)" } else { &function.name };
    match &function.package {
        Some(package) => one_line(&format!("{name} ({package})")),
        None => one_line(name),
    }
}
