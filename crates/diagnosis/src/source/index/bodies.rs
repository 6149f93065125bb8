//! What the functions of a script call, one function at a time.

use oxc_span::Span;
use rustc_hash::FxHashSet;

use super::calls::{Call, Calls, MOST_STEPS};
use super::names::Name;
use super::tree::contains;

impl Calls {
    /// The innermost function around an offset.
    pub(super) fn innermost(&self, at: u32) -> Option<Span> {
        let around = self.functions.iter().map(|function| function.span).filter(|span| contains(*span, at));
        around.min_by_key(|span| span.size())
    }

    /// The outermost function that is written within a span.
    pub(super) fn outermost(&self, within: Span) -> Option<Span> {
        let inside = self.functions.iter().map(|function| function.span);
        inside.filter(|span| contains(within, span.start)).max_by_key(|span| span.size())
    }

    /// The calls that the function does which is written there.
    pub(super) fn by(&self, body: Span) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.within == Some(body)).collect()
    }

    /// The call that is handed the function of this name whose parameters begin at `at`, if one alone is in the function around.
    pub(super) fn naming_once(&self, at: u32, function: Name) -> Option<&Call> {
        let own = self.span_at(at)?;
        let functions = self.functions.iter().map(|function| function.span);
        let around = functions.filter(|span| *span != own && contains(*span, own.start));
        let around = around.min_by_key(|span| span.size());
        let is_seen = |call: &&Call| around.is_none_or(|around| contains(around, call.start));
        let mut handed = self.calls.iter().filter(|call| call.hands.contains(&function)).filter(is_seen);
        handed.next().filter(|_| handed.next().is_none())
    }

    /// The class of which a variable is an instance, by its name, if all variables that are called so are.
    pub(super) fn class_of(&self, variable: Name) -> Option<Name> {
        let mut classes = self.made.iter().filter(|(name, _)| *name == variable).map(|(_, class)| *class);
        let first = classes.next()??;
        classes.all(|class| class == Some(first)).then_some(first)
    }

    /// These variables, and those which have the result of a call that begins at one.
    pub(super) fn with_results(&self, variables: FxHashSet<Name>) -> FxHashSet<Name> {
        let mut known = variables;
        for _ in 1..MOST_STEPS {
            let returned =
                self.results.iter().filter(|(_, by)| known.contains(by)).map(|(variable, _)| *variable);
            let returned: Vec<Name> = returned.collect();
            known.extend(returned);
        }
        known
    }
}
