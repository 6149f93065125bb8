//! What is kept of each snapshot, so that only the last need stay whole: a row for each object that a program
//! could name, 24 bytes. V8's own parts and Node's C++ objects have none: see `parts`.

use std::sync::OnceLock;

use leakhunt_heap::IdIndex;

use crate::series::classes::Class;
use crate::series::ids::IdSet;

/// One object in one snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: u32,
    /// The id of the next object above that a program could name.
    pub(crate) owner: u32,
    pub(crate) class: Class,
    /// Its own bytes, those of V8's parts in it included.
    pub(crate) own: Bytes,
    /// All bytes that would go with it.
    pub(crate) retained: Bytes,
}

/// A number of bytes in 48 bits: 32 are too few for what an object retains, and there are millions of rows. No heap has more
/// than these can tell; the sizes of a file that says so are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes([u16; 3]);

impl Bytes {
    const MOST: u64 = (1 << 48) - 1;

    pub(crate) fn get(self) -> u64 {
        let [low, middle, high] = self.0.map(u64::from);
        low | middle << 16 | high << 32
    }

    pub(crate) fn add(&mut self, more: u64) {
        *self = self.get().saturating_add(more).into();
    }
}

impl From<u64> for Bytes {
    fn from(bytes: u64) -> Self {
        let bytes = bytes.min(Self::MOST);
        Self([bytes as u16, (bytes >> 16) as u16, (bytes >> 32) as u16])
    }
}

/// The rows of one snapshot, by id.
pub(crate) struct Columns {
    /// Of all snapshots but the last none, once they are compared.
    pub(crate) rows: Vec<Row>,
    /// Of the rows that are gone.
    ids: IdSet,
    /// By class, how many rows it has.
    counts: Vec<u64>,
    pub(crate) total: u64,
    /// Bytes of compiled code, which V8 makes when a function first runs and throws away when it has not run for long.
    pub(crate) code: u64,
    /// Found out when somebody asks.
    owned: OnceLock<Owned>,
}

/// By the place of a row, the places of the rows that it owns.
struct Owned {
    /// Where the list of each begins; and where the last one ends.
    first: Vec<u32>,
    all: Vec<u32>,
}

impl Columns {
    /// The rows must be sorted by id.
    pub(crate) fn new(rows: Vec<Row>, total: u64, code: u64) -> Self {
        let mut counts = Vec::new();
        for row in &rows {
            let class = row.class.0 as usize;
            if class >= counts.len() {
                counts.resize(class + 1, 0);
            }
            counts[class] += 1;
        }
        Self { rows, ids: IdSet::default(), counts, total, code, owned: OnceLock::new() }
    }

    /// How many objects of a class there are.
    pub(crate) fn count(&self, class: Class) -> u64 {
        self.counts.get(class.0 as usize).copied().unwrap_or(0)
    }

    /// Frees the rows, for who is asked no more than which objects there are, and how many of a class.
    pub(crate) fn forget_rows(&mut self) {
        self.ids = std::mem::take(&mut self.rows).into_iter().map(|row| row.id).collect();
    }

