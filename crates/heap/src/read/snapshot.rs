//! One snapshot, whole: nodes, edges, locations and strings, with DevTools' shallow sizes.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::debug_span;

use crate::error::Error;
use crate::ids::{Location, NodeId, ObjectId};
use crate::kinds::{EdgeType, NodeType};
use crate::read::dom::DomEdges;
use crate::read::edges::{Edge, Edges};
use crate::read::header::Header;
use crate::read::locations::Locations;
use crate::read::nodes::Nodes;
use crate::read::ownership::Ownership;
use crate::read::scan::Section;
use crate::read::sections::Sections;
use crate::read::source::Source;
use crate::read::strings::{Strings, Tag};
use crate::read::weak_maps::{Half, WeakMapNames};

/// What an edge is called: by a string, or by a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeName<'a> {
    /// The name of a property, a variable, a link of V8's.
    Name(Cow<'a, str>),
    /// The index of an element or of a hidden link.
    Index(u32),
}

impl fmt::Display for EdgeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => index.fmt(f),
        }
    }
}

/// An edge of the graph, seen from its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeRef {
    /// The place of the edge in the snapshot's table.
    pub ordinal: u32,
    /// What kind of link it is.
    pub kind: EdgeType,
    /// The index of its name in [`Strings`], or a number, as [`EdgeType::is_numbered`] says.
    pub name_or_index: u32,
    /// Where it leads.
    pub target: NodeId,
}

/// The bytes of nodes: as they were read until somebody asks, then with those of owned nodes moved to their owners.
#[derive(Debug)]
struct Sizes {
    read: Mutex<Vec<u32>>,
    settled: OnceLock<Vec<u32>>,
}

/// A parsed snapshot. Every index in it was checked.
#[derive(Debug)]
pub struct Snapshot<'a> {
    pub(crate) header: Header,
    pub(crate) strings: Strings<'a>,
    pub(crate) nodes: Nodes,
    pub(crate) edges: Edges,
    pub(crate) locations: Locations,
    sizes: Sizes,
    /// The text of the nodes.
    node_section: &'a [u8],
    /// Read when somebody asks: few do.
    raw_sizes: OnceLock<Vec<u32>>,
    /// Of the names of edges. Found when somebody asks.
    weak_maps: OnceLock<WeakMapNames>,
}

impl<'a> Snapshot<'a> {
    /// Parses the bytes of a `.heapsnapshot` file, on up to `threads` threads (more than two are not used).
    ///
    /// # Errors
    ///
    /// If the bytes are not those of a whole and consistent snapshot.
    pub fn parse(bytes: &'a [u8], threads: usize) -> Result<Self, Error> {
        Self::read(&Source::plain(bytes, threads))
    }

    pub(crate) fn read(source: &Source<'a>) -> Result<Self, Error> {
        let mut sections = debug_span!("find sections").in_scope(|| Sections::find(source))?;
        let mut nodes = debug_span!("nodes").in_scope(|| Nodes::parse(source, &sections))?;
        let mut edges = debug_span!("edges").in_scope(|| Edges::parse(source, &sections))?;
        let (locations, ()) = source.both(
            || debug_span!("locations").in_scope(|| Locations::parse(source, &sections)),
            || edges.mark_odd_sources(&sections.header, &nodes, sections.strings.tags()),
        );
        let locations = locations?;
        let mut strings = Strings::new(*source, std::mem::take(&mut sections.strings));
        let header = sections.header;
        if !nodes.detachedness.is_empty() {
            let mut dom = DomEdges::default();
            dom.add_all(&header, &nodes, &edges);
            dom.propagate(&header, &mut nodes, &mut strings);
        }
        let read = Mutex::new(std::mem::take(&mut nodes.sizes));
        Ok(Self {
            header,
            strings,
            nodes,
            edges,
            locations,
            sizes: Sizes { read, settled: OnceLock::new() },
            node_section: source.bytes.get(sections.nodes).unwrap_or_default(),
            raw_sizes: OnceLock::new(),
            weak_maps: OnceLock::new(),
        })
    }

