//! What a script's syntax tree says, kept as facts when the tree is gone. Offsets are bytes of the text.
//!
//! The tree is walked, and each of these files takes from it what its questions need: what is declared (`declarations`) and
//! exported (`exports`), what is called and handed on (`calls`), what has no variable (`writes`), what is done with things
//! (`uses`, `acts`, `guards`), how many and how old they are (`limits`, `ages`), what things are made with (`sizes`), and what the parts of a script are called (`parts`). Names are numbers
//! (`names`), and longer pieces of the text are
//! spans of it.
//!
//! Which object a piece of code names (`things`) is told by the scope of its variables (`bindings`) and by whose `this` it is
//! (`receivers`). What is done with one object is asked by all the names that the script has for it (`traces`), and what one function
//! may leave behind by what it does and calls itself (`keeps`, `bodies`).

mod acts;
mod ages;
mod bindings;
mod bodies;
mod calls;
mod declarations;
mod exports;
mod expressions;
mod guards;
mod keeps;
mod limits;
mod names;
mod parts;
mod questions;
mod receivers;
mod setting;
mod sizes;
mod things;
mod traces;
mod tree;
mod uses;
mod writes;

use oxc_ast::AstKind;
use oxc_semantic::Semantic;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use acts::Act;
use ages::Ages;
use bindings::Bindings;
use calls::Calls;
pub(super) use calls::{Call, Fate};
use declarations::Declarations;
pub(crate) use declarations::StandsFor;
use exports::Exports;
pub(super) use keeps::{Called, Deed, Keeping};
pub(crate) use limits::Runs;
use names::Names;
use parts::Parts;
pub(super) use setting::Within;
use sizes::Sizes;
use things::Naming;
use traces::Identities;
pub(super) use traces::Target;
use tree::Tree;
pub(super) use tree::slice;
use uses::Uses;
pub(super) use uses::{Form, Use};
use writes::Writes;

/// The facts of one script.
#[derive(Default)]
pub(super) struct Index {
    names: Names,
    declarations: Declarations,
    calls: Calls,
    writes: Writes,
    identities: Identities,
    sizes: Sizes,
    parts: Parts,
    ages: Ages,
    /// How many nodes lie above the lowest one of the tree.
    #[cfg(any(test, fuzzing))]
    pub(super) depth: usize,
}

impl Index {
    /// Takes the facts from the tree of a text.
    pub(super) fn of(semantic: &Semantic<'_>, text: &str) -> Self {
        let tree = Tree::of(semantic, text);
        let mut index = Self::default();
        let bindings = Bindings::of(&tree, &mut index.names);
        index.declarations.variables(&tree, &mut index.names);
        let mut naming = Naming { bindings: &bindings, names: &mut index.names, known: FxHashMap::default() };
        let (mut uses, mut exports, mut extending) =
            (Uses::default(), Exports::default(), FxHashSet::default());
        for node in semantic.nodes() {
            index.calls.see(node, &tree, &mut naming);
            uses.see(node, &tree, &mut naming);
            exports.see(node.kind(), &tree, &mut naming);
            index.ages.see(node, &tree, &mut naming);
            index.declarations.see(node, &tree, naming.names);
            index.writes.see(node, naming.names);
            index.sizes.see(node, naming.names);
            index.parts.see(node, naming.names);
            if let AstKind::Class(class) = node.kind()
                && class.super_class.is_some()
            {
                extending.insert(class.span.start);
            }
        }
        index.identities = Identities::of(uses.with_guards(), exports, extending, &naming);
        #[cfg(any(test, fuzzing))]
        index.measure(semantic);
        index
    }
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
            let _ = (self.made_with(at), self.insertion_of(at), self.call_put_in(at, &["a"]));
            let _ = (self.awaited_by(at), self.calls_rooted_in(at, "a"), self.is_within(at, at));
            let _ = (self.calls_of_decorated(at), self.calls_rooted_below(at, "a"));
            let _ = (self.name_around(at), self.class_name_around(at), self.property_within(at, "a"));
            let _ = self.swept_by(at, at);
        }
        let _ = (self.package_uses("a", "A"), self.maker("A"), self.reload(), self.exported());
        let _ = (self.call_naming("a", &["a"]), self.only_call_naming(0, "a"), self.call_in("a", &["a"]));
        let of_class = self.target_of_field(0, "a").into_iter();
        for target in [self.target_of_variable(0), self.target_of_export("a"), self.target_of_global("a")]
            .into_iter()
            .chain(of_class)
        {
            let acts = [Act::Insert, Act::Remove, Act::Assign, Act::Stop, Act::Unlisten, Act::Wait];
            let _ = (self.traces(&target, &acts).may_be_more, self.ways_out(&target));
            let _ = self.listens(&target, "a");
        }
        let _ = (self.all_calls_of("a"), self.all_calls_rooted_in("a"), self.literals_of(&["a".to_owned()]));
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
