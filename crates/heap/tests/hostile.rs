//! Broken files give an error or a result, never a panic, and never more memory than a small multiple of the file.

use leakhunt_heap::testing::{Node, snapshot};
use leakhunt_heap::{Census, Error, Facts, Limits, Retainers, Snapshot, SnapshotFile, compare, series};

const STRINGS: [&str; 11] = [
    "",
    "Object",
    "first",
    "second",
    "(map descriptors)",
    "system / NativeContext",
    "sloppy_function_map",
    "1 / part of key (a @5) -> value (b @7) pair in WeakMap (table @9)",
    "2 / part of key (a @5) -> value (b @7) pair in WeakMap (table @9)",
    "<div id=\"1\">",
    "é😀",
];

/// One of everything that is treated in its own way.
fn zoo() -> String {
    let node = |kind, name, id, size, edges: &[(usize, u32, usize)]| Node {
        kind,
        name,
        id,
        size,
        edges: edges.to_vec(),
    };
    snapshot(
        &[
            node(9, 0, 1, 0, &[(5, 1, 1), (1, 1, 2), (1, 2, 8)]),
            node(3, 1, 3, 24, &[(2, 2, 2), (2, 3, 3), (3, 7, 4), (6, 1, 5)]),
            node(3, 1, 5, 24, &[(2, 2, 3), (2, 3, 1), (3, 8, 4)]),
            node(10, 0, 7, 32, &[(3, 2, 4), (3, 3, 3)]),
            node(2, 10, 9, 40, &[]),
            node(1, 4, 11, 16, &[(1, 4, 6), (4, 5, 7)]),
            node(0, 5, 13, 8, &[(3, 6, 7), (1, 3, 5)]),
            node(8, 9, 14, 80, &[(0, 9, 6)]),
            node(5, 2, 15, 64, &[(0, 3, 9)]),
            node(14, 2, 4_294_967_295, 4_294_967_295, &[(3, 1, 9)]),
        ],
        &STRINGS,
    )
}

/// All facts of what may be a snapshot.
fn all_facts(bytes: &[u8]) -> Result<usize, Error> {
    let census = Census::parse(bytes)?;
    let parsed = Snapshot::parse(bytes, 2)?;
    let Facts { dominators, distances, summary, .. } = Facts::compute(&parsed);
    let retainers = Retainers::compute(&parsed);
    let mut seen = summary.classes.len();
    for node in parsed.nodes() {
        let text = parsed.text(node, 20);
        seen += text.head.len() + parsed.display_name(node).len() + dominators.chain(node).count();
        seen += retainers.forest(&parsed, &distances, node, Limits::default()).len();
        seen += retainers.shortest_path(&parsed, &distances, node).len();
    }
    let whole = zoo();
    let other = Census::parse(whole.as_bytes())?;
    seen += compare(&census, &other).rows.len() + compare(&other, &census).rows.len();
    Ok(seen + series(&[&census, &other]).len())
}

#[test]
fn the_zoo_itself_is_whole() {
    let text = zoo();
    assert!(all_facts(text.as_bytes()).expect("a whole file") > 0);
}

