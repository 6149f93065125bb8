//! Which of the snapshots are compared, in which order, and how; and the sites that come of it.

use super::classes::Classes;
use super::columns::Columns;
use super::growth::{self, Site};
use super::id_space;
use super::ids::IdSet;
use crate::threads::both;

/// Fewer snapshots than this in one id space, of many, are worth less than all of them compared by class.
const LEAST_RUN: usize = 3;

/// How snapshots are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Object by object.
    Objects,
    /// By class only: their ids mean different things.
    Classes,
}

/// What makes a comparison weaker than it looks. Snapshots are counted from 1, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Warning {
    /// They were taken in this order.
    WrongOrder { taken: Vec<usize> },
    /// The hunt saw its inspector session end after these.
    SessionLost { after: Vec<usize> },
    /// Only these are of one id space; the rest is left out.
    OnlySome { first: usize, last: usize },
    /// They are not of one id space, and compared by class.
    ByClass,
}

/// Snapshots in the order they were taken, and what can be said about comparing them.
pub(crate) struct Compared {
    /// Those compared; the last of them still has its rows.
    pub(crate) columns: Vec<Columns>,
    /// Their places in the order they were given.
    pub(crate) places: Vec<usize>,
    pub(crate) basis: Basis,
    pub(crate) sites: Vec<Site>,
    /// Ids of the objects that were there all along.
    pub(crate) permanent: IdSet,
    pub(crate) warnings: Vec<Warning>,
}

impl Compared {
    /// Compares all snapshots, given in any order, or as many of them as can be compared; `told` is what a hunt knows of id
    /// spaces, a number a snapshot.
    pub(crate) fn of(columns: Vec<Columns>, classes: &Classes, told: &[u32]) -> Self {
        let mut warnings = Vec::new();
        let run_of = |columns: &[Columns], order: &[usize]| {
            let in_order: Vec<&Columns> = order.iter().map(|at| &columns[*at]).collect();
            let told: Vec<Option<u32>> = order.iter().map(|at| told.get(*at).copied()).collect();
            id_space::longest_run(&in_order, &told, classes)
        };
        let as_given: Vec<usize> = (0..columns.len()).collect();
        let taken = id_space::order(&columns).filter(|order| run_of(&columns, order).len() == columns.len());
        let (mut columns, mut places) = match taken {
            Some(order) => {
                warnings.push(Warning::WrongOrder { taken: from_one(&order) });
                (in_order(columns, &order), order)
            }
            None => (columns, as_given),
        };
        let run = if places.is_sorted() { run_of(&columns, &places) } else { 0..columns.len() };
        let mut basis = Basis::Objects;
        if run.len() < columns.len() {
            warnings.extend(lost(told));
            if run.len() >= LEAST_RUN {
                warnings
                    .push(Warning::OnlySome { first: places[run.start] + 1, last: places[run.end - 1] + 1 });
                columns = columns.into_iter().skip(run.start).take(run.len()).collect();
                places = places[run].to_vec();
            } else {
                warnings.push(Warning::ByClass);
                basis = Basis::Classes;
            }
        }
        let (sites, permanent) = match basis {
            Basis::Objects => growth::sites(&columns, classes),
            Basis::Classes => growth::sites_by_class(&columns, classes),
        };
        if let [before @ .., last] = &mut columns[..] {
            both(|| before.iter_mut().for_each(Columns::forget_rows), || last.index_owned());
        }
        Self { columns, places, basis, sites, permanent, warnings }
    }

    /// The place, in the order given, of the snapshot that must be whole.
    pub(crate) fn last(&self) -> Option<usize> {
        self.places.last().copied()
    }
}

fn in_order(columns: Vec<Columns>, order: &[usize]) -> Vec<Columns> {
    let mut by_place: Vec<Option<Columns>> = columns.into_iter().map(Some).collect();
    order.iter().filter_map(|at| by_place[*at].take()).collect()
}

fn from_one(places: &[usize]) -> Vec<usize> {
    places.iter().map(|at| at + 1).collect()
}

/// What the hunt itself saw of it.
fn lost(told: &[u32]) -> Option<Warning> {
    let ends = told.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
    let after: Vec<usize> = ends.map(|(at, _)| at + 1).collect();
    (!after.is_empty()).then_some(Warning::SessionLost { after })
}
