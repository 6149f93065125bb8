//! The strings of a snapshot, decoded when somebody asks.
//!
//! Strings are told apart by their index, as in DevTools, which also *adds* strings while it loads a snapshot:
//! detached nodes are renamed to a new string `Detached NAME`. Such a string has an index past those of the file.
//!
//! A few strings decide how their owner is treated ("Object", "first", the names of WeakMap edges). Each string is
//! looked at once, when the file is read, and what it means is kept in one byte.

use std::borrow::Cow;

use crate::read::source::{Source, string_end};

/// What a string means to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    None,
    /// `Object`: the constructor of plain objects, which are classed by their properties.
    Object,
    Array,
    Proto,
    First,
    Second,
    Elements,
    ExternalStringData,
    ArrayBufferData,
    NativeContext,
    MapDescriptors,
    SloppyFunctionMap,
    DocumentDomTrees,
    /// The class of what Node.js keeps its ticks and microtasks in until they run.
    FixedCircularBuffer,
    /// Begins with `<` or `Detached <`: the class of a DOM node is cut at the first space.
    Markup,
    /// The name of one of the two edges of a WeakMap entry.
    WeakMapPair,
}

/// The string table of one snapshot.
#[derive(Debug)]
pub struct Strings<'a> {
    source: Source<'a>,
    starts: Vec<usize>,
    tags: Vec<Tag>,
    /// For strings past those of the file: the one that `Detached ` was put before.
    detached: Vec<u32>,
}

impl<'a> Strings<'a> {
    /// Takes the file and what was found in its strings.
    pub(crate) fn new(source: Source<'a>, index: StringIndex) -> Self {
        Self { source, starts: index.starts, tags: index.tags, detached: Vec::new() }
    }

    /// How many strings there are, those made while loading included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() + self.detached.len()
    }

    /// Whether there is no string at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a string. Half of a surrogate pair, which JSON can hold and Rust cannot, becomes U+FFFD.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`Strings::len`]. All indices in a parsed snapshot are.
    #[must_use]
    pub fn get(&self, index: u32) -> Cow<'a, str> {
        match self.detached.get((index as usize).wrapping_sub(self.starts.len())) {
            Some(&base) => Cow::Owned(format!("Detached {}", self.get(base))),
            None => decode(self.raw(index)),
        }
    }

    pub(crate) fn tag(&self, index: u32) -> Tag {
        self.tags[index as usize]
    }

    /// Adds the string `Detached NAME` and returns its index.
    pub(crate) fn add_detached(&mut self, base: u32) -> u32 {
        let index = u32::try_from(self.len()).expect("a table is refused long before it is full");
        self.detached.push(base);
        self.tags.push(tag(self.get(index).as_bytes()));
        index
    }

    /// The bytes between the quotes, escapes and all.
    fn raw(&self, index: u32) -> &'a [u8] {
        let bytes = self.source.bytes;
        let start = self.starts[index as usize];
        let end = string_end(bytes, start).unwrap_or(bytes.len());
        &bytes[start..end]
    }

    /// Whether a string is the same as one of another snapshot.
    pub(crate) fn same_as(&self, index: u32, others: &Strings<'_>, other: u32) -> bool {
        let are_of_files = (index as usize) < self.starts.len() && (other as usize) < others.starts.len();
        // What is written in the same way needs no decoding.
        are_of_files && self.raw(index) == others.raw(other) || self.get(index) == others.get(other)
    }

    /// How many bytes of the file a string takes, about: nothing, if it is the last one or not of the file.
    pub(crate) fn written_len(&self, index: u32) -> usize {
        match self.starts.get(index as usize..index as usize + 2) {
            Some(&[start, next]) => next - start,
            _ => 0,
        }
    }

    /// Lets the system take back what was read of the texts. Who wants one reads it again.
    pub(crate) fn release_texts(&self) {
        if let (Some(&first), Some(&last)) = (self.starts.first(), self.starts.last()) {
            self.source.released(first..last);
        }
    }
}

/// What is found out about each string while the section is read.
#[derive(Debug, Default)]
pub(crate) struct StringIndex {
    /// Where it begins, right after its opening quote.
    pub(crate) starts: Vec<usize>,
    tags: Vec<Tag>,
}

impl StringIndex {
    /// What each string means.
    pub(crate) fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Adds the string that begins at `start`, given with its escapes.
    pub(crate) fn push(&mut self, start: usize, raw: &[u8]) {
        self.starts.push(start);
        self.tags.push(match raw.first() {
            // Most strings are none of ours, and their first byte says so.
            Some(
                b'O' | b'A' | b'F' | b'_' | b'f' | b's' | b'e' | b'(' | b'<' | b'D' | b'0'..=b'9' | b'\\',
            ) => {
                if memchr::memchr(b'\\', raw).is_some() {
                    tag(decode(raw).as_bytes())
                } else {
                    tag(raw)
                }
            }
            _ => Tag::None,
        });
    }
}

fn tag(text: &[u8]) -> Tag {
    match text {
        b"Object" => Tag::Object,
        b"Array" => Tag::Array,
        b"__proto__" => Tag::Proto,
        b"first" => Tag::First,
        b"second" => Tag::Second,
        b"elements" => Tag::Elements,
        b"system / ExternalStringData" => Tag::ExternalStringData,
        b"system / JSArrayBufferData" => Tag::ArrayBufferData,
        b"system / NativeContext" => Tag::NativeContext,
        b"(map descriptors)" => Tag::MapDescriptors,
        b"sloppy_function_map" => Tag::SloppyFunctionMap,
        b"(Document DOM trees)" => Tag::DocumentDomTrees,
        b"FixedCircularBuffer" => Tag::FixedCircularBuffer,
        [b'<', ..] => Tag::Markup,
        _ if text.starts_with(b"Detached <") => Tag::Markup,
        [b'0'..=b'9', .., b')'] if WeakMapPair::parse(&plain(text)).is_some() => Tag::WeakMapPair,
        _ => Tag::None,
    }
}

