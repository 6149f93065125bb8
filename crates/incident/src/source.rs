//! The text of a runbook, and places in it.

use std::io;
use std::ops::Range;
use std::path::Path;

/// The largest runbook that is read. The shipped ones have some 3 kB.
pub(crate) const MOST_BYTES: usize = 256 << 10;

/// Bytes of the text, from the first to behind the last.
pub type Span = Range<usize>;

/// A runbook as it was written, with the name under which it is spoken of.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file as it was named, or `runbook NAME` for one that is shipped.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl Source {
    /// Reads a file: a regular one, of UTF-8, and not larger than a runbook can be.
    ///
    /// # Errors
    /// It cannot be opened, or is larger, or no text.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = leakhunt_files::read(&leakhunt_files::open(path)?, MOST_BYTES as u64);
        let bytes = bytes.map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => {
                io::Error::new(error.kind(), format!("it is larger than {} kB", MOST_BYTES >> 10))
            }
            _ => error,
        })?;
        let text = String::from_utf8(bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))?;
        Ok(Self { name: path.display().to_string(), text })
    }

    /// Line and column of a byte, both from 1 on; a column is a character.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

/// Something that was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What it says.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// The beginning of a text: at most so many bytes, of whole characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_in_characters() {
        let source = Source { name: String::new(), text: "a: ä\nbö: c\n".to_owned() };
        let at = |what: &str| source.position(source.text.find(what).unwrap());
        assert_eq!([at("a"), at("ä"), at("b"), at("c")], [(1, 1), (1, 4), (2, 1), (2, 5)]);
        assert_eq!(source.position(999), (3, 1));
        assert_eq!([cut("aä", 2), cut("aä", 3), cut("", 5)], ["a", "aä", ""]);
    }

    #[test]
    fn only_a_small_regular_file_of_text_is_read() {
        let folder = std::env::temp_dir().join(format!("leakhunt-source-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.yaml");
        let said = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            Source::read(&file).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(said(b"name: a"), "");
        assert_eq!(said(&vec![b' '; MOST_BYTES + 1]), "it is larger than 256 kB");
        assert_eq!(said(b"\xff"), "it is not UTF-8 text");
        assert!(Source::read(&folder).is_err() && Source::read(Path::new("/dev/zero")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
