//! From the columns of all snapshots to findings: which of them are compared, how, and what comes of it.

use crate::Evidence;
use crate::describe::{Described, describe};
use crate::findings::{Findings, Kind, Location, Memory, SCHEMA_VERSION, Suspect};
use crate::scripts::{Author, author_of};
use crate::series::classes::Classes;
use crate::series::columns::Columns;
use crate::series::growth::{self, Site};
use crate::series::id_space;
use crate::series::ids::IdSet;
use crate::source::Sources;
use crate::suspects::cluster::{self, Cluster, is_collection};
use crate::verdict;
use crate::view::View;

/// No more suspects than these are named.
const MOST_SUSPECTS: usize = 10;
/// What Node keeps for itself and nothing of the program leads to is no suspect below this: its tables are bounded, the 250
/// entries of resource timing that `fetch` fills for one.
const LEAST_OF_NODE: u64 = 150_000;
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

/// Snapshots in the order they were taken, and what can be said about comparing them.
pub(crate) struct Comparison {
    /// Those compared.
    columns: Vec<Columns>,
    /// Their places in the order they were given.
    places: Vec<usize>,
    basis: Basis,
    sites: Vec<Site>,
    permanent: IdSet,
    warnings: Vec<String>,
}

impl Comparison {
    pub(crate) fn of(columns: Vec<Columns>, classes: &Classes, told: &[u32]) -> Self {
        let mut warnings = Vec::new();
        let mut places: Vec<usize> = (0..columns.len()).collect();
        let mut columns = columns;
        let run_of = |columns: &[Columns], order: &[usize]| {
            let in_order: Vec<&Columns> = order.iter().map(|at| &columns[*at]).collect();
            let told: Vec<Option<u32>> = order.iter().map(|at| told.get(*at).copied()).collect();
            id_space::longest_run(&in_order, &told, classes)
        };
        if let Some(order) =
            id_space::order(&columns).filter(|order| run_of(&columns, order).len() == columns.len())
        {
            warnings.push(wrong_order(&order));
            let mut by_place: Vec<Option<Columns>> = columns.into_iter().map(Some).collect();
            columns = order.iter().filter_map(|at| by_place[*at].take()).collect();
            places = order;
        }
        let run = if places.is_sorted() { run_of(&columns, &places) } else { 0..columns.len() };
        if run.len() < columns.len() {
            warnings.extend(lost(told));
        }
        let mut basis = Basis::Objects;
        if run.len() < columns.len() && run.len() >= LEAST_RUN {
            warnings.push(format!(
                "only snapshots {} to {} are of one id space (the others were taken by another inspector session or of \
                 another process); the rest is left out",
                places[run.start] + 1,
                places[run.end - 1] + 1
            ));
            columns = columns.into_iter().skip(run.start).take(run.len()).collect();
            places = places[run].to_vec();
        } else if run.len() < columns.len() {
            warnings.push(
                "the snapshots are not of one id space: they were taken by different inspector sessions or of different \
                 processes; they are compared by class, not object by object"
                    .to_owned(),
            );
            basis = Basis::Classes;
        }
        let (sites, permanent) = match basis {
            Basis::Objects => growth::sites(&columns, classes),
            Basis::Classes => growth::sites_by_class(&columns, classes),
        };
        Self { columns, places, basis, sites, permanent, warnings }
    }

    /// The place, in the order given, of the snapshot that must be whole.
    pub(crate) fn last(&self) -> Option<usize> {
        self.places.last().copied()
    }

    pub(crate) fn judge(mut self, view: Option<View<'_>>, evidence: &Evidence<'_>) -> Findings {
        let mut suspects = Vec::new();
        if let Some(view) = view {
            let mut view = view.with_permanent(std::mem::take(&mut self.permanent));
            let sources = view.sources(evidence.sources);
            suspects = self.suspects(&view, &sources, evidence);
            self.warnings.extend(sources.warnings());
        }
        for (at, suspect) in suspects.iter_mut().enumerate() {
            suspect.rank = at + 1;
        }
        let memory = self.memory(&evidence.memory);
        let (verdict, sentence) =
            verdict::verdict(&suspects, &self.sites, &self.columns, &memory, self.basis);
        Findings {
            schema_version: SCHEMA_VERSION,
            verdict,
            sentence,
            memory,
            suspects,
            allocations: Vec::new(),
            warnings: self.warnings,
            baseline: None,
        }
    }

    /// The readings of the snapshots compared, in their order.
    fn memory(&self, given: &Memory) -> Memory {
        let pick = |series: &[u64]| -> Vec<u64> {
            self.places.iter().filter_map(|at| series.get(*at).copied()).collect()
        };
        Memory {
            at_ms: pick(&given.at_ms),
            used: pick(&given.used),
            external: pick(&given.external),
            rss: pick(&given.rss),
            left: pick(&given.left),
            snapshot: self.columns.iter().map(|columns| columns.total).collect(),
        }
    }

