//! Text of strings that were put together from others, and strings that are there more than once.

use std::borrow::Cow;
use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::classes::interfaces::utf16_len;
use crate::ids::NodeId;
use crate::kinds::{EdgeType, NodeType};
use crate::read::snapshot::Snapshot;
use crate::read::strings::Tag;

/// V8 cuts each string at this many characters when it writes a snapshot (`--heap-snapshot-string-limit`).
const V8_LIMIT: usize = 1024;
/// DevTools stops joining once it has this many UTF-16 units.
const DEVTOOLS_LIMIT: usize = 1024;
/// The bytes of a string's map, hash and length.
const STRING_HEADER: u64 = 16;

/// A text that may be too long to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// How it begins.
    pub head: String,
    /// How it ends, if `head` is not all of it.
    pub tail: String,
    /// Its length in UTF-16 units, as far as the snapshot tells: V8 cuts long strings, and then the length is that
    /// which their size allows.
    pub length: u64,
    /// Whether `length` is known, and not only estimated from sizes.
    pub is_exact: bool,
}

impl Snapshot<'_> {
    /// The text of a string, concatenated ones joined, with up to `limit` UTF-16 units at either end.
    #[must_use]
    pub fn text(&self, node: NodeId, limit: usize) -> Text {
        let mut lengths = Lengths::default();
        lengths.measure(self, node);
        let (length, is_exact) = lengths.of(node);
        let head = self.join(node, limit, &lengths, Direction::Forwards);
        let whole = is_exact && utf16_len(&head) as u64 >= length;
        let tail = if whole { String::new() } else { self.join(node, limit, &lengths, Direction::Backwards) };
        Text { head, tail, length, is_exact }
    }

    /// The name DevTools shows: of a concatenated string its text, of a plain object its properties.
    #[must_use]
    pub fn display_name(&self, node: NodeId) -> Cow<'_, str> {
        match self.node_type(node) {
            NodeType::ConcatenatedString => Cow::Owned(self.joined_name(node)),
            _ if self.is_plain_object(node) => {
                Cow::Owned(crate::view::display::plain_object_name(self, node))
            }
            _ => self.name(node),
        }
    }

    /// As DevTools' `consStringName`: whole pieces until there are 1024 units.
    fn joined_name(&self, node: NodeId) -> String {
        let mut name = String::new();
        let mut length = 0;
        let mut steps = 0_usize;
        let mut work = vec![node];
        while let Some(node) = work.pop() {
            steps += 1;
            if length >= DEVTOOLS_LIMIT || steps > self.node_count() + DEVTOOLS_LIMIT {
                // Only a ring of empty strings, which V8 cannot write, takes more steps than there are nodes.
                break;
            }
            if self.node_type(node) != NodeType::ConcatenatedString {
                let piece = self.name(node);
                length += utf16_len(&piece);
                name.push_str(&piece);
                continue;
            }
            // Where a part is missing, DevTools takes the node at 0.
            let (first, second) = self.parts(node);
            work.push(second.unwrap_or(NodeId(0)));
            work.push(first.unwrap_or(NodeId(0)));
        }
        name
    }

    /// The two parts of a concatenated string.
    fn parts(&self, node: NodeId) -> (Option<NodeId>, Option<NodeId>) {
        let (mut first, mut second) = (None, None);
        for edge in self.edges(node).filter(|edge| edge.kind == EdgeType::Internal) {
            match self.strings.tag(edge.name_or_index) {
                Tag::First => first = Some(edge.target),
                Tag::Second => second = Some(edge.target),
                _ => {}
            }
            if first.is_some() && second.is_some() {
                break;
            }
        }
        (first, second)
    }

    fn join(&self, node: NodeId, limit: usize, lengths: &Lengths, direction: Direction) -> String {
        let mut pieces: Vec<Cow<'_, str>> = Vec::new();
        let mut length = 0;
        let mut work = vec![node];
        while let Some(node) = work.pop() {
            if length >= limit {
                break;
            }
            // Parts without text are not gone into, so every few steps add some.
            if lengths.of(node).0 == 0 {
                continue;
            }
            if self.node_type(node) == NodeType::ConcatenatedString {
                let (first, second) = self.parts(node);
                let (next, then) = match direction {
                    Direction::Forwards => (first, second),
                    Direction::Backwards => (second, first),
                };
                work.extend(then);
                work.extend(next);
            } else {
                let piece = self.name(node);
                length += utf16_len(&piece);
                pieces.push(piece);
            }
        }
        match direction {
            Direction::Forwards => cut_head(&pieces.concat(), limit).to_owned(),
            Direction::Backwards => {
                pieces.reverse();
                cut_tail(&pieces.concat(), limit).to_owned()
            }
        }
    }

    /// The length of a string that is not concatenated, and whether it is exact.
    fn piece_length(&self, node: NodeId) -> (u64, bool) {
        let name = self.name(node);
        let shown = utf16_len(&name) as u64;
        if shown < V8_LIMIT as u64 {
            return (shown, true);
        }
        let bytes = u64::from(self.raw_self_size(node)).saturating_sub(STRING_HEADER);
        let wide = name.chars().any(|c| c > '\u{ff}');
        (shown.max(if wide { bytes / 2 } else { bytes }), false)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forwards,
    Backwards,
}

/// At most `limit` UTF-16 units from the beginning.
fn cut_head(text: &str, limit: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > limit
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// At most `limit` UTF-16 units from the end.
fn cut_tail(text: &str, limit: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().rev().find(|(_, c)| {
        units += c.len_utf16();
        units > limit
    });
    &text[end.map_or(0, |(at, c)| at + c.len_utf8())..]
}

/// Lengths of a string and its parts, each measured once: the same part can be in a string a million times.
#[derive(Default)]
struct Lengths {
    /// None while its parts are being measured.
    known: FxHashMap<NodeId, Option<(u64, bool)>>,
}

impl Lengths {
    fn of(&self, node: NodeId) -> (u64, bool) {
        self.known.get(&node).copied().flatten().unwrap_or((0, false))
    }

    fn measure(&mut self, snapshot: &Snapshot<'_>, node: NodeId) {
        // Strings that contain themselves, which V8 cannot write. They count as empty, so that nobody goes into them.
        let mut rings = FxHashSet::default();
        let mut work = vec![(node, false)];
        while let Some((node, parts_known)) = work.pop() {
            if snapshot.node_type(node) != NodeType::ConcatenatedString {
                self.known.entry(node).or_insert_with(|| Some(snapshot.piece_length(node)));
                continue;
            }
            let (first, second) = snapshot.parts(node);
            if parts_known {
                let of = |part: Option<NodeId>| part.map_or((0, false), |part| self.of(part));
                let ((a, a_exact), (b, b_exact)) = (of(first), of(second));
                let length = (a.saturating_add(b), a_exact && b_exact);
                self.known.insert(node, Some(if rings.contains(&node) { (0, false) } else { length }));
                continue;
            }
            match self.known.entry(node) {
                Entry::Vacant(unknown) => {
                    unknown.insert(None);
                    work.push((node, true));
                    work.extend(first.into_iter().chain(second).map(|part| (part, false)));
                }
                Entry::Occupied(known) if known.get().is_none() => {
                    rings.insert(node);
                }
                Entry::Occupied(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut_head("a😀b", 2), "a");
        assert_eq!(cut_head("a😀b", 3), "a😀");
        assert_eq!(cut_tail("a😀b", 2), "b");
        assert_eq!(cut_tail("a😀b", 9), "a😀b");
    }
}
