//! From the comparison of all snapshots to the findings.

mod in_step;
mod one;

use leakhunt_heap::Location as Spot;
use rustc_hash::FxHashMap;

use crate::bounds::{bound, unread};
use crate::contents::Contents;
use crate::evidence::{Evidence, ReadNumbers};
use crate::facts::Facts;
use crate::findings::{self, Findings, Growth, Memory, SCHEMA_VERSION};
use crate::grown::{Grown, Opened, Outside};
use crate::held::Held;
use crate::known::known;
use crate::observed::HeapTrend;
use crate::packages::Packages;
use crate::profile::Calls;
use crate::remedy::Remedy;
use crate::series::compared::{Basis, Compared};
use crate::series::growth::{self, What, baseline, minutes};
use crate::shown::{self, cut};
use crate::source::{Author, Sources, author_of};
use crate::suspects::{Cluster, Suspect, clusters};
use crate::verdict::Reason;
use crate::view::View;
use crate::wording;
use crate::workers::Workers;
use one::Described;

/// No more suspects than these are named.
const MOST_SUSPECTS: usize = 10;
/// No more places where the heap grows are looked at for them.
const MOST_DESCRIBED: usize = 200;
/// What Node keeps for itself and nothing of the program leads to is no suspect below this: its tables are bounded, the 250
/// entries of resource timing that `fetch` fills for one.
const LEAST_OF_NODE: u64 = 150_000;

/// What was compared, judged; `view` is the last snapshot, if there is one.
pub(crate) fn judge(mut compared: Compared, view: Option<View<'_>>, evidence: &Evidence<'_>) -> Findings {
    let mut warnings: Vec<String> = compared.warnings.iter().map(wording::warning).collect();
    let memory = memory(&compared, &evidence.memory);
    let minutes = minutes(&memory.at_ms);
    let before = HeapTrend::of(&evidence.observed);
    let grown = Grown::of(&compared.columns, &memory, minutes, evidence.age_ms).with_before(before);
    let (mut suspects, mut workers) = (Vec::new(), None);
    if let Some(view) = view {
        let mut view = view.with_permanent(std::mem::take(&mut compared.permanent));
        let sources = view.sources(evidence.sources);
        let packages = Packages::of(evidence.packages);
        let known = Known {
            compared: &compared,
            view: &view,
            sources: &sources,
            packages,
            numbers: evidence.numbers,
            node_version: evidence.node_version,
            calls: evidence.stacks.map(|stacks| Calls::of(stacks, &sources)),
            memory: &memory,
            grown: &grown,
        };
        suspects = known.suspects();
        // Whoever looks for them looks at all objects.
        if matches!(grown.outside, Some(Outside::Resident { .. })) {
            workers = Workers::of(known.view, &sources);
        }
        warnings.extend(sources.left_out().iter().map(wording::left_out));
    }
    let Compared { columns, basis, sites, .. } = &compared;
    let reason = Reason::of(&suspects, sites, columns, &grown, *basis);
    let outside = grown.outside.map(|outside| outside.found(workers.as_ref(), &memory));
    let hunted = evidence.worker.as_ref();
    let beside = wording::Beside { hunted, workers: workers.as_ref(), memory: &memory, minutes };
    Findings {
        schema_version: SCHEMA_VERSION,
        verdict: reason.verdict(),
        sentence: wording::verdict(reason, &suspects, beside),
        outside: outside.or(grown.opened.map(Opened::found)),
        worker: evidence.worker.clone(),
        memory,
        suspects,
        allocations: Vec::new(),
        cpu: None,
        warnings,
        baseline: None,
    }
}

/// The readings of the snapshots compared, in their order.
fn memory(compared: &Compared, given: &Memory) -> Memory {
    fn pick_of<T: Clone>(places: &[usize], series: &[T]) -> Vec<T> {
        places.iter().filter_map(|at| series.get(*at).cloned()).collect()
    }
    let pick = |series: &[u64]| pick_of(&compared.places, series);
    Memory {
        at_ms: pick(&given.at_ms),
        used: pick(&given.used),
        external: pick(&given.external),
        array_buffers: pick(&given.array_buffers),
        rss: pick(&given.rss),
        left: pick(&given.left),
        descriptors: pick_of(&compared.places, &given.descriptors),
        resources: pick_of(&compared.places, &given.resources),
        workers: pick_of(&compared.places, &given.workers),
        mappings: pick_of(&compared.places, &given.mappings),
        snapshot: compared.columns.iter().map(|columns| columns.total).collect(),
    }
}