    /// What the name of an edge, which must be a string, says of the entry of a WeakMap that the edge is half of.
    pub(crate) fn weak_map_half(&self, name: u32) -> Option<Half> {
        self.weak_maps.get_or_init(|| WeakMapNames::find(&self.strings)).half(&self.strings, name)
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// How many edges there are.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges.targets.len()
    }

    /// All nodes, in the order of the file.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The node everything hangs on.
    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(self.header.root)
    }

    /// The string table.
    #[must_use]
    pub fn strings(&self) -> &Strings<'a> {
        &self.strings
    }

    /// Bytes that V8 accounts for without any node (written by Node 24 and later, else 0).
    #[must_use]
    pub fn extra_native_bytes(&self) -> u64 {
        self.header.extra_native_bytes
    }

    /// The type of a node.
    #[must_use]
    pub fn node_type(&self, node: NodeId) -> NodeType {
        self.nodes.kind(&self.header, node.0 as usize)
    }

    /// The name the snapshot has for the type of a node.
    #[must_use]
    pub fn type_name(&self, node: NodeId) -> &str {
        &self.header.node_type_names[usize::from(self.nodes.codes[node.0 as usize])]
    }

    /// The index of a node's name in [`Snapshot::strings`].
    #[must_use]
    pub fn name_index(&self, node: NodeId) -> u32 {
        self.nodes.names[node.0 as usize]
    }

    /// The name of a node as V8 wrote it (with `Detached ` before it, if it is): a constructor's name, a string's
    /// text, a function's name.
    #[must_use]
    pub fn name(&self, node: NodeId) -> Cow<'a, str> {
        self.strings.get(self.name_index(node))
    }

    /// The id of a node's object.
    #[must_use]
    pub fn object_id(&self, node: NodeId) -> ObjectId {
        ObjectId(self.nodes.ids[node.0 as usize])
    }

    /// The ids of all objects, by node.
    #[must_use]
    pub fn object_ids(&self) -> &[u32] {
        &self.nodes.ids
    }

    /// The node with this id, by a search through all. Of several, the first, as in DevTools.
    #[must_use]
    pub fn node_with_id(&self, id: ObjectId) -> Option<NodeId> {
        let at = self.nodes.ids.iter().position(|other| *other == id.0)?;
        Some(NodeId(at as u32))
    }

    /// The bytes of a node itself, those of V8's helper nodes that only it owns included: DevTools' shallow size.
    #[must_use]
    pub fn self_size(&self, node: NodeId) -> u32 {
        self.self_sizes()[node.0 as usize]
    }

    /// The shallow sizes of all nodes. Whoever asks first finds them out, which needs the edges but nobody's results:
    /// so it can go beside the search for dominators, which wants them last.
    #[inline]
    pub fn self_sizes(&self) -> &[u32] {
        self.sizes.settled.get_or_init(|| debug_span!("ownership").in_scope(|| self.settle_sizes()))
    }

    fn settle_sizes(&self) -> Vec<u32> {
        let Self { header, strings, nodes, edges, .. } = self;
        let mut sizes = std::mem::take(&mut *self.sizes.read.lock().unwrap_or_else(PoisonError::into_inner));
        let mut ownership = Ownership::new(header, nodes, strings);
        for &target in &edges.targets[nodes.edges(header.root as usize)] {
            ownership.root_edge(header, nodes, strings, target.node());
        }
        ownership.edges(nodes, edges);
        ownership.apply(header, nodes, &mut sizes);
        sizes
    }

    /// The shallow sizes of all nodes, and the rest of the snapshot.
    pub(crate) fn take_sizes(mut self) -> (Self, Vec<u32>) {
        self.self_sizes();
        let sizes = self.sizes.settled.take().unwrap_or_default();
        (self, sizes)
    }

    /// The ids and the shallow sizes of all nodes, for who has no more questions: the rest, which takes more, is freed.
    #[must_use]
    pub fn into_ids_and_sizes(self) -> (Vec<u32>, Vec<u32>) {
        let (snapshot, sizes) = self.take_sizes();
        (snapshot.nodes.ids, sizes)
    }

    /// The bytes of a node itself, as in the file. The first call reads them all once more.
    #[must_use]
    pub fn raw_self_size(&self, node: NodeId) -> u32 {
        self.raw_sizes.get_or_init(|| self.read_sizes())[node.0 as usize]
    }

    fn read_sizes(&self) -> Vec<u32> {
        let mut sizes = Vec::with_capacity(self.nodes.len());
        let (fields, field) = (self.header.node.fields, self.header.node.self_size);
        let source = Source::plain(self.node_section, 1);
        let range = 0..self.node_section.len();
        let section = Section { source: &source, range, name: "nodes", count: self.nodes.len() };
        let read = section.wide_records(fields, &mut |record| {
            sizes.push(record[field]);
            Ok(())
        });
        // They were read before, so this cannot fail, but for a file that somebody changes meanwhile.
        if read.is_err() {
            sizes = self.self_sizes().to_vec();
        }
        sizes
    }

    /// Where the function, or the constructor of the object, stands in the source.
    #[must_use]
    pub fn location(&self, node: NodeId) -> Option<Location> {
        self.locations.get(node.0)
    }

    /// All that have one, in the order of the nodes.
    pub fn locations(&self) -> impl Iterator<Item = (NodeId, Location)> + '_ {
        self.locations.iter().map(|(node, location)| (NodeId(node), location))
    }

    /// Whether the node was in a document and is no more (DOM nodes, as marked by Chrome).
    #[must_use]
    pub fn is_detached(&self, node: NodeId) -> bool {
        self.nodes.detachedness.get(node.0 as usize).is_some_and(|state| *state == 2)
    }

    /// The edges of a node, in the order of the file.
    pub fn edges(&self, node: NodeId) -> impl ExactSizeIterator<Item = EdgeRef> + DoubleEndedIterator + '_ {
        self.nodes.edges(node.0 as usize).map(|at| self.edge(at as u32))
    }

    /// Makes all edges of a node weak, for who knows that it lists objects without keeping any: nothing computed from now on
    /// goes by them.
    pub fn weaken(&mut self, node: NodeId) {
        self.edges.weaken(self.nodes.edges(node.0 as usize));
    }

    /// The edge at a place of the table.
    ///
    /// # Panics
    ///
    /// If `ordinal` is not below [`Snapshot::edge_count`].
    #[must_use]
    pub fn edge(&self, ordinal: u32) -> EdgeRef {
        let Edge { kind, name, target } = self.edges.get(ordinal as usize);
        EdgeRef { ordinal, kind, name_or_index: name, target: NodeId(target) }
    }

    /// What an edge is called.
    #[must_use]
    pub fn edge_name(&self, edge: EdgeRef) -> EdgeName<'a> {
        if edge.kind.is_numbered() {
            EdgeName::Index(edge.name_or_index)
        } else {
            EdgeName::Name(self.strings.get(edge.name_or_index))
        }
    }

    /// Where the internal edge of this name leads.
    #[must_use]
    pub fn internal(&self, node: NodeId, name: &str) -> Option<NodeId> {
        let found =
            |edge: &EdgeRef| edge.kind == EdgeType::Internal && self.strings.get(edge.name_or_index) == name;
        self.edges(node).find(found).map(|edge| edge.target)
    }
}

impl Snapshot<'_> {
    /// Whether the node is an object that DevTools classes by its properties.
    #[must_use]
    pub fn is_plain_object(&self, node: NodeId) -> bool {
        self.node_type(node) == NodeType::Object && self.strings.tag(self.name_index(node)) == Tag::Object
    }
}
