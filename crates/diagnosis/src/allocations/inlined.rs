//! Stacks that are one and the same to whoever wrote the program.
//!
//! V8 writes down no function that it has inlined into another, and what it inlines changes: more and more while the program runs
//! hot, and less again where code turned out to be wrong or was thrown away. Then one leak has several stacks: what lives on of
//! the first cut stands on one of them, what has come since on another, and neither would seem to grow. Of two such stacks the
//! shorter one has the functions of the longer one, in their order, without some. What it has too much of it gives to the longer
//! one, which tells more, as far as that lacks it.

use std::cmp::Reverse;

use leakhunt_profile::{FrameId, Tree};

use super::sizes::Sizes;

/// So many stacks are compared, those first that have most.
const MOST_STACKS: usize = 400;

/// A stack of which more lives on than has come, or the other way round.
struct Uneven {
    node: usize,
    functions: Vec<FrameId>,
    /// What it has too much, bytes: of what has come since, or below zero of what lives on.
    by: f64,
}

/// Brings together what belongs together. Another function that allocates may be inlined only into one that is `inlining`.
pub(super) fn reunite(tree: &Tree, sizes: &mut [Sizes], inlining: impl Fn(FrameId) -> bool) {
    let uneven = uneven(tree, sizes);
    let mut pairs: Vec<(bool, Reverse<u64>, usize, usize)> = Vec::new();
    for (at, shorter) in uneven.iter().enumerate() {
        for (other, longer) in uneven.iter().enumerate() {
            let last = |stack: &Uneven| stack.functions.last().copied();
            let is_another = last(shorter) != last(longer);
            let may_be = !is_another || last(shorter).is_some_and(&inlining);
            if shorter.by * longer.by < 0.0 && may_be && is_part_of(&shorter.functions, &longer.functions) {
                let most = shorter.by.abs().min(longer.by.abs());
                pairs.push((is_another, Reverse(most as u64), at, other));
            }
        }
    }
    pairs.sort_unstable();
    for (_, _, shorter, longer) in pairs {
        give(sizes, uneven[shorter].node, uneven[longer].node);
    }
}

/// The stacks that are uneven, most so first.
fn uneven(tree: &Tree, sizes: &[Sizes]) -> Vec<Uneven> {
    let mut uneven: Vec<(usize, f64)> =
        sizes.iter().map(|sizes| sizes.uneven_by()).enumerate().filter(|(_, by)| by.abs() >= 1.0).collect();
    uneven.sort_by(|(at, one), (other, another)| another.abs().total_cmp(&one.abs()).then(at.cmp(other)));
    uneven.truncate(MOST_STACKS);
    let stack = |node: usize| {
        let nodes = tree.nodes();
        let up = std::iter::successors(Some(node), |at| nodes[*at].caller).map(|at| nodes[at].frame);
        let mut functions: Vec<FrameId> = up.collect();
        functions.reverse();
        functions
    };
    uneven.into_iter().map(|(node, by)| Uneven { node, functions: stack(node), by }).collect()
}

/// Whether a stack has the functions of a longer one, in their order, without some. The root alone is part of every stack, and
/// says nothing.
fn is_part_of(shorter: &[FrameId], longer: &[FrameId]) -> bool {
    let mut rest = longer.iter();
    shorter.len() > 1
        && shorter.len() < longer.len()
        && shorter.iter().all(|function| rest.any(|other| other == function))
}

fn give(sizes: &mut [Sizes], from: usize, to: usize) {
    let (mut shorter, mut longer) = (sizes[from], sizes[to]);
    let (ours, theirs) = (shorter.uneven_by(), longer.uneven_by());
    if ours * theirs < 0.0 {
        shorter.hand(&mut longer, ours.abs().min(theirs.abs()), ours > 0.0);
        (sizes[from], sizes[to]) = (shorter, longer);
    }
}
