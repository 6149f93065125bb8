//! The graph algorithms against naive ones, and the parser against another, on random snapshots.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use leakhunt_heap::testing::{EDGE_TYPES, NODE_TYPES, Node, snapshot};
use leakhunt_heap::{
    Census, Classes, Distances, DominatorTree, Dominators, EdgeType, NodeId, NodeType, ObjectId, Snapshot,
    SnapshotFile, Walk, compare, id_space,
};
use proptest::prelude::*;
use serde_json::Value;

const STRINGS: [&str; 8] = [
    "",
    "Object",
    "a",
    "b \"quoted\" \\ \u{1}",
    "é 中 😀",
    "(GC roots)",
    "system / ExternalStringData",
    "elements",
];

prop_compose! {
    fn node(count: usize)(
        kind in 0..NODE_TYPES.len(),
        name in 0..STRINGS.len(),
        size in 0..50_u32,
        edges in prop::collection::vec((0..EDGE_TYPES.len(), 0..STRINGS.len() as u32, 0..count), 0..5),
    ) -> Node {
        Node { kind, name, id: 0, size, edges }
    }
}

fn graph() -> impl Strategy<Value = Vec<Node>> {
    (2..24_usize).prop_flat_map(|count| prop::collection::vec(node(count), count)).prop_map(|mut nodes| {
        for (at, node) in nodes.iter_mut().enumerate() {
            node.id = 2 * at as u32 + 1;
        }
        // The root is synthetic, as V8's is.
        nodes[0].kind = 9;
        nodes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_parser_reads_what_serde_json_reads(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let value: Value = serde_json::from_str(&text).expect("the file is JSON");
        let parsed = Snapshot::parse(text.as_bytes(), 2).expect("the file is a snapshot");
        let number = |section: &str, at: usize| value[section][at].as_u64().expect("a number") as usize;
        let mut edge = 0;
        for node in parsed.nodes() {
            let at = node.0 as usize * 6;
            prop_assert_eq!(parsed.type_name(node), NODE_TYPES[number("nodes", at)]);
            let name = value["strings"][number("nodes", at + 1)].as_str().expect("a string").to_owned();
            prop_assert_eq!(parsed.name(node), name);
            prop_assert_eq!(parsed.object_id(node).0 as usize, number("nodes", at + 2));
            prop_assert_eq!(parsed.raw_self_size(node) as usize, number("nodes", at + 3));
            prop_assert_eq!(parsed.edges(node).len(), number("nodes", at + 4));
            for parsed_edge in parsed.edges(node) {
                let name = number("edges", edge * 3 + 1);
                let name = match EDGE_TYPES[number("edges", edge * 3)] {
                    "element" | "hidden" => name.to_string(),
                    _ => STRINGS[name].to_owned(),
                };
                prop_assert_eq!(parsed.edge_name(parsed_edge).to_string(), name);
                prop_assert_eq!(parsed_edge.target.0 as usize * 6, number("edges", edge * 3 + 2));
                edge += 1;
            }
        }
        prop_assert_eq!(edge, parsed.edge_count());
    }

    #[test]
    fn bytes_go_to_the_only_owner(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 1).expect("the file is a snapshot");
        prop_assert_eq!(naive_sizes(&nodes), parsed.nodes().map(|node| parsed.self_size(node)).collect::<Vec<_>>());
        let census = Census::parse(text.as_bytes()).expect("the file is a snapshot");
        for node in parsed.nodes() {
            prop_assert_eq!(census.self_size(node), parsed.self_size(node));
        }
    }

    #[test]
    fn a_node_has_one_class_name(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 1).expect("the file is a snapshot");
        let classes = Classes::compute(&parsed);
        for node in parsed.nodes().filter(|node| !parsed.is_plain_object(*node)) {
            prop_assert_eq!(parsed.class_name(node), classes.name(classes.of(node)));
        }
    }

    #[test]
    fn dominators_are_those_of_the_definition(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 1).expect("the file is a snapshot");
        let dominators = Dominators::compute(&parsed);
        let naive = NaiveDominators::compute(&nodes);
        let sizes = naive_sizes(&nodes);
        for node in parsed.nodes() {
            let at = node.0 as usize;
            prop_assert_eq!(dominators.immediate(node).0 as usize, naive.immediate(at), "of {}", at);
            let retained: u64 = naive.retained(at).iter().map(|&of| u64::from(sizes[of])).sum();
            prop_assert_eq!(dominators.retained_size(node), retained, "of {}", at);
        }
        let position: Vec<_> = {
            let mut position = vec![usize::MAX; nodes.len()];
            for (place, node) in dominators.top_down().enumerate() {
                position[node.0 as usize] = place;
            }
            position
        };
        for node in parsed.nodes().skip(1) {
            prop_assert!(position[dominators.immediate(node).0 as usize] < position[node.0 as usize]);
        }
        let mut descended = Vec::new();
        DominatorTree::of(Walk::of(&parsed)).descend(|node, above| {
            descended.push((node, NodeId(above.unwrap_or(node.0))));
            node.0
        });
        prop_assert_eq!(descended.first().map(|(node, _)| *node), Some(parsed.root()));
        descended.sort_by_key(|(node, _)| *node);
        let expected: Vec<_> = parsed.nodes().map(|node| (node, dominators.immediate(node))).collect();
        prop_assert_eq!(descended, expected);
    }

    #[test]
    fn each_distance_is_one_more_than_the_nearest(nodes in graph()) {
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 1).expect("the file is a snapshot");
        let distances = Distances::compute(&parsed);
        // Without WeakMaps and shared arrays, what user roots reach has the length of the shortest way.
        let user_roots: BTreeSet<usize> =
            nodes[0].edges.iter().map(|edge| edge.2).filter(|&to| nodes[to].kind != 9).collect();
        let mut expected = vec![None; nodes.len()];
        let mut ring: BTreeSet<usize> = user_roots;
        let mut distance = 1;
        while !ring.is_empty() {
            let mut next = BTreeSet::new();
            for at in ring {
                expected[at] = Some(distance);
                let edges = nodes[at].edges.iter().filter(|edge| EDGE_TYPES[edge.0] != "weak");
                next.extend(edges.map(|edge| edge.2));
            }
            ring = next.into_iter().filter(|&at| expected[at].is_none()).collect();
            distance += 1;
        }
        for node in parsed.nodes().skip(1) {
            match expected[node.0 as usize] {
                Some(distance) => prop_assert_eq!(distances.get(node), distance),
                None => prop_assert!(!(1..leakhunt_heap::SYSTEM).contains(&distances.get(node)) || expected.iter().all(Option::is_none)),
            }
        }
    }

    #[test]
    fn a_comparison_counts_what_is_in_one_of_the_two(a in graph(), b in graph()) {
        let (a_text, b_text) = (snapshot(&a, &STRINGS), snapshot(&b, &STRINGS));
        let censuses = [&a_text, &b_text].map(|text| Census::parse(text.as_bytes()).expect("a snapshot"));
        let comparison = compare(&censuses[0], &censuses[1]);
        let bytes = |nodes: &[Node]| naive_sizes(nodes).iter().map(|&size| i64::from(size)).sum::<i64>();
        let shown = |nodes: &[Node]| naive_sizes(nodes).iter().filter(|size| **size > 0).count() as i64;
        let count_delta: i64 = comparison.rows.iter().map(|row| row.count_delta()).sum();
        prop_assert_eq!(count_delta, shown(&b) - shown(&a));
        let added: i64 = comparison.rows.iter().map(|row| row.added_size as i64).sum();
        prop_assert!(added <= bytes(&b));
        for row in &comparison.rows {
            prop_assert!(row.added.is_sorted_by_key(|member| member.id));
            prop_assert!(row.added_count() + row.removed_count() > 0);
            for member in &row.added {
                prop_assert_eq!(censuses[1].object_id(member.node), member.id);
            }
        }
        // A snapshot has changed in nothing against itself.
        prop_assert_eq!(compare(&censuses[0], &censuses[0]).rows, vec![]);
    }
}

