//! The syntax tree of one text, while facts are taken from it.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    AssignmentExpression, Expression, IdentifierReference, StaticMemberExpression, UpdateExpression,
    UpdateOperator,
};
use oxc_semantic::{AstNode, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashMap;

/// The tree from which facts are taken.
pub(super) struct Tree<'a> {
    pub(super) semantic: &'a Semantic<'a>,
    pub(super) text: &'a str,
    /// What is done to numbers, by how these are written.
    counters: FxHashMap<&'a str, Counter>,
    /// What is done to those in fields, by the fields' names.
    of_fields: FxHashMap<&'a str, Counter>,
}

/// What is done to what may count something.
#[derive(Default)]
pub(super) struct Counter {
    /// Where one is added.
    pub(super) added: Vec<Span>,
    /// Where one is taken away.
    pub(super) taken: Vec<Span>,
    /// Where it is given another value.
    pub(super) set: Vec<Span>,
    /// The last value of these that is written down as a number.
    number: Option<f64>,
}

impl Counter {
    fn update(&mut self, update: &UpdateExpression<'_>) {
        match update.operator {
            UpdateOperator::Increment => self.added.push(update.span),
            UpdateOperator::Decrement => self.taken.push(update.span),
        }
    }

    fn assign(&mut self, assignment: &AssignmentExpression<'_>) {
        self.set.push(assignment.span);
        if let Expression::NumericLiteral(number) = &assignment.right {
            self.number = Some(number.value);
        }
    }
}

impl<'a> Tree<'a> {
    pub(super) fn of(semantic: &'a Semantic<'a>, text: &'a str) -> Self {
        let mut counters: FxHashMap<&str, Counter> = FxHashMap::default();
        let mut of_fields: FxHashMap<&str, Counter> = FxHashMap::default();
        for node in semantic.nodes() {
            match node.kind() {
                AstKind::UpdateExpression(update) => {
                    let written = slice(text, update.argument.span());
                    counters.entry(written).or_default().update(update);
                    if let Some(field) =
                        update.argument.as_member_expression().and_then(|of| of.static_property_name())
                    {
                        of_fields.entry(field).or_default().update(update);
                    }
                }
                AstKind::AssignmentExpression(assignment) => {
                    let written = slice(text, assignment.left.span());
                    counters.entry(written).or_default().assign(assignment);
                    if let Some(field) =
                        assignment.left.as_member_expression().and_then(|of| of.static_property_name())
                    {
                        of_fields.entry(field).or_default().assign(assignment);
                    }
                }
                _ => {}
            }
        }
        Self { semantic, text, counters, of_fields }
    }

    /// Whether code adds one to something that is given no other value but its first, which of a field stands in a constructor.
    pub(super) fn counts_up(&self, counter: Span, is_field: bool, within: Span) -> bool {
        let counter = self.counter(counter).filter(|counter| counter.set.len() <= usize::from(is_field));
        counter.is_some_and(|counter| counter.added.iter().any(|added| within.contains_inclusive(*added)))
    }

    /// What is done to the number that is written so.
    pub(super) fn counter(&self, written: Span) -> Option<&Counter> {
        self.counters.get(self.slice(written))
    }

    /// What is done to the numbers in fields of this name, of whatever object.
    pub(super) fn counter_in_field(&self, name: &str) -> Option<&Counter> {
        self.of_fields.get(name)
    }

    /// The number that a constant is given, in the one place that gives it a value: `limits.MOST = 500`.
    pub(super) fn constant(&self, member: &StaticMemberExpression<'_>) -> Option<f64> {
        let is_constant = !member.property.name.contains(|letter: char| letter.is_lowercase());
        self.counter(member.span).filter(|known| is_constant && known.set.len() == 1)?.number
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        slice(self.text, span)
    }

    pub(super) fn ancestors(&self, node: &AstNode<'_>) -> impl Iterator<Item = &'a AstNode<'a>> + use<'a> {
        self.semantic.nodes().ancestors(node.id())
    }

    /// The variable that code names; none if it is not declared in this script.
    pub(super) fn symbol(&self, variable: &IdentifierReference<'_>) -> Option<SymbolId> {
        self.semantic.scoping().get_reference(variable.reference_id.get()?).symbol_id()
    }
}

/// The piece of a text that a span stands for.
pub(in super::super) fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

pub(super) fn contains(span: Span, at: u32) -> bool {
    span.start <= at && at < span.end
}
