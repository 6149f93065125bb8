//! Where a piece of code stands: in which function, and behind which check.

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, LogicalOperator, Statement};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::expressions::{key_name, last_name};
use super::limits::{Limit, compared, size_of};
use super::names::Name;
use super::things::{Naming, Thing};
use super::tree::Tree;

/// Functions that are handed to these run where they are written.
const RUN_AT_ONCE: &[&str] =
    &["forEach", "map", "filter", "some", "every", "find", "then", "catch", "finally", "Promise", "call"];

/// Where a piece of code stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Setting {
    pub(in super::super) within: Option<Within>,
    /// All of that function.
    pub(super) function: Option<Span>,
    /// It is a constructor.
    pub(super) is_constructor: bool,
    pub(in super::super) check: Option<Check>,
}

/// The function around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Within {
    Named(Name),
    /// It has no name; what it is handed to.
    HandedTo(Span),
}

/// What must hold for the code to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Check {
    pub(in super::super) test: Span,
    /// It compares the size of what the code is about.
    pub(in super::super) limit: Option<Limit>,
}

/// Where the code of a node stands that is about a thing.
pub(super) fn setting<'a>(
    node: &AstNode<'a>,
    thing: &Thing,
    tree: &'a Tree<'a>,
    naming: &mut Naming<'a, '_>,
) -> Setting {
    let mut setting = Setting::default();
    let mut below = node.kind().span();
    let guarded = |span: Span, holds: bool| Guarded { thing, tree, span, holds };
    for above in tree.ancestors(node) {
        match above.kind() {
            AstKind::IfStatement(choice) if choice.consequent.span().start <= below.start => {
                let holds = choice.consequent.span().contains_inclusive(below);
                setting.checks(&choice.test, &guarded(below, holds), naming);
            }
            AstKind::ConditionalExpression(choice) if choice.consequent.span().start <= below.start => {
                let holds = choice.consequent.span().contains_inclusive(below);
                setting.checks(&choice.test, &guarded(below, holds), naming);
            }
            AstKind::LogicalExpression(both) if both.right.span().start <= below.start => {
                let holds = both.operator == LogicalOperator::And;
                setting.checks(&both.left, &guarded(both.right.span(), holds), naming);
            }
            AstKind::WhileStatement(repeat) if repeat.body.span().start <= below.start => {
                if let Some(limit) = limit(&repeat.test, &guarded(repeat.body.span(), true), naming) {
                    setting.check = Some(Check { test: repeat.test.span(), limit: Some(limit) });
                }
            }
            AstKind::BlockStatement(block) => {
                setting.leaves_before(&block.body, below, &guarded(block.span, false), naming);
            }
            AstKind::FunctionBody(body) => {
                setting.leaves_before(&body.statements, below, &guarded(body.span, false), naming);
            }
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)
                if setting.ends_at(above, tree, naming) =>
            {
                break;
            }
            AstKind::PropertyDefinition(_) => {
                setting.is_constructor = true;
                break;
            }
            _ => {}
        }
        below = above.kind().span();
    }
    setting
}

/// The code that runs only where a check holds, or does not.
struct Guarded<'a, 't> {
    /// What it is about.
    thing: &'t Thing,
    tree: &'a Tree<'a>,
    span: Span,
    holds: bool,
}

impl Guarded<'_, '_> {
    /// Whether it adds one to a variable or field, as what counts the entries of a thing does where it puts one in. What is set
    /// to another value counts something else, such as those of a minute.
    fn counts(&self, counter: &Expression<'_>) -> bool {
        let is_field = match counter {
            Expression::Identifier(_) => false,
            Expression::StaticMemberExpression(_) => true,
            _ => return false,
        };
        self.tree.counts_up(counter.span(), is_field, self.span)
    }
}

