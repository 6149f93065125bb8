//! What a piece of syntax is called or makes, whatever is around it.

use oxc_ast::ast::{Argument, Expression, ObjectPropertyKind, PropertyKey, VariableDeclarator};
use oxc_span::Span;

/// The name of a property, if it is written down as one.
pub(super) fn key_name<'k>(key: &'k PropertyKey<'_>) -> Option<&'k str> {
    match key {
        PropertyKey::StaticIdentifier(key) => Some(key.name.as_str()),
        PropertyKey::PrivateIdentifier(key) => Some(key.name.as_str()),
        PropertyKey::StringLiteral(key) => Some(key.value.as_str()),
        _ => None,
    }
}

/// The module that an expression loads with `require`, as it is or wrapped by a bundler, or a member of it.
pub(super) fn required<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::CallExpression(call) if called_name(&call.callee) == Some("require") => {
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

/// The module of which an expression makes something at once: `require('pg-promise')({ … })`.
pub(super) fn made_by_module<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::CallExpression(call) => required(&call.callee),
        Expression::NewExpression(new) => required(&new.callee),
        _ => None,
    }
}

/// What a method is called on, and its name: `m.delete`, or `m['delete']` as older compilers write it.
pub(super) fn method<'e, 'a>(callee: &'e Expression<'a>) -> Option<(&'e Expression<'a>, &'e str)> {
    match callee {
        Expression::StaticMemberExpression(member) => Some((&member.object, member.property.name.as_str())),
        Expression::ComputedMemberExpression(member) => match &member.expression {
            Expression::StringLiteral(name) => Some((&member.object, name.value.as_str())),
            _ => None,
        },
        Expression::ParenthesizedExpression(inner) => method(&inner.expression),
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

/// The field of `this` at which a chain of members begins, if it goes on: `connection` of `this.connection.get`.
pub(super) fn own_field<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    let (mut at, mut field) = (expression, None);
    loop {
        (at, field) = match at {
            Expression::StaticMemberExpression(member) => {
                (&member.object, Some((member.property.name.as_str(), field.is_some())))
            }
            Expression::PrivateFieldExpression(member) => {
                (&member.object, Some((member.field.name.as_str(), field.is_some())))
            }
            Expression::ThisExpression(_) => break,
            _ => return None,
        };
    }
    field.filter(|(_, goes_on)| *goes_on).map(|(name, _)| name)
}

/// Whether an expression is a method of `this`: `this.poll`.
pub(super) fn is_of_this(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::StaticMemberExpression(member) => matches!(member.object, Expression::ThisExpression(_)),
        _ => false,
    }
}

/// A variable with a first value, and the class of which that is made an instance.
pub(super) fn instance_of<'e>(declarator: &'e VariableDeclarator<'_>) -> Option<(&'e str, Option<&'e str>)> {
    let variable = declarator.id.get_binding_identifier()?;
    let class = match declarator.init.as_ref()? {
        Expression::NewExpression(new) => last_name(&new.callee),
        _ => None,
    };
    Some((variable.name.as_str(), class))
}

/// The last name of a chain of members.
pub(super) fn last_name<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::Identifier(identifier) => Some(identifier.name.as_str()),
        Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        _ => None,
    }
}

/// What a variable is given at last by `a = (exports.a = function () { … })`.
pub(super) fn given<'e, 'a>(value: &'e Expression<'a>) -> &'e Expression<'a> {
    match value {
        Expression::ParenthesizedExpression(inner) => given(&inner.expression),
        Expression::AssignmentExpression(assignment) => given(&assignment.right),
        _ => value,
    }
}

/// What is called where a compiler has written that without its object, and where its name stands: `(0, server.render)(…)` calls the
/// import `render` (TypeScript, Babel, esbuild).
pub(super) fn imported<'e>(callee: &'e Expression<'e>) -> Option<(&'e Expression<'e>, Span)> {
    let Expression::ParenthesizedExpression(inner) = callee else { return None };
    let Expression::SequenceExpression(sequence) = &inner.expression else { return None };
    match sequence.expressions.as_slice() {
        [Expression::NumericLiteral(_), called @ Expression::StaticMemberExpression(member)] => {
            Some((called, member.property.span))
        }
        _ => None,
    }
}

/// What the variable or the field is called that an expression is.
pub(super) fn called_name<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match expression {
        Expression::PrivateFieldExpression(member) => Some(member.field.name.as_str()),
        _ => last_name(expression),
    }
}

/// What the function is called that an expression is, as it is or bound.
pub(super) fn function_name<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    let Expression::CallExpression(call) = expression else { return last_name(expression) };
    match &call.callee {
        Expression::StaticMemberExpression(member) if member.property.name == "bind" => {
            last_name(&member.object)
        }
        _ => None,
    }
}

/// Whether an expression is options that have `once: true`.
pub(super) fn is_once(expression: &Expression<'_>) -> bool {
    let Expression::ObjectExpression(options) = expression else { return false };
    options.properties.iter().any(|property| match property {
        ObjectPropertyKind::ObjectProperty(option) => {
            let is_true = matches!(&option.value, Expression::BooleanLiteral(value) if value.value);
            is_true && key_name(&option.key) == Some("once")
        }
        ObjectPropertyKind::SpreadProperty(_) => false,
    })
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
