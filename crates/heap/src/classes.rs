//! Which class a node belongs to (`calculateObjectNames`, `classKeyInternal`).
//!
//! A class of a plain object is not known before somebody says which interfaces apply, so nodes are put into
//! *entries* first: things that always end up in one class. [`ClassTable::resolve`] then makes classes of entries.
//!
//! DevTools tells classes apart by an index into its string table while it works, and by a text, the key, when it
//! shows them. Two indices can have one text: all closures are of an added string `Function`, while an object whose
//! constructor is called `Function` is of the string in the file. Of two such classes the one that is met first
//! gives the key its place, and the one that is met last is shown; the other is in no table at all.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::header::Header;
use crate::interfaces::{Interface, ShapeCollector, Shapes, apply, infer};
use crate::kinds::{EdgeType, NodeType};
use crate::locations::Locations;
use crate::nodes::Nodes;
use crate::snapshot::{Location, NodeId, Snapshot};
use crate::strings::{Strings, Tag};

/// What always ends up in one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Entry {
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
    entries: Vec<Entry>,
    /// By node.
    pub(crate) entry_of: Vec<u32>,
    added: Vec<String>,
    /// The string `Object` of the file.
    object: u32,
}

impl ClassTable {
    /// Puts each node into an entry. `shape_of` has the shapes of the plain objects, in the order of the nodes.
    fn new(
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
    fn order(&self, sizes: &[u32]) -> Vec<u32> {
        let mut order = Vec::new();
        let mut met = vec![false; self.entries.len()];
        for (&entry, &size) in self.entry_of.iter().zip(sizes) {
            if size != 0 && !std::mem::replace(&mut met[entry as usize], true) {
                order.push(entry);
            }
        }
        order
    }

    /// Makes classes of entries. `order` has the entries that any node with bytes is in, by their first such node.
    pub(crate) fn resolve(&self, names: &Names<'_>, order: &[u32]) -> Resolved {
        let mut classes = Resolved { class_of: vec![NO_CLASS; self.entries.len()], keys: Vec::new() };
        let mut by_text: FxHashMap<String, u32> = FxHashMap::default();
        let mut by_identity: FxHashMap<Identity, u32> = FxHashMap::default();
        // For each class, who is shown under its key.
        let mut shown: Vec<Option<Identity>> = Vec::new();
        for &entry in order {
            let identity = names.identity(entry);
            if let Some(class) = identity.and_then(|identity| by_identity.get(&identity)) {
                classes.class_of[entry as usize] = *class;
                continue;
            }
            let class = *by_text.entry(names.key(entry)).or_insert_with_key(|text| {
                classes.keys.push(names.full_key(entry, text.clone()));
                shown.push(None);
                classes.keys.len() as u32 - 1
            });
            classes.class_of[entry as usize] = class;
            if let Some(identity) = identity {
                by_identity.insert(identity, class);
                shown[class as usize] = Some(identity);
            }
        }
        for &entry in order {
            let class = &mut classes.class_of[entry as usize];
            if names.identity(entry) != shown[*class as usize] {
                *class = NO_CLASS;
            }
        }
        classes
    }

    /// What the entries are called under these interfaces.
    pub(crate) fn names<'t>(
        &'t self,
        interfaces: &'t [Interface],
        shapes: &Shapes,
        strings: &'t Strings<'_>,
    ) -> Names<'t> {
        Names { table: self, strings, interfaces, matched: apply(interfaces, shapes, strings) }
    }
}

/// A class of one snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);

/// The class of each node of a snapshot, under the snapshot's own interfaces.
#[derive(Debug)]
pub struct Classes {
    /// By entry.
    class_of: Vec<u32>,
    keys: Vec<Key>,
    /// By entry, [`NO_CLASS`] where its nodes are in no table.
    shown: Vec<u32>,
    /// What a comparison wants too.
    pub(crate) entries: Entries,
}

/// The entries of a snapshot, and what is needed to make classes of them.
#[derive(Debug)]
pub(crate) struct Entries {
    pub(crate) table: ClassTable,
    pub(crate) shapes: Shapes,
    pub(crate) interfaces: Vec<Interface>,
    /// The entries that any node with bytes is in, by their first such node.
    pub(crate) order: Vec<u32>,
}

impl Entries {
    /// Puts all nodes into entries, given their shapes and settled sizes.
    pub(crate) fn new(
        header: &Header,
        nodes: &Nodes,
        sizes: &[u32],
        strings: &Strings<'_>,
        locations: &Locations,
        (shapes, shape_of): (Shapes, Vec<u32>),
    ) -> Self {
        let table = ClassTable::new(header, nodes, strings, locations, &shapes, &shape_of);
        let interfaces = infer(&shapes, strings);
        let order = table.order(sizes);
        Self { table, shapes, interfaces, order }
    }
}

impl Classes {
    /// Finds the class of every node.
    #[must_use]
    pub fn compute(snapshot: &Snapshot<'_>) -> Self {
        let (header, nodes, strings) = (&snapshot.header, &snapshot.nodes, &snapshot.strings);
        let (sizes, shapes) = (snapshot.sizes(), collect_shapes(snapshot));
        let entries = Entries::new(header, nodes, sizes, strings, &snapshot.locations, shapes);
        let Entries { table, shapes, interfaces, order } = &entries;
        let names = table.names(interfaces, shapes, strings);
        let shown = table.resolve(&names, order).class_of;
        let mut by_text: FxHashMap<String, u32> = FxHashMap::default();
        let mut keys: Vec<Key> = Vec::new();
        let class_of = (0..table.entries.len() as u32)
            .map(|entry| {
                *by_text.entry(names.key(entry)).or_insert_with_key(|text| {
                    keys.push(names.full_key(entry, text.clone()));
                    keys.len() as u32 - 1
                })
            })
            .collect();
        Self { class_of, keys, shown, entries }
    }

