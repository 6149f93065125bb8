//! The syntax tree of one text, while facts are taken from it.

use oxc_ast::AstKind;
use oxc_ast::ast::{IdentifierReference, UpdateOperator};
use oxc_semantic::{AstNode, Semantic, SymbolId};
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashMap;

/// The tree from which facts are taken.
pub(super) struct Tree<'a> {
    pub(super) semantic: &'a Semantic<'a>,
    pub(super) text: &'a str,
    /// Where one is added to something, as it is written, and how often it is given another value.
    counters: FxHashMap<&'a str, Counter>,
}

/// What is done to what counts.
#[derive(Default)]
struct Counter {
    added: Vec<Span>,
    set: u32,
}

impl<'a> Tree<'a> {
    pub(super) fn of(semantic: &'a Semantic<'a>, text: &'a str) -> Self {
        let mut counters: FxHashMap<&str, Counter> = FxHashMap::default();
        for node in semantic.nodes() {
            match node.kind() {
                AstKind::UpdateExpression(update) if update.operator == UpdateOperator::Increment => {
                    let counter = counters.entry(slice(text, update.argument.span())).or_default();
                    counter.added.push(update.span);
                }
                AstKind::AssignmentExpression(assignment) => {
                    counters.entry(slice(text, assignment.left.span())).or_default().set += 1;
                }
                _ => {}
            }
        }
        Self { semantic, text, counters }
    }

    /// Whether code adds one to something that is given no other value but its first, which of a field stands in a constructor.
    pub(super) fn counts_up(&self, counter: Span, is_field: bool, within: Span) -> bool {
        let counter = self.counters.get(self.slice(counter));
        let counter = counter.filter(|counter| counter.set <= u32::from(is_field));
        counter.is_some_and(|counter| counter.added.iter().any(|added| within.contains_inclusive(*added)))
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
