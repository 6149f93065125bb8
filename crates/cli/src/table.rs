//! Tables for people: aligned, and no wider than the terminal.

use console::Term;
pub(crate) use leakhunt_report::count;
use leakhunt_text::{Line, paragraph};

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
    /// Writes the table out in `width` columns of the terminal; without one, for most of them. Where its numbers do not fit beside
    /// a name, they stand below it.
    pub(crate) fn render(&self, width: Option<usize>) -> Vec<Line> {
        let head: Vec<Line> = self.head.iter().map(Line::of).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(Line::of).collect());
        let rows: Vec<Vec<Line>> = std::iter::once(head).chain(rows).collect();
        let mut widths = vec![0; self.head.len()];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let numbers: usize = widths[1..].iter().map(|width| width + 2).sum();
        let width = width.unwrap_or(WITHOUT_TERMINAL);
        let room = width.saturating_sub(numbers);
        if room < widths[0].min(LEAST_NAME) {
            return self.stacked(width);
        }
        widths[0] = widths[0].min(room.max(LEAST_NAME));
        let laid_out = |row: Vec<Line>| {
            let mut cells = row.into_iter();
            let name = cells.next().unwrap_or_default().cut(widths[0]).padded(widths[0]);
            cells.zip(&widths[1..]).fold(name, |line, (cell, width)| line.right(cell, width + 2))
        };
        rows.into_iter().map(laid_out).collect()
    }

    /// Each name on a line of its own, its numbers with their heads below.
    fn stacked(&self, width: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        for row in &self.rows {
            let mut cells = row.iter();
            lines.push(Line::of(cells.next().map_or("", String::as_str)).cut(width));
            let numbers: Vec<String> =
                cells.zip(&self.head[1..]).map(|(cell, head)| format!("{head} {cell}")).collect();
            lines.extend(paragraph(&Line::own("  "), numbers.join(", "), width));
        }
        lines
    }
}

/// How wide the terminal behind stderr is, if there is one.
pub(crate) fn stderr_width() -> Option<usize> {
    Term::stderr().size_checked().map(|(_, width)| usize::from(width))
}

/// How wide the terminal behind stdout is, if there is one.
pub(crate) fn terminal_width() -> Option<usize> {
    Term::stdout().size_checked().map(|(_, width)| usize::from(width))
}

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

/// How wide text is laid out.
pub(crate) fn text_width() -> usize {
    terminal_width().unwrap_or(80).min(WIDEST)
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
        let shown = |width| table.render(width).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown(Some(28)),
            ["Class                  Count", "a name that is far t…      1", "中文                   1,000"]
        );
        assert!(shown(None)[1].contains("too long to be shown"));
    }

    #[test]
    fn in_a_narrow_terminal_the_numbers_stand_below_the_names() {
        let row = ["Ticket".to_owned(), "1,000".to_owned(), "20,000,000".to_owned(), "+5".to_owned()];
        let table = Table { head: &["Class", "Count", "Shallow size", "# Delta"], rows: vec![row.to_vec()] };
        let shown: Vec<String> = table.render(Some(30)).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["Ticket", "  Count 1,000, Shallow size", "  20,000,000, # Delta +5"]);
        assert_eq!(table.render(Some(60)).len(), 2, "with its head");
    }

    #[test]
    fn names_cannot_move_the_cursor() {
        let rows = vec![vec!["::error::a\nb\u{1b}[2J".to_owned(), "1".to_owned()]];
        let table = Table { head: &["Class", "Count"], rows }.render(None);
        assert_eq!(table[1].to_string(), "\\u{3a}:error::a\\nb\\u{1b}[2J      1");
    }
}
