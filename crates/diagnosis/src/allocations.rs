//! Where that was allocated which lives on, place by place.
//!
//! Frames of one place are added up wherever they stand in the tree. A place in a package, in Node.js or in V8 says little, so
//! the program's own frame that is nearest above goes with it.

use rustc_hash::FxHashMap;

use crate::findings::{Allocation, Findings, Memory, SCHEMA_VERSION, Verdict};
use crate::profile::{BadProfile, Frame, nodes};
use crate::wording;

/// So many places are told.
const MOST_PLACES: usize = 50;

/// What the frames of one place allocated, and for whom.
#[derive(Default)]
struct Place<'t> {
    size: f64,
    callers: FxHashMap<&'t Frame, f64>,
}

/// The places of a `.heapprofile`, most bytes first.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn allocations(profile: &str) -> Result<Vec<Allocation>, BadProfile> {
    let nodes = nodes(profile)?;
    let mut places: FxHashMap<&Frame, Place<'_>> = FxHashMap::default();
    // Of each node, the nearest of the program's own above it: callers come first.
    let mut above: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    for node in &nodes {
        let nearest = node
            .caller
            .and_then(|caller| if nodes[caller].frame.is_programs() { Some(caller) } else { above[caller] });
        above.push(nearest);
        if node.size >= 1.0 {
            let place = places.entry(&node.frame).or_default();
            place.size += node.size;
            if let Some(nearest) = nearest {
                *place.callers.entry(&nodes[nearest].frame).or_default() += node.size;
            }
        }
    }
    Ok(rank(places))
}

fn rank(places: FxHashMap<&Frame, Place<'_>>) -> Vec<Allocation> {
    let total: f64 = places.values().map(|place| place.size).sum();
    let mut sorted: Vec<(&Frame, Place<'_>)> = places.into_iter().collect();
    sorted.sort_by(|(one, first), (other, second)| {
        second.size.total_cmp(&first.size).then_with(|| one.key().cmp(&other.key()))
    });
    let ranked = sorted.into_iter().take(MOST_PLACES).zip(1..).map(|((frame, place), rank)| {
        let caller = place
            .callers
            .into_iter()
            .max_by(|one, other| one.1.total_cmp(&other.1).then_with(|| other.0.key().cmp(&one.0.key())));
        Allocation {
            rank,
            called_from: caller.filter(|_| !frame.is_programs()).and_then(|(caller, _)| caller.location()),
            location: frame.location(),
            function: frame.function_name.clone(),
            self_size: place.size as u64,
            share: (place.size / total * 1000.0).round() / 1000.0,
        }
    });
    ranked.collect()
}

/// Findings where there is a profile and no snapshot: what it can say, and what it cannot.
#[must_use]
pub fn judge_allocations(allocations: Vec<Allocation>) -> Findings {
    Findings {
        schema_version: SCHEMA_VERSION,
        verdict: Verdict::Inconclusive,
        sentence: wording::allocations(&allocations),
        memory: Memory::default(),
        outside: None,
        suspects: Vec::new(),
        allocations,
        warnings: Vec::new(),
        baseline: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Location;

    #[test]
    fn a_line_that_no_script_has_is_no_place() {
        for (line, place) in [(11, Some((12, 5))), (-1, None), (4_294_967_294, None), (i64::MAX, None)] {
            let profile = format!(r#"{{"head":{}}}"#, node("render", "/app/shop.js", line, 600, &[]));
            let found = allocations(&profile).unwrap();
            assert_eq!(found[0].location.as_ref().map(|at| (at.line, at.column)), place, "{line}");
        }
    }

    #[test]
    fn sizes_that_no_heap_has_are_no_profile() {
        let huge = node("render", "/app/shop.js", 11, 600, &[]).replace("600", "1e308");
        let profile = format!(r#"{{"head":{}}}"#, node("", "", 0, 0, &[huge.clone(), huge]));
        assert!(allocations(&profile).is_err(), "a share of it would be NaN %");
    }

    fn node(function: &str, url: &str, line: i64, size: u64, children: &[String]) -> String {
        format!(
            r#"{{"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":{line},
                "columnNumber":4}},"selfSize":{size},"id":1,"children":[{}]}}"#,
            children.join(",")
        )
    }

    fn profile(head: &str) -> String {
        format!(r#"{{"head":{head},"samples":[]}}"#)
    }

    #[test]
    fn places_are_added_up_wherever_they_are_called() {
        let slice = |size| node("slice", "", -1, size, &[]);
        let render = |size| node("render", "file:///app/shop.js", 11, size, &[slice(300)]);
        let package = node("add", "/app/node_modules/cache/index.js", 6, 200, &[]);
        let head = node(
            "(root)",
            "",
            -1,
            0,
            &[render(100), node("tick", "/app/tick.js", 0, 0, &[render(0), package])],
        );
        let found = allocations(&profile(&head)).unwrap();
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
                (
                    "add",
                    200,
                    Some("/app/node_modules/cache/index.js:7".to_owned()),
                    Some("/app/tick.js:1".to_owned())
                ),
                ("render", 100, shop(), None),
            ]
        );
        assert!((found[0].share - 0.667).abs() < 0.001);
        let findings = judge_allocations(found);
        assert!(findings.sentence.contains("render (/app/shop.js:12): 600 B, 67 %"), "{}", findings.sentence);
    }

    #[test]
    fn a_stack_as_deep_as_v8_keeps_is_walked_and_a_deeper_one_refused() {
        let deep = |frames: usize| {
            (0..frames)
                .fold(node("leaf", "/app/a.js", 1, 9, &[]), |child, _| node("f", "/app/a.js", 2, 0, &[child]))
        };
        assert_eq!(allocations(&profile(&deep(200))).unwrap()[0].function, "leaf");
        assert!(allocations(&profile(&deep(400))).is_err());
    }

    #[test]
    fn what_is_no_profile_is_an_error() {
        for text in ["", "{}", "[1]", r#"{"head":{}}"#, r#"{"head":{"callFrame":1}}"#] {
            assert!(allocations(text).is_err(), "{text}");
        }
        assert!(judge_allocations(Vec::new()).sentence.starts_with("nothing"));
    }
}
