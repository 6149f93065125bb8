//! A recording made small enough to be kept: of each snapshot the part that a diagnosis looks at.
//!
//! Nine objects in ten are Node's own and the same in all snapshots. An object stays if it is not the same in all of them, if
//! it is a step on the way to one that is not, if it belongs to the program's own code, or if one of these refers to it. The
//! bytes of what goes are added to the nearest object above, by dominance, that stays; and where the way that went was why an
//! object had no nearer dominator, another way is kept. So what is left has the same dominators, and retains the same bytes.

use std::collections::{HashMap, HashSet};

use leakhunt_heap::{Dominators, EdgeType, NodeId, NodeType, Snapshot};

use crate::whole::{ES_MODULE, Whole, contexts, is_of_a_program, name_of, script_of, strong};
use crate::write::write;

/// More retainers than this are those of an object that everything refers to, and tell nothing.
const MOST_RETAINERS: usize = 24;

/// Of an object with more edges than this what it refers to stays only where it is its own.
pub(crate) const MOST_EDGES: usize = 64;

/// What one object dominates if it is a part of the program, and not the program itself: so many of all.
const SHARE_OF_A_PART: usize = 3;

/// The texts that are not for others to see, each with what stands for it.
pub(crate) type Renamed<'a> = [(&'a str, &'a str)];

/// Reduces the snapshots of a recording together.
pub(crate) fn reduce(texts: &[Vec<u8>], renamed: &Renamed<'_>) -> Vec<Vec<u8>> {
    let wholes: Vec<Whole<'_>> = texts.iter().map(|text| Whole::read(text)).collect();
    let mut kept = Kept::default();
    kept.what_changes(&wholes);
    kept.what_the_program_is(&wholes);
    loop {
        kept.close(&wholes);
        let reduced: Vec<Vec<u8>> = wholes.iter().map(|whole| write(whole, &kept, renamed)).collect();
        let more: Vec<(u32, u32)> =
            wholes.iter().zip(&reduced).flat_map(|(whole, text)| kept.other_ways(whole, text)).collect();
        if more.is_empty() {
            return reduced;
        }
        kept.ids.extend(more.iter().flat_map(|(from, to)| [from, to]));
        kept.links.extend(more);
    }
}

/// The objects that stay, by id.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) ids: HashSet<u32>,
    /// Those of which everything stays that they refer to.
    open: HashSet<u32>,
    /// Those of which everything stays that refers to them, and with it their names.
    named: HashSet<u32>,
    /// Other edges that stay.
    links: HashSet<(u32, u32)>,
}

impl Kept {
    /// What is not the same in all snapshots, what refers to it, and what belongs to it.
    fn what_changes(&mut self, wholes: &[Whole<'_>]) {
        let mut changing: HashSet<u32> = HashSet::new();
        let (first, others) = wholes.split_first().expect("a recording has snapshots");
        for (id, nodes) in &first.nodes {
            let state = first.state(nodes[0]);
            let same = |other: &Whole<'_>| {
                other.nodes.get(id).is_some_and(|found| found.len() == 1 && other.state(found[0]) == state)
            };
            if nodes.len() > 1 || !others.iter().all(same) {
                changing.insert(*id);
            }
        }
        for other in others {
            changing.extend(other.nodes.keys().filter(|id| !first.nodes.contains_key(id)));
        }
        for whole in wholes {
            for node in
                changing.iter().flat_map(|id| whole.with(*id)).filter(|node| !whole.is_a_detail(*node))
            {
                self.open.insert(whole.id(node));
                let holders = &whole.retainers[node.0 as usize];
                if holders.len() <= MOST_RETAINERS {
                    self.open.extend(holders.iter().map(|holder| whole.id(*holder)));
                }
            }
            // What belongs to an object that changes: an entry of a map that was there from the beginning.
            let mut below: HashMap<NodeId, usize> = HashMap::new();
            for node in whole.graph.nodes() {
                for above in whole.dominators.chain(node).skip(1) {
                    *below.entry(above).or_default() += 1;
                }
            }
            for node in whole.graph.nodes() {
                let belongs = whole.dominators.chain(node).skip(1).any(|above| {
                    changing.contains(&whole.id(above))
                        && !whole.is_hub(above)
                        && !whole.is_a_detail(node)
                        && below[&above] < whole.graph.node_count() / SHARE_OF_A_PART
                });
                if belongs {
                    self.open.insert(whole.id(node));
                }
            }
        }
    }

