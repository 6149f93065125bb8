//! The functions that cost most.
//!
//! What a function in a package, in Node.js or in V8 costs says little by itself, so the program's own function that is nearest
//! above it goes with it.

use leakhunt_profile::{FrameId, Total};
use rustc_hash::FxHashMap;

use super::functions::Functions;
use crate::findings::Location;

/// What a function cost by itself, wherever it was called.
pub(crate) struct Ranked {
    pub(crate) function: FrameId,
    pub(crate) own: f64,
    /// With all that it called.
    pub(crate) total: f64,
    /// The program's own function for which most of that was, if it is not one of these itself.
    pub(crate) called_from: Option<Location>,
}

/// A share, to the tenth of a percent.
pub(crate) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole * 1000.0).round() / 1000.0 } else { 0.0 }
}

/// All functions that cost something, those that cost most first.
pub(crate) fn ranked(functions: &Functions<'_>) -> Vec<Ranked> {
    let tree = functions.tree;
    let mut callers: FxHashMap<FrameId, FxHashMap<FrameId, f64>> = FxHashMap::default();
    for (node, above) in tree.nodes().iter().zip(functions.programs_above()) {
        if let Some(above) = above.filter(|_| !functions.is_programs(node.frame)) {
            *callers.entry(node.frame).or_default().entry(above).or_default() += node.own;
        }
    }
    let most = |callers: &FxHashMap<FrameId, f64>| {
        let most = callers.iter().max_by(|one, other| {
            one.1.total_cmp(other.1).then_with(|| tree.frame(*other.0).cmp(tree.frame(*one.0)))
        });
        most.map(|(caller, _)| *caller)
    };
    let totals = tree.totals().into_iter().filter(|total| total.own >= 1.0);
    let ranked = totals.map(|Total { frame, own, total }| {
        let caller = callers.get(&frame).and_then(most);
        let called_from = caller.and_then(|caller| functions.written(caller));
        Ranked {
            function: frame,
            own,
            total,
            called_from: called_from.map(|written| written.place.best().clone()),
        }
    });
    ranked.collect()
}
