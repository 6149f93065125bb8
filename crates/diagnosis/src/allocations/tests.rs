use super::*;
use crate::findings::Location;
use crate::findings::Memory;
use crate::profiles::judge_without_snapshots;

fn node(function: &str, url: &str, line: i64, size: u64, children: &[String]) -> String {
    format!(
        r#"{{"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":{line},
            "columnNumber":4}},"selfSize":{size},"id":1,"children":[{}]}}"#,
        children.join(",")
    )
}

fn of(profile: &str) -> Result<Vec<Allocation>, BadProfile> {
    Ok(allocations(profile, &Evidence::of_sources(&|_| None))?.0)
}

fn profile(head: &str) -> String {
    format!(r#"{{"head":{head},"samples":[]}}"#)
}

#[test]
fn places_are_added_up_wherever_they_are_called() {
    let slice = |size| node("slice", "", -1, size, &[]);
    let render = |size| node("render", "file:///app/shop.js", 11, size, &[slice(300)]);
    let package = node("add", "/app/node_modules/cache/index.js", 6, 200, &[]);
    let head =
        node("(root)", "", -1, 0, &[render(100), node("tick", "/app/tick.js", 0, 0, &[render(0), package])]);
    let found = of(&profile(&head)).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|one| {
            let place = |at: &Location| format!("{}:{}", at.file, at.line);
            (
                one.function.as_str(),
                one.self_size,
                one.location.as_ref().map(place),
                one.called_from.as_ref().map(place),
            )
        })
        .collect();
    let shop = || Some("/app/shop.js:12".to_owned());
    assert_eq!(
        told,
        [
            ("slice", 600, None, shop()),
            ("render", 100, shop(), None),
            (
                "add",
                200,
                Some("/app/node_modules/cache/index.js:7".to_owned()),
                Some("/app/tick.js:1".to_owned())
            ),
        ]
    );
    assert!((found[0].share - 0.667).abs() < 0.001);
    let findings = judge_without_snapshots(Memory::default(), Some(found), None, None);
    assert!(findings.sentence.contains("render (/app/shop.js:12): 700 B, 78 %"), "{}", findings.sentence);
}