    /// The code of the program and of its packages: functions, contexts, modules, scripts.
    fn what_the_program_is(&mut self, wholes: &[Whole<'_>]) {
        for whole in wholes {
            let graph = &whole.graph;
            let mut scripts: HashMap<u32, bool> = HashMap::new();
            for (node, spot) in graph.locations() {
                let is_closure = graph.node_type(node) == NodeType::Closure;
                if is_closure && !scripts.contains_key(&spot.script_id) {
                    let own =
                        script_of(graph, node).is_some_and(|script| is_of_a_program(&name_of(graph, script)));
                    scripts.insert(spot.script_id, own);
                }
            }
            for (node, spot) in graph.locations() {
                if !scripts.get(&spot.script_id).is_some_and(|own| *own) {
                    continue;
                }
                self.open.insert(whole.id(node));
                for context in contexts(graph, node) {
                    self.open.insert(whole.id(context));
                }
                for part in [graph.internal(node, "shared"), script_of(graph, node)].into_iter().flatten() {
                    self.open.insert(whole.id(part));
                }
            }
            for module in graph.nodes().filter(|node| graph.node_type(*node) == NodeType::Object) {
                if graph.name(module) == "Module" {
                    self.open.insert(whole.id(module));
                }
            }
            // The names that an ES module exports are in a table of its own.
            for module in graph.nodes().filter(|node| graph.name(*node) == ES_MODULE) {
                let tables = strong(graph, module).filter(|part| !whole.is_a_detail(*part));
                self.open.extend(tables.chain([module]).map(|part| whole.id(part)));
            }
        }
    }

    /// Adds what those that stay refer to, how each is reached, and what dominates it.
    fn close(&mut self, wholes: &[Whole<'_>]) {
        for whole in wholes {
            for node in self.open.iter().flat_map(|id| whole.with(*id)) {
                self.named.insert(whole.id(node));
                self.named
                    .extend(whole.way(node).chain(whole.dominators.chain(node)).map(|step| whole.id(step)));
            }
        }
        for whole in wholes {
            self.keep_classes(whole);
        }
        self.ids.extend(&self.named);
        for whole in wholes {
            for node in self.open.iter().flat_map(|id| whole.with(*id)) {
                if !whole.is_hub(node) && !whole.is_a_detail(node) {
                    let many = whole.graph.edges(node).count() > MOST_EDGES;
                    let referred = strong(&whole.graph, node).filter(|target| {
                        let part = !many || whole.dominators.immediate(*target) == node;
                        part && (whole.graph.node_type(*target) == NodeType::Number
                            || !whole.is_a_detail(*target))
                    });
                    self.ids.extend(referred.map(|target| whole.id(target)));
                    // What tells plain objects, and contexts, apart.
                    let links = ["map", "scope_info"].map(|name| whole.graph.internal(node, name));
                    self.ids.extend(links.into_iter().flatten().map(|target| whole.id(target)));
                }
            }
            for node in self.named.iter().flat_map(|id| whole.with(*id)) {
                if self.is_told_by_holders(whole, node) {
                    let holders = whole.retainers[node.0 as usize].iter();
                    let holders = holders.filter(|holder| !whole.is_a_detail(**holder));
                    self.ids.extend(holders.map(|holder| whole.id(*holder)));
                }
            }
        }
        for whole in wholes {
            self.name_scripts(whole);
            self.ids.extend(whole.nothing.map(|node| whole.id(node)));
        }
        loop {
            let before = self.ids.len();
            for whole in wholes {
                let kept: Vec<u32> = self.ids.iter().copied().collect();
                for node in kept.iter().flat_map(|id| whole.with(*id)) {
                    self.ids.extend(whole.way(node).map(|step| whole.id(step)));
                    self.ids.insert(whole.id(whole.dominators.immediate(node)));
                }
            }
            if self.ids.len() == before {
                return;
            }
        }
    }

    /// Adds the classes that objects are of: their prototypes, and the constructors of those.
    fn keep_classes(&mut self, whole: &Whole<'_>) {
        let of_a_class = self.named.iter().flat_map(|id| whole.with(*id));
        let mut classes: Vec<NodeId> = of_a_class.filter(|node| !whole.is_a_detail(*node)).collect();
        let mut seen: HashSet<NodeId> = HashSet::new();
        while let Some(node) = classes.pop() {
            for edge in whole.graph.edges(node).filter(|edge| edge.kind == EdgeType::Property) {
                let name = whole.graph.edge_name(edge).to_string();
                if !matches!(name.as_str(), "__proto__" | "constructor" | "prototype") {
                    continue;
                }
                self.links.insert((whole.id(node), whole.id(edge.target)));
                self.ids.insert(whole.id(edge.target));
                if seen.insert(edge.target) {
                    classes.push(edge.target);
                }
            }
        }
    }

    /// Adds a function of each script in which something stands that stays: by those a script's number has a name.
    fn name_scripts(&mut self, whole: &Whole<'_>) {
        let places =
            |id: &u32| whole.with(*id).filter_map(|node| whole.graph.location(node)).collect::<Vec<_>>();
        let mut scripts: HashSet<u32> =
            self.ids.iter().flat_map(places).map(|place| place.script_id).collect();
        for (node, place) in whole.graph.locations() {
            if whole.graph.node_type(node) == NodeType::Closure && scripts.remove(&place.script_id) {
                let script = script_of(&whole.graph, node);
                let name = script.and_then(|script| whole.graph.internal(script, "name"));
                let chain = [Some(node), whole.graph.internal(node, "shared"), script, name];
                let chain: Vec<u32> = chain.into_iter().map_while(|part| Some(whole.id(part?))).collect();
                self.links.extend(chain.windows(2).map(|link| (link[0], link[1])));
                self.ids.extend(chain);
            }
        }
    }

    /// Whether what refers to an object says what it is: few do.
    fn is_told_by_holders(&self, whole: &Whole<'_>, node: NodeId) -> bool {
        let id = whole.id(node);
        let most = if self.open.contains(&id) { MOST_RETAINERS } else { MOST_RETAINERS / 4 };
        self.named.contains(&id) && whole.retainers[node.0 as usize].len() <= most
    }

    /// Whether an edge between two that stay does.
    pub(crate) fn keeps(&self, whole: &Whole<'_>, from: NodeId, to: NodeId) -> bool {
        let (source, target) = (whole.id(from), whole.id(to));
        self.open.contains(&source)
            || self.open.contains(&target)
            || self.is_told_by_holders(whole, to)
            || whole.above[to.0 as usize] == Some(from)
            || self.links.contains(&(source, target))
    }

    /// The links that have to stay so that nothing has a nearer dominator than before.
    fn other_ways(&self, whole: &Whole<'_>, reduced: &[u8]) -> Vec<(u32, u32)> {
        let graph = Snapshot::parse(reduced, 2).expect("what was written can be read");
        let dominators = Dominators::compute(&graph);
        let kept: Vec<NodeId> =
            whole.graph.nodes().filter(|node| self.ids.contains(&whole.id(*node))).collect();
        let mut links = Vec::new();
        for (at, node) in kept.iter().enumerate() {
            let nearer = kept[dominators.immediate(NodeId(at as u32)).0 as usize];
            let right = whole.dominators.immediate(*node);
            let matters = self.named.contains(&whole.id(*node)) || self.open.contains(&whole.id(nearer));
            if nearer != right && *node != whole.graph.root() && matters {
                let way = whole.way_around(right, *node, nearer);
                let steps = way.windows(2).map(|step| (whole.id(step[0]), whole.id(step[1])));
                links.extend(steps.filter(|link| !self.links.contains(link)));
            }
        }
        links
    }
}
