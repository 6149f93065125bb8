//! Is a heap snapshot whole? Told while its bytes go by, in constant memory.
//!
//! A [`Verifier`] is fed the file in pieces of any size. It follows JSON's grammar to the closing brace and counts the
//! numbers of `nodes` and `edges`; [`Verifier::finish`] holds these counts against the header's `node_count` and
//! `edge_count`. A file that was cut anywhere, or whose middle is missing, does not pass. What the numbers mean is not
//! asked here: that is the heap engine's work, on the file, later.

use serde::Deserialize;

/// The header (`"snapshot": {…}`) of Node 26 has 2 KiB; a hostile one must not fill the memory.
pub(super) const LONGEST_HEADER: usize = 1 << 20;
/// `trace_tree` nests an array a call: V8 keeps 64 frames, a hostile file may nest for ever.
const DEEPEST: usize = 1 << 16;

/// Follows the bytes of one snapshot.
#[derive(Debug)]
pub(crate) struct Verifier {
    state: State,
    /// What is open, innermost last: `true` for an object, `false` for an array.
    open: Vec<bool>,
    section: Section,
    key: Vec<u8>,
    header: Vec<u8>,
    nodes: u64,
    edges: u64,
    functions: u64,
    offset: u64,
}

/// What a complete snapshot says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole {
    /// Number of nodes.
    pub(crate) nodes: u64,
    /// Number of edges.
    pub(crate) edges: u64,
    /// How many functions its allocation stacks name, where the header says another number (seen of Node 20): DevTools trusts
    /// that, and fails.
    pub(crate) miscounted_functions: Option<u64>,
}

/// Why a snapshot is not whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// The bytes are not JSON from here on.
    #[error("it is not a heap snapshot: unexpected byte 0x{byte:02x} at offset {offset}")]
    Syntax {
        /// The byte that does not fit.
        byte: u8,
        /// Where it stands in the file, in bytes.
        offset: u64,
    },
    /// The bytes end too early.
    #[error("it ends too early, after {offset} bytes")]
    Truncated {
        /// Bytes seen.
        offset: u64,
    },
    /// The header is missing or has not the fields that every V8 writes.
    #[error("its header cannot be read: {0}")]
    Header(String),
    /// Numbers are missing, or there are too many.
    #[error("it has {found} numbers in \"{section}\" where its header says {expected}")]
    Count {
        /// `nodes` or `edges`.
        section: &'static str,
        /// What was counted.
        found: u64,
        /// What the header announces.
        expected: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value; `true` where an array may also end.
    Value {
        may_end: bool,
    },
    /// Before a key; `true` where an object may also end.
    Key {
        may_end: bool,
    },
    Colon,
    After,
    Text {
        is_key: bool,
        escape: Escape,
    },
    Number,
    Literal,
    Done,
}

/// The last byte of the hot loop.
#[derive(Clone, Copy)]
enum Before {
    Digit,
    Comma,
    Newline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    Unicode(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Header,
    Nodes,
    Edges,
    Functions,
    Other,
}

#[derive(Deserialize)]
struct Header {
    meta: Meta,
    node_count: u64,
    edge_count: u64,
    #[serde(default)]
    trace_function_count: u64,
}

#[derive(Deserialize)]
struct Meta {
    node_fields: Vec<String>,
    edge_fields: Vec<String>,
    #[serde(default)]
    trace_function_info_fields: Vec<String>,
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

impl Verifier {
    /// A verifier before the first byte.
    pub(crate) fn new() -> Self {
        Self {
            state: State::Value { may_end: false },
            open: Vec::new(),
            section: Section::Other,
            key: Vec::new(),
            header: Vec::new(),
            nodes: 0,
            edges: 0,
            functions: 0,
            offset: 0,
        }
    }

    /// Takes the next piece of the file.
    ///
    /// # Errors
    /// [`Broken::Syntax`] at the first byte that cannot be part of a snapshot.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Broken> {
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Number if self.in_columns() => self.columns(bytes),
                _ => {
                    self.step(bytes[0])?;
                    1
                }
            };
            self.offset += taken as u64;
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// The verdict after the last byte.
    ///
    /// # Errors
    /// Says what is missing.
    pub(crate) fn finish(&self) -> Result<Whole, Broken> {
        if self.state != State::Done {
            return Err(Broken::Truncated { offset: self.offset });
        }
        let header: Header =
            serde_json::from_slice(&self.header).map_err(|error| Broken::Header(error.to_string()))?;
        let expected = |section, found: u64, count: u64, fields: usize| {
            let expected = count.saturating_mul(fields as u64);
            if found == expected { Ok(()) } else { Err(Broken::Count { section, found, expected }) }
        };
        expected("nodes", self.nodes, header.node_count, header.meta.node_fields.len())?;
        expected("edges", self.edges, header.edge_count, header.meta.edge_fields.len())?;
        let functions = self.functions / (header.meta.trace_function_info_fields.len() as u64).max(1);
        Ok(Whole {
            nodes: header.node_count,
            edges: header.edge_count,
            miscounted_functions: (functions != header.trace_function_count).then_some(functions),
        })
    }

    /// Are we inside the flat number arrays, which are 96 % of a file?
    fn in_columns(&self) -> bool {
        self.open.len() == 2 && matches!(self.section, Section::Nodes | Section::Edges | Section::Functions)
    }

