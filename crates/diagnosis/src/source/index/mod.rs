//! What a script's syntax tree says, kept as facts when the tree is gone. Offsets are bytes of the text.
//!
//! The tree is walked once, and each of four files takes from it what its questions need: what is declared and exported
//! (`declarations`), what is called and handed on (`calls`), what is put where (`writes`), and what the parts of a script
//! are called (`parts`). Names are numbers (`names`), and longer pieces of the text are spans of it.

mod calls;
mod declarations;
mod expressions;
mod names;
mod parts;
mod writes;

use oxc_semantic::{AstNode, Semantic};
use oxc_span::Span;

pub(super) use calls::Call;
use calls::Calls;
use declarations::Declarations;
use names::Names;
use parts::Parts;
pub(super) use writes::By;
use writes::Writes;

/// The facts of one script.
#[derive(Default)]
pub(super) struct Index {
    names: Names,
    declarations: Declarations,
    calls: Calls,
    writes: Writes,
    parts: Parts,
    /// How many nodes lie above the lowest one of the tree.
    #[cfg(any(test, fuzzing))]
    pub(super) depth: usize,
}

/// The tree from which facts are taken.
struct Tree<'a> {
    semantic: &'a Semantic<'a>,
    text: &'a str,
}

impl Index {
    /// Takes the facts from the tree of a text.
    pub(super) fn of(semantic: &Semantic<'_>, text: &str) -> Self {
        let tree = Tree { semantic, text };
        let mut index = Self::default();
        index.declarations.variables(&tree, &mut index.names);
        for node in semantic.nodes() {
            index.declarations.see(node, &tree, &mut index.names);
            index.calls.see(node, &tree, &mut index.names);
            index.writes.see(node, &mut index.names);
            index.parts.see(node, &mut index.names);
        }
        #[cfg(any(test, fuzzing))]
        index.measure(semantic);
        index
    }
}

impl<'a> Tree<'a> {
    fn slice(&self, span: Span) -> &'a str {
        slice(self.text, span)
    }

    fn ancestors(&self, node: &AstNode<'_>) -> impl Iterator<Item = &'a AstNode<'a>> + use<'a> {
        self.semantic.nodes().ancestors(node.id())
    }
}

/// The piece of a text that a span stands for.
pub(super) fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

fn contains(span: Span, at: u32) -> bool {
    span.start <= at && at < span.end
}

#[cfg(any(test, fuzzing))]
impl Index {
    fn measure(&mut self, semantic: &Semantic<'_>) {
        let mut depths: Vec<usize> = Vec::new();
        for node in semantic.nodes() {
            let parent = semantic.nodes().parent_id(node.id()).index();
            depths.push(depths.get(parent).map_or(0, |depth| depth + 1));
        }
        self.depth = depths.into_iter().max().unwrap_or(0);
    }

    /// Asks all that can be asked of a text of which nothing is known.
    pub(super) fn ask_everything(&self, text: &str) {
        let length = u32::try_from(text.len()).unwrap_or(0);
        for at in [0, length / 2, length] {
            let _ = (self.declaration("a", &[at]), self.field("a", Some(at)), self.call_with(at));
            let _ = (self.name_around(at), self.class_name_around(at), self.property_within(at, "a"));
        }
        let _ = (self.package_use("a", "A"), self.maker("A"), self.reload(), self.exported());
        let _ = (self.insertion("a"), self.call_naming("a", &["a"]), self.call_in("a", &["a"]));
        let _ = (self.named("a"), self.global("a"), self.literal(&["a".to_owned()], "a"));
        let _ = (self.assignment(text, None, "a"), self.assignment(text, Some("a"), "a"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// The facts of a text, and where `/*here*/` ends in it.
    #[track_caller]
    pub(super) fn indexed(text: &str) -> (Index, u32) {
        let here = text.find("/*here*/").map_or(0, |at| at + "/*here*/".len());
        (parse::index("a.js", text).expect("it parses"), here as u32)
    }

    /// The answer must begin where the text goes on like this.
    #[track_caller]
    pub(super) fn check(text: &str, expected: &str, ask: impl FnOnce(&Index, u32) -> Option<u32>) {
        let (index, here) = indexed(text);
        let line = ask(&index, here).map(|at| text[at as usize..].lines().next().unwrap_or_default());
        assert!(line.is_some_and(|line| line.starts_with(expected)), "{line:?} is not {expected:?}");
    }

    #[test]
    fn long_chains_of_operators_do_not_overflow() {
        let (index, _) = indexed(&format!("const a = {}1;", "1 + ".repeat(20_000)));
        assert!(index.declaration("a", &[]).is_some());
    }
}
