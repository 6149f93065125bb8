//! Lines for a terminal, or for the log of a build.

use std::fmt::{self, Display, Write as _};

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::spelled::one_line;

/// One line. It stays one line and steers nothing, whatever it was made of: words of the program's own come in as
/// `&'static str`, everything else is spelled out.
///
/// ```
/// use leakhunt_text::Line;
///
/// let version = "v22\n  ✓ inspector  closed";
/// assert_eq!(Line::own("attached to Node.js ").text(version).to_string(), r"attached to Node.js v22\n ✓ inspector closed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Visible text, and ANSI styles of the program's own.
    text: String,
    width: usize,
}

impl Line {
    /// A line that begins with words of the program's own.
    #[must_use]
    pub fn own(words: &'static str) -> Self {
        Self::default().and(words)
    }

    /// A line that begins with text from outside.
    #[must_use]
    pub fn of(text: impl Display) -> Self {
        Self::default().text(text)
    }

    /// Appends words of the program's own, layout included.
    #[must_use]
    pub fn and(mut self, words: &'static str) -> Self {
        self.push(words);
        self
    }

    /// Appends text from outside. Of several blanks one is left: with many of them a text could be made to look like the
    /// line below.
    #[must_use]
    pub fn text(mut self, text: impl Display) -> Self {
        self.push(&collapsed(&one_line(&text.to_string())));
        self
    }

    /// Appends a line of a file as it stands there, blanks included, for a layout that points at a part of it and cuts it where the
    /// screen ends.
    #[must_use]
    pub fn quoted(mut self, text: impl Display) -> Self {
        self.push(&one_line(&text.to_string()));
        self
    }

    /// Appends text in a style.
    #[must_use]
    pub fn styled(mut self, style: Style, text: impl Display) -> Self {
        let _ = write!(self.text, "{style}");
        self = self.text(text);
        let _ = write!(self.text, "{style:#}");
        self
    }

    /// The line, its first `bytes` bytes in a style; all of it where that is no place between two characters.
    #[must_use]
    pub fn in_style(mut self, style: Style, bytes: usize) -> Self {
        let end = if self.text.is_char_boundary(bytes) { bytes } else { self.text.len() };
        self.text = format!("{style}{}{style:#}{}", &self.text[..end], &self.text[end..]);
        self
    }

    /// Appends another line.
    #[must_use]
    pub fn line(mut self, other: &Self) -> Self {
        self.text.push_str(&other.text);
        self.width += other.width;
        self
    }

    /// Appends blanks until it is that wide.
    #[must_use]
    pub fn padded(mut self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width);
        self.text.extend(std::iter::repeat_n(' ', missing));
        self.width += missing;
        self
    }

    /// Appends text from outside at the right edge of a column.
    #[must_use]
    pub fn right(self, text: impl Display, width: usize) -> Self {
        let text = Self::of(text);
        let start = self.width + width.saturating_sub(text.width);
        self.padded(start).line(&text)
    }

    /// In columns of a terminal.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Cut to so many columns; what is cut off ends with `…`.
    #[must_use]
    pub fn cut(self, width: usize) -> Self {
        if self.width <= width {
            return self;
        }
        let mut cut = Self::default();
        let mut styles = String::new();
        for piece in pieces(&self.text) {
            match piece {
                Piece::Style(style) if cut.width < width => cut.text.push_str(style),
                // Of what is cut off only the end of a style is needed.
                Piece::Style(style) => styles = style.to_owned(),
                Piece::Char(c) => {
                    let wide = c.width().unwrap_or(0);
                    if cut.width + wide < width {
                        cut.text.push(c);
                        cut.width += wide;
                    } else if cut.width < width {
                        cut.text.push('…');
                        cut.width = width;
                    }
                }
            }
        }
        cut.text.push_str(&styles);
        cut
    }

    fn push(&mut self, text: &str) {
        self.width += text.width();
        self.text.push_str(text);
    }
}

/// The line as it is printed. One that begins like a workflow command does not: GitHub's runner obeys a line that begins with
/// `::`, blanks before it or not (`actions/runner`, `ActionCommand.cs`: `TryParseV2`).
impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut visible = pieces(&self.text).filter_map(|piece| match piece {
            Piece::Char(c) => Some(c),
            Piece::Style(_) => None,
        });
        let begins = visible.find(|c| *c != ' ') == Some(':') && visible.next() == Some(':');
        let mut colon_is_due = begins;
        let mut before = ' ';
        for piece in pieces(&self.text) {
            match piece {
                Piece::Style(style) => f.write_str(style)?,
                Piece::Char(':') if colon_is_due => {
                    colon_is_due = false;
                    f.write_str("\\u{3a}")?;
                }
                // Two halves may have come one by one.
                Piece::Char('#') if before == '#' => f.write_str("\\u{23}")?,
                Piece::Char(c) => {
                    before = c;
                    f.write_char(c)?;
                }
            }
        }
        Ok(())
    }
}

