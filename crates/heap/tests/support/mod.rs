//! Small snapshots made by hand.

use std::fmt::Write;

pub(crate) const NODE_TYPES: [&str; 15] = [
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
pub(crate) const EDGE_TYPES: [&str; 7] =
    ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];

/// A node, with its edges as (type, name or index, ordinal of the target).
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) kind: usize,
    pub(crate) name: usize,
    pub(crate) id: u32,
    pub(crate) size: u32,
    pub(crate) edges: Vec<(usize, u32, usize)>,
}

/// Writes a snapshot as V8 does.
pub(crate) fn snapshot(nodes: &[Node], strings: &[&str]) -> String {
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
        writeln!(text, "{comma}{kind},{name},{}", target * 6).expect("a string grows");
        comma = ",";
    }
    text +=
        "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[6,3,4,5\n],\n";
    text += "\"strings\":";
    text += &serde_json::to_string_pretty(strings).expect("strings are JSON");
    text += "}";
    text
}