/// What the name of a WeakMap edge says. V8 writes `N / part of key (KEY @ID) -> value (VALUE @ID) pair in WeakMap
/// (table @ID)` for both edges of an entry, with its own `N` for each.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WeakMapPair<'t> {
    /// All after `N`: equal for the two edges of one entry.
    pub(crate) shared: &'t str,
    /// The id of the WeakMap's table; none where it is too long to be any id.
    pub(crate) table: Option<u32>,
}

impl<'t> WeakMapPair<'t> {
    /// Does what DevTools' `/^\d+( \/ part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table
    /// @(\d+)\))$/` does, without a regular expression.
    pub(crate) fn parse(name: &'t str) -> Option<Self> {
        let shared = name.trim_start_matches(|c: char| c.is_ascii_digit());
        if shared.len() == name.len() {
            return None;
        }
        let rest = shared.strip_prefix(" / part of key (")?.strip_suffix(')')?;
        let (rest, table) = split_number(rest)?;
        let rest = rest.strip_suffix(" pair in WeakMap (table @")?;
        let (rest, _) = split_number(rest.strip_suffix(')')?)?;
        let rest = rest.strip_suffix(" @")?;
        // `.` matches no line terminator.
        let could_end_a_line = memchr::memchr3(b'\n', b'\r', 0xe2, rest.as_bytes()).is_some();
        if could_end_a_line && rest.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            return None;
        }
        let arrows = memchr::memchr_iter(b'>', rest.as_bytes());
        let key_ends = arrows
            .filter_map(|at| Some(&rest[..at]).filter(|_| rest[at + 1..].starts_with(" value (")))
            .filter_map(|before| before.strip_suffix(") -"))
            .any(|key| split_number(key).is_some_and(|(key, _)| key.ends_with(" @")));
        key_ends.then(|| Self { shared, table: table.parse().ok() })
    }
}

/// Splits off the digits at the end, if there are any.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_end_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then(|| text.split_at(rest.len()))
}

/// What has no escapes. Nearly all is sound, which is soon seen; the standard's way for what may not be looks at each character.
fn plain(raw: &[u8]) -> Cow<'_, str> {
    str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed)
}

/// Decodes the inside of a JSON string. Nothing is refused: a broken escape stands for itself.
fn decode(raw: &[u8]) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw) else {
        return plain(raw);
    };
    let mut text = String::from_utf8_lossy(&raw[..first]).into_owned();
    let mut rest = &raw[first..];
    while let [b'\\', escape, after @ ..] = rest {
        rest = after;
        match escape {
            b'n' => text.push('\n'),
            b't' => text.push('\t'),
            b'r' => text.push('\r'),
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'u' => rest = decode_unicode(after, &mut text),
            other => text.push(char::from(*other)),
        }
        let next = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        text.push_str(&String::from_utf8_lossy(&rest[..next]));
        rest = &rest[next..];
    }
    Cow::Owned(text)
}

/// Decodes what follows `\u`, a second escape of the same pair included, and returns what is left.
fn decode_unicode<'r>(after: &'r [u8], text: &mut String) -> &'r [u8] {
    let Some((unit, rest)) = hex(after) else {
        text.push(char::REPLACEMENT_CHARACTER);
        return after;
    };
    if (0xd800..0xdc00).contains(&unit)
        && let [b'\\', b'u', low @ ..] = rest
        && let Some((low, rest)) = hex(low)
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x1_0000 + (u32::from(unit - 0xd800) << 10) + u32::from(low - 0xdc00);
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return rest;
    }
    text.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn hex(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_decoded_as_json() {
        #[track_caller]
        fn check(raw: &str, expected: &str) {
            assert_eq!(decode(raw.as_bytes()), expected);
        }
        check("plain", "plain");
        check(r#"a\"b\\c\/d\n\t\r\b\f"#, "a\"b\\c/d\n\t\r\u{8}\u{c}");
        check(r"\u00e9\u4e2d", "é中");
        check(r"\ud83d\ude00!", "😀!");
        check(r"\ud83d!", "\u{fffd}!");
        check(r"\ud83d\u0041", "\u{fffd}A");
        check(r"\u12", "\u{fffd}12");
        check("tail\\", "tail");
        check("中", "中");
    }

    #[test]
    fn weak_map_names_are_parsed_as_the_regular_expression_does() {
        let name = "3 / part of key (Key @11) -> value (Value @13) pair in WeakMap (table @15)";
        let pair = WeakMapPair::parse(name).expect(name);
        assert_eq!(pair.shared, &name[1..]);
        assert_eq!(pair.table, Some(15));
        // Names may hold anything but line terminators.
        let odd = "12 / part of key (a) -> value ( @1) -> value ( @2) pair in WeakMap (table @3)";
        assert!(WeakMapPair::parse(odd).is_some());
        for wrong in [
            "part of key (Key @11) -> value (Value @13) pair in WeakMap (table @15)",
            "3 / part of key (Key @x) -> value (Value @13) pair in WeakMap (table @15)",
            "3 / part of key (Key @11) -> value (Value @13) pair in WeakMap (table @)",
            "3 / part of key (Ke\ny @11) -> value (Value @13) pair in WeakMap (table @15)",
            "3 / part of key (Key @11) -> value (Value @13) pair in WeakMap (table @15) ",
        ] {
            assert_eq!(WeakMapPair::parse(wrong), None, "{wrong}");
        }
    }
}
