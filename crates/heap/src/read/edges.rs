//! The edge table, and the same edges as a stream for those who need each only once.

use std::ops::Range;

use crate::error::Error;
use crate::kinds::{EdgeType, NodeType};
use crate::read::halves::halve;
use crate::read::header::Header;
use crate::read::nodes::Nodes;
use crate::read::scan::{Divisor, Section};
use crate::read::sections::Sections;
use crate::read::source::Source;
use crate::read::strings::Tag;
use crate::threads::both;

/// The columns of the edge table; a node's edges lie together, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    pub(crate) kinds: Vec<EdgeType>,
    /// The index of a string, or a number, as [`EdgeType::is_numbered`] says.
    pub(crate) names: Vec<u32>,
    pub(crate) targets: Vec<Target>,
}

/// Where an edge leads, and whether all searches follow it.
///
/// Most edges are followed by all. A search that finds so in the number it needs anyway, and looks at the type and
/// the name of the others only, touches half the memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Target(u32);

impl Target {
    /// The ordinals of nodes leave this bit free: the header is refused if all numbers of all nodes would not fit in
    /// 32 bits, and a node has at least five.
    const ODD: u32 = 1 << 31;

    fn new(node: u32, is_odd: bool) -> Self {
        debug_assert!(node < Self::ODD);
        Self(if is_odd { node | Self::ODD } else { node })
    }

    /// The ordinal of the node it leads to.
    #[inline(always)]
    pub(crate) fn node(self) -> u32 {
        self.0 & !Self::ODD
    }

    /// The ordinal of the node, if all searches follow the edge; for the others, see its type and name.
    #[inline(always)]
    pub(crate) fn plain(self) -> Option<u32> {
        (self.0 & Self::ODD == 0).then_some(self.0)
    }
}

impl Edges {
    /// Reads the section.
    pub(crate) fn parse(source: &Source<'_>, sections: &Sections) -> Result<Self, Error> {
        let header = &sections.header;
        let count = header.edge_count;
        let mut edges = Self {
            kinds: vec![EdgeType::Context; count],
            names: vec![0; count],
            targets: vec![Target::default(); count],
        };
        let whole = Columns { kinds: &mut edges.kinds, names: &mut edges.names, targets: &mut edges.targets };
        let range = sections.edges.clone();
        match halve(source, &range, header.edge.fields, count) {
            None => whole.fill(source, range, sections)?,
            Some(at) => {
                let (one, two) = whole.split_at(at.record);
                let (one, two) =
                    both(|| one.fill(source, at.first, sections), || two.fill(source, at.second, sections));
                one?;
                two?;
            }
        }
        Ok(edges)
    }

    /// The edge at a place of the table.
    #[inline(always)]
    pub(crate) fn get(&self, at: usize) -> Edge {
        Edge { kind: self.kinds[at], name: self.names[at], target: self.targets[at].node() }
    }

    /// Makes the edges at these places of the table weak.
    pub(crate) fn weaken(&mut self, range: Range<usize>) {
        self.kinds[range.clone()].fill(EdgeType::Weak);
        for target in &mut self.targets[range] {
            *target = Target::new(target.node(), true);
        }
    }

    /// Marks the edges that distances do not follow because of the node they come from.
    pub(crate) fn mark_odd_sources(&mut self, header: &Header, nodes: &Nodes, tags: &[Tag]) {
        for node in 0..nodes.len() {
            let is_odd = match nodes.kind(header, node) {
                NodeType::Hidden => tags[nodes.names[node] as usize] == Tag::NativeContext,
                NodeType::Array => tags[nodes.names[node] as usize] == Tag::MapDescriptors,
                _ => false,
            };
            if is_odd {
                for target in &mut self.targets[nodes.edges(node)] {
                    *target = Target::new(target.node(), true);
                }
            }
        }
    }
}

