//! What a comparison needs to know of one snapshot, and no more: who is there, how big, of which class.
//!
//! A comparison needs no graph. So [`Census::parse`] never stores an edge: while edges go by, they settle who owns
//! whom and which properties plain objects have, and are forgotten. That is twice as fast as parsing a
//! [`Snapshot`],
//! and a series of many snapshots fits in memory.

use std::sync::OnceLock;

use tracing::debug_span;

use crate::classes::interfaces::{Interface, ShapeCollector, Shapes};
use crate::classes::names::{Names, Resolved};
use crate::classes::{Classes, Entries};
use crate::error::Error;
use crate::id_index::IdIndex;
use crate::ids::{NodeId, ObjectId};
use crate::kinds::{EdgeType, NodeType};
use crate::read::dom::{DomEdges, Renamed};
use crate::read::edges::{self, Edge};
use crate::read::header::Header;
use crate::read::locations::Locations;
use crate::read::nodes::Nodes;
use crate::read::ownership::Ownership;
use crate::read::sections::Sections;
use crate::read::snapshot::Snapshot;
use crate::read::source::Source;
use crate::read::strings::{Strings, Tag};

/// The compact columns of one snapshot: some 16 bytes a node, and no edges.
#[derive(Debug)]
pub struct Census<'a> {
    pub(crate) strings: Strings<'a>,
    node_types: Vec<NodeType>,
    codes: Vec<u8>,
    pub(crate) names: Vec<u32>,
    pub(crate) ids: Vec<u32>,
    pub(crate) sizes: Vec<u32>,
    pub(crate) entries: Entries,
    index: OnceLock<IdIndex>,
}

impl<'a> Census<'a> {
    /// Takes the census of the snapshot with these bytes. One thread does it all: in a comparison each file has one.
    ///
    /// # Errors
    ///
    /// As [`Snapshot::parse`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::read(&Source::plain(bytes, 1))
    }

    pub(crate) fn read(source: &Source<'a>) -> Result<Self, Error> {
        let mut sections = debug_span!("find sections").in_scope(|| Sections::find(source))?;
        let mut nodes = debug_span!("nodes").in_scope(|| Nodes::parse(source, &sections))?;
        let locations = debug_span!("locations").in_scope(|| Locations::parse(source, &sections))?;
        let mut strings = Strings::new(*source, std::mem::take(&mut sections.strings));
        let header = &sections.header;
        let edges = || debug_span!("edges, owners, shapes");
        let mut taken = edges().in_scope(|| take(source, &sections, &nodes, &strings))?;
        if taken.dom.propagate(header, &mut nodes, &mut strings) == Renamed::OwnedNodes {
            taken = edges().in_scope(|| take(source, &sections, &nodes, &strings))?;
        }
        let mut sizes = std::mem::take(&mut nodes.sizes);
        debug_span!("ownership").in_scope(|| taken.ownership.apply(header, &nodes, &mut sizes));
        let shapes = (taken.shapes, taken.shape_of);
        let entries = debug_span!("classes")
            .in_scope(|| Entries::new(header, &nodes, &sizes, &strings, &locations, shapes));
        let census = Self::assemble(header, nodes, sizes, strings, entries);
        // Here, each file has a thread of its own.
        census.index();
        Ok(census)
    }

    /// Keeps of a snapshot and its classes what a comparison needs, and frees its edges.
    #[must_use]
    pub fn keep(snapshot: Snapshot<'a>, classes: Classes) -> Self {
        let (Snapshot { header, strings, nodes, .. }, sizes) = snapshot.take_sizes();
        Self::assemble(&header, nodes, sizes, strings, classes.entries)
    }

    fn assemble(
        header: &Header,
        nodes: Nodes,
        sizes: Vec<u32>,
        strings: Strings<'a>,
        entries: Entries,
    ) -> Self {
        Self {
            strings,
            node_types: header.node_types.clone(),
            codes: nodes.codes,
            names: nodes.names,
            ids: nodes.ids,
            sizes,
            entries,
            index: OnceLock::new(),
        }
    }

    /// Where each id is; made when somebody asks, as it is as large as a column.
    pub(crate) fn index(&self) -> &IdIndex {
        self.index.get_or_init(|| debug_span!("id index").in_scope(|| IdIndex::of(self.ids.iter().copied())))
    }

    /// How many nodes the snapshot has, those that no table shows included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.ids.len()
    }

    /// The node with this id; of several, the first.
    #[must_use]
    pub fn node_with_id(&self, id: ObjectId) -> Option<NodeId> {
        self.index().get(id.0).map(NodeId)
    }

    /// The id of a node's object.
    #[must_use]
    pub fn object_id(&self, node: NodeId) -> ObjectId {
        ObjectId(self.ids[node.0 as usize])
    }

    /// The shallow size of a node, as DevTools shows it.
    #[must_use]
    pub fn self_size(&self, node: NodeId) -> u32 {
        self.sizes[node.0 as usize]
    }

    pub(crate) fn type_of(&self, node: usize) -> NodeType {
        self.node_types[usize::from(self.codes[node])]
    }

    pub(crate) fn names_under<'t>(&'t self, interfaces: &'t [Interface]) -> Names<'t> {
        Names::new(&self.entries.table, interfaces, &self.entries.shapes, &self.strings)
    }

    pub(crate) fn classes(&self, names: &Names<'_>) -> Resolved {
        names.resolve(&self.entries.order)
    }
}

