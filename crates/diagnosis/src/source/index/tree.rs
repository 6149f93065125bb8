//! The syntax tree of one text, while facts are taken from it.

use oxc_ast::ast::IdentifierReference;
use oxc_semantic::{AstNode, Semantic, SymbolId};
use oxc_span::Span;

/// The tree from which facts are taken.
pub(super) struct Tree<'a> {
    pub(super) semantic: &'a Semantic<'a>,
    pub(super) text: &'a str,
}

impl<'a> Tree<'a> {
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