fn is(nodes: &[Node], at: usize, kind: &str) -> bool {
    NODE_TYPES[nodes[at].kind] == kind
}

/// Each node's owners, found by walking from every node that owns itself.
fn naive_sizes(nodes: &[Node]) -> Vec<u32> {
    let mut sizes: Vec<u32> = nodes.iter().map(|node| node.size).collect();
    let owned = |at: usize| {
        is(nodes, at, "hidden")
            || is(nodes, at, "array")
            || (is(nodes, at, "native") && STRINGS[nodes[at].name] == "system / ExternalStringData")
    };
    if nodes[0].edges.iter().all(|edge| is(nodes, edge.2, "synthetic")) {
        return sizes;
    }
    let mut owners = vec![BTreeSet::new(); nodes.len()];
    for owner in (0..nodes.len()).filter(|&at| !owned(at)) {
        let mut work = vec![owner];
        while let Some(at) = work.pop() {
            for edge in nodes[at].edges.iter().filter(|edge| EDGE_TYPES[edge.0] != "weak") {
                if owned(edge.2) && owners[edge.2].insert(owner) {
                    work.push(edge.2);
                }
            }
        }
    }
    for at in 0..nodes.len() {
        if owners[at].len() == 1 {
            let owner = *owners[at].first().expect("one");
            if owner != 0 && !is(nodes, owner, "synthetic") {
                sizes[owner] += std::mem::take(&mut sizes[at]);
            }
        }
    }
    sizes
}

