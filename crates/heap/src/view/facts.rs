//! All that DevTools finds out when it opens a snapshot, on two threads.
//!
//! Dominators take the longest, so one thread does little else. The other finds meanwhile what needs none of them,
//! the shallow sizes first: what the nodes retain waits for those.

use tracing::debug_span;

use crate::classes::Classes;
use crate::graph::distances::Distances;
use crate::graph::dominators::Dominators;
use crate::read::snapshot::Snapshot;
use crate::threads::both;
use crate::view::summary::{Summary, Tally};

/// All results of one snapshot.
#[derive(Debug)]
pub struct Facts {
    /// The class of each node.
    pub classes: Classes,
    /// What holds each node, and what it retains.
    pub dominators: Dominators,
    /// How far each node is from the global objects.
    pub distances: Distances,
    /// The Summary and Statistics views.
    pub summary: Summary,
}

impl Facts {
    /// Finds everything out.
    #[must_use]
    pub fn compute(snapshot: &Snapshot<'_>) -> Self {
        let (dominators, (classes, distances, tally)) = both(
            || debug_span!("dominators").in_scope(|| Dominators::compute(snapshot)),
            || {
                let classes = debug_span!("classes").in_scope(|| Classes::compute(snapshot));
                let distances = debug_span!("distances").in_scope(|| Distances::compute(snapshot));
                let tally = debug_span!("tally").in_scope(|| Tally::compute(snapshot, &classes, &distances));
                (classes, distances, tally)
            },
        );
        let summary = debug_span!("summary").in_scope(|| tally.summary(snapshot, &classes, &dominators));
        Self { classes, dominators, distances, summary }
    }
}