    /// The hot loop: digits, a comma between them, V8's newline before a record's comma. Returns how many bytes it took;
    /// anything else is left to `step`.
    fn columns(&mut self, bytes: &[u8]) -> usize {
        let mut commas = 0;
        let mut taken = 0;
        let mut before = Before::Digit;
        for &byte in bytes {
            before = match (byte, before) {
                (b'0'..=b'9', Before::Digit | Before::Comma) => Before::Digit,
                (b',', Before::Digit | Before::Newline) => {
                    commas += 1;
                    Before::Comma
                }
                (b'\n', Before::Digit) => Before::Newline,
                _ => break,
            };
            taken += 1;
        }
        let counted = self.counted();
        *counted += commas;
        self.state = match before {
            Before::Digit if taken == 0 => State::After,
            Before::Digit => State::Number,
            Before::Newline => State::After,
            // The number after the last comma is counted where its first digit is met.
            Before::Comma => {
                *counted -= 1;
                State::Value { may_end: false }
            }
        };
        taken
    }

    /// The numbers of the section that is read.
    fn counted(&mut self) -> &mut u64 {
        match self.section {
            Section::Nodes => &mut self.nodes,
            Section::Edges => &mut self.edges,
            _ => &mut self.functions,
        }
    }

    fn step(&mut self, byte: u8) -> Result<(), Broken> {
        self.keep_header(byte)?;
        match self.state {
            State::Text { is_key, escape } => self.text(byte, is_key, escape),
            State::Number => match byte {
                b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-' => Ok(()),
                _ => self.after(byte),
            },
            State::Literal => match byte {
                b'a'..=b'z' => Ok(()),
                _ => self.after(byte),
            },
            _ if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') => Ok(()),
            State::Value { may_end } => self.value(byte, may_end),
            State::Key { may_end } => match byte {
                b'"' => {
                    self.key.clear();
                    self.state = State::Text { is_key: true, escape: Escape::None };
                    Ok(())
                }
                b'}' if may_end => self.close(byte),
                _ => self.unexpected(byte),
            },
            State::Colon if byte == b':' => {
                self.enter_section();
                self.state = State::Value { may_end: false };
                Ok(())
            }
            State::After => self.after(byte),
            State::Colon | State::Done => self.unexpected(byte),
        }
    }

    fn value(&mut self, byte: u8, may_end: bool) -> Result<(), Broken> {
        if byte == b']' && may_end {
            return self.close(byte);
        }
        // A snapshot is an object: nothing else may stand at the top.
        if self.open.is_empty() && byte != b'{' {
            return self.unexpected(byte);
        }
        if self.in_columns() {
            *self.counted() += 1;
        }
        self.state = match byte {
            b'{' | b'[' => {
                if self.open.len() >= DEEPEST {
                    return self.unexpected(byte);
                }
                self.open.push(byte == b'{');
                if byte == b'{' { State::Key { may_end: true } } else { State::Value { may_end: true } }
            }
            b'"' => State::Text { is_key: false, escape: Escape::None },
            b'0'..=b'9' | b'-' => State::Number,
            b't' | b'f' | b'n' => State::Literal,
            _ => return self.unexpected(byte),
        };
        Ok(())
    }

    fn text(&mut self, byte: u8, is_key: bool, escape: Escape) -> Result<(), Broken> {
        let next = match (escape, byte) {
            (Escape::None, b'"') => {
                self.state = if is_key { State::Colon } else { State::After };
                return Ok(());
            }
            (Escape::None, b'\\') => Escape::Backslash,
            (Escape::None, 0..=0x1f) => return self.unexpected(byte),
            (Escape::Backslash, b'u') => Escape::Unicode(4),
            (Escape::Backslash, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
            | (Escape::None, _) => Escape::None,
            (Escape::Backslash, _) => return self.unexpected(byte),
            (Escape::Unicode(left), _) if byte.is_ascii_hexdigit() => {
                if left == 1 {
                    Escape::None
                } else {
                    Escape::Unicode(left - 1)
                }
            }
            (Escape::Unicode(_), _) => return self.unexpected(byte),
        };
        if is_key && self.open.len() == 1 && self.key.len() < 64 {
            self.key.push(byte);
        }
        self.state = State::Text { is_key, escape: next };
        Ok(())
    }

    fn after(&mut self, byte: u8) -> Result<(), Broken> {
        match (byte, self.open.last()) {
            (b',', Some(true)) => self.state = State::Key { may_end: false },
            (b',', Some(false)) => self.state = State::Value { may_end: false },
            (b'}', Some(true)) | (b']', Some(false)) => return self.close(byte),
            (b' ' | b'\n' | b'\r' | b'\t', Some(_)) => self.state = State::After,
            _ => return self.unexpected(byte),
        }
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), Broken> {
        match (self.open.pop(), byte) {
            (Some(true), b'}') | (Some(false), b']') => {
                self.state = if self.open.is_empty() { State::Done } else { State::After };
                if self.open.len() == 1 {
                    self.section = Section::Other;
                }
                Ok(())
            }
            _ => self.unexpected(byte),
        }
    }

    /// Called at the colon: what follows belongs to this key.
    fn enter_section(&mut self) {
        if self.open.len() == 1 {
            self.section = match self.key.as_slice() {
                b"snapshot" if self.header.is_empty() => Section::Header,
                b"nodes" => Section::Nodes,
                b"edges" => Section::Edges,
                b"trace_function_infos" => Section::Functions,
                _ => Section::Other,
            };
        }
    }

    fn keep_header(&mut self, byte: u8) -> Result<(), Broken> {
        if self.section == Section::Header {
            if self.header.len() >= LONGEST_HEADER {
                return Err(Broken::Header(format!("it is longer than {LONGEST_HEADER} bytes")));
            }
            self.header.push(byte);
        }
        Ok(())
    }

    fn unexpected(&self, byte: u8) -> Result<(), Broken> {
        Err(Broken::Syntax { byte, offset: self.offset })
    }
}

#[cfg(test)]
mod tests;
