//! What stays of a snapshot, written as V8 writes one.

use std::collections::HashMap;
use std::fmt::Write as _;

use leakhunt_heap::{EdgeType, NodeId};
use serde_json::value::RawValue;

use crate::reduce::{Kept, MOST_EDGES, Renamed};
use crate::whole::Whole;

/// Writes what stays, in the same order, with the bytes of what goes.
pub(crate) fn write(whole: &Whole<'_>, kept: &Kept, renamed: &Renamed<'_>) -> Vec<u8> {
    let stays = |node: NodeId| kept.ids.contains(&whole.id(node)) || node == whole.graph.root();
    let fields = whole.sections.fields();
    let field = |name: &str| whole.sections.field(name).expect("V8 writes this field");
    let (name, size, count) = (field("name"), field("self_size"), field("edge_count"));
    let mut sizes: HashMap<NodeId, u64> = HashMap::new();
    for node in whole.graph.nodes() {
        let to = whole.dominators.chain(node).find(|above| stays(*above)).expect("the root stays");
        *sizes.entry(to).or_default() += u64::from(whole.graph.raw_self_size(node));
    }
    let mut places: HashMap<NodeId, usize> = HashMap::new();
    let shapes = whole.graph.nodes().filter(|node| !stays(*node) && has_a_shape(whole, *node));
    let order: Vec<NodeId> = whole.graph.nodes().filter(|node| stays(*node)).chain(shapes).collect();
    for node in &order {
        places.insert(*node, places.len());
    }
    let mut strings = Strings { whole: &whole.sections.strings, places: HashMap::new(), used: Vec::new() };
    strings.place(0);
    let (mut nodes, mut edges, mut edge_count) = (String::new(), String::new(), 0);
    for node in order {
        let mut record = whole.sections.nodes[node.0 as usize * fields..][..fields].to_vec();
        record[name] = strings.place(record[name]);
        record[size] = sizes.get(&node).map_or(0, |size| u32::try_from(*size).expect("a small heap"));
        record[count] = 0;
        let has_a_shape = has_a_shape(whole, node);
        for edge in whole.graph.edges(node) {
            let target = if stays(node) && stays(edge.target) && kept.keeps(whole, node, edge.target) {
                Some(edge.target)
            } else if !has_a_shape || edge.kind != EdgeType::Property {
                None
            } else if stays(node) {
                whole.nothing
            } else {
                Some(node)
            };
            let Some(target) = target else { continue };
            let raw = &whole.sections.edges[edge.ordinal as usize * 3..][..3];
            let name = if edge.kind.is_numbered() { raw[1] } else { strings.place(raw[1]) };
            let comma = if edge_count == 0 { "" } else { "," };
            writeln!(edges, "{comma}{},{name},{}", raw[0], places[&target] * fields).expect("a string");
            record[count] += 1;
            edge_count += 1;
        }
        let comma = if nodes.is_empty() { "" } else { "," };
        let record: Vec<String> = record.iter().map(u32::to_string).collect();
        writeln!(nodes, "{comma}{}", record.join(",")).expect("a string");
    }
    let mut locations = String::new();
    for location in whole.sections.locations.chunks_exact(4) {
        let node = NodeId(location[0] / fields as u32);
        if let Some(place) = places.get(&node) {
            let comma = if locations.is_empty() { "" } else { "," };
            let [_, script, line, column] = location else { unreachable!("four numbers") };
            writeln!(locations, "{comma}{},{script},{line},{column}", place * fields).expect("a string");
        }
    }
    let mut head = whole.sections.snapshot.clone();
    head["node_count"] = places.len().into();
    head["edge_count"] = edge_count.into();
    let strings = strings.written(renamed);
    format!(
        "{{\"snapshot\":{head},\n\"nodes\":[{nodes}],\n\"edges\":[{edges}],\n\"trace_function_infos\":[],\n\
         \"trace_tree\":[],\n\"samples\":[],\n\"locations\":[{locations}],\n\"strings\":[{strings}]}}\n"
    )
    .into_bytes()
}

/// Whether it is a plain object. DevTools finds classes for those by their properties and by how many have them, so all are
/// written: one that does not stay has no bytes, and its properties lead to itself.
fn has_a_shape(whole: &Whole<'_>, node: NodeId) -> bool {
    whole.graph.is_plain_object(node) && whole.graph.edges(node).len() <= MOST_EDGES
}

/// The strings that are used, in the order of their first use.
struct Strings<'a, 's> {
    whole: &'a [&'s RawValue],
    places: HashMap<u32, u32>,
    used: Vec<u32>,
}

impl Strings<'_, '_> {
    fn place(&mut self, at: u32) -> u32 {
        *self.places.entry(at).or_insert_with(|| {
            self.used.push(at);
            self.used.len() as u32 - 1
        })
    }

    fn written(&self, renamed: &Renamed<'_>) -> String {
        let texts = self.used.iter().map(|at| {
            let text = self.whole[*at as usize].get().to_owned();
            renamed.iter().fold(text, |text, (from, to)| text.replace(from, to))
        });
        texts.collect::<Vec<_>>().join(",\n")
    }
}
