//! Tables for people: aligned, and no wider than the terminal.

use std::fmt::Write as _;

use console::{Term, measure_text_width, truncate_str};
pub(crate) use leakhunt_report::count;

/// Names are shown at least this wide, however narrow the terminal is.
const LEAST_NAME: usize = 12;

/// How wide a table is that goes to a file or a pipe.
const WITHOUT_TERMINAL: usize = 120;

/// A table whose first column holds names, and whose others hold numbers.
pub(crate) struct Table<'a> {
    pub(crate) head: &'a [&'a str],
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table<'_> {
    /// Writes the table out in `width` columns of the terminal; without one, for most of them.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let mut widths: Vec<usize> = self.head.iter().map(|cell| measure_text_width(cell)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(cell));
            }
        }
        let numbers: usize = widths[1..].iter().map(|width| width + 2).sum();
        let room = width.unwrap_or(WITHOUT_TERMINAL).saturating_sub(numbers);
        widths[0] = widths[0].min(room.max(LEAST_NAME));
        let mut text = String::new();
        let head = self.head.iter().map(|&cell| cell.to_owned()).collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let name = cut(&row[0], widths[0]);
            let mut line = format!("{name}{}", " ".repeat(widths[0] - measure_text_width(&name)));
            for (cell, width) in row[1..].iter().zip(&widths[1..]) {
                let _ = write!(line, "  {}{cell}", " ".repeat(width - measure_text_width(cell)));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// How wide the terminal behind stdout is, if there is one.
pub(crate) fn terminal_width() -> Option<usize> {
    Term::stdout().size_checked().map(|(_, width)| usize::from(width))
}

/// Text from a snapshot in one line: what would move the cursor or turn the line around is spelled out.
pub(crate) fn one_line(text: &str) -> String {
    crate::failure::printable(text).replace('\n', "\\n")
}

/// At most `width` columns of a text.
pub(crate) fn cut(text: &str, width: usize) -> String {
    truncate_str(text, width, "…").into_owned()
}

/// `+1,234`, `-7`, `0`.
pub(crate) fn signed_count(number: i64) -> String {
    let sign = match number {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", count(number.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_signed() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(signed_count(-1200), "-1,200");
        assert_eq!(signed_count(7), "+7");
        assert_eq!(signed_count(0), "0");
    }

    #[test]
    fn a_table_is_aligned_and_fits() {
        let row = |name: &str, number: &str| vec![name.to_owned(), number.to_owned()];
        let table = Table {
            head: &["Class", "Count"],
            rows: vec![row("a name that is far too long to be shown", "1"), row("中文", "1,000")],
        };
        assert_eq!(
            table.render(Some(28)),
            "Class                  Count\n\
             a name that is far t…      1\n\
             中文                   1,000\n"
        );
        assert!(table.render(None).contains("too long to be shown"));
    }

    #[test]
    fn names_cannot_move_the_cursor() {
        assert_eq!(one_line("a\nb\u{1b}[2J"), "a\\nb\\u{1b}[2J");
    }
}
