//! What the fuzz targets share: made-up snapshots from arbitrary bytes, and every question that can be asked of one.

use arbitrary::Arbitrary;
use leakhunt_heap::{
    Census, Facts, Limits, Retainers, Snapshot, compare, id_space, node_rows, series,
};

const NODE_TYPES: [&str; 16] = [
    "hidden", "array", "string", "object", "code", "closure", "regexp", "number", "native", "synthetic",
    "concatenated string", "sliced string", "symbol", "bigint", "object shape", "of the future",
];
const EDGE_TYPES: [&str; 8] =
    ["context", "element", "property", "internal", "hidden", "shortcut", "weak", "of the future"];
/// Names that the engine knows, and some that it does not. The last two make a pair of WeakMap edges, if nodes have the ids 1 to 5.
const STRINGS: [&str; 32] = [
    "", "Object", "Array", "a", "b", "c", "__proto__", "first", "second", "elements", "map", "sloppy_function_map",
    "system / NativeContext", "system / Context", "(map descriptors)", "(Document DOM trees)",
    "system / ExternalStringData", "system / JSArrayBufferData", "Detached <div id=a>", "<div id=a>", "<", "Detached ",
    "with, comma", "{\\\"quoted\\\"}", "\\ud83d\\ude00", "\\uffff", "\\ud800", "1", "value", "(GC roots)",
    "1 / part of key (K @3) -> value (V @5) pair in WeakMap (table @2)",
    "2 / part of key (K @3) -> value (V @5) pair in WeakMap (table @2)",
];

/// A snapshot that is whole, whatever is in it.
#[derive(Arbitrary, Debug)]
pub struct Heap {
    nodes: Vec<Node>,
    extra_native_bytes: Option<u32>,
    with_detachedness: bool,
    root: u8,
}

#[derive(Arbitrary, Debug)]
struct Node {
    kind: u8,
    name: u8,
    id: Id,
    size: u32,
    detachedness: u8,
    location: Option<(u8, u8, u8)>,
    edges: Vec<(u8, u8, u8)>,
}

/// Mostly the usual small ids, at times any, at times one again.
#[derive(Arbitrary, Debug)]
enum Id {
    Next,
    Small(u8),
    Any(u32),
}

impl Heap {
    /// The file.
    pub fn text(&self) -> String {
        let fields = if self.with_detachedness { 6 } else { 5 };
        let count = self.nodes.len().max(1);
        let (mut nodes, mut edges, mut locations) = (Vec::new(), Vec::new(), Vec::new());
        for (ordinal, node) in self.nodes.iter().enumerate() {
            let id = match node.id {
                Id::Next => ordinal as u32 + 1,
                Id::Small(id) => u32::from(id),
                Id::Any(id) => id,
            };
            let kind = usize::from(node.kind) % NODE_TYPES.len();
            let name = usize::from(node.name) % STRINGS.len();
            let mut record = format!("{kind},{name},{id},{},{}", node.size, node.edges.len());
            if self.with_detachedness {
                record += &format!(",{}", node.detachedness % 3);
            }
            nodes.push(record);
            for (kind, name, to) in &node.edges {
                let kind = usize::from(*kind) % EDGE_TYPES.len();
                let name = usize::from(*name) % STRINGS.len();
                edges.push(format!("{kind},{name},{}", usize::from(*to) % count * fields));
            }
            if let Some((script, line, column)) = node.location {
                locations.push(format!("{},{script},{line},{column}", ordinal * fields));
            }
        }
        if self.nodes.is_empty() {
            nodes.push(if self.with_detachedness { "9,0,1,0,0,0" } else { "9,0,1,0,0" }.to_owned());
        }
        let quoted = |words: &[&str]| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(",");
        let detachedness = if self.with_detachedness { ",\"detachedness\"" } else { "" };
        let extra = self.extra_native_bytes.map(|bytes| format!(",\"extra_native_bytes\":{bytes}")).unwrap_or_default();
        let root = usize::from(self.root) % count * fields;
        format!(
            "{{\"snapshot\":{{\"meta\":{{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\"{detachedness}],\
             \"node_types\":[[{}],\"string\",\"number\",\"number\",\"number\",\"number\"],\
             \"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\
             \"edge_types\":[[{}],\"string_or_number\",\"node\"],\
             \"location_fields\":[\"object_index\",\"script_id\",\"line\",\"column\"]}},\
             \"node_count\":{count},\"edge_count\":{},\"trace_function_count\":0,\"root_index\":{root}{extra}}},\n\
             \"nodes\":[{}],\n\"edges\":[{}],\n\"locations\":[{}],\n\"strings\":[{}]}}",
            quoted(&NODE_TYPES),
            quoted(&EDGE_TYPES),
            edges.len(),
            nodes.join("\n,"),
            edges.join("\n,"),
            locations.join(","),
            quoted(&STRINGS),
        )
    }
}

/// How many nodes are asked one by one for what takes a walk through the graph.
const ASKED: usize = 64;

/// Asks all that can be asked; the answers must agree with each other.
pub fn ask_everything(snapshot: &Snapshot<'_>, census: &Census<'_>) {
    assert_eq!(snapshot.node_count(), census.node_count());
    for node in snapshot.nodes() {
        assert_eq!(snapshot.self_size(node), census.self_size(node), "shallow size of {node:?}");
        assert_eq!(snapshot.object_id(node), census.object_id(node));
        let _ = (snapshot.node_type(node), snapshot.type_name(node), snapshot.name(node), snapshot.location(node));
        for edge in snapshot.edges(node) {
            assert!((edge.target.0 as usize) < snapshot.node_count());
            let _ = edge.kind.display(&snapshot.edge_name(edge).to_string());
        }
    }
    let Facts { classes, dominators, distances, summary } = Facts::compute(snapshot);
    let rows = node_rows(snapshot, &classes, &dominators, &distances);
    assert_eq!(rows.len(), snapshot.node_count());
    let own: u64 = rows.map(|row| u64::from(row.self_size)).sum();
    assert_eq!(dominators.retained_size(snapshot.root()), own, "the root retains everything");
    assert_eq!(summary.total_size, own + snapshot.extra_native_bytes());

    let holders = Retainers::compute(snapshot);
    let limits = Limits { depth: 20, siblings: 20, holders: 200 };
    for node in snapshot.nodes().take(ASKED) {
        assert_eq!(dominators.chain(node).last().unwrap_or(snapshot.root()), snapshot.root(), "chain of {node:?}");
        assert!(holders.forest(snapshot, &distances, node, limits).len() <= limits.holders);
        let _ = holders.shortest_path(snapshot, &distances, node);
        let _ = (snapshot.text(node, 100), snapshot.display_name(node));
    }
}

/// Compares in both directions, in every way; what is new in one direction is gone in the other.
pub fn compare_both_ways(base: &Census<'_>, target: &Census<'_>) {
    for (base, target) in [(base, target), (target, base)] {
        for row in compare(base, target).rows {
            assert!(row.added_count() + row.removed_count() > 0, "a row of nothing: {}", row.key);
        }
        let space = id_space(base, target);
        assert!((0.0..=1.0).contains(&space.agreement()), "{space:?}");
        let _ = series(&[base, target, base]);
    }
}
