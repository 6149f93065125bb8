//! The node table, a column a field.

use std::cmp::Ordering;
use std::ops::Range;

use crate::error::Error;
use crate::kinds::NodeType;
use crate::read::halves::halve;
use crate::read::header::{Header, NodeLayout};
use crate::read::scan::Section;
use crate::read::sections::Sections;
use crate::read::source::Source;
use crate::threads::both;

/// The columns of the node table, by ordinal.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// V8's code of the type; `Header::node_types` says what it means.
    pub(crate) codes: Vec<u8>,
    pub(crate) names: Vec<u32>,
    pub(crate) ids: Vec<u32>,
    /// As in the file.
    pub(crate) sizes: Vec<u32>,
    /// Where a node's edges begin; one longer than the table.
    pub(crate) first_edge: Vec<u32>,
    /// Empty when no node of the file says anything about it.
    pub(crate) detachedness: Vec<u8>,
}

impl Nodes {
    /// Reads the section.
    pub(crate) fn parse(source: &Source<'_>, sections: &Sections) -> Result<Self, Error> {
        let header = &sections.header;
        let count = header.node_count;
        // Memory that was used before is emptied first.
        let ((codes, names, ids), (sizes, first_edge)) = source.both(
            || (vec![0; count], vec![0; count], vec![0; count]),
            || (vec![0; count], vec![0; count + 1]),
        );
        let mut nodes = Self { codes, names, ids, sizes, first_edge, detachedness: Vec::new() };
        let whole = Columns {
            codes: &mut nodes.codes,
            names: &mut nodes.names,
            ids: &mut nodes.ids,
            sizes: &mut nodes.sizes,
            first_edge: &mut nodes.first_edge[..count],
        };
        let range = sections.nodes.clone();
        let filled = match halve(source, &range, header.node.fields, count) {
            None => whole.fill(source, range, header)?,
            Some(at) => {
                let (one, two) = whole.split_at(at.record);
                let (one, two) =
                    both(|| one.fill(source, at.first, header), || two.fill(source, at.second, header));
                let (one, two) = (one?, two?);
                for first in &mut nodes.first_edge[at.record..count] {
                    *first = first.wrapping_add(one.edges as u32);
                }
                one.and(two, at.record)
            }
        };
        if filled.greatest_name as usize >= sections.string_count {
            return Err(Error::damaged("nodes", "a node's name is beyond the last string"));
        }
        // Where edges begin is right in 32 bits if this is: there are not so many in the header.
        match filled.edges.cmp(&(header.edge_count as u64)) {
            Ordering::Less => {
                return Err(Error::damaged("nodes", "they have fewer edges than the header says"));
            }
            Ordering::Greater => {
                return Err(Error::damaged("nodes", "they have more edges than the header says"));
            }
            Ordering::Equal => nodes.first_edge[count] = header.edge_count as u32,
        }
        if !filled.detached.is_empty() {
            nodes.detachedness = vec![0; count];
            for (node, state) in filled.detached {
                nodes.detachedness[node as usize] = state;
            }
        }
        Ok(nodes)
    }

    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }

    pub(crate) fn kind(&self, header: &Header, node: usize) -> NodeType {
        header.node_types[usize::from(self.codes[node])]
    }

    pub(crate) fn edges(&self, node: usize) -> Range<usize> {
        self.first_edge[node] as usize..self.first_edge[node + 1] as usize
    }
}

/// A stretch of every column, to be filled by one thread.
struct Columns<'m> {
    codes: &'m mut [u8],
    names: &'m mut [u32],
    ids: &'m mut [u32],
    sizes: &'m mut [u32],
    first_edge: &'m mut [u32],
}

impl<'m> Columns<'m> {
    fn split_at(self, at: usize) -> (Self, Self) {
        let (codes, codes2) = self.codes.split_at_mut(at);
        let (names, names2) = self.names.split_at_mut(at);
        let (ids, ids2) = self.ids.split_at_mut(at);
        let (sizes, sizes2) = self.sizes.split_at_mut(at);
        let (first_edge, first_edge2) = self.first_edge.split_at_mut(at);
        (
            Self { codes, names, ids, sizes, first_edge },
            Self { codes: codes2, names: names2, ids: ids2, sizes: sizes2, first_edge: first_edge2 },
        )
    }

    /// Reads records until the columns are full.
    fn fill(self, source: &Source<'_>, range: Range<usize>, header: &Header) -> Result<Filled, Error> {
        let section = Section { source, range, name: "nodes", count: self.codes.len() };
        let layout = header.node;
        let types = header.node_types.len() as u32;
        let mut filler = Filler { columns: self, next: 0, types, filled: Filled::default() };
        // With the width known, the compiler unrolls the record.
        match layout.fields {
            6 => section.records::<6>(|record| filler.put(&record, layout))?,
            7 => section.records::<7>(|record| filler.put(&record, layout))?,
            fields => section.wide_records(fields, &mut |record| filler.put(record, layout))?,
        }
        Ok(filler.filled)
    }
}

/// What was found out while columns were filled.
#[derive(Default)]
struct Filled {
    greatest_name: u32,
    /// How many edges the nodes have.
    edges: u64,
    /// The few nodes that say how they hang in a DOM, and what they say.
    detached: Vec<(u32, u8)>,
}

impl Filled {
    /// Of two halves, of which the second begins at `record`.
    fn and(mut self, second: Self, record: usize) -> Self {
        self.greatest_name = self.greatest_name.max(second.greatest_name);
        self.edges += second.edges;
        self.detached.extend(second.detached.into_iter().map(|(node, state)| (node + record as u32, state)));
        self
    }
}

/// Puts records into columns, one after the other.
struct Filler<'m> {
    columns: Columns<'m>,
    next: usize,
    types: u32,
    filled: Filled,
}

impl Filler<'_> {
    #[inline(always)]
    fn put(&mut self, record: &[u32], layout: NodeLayout) -> Result<(), &'static str> {
        if record[layout.kind] >= self.types {
            return Err("a node is of a type the header does not name");
        }
        let node = self.next;
        self.next += 1;
        self.columns.codes[node] = record[layout.kind] as u8;
        self.columns.names[node] = record[layout.name];
        self.columns.ids[node] = record[layout.id];
        self.columns.sizes[node] = record[layout.self_size];
        self.columns.first_edge[node] = self.filled.edges as u32;
        self.filled.greatest_name = self.filled.greatest_name.max(record[layout.name]);
        self.filled.edges += u64::from(record[layout.edge_count]);
        if let Some(at) = layout.detachedness
            && record[at] & 3 != 0
        {
            // DevTools keeps the two lowest bits of this field.
            self.filled.detached.push((node as u32, (record[at] & 3) as u8));
        }
        Ok(())
    }
}
