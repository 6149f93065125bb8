//! Where the sections of a file lie.
//!
//! A snapshot is one JSON object whose sections are nearly all flat arrays of numbers, so the ends of sections are
//! found by searching for a bracket instead of by parsing. Nothing is read twice but by that search.

use std::ops::Range;

use crate::error::Error;
use crate::read::header::Header;
use crate::read::source::{RELEASE_STEP, Source, skip_space, string_end};
use crate::read::strings::StringIndex;

/// The sections this crate reads, each as the range between its brackets.
#[derive(Debug)]
pub(crate) struct Sections {
    pub(crate) header: Header,
    pub(crate) nodes: Range<usize>,
    pub(crate) edges: Range<usize>,
    pub(crate) locations: Option<Range<usize>>,
    pub(crate) strings: StringIndex,
    pub(crate) string_count: usize,
}

impl Sections {
    pub(crate) fn find(source: &Source<'_>) -> Result<Self, Error> {
        let bytes = source.bytes;
        let mut at = skip_space(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return Err(Error::NotASnapshot("it does not begin with a JSON object".to_owned()));
        }
        at = skip_space(bytes, at + 1);
        let mut met = Met::default();
        loop {
            let section = met.progress();
            let (key, value) = key(bytes, at, section)?;
            at = skip_space(bytes, met.take(source, key, value)?);
            match bytes.get(at) {
                Some(b',') => at = skip_space(bytes, at + 1),
                Some(b'}') => break,
                Some(_) => return Err(Error::damaged(section, "a section is not followed by another")),
                None => return Err(Error::Truncated { section }),
            }
        }
        if skip_space(bytes, at + 1) != bytes.len() {
            return Err(Error::damaged("its end", "more text follows"));
        }
        met.all()
    }
}

/// The sections met so far.
#[derive(Default)]
struct Met {
    header: Option<Header>,
    nodes: Option<Range<usize>>,
    edges: Option<Range<usize>>,
    locations: Option<Range<usize>>,
    strings: Option<StringIndex>,
}

impl Met {
    /// Says where a file ends that ends too early, by what was still to come.
    fn progress(&self) -> &'static str {
        match (&self.header, &self.nodes, &self.edges) {
            (None, ..) => "header",
            (Some(_), None, _) => "nodes",
            (Some(_), Some(_), None) => "edges",
            (Some(_), Some(_), Some(_)) => "strings",
        }
    }

    /// Takes the section that begins at a place, and says where it ends.
    fn take(&mut self, source: &Source<'_>, key: &[u8], at: usize) -> Result<usize, Error> {
        let bytes = source.bytes;
        match key {
            b"snapshot" if self.header.is_none() => {
                let end = skip_value(bytes, at, "header")?;
                self.header = Some(Header::parse(&bytes[at..end], bytes.len())?);
                Ok(end)
            }
            b"nodes" => {
                let least = self.header.as_ref().map_or(0, |h| least_text(h.node_count, h.node.fields));
                flat_array(source, at, least, "nodes", &mut self.nodes)
            }
            b"edges" => {
                let least = self.header.as_ref().map_or(0, |h| least_text(h.edge_count, h.edge.fields));
                flat_array(source, at, least, "edges", &mut self.edges)
            }
            b"locations" => flat_array(source, at, 0, "locations", &mut self.locations),
            b"strings" => {
                let (end, strings) = index_strings(source, at)?;
                self.strings = Some(strings);
                Ok(end)
            }
            b"trace_function_infos" | b"samples" => flat_array(source, at, 0, "allocation traces", &mut None),
            _ if self.header.is_none() => {
                Err(Error::NotASnapshot("its first key is not \"snapshot\"".to_owned()))
            }
            _ => skip_value(bytes, at, "an unknown section"),
        }
    }

    /// All sections, if none is missing.
    fn all(self) -> Result<Sections, Error> {
        let missing = |what: &str| Error::NotASnapshot(format!("it has no {what}"));
        let strings = self.strings.ok_or_else(|| missing("strings"))?;
        Ok(Sections {
            header: self.header.ok_or_else(|| missing("header"))?,
            nodes: self.nodes.ok_or_else(|| missing("nodes"))?,
            edges: self.edges.ok_or_else(|| missing("edges"))?,
            locations: self.locations,
            string_count: strings.starts.len(),
            strings,
        })
    }
}

