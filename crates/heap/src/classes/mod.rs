//! Which class a node belongs to (`calculateObjectNames`, `classKeyInternal`).
//!
//! A class of a plain object is not known before somebody says which interfaces apply, so nodes are put into
//! *entries* first: things that always end up in one class. [`Names::resolve`](names::Names::resolve) then makes classes of entries.
//!
//! DevTools tells classes apart by an index into its string table while it works, and by a text, the key, when it
//! shows them. Two indices can have one text: all closures are of an added string `Function`, while an object whose
//! constructor is called `Function` is of the string in the file. Of two such classes the one that is met first
//! gives the key its place, and the one that is met last is shown; the other is in no table at all.

pub(crate) mod interfaces;
pub(crate) mod names;
pub(crate) mod table;

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::classes::interfaces::{Interface, ShapeCollector, Shapes, infer};
use crate::classes::names::{Key, NO_CLASS, Names};
use crate::classes::table::{ClassTable, markup_class};
use crate::ids::{Location, NodeId};
use crate::kinds::{EdgeType, NodeType};
use crate::read::header::Header;
use crate::read::locations::Locations;
use crate::read::nodes::Nodes;
use crate::read::snapshot::Snapshot;
use crate::read::strings::{Strings, Tag};

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
        let (sizes, shapes) = (snapshot.self_sizes(), collect_shapes(snapshot));
        let entries = Entries::new(header, nodes, sizes, strings, &snapshot.locations, shapes);
        let Entries { table, shapes, interfaces, order } = &entries;
        let names = Names::new(table, interfaces, shapes, strings);
        let shown = names.resolve(order).class_of;
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

impl Snapshot<'_> {
    /// The name of a node's class, as far as its type and its own name tell: that of a plain object is `Object` here, and by
    /// its properties in [`Classes`].
    #[must_use]
    pub fn class_name(&self, node: NodeId) -> Cow<'_, str> {
        match self.node_type(node) {
            NodeType::Object | NodeType::Native if self.strings.tag(self.name_index(node)) == Tag::Markup => {
                Cow::Owned(markup_class(&self.name(node)))
            }
            NodeType::Object | NodeType::Native => self.name(node),
            kind => Cow::Owned(kind.class_name(self.type_name(node))),
        }
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
