//! The judgement over everything: is it a leak, for what reason, and how sure is that?

use crate::findings::{Kind, Memory, Suspect, Verdict};
use crate::series::columns::Columns;
use crate::series::compared::Basis;
use crate::series::growth::{Site, baseline};
use crate::series::trend::{Trend, trend};
use crate::suspects::Cluster;

/// A suspect gains at least this many bytes a step, and this share of what the whole heap gains: V8's own housekeeping
/// stays below either.
const LEAST_STEP: u64 = 1_500;
const LEAST_SHARE: f64 = 0.03;

/// Whether a cluster is more than noise beside the growth of the whole.
pub(crate) fn is_material(cluster: &Cluster, columns: &[Columns]) -> bool {
    let base = baseline(columns.len());
    let steps = (columns.len() - 1 - base).max(1) as u64;
    let gain = cluster.gain();
    let total = columns[columns.len() - 1].total.saturating_sub(columns[base].total);
    gain / steps >= LEAST_STEP && gain as f64 >= total as f64 * LEAST_SHARE
}

/// How sure a suspect is, from 0 to 1: a long series, survivors, a large share of the growth, a name.
pub(crate) fn confidence(cluster: &Cluster, suspect: &Suspect, columns: &[Columns]) -> f64 {
    let base = baseline(columns.len());
    let steps = columns.len().saturating_sub(1 + base);
    let total = columns[columns.len() - 1].total.saturating_sub(columns[base].total).max(1);
    let share = (cluster.gain() as f64 / total as f64).min(1.0);
    let length = [0.0, 0.3, 0.6, 0.85, 1.0][steps.min(4)];
    let survival = cluster.first_site().survival;
    let named = if suspect.location.is_some() { 1.0 } else { 0.6 };
    let own = if suspect.kind == Kind::Native { 0.4 } else { 1.0 };
    let confidence: f64 = length * survival * named * own * (0.5 + 0.5 * share.sqrt());
    (confidence * 100.0).round() / 100.0
}

/// Why the verdict is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    NoSnapshot,
    OneSnapshot,
    /// Two snapshots, between which the first suspect grew.
    TwoSnapshots,
    /// Two snapshots, and no suspect.
    TwoWithoutSuspect {
        totals: Totals,
    },
    /// The first of so many suspects grew at every step.
    Suspects {
        count: usize,
    },
    /// The same by class only, object ids not being comparable.
    SuspectsByClass,
    /// Object ids are not comparable, and no class can be followed.
    NothingByClass,
    /// Memory grew where the snapshots do not see it.
    Outside {
        gain: u64,
        seen_in: Outside,
    },
    /// The whole heap grew, and no one object holds what did.
    Diffuse {
        per_step: u64,
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

/// Bytes of the first and of the last snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Where memory grew that the snapshots do not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// In what V8's objects own outside of its heap.
    External,
    /// In the resident set alone.
    Resident,
}

impl Reason {
    /// What follows from it.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Suspects { .. } => Verdict::Leak,
            Self::Outside { .. } => Verdict::NotHeap,
            Self::LevelledOff { .. } | Self::Steady { .. } => Verdict::Healthy,
            Self::NoSnapshot
            | Self::OneSnapshot
            | Self::TwoSnapshots
            | Self::TwoWithoutSuspect { .. }
            | Self::SuspectsByClass
            | Self::NothingByClass
            | Self::Diffuse { .. } => Verdict::Inconclusive,
        }
    }

    /// Judges by the number of suspects, and by the series where there is none.
    pub(crate) fn of(
        suspects: usize,
        sites: &[Site],
        columns: &[Columns],
        memory: &Memory,
        basis: Basis,
    ) -> Self {
        let (Some(first), Some(last)) = (columns.first(), columns.last()) else { return Self::NoSnapshot };
        let totals = Totals { first: first.total, last: last.total };
        match (columns.len(), suspects, basis) {
            (1, ..) => Self::OneSnapshot,
            (2, 0, _) => Self::TwoWithoutSuspect { totals },
            (2, ..) => Self::TwoSnapshots,
            (_, 0, Basis::Classes) => Self::NothingByClass,
            (_, _, Basis::Classes) => Self::SuspectsByClass,
            (_, 0, Basis::Objects) => Self::of_series(sites, columns, memory, totals),
            (_, count, Basis::Objects) => Self::Suspects { count },
        }
    }

    fn of_series(sites: &[Site], columns: &[Columns], memory: &Memory, totals: Totals) -> Self {
        if let Some((gain, seen_in)) = outside(memory) {
            return Self::Outside { gain, seen_in };
        }
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

/// What the whole heap gained from one snapshot to the next, where it grew all along.
fn diffuse(columns: &[Columns]) -> Option<u64> {
    let base = baseline(columns.len());
    let totals: Vec<u64> = columns[base..].iter().map(|columns| columns.total).collect();
    let (first, steps) = (totals[0], totals.len() as u64 - 1);
    let gain = totals[totals.len() - 1].saturating_sub(first);
    let much = gain >= steps * (first / 50).max(200_000);
    (trend(&totals) == Trend::Growing && much).then(|| gain / steps)
}

/// Growth that the snapshots do not show, in bytes.
///
/// The resident set rises with each snapshot that is taken and hardly falls again: what is known to be left by them is taken
/// off, and only a rise well above what a reading swings by counts. Where it is not known what they left, nothing is said.
fn outside(memory: &Memory) -> Option<(u64, Outside)> {
    let grew = |series: &[u64], least: u64| {
        let series = series.get(baseline(series.len())..)?;
        let (first, steps) = (*series.first()?, series.len() as u64 - 1);
        let gain = series.last()?.saturating_sub(first);
        let much = gain >= steps * least.max(first / 25);
        (series.len() >= 3 && trend(series) == Trend::Growing && much).then_some(gain)
    };
    if let Some(gain) = grew(&memory.external, 500_000) {
        return Some((gain, Outside::External));
    }
    let own: Vec<u64> =
        memory.rss.iter().zip(&memory.left).map(|(resident, left)| resident.saturating_sub(*left)).collect();
    grew(&own, 4_000_000).map(|gain| (gain, Outside::Resident))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rss: &[u64], left: &[u64], grows: bool) {
        let bytes = |series: &[u64]| series.iter().map(|megabytes| megabytes * 1_000_000).collect();
        let memory = Memory { rss: bytes(rss), left: bytes(left), ..Memory::default() };
        assert_eq!(outside(&memory).is_some(), grows, "{rss:?} {left:?}");
    }

    #[test]
    fn what_snapshots_leave_resident_is_no_growth_of_the_program() {
        // A heap of 77 MB that does not grow, Node 22.
        check(&[137, 631, 690, 720], &[0, 492, 550, 581], false);
        check(&[137, 631, 786], &[0, 492, 640], false);
        // Sessions of before did not tell what was left.
        check(&[137, 631, 690, 720], &[], false);
        check(&[137, 631, 690, 720], &[0, 492], false);
    }

    #[test]
    fn what_grows_besides_is() {
        // A worker thread's own heap, Node 20.
        check(&[76, 121, 134, 153, 178, 191], &[0, 33, 41, 41, 54, 55], true);
    }
}
