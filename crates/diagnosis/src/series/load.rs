//! All snapshots, one after the other, boiled down to rows.

use std::thread;

use leakhunt_heap::Snapshot;

use crate::series::draft::{Draft, Walked};

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
        let walked = Walked::of(&mut snapshot);
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
        let failed = load::<usize>(Vec::new(), 6, &Err).err();
        assert_eq!(failed, Some(0));
        assert!(
            load::<usize>(Vec::new(), 0, &Err)
                .is_ok_and(|loaded| loaded.drafts.is_empty() && loaded.last.is_none())
        );
    }
}