    /// The largest id of a JavaScript object: those are odd, and V8 hands them out upwards.
    pub(crate) fn newest_id(&self) -> u32 {
        self.rows.iter().rev().map(|row| row.id).find(|id| id % 2 == 1).unwrap_or(0)
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Row> {
        self.place(id).map(|at| &self.rows[at as usize])
    }

    fn place(&self, id: u32) -> Option<u32> {
        self.rows.binary_search_by_key(&id, |row| row.id).ok().map(|at| at as u32)
    }

    /// Finds out what each row owns, for who has the memory now rather than when somebody asks.
    pub(crate) fn index_owned(&self) {
        self.owned();
    }

    fn owned(&self) -> &Owned {
        self.owned.get_or_init(|| Owned::of(&self.rows))
    }

    /// Of what an object owns, the one that retains most.
    pub(crate) fn heaviest(&self, id: u32) -> Option<&Row> {
        let below = self.owned().by(self.place(id)?).iter().map(|at| &self.rows[*at as usize]);
        below.max_by_key(|row| (row.retained.get(), std::cmp::Reverse(row.id)))
    }

    pub(crate) fn has(&self, id: u32) -> bool {
        self.ids.contains(id) || self.get(id).is_some()
    }

    /// The rows of all that some objects own, through whatever they own.
    pub(crate) fn below(&self, tops: &[u32]) -> Vec<&Row> {
        let owned = self.owned();
        let mut met = vec![false; self.rows.len()];
        let mut work: Vec<u32> = tops.iter().filter_map(|top| self.place(*top)).collect();
        work.iter().for_each(|top| met[*top as usize] = true);
        let mut below = Vec::new();
        while let Some(at) = work.pop() {
            for &place in owned.by(at) {
                // Where a file gives one id to several objects, owners can form a ring.
                if !std::mem::replace(&mut met[place as usize], true) {
                    below.push(place);
                    work.push(place);
                }
            }
        }
        below.sort_unstable();
        below.into_iter().map(|at| &self.rows[at as usize]).collect()
    }
}

impl Owned {
    fn of(rows: &[Row]) -> Self {
        // Only while they are sorted: whoever asks later has few.
        let places = IdIndex::of(rows.iter().map(|row| row.id));
        let owners = || {
            let not_itself = (0..rows.len() as u32).zip(rows).filter(|(_, row)| row.owner != row.id);
            not_itself.filter_map(|(at, row)| Some((places.get(row.owner)? as usize, at)))
        };
        let mut first = vec![0_u32; rows.len() + 1];
        for (owner, _) in owners() {
            first[owner] += 1;
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        // Filled from the back: what is where a list ends becomes where it begins.
        let mut all = vec![0; sum as usize];
        for (owner, at) in owners().rev() {
            first[owner] -= 1;
            all[first[owner] as usize] = at;
        }
        Self { first, all }
    }

    fn by(&self, at: u32) -> &[u32] {
        let at = at as usize;
        &self.all[self.first[at] as usize..self.first[at + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_small_and_its_bytes_are_exact() {
        assert_eq!(size_of::<Row>(), 24);
        for bytes in [0, 1, 0x1_0000, 0xffff_ffff, 0x1234_5678_9abc, Bytes::MOST] {
            assert_eq!(Bytes::from(bytes).get(), bytes);
        }
        assert_eq!(Bytes::from(u64::MAX).get(), Bytes::MOST);
    }

    #[test]
    fn objects_are_known_when_the_rows_are_gone() {
        let row = |id, class| Row { id, owner: 1, class: Class(class), own: 1.into(), retained: 1.into() };
        let mut columns = Columns::new(vec![row(1, 0), row(3, 2), row(5, 2)], 3, 0);
        columns.forget_rows();
        assert_eq!([0, 1, 2, 3].map(|class| columns.count(Class(class))), [1, 0, 2, 0]);
        assert_eq!([1, 2, 3, 4, 5, 7].map(|id| columns.has(id)), [true, false, true, false, true, false]);
    }

    #[test]
    fn the_heaviest_is_the_one_that_retains_most() {
        let row = |id, owner, retained: u64| Row {
            id,
            owner,
            class: Class(0),
            own: 1.into(),
            retained: retained.into(),
        };
        let rows = vec![row(1, 1, 30), row(3, 1, 4), row(5, 1, 9), row(7, 1, 9), row(9, 5, 8)];
        let columns = Columns::new(rows, 30, 0);
        let heaviest = |id| columns.heaviest(id).map(|row| row.id);
        assert_eq!([1, 3, 5, 11].map(heaviest), [Some(5), None, Some(9), None]);
    }

    #[test]
    fn owners_that_form_a_ring_are_left() {
        let row = |id, owner| Row { id, owner, class: Class(0), own: 1.into(), retained: 1.into() };
        let columns = Columns::new(vec![row(1, 1), row(3, 5), row(5, 3), row(7, 9), row(9, 1)], 5, 0);
        let ids = |tops: &[u32]| columns.below(tops).iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(&[1]), [7, 9]);
        assert_eq!(ids(&[5]), [3]);
        assert!(ids(&[]).is_empty());
    }
}