/// A stretch of every column, to be filled by one thread.
struct Columns<'m> {
    kinds: &'m mut [EdgeType],
    names: &'m mut [u32],
    targets: &'m mut [Target],
}

impl Columns<'_> {
    fn split_at(self, at: usize) -> (Self, Self) {
        let (kinds, kinds2) = self.kinds.split_at_mut(at);
        let (names, names2) = self.names.split_at_mut(at);
        let (targets, targets2) = self.targets.split_at_mut(at);
        (Self { kinds, names, targets }, Self { kinds: kinds2, names: names2, targets: targets2 })
    }

    fn fill(self, source: &Source<'_>, range: Range<usize>, sections: &Sections) -> Result<(), Error> {
        let count = self.kinds.len();
        let tags = sections.strings.tags();
        let mut columns = self.kinds.iter_mut().zip(self.names).zip(self.targets);
        each_record(source, range, sections, count, |edge| {
            let Some(((kind, name), target)) = columns.next() else {
                return Err("it has more records than the header says");
            };
            *kind = edge.kind;
            *name = edge.name;
            let is_odd = match edge.kind {
                EdgeType::Weak | EdgeType::Shortcut => true,
                EdgeType::Internal => tags[edge.name as usize] == Tag::WeakMapPair,
                _ => false,
            };
            *target = Target::new(edge.target, is_odd);
            Ok(())
        })
    }
}

/// One edge, checked: its target is a node, its name a string where it is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) kind: EdgeType,
    pub(crate) name: u32,
    pub(crate) target: u32,
}

/// Reads the whole section and hands each edge with its source to `each`, in the order of the file.
pub(crate) fn stream(
    source: &Source<'_>,
    sections: &Sections,
    nodes: &Nodes,
    mut each: impl FnMut(u32, Edge),
) -> Result<(), Error> {
    let mut from = 0;
    let mut ordinal = 0;
    let mut last = nodes.first_edge[1];
    each_record(source, sections.edges.clone(), sections, sections.header.edge_count, |edge| {
        while ordinal == last {
            from += 1;
            last = nodes.first_edge[from + 1];
        }
        ordinal += 1;
        each(from as u32, edge);
        Ok(())
    })
}

#[inline(always)]
fn each_record(
    source: &Source<'_>,
    range: Range<usize>,
    sections: &Sections,
    count: usize,
    mut each: impl FnMut(Edge) -> Result<(), &'static str>,
) -> Result<(), Error> {
    let header = &sections.header;
    let check = Check {
        by_fields: Divisor::new(header.node.fields),
        nodes: header.node_count as u32,
        strings: sections.string_count as u32,
        types: &header.edge_types,
    };
    let layout = header.edge;
    let section = Section { source, range, name: "edges", count };
    if (layout.fields, layout.kind, layout.name_or_index, layout.to_node) == (3, 0, 1, 2) {
        // The only layout V8 has ever had: with it known, the record stays in registers.
        section.records::<3>(|[kind, name, to_node]| each(check.edge(kind, name, to_node)?))
    } else {
        section.wide_records(layout.fields, &mut |record| {
            each(check.edge(record[layout.kind], record[layout.name_or_index], record[layout.to_node])?)
        })
    }
}

/// What the numbers of an edge are checked against.
struct Check<'h> {
    by_fields: Divisor,
    nodes: u32,
    strings: u32,
    types: &'h [EdgeType],
}

impl Check<'_> {
    #[inline(always)]
    fn edge(&self, kind: u32, name: u32, to_node: u32) -> Result<Edge, &'static str> {
        let Some(&kind) = self.types.get(kind as usize) else {
            return Err("an edge is of a type the header does not name");
        };
        if name >= self.strings && !kind.is_numbered() {
            return Err("an edge's name is beyond the last string");
        }
        let Some(target) = self.by_fields.exact(to_node).filter(|target| *target < self.nodes) else {
            return Err("an edge leads to no node");
        };
        Ok(Edge { kind, name, target })
    }
}
