//! What a script's syntax tree says, kept as facts when the tree is gone. Offsets are bytes of the text.
//!
//! The tree is walked once, and each of five files takes from it what its questions need: what is declared and exported
//! (`declarations`), what is called and handed on (`calls`), what is put where (`writes`) and taken out (`removals`), and what
//! the parts of a script are called (`parts`). Names are numbers (`names`), and longer pieces of the text are spans of it.

mod calls;
mod declarations;
mod expressions;
mod names;
mod parts;
mod removals;
mod tree;
mod writes;

use oxc_semantic::Semantic;

pub(super) use calls::Call;
use calls::Calls;
use declarations::Declarations;
use names::{Name, Names};
use parts::Parts;
use removals::{Removal, Removals};
pub(super) use removals::{STOP, Taking};
use tree::Tree;
pub(super) use tree::slice;
pub(super) use writes::By;
use writes::{Insertion, Writes};

/// The facts of one script.
#[derive(Default)]
pub(super) struct Index {
    names: Names,
    declarations: Declarations,
    calls: Calls,
    writes: Writes,
    removals: Removals,
    parts: Parts,
    /// How many nodes lie above the lowest one of the tree.
    #[cfg(any(test, fuzzing))]
    pub(super) depth: usize,
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
            index.removals.see(node, &mut index.names);
            index.parts.see(node, &mut index.names);
        }
        #[cfg(any(test, fuzzing))]
        index.measure(semantic);
        index
    }
}

/// The questions. Where a name is asked for that the script does not have, nothing needs to be looked through.
impl Index {
    /// Where the variable that code at `inside` sees under this name is declared.
    ///
    /// The flag says that it only stands there for something that another file declares.
    pub(super) fn declaration(&self, name: &str, inside: &[u32]) -> Option<(u32, bool)> {
        self.declarations.declaration(self.names.find(name)?, inside)
    }

    /// The first use of what a package exports, `session({…})` after `const session = require('express-session')`; one
    /// that is called like `class` before all others.
    pub(super) fn package_use(&self, package: &str, class: &str) -> Option<&Call> {
        let locals = self.declarations.locals_of(package, &self.names);
        self.calls.first_of(&locals, self.names.find(class))
    }

    /// The first call that is called like a class: `new Worker(…)`, `AbortSignal.any(…)`, `fs.createReadStream(…)` for
    /// `ReadStream`, `performance.mark(…)` for `PerformanceMark`.
    pub(super) fn maker(&self, class: &str) -> Option<&Call> {
        self.calls.maker(class, &self.names)
    }

    /// Where modules are loaded again: `require.cache` is touched, or `require` is called with what is not a literal.
    pub(super) fn reload(&self) -> Option<u32> {
        self.declarations.reload()
    }

    /// Where the one thing that a module exports is declared (or exported, if it has no name), and its name.
    pub(super) fn exported(&self) -> Option<(u32, Option<&str>)> {
        let (at, name) = self.declarations.exported()?;
        Some((at, name.map(|name| self.names.text(name))))
    }

    /// Where the class (or constructor function) whose parameters begin at `constructor` gives itself this field.
    pub(super) fn field(&self, name: &str, constructor: Option<u32>) -> Option<u32> {
        let class = constructor.and_then(|at| self.parts.class_around(at));
        self.writes.field(self.names.find(plain(name))?, class)
    }

    /// The first place where something is put into the container.
    pub(super) fn insertion(&self, name: &str) -> Option<&Insertion> {
        self.writes.insertion(self.names.find(plain(name))?)
    }

    /// The first place where something is taken out of the container.
    pub(super) fn removal(&self, name: &str) -> Option<Removal> {
        self.removals.first_of(self.names.find(plain(name))?)
    }

    /// Whether the container is handed to a function.
    pub(super) fn is_handed_on(&self, name: &str) -> bool {
        self.names.find(plain(name)).is_some_and(|name| self.removals.is_handed_on(name))
    }

    /// Whether any timer is stopped.
    pub(super) fn stops_timers(&self) -> bool {
        self.removals.stops_timers()
    }

    /// The call to which the function whose parameters begin at `at` is handed.
    pub(super) fn call_with(&self, at: u32) -> Option<&Call> {
        self.calls.with(at)
    }

    /// The first call of one of `callees` that is handed the function of this name, bound or not.
    pub(super) fn call_naming(&self, function: &str, callees: &[&str]) -> Option<&Call> {
        self.calls.naming(self.names.find(function)?, &self.all_of(callees))
    }

    /// The first call of one of `callees` in the class or function of this name.
    pub(super) fn call_in(&self, part: &str, callees: &[&str]) -> Option<&Call> {
        self.calls.within(self.parts.span_of(self.names.find(part)?)?, &self.all_of(callees))
    }

    /// Where the class, function or method of this name is written.
    pub(super) fn named(&self, name: &str) -> Option<u32> {
        Some(self.parts.span_of(self.names.find(name)?)?.start)
    }

    /// Where the object that is assigned at a declaration gets this property.
    pub(super) fn property_within(&self, declaration: u32, name: &str) -> Option<u32> {
        self.writes.property_within(declaration, self.names.find(name)?)
    }

    /// Where an object is written down that has most of these fields, `name` among them, and how many it has.
    pub(super) fn literal(&self, fields: &[String], name: &str) -> Option<(usize, u32)> {
        let known: Vec<Name> = fields.iter().filter_map(|field| self.names.find(field)).collect();
        let most_of = |known: usize| known * 3 >= fields.len() * 2;
        self.writes.literal(&known, self.names.find(name)?).filter(|(known, _)| most_of(*known))
    }

    /// Where something other than `this` is given a property: `owner`, if that is known, such as `Cart.prototype`; else
    /// the property is what is made there, for a name alone says little.
    pub(super) fn assignment(&self, text: &str, owner: Option<&str>, name: &str) -> Option<u32> {
        self.writes.assignment(text, owner, self.names.find(name)?)
    }

    /// Where a global variable gets its value, by its name alone or as a property of the global object.
    pub(super) fn global(&self, name: &str) -> Option<u32> {
        self.writes.global(self.names.find(name)?)
    }

    /// The class or function around an offset, by name: what people call that part of the program.
    pub(super) fn name_around(&self, at: u32) -> Option<&str> {
        Some(self.names.text(self.parts.name_around(at)?))
    }

    /// The class around an offset, by name.
    pub(super) fn class_name_around(&self, at: u32) -> Option<&str> {
        Some(self.names.text(self.parts.class_name_around(at)?))
    }

    fn all_of(&self, names: &[&str]) -> Vec<Name> {
        names.iter().filter_map(|name| self.names.find(name)).collect()
    }
}

/// A private field is called like one that is not.
fn plain(name: &str) -> &str {
    name.trim_start_matches('#')
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
        let _ = (self.removal("a"), self.is_handed_on("a"), self.stops_timers());
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
