//! The modules of a crate depend one way: no circle.
//!
//! A module is a file. There is an arrow from one to another where its code names something that the other defines, by
//! `use` or by a path, tests apart. A name is followed through re-exports to the file that defines it, so a parent that
//! only declares modules and passes names on has no arrow, and none leads to it. A method called on a value is not seen.
//!
//! A folder counts as one module among its siblings: whatever is in `a/` and whatever is in `b/` may depend on each other
//! in one direction only. The code of `a/mod.rs` itself is a sibling of the modules in `a/`, so a child that uses what its
//! parent defines and a parent that calls that child are a circle.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::modules::Modules;

/// The circles of one crate: each the arrows of which it consists, with a line that draws each.
pub(super) fn check(tree: &Modules<'_>) -> Vec<String> {
    let uses = tree.uses();
    let mut places: BTreeMap<&[String], BTreeMap<Arrow<'_>, Evidence<'_>>> = BTreeMap::new();
    for &(from, to, line) in &uses {
        let shared = from.iter().zip(to).take_while(|(one, other)| one == other).count();
        // The parent's own code has no name among its children.
        let arrow = (from.get(shared).map_or("", String::as_str), to.get(shared).map_or("", String::as_str));
        let evidence = Evidence { from, to, line };
        places.entry(&from[..shared]).or_default().entry(arrow).or_insert(evidence);
    }
    places.values().flat_map(|arrows| circles_among(arrows, tree)).collect()
}

type Arrow<'a> = (&'a str, &'a str);

/// What draws an arrow.
struct Evidence<'a> {
    from: &'a [String],
    to: &'a [String],
    line: usize,
}

/// One circle for each group of siblings that all reach each other: the shortest through its first member.
fn circles_among(arrows: &BTreeMap<Arrow<'_>, Evidence<'_>>, tree: &Modules<'_>) -> Vec<String> {
    let siblings: BTreeSet<&str> = arrows.keys().flat_map(|(from, to)| [*from, *to]).collect();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for sibling in &siblings {
        if settled.contains(sibling) {
            continue;
        }
        let Some(way) = way_back(sibling, arrows) else { continue };
        let group: Vec<&str> = siblings
            .iter()
            .copied()
            .filter(|other| {
                other == sibling || (reaches(sibling, other, arrows) && reaches(other, sibling, arrows))
            })
            .collect();
        settled.extend(&group);
        let steps: Vec<String> = way
            .windows(2)
            .map(|step| {
                let Evidence { from, to, line } = arrows[&(step[0], step[1])];
                format!("{}:{line} uses {}", tree.file(from), tree.name(to))
            })
            .collect();
        let members = match group.len() - (way.len() - 1) {
            0 => String::new(),
            more => format!(" ({more} more of its siblings are in the same circle)"),
        };
        found.push(format!("a circle of modules: {}{members}", steps.join(", ")));
    }
    found
}

/// The shortest way from a sibling back to itself, with it at both ends.
fn way_back<'a>(start: &'a str, arrows: &BTreeMap<Arrow<'a>, Evidence<'_>>) -> Option<Vec<&'a str>> {
    let mut came_from: HashMap<&str, &str> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for (_, to) in arrows.keys().filter(|(from, _)| *from == at) {
            if *to == start {
                let mut way = vec![start, at];
                while let Some(before) = came_from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(to) {
                came_from.insert(to, at);
                queue.push_back(to);
            }
        }
    }
    None
}

fn reaches(from: &str, to: &str, arrows: &BTreeMap<Arrow<'_>, Evidence<'_>>) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for (_, next) in arrows.keys().filter(|(from, _)| *from == at) {
            if *next == to {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::source::File;
    use super::*;

    /// The circles of a crate of these files, given below its `src`.
    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files
            .iter()
            .map(|(path, text)| File::parse(&format!("crates/a/src/{path}"), text).expect("it is Rust"))
            .collect();
        check(&Modules::of(&files, "a"))
    }

    #[test]
    fn two_modules_that_use_each_other() {
        let found = of(&[
            ("lib.rs", "mod b; mod c;"),
            ("b.rs", "use crate::c::C;\npub struct B(C);"),
            ("c.rs", "pub struct C;\nfn f() { super::b::B::new() }"),
        ]);
        let expected = "a circle of modules: crates/a/src/b.rs:1 uses c, crates/a/src/c.rs:2 uses b";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_chain_is_none() {
        let chain = [
            ("lib.rs", "mod b; mod c; use c::C;"),
            ("b.rs", "pub struct B;"),
            ("c.rs", "use crate::b::B; pub struct C(B);"),
        ];
        assert!(of(&chain).is_empty());
    }

    #[test]
    fn what_a_parent_passes_on_is_its_childs() {
        let parts = [
            ("a/mod.rs", "mod b; mod c; pub use b::B;"),
            ("a/b.rs", "pub struct B;"),
            ("a/c.rs", "use super::B;"),
        ];
        let files = [&[("lib.rs", "mod a;")], &parts[..]].concat();
        assert!(of(&files).is_empty());
    }

    #[test]
    fn a_parent_that_calls_a_child_which_uses_the_parents_own() {
        let found = of(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; pub struct A; impl A { fn f(&self) { b::f(self) } }"),
            ("a/b.rs", "use super::A; pub fn f(_: &A) {}"),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn two_folders_of_which_each_uses_the_other() {
        let found = of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "pub mod one; pub mod two;"),
            ("a/one.rs", "use crate::b::three::Three; pub struct One(Three);"),
            ("a/two.rs", "pub struct Two;"),
            ("b/mod.rs", "pub mod three; pub mod four;"),
            ("b/three.rs", "pub struct Three;"),
            ("b/four.rs", "pub struct Four(crate::a::two::Two);"),
        ]);
        assert_eq!(found.len(), 1, "no file is in a circle, both folders are: {found:?}");
    }

    #[test]
    fn a_circle_of_many_is_one() {
        let found = of(&[
            ("lib.rs", "mod b; mod c; mod d;"),
            ("b.rs", "use crate::c; pub fn b() { c::c() }"),
            ("c.rs", "pub fn c() { crate::d::d(); crate::b::b() }"),
            ("d.rs", "pub fn d() { crate::c::c() }"),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("(1 more of its siblings are in the same circle)"), "{}", found[0]);
    }

    #[test]
    fn tests_draw_no_arrow() {
        let test = "pub struct B; #[cfg(test)] mod tests { use crate::c::C; }";
        assert!(
            of(&[("lib.rs", "mod b; mod c;"), ("b.rs", test), ("c.rs", "pub struct C(crate::b::B);")])
                .is_empty()
        );
    }
}
