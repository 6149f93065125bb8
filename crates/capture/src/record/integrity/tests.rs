//! Whole snapshots, cut ones, damaged ones.

use proptest::prelude::*;

use super::*;

const SMALL: &str = concat!(
    r#"{"snapshot":{"meta":{"node_fields":["type","name","id"],"node_types":[["hidden","a]\"}"]],"#,
    r#""edge_fields":["type","to_node"]},"node_count":3,"edge_count":2,"trace_function_count":0},"#,
    "\n\"nodes\":[9,1,1\n,0,6,12\n,3,4,555],\n\"edges\":[1,2\n,3,44],\n",
    r#""trace_tree":[[1,[2,[]]]],"locations":[],"strings":["","\u00e9 \"[x\" \\","\n"]}"#,
);

#[track_caller]
fn check(text: &str, expected: &Result<Whole, Broken>) {
    for size in [1, 2, 3, 7, 64, 4096] {
        let mut verifier = Verifier::new();
        let pushed = text.as_bytes().chunks(size).try_for_each(|piece| verifier.push(piece));
        let got = pushed.and_then(|()| verifier.finish());
        assert_eq!(&got, expected, "in pieces of {size}");
    }
}

#[test]
fn a_whole_snapshot_passes() {
    check(SMALL, &Ok(Whole { nodes: 3, edges: 2, miscounted_functions: None }));
}

#[test]
fn functions_are_counted_where_there_are_any() {
    let fields = r#""trace_function_info_fields":["function_id","name"],"edge_fields""#;
    let told = SMALL.replace(r#""edge_fields""#, fields);
    for (infos, miscounted) in [("", None), ("7,0\n,8,1", Some(2)), ("7,0", Some(1))] {
        let text =
            told.replace(r#""trace_tree""#, &format!("\"trace_function_infos\":[{infos}],\n\"trace_tree\""));
        check(&text, &Ok(Whole { nodes: 3, edges: 2, miscounted_functions: miscounted }));
    }
}

#[test]
fn no_prefix_passes() {
    for end in 0..SMALL.len() {
        let mut verifier = Verifier::new();
        verifier.push(&SMALL.as_bytes()[..end]).expect("a prefix is well-formed");
        assert_eq!(verifier.finish(), Err(Broken::Truncated { offset: end as u64 }));
    }
}

#[test]
fn missing_numbers_are_counted() {
    check(&SMALL.replace("\n,0,6,12", ""), &Err(Broken::Count { section: "nodes", found: 6, expected: 9 }));
    check(
        &SMALL.replace("[1,2\n", "[1,2,2\n"),
        &Err(Broken::Count { section: "edges", found: 5, expected: 4 }),
    );
}

#[test]
fn an_empty_array_has_no_numbers() {
    check(
        &SMALL.replace("[1,2\n,3,44]", "[]"),
        &Err(Broken::Count { section: "edges", found: 0, expected: 4 }),
    );
}

#[test]
fn what_is_not_json_is_refused() {
    let offset = SMALL.find("0,6,12").expect("it is there") as u64;
    check(&SMALL.replace("0,6,12", ",6,12"), &Err(Broken::Syntax { byte: b',', offset }));
    check(&format!("{SMALL}{{"), &Err(Broken::Syntax { byte: b'{', offset: SMALL.len() as u64 }));
    check("<html>", &Err(Broken::Syntax { byte: b'<', offset: 0 }));
    check("[]", &Err(Broken::Syntax { byte: b'[', offset: 0 }));
    check("", &Err(Broken::Truncated { offset: 0 }));
}

#[test]
fn a_file_without_header_is_refused() {
    let mut verifier = Verifier::new();
    verifier.push(b"{}").expect("well-formed");
    assert!(matches!(verifier.finish(), Err(Broken::Header(_))));
}

proptest! {
    /// What serde_json calls JSON, and only that, may pass.
    #[test]
    fn it_never_passes_what_serde_json_refuses(position in 0..SMALL.len(), byte in 0x20u8..0x7f) {
        let mut bytes = SMALL.as_bytes().to_vec();
        bytes[position] = byte;
        let mut verifier = Verifier::new();
        let passed = verifier.push(&bytes).is_ok() && verifier.finish().is_ok();
        let json = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
        // Numbers such as 01 or 1-2 are counted, not judged: the heap engine reads them.
        let only_number = bytes[position].is_ascii_digit() || b"+-.eE".contains(&bytes[position]);
        let literal = bytes[position].is_ascii_lowercase();
        prop_assert!(!passed || json || only_number || literal, "{:?}", String::from_utf8_lossy(&bytes));
    }
}
