//! What entries are called, and so which of them are one class, once it is known which interfaces apply.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::classes::interfaces::{Interface, Shapes, apply};
use crate::classes::table::{ClassTable, Entry};
use crate::ids::Location;
use crate::read::strings::Strings;

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

impl<'t> Names<'t> {
    /// What the entries are called under these interfaces.
    pub(crate) fn new(
        table: &'t ClassTable,
        interfaces: &'t [Interface],
        shapes: &Shapes,
        strings: &'t Strings<'_>,
    ) -> Self {
        Self { table, strings, interfaces, matched: apply(interfaces, shapes, strings) }
    }

    /// Makes classes of entries. `order` has the entries that any node with bytes is in, by their first such node.
    pub(crate) fn resolve(&self, order: &[u32]) -> Resolved {
        let mut classes = Resolved { class_of: vec![NO_CLASS; self.table.entries.len()], keys: Vec::new() };
        let mut by_text: FxHashMap<String, u32> = FxHashMap::default();
        let mut by_identity: FxHashMap<Identity, u32> = FxHashMap::default();
        // For each class, who is shown under its key.
        let mut shown: Vec<Option<Identity>> = Vec::new();
        for &entry in order {
            let identity = self.identity(entry);
            if let Some(class) = identity.and_then(|identity| by_identity.get(&identity)) {
                classes.class_of[entry as usize] = *class;
                continue;
            }
            let class = *by_text.entry(self.key(entry)).or_insert_with_key(|text| {
                classes.keys.push(self.full_key(entry, text.clone()));
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
            if self.identity(entry) != shown[*class as usize] {
                *class = NO_CLASS;
            }
        }
        classes
    }

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

    pub(super) fn full_key(&self, entry: u32, text: String) -> Key {
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