/// Dominators by their definition: what is cut off when a node is taken away.
struct NaiveDominators {
    edges: Vec<Vec<usize>>,
    reached: BTreeSet<usize>,
}

impl NaiveDominators {
    fn compute(nodes: &[Node]) -> Self {
        let mut page = BTreeSet::new();
        let mut work: Vec<usize> = nodes[0]
            .edges
            .iter()
            .filter(|edge| EDGE_TYPES[edge.0] == "shortcut")
            .map(|edge| edge.2)
            .collect();
        while let Some(at) = work.pop() {
            if page.insert(at) {
                let edges = nodes[at].edges.iter().filter(|edge| EDGE_TYPES[edge.0] != "weak");
                work.extend(edges.map(|edge| edge.2));
            }
        }
        let mut edges: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (from, node) in nodes.iter().enumerate() {
            for &(kind, _, to) in &node.edges {
                let counts = match EDGE_TYPES[kind] {
                    "weak" => false,
                    "shortcut" => from == 0,
                    _ => true,
                };
                if counts && from != to && (from == 0 || page.contains(&from) || !page.contains(&to)) {
                    edges[from].push(to);
                }
            }
        }
        // What nothing points to hangs on the root.
        let pointed_to: BTreeSet<usize> = edges.iter().flatten().copied().collect();
        let orphans: Vec<usize> = (1..nodes.len()).filter(|at| !pointed_to.contains(at)).collect();
        edges[0].extend(orphans);
        let reached = reach(&edges, None);
        Self { edges, reached }
    }

    fn retained(&self, at: usize) -> BTreeSet<usize> {
        if at == 0 {
            return (0..self.edges.len()).collect();
        }
        if !self.reached.contains(&at) {
            return BTreeSet::from([at]);
        }
        let without = reach(&self.edges, Some(at));
        self.reached.difference(&without).copied().collect()
    }

    /// Of all strict dominators, the one that retains least.
    fn immediate(&self, at: usize) -> usize {
        (0..self.edges.len())
            .filter(|&other| {
                other != at && self.reached.contains(&other) && self.retained(other).contains(&at)
            })
            .min_by_key(|&other| self.retained(other).len())
            .filter(|_| at != 0)
            .unwrap_or(0)
    }
}

fn reach(edges: &[Vec<usize>], without: Option<usize>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut work = vec![0];
    while let Some(at) = work.pop() {
        if Some(at) != without && reached.insert(at) {
            work.extend(&edges[at]);
        }
    }
    reached
}

/// Thousands point to a few, as objects do to their map.
#[test]
fn dominators_of_what_thousands_point_to() {
    const PROPERTY: usize = 2;
    for seed in 1..9_u64 {
        let mut state = seed;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        };
        let mut edges: Vec<Vec<usize>> = vec![Vec::new(); 15_000];
        for node in 1..edges.len() {
            // All that a few nodes hold hangs on them alone, but for some.
            let near = node - 1 - below(node.min(if seed % 2 == 0 { 3 } else { 400 }));
            edges[near].push(node);
            if below(10) < 6 {
                edges[node].push(1 + below(6) * 2_000 / (1 + below(2)));
            }
            if below(100) < 3 {
                edges[node].push(below(15_000));
            }
        }
        let nodes: Vec<Node> = edges
            .iter()
            .zip(0..)
            .map(|(targets, at)| Node {
                kind: if at == 0 { 9 } else { 3 },
                name: 2,
                id: 2 * at + 1,
                size: 8,
                edges: targets.iter().map(|&target| (PROPERTY, 2, target)).collect(),
            })
            .collect();
        let text = snapshot(&nodes, &STRINGS);
        let parsed = Snapshot::parse(text.as_bytes(), 2).expect("the file is a snapshot");
        let dominators = Dominators::compute(&parsed);
        let expected = iterated_dominators(&edges);
        for node in parsed.nodes() {
            let at = node.0 as usize;
            assert_eq!(dominators.immediate(node).0 as usize, expected[at], "of {at}, seed {seed}");
        }
    }
}