impl Setting {
    /// A limit says more than what else is asked; of other checks the nearest counts.
    fn checks<'a>(
        &mut self,
        test: &'a Expression<'a>,
        guarded: &Guarded<'a, '_>,
        naming: &mut Naming<'a, '_>,
    ) {
        if let Some(limit) = limit(test, guarded, naming) {
            let limit = if guarded.holds { limit } else { limit.otherwise() };
            self.check = Some(Check { test: test.span(), limit: Some(limit) });
        } else if self.check.is_none() && !naming.is_about(test, guarded.thing) {
            self.check = Some(Check { test: test.span(), limit: None });
        }
    }

    /// `if (…) return;` before.
    fn leaves_before<'a>(
        &mut self,
        statements: &'a [Statement<'a>],
        below: Span,
        guarded: &Guarded<'a, '_>,
        naming: &mut Naming<'a, '_>,
    ) {
        for test in left_before(statements, below) {
            self.checks(test, guarded, naming);
        }
    }

    /// Whether this function is the one that the code is said to be in.
    fn ends_at<'a>(
        &mut self,
        function: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) -> bool {
        let mut above = tree.ancestors(function).filter(|node| !is_wrapping(node.kind()));
        let name = |naming: &mut Naming<'a, '_>, name: &str| Some(Within::Named(naming.names.add(name)));
        self.function = Some(function.kind().span());
        if let AstKind::Function(function) = function.kind()
            && let Some(id) = &function.id
        {
            self.within = name(naming, &id.name);
            return true;
        }
        self.within = match above.next().map(AstNode::kind) {
            Some(AstKind::MethodDefinition(method)) => {
                self.is_constructor = method.kind.is_constructor();
                key_name(&method.key).and_then(|key| name(naming, key))
            }
            Some(AstKind::PropertyDefinition(field)) => {
                key_name(&field.key).and_then(|key| name(naming, key))
            }
            Some(AstKind::ObjectProperty(property)) => {
                key_name(&property.key).and_then(|key| name(naming, key))
            }
            Some(AstKind::VariableDeclarator(declarator)) => {
                declarator.id.get_identifier_name().and_then(|id| name(naming, &id))
            }
            Some(AstKind::AssignmentExpression(assignment)) => {
                let target = assignment.left.as_simple_assignment_target();
                target
                    .and_then(|target| target.as_member_expression())
                    .and_then(|member| member.static_property_name().and_then(|last| name(naming, last)))
            }
            Some(AstKind::CallExpression(call)) => {
                // Called where it is written, or by what calls it at once.
                let is_callee = call.callee.span().contains_inclusive(function.kind().span());
                if is_callee || last_name(&call.callee).is_some_and(|last| RUN_AT_ONCE.contains(&last)) {
                    return false;
                }
                Some(Within::HandedTo(call.callee.span()))
            }
            Some(AstKind::NewExpression(new)) => {
                if last_name(&new.callee).is_some_and(|last| RUN_AT_ONCE.contains(&last)) {
                    return false;
                }
                Some(Within::HandedTo(new.callee.span()))
            }
            _ => None,
        };
        true
    }
}

fn is_wrapping(kind: AstKind<'_>) -> bool {
    matches!(kind, AstKind::Argument(_) | AstKind::ParenthesizedExpression(_) | AstKind::ChainExpression(_))
}

/// What must not hold for a block to go on as far as to a piece of code in it: `if (…) return;`.
pub(super) fn left_before<'a>(
    statements: &'a [Statement<'a>],
    below: Span,
) -> impl Iterator<Item = &'a Expression<'a>> {
    let before = statements.iter().take_while(move |statement| statement.span().end <= below.start);
    before.filter_map(|statement| match statement {
        Statement::IfStatement(choice) if choice.alternate.is_none() && leaves(&choice.consequent) => {
            Some(&choice.test)
        }
        _ => None,
    })
}

/// Whether a statement leaves the block around it.
fn leaves(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::BlockStatement(block) => block.body.last().is_some_and(leaves_at_once),
        other => leaves_at_once(other),
    }
}

fn leaves_at_once(statement: &Statement<'_>) -> bool {
    matches!(
        statement,
        Statement::ReturnStatement(_)
            | Statement::ThrowStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::BreakStatement(_)
    )
}

/// Whether a test compares the size of a thing, or what counts its entries, with something.
fn limit<'a>(
    test: &'a Expression<'a>,
    guarded: &Guarded<'a, '_>,
    naming: &mut Naming<'a, '_>,
) -> Option<Limit> {
    let mut is_entries = |side: &'a Expression<'a>, naming: &mut Naming<'a, '_>| {
        size_of(side, naming).is_some_and(|of| of == *guarded.thing) || guarded.counts(side)
    };
    compared(test, naming, &mut is_entries)
}