/// What the edges of a snapshot say.
struct Taken {
    ownership: Ownership,
    dom: DomEdges,
    shapes: Shapes,
    /// Of each plain object, in the order of the nodes.
    shape_of: Vec<u32>,
}

/// Lets all edges go by once.
fn take(
    source: &Source<'_>,
    sections: &Sections,
    nodes: &Nodes,
    strings: &Strings<'_>,
) -> Result<Taken, Error> {
    let header = &sections.header;
    let mut taker = Taker {
        header,
        nodes,
        strings,
        ownership: Ownership::new(header, nodes, strings),
        dom: DomEdges::default(),
        shapes: ShapeCollector::default(),
        shape_of: Vec::new(),
        next: 0,
        source: SourceNode::default(),
    };
    edges::stream(source, sections, nodes, |from, edge| taker.edge(from, edge))?;
    taker.begin(nodes.len() as u32);
    let Taker { ownership, dom, shapes, shape_of, .. } = taker;
    Ok(Taken { ownership, dom, shapes: shapes.finish(), shape_of })
}

/// What is learned from edges while they go by, in the order of their sources.
struct Taker<'n> {
    header: &'n Header,
    nodes: &'n Nodes,
    strings: &'n Strings<'n>,
    ownership: Ownership,
    dom: DomEdges,
    shapes: ShapeCollector,
    shape_of: Vec<u32>,
    /// The node after the one whose edges go by.
    next: u32,
    source: SourceNode,
}

/// What matters of the node whose edges go by.
#[derive(Clone, Copy, Default)]
struct SourceNode {
    is_plain: bool,
    is_root: bool,
    /// Whether it passes on how it hangs in a DOM.
    is_dom: bool,
}

impl Taker<'_> {
    #[inline(always)]
    fn edge(&mut self, from: u32, edge: Edge) {
        if self.next != from + 1 {
            self.begin(from);
        }
        if self.source.is_plain && edge.kind == EdgeType::Property {
            self.shapes.property(edge.name);
        }
        if self.source.is_root {
            self.ownership.root_edge(self.header, self.nodes, self.strings, edge.target);
        }
        if self.source.is_dom {
            self.dom.edge(self.header, self.nodes, from, edge);
        }
        self.ownership.edge(from, edge);
    }

    /// Finishes the node before and those without edges in between.
    fn begin(&mut self, from: u32) {
        if self.source.is_plain {
            self.shape_of.push(self.shapes.finish_object());
        }
        for node in self.next..from {
            if self.is_plain(node) {
                self.shape_of.push(self.shapes.finish_object());
            }
        }
        self.next = from + 1;
        self.source = SourceNode::default();
        if (from as usize) < self.nodes.len() {
            self.source = SourceNode {
                is_plain: self.is_plain(from),
                is_root: from == self.header.root,
                is_dom: !self.nodes.detachedness.is_empty()
                    && self.nodes.kind(self.header, from as usize) == NodeType::Native,
            };
        }
    }

    fn is_plain(&self, node: u32) -> bool {
        let node = node as usize;
        self.nodes.kind(self.header, node) == NodeType::Object
            && self.strings.tag(self.nodes.names[node]) == Tag::Object
    }
}
