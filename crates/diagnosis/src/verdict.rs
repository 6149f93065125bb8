//! The judgement over everything: is it a leak, and for what reason?

use crate::findings::{Kind, Suspect, Verdict};
use crate::grown::{Grown, Opened, Outside, Span, Totals, diffuse};
use crate::series::columns::Columns;
use crate::series::compared::Basis;
use crate::series::growth::{LEAST_STEPS, Site};
use crate::series::trend::Trend;

/// What is less of all that grew does not lead.
const LEADS: f64 = 0.3;

/// Why the verdict is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    NoSnapshot,
    OneSnapshot,
    /// Two snapshots, between which the first suspect grew.
    TwoSnapshots,
    /// Something grew, in fewer steps than tell a leak from a warm-up.
    FewSteps {
        steps: usize,
    },
    /// Something grew, no faster than a process that is so young grows by itself.
    WarmUp {
        span: Span,
    },
    /// Two snapshots, and no suspect.
    TwoWithoutSuspect {
        totals: Totals,
    },
    /// The first of so many suspects grew at every step.
    Suspects {
        count: usize,
    },
    /// All that grew has a bound, and has not passed it.
    Bounded {
        count: usize,
    },
    /// The same by class only, object ids not being comparable.
    SuspectsByClass,
    /// Object ids are not comparable, and no class can be followed.
    NothingByClass,
    /// Memory grew outside of the JavaScript heap, and nothing that the program holds has it.
    Outside {
        outside: Outside,
        /// The JavaScript heap's.
        totals: Totals,
    },
    /// More and more file descriptors are open, and nothing that the program holds grows.
    Opened {
        opened: Opened,
        totals: Totals,
    },
    /// The whole heap grew, and no one object holds what did.
    Diffuse {
        per_step: u64,
    },
    /// The heap grew from observation to observation, and there is no snapshot.
    HeapObservedToGrow {
        totals: Totals,
    },
    /// It rose, and not from each to the next.
    HeapObservedToRise {
        totals: Totals,
    },
    /// Nothing grew from observation to observation.
    NothingObservedToGrow {
        totals: Totals,
    },
    /// Something grew, and has stopped.
    LevelledOff {
        totals: Totals,
    },
    /// Nothing grew at every step.
    Steady {
        totals: Totals,
    },
}

impl Reason {
    /// What follows from it.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Suspects { .. } => Verdict::Leak,
            Self::Outside { .. } | Self::Opened { .. } => Verdict::NotHeap,
            Self::Bounded { .. } | Self::LevelledOff { .. } | Self::Steady { .. } => Verdict::Healthy,
            Self::NoSnapshot
            | Self::OneSnapshot
            | Self::TwoSnapshots
            | Self::FewSteps { .. }
            | Self::WarmUp { .. }
            | Self::TwoWithoutSuspect { .. }
            | Self::SuspectsByClass
            | Self::NothingByClass
            | Self::HeapObservedToGrow { .. }
            | Self::HeapObservedToRise { .. }
            | Self::NothingObservedToGrow { .. }
            | Self::Diffuse { .. } => Verdict::Inconclusive,
        }
    }

    /// Is it about the JavaScript heap, of which a profile of allocations tells more?
    pub(crate) fn is_of_heap(self) -> bool {
        !matches!(self, Self::Outside { .. } | Self::Opened { .. } | Self::NothingObservedToGrow { .. })
    }

    /// Judges by the suspects, those that are bounded last, and by the series where there is none.
    pub(crate) fn of(
        suspects: &[Suspect],
        sites: &[Site],
        columns: &[Columns],
        grown: &Grown,
        basis: Basis,
    ) -> Self {
        let Some(totals) = Totals::of(columns) else { return Self::NoSnapshot };
        let leading = suspects.first().filter(|suspect| suspect.bound.is_none());
        match (columns.len(), suspects.len(), basis) {
            (1, ..) => return Self::OneSnapshot,
            (2, 0, _) => return Self::TwoWithoutSuspect { totals },
            (2, _, Basis::Classes) => return Self::TwoSnapshots,
            (2, ..) if !is_explained(suspects, grown) => return Self::TwoSnapshots,
            (_, 0, Basis::Classes) => return Self::NothingByClass,
            (_, _, Basis::Classes) => return Self::SuspectsByClass,
            (_, _, Basis::Objects) => {}
        }
        let outside = |outside| Self::Outside { outside, totals: grown.used.unwrap_or(totals) };
        // What Node itself keeps of array buffers is in no object's account.
        let is_nodes = |leading: &Suspect, grown: Outside| {
            leading.kind == Kind::Native && matches!(grown, Outside::ArrayBuffers { is_owned: false, .. })
        };
        // Open handles have memory outside of the heap as well, which no snapshot shows.
        let is_small = |leading: &Suspect| leading.share < LEADS && leading.kind != Kind::Native;
        match (leading, grown.outside) {
            (Some(leading), Some(grown)) if is_small(leading) || is_nodes(leading, grown) => outside(grown),
            (Some(leading), _) => Self::of_growing(leading, suspects, grown),
            (None, Some(grown)) => outside(grown),
            (None, None) => match grown.opened {
                Some(opened) => Self::Opened { opened, totals: grown.used.unwrap_or(totals) },
                None if !suspects.is_empty() => Self::Bounded { count: suspects.len() },
                None => Self::of_series(sites, columns, totals),
            },
        }
    }

    fn of_growing(leading: &Suspect, suspects: &[Suspect], grown: &Grown) -> Self {
        let steps = steps_of(leading, grown);
        if steps < LEAST_STEPS {
            return Self::FewSteps { steps };
        }
        let bounded = suspects.iter().filter(|suspect| suspect.bound.is_some());
        let bounded = bounded.filter_map(|suspect| suspect.growth.per_minute).sum();
        match grown.warm_up(leading.growth.per_minute.unwrap_or(0), bounded) {
            Some(span) => Self::WarmUp { span },
            None => {
                Self::Suspects { count: suspects.iter().filter(|suspect| suspect.bound.is_none()).count() }
            }
        }
    }

    fn of_series(sites: &[Site], columns: &[Columns], totals: Totals) -> Self {
        if let Some(per_step) = diffuse(columns) {
            return Self::Diffuse { per_step };
        }
        if sites.iter().any(|site| site.trend == Trend::Plateau) {
            Self::LevelledOff { totals }
        } else {
            Self::Steady { totals }
        }
    }
}

/// Whether one suspect between two snapshots explains what was observed to grow before them. What else has a share like its own may be
/// the same objects, which somebody had in his hands at that moment.
fn is_explained(suspects: &[Suspect], grown: &Grown) -> bool {
    suspects.split_first().is_some_and(|(leading, others)| {
        leading.bound.is_none()
            && steps_of(leading, grown) >= LEAST_STEPS
            && others.iter().all(|other| other.share < LEADS)
    })
}

fn steps_of(leading: &Suspect, grown: &Grown) -> usize {
    grown.steps_of(leading.share, leading.growth.per_minute)
}
