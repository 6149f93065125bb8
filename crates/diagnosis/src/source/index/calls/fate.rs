//! What becomes of what a call returns.

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::super::things::{Naming, Root, Step, Thing};
use super::super::tree::Tree;

/// What becomes of what a call returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super::super) enum Fate {
    /// The call stands for itself: nobody keeps it.
    Dropped,
    /// It is put there.
    Kept(Thing, Span),
    /// It is returned, or handed on.
    Unknown,
}

/// What becomes of what a call returns; `unref()` and `ref()` return the same.
pub(super) fn fate<'a>(call: &AstNode<'a>, tree: &'a Tree<'a>, naming: &mut Naming<'a, '_>) -> Fate {
    let mut below = call.kind().span();
    let mut above = tree.ancestors(call).peekable();
    while let Some(node) = above.next() {
        match node.kind() {
            AstKind::ExpressionStatement(_) => {
                // Of a function that is one expression it is the result.
                let is_result = |node: &AstNode<'_>| {
                    matches!(node.kind(),
                    AstKind::ArrowFunctionExpression(function) if function.expression)
                };
                return if above.nth(1).is_some_and(is_result) { Fate::Unknown } else { Fate::Dropped };
            }
            AstKind::ParenthesizedExpression(_)
            | AstKind::Argument(_)
            | AstKind::ChainExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSNonNullExpression(_) => {}
            AstKind::StaticMemberExpression(member) if matches!(&*member.property.name, "ref" | "unref") => {}
            AstKind::CallExpression(call) if call.callee.span() == below => {}
            AstKind::CallExpression(call) => return put_in(call, naming),
            AstKind::VariableDeclarator(declarator) => {
                let id = declarator.id.get_binding_identifier();
                let variable = |at| Thing::of(Root::Variable(at), Vec::new());
                return id.map_or(Fate::Unknown, |id| Fate::Kept(variable(id.span.start), id.span));
            }
            AstKind::AssignmentExpression(assignment) => {
                let left = &assignment.left;
                return kept(naming.target(left), left.span());
            }
            _ => return Fate::Unknown,
        }
        below = node.kind().span();
    }
    Fate::Unknown
}

/// `timers.add(setInterval(…))`, `timers.set(key, setInterval(…))`
fn put_in<'a>(call: &'a CallExpression<'a>, naming: &mut Naming<'a, '_>) -> Fate {
    match &call.callee {
        Expression::StaticMemberExpression(member)
            if matches!(&*member.property.name, "set" | "add" | "push") =>
        {
            kept(naming.thing(&member.object).with(Step::Element), member.object.span())
        }
        _ => Fate::Unknown,
    }
}

fn kept(thing: Thing, written: Span) -> Fate {
    match thing.root {
        Root::Unknown => Fate::Unknown,
        _ => Fate::Kept(thing, written),
    }
}

/// Whether nobody takes what a call, or the promise that it returns, results in.
pub(super) fn is_dropped(call: &AstNode<'_>, tree: &Tree<'_>) -> bool {
    let is_passed =
        |kind: &AstKind<'_>| matches!(kind, AstKind::AwaitExpression(_) | AstKind::ChainExpression(_));
    let mut above = tree.ancestors(call).map(AstNode::kind).skip_while(is_passed);
    let is_statement = matches!(above.next(), Some(AstKind::ExpressionStatement(_)));
    // Of a function that is one expression it is the result.
    let is_result = |kind| matches!(kind, AstKind::ArrowFunctionExpression(function) if function.expression);
    is_statement && !above.nth(1).is_some_and(is_result)
}