    fn suspects(&self, view: &View<'_>, sources: &Sources<'_>, evidence: &Evidence<'_>) -> Vec<Suspect> {
        let minutes = minutes(&self.memory(&evidence.memory).at_ms);
        let single = self.columns.len() == 1;
        let sites = if single {
            growth::largest(&self.columns[0], |id| {
                view.node(id).is_some_and(|node| is_collection(view, node))
            })
        } else {
            self.sites.clone()
        };
        let mut found: Vec<Described> = Vec::new();
        for cluster in cluster::clusters(sites, &self.columns, view) {
            if found.len() == MOST_SUSPECTS || !(single || verdict::is_material(&cluster, &self.columns)) {
                continue;
            }
            let described = self.describe(&cluster, view, sources, minutes);
            if described.by_node && (single || is_nodes_own(&described.suspect)) {
                continue;
            }
            match found.iter_mut().find(|known| is_one(known, &described)) {
                Some(known) => merge(known, described),
                None => found.push(described),
            }
        }
        found.into_iter().map(|described| described.suspect).collect()
    }

    fn describe(
        &self,
        cluster: &Cluster,
        view: &View<'_>,
        sources: &Sources<'_>,
        minutes: Option<f64>,
    ) -> Described {
        let mut described = describe(cluster, view, sources, minutes);
        let confidence = verdict::confidence(cluster, &described.suspect, &self.columns);
        described.suspect.confidence =
            if self.basis == Basis::Classes { confidence / 2.0 } else { confidence };
        described
    }
}

/// Whether a suspect is too small a thing of Node's to speak of.
fn is_nodes_own(suspect: &Suspect) -> bool {
    let is_nodes = |place: &Location| author_of(&place.file) == Author::Node;
    suspect.location.as_ref().is_some_and(is_nodes)
        && suspect.growth.bytes.last().is_some_and(|bytes| *bytes < LEAST_OF_NODE)
}

/// Whether two suspects of one object are one leak: it gains as many of the one as of the other, or listens with both.
fn is_one(first: &Described, other: &Described) -> bool {
    let gained = |described: &Described| match described.suspect.growth.counts.as_slice() {
        [.., before, last] => last.saturating_sub(*before),
        _ => 0,
    };
    let (one, two) = (gained(first), gained(other));
    let wired = |described: &Described| matches!(described.suspect.kind, Kind::Listener | Kind::Stream);
    first.identity == other.identity
        && (two == 0 || one.abs_diff(two) * 10 <= one || (wired(first) && wired(other)))
}

/// `events.once` and `pipe` listen for `error` beside what they are about.
fn merge(known: &mut Described, other: Described) {
    let is_aside = |described: &Described| described.event.as_deref() == Some("error");
    let mut added = other;
    if is_aside(known) && added.event.is_some() && !is_aside(&added) {
        added = std::mem::replace(known, added);
        known.suspect.confidence = added.suspect.confidence;
    }
    let (sum, more) = (&mut known.suspect.growth, &added.suspect.growth);
    sum.per_step += more.per_step;
    sum.per_minute = sum.per_minute.map(|sum| sum + more.per_minute.unwrap_or(0));
    for (sum, more) in sum.bytes.iter_mut().zip(&more.bytes) {
        *sum += more;
    }
}

/// From the first judged snapshot to the last.
fn minutes(at_ms: &[u64]) -> Option<f64> {
    // A clock that was set back tells nothing, also not between snapshots that came before or after.
    if at_ms.windows(2).any(|pair| pair[1] < pair[0]) {
        return None;
    }
    let (first, last) = (at_ms.get(growth::baseline(at_ms.len()))?, at_ms.last()?);
    let minutes = last.checked_sub(*first)? as f64 / 60_000.0;
    (minutes > 0.0).then_some(minutes)
}

fn wrong_order(order: &[usize]) -> String {
    let named: Vec<String> = order.iter().map(|at| (at + 1).to_string()).collect();
    format!(
        "the snapshots were not given in the order in which they were taken; by their object ids that is {}",
        named.join(", ")
    )
}

/// What the hunt itself saw of it.
fn lost(told: &[u32]) -> Option<String> {
    let at: Vec<String> = told
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] != pair[1])
        .map(|(at, _)| (at + 1).to_string())
        .collect();
    (!at.is_empty()).then(|| {
        format!(
            "the hunt lost its inspector session, and with it the id space, after snapshot {}",
            at.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at_ms: &[u64], expected: Option<f64>) {
        assert_eq!(minutes(at_ms), expected, "{at_ms:?}");
    }

    #[test]
    fn a_clock_that_was_set_back_tells_no_pace() {
        check(&[0, 60_000, 180_000], Some(3.0));
        check(&[0, 60_000], Some(1.0));
        check(&[0, 60_000, 30_000, 180_000], None);
        check(&[0, 0], None);
        check(&[], None);
    }
}
