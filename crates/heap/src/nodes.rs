//! The node table, a column a field.

use std::ops::Range;

use crate::error::Error;
use crate::header::{Header, NodeLayout};
use crate::kinds::NodeType;
use crate::scan::Section;
use crate::source::{RELEASE_STEP, Sections, Source};

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
    /// Reads the section on one or two threads.
    pub(crate) fn parse(source: &Source<'_>, sections: &Sections, threads: usize) -> Result<Self, Error> {
        let header = &sections.header;
        let count = header.node_count;
        let mut nodes = Self {
            codes: vec![0; count],
            names: vec![0; count],
            ids: vec![0; count],
            sizes: vec![0; count],
            first_edge: vec![0; count + 1],
            detachedness: Vec::new(),
        };
        let whole = Columns {
            codes: &mut nodes.codes,
            names: &mut nodes.names,
            ids: &mut nodes.ids,
            sizes: &mut nodes.sizes,
            edge_counts: &mut nodes.first_edge[..count],
        };
        let range = sections.nodes.clone();
        let halves = (threads > 1).then(|| halve(source, &range, header.node.fields, count)).flatten();
        let detached = match halves {
            None => whole.fill(source, range, header)?,
            Some(at) => {
                let (one, two) = whole.split_at(at.record);
                let (one, two) = std::thread::scope(|scope| {
                    let two = scope.spawn(|| two.fill(source, at.second.clone(), header));
                    (
                        one.fill(source, at.first.clone(), header),
                        two.join().expect("the scanner does not panic"),
                    )
                });
                let (mut one, two) = (one?, two?);
                one.extend(two.into_iter().map(|(node, state)| (node + at.record as u32, state)));
                one
            }
        };
        nodes.check_names(sections.string_count)?;
        nodes.sum_edge_counts(header.edge_count)?;
        if !detached.is_empty() {
            nodes.detachedness = vec![0; count];
            for (node, state) in detached {
                nodes.detachedness[node as usize] = state;
            }
        }
        Ok(nodes)
    }

    fn check_names(&self, strings: usize) -> Result<(), Error> {
        match self.names.iter().max() {
            Some(&name) if name as usize >= strings => {
                Err(Error::damaged("nodes", "a node's name is beyond the last string"))
            }
            _ => Ok(()),
        }
    }

    /// Turns counts of edges into where they begin.
    fn sum_edge_counts(&mut self, edges: usize) -> Result<(), Error> {
        let mut sum = 0_u64;
        for first in &mut self.first_edge {
            let count = *first;
            *first = sum as u32;
            sum += u64::from(count);
            if sum > edges as u64 {
                return Err(Error::damaged("nodes", "they have more edges than the header says"));
            }
        }
        if sum != edges as u64 {
            return Err(Error::damaged("nodes", "they have fewer edges than the header says"));
        }
        Ok(())
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
    edge_counts: &'m mut [u32],
}

impl<'m> Columns<'m> {
    fn split_at(self, at: usize) -> (Self, Self) {
        let (codes, codes2) = self.codes.split_at_mut(at);
        let (names, names2) = self.names.split_at_mut(at);
        let (ids, ids2) = self.ids.split_at_mut(at);
        let (sizes, sizes2) = self.sizes.split_at_mut(at);
        let (edge_counts, edge_counts2) = self.edge_counts.split_at_mut(at);
        (
            Self { codes, names, ids, sizes, edge_counts },
            Self { codes: codes2, names: names2, ids: ids2, sizes: sizes2, edge_counts: edge_counts2 },
        )
    }

    /// Reads records until the columns are full; returns the few nodes that say how they hang in a DOM.
    fn fill(
        self,
        source: &Source<'_>,
        range: Range<usize>,
        header: &Header,
    ) -> Result<Vec<(u32, u8)>, Error> {
        let section = Section { source, range, name: "nodes", count: self.codes.len() };
        let layout = header.node;
        let mut filler =
            Filler { columns: self, next: 0, types: header.node_types.len() as u32, detached: vec![] };
        // With the width known, the compiler unrolls the record.
        match layout.fields {
            6 => section.records::<6>(|record| filler.put(&record, layout))?,
            7 => section.records::<7>(|record| filler.put(&record, layout))?,
            fields => section.wide_records(fields, &mut |record| filler.put(record, layout))?,
        }
        Ok(filler.detached)
    }
}

/// Puts records into columns, one after the other.
struct Filler<'m> {
    columns: Columns<'m>,
    next: usize,
    types: u32,
    detached: Vec<(u32, u8)>,
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
        self.columns.edge_counts[node] = record[layout.edge_count];
        if let Some(at) = layout.detachedness
            && record[at] & 3 != 0
        {
            // DevTools keeps the two lowest bits of this field.
            self.detached.push((node as u32, (record[at] & 3) as u8));
        }
        Ok(())
    }
}

/// A flat array cut in two at the beginning of a record.
#[derive(Debug, Clone)]
pub(crate) struct Halves {
    pub(crate) first: Range<usize>,
    pub(crate) second: Range<usize>,
    /// The ordinal of the second half's first record.
    pub(crate) record: usize,
}

/// Below this, a thread costs more than it saves.
const WORTH_A_THREAD: usize = 1 << 16;

/// Finds the record nearest the middle of a section. Commas behind the middle say how many values are there.
pub(crate) fn halve(
    source: &Source<'_>,
    range: &Range<usize>,
    fields: usize,
    count: usize,
) -> Option<Halves> {
    if count < WORTH_A_THREAD {
        return None;
    }
    let bytes = source.bytes;
    let middle = range.start + range.len() / 2;
    let begin = middle + memchr::memchr(b',', &bytes[middle..range.end])? + 1;
    let mut commas = 0;
    let mut at = begin;
    while at < range.end {
        let end = (at + RELEASE_STEP).min(range.end);
        commas += memchr::memchr_iter(b',', &bytes[at..end]).count();
        source.released(at..end);
        at = end;
    }
    let value = (count * fields).checked_sub(commas + 1)?;
    // The middle may lie inside a record: the next one begins after as many commas as values are left of it.
    let inside = (fields - value % fields) % fields;
    let mut split = begin;
    for _ in 0..inside {
        split += memchr::memchr(b',', &bytes[split..range.end])? + 1;
    }
    let record = (value + inside) / fields;
    (record < count).then(|| Halves { first: range.start..split - 1, second: split..range.end, record })
}