#[test]
fn every_place_of_truncation_is_an_error() {
    let text = zoo();
    for end in 0..text.len() {
        assert!(all_facts(&text.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_cut_file_says_so() {
    let text = zoo();
    let edges = text.find("\"edges\"").expect("a section");
    match Snapshot::parse(&text.as_bytes()[..edges + 20], 1) {
        Err(Error::Truncated { section }) => assert_eq!(section, "edges"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_changed_byte_gives_an_error_or_a_result() {
    let text = zoo();
    let mut results = 0;
    for at in 0..text.len() {
        for byte in [b'0', b'9', b'1', b',', b'"', b'\\', b']', b'[', b'}', b' ', b'u', 0, 0xff] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            results += usize::from(all_facts(&bytes).is_ok());
        }
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            results += usize::from(all_facts(&bytes).is_ok());
        }
    }
    assert!(results > 0, "a changed size is still a snapshot");
}

#[test]
fn what_the_header_promises_is_not_believed() {
    let text = zoo();
    for (from, to) in [
        ("\"node_count\":10", "\"node_count\":4000000000"),
        ("\"edge_count\":19", "\"edge_count\":18446744073709551615"),
        ("\"node_count\":10", "\"node_count\":0"),
        ("\"node_count\":10", "\"node_count\":11"),
        ("\"edge_count\":19", "\"edge_count\":18"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from} is there");
        assert!(all_facts(changed.as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn other_files_are_not_snapshots() {
    for text in [
        "",
        "{}",
        "[]",
        "null",
        "{\"a\":1}",
        "\u{1f}\u{8b}",
        "{\"head\":{},\"samples\":[]}",
        "{\"snapshot\":[]}",
    ] {
        assert!(Snapshot::parse(text.as_bytes(), 1).is_err(), "{text:?}");
        assert!(Census::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}

/// A list as long as memory allows is what a leak often looks like.
#[test]
fn a_chain_of_a_million_objects_is_no_problem() {
    const LEN: usize = 1_000_000;
    let nodes: Vec<Node> = (0..LEN)
        .map(|at| Node {
            kind: if at == 0 { 9 } else { 10 },
            name: 0,
            id: 2 * at as u32 + 1,
            size: 16,
            edges: if at + 1 < LEN { vec![(if at == 0 { 5 } else { 3 }, 2, at + 1)] } else { vec![] },
        })
        .collect();
    let text = snapshot(&nodes, &STRINGS);
    let parsed = Snapshot::parse(text.as_bytes(), 2).expect("a snapshot");
    let Facts { dominators, distances, summary, .. } = Facts::compute(&parsed);
    let last = parsed.nodes().next_back().expect("a million");
    assert_eq!(dominators.chain(last).count(), LEN);
    assert_eq!(dominators.retained_size(parsed.root()), 16 * LEN as u64);
    assert_eq!(distances.get(last), LEN as i32 - 1);
    assert_eq!(parsed.text(parsed.edges(parsed.root()).next().expect("one").target, 9).head, "");
    assert_eq!(summary.classes.iter().map(|class| class.count).sum::<u64>(), LEN as u64);
    let retainers = Retainers::compute(&parsed);
    assert_eq!(retainers.shortest_path(&parsed, &distances, last).len(), LEN - 2);
}

/// A string doubled thirty times has a thousand million characters in sixty nodes.
#[test]
fn a_string_that_contains_itself_many_times_is_measured_once_a_part() {
    let mut nodes = vec![Node { kind: 9, id: 1, edges: vec![(5, 2, 1)], ..Node::default() }];
    for at in 1..=30 {
        nodes.push(Node {
            kind: 10,
            id: 2 * at as u32 + 1,
            size: 32,
            edges: vec![(3, 2, at + 1), (3, 3, at + 1)],
            ..Node::default()
        });
    }
    nodes.push(Node { kind: 2, name: 10, id: 63, size: 24, ..Node::default() });
    let text = snapshot(&nodes, &STRINGS);
    let parsed = Snapshot::parse(text.as_bytes(), 1).expect("a snapshot");
    let whole = parsed.text(parsed.edges(parsed.root()).next().expect("one").target, 6);
    assert_eq!((whole.head.as_str(), whole.tail.as_str()), ("é😀é😀", "é😀é😀"));
    assert_eq!((whole.length, whole.is_exact), (3 << 30, true));
}

/// Without the watch over mapped files this test's process ends by SIGBUS.
#[test]
fn a_file_that_is_cut_short_while_it_is_mapped_is_an_error() {
    use std::io::Write as _;

    let node = |id| Node { kind: 3, name: 1, id, size: 8, edges: Vec::new() };
    let nodes: Vec<Node> = (1..20).map(node).collect();
    let strings: Vec<String> = (0..100_000).map(|number| format!("string {number}")).collect();
    let strings: Vec<&str> = strings.iter().map(String::as_str).collect();
    let text = snapshot(&nodes, &strings);
    for (length, when_parsed) in [(10_000, false), (10_000, true), (0, true)] {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        let mapped = SnapshotFile::open(file.path()).expect("mapped");
        if when_parsed {
            let snapshot = mapped.snapshot(1).expect("it is whole");
            file.as_file().set_len(length).expect("cut short");
            assert!(!snapshot.name(snapshot.root()).is_empty(), "some name or other");
            assert!(mapped.bytes().iter().map(|byte| u64::from(*byte)).sum::<u64>() > 0 || length == 0);
            assert!(matches!(mapped.check(), Err(Error::CutShort)), "{length}");
        } else {
            mapped.check().expect("it is whole");
            file.as_file().set_len(length).expect("cut short");
        }
        assert!(matches!(mapped.snapshot(1), Err(Error::CutShort)), "{length}");
        assert!(matches!(mapped.census(), Err(Error::CutShort)), "{length}");
    }
}
