//! From the comparison of all snapshots to the findings.

use crate::evidence::Evidence;
use crate::facts::Facts;
use crate::findings::{self, Findings, Growth, Memory, SCHEMA_VERSION};
use crate::graph::Node;
use crate::held::Held;
use crate::packages::Packages;
use crate::remedy::Remedy;
use crate::series::compared::{Basis, Compared};
use crate::series::growth::{self, baseline};
use crate::shown::{self, cut};
use crate::source::{Author, Sources, author_of};
use crate::suspects::{Cluster, Suspect, clusters};
use crate::verdict::{self, Reason};
use crate::view::View;
use crate::wording;

/// No more suspects than these are named.
const MOST_SUSPECTS: usize = 10;
/// What Node keeps for itself and nothing of the program leads to is no suspect below this: its tables are bounded, the 250
/// entries of resource timing that `fetch` fills for one.
const LEAST_OF_NODE: u64 = 150_000;

/// A suspect of the findings, with what tells whether another is the same.
struct Described {
    identity: Node,
    /// The event that is listened for, if it is a listener; empty where its name is not known.
    event: Option<String>,
    /// The holder is Node's own, or nobody's.
    by_node: bool,
    suspect: findings::Suspect,
}

/// What was compared, judged; `view` is the last snapshot, if there is one.
pub(crate) fn judge(mut compared: Compared, view: Option<View<'_>>, evidence: &Evidence<'_>) -> Findings {
    let mut warnings: Vec<String> = compared.warnings.iter().map(wording::warning).collect();
    let memory = memory(&compared, &evidence.memory);
    let mut suspects = Vec::new();
    if let Some(view) = view {
        let mut view = view.with_permanent(std::mem::take(&mut compared.permanent));
        let sources = view.sources(evidence.sources);
        let minutes = minutes(&memory.at_ms);
        let packages = Packages::of(evidence.packages);
        suspects =
            Known { compared: &compared, view: &view, sources: &sources, packages, minutes }.suspects();
        warnings.extend(sources.left_out().iter().map(wording::left_out));
    }
    let Compared { columns, basis, sites, .. } = &compared;
    let reason = Reason::of(suspects.len(), sites, columns, &memory, *basis);
    Findings {
        schema_version: SCHEMA_VERSION,
        verdict: reason.verdict(),
        sentence: wording::verdict(reason, &suspects),
        memory,
        suspects,
        allocations: Vec::new(),
        warnings,
        baseline: None,
    }
}

/// The readings of the snapshots compared, in their order.
fn memory(compared: &Compared, given: &Memory) -> Memory {
    let pick = |series: &[u64]| -> Vec<u64> {
        compared.places.iter().filter_map(|at| series.get(*at).copied()).collect()
    };
    Memory {
        at_ms: pick(&given.at_ms),
        used: pick(&given.used),
        external: pick(&given.external),
        rss: pick(&given.rss),
        left: pick(&given.left),
        snapshot: compared.columns.iter().map(|columns| columns.total).collect(),
    }
}

/// All that suspects are described by.
struct Known<'a> {
    compared: &'a Compared,
    view: &'a View<'a>,
    sources: &'a Sources<'a>,
    packages: Packages<'a>,
    /// How long the growth took.
    minutes: Option<f64>,
}

