//! Numbers that things are made with: `new Cache(350)`, `new LRUCache({ max: 250 })`, `lru(MOST)`.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, BinaryOperator, Expression, ObjectPropertyKind};
use oxc_semantic::AstNode;
use oxc_span::Span;

use super::expressions::key_name;
use super::names::{Name, Names};
use super::tree::contains;

#[derive(Default)]
pub(super) struct Sizes {
    made: Vec<Made>,
    constants: Vec<(Name, u64)>,
}

/// Something that is made by a call and given a name.
struct Made {
    /// The name and the call.
    span: Span,
    numbers: Vec<(Option<Name>, Number)>,
}

#[derive(Clone, Copy)]
enum Number {
    Written(u64),
    Constant(Name),
    /// Something else than a number, or one that is computed.
    Unknown,
}

impl Sizes {
    pub(super) fn see(&mut self, node: &AstNode<'_>, names: &mut Names) {
        match node.kind() {
            AstKind::VariableDeclarator(declarator) => {
                let Some(value) = &declarator.init else { return };
                self.made(declarator.span, value, names);
                if let (Some(name), Some(number)) = (declarator.id.get_identifier_name(), number(value)) {
                    self.constants.push((names.add(name.as_str()), number));
                }
            }
            AstKind::AssignmentExpression(assignment) => self.made(assignment.span, &assignment.right, names),
            AstKind::PropertyDefinition(field) => {
                if let Some(value) = &field.value {
                    self.made(field.span, value, names);
                }
            }
            AstKind::ObjectProperty(property) => self.made(property.span, &property.value, names),
            _ => {}
        }
    }

    fn made(&mut self, span: Span, value: &Expression<'_>, names: &mut Names) {
        let arguments = match value {
            Expression::NewExpression(new) => &new.arguments,
            Expression::CallExpression(call) => &call.arguments,
            _ => return,
        };
        let first = arguments.first().and_then(Argument::as_expression);
        let mut numbers: Vec<_> = first.map(|first| (None, given(first, names))).into_iter().collect();
        for argument in arguments {
            let Argument::ObjectExpression(options) = argument else { continue };
            for option in &options.properties {
                let ObjectPropertyKind::ObjectProperty(option) = option else { continue };
                let Some(key) = key_name(&option.key) else { continue };
                numbers.push((Some(names.add(key)), given(&option.value, names)));
            }
        }
        self.made.push(Made { span, numbers });
    }

    /// What the thing named at an offset is made with, the first argument and all options by their names: the number, if it
    /// is a known one.
    pub(super) fn made_with(&self, at: u32) -> Vec<(Option<Name>, Option<u64>)> {
        let around = self.made.iter().filter(|made| contains(made.span, at));
        let Some(made) = around.min_by_key(|made| made.span.size()) else { return Vec::new() };
        let known = |number: &Number| match number {
            Number::Written(number) => Some(*number),
            Number::Constant(name) => {
                let mut constants = self.constants.iter().filter(|(constant, _)| constant == name);
                // Of two constants of one name it is not known which.
                constants.next().filter(|_| constants.next().is_none()).map(|(_, number)| *number)
            }
            Number::Unknown => None,
        };
        made.numbers.iter().map(|(key, number)| (*key, known(number))).collect()
    }
}

fn given(value: &Expression<'_>, names: &mut Names) -> Number {
    match value {
        Expression::Identifier(constant) => Number::Constant(names.add(&constant.name)),
        _ => number(value).map_or(Number::Unknown, Number::Written),
    }
}

/// A whole number that is written down, or a product of such.
fn number(value: &Expression<'_>) -> Option<u64> {
    let literal = |value: &Expression<'_>| match value {
        Expression::NumericLiteral(literal) => Some(literal.value),
        _ => None,
    };
    let number = match value {
        Expression::BinaryExpression(product) if product.operator == BinaryOperator::Multiplication => {
            literal(&product.left)? * literal(&product.right)?
        }
        _ => literal(value)?,
    };
    (1.0..=1e15).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::indexed;

    #[track_caller]
    fn check(text: &str, expected: &[(Option<&str>, Option<u64>)]) {
        let (index, here) = indexed(text);
        assert_eq!(index.made_with(here), expected, "{text}");
    }

    #[test]
    fn the_numbers_of_what_is_made() {
        check("const /*here*/cache = new Cache(350);", &[(None, Some(350))]);
        check("const MOST = 4 * 1000; const /*here*/cache = lru(MOST);", &[(None, Some(4000))]);
        check(
            "const /*here*/pages = new LRUCache({ ttl: 60e3, max: 250 });",
            &[(None, None), (Some("ttl"), Some(60_000)), (Some("max"), Some(250))],
        );
        check("class A { constructor() { /*here*/this.cache = new Cache(6); } }", &[(None, Some(6))]);
        check("class A { /*here*/cache = new Cache(5); }", &[(None, Some(5))]);
        check("module.exports = { /*here*/cache: new Cache(5), other: new Cache(6) };", &[(None, Some(5))]);
    }

    #[test]
    fn what_is_not_written_down_is_not_known() {
        check("const /*here*/cache = new Cache(process.env.MAX);", &[(None, None)]);
        check("const /*here*/cache = new Cache(max);", &[(None, None)]);
        check("{ const MAX = 1; } { const MAX = 2; } const /*here*/cache = new Cache(MAX);", &[(None, None)]);
        check("const all = make({ /*here*/cache: new Map() }, 7);", &[]);
    }
}