/// All that suspects are described by.
struct Known<'a> {
    compared: &'a Compared,
    view: &'a View<'a>,
    sources: &'a Sources<'a>,
    packages: Packages<'a>,
    numbers: &'a [ReadNumbers],
    node_version: Option<&'a str>,
    calls: Option<Calls<'a>>,
    memory: &'a Memory,
    grown: &'a Grown,
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
        let clusters = clusters(sites, columns, view);
        let gains = gains_of_kinds(&clusters, view);
        for cluster in clusters.into_iter().take(MOST_DESCRIBED) {
            let gain = gains.get(&kind_of(&cluster, view)).copied().unwrap_or(0);
            if found.len() == MOST_SUSPECTS || !(single || self.grown.is_material(gain)) {
                continue;
            }
            let described = self.describe(cluster);
            if described.by_node && (single || is_nodes_own(&described.suspect)) {
                continue;
            }
            let rest = found.iter_mut().try_fold(described, |rest, known| known.take(rest));
            found.extend(rest);
        }
        let is_material = |found: &Described| self.grown.is_material(gain(&found.suspect.growth.bytes));
        found.retain(|found| single || is_material(found));
        // What comes to an end by itself never stands before what may not.
        found.sort_by_key(|described| described.suspect.bound.is_some());
        let ranked = found.into_iter().zip(1..);
        ranked.map(|(described, rank)| findings::Suspect { rank, ..described.suspect }).collect()
    }

    fn describe(&self, cluster: Cluster) -> Described {
        let (compared, view, at_ms) = (self.compared, self.view, &self.memory.at_ms);
        let suspect = Suspect::of(cluster, view);
        let facts = Facts::of(&suspect, view, self.sources, &self.packages, self.calls.as_ref());
        let growth = growth_of(&suspect.cluster, minutes(at_ms));
        let bound = bound(&suspect, &facts, &compared.columns, at_ms, view, self.sources, self.numbers)
            // A limit counts what was put in, not what that keeps besides.
            .filter(|_| !matches!(facts.grows.contents, Some(Contents::Slices(_) | Contents::Views(_))));
        // Of a single snapshot nothing is known to grow, and what is bounded may be as it should: there is nothing to mend.
        let count = growth.counts.last().copied().unwrap_or(0);
        let mends = growth.bytes.len() > 1 && bound.is_none();
        let remedy = if mends { Remedy::of(&facts, count) } else { None };
        let known = known(&facts, self.node_version);
        let place = facts.location();
        let confidence = self.grown.confidence(&suspect.cluster, &growth, facts.held.kind(), place.is_some());
        let from = facts.location_from();
        let known_by = |location: findings::Location| findings::Location { from, ..location };
        let named = findings::Suspect {
            rank: 0,
            confidence: if compared.basis == Basis::Classes { confidence / 2.0 } else { confidence },
            share: self.grown.share(suspect.cluster.gain()),
            class: cut(&facts.grows.class),
            key: shown::key(suspect.cluster.example, view),
            kind: facts.held.kind(),
            sentence: wording::suspect(&facts, &growth, bound.as_ref(), remedy.as_ref(), known.as_ref()),
            location: place.map(|place| place.location.clone()).map(known_by),
            original_location: place
                .and_then(|place| Some(place.original.as_ref()?.location.clone()))
                .map(known_by),
            holder: Some(holder(&facts)),
            package: facts.package.as_ref().map(|of| of.package.clone()),
            known,
            path: shown::path(&suspect.path, view),
            strings: facts.grows.strings.clone(),
            content: facts.grows.contents.as_ref().map(Contents::found),
            growth,
            remedy: remedy.as_ref().map(Remedy::found),
            unread: if bound.is_none() { unread(&suspect, &facts, view, self.numbers) } else { Vec::new() },
            bound,
        };
        Described {
            identity: facts.holder.identity,
            holder: view.graph.id(suspect.holder),
            event: match &facts.held {
                Held::Listener { event, .. } => Some(event.clone().unwrap_or_default()),
                _ => None,
            },
            by_node: facts.holder.name.as_ref().is_none_or(|name| name.author() == Author::Node),
            suspect: named,
            facts,
            remedy,
        }
    }
}

/// What tells clusters of one kind, which may be one line of the program: a set for each room.
type KindOfCluster = (String, Option<Spot>, Option<String>, What);

fn kind_of(cluster: &Cluster, view: &View<'_>) -> KindOfCluster {
    let (container, slot) = (cluster.container, cluster.slot.clone());
    (view.graph.name(container).into_owned(), view.graph.spot(container), slot, cluster.first_site().what)
}

/// The bytes that all clusters of a kind gained: many small ones can be much.
fn gains_of_kinds(clusters: &[Cluster], view: &View<'_>) -> FxHashMap<KindOfCluster, u64> {
    let mut gains = FxHashMap::default();
    for cluster in clusters {
        *gains.entry(kind_of(cluster, view)).or_default() += cluster.gain();
    }
    gains
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

/// Bytes gained since the first judged snapshot.
fn gain(bytes: &[u64]) -> u64 {
    let first = bytes.get(baseline(bytes.len())).copied().unwrap_or(0);
    bytes.last().copied().unwrap_or(0).saturating_sub(first)
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

#[cfg(test)]
mod tests;