#[cfg(test)]
mod tests {
    use super::super::tests::indexed;
    use super::super::{Act, slice};
    use super::*;

    /// The function and the check that `m.delete` stands in.
    #[track_caller]
    fn check(text: &str, function: Option<&str>, test: Option<&str>, limit: Option<Option<u64>>) {
        let (index, here) = indexed(text);
        let (at, _) = index.declaration("m", &[here]).expect("a variable");
        let traces = index.traces(&index.target_of_variable(at), &[Act::Remove]);
        let setting = &traces.uses.first().unwrap_or_else(|| panic!("nothing in {text}")).setting;
        let within = setting.within.map(|within| match within {
            Within::Named(name) => index.text(name).to_owned(),
            Within::HandedTo(callee) => format!("({})", slice(text, callee)),
        });
        let found = setting.check.map(|check| slice(text, check.test));
        assert_eq!((within.as_deref(), found), (function, test), "{text}");
        assert_eq!(setting.check.and_then(|check| Some(check.limit?.number)), limit, "{text}");
    }

    #[test]
    fn the_function_around_is_found() {
        check("const m = new Map();\nfunction f() { m.delete(1); }", Some("f"), None, None);
        check("const m = new Map();\nexports.f = () => m.delete(1);", Some("f"), None, None);
        check(
            "const m = new Map();\nsocket.on('close', () => m.delete(1));",
            Some("(socket.on)"),
            None,
            None,
        );
        check(
            "const m = new Map();\nfunction f() { keys.forEach((key) => m.delete(key)); }",
            Some("f"),
            None,
            None,
        );
        check("const m = new Map();\nm.delete(1);", None, None, None);
    }

    #[test]
    fn the_check_before_is_found() {
        let check = |body: &str, test: Option<&str>| {
            check(&format!("const m = new Map();\nfunction f() {{ {body} }}"), Some("f"), test, None);
        };
        check("if (socket.closed) m.delete(socket);", Some("socket.closed"));
        check("if (socket.open) return;\nm.delete(socket);", Some("socket.open"));
        check("done && m.delete(socket);", Some("done"));
        check("if (done) { log(); } m.delete(socket);", None);
        check("if (m.has(key)) m.delete(key);", None);
        check("const it = m.get(key);\nif (!it) return;\nm.delete(key);", None);
        check("if (m.size > 0) m.delete(key);", None);
    }

    #[test]
    fn what_counts_the_entries_limits_them() {
        let check = |body: &str, test: &str, limit: Option<Option<u64>>| {
            let text = format!("const m = new Map();\nlet known = 0;\nfunction f() {{ {body} }}");
            super::tests::check(&text, Some("f"), Some(test), limit);
        };
        check("if (known < 500) { m.delete(key); known++; }", "known < 500", Some(Some(500)));
        check("if (known >= 500) return;\nm.delete(key);\n++known;", "known >= 500", Some(Some(500)));
        check("if (this.n < 500) { m.delete(key); this.n++; }", "this.n < 500", Some(Some(500)));
        check("if (known < 500) m.delete(key);\nknown++;", "known < 500", None);
        check("if (known < 500) { m.delete(key); known--; }", "known < 500", None);
        check("if (known < 500) { m.delete(key); known++; }\nknown = 0;", "known < 500", None);
    }

    #[test]
    fn a_limit_is_told_from_a_check() {
        let check = |body: &str, test: &str, number: Option<u64>| {
            let text = format!("const MOST = 500;\nconst m = new Map();\nfunction f() {{ {body} }}");
            super::tests::check(&text, Some("f"), Some(test), Some(number));
        };
        check("if (m.size > MOST) m.delete(first);", "m.size > MOST", Some(500));
        check("while (m.size >= limit) m.delete(first);", "m.size >= limit", None);
        check("if (m.size < 20_000) return;\nm.delete(first);", "m.size < 20_000", Some(20_000));
        check("if (on && m.size > 10) m.delete(first);", "on && m.size > 10", Some(10));
    }
}
