//! To which site an object belongs, in each snapshot.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::series::classes::Class;
use crate::series::columns::{Columns, Row};
use crate::series::ids::IdSet;

/// A site by the id of its owner and the class of what that owns.
pub(super) type Home = (u32, Class);

/// To which site an object belongs in a snapshot where it is owned one step higher or lower than in the last: a list is
/// owned by its array, or by the object that at that moment has two arrays of the same.
pub(super) struct Homes {
    known: FxHashSet<Home>,
    /// From the owner above a site's own to that site, if there is only one.
    below: FxHashMap<Home, Option<u32>>,
    /// What is in the two above: most rows are of no site, which these tell at once.
    classes: FxHashSet<Class>,
    owners: IdSet,
    aboves: IdSet,
}

/// [`Homes`] in one snapshot.
pub(super) struct HomesWithin<'h> {
    homes: &'h Homes,
    columns: &'h Columns,
    permanent: &'h IdSet,
    /// The ids of all that an owner of a site owns here.
    owned: IdSet,
}

impl Homes {
    pub(super) fn of(sites: impl Iterator<Item = Home>, last: &Columns) -> Self {
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
        }
    }

    pub(super) fn within<'h>(&'h self, columns: &'h Columns, permanent: &'h IdSet) -> HomesWithin<'h> {
        let owned = columns.rows.iter().filter(|row| self.owners.contains(row.owner)).map(|row| row.id);
        HomesWithin { homes: self, columns, permanent, owned: owned.collect() }
    }
}

impl HomesWithin<'_> {
    pub(super) fn of_row(&self, row: &Row) -> Option<Home> {
        let Homes { known, below, classes, owners, aboves } = self.homes;
        let is_near = |id| owners.contains(id) || aboves.contains(id) || self.owned.contains(id);
        if !is_near(row.owner) || !classes.contains(&row.class) {
            return None;
        }
        let home = (row.owner, row.class);
        if known.contains(&home) {
            return Some(home);
        }
        if !self.permanent.contains(row.owner) {
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
