//! Packed snapshots as V8 writes them: the other half of `examples/corpus/pack.rs`, which says how they are packed.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

/// The snapshots, oldest first.
pub(crate) fn unpack(packed: &[u8]) -> Vec<Vec<u8>> {
    let end = packed.windows(2).position(|two| two == b"\n\n").expect("an empty line ends the strings");
    let mut lines = std::str::from_utf8(&packed[..end]).expect("strings are UTF-8").split('\n');
    let head: Value = serde_json::from_str(lines.next().expect("a head")).expect("the head is JSON");
    let strings = lines.collect::<Vec<_>>().join(",\n");
    let mut rest = Numbers(&packed[end + 2..]);
    let mut snapshots = Vec::new();
    while !rest.0.is_empty() {
        let length = rest.next() as usize;
        let (body, others) = rest.0.split_at(length);
        rest = Numbers(others);
        let mut body = Numbers(body);
        let (count, mut id) = (body.next(), 0);
        let nodes: Vec<Node> = (0..count)
            .map(|_| {
                id += body.next();
                Node::read(&mut body, id)
            })
            .collect();
        snapshots.push(written(head.clone(), &nodes, &strings));
    }
    snapshots
}

/// Numbers in LEB128.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = self.0.split_first().expect("the number goes on");
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }
}

struct Node {
    id: u64,
    kind: u64,
    name: u64,
    size: u64,
    detachedness: u64,
    /// Script, line, column.
    location: Option<[u64; 3]>,
    /// Type, name or index, id of the target.
    edges: Vec<[u64; 3]>,
}

impl Node {
    fn read(body: &mut Numbers<'_>, id: u64) -> Self {
        let [kind, name, size, detachedness, located] = std::array::from_fn(|_| body.next());
        let location = (located == 1).then(|| std::array::from_fn(|_| body.next()));
        let count = body.next();
        let edge = |_| {
            let [kind, name, zigzag] = std::array::from_fn(|_| body.next());
            let distance = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
            [kind, name, id.wrapping_add_signed(distance)]
        };
        Self { id, kind, name, size, detachedness, location, edges: (0..count).map(edge).collect() }
    }
}

fn written(mut head: Value, nodes: &[Node], strings: &str) -> Vec<u8> {
    let fields = head["meta"]["node_fields"].as_array().expect("fields").clone();
    let places: HashMap<u64, usize> =
        nodes.iter().enumerate().map(|(place, node)| (node.id, place * fields.len())).collect();
    let (mut records, mut edges, mut locations) = (String::new(), String::new(), String::new());
    for node in nodes {
        let record = fields.iter().map(|field| match field.as_str() {
            Some("type") => node.kind,
            Some("name") => node.name,
            Some("id") => node.id,
            Some("self_size") => node.size,
            Some("edge_count") => node.edges.len() as u64,
            Some("detachedness") => node.detachedness,
            _ => 0,
        });
        line(&mut records, record);
        for [kind, name, target] in &node.edges {
            line(&mut edges, [*kind, *name, places[target] as u64].into_iter());
        }
        if let Some([script, row, column]) = node.location {
            line(&mut locations, [places[&node.id] as u64, script, row, column].into_iter());
        }
    }
    head["node_count"] = nodes.len().into();
    head["edge_count"] = nodes.iter().map(|node| node.edges.len()).sum::<usize>().into();
    format!(
        "{{\"snapshot\":{head},\n\"nodes\":[{records}],\n\"edges\":[{edges}],\n\"trace_function_infos\":[],\n\
         \"trace_tree\":[],\n\"samples\":[],\n\"locations\":[{locations}],\n\"strings\":[{strings}]}}\n"
    )
    .into_bytes()
}

/// One record a line, as V8 writes them.
fn line(section: &mut String, record: impl Iterator<Item = u64>) {
    let mut comma = if section.is_empty() { "" } else { "," };
    for number in record {
        write!(section, "{comma}{number}").expect("a string grows");
        comma = ",";
    }
    section.push('\n');
}
