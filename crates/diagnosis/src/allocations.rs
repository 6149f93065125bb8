//! Where that was allocated which lives on, place by place.
//!
//! A place in a package, in Node.js or in V8 says little, so the program's own function that is nearest above goes with it, and
//! what is allocated for one such function stands together: the line to change is there.
//!
//! Where there are two cuts of a profile, what counts is what has grown between them. What a program needs for its work is as
//! much at both, though it is never the same; what it has set up is the same, and no more. A leak keeps what it had, and adds to
//! it: so a place has grown by what it has more, as far as that which it had lives on.

use std::cmp::Ordering;

use leakhunt_profile::{BadProfile, FrameId, Tree, heap, timeline};
use rustc_hash::FxHashMap;

use crate::evidence::Evidence;
use crate::findings::Allocation;
use crate::packages::Packages;
use crate::profile::{CallTree, Functions, Stacks, Unit, Written, share};
use crate::source::{Beginnings, Sources};

/// So many places are told.
const MOST_PLACES: usize = 50;

/// The places of a `.heapprofile`, most bytes first, and who called whom.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn allocations(
    profile: &str,
    evidence: &Evidence<'_>,
) -> Result<(Vec<Allocation>, CallTree), BadProfile> {
    Ok(of_tree(&heap::read(profile)?, evidence))
}

/// The same of a `.heaptimeline`, whose objects are in a snapshot and not estimated by samples.
///
/// # Errors
/// As [`allocations`], and where it was recorded without stacks.
pub fn timeline(file: &[u8], evidence: &Evidence<'_>) -> Result<(Vec<Allocation>, CallTree), BadProfile> {
    Ok(of_tree(&timeline::read(file)?, evidence))
}

fn of_tree(tree: &Tree, evidence: &Evidence<'_>) -> (Vec<Allocation>, CallTree) {
    let sizes: Vec<Sizes> = tree.nodes().iter().map(|node| Sizes::alive(node.own)).collect();
    told(tree, &sizes, false, evidence)
}

/// The places of two cuts of one profile, those first for which most has grown, and who called whom by the second. None where these
/// are not two cuts of one run of the profiler, as far as anything tells: `one_run` is what is known beforehand.
///
/// # Errors
/// [`BadProfile`] where one of the texts is something else, or cut short.
pub fn grown_allocations(
    first: &str,
    second: &str,
    one_run: bool,
    evidence: &Evidence<'_>,
) -> Result<Option<(Vec<Allocation>, CallTree)>, BadProfile> {
    let cuts = heap::read_cuts(first, second)?;
    if !one_run && cuts.kept == 0 {
        return Ok(None);
    }
    let calls = cuts.tree.nodes().iter().zip(&cuts.earlier);
    let sizes = calls.map(|(node, earlier)| Sizes {
        alive: node.own,
        more: node.own - earlier.alive,
        kept: earlier.kept,
    });
    Ok(Some(told(&cuts.tree, &sizes.collect::<Vec<_>>(), true, evidence)))
}

/// Who called whom while an allocation profile was taken between snapshots, and what that allocated.
#[must_use]
pub fn allocated_between(stacks: &Stacks, evidence: &Evidence<'_>) -> CallTree {
    let sources = Sources::new(evidence.sources, Beginnings::default());
    let functions = Functions::of(stacks.tree(), &sources);
    CallTree::of(&functions, Unit::Bytes, &Packages::of(evidence.packages), &sources)
}

/// What a place has, bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    /// At the end.
    alive: f64,
    /// How much more than at the first cut.
    more: f64,
    /// What of the first cut lives on.
    kept: f64,
}

impl Sizes {
    /// Of one cut: what lives is what has grown since the profiler was started.
    fn alive(size: f64) -> Self {
        Self { alive: size, more: size, kept: size }
    }

    fn add(&mut self, other: Self) {
        self.alive += other.alive;
        self.more += other.more;
        self.kept += other.kept;
    }

    fn grown(self) -> f64 {
        self.more.min(self.kept).max(0.0)
    }
}

/// What has grown most comes first, then what there is most of.
fn most(one: &Sizes, other: &Sizes) -> Ordering {
    other.grown().total_cmp(&one.grown()).then(other.alive.total_cmp(&one.alive))
}

/// A function that allocates, and the program's own function for which it does, if it is none itself.
type Key = (FrameId, Option<FrameId>);

fn told(tree: &Tree, sizes: &[Sizes], cuts: bool, evidence: &Evidence<'_>) -> (Vec<Allocation>, CallTree) {
    let sources = Sources::new(evidence.sources, Beginnings::default());
    let functions = Functions::of(tree, &sources);
    let calls = CallTree::of(&functions, Unit::Bytes, &Packages::of(evidence.packages), &sources);
    let mut places: FxHashMap<Key, Sizes> = FxHashMap::default();
    // By the function that is answerable.
    let mut answerable: FxHashMap<FrameId, Sizes> = FxHashMap::default();
    for ((node, above), size) in tree.nodes().iter().zip(functions.programs_above()).zip(sizes) {
        let above = above.filter(|_| !functions.is_programs(node.frame));
        places.entry((node.frame, above)).or_default().add(*size);
        answerable.entry(above.unwrap_or(node.frame)).or_default().add(*size);
    }
    let of_all: f64 = answerable.values().map(|sizes| sizes.grown()).sum();
    let function = |key: &Key| key.1.unwrap_or(key.0);
    let mut places: Vec<(Key, Sizes)> = places.into_iter().filter(|(_, sizes)| sizes.alive >= 1.0).collect();
    places.sort_by(|(one, sizes), (other, others)| {
        let (ours, theirs) = (function(one), function(other));
        // Of what V8 does by itself there is no line to change, however much it is.
        let leads = |function| functions.written(function).is_some() && answerable[&function].grown() > 0.0;
        let by_function = leads(theirs)
            .cmp(&leads(ours))
            .then_with(|| most(&answerable[&ours], &answerable[&theirs]))
            .then(ours.cmp(&theirs));
        let by_place = most(sizes, others).then_with(|| tree.frame(one.0).cmp(tree.frame(other.0)));
        by_function.then(by_place)
    });
    let told = places.into_iter().take(MOST_PLACES).zip(1..).map(|(((function, above), sizes), rank)| {
        let written = functions.written(function);
        let caller = above.and_then(|above| functions.written(above));
        Allocation {
            rank,
            called_from: caller.map(|caller| caller.place.best().clone()),
            location: written.map(|written| written.place.location.clone()),
            original_location: written.and_then(Written::original),
            function: tree.frame(function).function.clone(),
            self_size: sizes.alive as u64,
            grown: cuts.then_some(sizes.grown() as u64),
            share: share(sizes.grown(), of_all),
        }
    });
    (told.collect(), calls)
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
        let findings = judge_profiles(Some(found), None);
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
        let sentence = judge_profiles(Some(known), None).sentence;
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
        assert!(judge_profiles(Some(Vec::new()), None).sentence.starts_with("nothing"));
    }
}
