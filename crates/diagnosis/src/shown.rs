//! How objects and the references between them are shown: classes and paths.
//!
//! Names of fields and variables are the program's own words. The names of a dictionary's entries are its data (a session's
//! id, a customer's address) and are not shown unless strings may be quoted. Which of the two a name is, [`leakhunt_text`] tells by
//! its form, and the object by how many it has.

use leakhunt_heap::{EdgeRef, EdgeType, Location as Spot, NodeId, NodeType, Retainer, Snapshot};
use leakhunt_text::{SOME_NAME, is_data};

use crate::findings::Hop;
use crate::graph::{Edge, Graph, Node};
use crate::source::Sources;
use crate::view::View;

/// Names are cut at this many characters: they come from the program, and some are made by it.
const LONGEST_NAME: usize = 120;
/// A plain object with more properties is a dictionary.
pub(crate) const MOST_FIELDS: usize = 30;
/// What stands for a name that is data.
pub(crate) const SOME_KEY: &str = SOME_NAME;
/// Both halves of the entry of a `WeakMap` carry the names of its key and of its value, of which either may be a string.
const WEAK_ENTRY: &str = " pair in WeakMap (table @";

/// Of a reference to the value of a `WeakMap`'s entry, the id of the map's table.
pub(crate) fn weak_table(name: &str) -> Option<u32> {
    name.split_once(WEAK_ENTRY)?.1.strip_suffix(')')?.parse().ok()
}

/// A snapshot's own words for its objects and references, of which data is left out unless it may be quoted.
#[derive(Clone, Copy)]
pub struct Shown<'s> {
    graph: Graph<'s>,
    quotes: bool,
}

impl<'s> Shown<'s> {
    /// The words of a snapshot; all of them with `quotes`.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot<'s>, quotes: bool) -> Self {
        Self { graph: Graph::new(snapshot), quotes }
    }

    /// The name of a class.
    #[must_use]
    pub fn class(self, name: &str) -> String {
        if self.quotes { name.to_owned() } else { leakhunt_text::class(name).into_owned() }
    }

    /// What DevTools calls an object beside its class. Of a string there is its length, of what is data nothing.
    #[must_use]
    pub fn object(self, node: NodeId) -> String {
        let name = self.graph.snapshot().display_name(node);
        match self.graph.kind(node) {
            _ if self.quotes => name.into_owned(),
            kind if kind.is_string() => {
                format!("of {} characters", self.graph.snapshot().text(node, 0).length)
            }
            NodeType::Number | NodeType::BigInt | NodeType::RegExp => String::new(),
            NodeType::Symbol if is_data(&name) => String::new(),
            _ => self.class(&name),
        }
    }

    /// A reference as DevTools writes it.
    #[must_use]
    pub fn reference(self, from: NodeId, edge: EdgeRef) -> String {
        let edge = Edge::from(Retainer { from, edge });
        match reference(self.graph, edge, self.quotes, || is_large(self.graph, from)) {
            hidden if hidden == SOME_KEY => hidden,
            name => edge.kind.display(&name),
        }
    }
}

/// The name of a reference, unless that is data.
fn reference(graph: Graph<'_>, edge: Edge, quotes: bool, is_dictionary: impl FnOnce() -> bool) -> String {
    let name = graph.edge_name(edge);
    match edge.kind {
        EdgeType::Internal if name.contains(WEAK_ENTRY) => "entry of a WeakMap".to_owned(),
        _ if quotes => cut(&name),
        EdgeType::Property if is_data(&name) || is_dictionary() => SOME_KEY.to_owned(),
        EdgeType::Property | EdgeType::Element | EdgeType::Hidden => cut(&name),
        _ => cut(&leakhunt_text::cut_tokens(&name)),
    }
}

/// A plain object with more entries than people write down.
fn is_large(graph: Graph<'_>, node: Node) -> bool {
    graph.kind(node) == NodeType::Object
        && graph.name(node) == "Object"
        && graph.edges(node).filter(|edge| edge.kind == EdgeType::Property).nth(MOST_FIELDS).is_some()
}

/// DevTools' name for the class of a node; plain objects by their properties, unless those are data.
pub(crate) fn class_name(view: &View<'_>, node: Node) -> String {
    let class = whole_class(view, node);
    cut(&if view.quotes { class } else { leakhunt_text::class(&class).into_owned() })
}