/// Reads `"key" :` and returns the key and where its value begins.
fn key<'a>(bytes: &'a [u8], at: usize, section: &'static str) -> Result<(&'a [u8], usize), Error> {
    match bytes.get(at) {
        Some(b'"') => {}
        Some(_) if section == "header" => {
            return Err(Error::NotASnapshot("its first key is not \"snapshot\"".to_owned()));
        }
        Some(_) => return Err(Error::damaged(section, "a key was expected")),
        None => return Err(Error::Truncated { section }),
    }
    let end = string_end(bytes, at + 1).ok_or(Error::Truncated { section })?;
    let colon = skip_space(bytes, end + 1);
    match bytes.get(colon) {
        Some(b':') => Ok((&bytes[at + 1..end], skip_space(bytes, colon + 1))),
        Some(_) => Err(Error::damaged(section, "a colon was expected")),
        None => Err(Error::Truncated { section }),
    }
}

/// How much text that many records have at least: a digit and a comma a number, but for the last. No bracket can
/// close a whole array before; that of another is found as a number that is none.
fn least_text(records: usize, fields: usize) -> usize {
    (2 * records * fields).saturating_sub(1)
}

/// Steps over an array whose text is at least so long.
fn flat_array(
    source: &Source<'_>,
    at: usize,
    least: usize,
    section: &'static str,
    range: &mut Option<Range<usize>>,
) -> Result<usize, Error> {
    match source.bytes.get(at) {
        Some(b'[') => {}
        Some(_) => return Err(Error::damaged(section, "not an array")),
        None => return Err(Error::Truncated { section }),
    }
    if range.is_some() {
        return Err(Error::damaged(section, "it is there twice"));
    }
    let end = source.array_end(at + 1 + least).ok_or(Error::Truncated { section })?;
    *range = Some(at + 1..end);
    Ok(end + 1)
}

/// Steps over any JSON value without recursion: `trace_tree` nests as deep as the traced stacks.
fn skip_value(bytes: &[u8], mut at: usize, section: &'static str) -> Result<usize, Error> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at).ok_or(Error::Truncated { section })? {
            b'"' => at = string_end(bytes, at + 1).ok_or(Error::Truncated { section })?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Ok(at),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return Ok(at),
            _ => {}
        }
        at += 1;
        if depth == 0 && matches!(bytes[at - 1], b'"' | b'}' | b']') {
            return Ok(at);
        }
    }
}

/// Finds where the section ends, where each of its strings begins and what it means. The strings themselves are decoded when somebody asks.
fn index_strings(source: &Source<'_>, at: usize) -> Result<(usize, StringIndex), Error> {
    const SECTION: &str = "strings";
    let bytes = source.bytes;
    let truncated = || Error::Truncated { section: SECTION };
    if *bytes.get(at).ok_or_else(truncated)? != b'[' {
        return Err(Error::damaged(SECTION, "not an array"));
    }
    let begin = at + 1;
    let mut index = StringIndex::default();
    let mut at = skip_space(bytes, begin);
    let mut released = begin;
    if bytes.get(at) == Some(&b']') {
        return Ok((at + 1, index));
    }
    loop {
        if *bytes.get(at).ok_or_else(truncated)? != b'"' {
            return Err(Error::damaged(SECTION, "something else than a string is among them"));
        }
        let end = string_end(bytes, at + 1).ok_or_else(truncated)?;
        index.push(at + 1, &bytes[at + 1..end]);
        at = end + 1;
        // The usual separator is `,\n` or, from V8, `\n,`.
        at = skip_space(bytes, at);
        match bytes.get(at).ok_or_else(truncated)? {
            b',' => at = skip_space(bytes, at + 1),
            b']' => break,
            _ => return Err(Error::damaged(SECTION, "a comma was expected")),
        }
        if at - released > RELEASE_STEP {
            source.released(released..at);
            released = at;
        }
    }
    source.released(released..at);
    if index.starts.len() >= u32::MAX as usize {
        return Err(Error::TooLarge(SECTION));
    }
    Ok((at + 1, index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stepped_over_without_recursion() {
        #[track_caller]
        fn check(text: &str, rest: &str) {
            let at = skip_value(text.as_bytes(), 0, "test").expect("a value");
            assert_eq!(&text[at..], rest);
        }
        check("12,3", ",3");
        check("\"a]\\\"b\"]", "]");
        check("[1,[2,\"]\"],{\"a\":[]}],", ",");
        check("{\"a\":1}}", "}");
        let deep = format!("{}{},", "[".repeat(1_000_000), "]".repeat(1_000_000));
        check(&deep, ",");
    }
}