    /// How many classes there are, those without any shown node included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no class: never, as there is always a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The class of a node.
    #[must_use]
    pub fn of(&self, node: NodeId) -> ClassId {
        ClassId(self.class_of[self.entries.table.entry_of[node.0 as usize] as usize])
    }

    /// DevTools' class key: `,NAME`, or `SCRIPT,LINE,COLUMN,NAME` for objects whose constructor has a location.
    #[must_use]
    pub fn key(&self, class: ClassId) -> &str {
        &self.keys[class.0 as usize].text
    }

    /// The name of a class.
    #[must_use]
    pub fn name(&self, class: ClassId) -> &str {
        &self.keys[class.0 as usize].name
    }

    /// Where the constructor of the class stands, if that is part of its key.
    #[must_use]
    pub fn location(&self, class: ClassId) -> Option<Location> {
        self.keys[class.0 as usize].location
    }

    /// The class with this key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Option<ClassId> {
        let at = self.keys.iter().position(|other| other.text == key)?;
        Some(ClassId(at as u32))
    }

    /// Whether DevTools counts a node with bytes in its class. Nearly always; not where two of its internal classes
    /// share a key.
    #[must_use]
    pub fn counts(&self, node: NodeId) -> bool {
        self.shown[self.entries.table.entry_of[node.0 as usize] as usize] != NO_CLASS
    }
}

/// The shapes of a snapshot's plain objects, and the shape of each, in the order of the nodes.
fn collect_shapes(snapshot: &Snapshot<'_>) -> (Shapes, Vec<u32>) {
    let mut collector = ShapeCollector::default();
    let mut shape_of = Vec::new();
    for node in snapshot.nodes() {
        if snapshot.is_plain_object(node) {
            for edge in snapshot.edges(node).filter(|edge| edge.kind == EdgeType::Property) {
                collector.property(edge.name_or_index);
            }
            shape_of.push(collector.finish_object());
        }
    }
    (collector.finish(), shape_of)
}

/// The class of what is in no table.
pub(crate) const NO_CLASS: u32 = u32::MAX;

/// The classes of a snapshot, by the order of their first node.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// By entry.
    pub(crate) class_of: Vec<u32>,
    /// By class.
    pub(crate) keys: Vec<Key>,
}

/// What a class is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// `,NAME`, or `SCRIPT,LINE,COLUMN,NAME`.
    pub(crate) text: String,
    pub(crate) name: String,
    pub(crate) location: Option<Location>,
}

/// How DevTools tells classes without a location apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Identity {
    String(u32),
    Added(u32),
    Interface(usize),
}

/// What entries are called, once it is known which interfaces apply.
pub(crate) struct Names<'t> {
    table: &'t ClassTable,
    strings: &'t Strings<'t>,
    interfaces: &'t [Interface],
    /// By shape.
    matched: Vec<Option<usize>>,
}

impl Names<'_> {
    /// The name of the class an entry is in.
    pub(crate) fn name(&self, entry: u32) -> Cow<'_, str> {
        match self.table.entries[entry as usize] {
            Entry::Named(string) => self.strings.get(string),
            Entry::Added(added) => Cow::Borrowed(&self.table.added[added as usize]),
            Entry::Shape(shape) => match self.matched[shape as usize] {
                Some(interface) => Cow::Borrowed(&self.interfaces[interface].name),
                None => Cow::Borrowed("Object"),
            },
            Entry::Located(base, _) => self.name(base),
        }
    }

    /// The key of the class an entry is in.
    pub(crate) fn key(&self, entry: u32) -> String {
        let name = self.name(entry);
        match self.location(entry) {
            None => format!(",{name}"),
            Some(Location { script_id, line, column }) => format!("{script_id},{line},{column},{name}"),
        }
    }

    fn full_key(&self, entry: u32, text: String) -> Key {
        Key { text, name: self.name(entry).into_owned(), location: self.location(entry) }
    }

    /// Where the constructor of an entry's objects stands.
    fn location(&self, entry: u32) -> Option<Location> {
        match self.table.entries[entry as usize] {
            Entry::Located(_, location) => Some(location),
            _ => None,
        }
    }

    /// None for entries that are told apart by their text.
    fn identity(&self, entry: u32) -> Option<Identity> {
        match self.table.entries[entry as usize] {
            Entry::Named(string) => Some(Identity::String(string)),
            Entry::Added(added) => Some(Identity::Added(added)),
            Entry::Shape(shape) => match self.matched[shape as usize] {
                Some(interface) => Some(Identity::Interface(interface)),
                None => Some(Identity::String(self.table.object)),
            },
            Entry::Located(..) => None,
        }
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
        let entry = self.add(match header.node_types[usize::from(code)] {
            NodeType::Hidden => "(system)".to_owned(),
            NodeType::Code => "(compiled code)".to_owned(),
            NodeType::Closure => "Function".to_owned(),
            NodeType::RegExp => "RegExp".to_owned(),
            _ => format!("({})", header.node_type_names[usize::from(code)]),
        });
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
fn markup_class(name: &str) -> String {
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