/// Immediate dominators by passing them on along the edges until nothing changes (K. Cooper, T. Harvey, K. Kennedy, "A
/// Simple, Fast Dominance Algorithm", 2001). Everything must be reached from node 0.
fn iterated_dominators(edges: &[Vec<usize>]) -> Vec<usize> {
    let (mut order, mut met) = (Vec::new(), vec![false; edges.len()]);
    let mut stack = vec![(0, 0)];
    met[0] = true;
    while let Some((node, next)) = stack.pop() {
        match edges[node].get(next) {
            None => order.push(node),
            Some(&target) => {
                stack.push((node, next + 1));
                if !std::mem::replace(&mut met[target], true) {
                    stack.push((target, 0));
                }
            }
        }
    }
    // The root has the greatest place.
    let mut place = vec![0; edges.len()];
    for (at, &node) in order.iter().enumerate() {
        place[node] = at;
    }
    let mut sources = vec![Vec::new(); edges.len()];
    for (node, targets) in edges.iter().enumerate() {
        for &target in targets {
            sources[target].push(node);
        }
    }
    let mut immediate = vec![usize::MAX; edges.len()];
    immediate[0] = 0;
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for &node in order.iter().rev().skip(1) {
            let known = sources[node].iter().copied().filter(|&source| immediate[source] != usize::MAX);
            let new = known.reduce(|mut a, mut b| {
                while a != b {
                    let lower = if place[a] < place[b] { &mut a } else { &mut b };
                    *lower = immediate[*lower];
                }
                a
            });
            let new = new.expect("one is always known");
            changed |= std::mem::replace(&mut immediate[node], new) != new;
        }
    }
    immediate
}

/// More text than is kept in memory while names are compared, in files; and escapes that say what others write out.
#[test]
fn names_are_compared_whole_wherever_they_are_kept() {
    const MEGABYTE: usize = 1 << 20;
    let texts = |tenth: &str, last: &str| -> Vec<String> {
        let mut texts: Vec<String> = (0..24).map(|at| format!("{at} {}", "x".repeat(MEGABYTE))).collect();
        texts[10] += tenth;
        texts.push(last.to_owned());
        texts
    };
    let census = |name: &str, texts: &[String]| {
        let nodes: Vec<Node> = (0..texts.len() as u32)
            .map(|at| Node {
                kind: if at == 0 { 9 } else { 2 },
                name: at as usize,
                id: 2 * at + 1,
                ..Node::default()
            })
            .collect();
        let strings: Vec<&str> = texts.iter().map(String::as_str).collect();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, snapshot(&nodes, &strings).replace("(last)", "(\\u006cast)")).expect("written");
        SnapshotFile::open(&path).expect("opened")
    };
    let one = census("names-one.heapsnapshot", &texts("", "(last)"));
    let two = census("names-two.heapsnapshot", &texts("", "(last)"));
    let other = census("names-other.heapsnapshot", &texts("!", "(least)"));
    let [one, two, other] = [&one, &two, &other].map(|file| file.census().expect("a census"));
    let agreeing = |a, b| (id_space(a, b).common, id_space(a, b).agreeing);
    assert_eq!(agreeing(&one, &two), (25, 25));
    assert_eq!(agreeing(&one, &other), (25, 23));
    let of_type = |kind| {
        let root = Node { kind: 9, ..Node::default() };
        snapshot(&[root, Node { kind, id: 49, ..Node::default() }], &["(last)"])
    };
    let (string, code) = (of_type(2), of_type(4));
    let [string, code] = [&string, &code].map(|text| Census::parse(text.as_bytes()).expect("a census"));
    assert_eq!(agreeing(&one, &string), (1, 1), "an escape is another way to write it");
    assert_eq!(agreeing(&one, &code), (1, 0), "of another type");
    let flushed = [Node { kind: 9, ..Node::default() }, Node { kind: 4, id: 49, ..Node::default() }];
    let flushed = snapshot(&flushed, &["system / UncompiledDataWithoutPreparseData"]);
    let flushed = Census::parse(flushed.as_bytes()).expect("a census");
    assert_eq!(agreeing(&one, &flushed), (0, 0), "a function's bytecode was flushed");
}

#[test]
fn types_are_found_by_name() {
    let nodes = [
        Node { kind: 9, id: 1, edges: vec![(5, 2, 1)], ..Node::default() },
        Node { kind: 14, id: 3, size: 7, ..Node::default() },
    ];
    let text = snapshot(&nodes, &STRINGS);
    let parsed = Snapshot::parse(text.as_bytes(), 1).expect("a snapshot");
    let node = parsed.node_with_id(ObjectId(3)).expect("it is there");
    assert_eq!(parsed.node_type(node), NodeType::ObjectShape);
    assert_eq!(parsed.edges(parsed.root()).map(|edge| edge.kind).collect::<Vec<_>>(), [EdgeType::Shortcut]);
}
