//! All snapshots, one after the other, boiled down to rows.

use std::thread;

use leakhunt_heap::Snapshot;

use crate::series::draft::{Draft, Walked};
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

/// A snapshot whose edges were walked, and are gone.
struct Bare {
    ids: Vec<u32>,
    sizes: Vec<u32>,
    walked: Walked,
}

/// Asks for one snapshot after the other, but for those whose rows are `known`. While one is read, the rows of the one before are made, which has no edges any more:
/// those of one snapshot are in memory at a time.
pub(crate) fn load<'s, E>(
    known: Vec<Draft>,
    count: usize,
    load: &impl Fn(usize) -> Result<Snapshot<'s>, E>,
    keepers: Keepers<'_>,
) -> Result<Loaded<'s>, E> {
    let first = known.len();
    let mut drafts = known;
    drafts.reserve(count.saturating_sub(first));
    let mut before: Option<Bare> = None;
    for at in first..count {
        let (snapshot, draft) = thread::scope(|scope| {
            let draft = before.take().map(|before| scope.spawn(move || before.draft()));
            (load(at), draft.map(|draft| draft.join().expect("to make rows does not panic")))
        });
        drafts.extend(draft);
        let mut snapshot = snapshot?;
        let walked = match keepers {
            Keepers::All => Walked::of(&mut snapshot),
            Keepers::Lasting(ids) => Walked::without(&mut snapshot, |id| ids.passes(at, id)),
        };
        if at + 1 == count {
            return Ok(Loaded { drafts, last: Some(Last { snapshot, walked }) });
        }
        let (ids, sizes) = snapshot.into_ids_and_sizes();
        before = Some(Bare { ids, sizes, walked });
    }
    Ok(Loaded { drafts, last: None })
}

impl Bare {
    fn draft(self) -> Draft {
        self.walked.draft(&self.ids, &self.sizes)
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
