//! Comparisons of ages, `Date.now() - entry.at > MOST` or `entry.expires < now`, and what code goes through entry by entry: both together
//! make a sweep.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, BinaryOperator, Expression, LogicalOperator};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashSet;

use super::bindings::Bindings;
use super::calls::Calls;
use super::expressions::{last_name, method};
use super::limits::size_of;
use super::parts::Parts;
use super::setting::left_before;
use super::things::{Naming, Thing};
use super::tree::{Tree, contains};
use super::uses::Use;

/// Functions that tell the time, by the last of their names: `Date.now`, `performance.now`, `process.hrtime`, `hrtime.bigint`, `it.getTime`.
const CLOCKS: [&str; 5] = ["now", "hrtime", "bigint", "uptime", "getTime"];
/// How deep a side of a comparison is looked into.
const DEEPEST: usize = 8;
/// From what a timer runs to what takes something out so many calls lie.
const MOST_STEPS: usize = 4;
/// More functions than these do not belong to one sweep.
const MOST_FUNCTIONS: usize = 64;

/// Methods that go through the entries of what they are called on.
const THROUGH: [&str; 9] =
    ["forEach", "entries", "keys", "values", "filter", "some", "every", "find", "findIndex"];

/// What sweeps are made of in a script.
#[derive(Default)]
pub(super) struct Ages {
    /// Where a script compares the time with something, of which that is, and nothing else must hold.
    compared: Vec<(Span, Thing)>,
    /// What it goes through, and where.
    gone_through: Vec<(u32, Thing)>,
}

impl Ages {
    pub(super) fn see<'a>(&mut self, node: &AstNode<'a>, tree: &'a Tree<'a>, naming: &mut Naming<'a, '_>) {
        if let Some(container) = gone_through(node.kind()) {
            self.gone_through.push((node.kind().span().start, naming.thing(container)));
        }
        let AstKind::BinaryExpression(compared) = node.kind() else { return };
        if !compared.operator.is_compare() {
            return;
        }
        let sides = [&compared.left, &compared.right];
        let is_age = sides.iter().any(|side| is_time(side, naming.bindings, DEEPEST));
        if !is_age {
            return;
        }
        let Some(of) = sides.iter().find_map(|side| dated(side, DEEPEST)) else { return };
        let known = naming.thing(of);
        // What is in a variable is no age of an entry, unless it is one.
        if known.is_variable() {
            return;
        }
        let object = method(of).map(|(object, _)| naming.thing(object));
        let mut asks_else = |test| {
            let is_about = naming.is_about(test, &known)
                || sized(test, naming).is_some_and(|container| known.is_below(&container))
                || object.as_ref().is_some_and(|of| naming.thing(test) == *of);
            !is_about
        };
        if !tests_around(node, tree).into_iter().any(&mut asks_else) {
            self.compared.push((compared.span, known));
        }
    }

    /// Where a function compares the ages of what it goes through, entry by entry, and takes out, by itself or by what it calls.
    pub(super) fn swept_by(&self, function: Span, taken: &Use, calls: &Calls, parts: &Parts) -> Option<Span> {
        let mut reached = vec![function];
        let mut seen: FxHashSet<Span> = reached.iter().copied().collect();
        let mut from = 0;
        for _ in 0..MOST_STEPS {
            let called = reached[from..].iter().flat_map(|span| calls.all_within(*span));
            let called = called.filter_map(|call| call.last()).flat_map(|name| parts.functions(name));
            let more: Vec<Span> = called.filter(|span| seen.insert(*span)).collect();
            from = reached.len();
            reached.extend(more);
            if reached.len() > MOST_FUNCTIONS {
                return None;
            }
        }
        let is_reached = |at: u32| reached.iter().any(|span| contains(*span, at));
        let is_of = |thing: &Thing| *thing == taken.thing || taken.thing.is_element_of(thing);
        let goes_through = self.gone_through.iter().any(|(at, thing)| is_reached(*at) && is_of(thing));
        let is_age =
            |(age, of): &&(Span, Thing)| is_reached(age.start) && (goes_through || of.is_below(&taken.thing));
        self.compared.iter().find(is_age).filter(|_| is_reached(taken.at)).map(|(age, _)| *age)
    }
}

