//! All snapshots, one after the other, boiled down to rows.

use std::mem;
use std::thread::{self, ScopedJoinHandle};

use leakhunt_heap::Snapshot;

use crate::series::draft::{self, Draft, Walked};
use crate::series::ids::IdSet;

/// What is left of the snapshots: the last of them is still whole.
pub(crate) struct Loaded<'s> {
    /// Those of all others.
    pub(crate) drafts: Vec<Draft>,
    pub(crate) last: Option<Last<'s>>,
}

/// The last snapshot.
pub(crate) struct Last<'s> {
    pub(crate) snapshot: Snapshot<'s>,
    pub(crate) walked: Walked,
}

/// What counts as keeping an object.
#[derive(Clone, Copy)]
pub(crate) enum Keepers<'k> {
    All,
    /// Nothing that only passes, where something else does.
    Lasting(&'k AllIds),
}

/// The ids of the objects of all snapshots.
pub(crate) struct AllIds(Vec<IdSet>);

impl AllIds {
    pub(crate) fn of<'s, E>(
        count: usize,
        load: &impl Fn(usize) -> Result<Snapshot<'s>, E>,
    ) -> Result<Self, E> {
        let ids = |at| Ok(load(at)?.object_ids().iter().copied().collect());
        (0..count).map(ids).collect::<Result<_, E>>().map(Self)
    }

    /// Whether an object of a snapshot is gone in the next one; of the last, whether it has come since the one before.
    fn passes(&self, at: usize, id: u32) -> bool {
        match (self.0.get(at + 1), at.checked_sub(1)) {
            (Some(next), _) => !next.contains(id),
            (None, Some(before)) => !self.0[before].contains(id),
            (None, None) => false,
        }
    }
}

/// Asks for one snapshot after the other, but for those whose rows are `known`. The next one is read as soon as what the objects of one are is found out, while
/// the walk over its edges comes to its end, which frees them, and while its rows are made.
pub(crate) fn load<'s, E>(
    known: Vec<Draft>,
    count: usize,
    load: &impl Fn(usize) -> Result<Snapshot<'s>, E>,
    keepers: Keepers<'_>,
) -> Result<Loaded<'s>, E> {
    let mut drafts = known;
    let first = drafts.len();
    drafts.reserve(count.saturating_sub(first));
    let last = thread::scope(|scope| {
        let mut before = None;
        let mut last = None;
        for at in first..count {
            let mut snapshot = load(at)?;
            let draft = if at + 1 == count {
                let walked = keepers.walk(at, &mut snapshot);
                last = Some(Last { snapshot, walked });
                None
            } else {
                Some(match keepers {
                    Keepers::All => draft::make(scope, snapshot),
                    Keepers::Lasting(_) => {
                        let walked = keepers.walk(at, &mut snapshot);
                        let (ids, sizes) = snapshot.into_ids_and_sizes();
                        scope.spawn(move || walked.draft(&ids, &sizes))
                    }
                })
            };
            let made =
                |draft: ScopedJoinHandle<'_, Draft>| draft.join().expect("to make rows does not panic");
            drafts.extend(mem::replace(&mut before, draft).map(made));
        }
        Ok(last)
    })?;
    Ok(Loaded { drafts, last })
}

impl Keepers<'_> {
    fn walk(self, at: usize, snapshot: &mut Snapshot<'_>) -> Walked {
        match self {
            Self::All => Walked::of(snapshot),
            Self::Lasting(ids) => Walked::without(snapshot, |id| ids.passes(at, id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_errors_the_earliest_is_told() {
        let failed = load::<usize>(Vec::new(), 6, &Err, Keepers::All).err();
        assert_eq!(failed, Some(0));
        assert!(
            load::<usize>(Vec::new(), 0, &Err, Keepers::All)
                .is_ok_and(|loaded| loaded.drafts.is_empty() && loaded.last.is_none())
        );
    }
}
