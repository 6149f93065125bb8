//! Classes that mean the same in every snapshot, so that a series can be followed.
//!
//! DevTools' key is a name, with the constructor's position where there is one. That is too coarse where one owner
//! holds several things of one name, so this one is finer: functions are told apart by where they are written,
//! contexts by their scope, plain objects by their hidden class. All three keep their id over the snapshots of one
//! inspector session.

use leakhunt_heap::{EdgeType, Location, NodeType};
use rustc_hash::FxHashMap;

use crate::graph::{Graph, Node};

/// A class, by its place in [`Classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Class(pub(crate) u32);

/// What tells classes of one name apart: script, line and column; or the id of a scope or hidden class.
type Detail = (u32, u32, u32);
const NO_DETAIL: Detail = (0, 0, 0);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    kind: NodeType,
    name: String,
    detail: Detail,
}

/// A class as one snapshot has it, and whether its detail is a position.
#[derive(Clone)]
pub(crate) struct Met(Key, bool);

/// All classes met so far.
#[derive(Default)]
pub(crate) struct Classes {
    by_key: FxHashMap<Key, Class>,
    /// For each class the one that it is part of when ids mean nothing: by type, name, line and column.
    coarse: Vec<Class>,
    /// By class: its type, its name, and whether it has a position.
    telling: Vec<(NodeType, String, bool)>,
    by_coarse: FxHashMap<(NodeType, String, u32, u32), Class>,
}

impl Classes {
    /// Takes up the classes that a snapshot has numbered by itself; gives the class that each of them is.
    pub(crate) fn settle(&mut self, met: Vec<Met>) -> Settled {
        Settled(met.into_iter().map(|Met(key, located)| self.add(key, located)).collect())
    }

    /// The class by type, name and position alone, which means the same in every id space.
    pub(crate) fn coarse(&self, class: Class) -> Class {
        self.coarse[class.0 as usize]
    }

    pub(crate) fn is_string(&self, class: Class) -> bool {
        self.telling.get(class.0 as usize).is_some_and(|(kind, ..)| *kind == NodeType::String)
    }

    /// Whether the type, name and position of a class stand for one thing in the program.
    pub(crate) fn is_telling(&self, class: Class) -> bool {
        let says_little =
            ["Object", "Array", "Map", "Set", "Promise", "system / Context", "Error", "Function"];
        self.telling.get(class.0 as usize).is_some_and(|(kind, name, located)| {
            *located
                || (*kind == NodeType::Object && !says_little.contains(&name.as_str()) && !name.is_empty())
        })
    }

    fn add(&mut self, key: Key, located: bool) -> Class {
        if let Some(known) = self.by_key.get(&key) {
            return *known;
        }
        let class = Class(self.coarse.len() as u32);
        let (line, column) = if located { (key.detail.1, key.detail.2) } else { (0, 0) };
        self.coarse.push(*self.by_coarse.entry((key.kind, key.name.clone(), line, column)).or_insert(class));
        self.telling.push((key.kind, key.name.clone(), located));
        self.by_key.insert(key, class);
        class
    }
}

/// From a snapshot's own numbers of its classes to those that all have in common.
pub(crate) struct Settled(Vec<Class>);

impl Settled {
    pub(crate) fn class(&self, own: Class) -> Class {
        self.0[own.0 as usize]
    }
}

/// The classes of one snapshot, numbered as they are met. Names are told apart by their numbers in the snapshot, and so
/// need not be hashed for each node.
pub(crate) struct Naming<'s> {
    graph: Graph<'s>,
    met: Vec<Met>,
    seen: FxHashMap<(NodeType, u32, Detail), Class>,
    /// By name: of those that nothing but their type and name tells apart, the one seen last. Most nodes are of one of these.
    plain: Vec<Option<(NodeType, Class)>>,
    /// By name: whether objects of this name are told apart by what a link leads to.
    links: Vec<Option<Link>>,
    /// The numbers of the names of those links.
    map: Option<u32>,
    scope_info: Option<u32>,
}

/// The link that tells objects of one name apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    None,
    Map,
    ScopeInfo,
}

impl<'s> Naming<'s> {
    pub(crate) fn new(graph: Graph<'s>) -> Self {
        let names = graph.snapshot().strings().len();
        Self {
            graph,
            met: Vec::new(),
            seen: FxHashMap::default(),
            plain: vec![None; names],
            links: vec![None; names],
            map: None,
            scope_info: None,
        }
    }

    /// All classes that were met, by number.
    pub(crate) fn met(self) -> Vec<Met> {
        self.met
    }

    /// The snapshot's own number of a node's class; `spot` is where the node stands in the source.
    pub(crate) fn class(&mut self, node: Node, spot: Option<Location>) -> Class {
        let graph = self.graph;
        let kind = if graph.kind(node).is_string() { NodeType::String } else { graph.kind(node) };
        let name = if kind == NodeType::String { 0 } else { graph.snapshot().name_index(node) };
        let detail = self.detail(node, kind, name, spot);
        let is_plain = spot.is_none() && detail == NO_DETAIL;
        if let (true, Some((of, class))) = (is_plain, self.plain[name as usize])
            && of == kind
        {
            return class;
        }
        let class = *self.seen.entry((kind, name, detail)).or_insert_with(|| {
            let text = if kind == NodeType::String { String::new() } else { graph.name(node).into_owned() };
            self.met.push(Met(Key { kind, name: text, detail }, spot.is_some()));
            Class(self.met.len() as u32 - 1)
        });
        if is_plain {
            self.plain[name as usize] = Some((kind, class));
        }
        class
    }

    fn detail(&mut self, node: Node, kind: NodeType, name: u32, spot: Option<Location>) -> Detail {
        if let Some(Location { script_id, line, column }) = spot {
            return (script_id, line, column);
        }
        if kind != NodeType::Object {
            return NO_DETAIL;
        }
        let graph = self.graph;
        let link = *self.links[name as usize].get_or_insert_with(|| match &*graph.name(node) {
            "system / Context" => Link::ScopeInfo,
            "Object" => Link::Map,
            _ => Link::None,
        });
        let (text, known) = match link {
            Link::None => return NO_DETAIL,
            Link::Map => ("map", &mut self.map),
            Link::ScopeInfo => ("scope_info", &mut self.scope_info),
        };
        let mut internal = graph.edges(node).filter(|edge| edge.kind == EdgeType::Internal);
        let found = match *known {
            Some(index) => internal.find(|edge| edge.name_index() == index),
            None => internal.find(|edge| graph.edge_name(*edge) == text),
        };
        *known = known.or(found.map(|edge| edge.name_index()));
        (found.map_or(0, |edge| graph.id(edge.to)), 0, 0)
    }
}