/// What a test asks the size of.
fn sized<'a>(test: &'a Expression<'a>, naming: &mut Naming<'a, '_>) -> Option<Thing> {
    match test {
        Expression::BinaryExpression(compared) => {
            size_of(&compared.left, naming).or_else(|| size_of(&compared.right, naming))
        }
        _ => size_of(test, naming),
    }
}

/// What a piece of code goes through entry by entry.
fn gone_through<'a>(kind: AstKind<'a>) -> Option<&'a Expression<'a>> {
    match kind {
        AstKind::ForOfStatement(each) => Some(&each.right),
        AstKind::ForInStatement(each) => Some(&each.right),
        AstKind::SpreadElement(spread) => Some(&spread.argument),
        AstKind::CallExpression(call) => match method(&call.callee)? {
            // `Object.keys(it)`, `Array.from(it)`
            (Expression::Identifier(of), _) if matches!(&*of.name, "Object" | "Array") => {
                call.arguments.first().and_then(Argument::as_expression)
            }
            (object, name) => THROUGH.contains(&name).then_some(object),
        },
        _ => None,
    }
}

/// Whether an expression is the time, or computed of it.
fn is_time(expression: &Expression<'_>, bindings: &Bindings<'_>, deeper: usize) -> bool {
    let Some(deeper) = deeper.checked_sub(1) else { return false };
    let is_time = |expression: &Expression<'_>| self::is_time(expression, bindings, deeper);
    match expression {
        Expression::CallExpression(call) => {
            let is_clock = last_name(&call.callee).is_some_and(|name| CLOCKS.contains(&plain(name)));
            is_clock || call.arguments.iter().filter_map(Argument::as_expression).any(is_time)
        }
        Expression::NewExpression(new) => new.arguments.is_empty() && last_name(&new.callee) == Some("Date"),
        Expression::BinaryExpression(both) => {
            let computes = matches!(
                both.operator,
                BinaryOperator::Addition
                    | BinaryOperator::Subtraction
                    | BinaryOperator::Multiplication
                    | BinaryOperator::Division
            );
            computes && (is_time(&both.left) || is_time(&both.right))
        }
        Expression::UnaryExpression(one) => is_time(&one.argument),
        Expression::ParenthesizedExpression(inner) => is_time(&inner.expression),
        Expression::Identifier(variable) => {
            variable.name == "now" || bindings.only_value(variable).is_some_and(is_time)
        }
        _ => false,
    }
}

/// What is compared with the time: `it.at` of `Date.now() - it.at`.
fn dated<'e, 'a>(expression: &'e Expression<'a>, deeper: usize) -> Option<&'e Expression<'a>> {
    let deeper = deeper.checked_sub(1)?;
    match expression {
        Expression::BinaryExpression(both) => {
            dated(&both.left, deeper).or_else(|| dated(&both.right, deeper))
        }
        Expression::UnaryExpression(one) => dated(&one.argument, deeper),
        Expression::ParenthesizedExpression(inner) => dated(&inner.expression, deeper),
        Expression::CallExpression(call) => match method(&call.callee)? {
            (Expression::Identifier(_), _) => None,
            (object, _) => dated(object, deeper),
        },
        Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_) => Some(expression),
        Expression::Identifier(variable) if variable.name != "now" => Some(expression),
        _ => None,
    }
}

/// What else must hold for an expression to count: what stands beside it or around it in its function.
fn tests_around<'a>(node: &AstNode<'a>, tree: &'a Tree<'a>) -> Vec<&'a Expression<'a>> {
    let mut tests = Vec::new();
    let mut below = node.kind().span();
    for above in tree.ancestors(node) {
        match above.kind() {
            AstKind::LogicalExpression(both) if both.operator == LogicalOperator::And => {
                let is_left = both.left.span().contains_inclusive(below);
                tests.push(if is_left { &both.right } else { &both.left });
            }
            AstKind::IfStatement(choice) if !choice.test.span().contains_inclusive(below) => {
                tests.push(&choice.test);
            }
            AstKind::ConditionalExpression(choice) if !choice.test.span().contains_inclusive(below) => {
                tests.push(&choice.test);
            }
            AstKind::BlockStatement(block) => tests.extend(left_before(&block.body, below)),
            AstKind::FunctionBody(body) => tests.extend(left_before(&body.statements, below)),
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => break,
            _ => {}
        }
        below = above.kind().span();
    }
    tests
}

