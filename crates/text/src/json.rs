//! JSON whose values are what they were, and which does nothing to the terminal or the log that shows it.
//!
//! JSON itself asks for the escape of C0 alone. C1 controls, marks that turn the direction of text, and what cannot be seen are
//! escaped here as well (`\uXXXX`), and the second `#` of `##`, by which a build's log knows its commands.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::secrets;
use crate::spelled::is_unseen;

/// A document for people and scripts, indented, with a newline at its end.
///
/// # Errors
/// The writer's; a map whose keys are no strings.
pub fn document(out: impl Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, Safe::new(PrettyFormatter::new(), false))
}

/// One line, with its newline, as for NDJSON.
///
/// # Errors
/// As of [`document`].
pub fn line(out: impl Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, Safe::new(CompactFormatter, false))
}

/// As [`document`], with what is known by its form to be a secret cut out of all strings: for what a program writes that
/// nobody has asked for.
///
/// # Errors
/// As of [`document`].
pub fn told_document(out: impl Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, Safe::new(PrettyFormatter::new(), true))
}

/// As [`line()`], without what is known by its form to be a secret.
///
/// # Errors
/// As of [`document`].
pub fn told_line(out: impl Write, value: &impl Serialize) -> io::Result<()> {
    write(out, value, Safe::new(CompactFormatter, true))
}

fn write(mut out: impl Write, value: &impl Serialize, formatter: impl Formatter) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
    out.write_all(b"\n")
}

/// A formatter that escapes more of the strings.
struct Safe<F> {
    plain: F,
    cuts: bool,
    /// The last character of the string so far.
    before: char,
}

impl<F> Safe<F> {
    fn new(plain: F, cuts: bool) -> Self {
        Self { plain, cuts, before: ' ' }
    }
}

impl<F: Formatter> Formatter for Safe<F> {
    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.before = ' ';
        self.plain.begin_string(writer)
    }

    // A secret has no character that JSON escapes, so that it never lies in two fragments.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let cut = if self.cuts { secrets::cut_tokens(fragment) } else { fragment.into() };
        let mut written = 0;
        for (at, c) in cut.char_indices() {
            if is_unseen(c) || (c == '#' && self.before == '#') {
                writer.write_all(&cut.as_bytes()[written..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                written = at + c.len_utf8();
            }
            self.before = c;
        }
        writer.write_all(&cut.as_bytes()[written..])
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: serde_json::ser::CharEscape,
    ) -> io::Result<()> {
        self.before = ' ';
        self.plain.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.plain.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.plain.begin_object_key(writer, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.end_object_key(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.plain.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn written(value: &Value) -> [String; 2] {
        let text = |write: fn(&mut Vec<u8>, &Value) -> io::Result<()>| {
            let mut out = Vec::new();
            write(&mut out, value).unwrap();
            String::from_utf8(out).unwrap()
        };
        [text(|out, value| document(out, value)), text(|out, value| line(out, value))]
    }

    #[test]
    fn it_looks_as_it_always_did() {
        let value = json!({"a": [1, null, {"b": "x\"\n"}], "c": {}, "d": []});
        let [document, line] = written(&value);
        assert_eq!(document, serde_json::to_string_pretty(&value).unwrap() + "\n");
        assert_eq!(line, serde_json::to_string(&value).unwrap() + "\n");
    }

    #[test]
    fn what_steers_is_escaped_and_means_the_same() {
        let value = json!({"\u{202e}key": "\u{9b}31m \u{e0041} ##[error] #\"# ✓"});
        for text in written(&value) {
            assert!(
                text.contains(r"\u202ekey") && text.contains(r"\u009b31m \udb40\udc41 #\u0023[error]"),
                "{text}"
            );
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    proptest! {
        #[test]
        fn any_string_is_read_as_it_was_and_steers_nothing(key in any::<String>(), text in any::<String>()) {
            let value = json!({ key: [text] });
            for shown in written(&value) {
                prop_assert_eq!(&serde_json::from_str::<Value>(&shown).unwrap(), &value);
                prop_assert!(!shown.chars().any(|c| c != '\n' && is_unseen(c)) && !shown.contains("##"));
            }
        }
    }
}