impl Known<'_> {
    /// The suspects, most suspicious first.
    fn suspects(&self) -> Vec<findings::Suspect> {
        let (columns, view) = (&self.compared.columns, self.view);
        let single = columns.len() == 1;
        let is_collection = |id| view.node(id).is_some_and(|node| view.is_collection(node));
        let sites =
            if single { growth::largest(&columns[0], is_collection) } else { self.compared.sites.clone() };
        let mut found: Vec<Described> = Vec::new();
        for cluster in clusters(sites, columns, view) {
            if found.len() == MOST_SUSPECTS || !(single || verdict::is_material(&cluster, columns)) {
                continue;
            }
            let described = self.describe(cluster);
            if described.by_node && (single || is_nodes_own(&described.suspect)) {
                continue;
            }
            match found.iter_mut().find(|known| is_one(known, &described)) {
                Some(known) => merge(known, described),
                None => found.push(described),
            }
        }
        let ranked = found.into_iter().zip(1..);
        ranked.map(|(described, rank)| findings::Suspect { rank, ..described.suspect }).collect()
    }

    fn describe(&self, cluster: Cluster) -> Described {
        let (compared, view) = (self.compared, self.view);
        let suspect = Suspect::of(cluster, view);
        let facts = Facts::of(&suspect, view, self.sources, &self.packages);
        let growth = growth_of(&suspect.cluster, self.minutes);
        // Of a single snapshot nothing is known to grow, so there is nothing to mend.
        let count = growth.counts.last().copied().unwrap_or(0);
        let remedy = if growth.bytes.len() > 1 { Remedy::of(&facts, count) } else { None };
        let place = facts.location();
        let named = findings::Suspect {
            rank: 0,
            confidence: 0.0,
            class: cut(&facts.grows.class),
            key: shown::key(suspect.cluster.example, view),
            kind: facts.held.kind(),
            sentence: wording::suspect(&facts, &growth, remedy.as_ref()),
            location: place.map(|place| place.location.clone()),
            original_location: place.and_then(|place| Some(place.original.as_ref()?.location.clone())),
            holder: Some(holder(&facts)),
            package: facts.package.clone(),
            path: shown::path(&suspect.path, view),
            strings: facts.grows.strings.clone(),
            growth,
            remedy: remedy.as_ref().map(Remedy::found),
        };
        let confidence = verdict::confidence(&suspect.cluster, &named, &compared.columns);
        Described {
            identity: facts.holder.identity,
            event: match &facts.held {
                Held::Listener { event, .. } => Some(event.clone().unwrap_or_default()),
                _ => None,
            },
            by_node: facts.holder.name.as_ref().is_none_or(|name| name.author() == Author::Node),
            suspect: findings::Suspect {
                confidence: if compared.basis == Basis::Classes { confidence / 2.0 } else { confidence },
                ..named
            },
        }
    }
}

fn growth_of(cluster: &Cluster, minutes: Option<f64>) -> Growth {
    let steps = cluster.bytes.len().saturating_sub(1 + baseline(cluster.bytes.len())).max(1) as u64;
    Growth {
        counts: cluster.counts.clone(),
        bytes: cluster.bytes.clone(),
        per_step: cluster.gain() / steps,
        per_minute: minutes.map(|minutes| (cluster.gain() as f64 / minutes) as u64),
    }
}

fn holder(facts: &Facts) -> findings::Holder {
    let name = facts.holder.name.as_ref();
    // A timer has no name, but what grows in it may.
    let inner = facts.grows.inner.as_ref().filter(|_| matches!(facts.held, Held::Timer { .. }));
    let inner_name = || inner.map(|(name, _)| name.rsplit('.').next().unwrap_or(name).to_owned());
    let inner_place = || inner.and_then(|(_, place)| place.as_ref());
    let declared = name.and_then(|name| name.declared.as_ref()).or_else(inner_place);
    findings::Holder {
        kind: facts.held.kind(),
        class: facts.holder.class.clone(),
        variable: name.map(|name| name.original()).or_else(inner_name).map(|name| cut(&name)),
        location: declared.map(|place| place.best().clone()),
    }
}

/// Whether a suspect is too small a thing of Node's to speak of.
fn is_nodes_own(suspect: &findings::Suspect) -> bool {
    let is_nodes = |place: &findings::Location| author_of(&place.file) == Author::Node;
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
    let wired = |described: &Described| {
        matches!(described.suspect.kind, findings::Kind::Listener | findings::Kind::Stream)
    };
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

#[cfg(test)]
mod tests;
