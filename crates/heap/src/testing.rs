//! Small snapshots made by hand, for the tests of all that reads snapshots: as a table of nodes ([`snapshot`]), or one object
//! and one reference at a time ([`Builder`]).

use std::fmt::Write;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::ids::{Location, NodeId};
use crate::kinds::{EdgeType, NodeType};

/// Names of node types, in the order of [`NodeType`].
pub const NODE_TYPES: [&str; 15] = [
    "hidden",
    "array",
    "string",
    "object",
    "code",
    "closure",
    "regexp",
    "number",
    "native",
    "synthetic",
    "concatenated string",
    "sliced string",
    "symbol",
    "bigint",
    "object shape",
];
/// Names of edge types, in the order of [`EdgeType`].
pub const EDGE_TYPES: [&str; 7] =
    ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];

/// The fields of a node's record.
const NODE_FIELDS: usize = 6;

/// A node, with its edges as (type, name or index, ordinal of the target).
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Its place in [`NODE_TYPES`].
    pub kind: usize,
    /// The index of its name.
    pub name: usize,
    /// The id of its object.
    pub id: u32,
    /// Its bytes.
    pub size: u32,
    /// What it refers to: a place in [`EDGE_TYPES`], the index of a name or a number, a node.
    pub edges: Vec<(usize, u32, usize)>,
}

/// Writes a snapshot as V8 does; the second node stands at line 4 and column 5 of script 3.
#[must_use]
pub fn snapshot(nodes: &[Node], strings: &[&str]) -> String {
    let at = Location { script_id: 3, line: 4, column: 5 };
    written(nodes, strings, &[(NodeId(1), at)])
}

fn written(nodes: &[Node], strings: &[&str], locations: &[(NodeId, Location)]) -> String {
    let edge_count: usize = nodes.iter().map(|node| node.edges.len()).sum();
    let mut text = format!(
        "{{\"snapshot\":{{\"meta\":{{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\",\
         \"detachedness\"],\"node_types\":[{NODE_TYPES:?},\"string\",\"number\",\"number\",\"number\",\"number\"],\
         \"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[{EDGE_TYPES:?},\
         \"string_or_number\",\"node\"],\"trace_function_info_fields\":[],\"trace_node_fields\":[],\
         \"sample_fields\":[],\"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]}},\
         \"node_count\":{},\"edge_count\":{edge_count},\"trace_function_count\":0}},\n\"nodes\":[",
        nodes.len()
    );
    let mut comma = "";
    for node in nodes {
        let Node { kind, name, id, size, edges } = node;
        writeln!(text, "{comma}{kind},{name},{id},{size},{},0", edges.len()).expect("a string grows");
        comma = ",";
    }
    text += "],\n\"edges\":[";
    comma = "";
    for (kind, name, target) in nodes.iter().flat_map(|node| &node.edges) {
        writeln!(text, "{comma}{kind},{name},{}", target * NODE_FIELDS).expect("a string grows");
        comma = ",";
    }
    text += "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[";
    comma = "";
    for (node, Location { script_id, line, column }) in locations {
        let index = node.0 as usize * NODE_FIELDS;
        writeln!(text, "{comma}{index},{script_id},{line},{column}").expect("a string grows");
        comma = ",";
    }
    text += "],\n\"strings\":";
    text += &format!("{:#}", Value::from(strings));
    text += "}";
    text
}

/// A snapshot that grows by one object and one reference at a time. Node 0 is the root.
#[derive(Debug)]
pub struct Builder {
    nodes: Vec<Node>,
    strings: Vec<String>,
    known: FxHashMap<String, usize>,
    locations: Vec<(NodeId, Location)>,
}

impl Default for Builder {
    fn default() -> Self {
        let mut builder = Self {
            nodes: Vec::new(),
            strings: Vec::new(),
            known: FxHashMap::default(),
            locations: Vec::new(),
        };
        builder.node(NodeType::Synthetic, "");
        builder
    }
}

impl Builder {
    /// The node that everything hangs on.
    pub const ROOT: NodeId = NodeId(0);

    /// An object of eight bytes, with the next odd id.
    pub fn node(&mut self, kind: NodeType, name: &str) -> NodeId {
        let (name, id) = (self.string(name), 2 * self.nodes.len() as u32 + 1);
        self.nodes.push(Node { kind: kind as usize, name, id, size: 8, edges: Vec::new() });
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// A reference by name; of elements and hidden links the name is their number.
    ///
    /// # Panics
    ///
    /// If that number is none.
    pub fn edge(&mut self, kind: EdgeType, from: NodeId, name: &str, to: NodeId) {
        let name = if kind.is_numbered() {
            name.parse().expect("elements and hidden links have a number")
        } else {
            self.string(name) as u32
        };
        self.nodes[from.0 as usize].edges.push((kind as usize, name, to.0 as usize));
    }

    /// Gives an object this id instead of the next one.
    pub fn id(&mut self, node: NodeId, id: u32) {
        self.nodes[node.0 as usize].id = id;
    }

    /// Gives an object so many bytes.
    pub fn size(&mut self, node: NodeId, bytes: u32) {
        self.nodes[node.0 as usize].size = bytes;
    }

    /// Where a function, or the constructor of an object, stands in the source.
    pub fn location(&mut self, node: NodeId, location: Location) {
        self.locations.push((node, location));
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut locations = self.locations.clone();
        locations.sort_unstable();
        let strings: Vec<&str> = self.strings.iter().map(String::as_str).collect();
        written(&self.nodes, &strings, &locations)
    }

    fn string(&mut self, text: &str) -> usize {
        if let Some(&known) = self.known.get(text) {
            return known;
        }
        self.strings.push(text.to_owned());
        self.known.insert(text.to_owned(), self.strings.len() - 1);
        self.strings.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Snapshot;

    #[test]
    fn what_is_built_is_read_again() {
        let mut heap = Builder::default();
        let (list, text) = (heap.node(NodeType::Object, "List"), heap.node(NodeType::String, "a"));
        heap.edge(EdgeType::Element, Builder::ROOT, "1", list);
        heap.edge(EdgeType::Property, list, "name", text);
        heap.location(list, Location { script_id: 7, line: 1, column: 2 });
        let file = heap.text();
        let snapshot = Snapshot::parse(file.as_bytes(), 1).expect("it is whole");
        assert_eq!((snapshot.node_type(list), &*snapshot.name(list)), (NodeType::Object, "List"));
        assert_eq!(snapshot.location(list), Some(Location { script_id: 7, line: 1, column: 2 }));
        let edges: Vec<_> = snapshot.edges(list).map(|edge| (edge.kind, edge.target)).collect();
        assert_eq!(edges, [(EdgeType::Property, text)]);
    }
}
