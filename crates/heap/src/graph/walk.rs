//! The depth-first walk that dominators are found on, along *essential* edges (`computeIsEssentialEdge`).
//!
//! Not essential are: weak edges, loops, shortcuts that are not the root's, of a WeakMap's entry the edge from the
//! table (the key's counts), and edges from what does not belong to the page to what does, unless they are the
//! root's. What belongs to the page (`markPageOwnedNodes`) is what global objects and DOM trees reach over any edges
//! but weak ones. So the walk begins with those: all it meets until it comes back to the root is the page's, and what
//! it met behind edges that are not essential says what else is.
//!
//! All edges of a node are looked at when it gets its number, and those to nodes without one once more, when it is
//! their turn. The source of an edge is a predecessor of its target, and there are two kinds of those: of the ones
//! with lower numbers than the target only the lowest matters to Semi-NCA; those with greater numbers are kept by
//! target, in ascending order, in blocks that fit a processor's cache when they are sorted later.

use std::ops::Range;

use tracing::debug_span;

use crate::bits::Bits;
use crate::graph::late::Late;
use crate::graph::weak_maps::is_of_table;
use crate::ids::NodeId;
use crate::kinds::{EdgeType, NodeType};
use crate::read::edges::{Edge, Target};
use crate::read::snapshot::Snapshot;
use crate::read::strings::Tag;

const UNNUMBERED: u32 = u32::MAX;

/// The nodes in the order of the walk, from the root, number 0: all that a
/// [`DominatorTree`](super::dominators::DominatorTree) needs of the edges.
pub struct Walk {
    /// By number, then those that were not reached: rings that only hold each other.
    pub(crate) order: Vec<u32>,
    /// By number, the node it was reached from and the lowest predecessor. As many as were reached.
    pub(crate) links: Vec<Link>,
    /// Predecessors with a greater number.
    pub(crate) late: Late,
    /// As long as there are nodes, for who needs so much memory next: what is new costs more than what is in it.
    pub(crate) spare: Vec<u32>,
}

/// Two numbers of nodes that are wanted at once.
#[derive(Clone, Copy)]
pub(crate) struct Link(u64);

impl Link {
    #[inline(always)]
    pub(crate) fn new(above: u32, least: u32) -> Self {
        Self(u64::from(above) << 32 | u64::from(least))
    }

    /// A node on the way from the root.
    #[inline(always)]
    pub(crate) fn above(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The least of some numbers.
    #[inline(always)]
    pub(crate) fn least(self) -> u32 {
        self.0 as u32
    }

    /// Takes another number into account.
    #[inline(always)]
    fn lower(&mut self, number: u32) {
        *self = Self::new(self.above(), self.least().min(number));
    }
}

impl Walk {
    /// Walks the whole graph.
    #[must_use]
    pub fn of(snapshot: &Snapshot<'_>) -> Self {
        let _span = debug_span!("depth-first search").entered();
        let mut walker = Walker::new(snapshot);
        walker.page();
        walker.rest();
        walker.orphans();
        walker.finish()
    }
}

/// An edge to a node that had no number when its source was met.
struct Step {
    target: u32,
    from: u32,
}

struct Walker<'s> {
    snapshot: &'s Snapshot<'s>,
    walk: Walk,
    /// By node, its place in the order of the walk.
    number: Vec<u32>,
    /// Where edges that are not essential led to while only the page was walked.
    aside: Vec<u32>,
    /// None while only the page is walked.
    page: Option<Page>,
    /// On the heap: chains of millions of objects are real.
    stack: Vec<Step>,
}

/// What belongs to the page.
struct Page {
    /// The numbers of all that the walk found.
    found: Range<u32>,
    /// What lies only behind edges that are not essential.
    others: Bits,
}

impl Page {
    fn has(&self, node: u32, number: u32) -> bool {
        self.found.contains(&number) || self.others.get(node)
    }
}

impl<'s> Walker<'s> {
    fn new(snapshot: &'s Snapshot<'_>) -> Self {
        let nodes = snapshot.node_count();
        let walk = Walk {
            order: Vec::with_capacity(nodes),
            links: Vec::with_capacity(nodes),
            late: Late::default(),
            spare: Vec::new(),
        };
        let mut walker = Self {
            snapshot,
            walk,
            number: vec![UNNUMBERED; nodes],
            aside: Vec::new(),
            page: None,
            stack: Vec::new(),
        };
        walker.enter(snapshot.root().0, 0);
        walker
    }

