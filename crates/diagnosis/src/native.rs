//! Where the resident set grew, by what it is mapped for.

use crate::findings::{self, Mappings, Memory};
use crate::series::growth::{baseline, rises};

/// Below this a step says nothing: pages come and go.
const LEAST_STEP: u64 = 2_000_000;

/// What has most of the growth of a resident set that nothing else explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Native {
    /// The arenas of malloc.
    Malloc {
        gain: u64,
        /// Of these bytes, in arenas besides the main one, ...
        in_arenas: u64,
        /// ... which have so many mappings now.
        count: u64,
        arena_max: Option<u64>,
    },
    /// Anonymous mappings besides these.
    Mapped { gain: u64 },
}

impl Native {
    /// None where it is neither, or is not known. What snapshots have left lies in malloc's main arena, or in large blocks beside it
    /// (seen on Node 18): none of it counts, wherever it is.
    pub(crate) fn of(memory: &Memory, resident: u64) -> Option<Self> {
        let judged = memory.mappings.get(baseline(memory.mappings.len())..)?;
        let left = memory.left.get(memory.left.len().checked_sub(judged.len())?..)?;
        let (first, last) = (judged.first()?, judged.last()?);
        let own = |of: fn(&Mappings) -> u64| -> Vec<u64> {
            judged.iter().zip(left).map(|(one, left)| of(one).saturating_sub(*left)).collect()
        };
        let (malloc, others) = (own(malloc), own(|mappings| mappings.others));
        let most = |series: &[u64]| rises(series, LEAST_STEP).filter(|gain| *gain >= resident / 2);
        let of_malloc = most(&malloc).map(|gain| Self::Malloc {
            gain,
            in_arenas: last.arenas.saturating_sub(first.arenas).min(gain),
            count: last.arena_count,
            arena_max: last.arena_max,
        });
        of_malloc.or_else(|| most(&others).map(|gain| Self::Mapped { gain }))
    }

    /// The same for the findings.
    pub(crate) fn found(self, memory: &Memory) -> findings::Outside {
        match self {
            Self::Malloc { gain, in_arenas, count, arena_max } => findings::Outside::Malloc {
                bytes: gain,
                in_arenas,
                arena_count: count,
                arena_max,
                allocator: allocator(memory),
            },
            Self::Mapped { gain } => findings::Outside::Mapped { bytes: gain, allocator: allocator(memory) },
        }
    }
}

fn malloc(mappings: &Mappings) -> u64 {
    mappings.main_arena.saturating_add(mappings.arenas)
}

fn allocator(memory: &Memory) -> Option<String> {
    memory.mappings.last()?.allocator.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    /// Megabytes of the main arena, of the others, and of anonymous mappings besides, a snapshot each.
    fn native(snapshots: [[u64; 3]; 5], left: [u64; 5], resident: u64) -> Option<Native> {
        let of = |[main_arena, arenas, others]: [u64; 3]| Mappings {
            main_arena: main_arena * MB,
            arenas: arenas * MB,
            others: others * MB,
            arena_count: 8,
            ..Mappings::default()
        };
        let memory = Memory {
            mappings: snapshots.map(of).to_vec(),
            left: left.map(|left| left * MB).to_vec(),
            ..Memory::default()
        };
        Native::of(&memory, resident * MB)
    }

    fn malloc_of(gain: u64, in_arenas: u64) -> Option<Native> {
        let (gain, in_arenas) = (gain * MB, in_arenas * MB);
        Some(Native::Malloc { gain, in_arenas, count: 8, arena_max: None })
    }

    #[test]
    fn what_malloc_has_is_told_from_what_is_mapped_besides() {
        let main = [[5, 1, 20], [10, 1, 20], [20, 1, 21], [30, 1, 20], [40, 1, 20]];
        assert_eq!(native(main, [0; 5], 32), malloc_of(30, 0));
        let arenas = [[5, 1, 20], [5, 10, 20], [6, 20, 21], [6, 30, 20], [6, 40, 20]];
        assert_eq!(native(arenas, [0; 5], 32), malloc_of(31, 30));
        let mapped = [[5, 1, 20], [5, 1, 30], [5, 1, 40], [5, 1, 50], [5, 1, 60]];
        assert_eq!(native(mapped, [0; 5], 32), Some(Native::Mapped { gain: 30 * MB }));
    }

    #[test]
    fn what_snapshots_have_left_is_no_gain() {
        let grown = [[5, 1, 20], [105, 1, 20], [125, 1, 20], [145, 1, 20], [165, 1, 20]];
        assert_eq!(native(grown, [0, 100, 120, 140, 160], 40), None);
        assert_eq!(native(grown, [0, 100, 100, 100, 100], 60), malloc_of(60, 0));
        let mapped = [[5, 1, 8], [5, 1, 43], [5, 1, 63], [5, 1, 83], [5, 1, 103]];
        assert_eq!(native(mapped, [0, 35, 55, 75, 95], 40), None);
    }

    #[test]
    fn what_is_less_than_half_or_not_known_is_neither() {
        let main = [[5, 1, 20], [10, 1, 20], [20, 1, 21], [30, 1, 20], [40, 1, 20]];
        assert_eq!(native(main, [0; 5], 61), None);
        assert_eq!(Native::of(&Memory::default(), MB), None);
        let memory = Memory { mappings: vec![Mappings::default(); 5], ..Memory::default() };
        assert_eq!(Native::of(&memory, MB), None);
    }
}
