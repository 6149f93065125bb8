//! A source map: from a place in a bundle to the place in what people wrote.
//!
//! The map is made by whoever made the bundle, so it may say anything: how much of it is read is bounded by its text, and
//! what the decoder would stumble over is no map.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sourcemap::{DecodedMap, SourceMap, SourceMapIndex, Token};

/// Larger maps are not read. Those of the largest bundles have some millions of segments; each takes 28 bytes, and an element
/// of a list 32.
const MOST_PARTS: usize = 8_000_000;

/// No line of a bundle's section, and no column, is farther. Some hundred of it fit into 32 bits.
const FARTHEST: u32 = 1 << 24;

/// A decoded map.
pub(super) struct Map(SourceMap);

impl Map {
    /// `None` if it is not a source map, or none that can be read.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        let parts = json.iter().filter(|byte| matches!(byte, b',' | b';')).count();
        if parts > MOST_PARTS {
            return None;
        }
        match sourcemap::decode_slice(json).ok()? {
            DecodedMap::Regular(map) => Some(Self(map)),
            DecodedMap::Index(map) if adds_up(&map) => map.flatten().ok().map(Self),
            DecodedMap::Index(_) | DecodedMap::Hermes(_) => None,
        }
    }

    /// From a `data:` URL.
    pub(super) fn read_inline(url: &str) -> Option<Self> {
        let (kind, encoded) = url.split_once(";base64,")?;
        if !kind.starts_with("data:application/json") {
            return None;
        }
        Self::read(&BASE64_STANDARD.decode(encoded).ok()?)
    }

    /// The last segment of the line that begins at a place or before it; lines and columns from 0.
    pub(super) fn at(&self, line: u32, column: u32) -> Option<Token<'_>> {
        let place = |at: usize| self.0.get_token(at).map(|token| token.get_dst());
        let first = |reached: &dyn Fn((u32, u32)) -> bool| {
            let (mut low, mut high) = (0, self.0.get_token_count() as usize);
            while low < high {
                let middle = low + (high - low) / 2;
                if place(middle).is_some_and(reached) { high = middle } else { low = middle + 1 }
            }
            low
        };
        let found = place(first(&|at| at > (line, column)).checked_sub(1)?)?;
        // A line of which the map says nothing was written by nobody.
        if found.0 != line {
            return None;
        }
        // Of several at one place, the first.
        self.0.get_token(first(&|at| at >= found))
    }

    /// What the file of this number held.
    pub(super) fn contents(&self, source: u32) -> Option<&str> {
        self.0.get_source_contents(source)
    }
}

/// Whether the decoder can add what sections begin at to what is in them, all of which it does in 32 bits: sections lie in no
/// more than 128 others, for so deep may JSON nest.
fn adds_up(map: &SourceMapIndex) -> bool {
    map.sections().all(|section| {
        let (line, column) = section.get_offset();
        let inside = match section.get_sourcemap() {
            Some(DecodedMap::Regular(map)) => map.tokens().all(|token| {
                let (line, column) = token.get_dst();
                line.max(column) <= FARTHEST
            }),
            Some(DecodedMap::Index(map)) => adds_up(map),
            Some(DecodedMap::Hermes(_)) | None => false,
        };
        line.max(column) <= FARTHEST && inside
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Map> {
        Map::read(json.as_bytes())
    }

    fn of_mappings(mappings: &str) -> String {
        format!(r#"{{"version":3,"sources":["a.ts"],"names":[],"mappings":"{mappings}"}}"#)
    }

    #[test]
    fn the_segment_before_a_place_is_found() {
        // Columns 0, 4 (twice) and 8 of the first line, 0 of the third.
        let map = read(&of_mappings("AAAA,IACA,AACA,IACA;;AACA")).expect("a map");
        for ((line, column), original) in
            [((0, 0), 0), ((0, 3), 0), ((0, 4), 1), ((0, 7), 1), ((0, 8), 3), ((2, 9), 4)]
        {
            assert_eq!(map.at(line, column).map(|at| at.get_src_line()), Some(original), "{line}:{column}");
        }
        // What the map has nothing of, such as what a bundler has added, is nowhere else either.
        for (line, column) in [(1, 0), (3, 0), (u32::MAX, u32::MAX)] {
            assert!(map.at(line, column).is_none(), "{line}:{column}");
        }
        let late = read(&of_mappings(";IAAA")).expect("a map");
        assert!(late.at(1, 3).is_none());
    }

    #[test]
    fn hostile_maps_are_none_or_lead_nowhere() {
        let huge = "g".repeat(12) + "//////D";
        let section = |inside: &str, line: &str| {
            format!(
                r#"{{"version":3,"sections":[{{"offset":{{"line":{line},"column":{line}}},"map":{inside}}}]}}"#
            )
        };
        let mut nested = of_mappings("AAAA");
        for _ in 0..1_000 {
            nested = section(&nested, "1");
        }
        for json in [
            of_mappings(&huge),
            of_mappings(&"+/////D".repeat(100)),
            of_mappings(&format!("{}AAAA", ";".repeat(MOST_PARTS))),
            of_mappings(&"A,".repeat(MOST_PARTS)),
            section(&of_mappings("AAAA"), "4294967295"),
            section(&section(&of_mappings("+/////DAAA;AAAA"), "4294967295"), "4294967295"),
            nested,
            format!(r#"{{"version":3,"sources":["{}"],"mappings":"AAAA"}}"#, "x".repeat(10_000_000)),
            r#"{"version":3,"sources":["a"],"names":[{}],"mappings":"AAAAA","rangeMappings":"//////"}"#
                .to_owned(),
            "[".repeat(10_000_000),
        ] {
            let Some(map) = read(&json) else { continue };
            for place in [(0, 0), (1, 1), (u32::MAX, u32::MAX)] {
                let _ = map
                    .at(place.0, place.1)
                    .map(|at| (at.get_src_line(), at.get_source(), map.contents(at.get_src_id())));
            }
        }
    }
}