enum Piece<'t> {
    /// `ESC [ … m`
    Style(&'t str),
    Char(char),
}

/// Text of a [`Line`], in which an ESC begins a style of ours.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let c = rest.chars().next()?;
        let end = if c == '\u{1b}' { rest.find('m').map_or(rest.len(), |at| at + 1) } else { c.len_utf8() };
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        Some(if c == '\u{1b}' { Piece::Style(piece) } else { Piece::Char(c) })
    })
}

fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

/// A paragraph of text from outside: its first line begins with `mark`, the others are as far in. Lines are broken at blanks; a word
/// wider than a whole line also after the slashes of a path, or else anywhere.
#[must_use]
pub fn paragraph(mark: &Line, text: impl Display, width: usize) -> Vec<Line> {
    let indent = mark.width();
    let room = width.saturating_sub(indent).max(LEAST_ROOM);
    let lines = wrapped(&one_line(&text.to_string()), room);
    let margin = |at| if at == 0 { mark.clone() } else { Line::default().padded(indent) };
    lines.into_iter().enumerate().map(|(at, line)| margin(at).text(line)).collect()
}

/// Text has this many columns, however far in it begins.
const LEAST_ROOM: usize = 20;

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let pieces: Vec<&str> =
            if word.width() > width { word.split_inclusive('/').collect() } else { vec![word] };
        for (at, piece) in pieces.into_iter().enumerate() {
            let space = usize::from(at == 0 && used > 0);
            if used > 0 && used + space + piece.width() > width {
                lines.push(String::new());
                used = 0;
            } else if space > 0 {
                push_char(&mut lines, &mut used, ' ', width);
            }
            for c in piece.chars() {
                push_char(&mut lines, &mut used, c, width);
            }
        }
    }
    lines
}

fn push_char(lines: &mut Vec<String>, used: &mut usize, c: char, width: usize) {
    let wide = c.width().unwrap_or(0);
    if *used + wide > width {
        lines.push(String::new());
        *used = 0;
    }
    *used += wide;
    if let Some(line) = lines.last_mut() {
        line.push(c);
    }
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;
    use proptest::prelude::*;

    use super::*;
    use crate::is_unseen;

    const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

    #[test]
    fn a_line_is_no_workflow_command() {
        assert_eq!(Line::own("  ").text("::error::x").to_string(), "  \\u{3a}:error::x");
        assert_eq!(Line::of(":").styled(RED, ":stop").to_string(), "\\u{3a}\u{1b}[31m:stop\u{1b}[0m");
        assert_eq!(Line::of("#").text("#[error]").to_string(), "#\\u{23}[error]");
        assert_eq!(Line::of("std::vector").to_string(), "std::vector");
    }

    #[test]
    fn a_wrapped_line_is_none_either() {
        for text in ["xxxxxxxxxxxxxxx ::error::leak", &format!("{}::error::leak", "x".repeat(20))] {
            let lines = paragraph(&Line::own("    "), text, 24);
            assert!(lines.len() > 1);
            assert!(!lines.iter().any(|line| line.to_string().trim_start().starts_with("::")), "{lines:?}");
        }
    }

    #[test]
    fn many_blanks_make_no_line_of_their_own() {
        let text = format!("v22{}✓ inspector closed", " ".repeat(80));
        assert_eq!(Line::of(&text).to_string(), "v22 ✓ inspector closed");
    }

    #[test]
    fn a_column_is_as_wide_as_it_looks() {
        assert_eq!(Line::of("中文").padded(6).and("|").right("7", 3).to_string(), "中文  |  7");
        assert_eq!(Line::of("abcdef").cut(4).to_string(), "abc…");
        assert_eq!(Line::of("ab").styled(RED, "cdef").cut(4).to_string(), "ab\u{1b}[31mc…\u{1b}[0m");
    }

    #[test]
    fn a_path_that_is_too_long_breaks_where_folders_do() {
        assert_eq!(wrapped("at /app/components/Banner.js:12", 20), ["at /app/components/", "Banner.js:12"]);
        assert_eq!(wrapped("two words", 4), ["two", "word", "s"]);
    }

    proptest! {
        #[test]
        fn whatever_comes_stays_in_its_line_and_its_columns(text in any::<String>(), width in 20usize..90) {
            for line in paragraph(&Line::own("  "), &text, width) {
                let shown = line.to_string();
                prop_assert!(!shown.chars().any(is_unseen), "{:?}", shown);
                prop_assert!(line.width() <= width.max(22));
                prop_assert!(!shown.trim_start().starts_with("::") && !shown.contains("##["));
            }
        }
    }
}
