//! Snapshots of one process written so that what they have in common is written once, by zstd.
//!
//! Nodes stand in the order of their ids, and an edge says how far away the id of its target is: an object that stayed the same
//! is then written the same in each snapshot, and two that are alike are written alike. Numbers are LEB128.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The sections of a snapshot as they were written.
#[derive(Deserialize)]
pub(crate) struct Sections<'a> {
    pub(crate) snapshot: Value,
    pub(crate) nodes: Vec<u32>,
    pub(crate) edges: Vec<u32>,
    pub(crate) locations: Vec<u32>,
    // Strings that are no Unicode stay as they are.
    #[serde(borrow)]
    pub(crate) strings: Vec<&'a RawValue>,
}

impl Sections<'_> {
    /// Where a field stands in a node, and how many there are.
    pub(crate) fn field(&self, name: &str) -> Option<usize> {
        let fields = self.snapshot["meta"]["node_fields"].as_array().expect("V8 writes its fields");
        fields.iter().position(|field| field == name)
    }

    pub(crate) fn fields(&self) -> usize {
        self.snapshot["meta"]["node_fields"].as_array().expect("V8 writes its fields").len()
    }
}

/// Packs snapshots, oldest first.
pub(crate) fn pack(texts: &[Vec<u8>]) -> Vec<u8> {
    let snapshots: Vec<Sections<'_>> =
        texts.iter().map(|text| serde_json::from_slice(text).expect("a snapshot is JSON")).collect();
    let mut strings = Strings::default();
    let bodies: Vec<Vec<u8>> = snapshots.iter().map(|snapshot| body(snapshot, &mut strings)).collect();
    let head = snapshots[0].snapshot.to_string();
    let mut packed = Vec::new();
    for text in std::iter::once(head.as_str()).chain(strings.texts.iter().copied()) {
        packed.extend(text.as_bytes());
        packed.push(b'\n');
    }
    packed.push(b'\n');
    for body in bodies {
        number(&mut packed, body.len() as u64);
        packed.extend(body);
    }
    packed
}

/// Those of all snapshots, in the order of their first use.
#[derive(Default)]
struct Strings<'a> {
    texts: Vec<&'a str>,
    places: HashMap<&'a str, u64>,
}

impl<'a> Strings<'a> {
    fn place(&mut self, text: &'a str) -> u64 {
        *self.places.entry(text).or_insert_with(|| {
            self.texts.push(text);
            self.texts.len() as u64 - 1
        })
    }
}

fn body<'a>(snapshot: &Sections<'a>, strings: &mut Strings<'a>) -> Vec<u8> {
    let fields = snapshot.fields();
    let field = |name: &str| snapshot.field(name).expect("V8 writes this field");
    let [kind, name, id, size, count] = ["type", "name", "id", "self_size", "edge_count"].map(field);
    let detachedness = snapshot.field("detachedness");
    let nodes: Vec<&[u32]> = snapshot.nodes.chunks_exact(fields).collect();
    let ids = unique(nodes.iter().map(|node| node[id]));
    let mut first_edge = 0;
    let first_edges: Vec<usize> = nodes
        .iter()
        .map(|node| {
            first_edge += node[count] as usize;
            first_edge - node[count] as usize
        })
        .collect();
    let locations: HashMap<usize, &[u32]> = snapshot
        .locations
        .chunks_exact(4)
        .map(|location| (location[0] as usize / fields, &location[1..]))
        .collect();
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|at| ids[*at]);
    let numbered = |kind: u32| {
        let name = snapshot.snapshot["meta"]["edge_types"][0][kind as usize].as_str();
        matches!(name, Some("element" | "hidden"))
    };
    let mut out = Vec::new();
    number(&mut out, nodes.len() as u64);
    let mut before = 0;
    for at in order {
        let node = nodes[at];
        number(&mut out, ids[at] - before);
        before = ids[at];
        number(&mut out, node[kind].into());
        number(&mut out, strings.place(snapshot.strings[node[name] as usize].get()));
        number(&mut out, node[size].into());
        number(&mut out, detachedness.map_or(0, |field| node[field]).into());
        match locations.get(&at) {
            None => number(&mut out, 0),
            Some(location) => {
                number(&mut out, 1);
                location.iter().for_each(|part| number(&mut out, u64::from(*part)));
            }
        }
        number(&mut out, node[count].into());
        for edge in snapshot.edges[first_edges[at] * 3..].chunks_exact(3).take(node[count] as usize) {
            number(&mut out, edge[0].into());
            let name = if numbered(edge[0]) {
                edge[1].into()
            } else {
                strings.place(snapshot.strings[edge[1] as usize].get())
            };
            number(&mut out, name);
            let distance = ids[edge[2] as usize / fields] as i64 - ids[at] as i64;
            // Zigzag: small numbers of either sign are small.
            number(&mut out, (distance << 1 ^ distance >> 63) as u64);
        }
    }
    out
}

/// Ids as they are, but that a second object of the same id, as before Node 22 some have, gets another one.
fn unique(ids: impl Iterator<Item = u32>) -> Vec<u64> {
    let mut seen = HashSet::new();
    let mut free = u32::MAX - 1;
    ids.map(|id| {
        let id = if seen.contains(&id) { free } else { id };
        free -= u32::from(id == free) * 2;
        seen.insert(id);
        u64::from(id)
    })
    .collect()
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
