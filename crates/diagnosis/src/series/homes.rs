//! To which site an object belongs, in each snapshot.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::series::classes::Class;
use crate::series::columns::{Columns, Row};
use crate::series::ids::IdSet;

/// A site by the id of its owner and the class of what that owns.
pub(super) type Home = (u32, Class);

/// To which site an object belongs in a snapshot where it is owned one step higher or lower than in the last: a list is
/// owned by its array, or by the object that at that moment has two arrays of the same.
pub(super) struct Homes<'c> {
    known: FxHashSet<Home>,
    /// From the owner above a site's own to that site, if there is only one.
    below: FxHashMap<Home, Option<u32>>,
    /// What is in the two above: most rows are of no site, which these tell at once.
    classes: FxHashSet<Class>,
    owners: IdSet,
    aboves: IdSet,
    /// The first judged snapshot and the last.
    ends: [&'c Columns; 2],
}

/// [`Homes`] in one snapshot.
pub(super) struct HomesWithin<'h> {
    homes: &'h Homes<'h>,
    columns: &'h Columns,
    permanent: &'h IdSet,
    /// The ids of all that an owner of a site owns here.
    owned: IdSet,
}

impl<'c> Homes<'c> {
    pub(super) fn of(sites: impl Iterator<Item = Home>, ends: [&'c Columns; 2]) -> Self {
        let [_, last] = ends;
        let (mut known, mut below) = (FxHashSet::default(), FxHashMap::default());
        for (owner, class) in sites {
            known.insert((owner, class));
            if let Some(above) = last.get(owner).map(|row| row.owner) {
                below.entry((above, class)).and_modify(|only| *only = None).or_insert(Some(owner));
            }
        }
        Self {
            classes: known.iter().map(|(_, class)| *class).collect(),
            owners: known.iter().map(|(owner, _)| *owner).collect(),
            aboves: below.keys().map(|(above, _)| *above).collect(),
            known,
            below,
            ends,
        }
    }

    pub(super) fn within<'h>(&'h self, columns: &'h Columns, permanent: &'h IdSet) -> HomesWithin<'h> {
        let owned = columns.rows.iter().filter(|row| self.owners.contains(row.owner)).map(|row| row.id);
        HomesWithin { homes: self, columns, permanent, owned: owned.collect() }
    }
}

impl HomesWithin<'_> {
    pub(super) fn of_row(&self, row: &Row) -> Option<Home> {
        let Homes { known, below, classes, owners, aboves, ends } = self.homes;
        let is_near = |id| owners.contains(id) || aboves.contains(id) || self.owned.contains(id);
        if !is_near(row.owner) || !classes.contains(&row.class) {
            return None;
        }
        let home = (row.owner, row.class);
        if known.contains(&home) {
            return Some(home);
        }
        // What is there all along where it is here is at home there: one of two lists that an object has.
        let stays = || ends.iter().all(|end| end.get(row.id).is_some_and(|there| there.owner == row.owner));
        if !self.permanent.contains(row.owner) || (self.permanent.contains(row.id) && stays()) {
            return None;
        }
        if let Some(only) = below.get(&home) {
            return only.filter(|owner| *owner != row.id).map(|owner| (owner, row.class));
        }
        // What hangs at one of the site's own objects is in its bytes already: the string that another was made longer from.
        let owner = self.columns.get(row.owner).filter(|owner| owner.class != row.class)?;
        let above = (owner.owner, row.class);
        known.contains(&above).then_some(above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Class = Class(1);

    fn columns(rows: &[(u32, u32, Class)]) -> Columns {
        let row = |&(id, owner, class)| Row { id, owner, class, own: 8.into(), retained: 8.into() };
        Columns::new(rows.iter().map(row).collect(), 8, 0)
    }

    #[test]
    fn what_stays_with_an_object_is_of_no_site_below_it() {
        // A connection (3) with a list of channels (7), and a set (5) whose list is replaced.
        let there = [(1, 1, Class(0)), (3, 1, Class(0)), (5, 3, Class(0)), (7, 3, LIST)];
        let with = |list| columns(&[there.as_slice(), &[list]].concat());
        let [first, between, last] = [with((9, 5, LIST)), with((11, 3, LIST)), with((13, 5, LIST))];
        let homes = Homes::of(std::iter::once((5, LIST)), [&first, &last]);
        let permanent: IdSet = [1, 3, 5, 7].into_iter().collect();
        let home = |columns: &Columns, id| {
            columns.get(id).and_then(|row| homes.within(columns, &permanent).of_row(row))
        };
        assert_eq!(home(&first, 9), Some((5, LIST)));
        assert_eq!(home(&between, 11), Some((5, LIST)), "it is owned one step higher");
        assert_eq!(home(&between, 7), None);
    }
}