fn in_two_cuts(places: [(u32, u32, u32); 4]) -> Vec<(String, Option<u64>)> {
    let cut = |sizes: &[u32], samples: &[String]| {
        let calls: Vec<String> = sizes
            .iter()
            .zip(1..)
            .map(|(size, at)| {
                node(&format!("f{at}"), "/app/a.js", at, (*size).into(), &[])
                    .replace("\"id\":1", &format!("\"id\":{at}"))
            })
            .collect();
        format!(r#"{{"head":{},"samples":[{}]}}"#, node("(root)", "", -1, 0, &calls), samples.join(","))
    };
    let kept = places
        .iter()
        .zip(1..)
        .map(|((_, _, kept), at)| format!(r#"{{"nodeId":{at},"size":{kept},"ordinal":{at}}}"#));
    let kept: Vec<String> = kept.collect();
    let first = cut(&places.map(|(before, ..)| before), &kept);
    let second = cut(&places.map(|(_, after, _)| after), &kept);
    let evidence = Evidence::of_sources(&|_| None);
    let (found, _) = grown_allocations(&first, &second, false, &evidence).unwrap().expect("one run");
    found.into_iter().map(|one| (one.function, one.grown)).collect()
}

#[test]
fn what_v8_does_by_itself_comes_after_what_has_a_line() {
    let render = node("render", "/app/shop.js", 11, 100, &[]);
    let head = node("(root)", "", -1, 0, &[node("(EXTERNAL)", "", -1, 900, &[]), render]);
    let functions: Vec<_> = of(&profile(&head)).unwrap().into_iter().map(|one| one.function).collect();
    assert_eq!(functions, ["render", "(EXTERNAL)"]);
}

#[test]
fn what_grows_is_what_is_more_as_far_as_what_was_there_lives_on() {
    // What is set up once, what is used and let go, what leaks, and what was given away.
    let places = [(900, 900, 900), (500, 800, 20), (300, 600, 290), (50, 10, 10)];
    let expected = [("f3", 290), ("f2", 20), ("f1", 0), ("f4", 0)];
    let expected: Vec<_> = expected.map(|(name, grown)| (name.to_owned(), Some(grown))).into();
    assert_eq!(in_two_cuts(places), expected);
}

#[test]
fn two_profiles_of_which_nothing_tells_that_they_are_of_one_run_are_no_cuts() {
    let one = profile(&node("(root)", "", -1, 0, &[node("f", "/app/a.js", 1, 100, &[])]));
    let evidence = Evidence::of_sources(&|_| None);
    assert!(grown_allocations(&one, &one, false, &evidence).unwrap().is_none());
    let (known, _) = grown_allocations(&one, &one, true, &evidence).unwrap().unwrap();
    assert_eq!((known[0].self_size, known[0].grown), (100, Some(0)));
    let sentence = judge_without_snapshots(Memory::default(), Some(known), None, None).sentence;
    assert!(sentence.ends_with("none of it had grown since half time"), "{sentence}");
}

#[test]
fn a_stack_as_deep_as_v8_keeps_is_walked_and_a_deeper_one_refused() {
    let deep = |frames: usize| {
        (0..frames)
            .fold(node("leaf", "/app/a.js", 1, 9, &[]), |child, _| node("f", "/app/a.js", 2, 0, &[child]))
    };
    assert_eq!(of(&profile(&deep(200))).unwrap()[0].function, "leaf");
    assert!(of(&profile(&deep(400))).is_err());
}

#[test]
fn what_is_no_profile_is_an_error() {
    for text in ["", "{}", "[1]", r#"{"head":{}}"#, r#"{"head":{"callFrame":1}}"#] {
        assert!(of(text).is_err(), "{text}");
    }
    assert!(
        judge_without_snapshots(Memory::default(), Some(Vec::new()), None, None)
            .sentence
            .starts_with("nothing")
    );
}

/// Of each stack what lived at the first cut and what has come since; the functions that allocate, with what has grown.
#[track_caller]
fn check_stacks(stacks: &[(&[&str], u32, u32)], expected: &[(&str, u64)]) {
    let cut = |second: bool| {
        let mut samples = Vec::new();
        let calls: Vec<String> = stacks
            .iter()
            .zip(2_usize..)
            .map(|((functions, before, since), id)| {
                let sample =
                    |at: usize| format!(r#"{{"nodeId":{id},"size":10,"ordinal":{}}}"#, id * 1_000 + at);
                let count = *before as usize + if second { *since as usize } else { 0 };
                samples.extend((0..count).map(sample));
                let outward = functions.iter().rev();
                let stack = outward.fold(None, |callee: Option<String>, name| {
                    let size = if callee.is_none() { count as u64 * 10 } else { 0 };
                    let (url, line) = match name.strip_prefix("node:") {
                        Some(_) => ("node:internal/timers", 40),
                        None => ("/app/shop.js", i64::from(name.as_bytes()[0])),
                    };
                    let id = if callee.is_none() { id } else { 0 };
                    let node = node(name, url, line, size, callee.as_slice());
                    Some(node.replace("\"id\":1", &format!("\"id\":{id}")))
                });
                stack.expect("a function")
            })
            .collect();
        format!(r#"{{"head":{},"samples":[{}]}}"#, node("(root)", "", -1, 0, &calls), samples.join(","))
    };
    let evidence = Evidence::of_sources(&|_| None);
    let (found, _) = grown_allocations(&cut(false), &cut(true), false, &evidence).unwrap().expect("one run");
    let told: Vec<_> =
        found.iter().map(|one| (one.function.as_str(), one.grown.unwrap_or_default())).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_function_that_is_inlined_by_and_by_has_grown() {
    // What `said` allocates has its own stack before V8 inlines it, or after it no longer does.
    check_stacks(&[(&["main", "said"], 30, 0), (&["main"], 0, 29)], &[("said", 290)]);
    check_stacks(&[(&["main", "said"], 0, 29), (&["main"], 30, 0)], &[("said", 290), ("main", 0)]);
    let outer = (&["main", "merge"][..], 5, 25);
    check_stacks(&[(&["main", "said", "merge"], 20, 0), outer], &[("merge", 250)]);
}

#[test]
fn stacks_that_are_not_parts_of_each_other_are_not_one() {
    check_stacks(&[(&["main", "said"], 30, 0), (&["main", "told"], 0, 29)], &[("said", 0), ("told", 0)]);
    // Node inlines what it calls, but what it allocates by itself is no part of that.
    check_stacks(&[(&["node:run", "said"], 30, 0), (&["node:run"], 0, 29)], &[("said", 0), ("node:run", 0)]);
    check_stacks(&[(&["node:run", "cb", "join"], 30, 0), (&["node:run", "join"], 0, 29)], &[("join", 290)]);
}

#[test]
fn what_node_does_by_itself_comes_after_the_programs_own() {
    check_stacks(&[(&["node:run"], 30, 30), (&["said"], 5, 5)], &[("said", 50), ("node:run", 300)]);
}

/// The first line of a profile in which one function of `/app/shop.js`, that begins at `/*here*/`, allocates all, by `callee` where
/// there is one.
fn first_line(text: &str, callee: Option<&str>) -> Option<(u32, String, bool)> {
    let at = text.find("/*here*/").expect("a place") + "/*here*/".len();
    let line = text[..at].matches('\n').count();
    let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1);
    let callee = callee.map(|name| node(name, "", -1, 500, &[]));
    let size = if callee.is_some() { 0 } else { 500 };
    let frame = node("f", "/app/shop.js", line as i64, size, callee.as_slice()).replacen(
        "\"columnNumber\":4",
        &format!("\"columnNumber\":{column}"),
        1,
    );
    let sources = |path: &str| (path == "/app/shop.js").then(|| text.to_owned());
    let profile = profile(&node("(root)", "", -1, 0, &[frame]));
    let (found, _) = allocations(&profile, &Evidence::of_sources(&sources)).unwrap();
    let line = found[0].line.clone()?;
    Some((line.location.line, line.code, line.is_seen))
}

#[test]
fn the_line_within_a_function_is_told_by_its_source() {
    let text = "const log = [];\nfunction f/*here*/(x) {\n  const it = { x };\n  log.push(it);\n}";
    assert_eq!(first_line(text, None), Some((4, "log.push".to_owned(), false)));
    let text = "function f/*here*/(x) {\n  const it = [x];\n  return it.join('');\n}";
    assert_eq!(first_line(text, Some("join")), Some((3, "it.join".to_owned(), true)));
    assert_eq!(first_line(text, None), None);
}