/// Without what a bundler puts behind a name that others have as well: `now$2`.
fn plain(name: &str) -> &str {
    let without = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    without.strip_suffix(['$', '_']).filter(|plain| !plain.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::super::tests::indexed;
    use super::super::{Act, slice};

    /// The comparison of ages by which the function at `/*here*/` takes something out of `m`.
    #[track_caller]
    fn check(text: &str, age: Option<&str>) {
        let (index, here) = indexed(text);
        let (at, _) = index.declaration("m", &[0]).expect("a variable");
        let target = index.target_of_variable(at);
        let traces = index.traces(&target, &[Act::Remove]);
        let taken = traces.uses.first().expect("something takes out").at;
        let found = index.swept_by(here, taken).map(|span| slice(text, span));
        assert_eq!(found, age, "{text}");
    }

    #[test]
    fn what_takes_out_by_age_is_a_sweep() {
        let sweep = |test: &str| {
            format!(
                "const m = new Map();\nlet last = 0;\nsetInterval(/*here*/() => {{\n\
                   for (const [key, it] of m) if ({test}) m.delete(key);\n}}, 1000);"
            )
        };
        for age in [
            "Date.now() - it.at > 60_000",
            "it.expires <= Date.now()",
            "it.until < new Date()",
            "it.until.getTime() < limit",
            "Date.now() - it > 60_000",
            "performance.now() > it.until",
            "now$2() >= it.until",
        ] {
            check(&sweep(age), Some(age));
        }
        check(&sweep("it.until && it.until < Date.now()"), Some("it.until < Date.now()"));
        check(&sweep("it && it.until < Date.now()"), Some("it.until < Date.now()"));
        check(&sweep("it.isClosed && it.until < Date.now()"), None);
        check(&sweep("it.until < Date.now() && it.isClosed"), None);
        check(&sweep("Date.now() - last > 60_000"), None);
        check(&sweep("it.isClosed"), None);
        check(&sweep("it.tries > 3"), None);
        check(&sweep("Date.now() === it.at"), None);
    }

    #[test]
    fn what_is_left_out_before_is_not_taken_out_by_age() {
        let sweep = |before: &str| {
            format!(
                "const m = new Map();\nsetInterval(/*here*/() => {{\n  for (const [key, it] of m) {{\n    {before}\n    \
                 if (it.until < Date.now()) m.delete(key);\n  }}\n}}, 1000);"
            )
        };
        check(&sweep("if (!it.until) continue;"), Some("it.until < Date.now()"));
        check(&sweep("if (it.isOpen) continue;"), None);
    }

    #[test]
    fn what_goes_through_something_else_takes_nothing_out_by_its_age() {
        let sweep = |through: &str| {
            format!(
                "const m = new Map();\nconst other = new Map();\nsetInterval(/*here*/() => {{\n\
                   {through} {{ if (it.until < Date.now()) m.delete(key); }}\n}}, 1000);"
            )
        };
        let age = Some("it.until < Date.now()");
        for through in [
            "for (const [key, it] of m.entries())",
            "for (const key of Object.keys(m))",
            "for (const key in m)",
        ] {
            check(&sweep(through), age);
        }
        check(&sweep("for (const [key, it] of other)"), None);
        let first = "const m = [];\nsetInterval(/*here*/() => {\n\
                     while (m.length && m[0].until < Date.now()) m.shift();\n}, 1000);";
        check(first, Some("m[0].until < Date.now()"));
    }

    #[test]
    fn a_sweep_calls_what_compares_and_what_takes_out() {
        check(
            "const m = new Map();\n\
             const isOver = (it) => it.until < Date.now();\n\
             function forget(key) { m.delete(key); }\n\
             setInterval(function /*here*/() { m.forEach((it, key) => { if (isOver(it)) forget(key); }); }, 1000);",
            Some("it.until < Date.now()"),
        );
        check(
            "const m = {};\nclass Cache {\n\
               sweep/*here*/() { for (const key in m) this.check(key, m[key]); }\n\
               check(key, it) { const at = Date.now(); if (it.until < at) this.del(key); }\n\
               del(key) { delete m[key]; }\n}",
            Some("it.until < at"),
        );
        check(
            "const m = [];\nfunction log() { if (Date.now() > last + 1000) print(); }\n\
             setInterval(/*here*/() => { log(); }, 1000);\nfunction next() { return m.shift(); }",
            None,
        );
    }
}
