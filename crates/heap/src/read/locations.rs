//! Source positions of nodes: a few thousand closures and constructed objects among millions of nodes.

use crate::error::Error;
use crate::ids::Location;
use crate::read::scan::{Divisor, Section};
use crate::read::sections::Sections;
use crate::read::source::Source;

/// Locations by node, sorted.
#[derive(Debug, Default)]
pub(crate) struct Locations(Vec<(u32, Location)>);

impl Locations {
    pub(crate) fn parse(source: &Source<'_>, sections: &Sections) -> Result<Self, Error> {
        const SECTION: &str = "locations";
        let (Some(range), Some(layout)) = (&sections.locations, sections.header.location) else {
            return Ok(Self::default());
        };
        let text = &source.bytes[range.clone()];
        let values = match text.iter().all(u8::is_ascii_whitespace) {
            true => 0,
            false => memchr::memchr_iter(b',', text).count() + 1,
        };
        if values % layout.fields != 0 {
            return Err(Error::damaged(SECTION, "the last record is incomplete"));
        }
        let by_fields = Divisor::new(sections.header.node.fields);
        let nodes = sections.header.node_count as u32;
        let mut all = Vec::with_capacity(values / layout.fields);
        let section = Section { source, range: range.clone(), name: SECTION, count: values / layout.fields };
        let mut each = |record: &[u32]| {
            let Some(node) = by_fields.exact(record[layout.object_index]).filter(|node| *node < nodes) else {
                return Err("a location is of no node");
            };
            let [script_id, line, column] =
                [layout.script_id, layout.line, layout.column].map(|field| record[field]);
            all.push((node, Location { script_id, line, column }));
            Ok(())
        };
        match layout.fields {
            4 => section.records::<4>(|record| each(&record))?,
            fields => section.wide_records(fields, &mut each)?,
        }
        // V8 writes them nearly by node.
        if !all.is_sorted_by(|(a, _), (b, _)| a < b) {
            // To sort a number each is to move half as much. Of several locations of one node the last counts.
            let mut by_node: Vec<u64> =
                all.iter().zip(0..).map(|((node, _), at)| u64::from(*node) << 32 | at).collect();
            by_node.sort_unstable();
            let last = by_node.chunk_by(|a, b| a >> 32 == b >> 32).filter_map(<[u64]>::last);
            all = last.map(|&key| all[key as u32 as usize]).collect();
        }
        Ok(Self(all))
    }

    pub(crate) fn get(&self, node: u32) -> Option<Location> {
        let at = self.0.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        Some(self.0[at].1)
    }

    /// All, by node.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Location)> + '_ {
        self.0.iter().copied()
    }
}
