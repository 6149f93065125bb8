//! How the heap went before the first snapshot, by readings after garbage collections.

use crate::findings::Memory;
use crate::series::growth::{LEAST_STEPS, baseline, minutes, steps};
use crate::series::trend::{Trend, trend};

/// Below this a step says nothing: V8 compiles code and forgets it again.
const LEAST_STEP: u64 = 50_000;

/// How it went over the judged observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeapTrend {
    /// It grew all along.
    Growing {
        /// Over so many steps,
        steps: usize,
        /// by so many bytes,
        gain: u64,
        /// at this pace, where the times are known.
        per_minute: Option<u64>,
    },
    /// It stayed where it was.
    Still,
    /// It rose and fell: a slow leak may hide in that.
    Unclear,
}

impl HeapTrend {
    /// None of fewer observations than tell growth from a tide.
    pub(crate) fn of(observed: &Memory) -> Option<Self> {
        let judged = observed.used.get(baseline(observed.used.len())..)?;
        let steps = steps(observed.used.len());
        let (first, last) = (*judged.first()?, *judged.last()?);
        let gain = last.saturating_sub(first);
        let least = LEAST_STEP * u64::try_from(steps).ok()?;
        if steps < LEAST_STEPS {
            return None;
        }
        Some(match trend(judged) {
            Trend::Growing if gain >= least => {
                let per_minute = minutes(&observed.at_ms).map(|minutes| (gain as f64 / minutes) as u64);
                Self::Growing { steps, gain, per_minute }
            }
            _ if judged.iter().max()?.saturating_sub(*judged.iter().min()?) < least => Self::Still,
            _ => Self::Unclear,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kilobytes: &[u64]) -> Option<HeapTrend> {
        let used = kilobytes.iter().map(|kilobytes| kilobytes * 1_000).collect();
        let at_ms = (0..).step_by(15_000).take(kilobytes.len()).collect();
        HeapTrend::of(&Memory { used, at_ms, ..Memory::default() })
    }

    #[test]
    fn growth_is_told_from_tides_and_from_a_heap_that_is_still() {
        let growing = HeapTrend::Growing { steps: 3, gain: 6_000_000, per_minute: Some(8_000_000) };
        assert_eq!(of(&[5_000, 9_000, 11_000, 13_000, 15_000]), Some(growing));
        assert_eq!(of(&[5_000, 9_000, 9_010, 9_020, 9_040]), Some(HeapTrend::Still));
        assert_eq!(of(&[5_000, 9_000, 8_960, 9_000, 8_980]), Some(HeapTrend::Still));
        assert_eq!(of(&[5_000, 9_000, 8_000, 8_500, 7_000]), Some(HeapTrend::Unclear));
        assert_eq!(of(&[5_000, 9_000, 12_000, 11_000, 12_500]), Some(HeapTrend::Unclear));
        assert_eq!(of(&[5_000, 9_000, 14_000, 14_010, 14_020]), Some(HeapTrend::Unclear));
    }

    #[test]
    fn of_few_observations_nothing_is_said() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[5_000, 6_000, 7_000]), None);
    }
}
