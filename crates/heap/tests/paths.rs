//! Retainers and shortest paths against naive ones, on random graphs with entries of WeakMaps in them.

use std::collections::BTreeMap;

use leakhunt_heap::testing::{EDGE_TYPES, NODE_TYPES, Node, snapshot};
use leakhunt_heap::{NodeId, Paths, Retainers, Snapshot};
use proptest::prelude::*;

/// The third is the name of the table's half of an entry, if node 1 is the table: it has the id 3. The fourth is the class of a queue.
const STRINGS: [&str; 4] =
    ["", "a", "1 / part of key (K @5) -> value (V @7) pair in WeakMap (table @3)", "FixedCircularBuffer"];
const TABLE: usize = 1;
const QUEUE: usize = 3;

prop_compose! {
    fn node(count: usize)(
        kind in 0..NODE_TYPES.len(),
        name in prop_oneof![4 => Just(0), 1 => Just(QUEUE)],
        edges in prop::collection::vec((0..EDGE_TYPES.len(), 0..STRINGS.len() as u32, 0..count), 0..5),
    ) -> Node {
        Node { kind, name, id: 0, size: 1, edges }
    }
}

fn graph() -> impl Strategy<Value = Vec<Node>> {
    (3..24_usize).prop_flat_map(|count| prop::collection::vec(node(count), count)).prop_map(|mut nodes| {
        for (at, node) in nodes.iter_mut().enumerate() {
            node.id = 2 * at as u32 + 1;
        }
        nodes[0].kind = NODE_TYPES.iter().position(|kind| *kind == "synthetic").expect("a type");
        nodes
    })
}

/// Whether an edge keeps its target alive.
fn keeps(from: usize, (kind, name, to): (usize, u32, usize)) -> bool {
    let is_half = EDGE_TYPES[kind] == "internal" && name == 2 && from == TABLE;
    EDGE_TYPES[kind] != "weak" && from != to && !is_half
}

/// How many steps each node is from what the root holds and is not V8's, or else from what the root holds; through queues or
/// not.
fn naive_steps(nodes: &[Node], through_queues: bool) -> Vec<Option<usize>> {
    let mut steps = vec![None; nodes.len()];
    for of_v8 in [false, true] {
        for &(.., to) in &nodes[0].edges {
            if to != 0 && steps[to].is_none() && (NODE_TYPES[nodes[to].kind] == "synthetic") == of_v8 {
                steps[to] = Some(1);
            }
        }
        for distance in 1..=nodes.len() {
            let leads = |from: &usize| through_queues || nodes[*from].name != QUEUE;
            let near = (0..nodes.len()).filter(leads).filter(|from| steps[*from] == Some(distance));
            for from in near.collect::<Vec<_>>() {
                for &edge in nodes[from].edges.iter().filter(|edge| keeps(from, **edge)) {
                    if edge.2 != 0 && steps[edge.2].is_none() {
                        steps[edge.2] = Some(distance + 1);
                    }
                }
            }
        }
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn retainers_are_the_edges_that_keep(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 1).expect("the file is a snapshot");
        let retainers = Retainers::compute(&parsed);
        let mut expected: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (from, node) in nodes.iter().enumerate() {
            for &edge in node.edges.iter().filter(|edge| keeps(from, **edge)) {
                expected.entry(edge.2).or_default().push(from);
            }
        }
        for node in parsed.nodes() {
            let found: Vec<usize> =
                retainers.keeping(&parsed, node).map(|retainer| retainer.from.0 as usize).collect();
            prop_assert_eq!(&found, expected.get(&(node.0 as usize)).map_or(&[][..], Vec::as_slice));
        }
    }

    #[test]
    fn paths_are_shortest(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 1).expect("the file is a snapshot");
        let paths = Paths::compute(&parsed);
        let (direct, all) = (naive_steps(&nodes, false), naive_steps(&nodes, true));
        for (at, expected) in direct.into_iter().enumerate() {
            let mut found = 0;
            let mut node = NodeId(at as u32);
            while let Some(last) = paths.last_edge(&parsed, node) {
                prop_assert_eq!(last.edge.target, node);
                node = last.from;
                found += 1;
            }
            if expected.is_some() {
                prop_assert_eq!(Some(found), expected, "node {}", at);
            } else {
                prop_assert_eq!(found > 0, all[at].is_some(), "node {}, through a queue", at);
            }
            prop_assert!(found == 0 || node == parsed.root());
        }
    }
}
