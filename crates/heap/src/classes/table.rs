//! The entry that each node is in: things that always end up in one class.

use rustc_hash::FxHashMap;

use crate::classes::interfaces::Shapes;
use crate::ids::Location;
use crate::kinds::NodeType;
use crate::read::header::Header;
use crate::read::locations::Locations;
use crate::read::nodes::Nodes;
use crate::read::strings::{Strings, Tag};

/// What always ends up in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entry {
    /// Nodes named by this string of the file.
    Named(u32),
    /// Nodes of a name that DevTools adds, like `(system)`.
    Added(u32),
    /// Plain objects of this shape.
    Shape(u32),
    /// Objects of another entry whose constructor stands here.
    Located(u32, Location),
}

/// The entries of a snapshot and the entry of each node.
#[derive(Debug)]
pub(crate) struct ClassTable {
    pub(super) entries: Vec<Entry>,
    /// By node.
    pub(crate) entry_of: Vec<u32>,
    pub(super) added: Vec<String>,
    /// The string `Object` of the file.
    pub(super) object: u32,
}

impl ClassTable {
    /// Puts each node into an entry. `shape_of` has the shapes of the plain objects, in the order of the nodes.
    pub(super) fn new(
        header: &Header,
        nodes: &Nodes,
        strings: &Strings<'_>,
        locations: &Locations,
        shapes: &Shapes,
        shape_of: &[u32],
    ) -> Self {
        let mut builder = Builder {
            table: Self {
                entries: (0..shapes.len() as u32).map(Entry::Shape).collect(),
                entry_of: Vec::with_capacity(nodes.len()),
                added: Vec::new(),
                object: 0,
            },
            added: FxHashMap::default(),
            by_code: [None; 256],
            by_name: vec![u32::MAX; strings.len()],
            located: FxHashMap::default(),
        };
        let mut locations = locations.iter().peekable();
        let mut shape_of = shape_of.iter();
        for node in 0..nodes.len() {
            let kind = nodes.kind(header, node);
            let name = nodes.names[node];
            let mut entry = match kind {
                NodeType::Object if strings.tag(name) == Tag::Object => {
                    builder.table.object = name;
                    *shape_of.next().expect("each plain object has a shape")
                }
                NodeType::Object | NodeType::Native => builder.named(name, strings),
                _ => builder.typed(nodes.codes[node], header),
            };
            while locations.peek().is_some_and(|(at, _)| (*at as usize) < node) {
                locations.next();
            }
            if kind == NodeType::Object
                && let Some((_, location)) = locations.next_if(|(at, _)| *at as usize == node)
            {
                entry = builder.located(entry, location);
            }
            builder.table.entry_of.push(entry);
        }
        builder.table
    }

    /// The entries that any node with bytes is in, by their first such node.
    pub(super) fn order(&self, sizes: &[u32]) -> Vec<u32> {
        let mut order = Vec::new();
        let mut met = vec![false; self.entries.len()];
        for (&entry, &size) in self.entry_of.iter().zip(sizes) {
            if size != 0 && !std::mem::replace(&mut met[entry as usize], true) {
                order.push(entry);
            }
        }
        order
    }
}

/// Numbers entries as they are met.
struct Builder {
    table: ClassTable,
    /// By the text that DevTools would add, its place in [`ClassTable::added`] and its entry.
    added: FxHashMap<String, u32>,
    /// By V8's code of a type whose nodes are all of one class.
    by_code: [Option<u32>; 256],
    /// By string; `u32::MAX` where there is no entry yet.
    by_name: Vec<u32>,
    located: FxHashMap<(u32, Location), u32>,
}

impl Builder {
    fn push(&mut self, entry: Entry) -> u32 {
        self.table.entries.push(entry);
        self.table.entries.len() as u32 - 1
    }

    fn add(&mut self, text: String) -> u32 {
        if let Some(&entry) = self.added.get(&text) {
            return entry;
        }
        let entry = self.push(Entry::Added(self.table.added.len() as u32));
        self.table.added.push(text.clone());
        self.added.insert(text, entry);
        entry
    }

    /// Nodes whose class is their name, cut short if they are DOM nodes.
    #[inline]
    fn named(&mut self, name: u32, strings: &Strings<'_>) -> u32 {
        let known = self.by_name[name as usize];
        if known != u32::MAX {
            return known;
        }
        let entry = match strings.tag(name) {
            Tag::Markup => self.add(markup_class(&strings.get(name))),
            _ => self.push(Entry::Named(name)),
        };
        self.by_name[name as usize] = entry;
        entry
    }

    /// Nodes whose class is their type.
    #[inline]
    fn typed(&mut self, code: u8, header: &Header) -> u32 {
        if let Some(entry) = self.by_code[usize::from(code)] {
            return entry;
        }
        let at = usize::from(code);
        let entry = self.add(header.node_types[at].class_name(&header.node_type_names[at]));
        self.by_code[usize::from(code)] = Some(entry);
        entry
    }

    fn located(&mut self, base: u32, location: Location) -> u32 {
        if let Some(&entry) = self.located.get(&(base, location)) {
            return entry;
        }
        let entry = self.push(Entry::Located(base, location));
        self.located.insert((base, location), entry);
        entry
    }
}

/// `<div id="a">` is of class `<div>`, and `Detached <div id="a">` of `Detached <div>`.
pub(super) fn markup_class(name: &str) -> String {
    let tag_at = if name.starts_with('<') { 0 } else { "Detached <".len() };
    match name[tag_at..].find(' ') {
        Some(space) => format!("{}>", &name[..tag_at + space]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_cut_at_the_first_space() {
        #[track_caller]
        fn check(name: &str, expected: &str) {
            assert_eq!(markup_class(name), expected);
        }
        check("<div id=\"a\" class=\"b\">", "<div>");
        check("<div>", "<div>");
        check("Detached <div id=\"a\">", "Detached <div>");
        check("Detached <div>", "Detached <div>");
    }
}
