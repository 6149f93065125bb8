//! Calls of functions that are made only where something has too many entries: `if (this.pages.size > MOST) this.evict()`.

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, Statement};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashMap;

use super::expressions::called_name;
use super::limits::{compared, size_of};
use super::names::Name;
use super::setting::{Check, Setting, Within};
use super::things::{Naming, Thing};
use super::tree::Tree;

/// By the names of the functions.
#[derive(Default)]
pub(super) struct Guards {
    by_callee: FxHashMap<Name, Vec<Guard>>,
}

/// The comparison behind which a function is called.
struct Guard {
    check: Check,
    entries: Entries,
}

/// What the number that is compared is of.
enum Entries {
    /// The size of this.
    Of(Thing),
    /// It is counted, and becomes less or none at these places.
    Counted { taken: Vec<Span>, set: Vec<Span>, is_field: bool },
}

impl Guards {
    /// Takes what is called behind a test, if that compares a number of entries.
    pub(super) fn see<'a>(
        &mut self,
        test: &'a Expression<'a>,
        then: &Statement<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        for callee in called(then) {
            let mut of = None;
            let limit = compared(test, naming, &mut |side, naming| {
                let found = size_of(side, naming).map(Entries::Of).or_else(|| counted(side, node, tree));
                let is_found = found.is_some();
                of = found.or(of.take());
                is_found
            });
            if let (Some(entries), Some(limit)) = (of, limit) {
                let guard = Guard { check: Check { test: test.span(), limit: Some(limit) }, entries };
                self.by_callee.entry(naming.names.add(callee)).or_default().push(guard);
            }
        }
    }

    /// What must hold for the function to be called in which something is taken out of a thing, where that is about its entries.
    pub(super) fn of(&self, thing: &Thing, setting: &Setting) -> Option<Check> {
        let Some(Within::Named(function)) = setting.within else { return None };
        let guards = self.by_callee.get(&function)?;
        guards.iter().find(|guard| guard.entries.are_of(thing, setting)).map(|guard| guard.check)
    }
}

impl Entries {
    /// Whether they are those of the thing of which a function takes something. What is set to another value elsewhere, but for its
    /// first, counts something else, such as those of a minute.
    fn are_of(&self, thing: &Thing, setting: &Setting) -> bool {
        match self {
            Self::Of(known) => known == thing,
            Self::Counted { taken, set, is_field } => setting.function.is_some_and(|function| {
                let within = |span: &&Span| function.contains_inclusive(**span);
                let elsewhere = set.iter().filter(|span| !within(span)).count();
                set.iter().chain(taken).any(|span| within(&span)) && elsewhere <= usize::from(*is_field)
            }),
        }
    }
}

/// What the function around counts up.
fn counted(counter: &Expression<'_>, node: &AstNode<'_>, tree: &Tree<'_>) -> Option<Entries> {
    let (known, is_field) = match counter {
        Expression::Identifier(_) => (tree.counter(counter.span())?, false),
        Expression::StaticMemberExpression(member) => (tree.counter_in_field(&member.property.name)?, true),
        _ => return None,
    };
    let around = tree.ancestors(node).find_map(|above| match above.kind() {
        AstKind::Function(function) => Some(function.span),
        AstKind::ArrowFunctionExpression(function) => Some(function.span),
        _ => None,
    })?;
    let counts = known.added.iter().any(|added| around.contains_inclusive(*added));
    counts.then(|| Entries::Counted { taken: known.taken.clone(), set: known.set.clone(), is_field })
}

/// The functions that a statement calls, and does nothing else with.
fn called<'s>(then: &'s Statement<'_>) -> Vec<&'s str> {
    let statements = match then {
        Statement::BlockStatement(block) => block.body.as_slice(),
        other => std::slice::from_ref(other),
    };
    let calls = statements.iter().filter_map(|statement| match statement {
        Statement::ExpressionStatement(statement) => match &statement.expression {
            Expression::CallExpression(call) => called_name(&call.callee),
            _ => None,
        },
        _ => None,
    });
    calls.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::indexed;
    use super::super::{Act, slice};

    /// The limit beyond which something is taken out of `m`, which is a variable, or a field of the class at `/*here*/`.
    #[track_caller]
    fn check(text: &str, limit: Option<(&str, Option<u64>)>) {
        let (index, here) = indexed(text);
        let target = match index.declaration("m", &[here]) {
            Some((at, _)) => index.target_of_variable(at),
            None => index.target_of_field(here, "m").expect("a class with that field"),
        };
        let traces = index.traces(&target, &[Act::Remove, Act::Assign]);
        let limits = traces.uses.iter().filter_map(|found| found.setting.check?.limit);
        let found = limits.map(|limit| (slice(text, limit.compared), limit.number)).next();
        assert_eq!(found, limit, "{text}");
    }

    #[test]
    fn what_is_called_beyond_a_size_has_that_limit() {
        let text = |test: &str| {
            format!(
                "const m = new Map();\nfunction evict() {{ m.delete(first()); }}\n\
                 function put(key, it) {{ m.set(key, it); if ({test}) evict(); }}"
            )
        };
        check(&text("m.size > 500"), Some(("m.size > 500", Some(500))));
        check(&text("on && m.size >= limit"), Some(("m.size >= limit", None)));
        check(&text("other.size > 500"), None);
        check(&text("is_late()"), None);
        check(
            "class A { constructor/*here*/() { this.m = []; }\n\
             add(it) { this.m.push(it); while (this.m.length > 90) { log(); this.#shrink(); } }\n\
             #shrink() { this.m.shift(); } }",
            Some(("this.m.length > 90", Some(90))),
        );
    }

    #[test]
    fn what_counts_the_entries_and_begins_anew_with_them_limits_them() {
        let text = |reset: &str, elsewhere: &str| {
            format!(
                "var A = (exports.A = function/*here*/() {{ this.reset(); }});\n\
                 A.prototype.reset = function () {{ this.m = {{}}; {reset} }};\n\
                 limits.MOST = 500;\n\
                 function put(a, key, it) {{\n\
                   if (a.n > limits.MOST) {{ a.reset(); }}\n\
                   a.n++;\n\
                   a.m[key] = it;\n\
                 }};\n{elsewhere}"
            )
        };
        let limit = Some(("a.n > limits.MOST", Some(500)));
        check(&text("this.n = 0;", ""), limit);
        check(&text("this.n--;", "this.n = 0;"), limit);
        check(&text("", ""), None);
        check(&text("this.n = 0;", "setInterval(() => { this.n = 0; }); this.n = 1;"), None);
        check(&text("this.n = 0;", "limits.MOST = 9;"), Some(("a.n > limits.MOST", None)));
    }
}
