//! Where that was allocated which lives on, place by place.
//!
//! A place in a package, in Node.js or in V8 says little, so the program's own function that is nearest above goes with it, and
//! what is allocated for one such function stands together: the line to change is there.
//!
//! Where there are two cuts of a profile, what counts is what has grown between them. What a program needs for its work is as
//! much at both, though it is never the same; what it has set up is the same, and no more. A leak keeps what it had, and adds to
//! it: so a place has grown by what it has more, as far as that which it had lives on. What V8 has inlined meanwhile is taken into
//! account (`inlined`).
//!
//! A profile names functions. The line within one is told by the source (`lines`).

mod inlined;
mod lines;
mod sizes;

use leakhunt_profile::{BadProfile, FrameId, Tree, heap, timeline};
use rustc_hash::FxHashMap;

use self::lines::Lines;
use self::sizes::{Sizes, most};
use crate::evidence::Evidence;
use crate::findings::Allocation;
use crate::packages::Packages;
use crate::profile::{CallTree, Functions, Stacks, Unit, Written, share};
use crate::source::{Author, Beginnings, Sources};

/// So many places are told.
const MOST_PLACES: usize = 50;
/// Of so many functions the line is looked for.
const MOST_LINES: usize = 5;

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
    told(tree, sizes, false, evidence)
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
    Ok(Some(told(&cuts.tree, sizes.collect(), true, evidence)))
}

/// Who called whom while an allocation profile was taken between snapshots, and what that allocated.
#[must_use]
pub fn allocated_between(stacks: &Stacks, evidence: &Evidence<'_>) -> CallTree {
    let sources = Sources::new(evidence.sources, Beginnings::default());
    let functions = Functions::of(stacks.tree(), &sources);
    CallTree::of(&functions, Unit::Bytes, &Packages::of(evidence.packages), &sources)
}

/// A function that allocates, and the program's own function for which it does, if it is none itself.
type Key = (FrameId, Option<FrameId>);

fn told(
    tree: &Tree,
    mut sizes: Vec<Sizes>,
    cuts: bool,
    evidence: &Evidence<'_>,
) -> (Vec<Allocation>, CallTree) {
    let sources = Sources::new(evidence.sources, Beginnings::default());
    let functions = Functions::of(tree, &sources);
    let is_written = |function| functions.written(function).is_some_and(|by| by.author() != Author::Node);
    inlined::reunite(tree, &mut sizes, is_written);
    let calls = CallTree::of(&functions, Unit::Bytes, &Packages::of(evidence.packages), &sources);
    let mut places: FxHashMap<Key, Sizes> = FxHashMap::default();
    // By the function that is answerable.
    let mut answerable: FxHashMap<FrameId, Sizes> = FxHashMap::default();
    for ((node, above), size) in tree.nodes().iter().zip(functions.programs_above()).zip(&sizes) {
        let above = above.filter(|_| !functions.is_programs(node.frame));
        places.entry((node.frame, above)).or_default().add(*size);
        answerable.entry(above.unwrap_or(node.frame)).or_default().add(*size);
    }
    let of_all: f64 = answerable.values().map(|sizes| sizes.grown()).sum();
    let function = |key: &Key| key.1.unwrap_or(key.0);
    let mut places: Vec<(Key, Sizes)> = places.into_iter().filter(|(_, sizes)| sizes.alive >= 1.0).collect();
    places.sort_by(|(one, sizes), (other, others)| {
        let (ours, theirs) = (function(one), function(other));
        // Of what V8 and Node do by themselves there is no line to change, however much it is.
        let leads = |function| is_written(function) && answerable[&function].grown() > 0.0;
        let by_function = leads(theirs)
            .cmp(&leads(ours))
            .then_with(|| most(&answerable[&ours], &answerable[&theirs]))
            .then(ours.cmp(&theirs));
        let by_place = most(sizes, others).then_with(|| tree.frame(one.0).cmp(tree.frame(other.0)));
        by_function.then(by_place)
    });
    let lines = Lines::of(&functions, &sizes);
    let mut asked: Vec<FrameId> = Vec::new();
    let told = places.into_iter().take(MOST_PLACES).zip(1..).map(|((key, sizes), rank)| {
        let (allocates, answers) = (key.0, function(&key));
        let written = functions.written(allocates);
        let is_first =
            asked.len() < MOST_LINES && functions.is_programs(answers) && !asked.contains(&answers);
        if is_first {
            asked.push(answers);
        }
        Allocation {
            rank,
            called_from: key.1.and_then(|above| Some(functions.written(above)?.place.best().clone())),
            location: written.map(|written| written.place.location.clone()),
            original_location: written.and_then(Written::original),
            function: tree.frame(allocates).function.clone(),
            line: is_first.then(|| lines.line(answers, &functions, &sources)).flatten(),
            self_size: sizes.alive as u64,
            grown: cuts.then_some(sizes.grown() as u64),
            share: share(sizes.grown(), of_all),
        }
    });
    (told.collect(), calls)
}

#[cfg(test)]
mod tests;
