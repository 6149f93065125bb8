//! Where that was allocated which lives on, place by place.
//!
//! Frames of one place are added up wherever they stand in the tree. A place in a package, in Node.js or in V8 says little, so
//! the program's own frame that is nearest above goes with it.

use leakhunt_profile::{BadProfile, heap};

use crate::evidence::Evidence;
use crate::findings::Allocation;
use crate::profile::{Functions, Ranked, Written, ranked, share};
use crate::source::{Beginnings, Sources};

/// So many places are told.
const MOST_PLACES: usize = 50;

/// The places of a `.heapprofile`, most bytes first.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn allocations(profile: &str, evidence: &Evidence<'_>) -> Result<Vec<Allocation>, BadProfile> {
    let tree = heap::read(profile)?;
    let sources = Sources::new(evidence.sources, Beginnings::default());
    let functions = Functions::of(&tree, &sources);
    let places = ranked(&functions);
    let total: f64 = places.iter().map(|place| place.own).sum();
    let told = places.into_iter().take(MOST_PLACES).zip(1..).map(|(place, rank)| {
        let Ranked { function, own, called_from, .. } = place;
        let written = functions.written(function);
        Allocation {
            rank,
            called_from,
            location: written.map(|written| written.place.location.clone()),
            original_location: written.and_then(Written::original),
            function: tree.frame(function).function.clone(),
            self_size: own as u64,
            share: share(own, total),
        }
    });
    Ok(told.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Location;
    use crate::profiles::judge_profiles;

    fn node(function: &str, url: &str, line: i64, size: u64, children: &[String]) -> String {
        format!(
            r#"{{"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":{line},
                "columnNumber":4}},"selfSize":{size},"id":1,"children":[{}]}}"#,
            children.join(",")
        )
    }

    fn of(profile: &str) -> Result<Vec<Allocation>, BadProfile> {
        allocations(profile, &Evidence::of_sources(&|_| None))
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
        let findings = judge_profiles(Some(found), None);
        assert!(findings.sentence.contains("render (/app/shop.js:12): 600 B, 67 %"), "{}", findings.sentence);
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
        assert!(judge_profiles(Some(Vec::new()), None).sentence.starts_with("nothing"));
    }
}
