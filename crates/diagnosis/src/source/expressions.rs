//! What a piece of syntax is called or makes, whatever is around it.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, AssignmentTarget, Expression, PropertyKey};
use oxc_semantic::AstNode;
use oxc_span::Span;

pub(super) fn contains(span: Span, at: u32) -> bool {
    span.start <= at && at < span.end
}

pub(super) fn key_is(key: &PropertyKey<'_>, name: &str) -> bool {
    match key {
        PropertyKey::StaticIdentifier(key) => key.name == name,
        PropertyKey::PrivateIdentifier(key) => key.name == name,
        PropertyKey::StringLiteral(key) => key.value == name,
        _ => false,
    }
}

pub(super) fn assigns(target: &AssignmentTarget<'_>, name: &str) -> bool {
    match target {
        AssignmentTarget::StaticMemberExpression(member) => member.property.name == name,
        AssignmentTarget::PrivateFieldExpression(member) => member.field.name == name,
        _ => false,
    }
}

/// The module that an expression loads with `require`, as it is or wrapped by a bundler, or a member of it.
pub(super) fn required<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::CallExpression(call) if is_called(&call.callee, "require") => {
            match call.arguments.first() {
                Some(Argument::StringLiteral(module)) => Some(module.value.as_str()),
                _ => None,
            }
        }
        Expression::CallExpression(call) => call.arguments.first()?.as_expression().and_then(required),
        Expression::StaticMemberExpression(member) => required(&member.object),
        _ => None,
    }
}

/// The variable at which a chain of members begins.
pub(super) fn root_name<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    let mut at = expression;
    loop {
        match at {
            Expression::Identifier(identifier) => return Some(identifier.name.as_str()),
            Expression::StaticMemberExpression(member) => at = &member.object,
            _ => return None,
        }
    }
}

/// The last name of a chain of members.
pub(super) fn last_name<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::Identifier(identifier) => Some(identifier.name.as_str()),
        Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        _ => None,
    }
}

/// Whether an expression is the function of this name, as it is or bound.
pub(super) fn names(expression: &Expression<'_>, function: &str) -> bool {
    match expression {
        Expression::CallExpression(call) => match &call.callee {
            Expression::StaticMemberExpression(member) => {
                member.property.name == "bind" && last_name(&member.object) == Some(function)
            }
            _ => false,
        },
        _ => last_name(expression) == Some(function),
    }
}

/// Whether an expression makes something to hold others: `[]`, `{}`, `new Map()`, `Object.create(null)`, `it || []`.
pub(super) fn makes(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::ArrayExpression(_) | Expression::ObjectExpression(_) | Expression::NewExpression(_) => {
            true
        }
        Expression::CallExpression(call) => root_name(&call.callee) == Some("Object"),
        Expression::LogicalExpression(either) => makes(&either.right),
        _ => false,
    }
}

/// Whether an expression is the variable or the field of this name.
pub(super) fn is_called(expression: &Expression<'_>, name: &str) -> bool {
    match expression {
        Expression::Identifier(identifier) => identifier.name == name,
        Expression::StaticMemberExpression(member) => member.property.name == name,
        Expression::PrivateFieldExpression(member) => member.field.name == name,
        _ => false,
    }
}

pub(super) fn class_name(node: &AstNode<'_>) -> Option<String> {
    let AstKind::Class(class) = node.kind() else { return None };
    class.id.as_ref().map(|id| id.name.to_string())
}

pub(super) fn function_name(node: &AstNode<'_>) -> Option<String> {
    let AstKind::Function(function) = node.kind() else { return None };
    function.id.as_ref().map(|id| id.name.to_string())
}
