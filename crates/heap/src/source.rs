//! The bytes of one file, and where its sections lie.
//!
//! A snapshot is one JSON object whose sections are nearly all flat arrays of numbers, so the ends of sections are
//! found by searching for a bracket instead of by parsing. Nothing is read twice but by that search.
//!
//! A mapped file counts as resident memory as far as it was touched. Whoever maps it can pass a `release` hook that
//! is told of each stretch the parser will not look at again soon.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::{memchr, memchr2};

use crate::error::Error;
use crate::header::Header;
use crate::strings::StringIndex;
use crate::threads::both;

/// How much is read between two calls of the release hook.
pub(crate) const RELEASE_STEP: usize = 1 << 22;

/// Told of stretches of the bytes that were consumed.
pub(crate) trait Release: Sync {
    fn release(&self, range: Range<usize>);
}

/// The bytes of a snapshot and what to do with those that were consumed.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) release: Option<&'a dyn Release>,
    /// How many threads may read them; more than two are not used.
    pub(crate) threads: usize,
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

impl<'a> Source<'a> {
    pub(crate) fn plain(bytes: &'a [u8], threads: usize) -> Self {
        Self { bytes, release: None, threads }
    }

    /// Does two things, at once if there may be two threads.
    pub(crate) fn both<A, B: Send>(&self, one: impl FnOnce() -> A, two: impl FnOnce() -> B + Send) -> (A, B) {
        if self.threads > 1 { both(one, two) } else { (one(), two()) }
    }

    pub(crate) fn released(&self, range: Range<usize>) {
        if let Some(release) = self.release {
            release.release(range);
        }
    }

    /// Searches for the bracket that closes a flat array of numbers, releasing what lies before it.
    fn array_end(&self, start: usize) -> Option<usize> {
        let end = self.bytes.len();
        let found = AtomicBool::new(false);
        if self.threads < 2 || end.saturating_sub(start) < 4 * RELEASE_STEP {
            return self.bracket(start..end, &found);
        }
        let middle = start + (end - start) / 2;
        let (near, far) = both(
            || {
                let near = self.bracket(start..middle, &found);
                found.fetch_or(near.is_some(), Ordering::Relaxed);
                near
            },
            || self.bracket(middle..end, &found),
        );
        near.or(far)
    }

    /// Searches for a bracket until somebody else has found a nearer one.
    fn bracket(&self, range: Range<usize>, found: &AtomicBool) -> Option<usize> {
        for start in range.clone().step_by(RELEASE_STEP) {
            if found.load(Ordering::Relaxed) {
                return None;
            }
            let end = (start + RELEASE_STEP).min(range.end);
            let here = memchr(b']', &self.bytes[start..end]);
            self.released(start..end);
            if let Some(here) = here {
                return Some(start + here);
            }
        }
        None
    }
}

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
        let mut header = None;
        let (mut nodes, mut edges, mut locations, mut strings) = (None, None, None, None);
        loop {
            let section = name_of_progress(header.is_some(), nodes.is_some(), edges.is_some());
            let (key, after) = key(bytes, at, section)?;
            let value = after;
            match key {
                b"snapshot" if header.is_none() => {
                    at = skip_value(bytes, value, "header")?;
                    header = Some(Header::parse(&bytes[value..at], bytes.len())?);
                }
                b"nodes" => {
                    let least = header.as_ref().map_or(0, |h| least_text(h.node_count, h.node.fields));
                    at = flat_array(source, value, least, "nodes", &mut nodes)?;
                }
                b"edges" => {
                    let least = header.as_ref().map_or(0, |h| least_text(h.edge_count, h.edge.fields));
                    at = flat_array(source, value, least, "edges", &mut edges)?;
                }
                b"locations" => at = flat_array(source, value, 0, "locations", &mut locations)?,
                b"strings" => {
                    let found = index_strings(source, value)?;
                    at = found.0;
                    strings = Some(found.1);
                }
                b"trace_function_infos" | b"samples" => {
                    at = flat_array(source, value, 0, "allocation traces", &mut None)?;
                }
                _ if header.is_none() => {
                    return Err(Error::NotASnapshot("its first key is not \"snapshot\"".to_owned()));
                }
                _ => at = skip_value(bytes, value, "an unknown section")?,
            }
            at = skip_space(bytes, at);
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
        let missing = |what: &str| Error::NotASnapshot(format!("it has no {what}"));
        let strings = strings.ok_or_else(|| missing("strings"))?;
        Ok(Self {
            header: header.ok_or_else(|| missing("header"))?,
            nodes: nodes.ok_or_else(|| missing("nodes"))?,
            edges: edges.ok_or_else(|| missing("edges"))?,
            locations,
            string_count: strings.starts.len(),
            strings,
        })
    }
}

/// Says where a file ends that ends too early, by what was still to come.
fn name_of_progress(header: bool, nodes: bool, edges: bool) -> &'static str {
    match (header, nodes, edges) {
        (false, ..) => "header",
        (true, false, _) => "nodes",
        (true, true, false) => "edges",
        (true, true, true) => "strings",
    }
}

pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
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

/// The place of the quote that ends the string whose text begins at `at`.
pub(crate) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
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
    fn the_first_bracket_is_found_whoever_meets_it() {
        let mut text = vec![b'1'; 5 * RELEASE_STEP];
        let last = text.len() - 1;
        for brackets in [&[][..], &[0], &[last], &[last / 2], &[last / 2 + 1], &[7, last], &[last - 1, last]]
        {
            for &at in brackets {
                text[at] = b']';
            }
            for threads in [1, 2] {
                let source = Source::plain(&text, threads);
                assert_eq!(source.array_end(0), brackets.first().copied(), "{brackets:?}, {threads} threads");
                assert_eq!(source.array_end(text.len()), None);
                assert_eq!(source.array_end(text.len() + 5), None);
            }
            for &at in brackets {
                text[at] = b'1';
            }
        }
    }

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