/// The class as it is, to compare it by.
pub(crate) fn whole_class(view: &View<'_>, node: Node) -> String {
    let graph = view.graph;
    match (graph.kind(node), &*graph.name(node)) {
        (NodeType::Hidden, "system / PromiseReaction") => "PromiseReaction".to_owned(),
        (NodeType::Object, "Object") => plain_object(view, node),
        _ => graph.snapshot().class_name(node).into_owned(),
    }
}

/// The class's name, as it was before bundling.
pub(crate) fn original_class(view: &View<'_>, sources: &Sources<'_>, node: Node) -> String {
    let spot = view.graph.spot(node).filter(|_| view.graph.kind(node) == NodeType::Object);
    let original = spot.and_then(|spot| sources.original_class(&view.scripts, spot));
    original.map_or_else(|| class_name(view, node), |class| cut(&class))
}

/// DevTools' key of the class of a node.
pub(crate) fn key(node: Node, view: &View<'_>) -> String {
    let class = class_name(view, node);
    match view.graph.spot(node).filter(|_| view.graph.kind(node) == NodeType::Object) {
        Some(Spot { script_id, line, column }) => format!("{script_id},{line},{column},{class}"),
        None => format!(",{class}"),
    }
}

/// A path from the roots, given its last reference first: parts left out and repeats collapsed.
pub(crate) fn path(upwards: &[Edge], view: &View<'_>) -> Vec<Hop> {
    let graph = view.graph;
    let mut hops: Vec<Hop> = Vec::new();
    for &edge in upwards.iter().rev().filter(|edge| !view.is_part(edge.to)) {
        let class = class_name(view, edge.to);
        let name = match edge_name(view, edge) {
            hidden if hidden == SOME_KEY => hidden,
            name => edge.kind.display(&name),
        };
        if let Some(before) = hops.last_mut()
            && before.class == class
            && before.edge == name
        {
            before.repeats += 1;
            before.id = graph.id(edge.to);
            continue;
        }
        let location = graph.spot(edge.to).and_then(|spot| view.scripts.location(spot, None));
        hops.push(Hop { edge: name, class, id: graph.id(edge.to), location, repeats: 1 });
        collapse_pair(&mut hops);
    }
    hops
}

/// Collapses the last two hops into the two before them where they are the same: promises wait by way of reactions.
fn collapse_pair(hops: &mut Vec<Hop>) {
    let Some(before) = hops.len().checked_sub(4) else { return };
    let same = |one: &Hop, other: &Hop| one.class == other.class && one.edge == other.edge;
    if same(&hops[before], &hops[before + 2]) && same(&hops[before + 1], &hops[before + 3]) {
        for (at, last) in hops.split_off(before + 2).into_iter().enumerate() {
            let first = &mut hops[before + at];
            first.repeats += last.repeats;
            first.id = last.id;
        }
    }
}

/// The name of a reference, unless that is data.
pub(crate) fn edge_name(view: &View<'_>, edge: Edge) -> String {
    reference(view.graph, edge, view.quotes, || is_dictionary(view, edge.from))
}

/// Whether a reference is an entry of a dictionary whose name must not be shown.
pub(crate) fn is_key(view: &View<'_>, edge: Edge) -> bool {
    edge.kind == EdgeType::Property
        && !view.quotes
        && (is_data(&view.graph.edge_name(edge)) || is_dictionary(view, edge.from))
}

/// A plain object with more entries than people write down, and no module's exports.
pub(crate) fn is_dictionary(view: &View<'_>, node: Node) -> bool {
    is_large(view.graph, node) && view.exporting_module(node).is_none()
}

pub(crate) fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

fn plain_object(view: &View<'_>, node: Node) -> String {
    let names: Vec<String> = view
        .graph
        .edges(node)
        .filter(|edge| edge.kind == EdgeType::Property)
        .map(|edge| view.graph.edge_name(edge).into_owned())
        .filter(|name| name != "__proto__")
        .take(12)
        .collect();
    let is_dictionary = !view.quotes && names.iter().any(|name| is_data(name));
    if names.is_empty() || names.len() == 12 || is_dictionary {
        "Object".to_owned()
    } else {
        format!("{{{}}}", names.join(", "))
    }
}