    fn root_edges(&self) -> impl Iterator<Item = Edge> + use<'s> {
        let snapshot = self.snapshot;
        snapshot.nodes.edges(snapshot.root().0 as usize).map(|at| snapshot.edges.get(at))
    }

    /// Walks what global objects and DOM trees reach.
    fn page(&mut self) {
        let snapshot = self.snapshot;
        for edge in self.root_edges() {
            let starts = match edge.kind {
                EdgeType::Element => {
                    let target = NodeId(edge.target);
                    snapshot.node_type(target) == NodeType::Synthetic
                        && snapshot.strings.tag(snapshot.name_index(target)) == Tag::DocumentDomTrees
                }
                kind => kind == EdgeType::Shortcut,
            };
            if starts {
                if edge.target == snapshot.root().0 {
                    self.aside.push(edge.target);
                }
                self.below_root(edge.target);
            }
        }
        let found = 1..self.walk.order.len() as u32;
        self.page = Some(Page { found: found.clone(), others: self.behind_others(&found) });
    }

    /// What of the page lies only behind edges that are not essential, or behind edges of the root that the page
    /// itself leads to.
    fn behind_others(&mut self, found: &Range<u32>) -> Bits {
        let Snapshot { nodes, edges, .. } = self.snapshot;
        let mut others = Bits::new(nodes.len());
        let mut work = Vec::new();
        let mut meet = |work: &mut Vec<u32>, node: u32| {
            if !found.contains(&self.number[node as usize]) && !others.get(node) {
                others.set(node);
                work.push(node);
            }
        };
        for node in std::mem::take(&mut self.aside) {
            meet(&mut work, node);
        }
        while let Some(node) = work.pop() {
            for at in nodes.edges(node as usize) {
                if edges.kinds[at] != EdgeType::Weak {
                    meet(&mut work, edges.targets[at].node());
                }
            }
        }
        others
    }

    /// Walks what else the root reaches.
    fn rest(&mut self) {
        let root = self.snapshot.root().0;
        for edge in self.root_edges() {
            let counts = match edge.kind {
                EdgeType::Weak => false,
                EdgeType::Internal => !is_of_table(self.snapshot, root, edge),
                _ => true,
            };
            if counts {
                self.below_root(edge.target);
            }
        }
    }

    /// Walks what has no essential edge to it, and what that reaches: as if the root pointed to it.
    fn orphans(&mut self) {
        let nodes = &self.snapshot.nodes;
        let left: Vec<u32> =
            (0..nodes.len() as u32).filter(|&node| self.number[node as usize] == UNNUMBERED).collect();
        let mut held = Bits::new(nodes.len());
        for &node in &left {
            let guarded = self.is_guarded(node, UNNUMBERED);
            for at in nodes.edges(node as usize) {
                let target = self.snapshot.edges.targets[at];
                if let Some(target) = self.essential(node, target, at, guarded).filter(|to| *to != node) {
                    held.set(target);
                }
            }
        }
        for &node in &left {
            if self.number[node as usize] == UNNUMBERED && !held.get(node) {
                self.below_root(node);
            }
        }
    }

    fn finish(self) -> Walk {
        let mut walk = self.walk;
        walk.late.numbers = walk.order.len();
        let rings = self.number.iter().zip(0..).filter(|(number, _)| **number == UNNUMBERED);
        walk.order.extend(rings.map(|(_, node)| node));
        walk.spare = self.number;
        walk
    }

    /// Takes an edge of the root: numbers all that can be reached behind it and has no number yet.
    fn below_root(&mut self, start: u32) {
        match self.number[start as usize] {
            UNNUMBERED => {}
            number => {
                self.walk.links[number as usize].lower(0);
                return;
            }
        }
        let mut stack = std::mem::take(&mut self.stack);
        stack.push(Step { target: start, from: 0 });
        while let Some(Step { target, from }) = stack.pop() {
            let number = self.number[target as usize];
            if number == UNNUMBERED {
                let number = self.enter(target, from);
                self.look(target, number, &mut stack);
            } else {
                self.walk.links[number as usize].lower(from);
            }
        }
        self.stack = stack;
    }

    /// Gives a node its number.
    #[inline(always)]
    fn enter(&mut self, node: u32, parent: u32) -> u32 {
        let number = self.walk.order.len() as u32;
        self.number[node as usize] = number;
        self.walk.order.push(node);
        self.walk.links.push(Link::new(parent, parent));
        number
    }

    /// Looks at all edges of a node.
    #[inline(always)]
    fn look(&mut self, node: u32, from: u32, stack: &mut Vec<Step>) {
        let guarded = self.is_guarded(node, from);
        let range = self.snapshot.nodes.edges(node as usize);
        for (&target, at) in self.snapshot.edges.targets[range.clone()].iter().zip(range).rev() {
            let Some(target) = self.essential(node, target, at, guarded) else {
                self.set_aside(at);
                continue;
            };
            let number = self.number[target as usize];
            if number == UNNUMBERED {
                stack.push(Step { target, from });
            } else if number == 0 {
                self.set_aside(at);
            } else if number < from {
                self.walk.late.push(number, from);
            }
        }
    }

    /// Remembers what belongs to the page because of an edge that the walk does not take.
    fn set_aside(&mut self, at: usize) {
        if self.page.is_none() && self.snapshot.edges.kinds[at] != EdgeType::Weak {
            self.aside.push(self.snapshot.edges.targets[at].node());
        }
    }

    /// Whether the edges of this node to the page do not count.
    #[inline(always)]
    fn is_guarded(&self, node: u32, number: u32) -> bool {
        self.page.as_ref().is_some_and(|page| !page.has(node, number))
    }

    /// Where an edge leads, if it is essential; whether it is a loop is not looked at.
    #[inline(always)]
    fn essential(&self, from: u32, target: Target, at: usize, guarded: bool) -> Option<u32> {
        let target = match target.plain() {
            Some(target) => target,
            None => self.essential_odd(from, at)?,
        };
        if guarded
            && let Some(page) = &self.page
            && page.has(target, self.number[target as usize])
        {
            return None;
        }
        Some(target)
    }

    fn essential_odd(&self, from: u32, at: usize) -> Option<u32> {
        let edge = self.snapshot.edges.get(at);
        let counts = match edge.kind {
            EdgeType::Weak | EdgeType::Shortcut => false,
            EdgeType::Internal => !is_of_table(self.snapshot, from, edge),
            _ => true,
        };
        counts.then_some(edge.target)
    }
}
