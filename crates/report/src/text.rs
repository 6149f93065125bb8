//! The answer on a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use leakhunt_diagnosis::{Baseline, Findings, Suspect, Verdict};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::Report;
use crate::escape::line;
use crate::words;

/// No narrower than this, however narrow the terminal is.
const LEAST_WIDTH: usize = 40;

/// Places that allocate are shorter than suspects: so many of them are shown for each.
const ALLOCATIONS_A_SUSPECT: usize = 3;

/// Verdict, suspects and warnings, in lines of at most `width` columns, with ANSI styles (which the printer may strip).
#[must_use]
pub fn render(report: &Report<'_>, width: usize, most_suspects: usize) -> String {
    let findings = report.findings;
    let width = width.max(LEAST_WIDTH);
    let mut text = String::new();
    text.push_str(&headline(findings, width));
    if let Some(baseline) = &findings.baseline {
        text.push('\n');
        push_baseline(&mut text, baseline, width);
    }
    for suspect in findings.suspects.iter().take(most_suspects) {
        text.push('\n');
        push_suspect(&mut text, findings, suspect, width);
    }
    match findings.suspects.len().saturating_sub(most_suspects) {
        0 => {}
        1 => text.push_str("\n1 more suspect is in findings.json\n"),
        more => {
            let _ = writeln!(text, "\n{more} more suspects are in findings.json");
        }
    }
    push_allocations(&mut text, findings, width, most_suspects.saturating_mul(ALLOCATIONS_A_SUSPECT));
    for warning in &findings.warnings {
        text.push('\n');
        push(&mut text, "warning: ", &line(warning), width);
    }
    text
}

/// The verdict and its sentence.
#[must_use]
pub fn headline(findings: &Findings, width: usize) -> String {
    let color = match findings.verdict {
        Verdict::Leak => AnsiColor::Red,
        Verdict::Healthy => AnsiColor::Green,
        Verdict::NotHeap | Verdict::Inconclusive => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let said = line(&findings.sentence);
    let verdict = words::verdict(findings.verdict);
    // The sentence of a verdict may begin with its word.
    let rest = said.strip_prefix(verdict).unwrap_or("");
    let sentence = if rest.starts_with([':', ' ']) { said } else { format!("{verdict}: {said}") };
    let mut text = String::new();
    push(&mut text, "", &sentence, width);
    let (word, rest) = text.split_at(verdict.len());
    format!("{style}{word}{style:#}{rest}")
}

fn push_suspect(text: &mut String, findings: &Findings, suspect: &Suspect, width: usize) {
    let bold = Style::new().bold();
    let mark = format!("{:>2}  ", suspect.rank);
    let mut title = String::new();
    push(&mut title, &mark, &words::title(suspect), width);
    let _ = writeln!(text, "{bold}{}{bold:#}", title.trim_end());
    if !findings.sentence.ends_with(&suspect.sentence) {
        push(text, "    ", &line(&suspect.sentence), width);
    }
    let parts =
        [words::growth(suspect), words::pace(suspect).unwrap_or_default(), words::confidence(suspect)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    push(text, &format!("    {}  ", words::sparkline(words::series(suspect))), &parts.join(", "), width);
    if let Some(original) = &suspect.original_location {
        push(text, "    at    ", &words::place(original), width);
        if let Some(bundled) = &suspect.location {
            push(text, "    from  ", &words::place(bundled), width);
        }
    } else if let Some(location) = &suspect.location {
        push(text, "    at    ", &words::place(location), width);
    }
    if suspect.strings.iter().any(|text| text.value.is_some()) {
        push(text, "    texts ", &words::strings(suspect), width);
    }
    if !suspect.path.is_empty() {
        push(text, "    held  ", &words::path(suspect).join(" → "), width);
    }
}

fn push_baseline(text: &mut String, baseline: &Baseline, width: usize) {
    let bold = Style::new().bold();
    let _ = writeln!(text, "{bold}since the baseline ({}){bold:#}", words::verdict(baseline.verdict));
    for change in &baseline.changes {
        let (before, after) = (words::paced(change.before), words::paced(change.after));
        let pace = match (before.as_str(), after.as_str()) {
            (before, "") => format!("was {before}"),
            ("", after) => after.to_owned(),
            (before, after) => format!("{before} → {after}"),
        };
        let mark = format!("    {:<10}", words::state(change.state));
        push(text, &mark, &format!("{}: {pace}", line(&change.what)), width);
    }
    if baseline.changes.is_empty() {
        push(text, "    ", &line(&baseline.sentence), width);
    }
}

fn push_allocations(text: &mut String, findings: &Findings, width: usize, most: usize) {
    if findings.allocations.is_empty() {
        return;
    }
    text.push_str("\nallocated while the profile lasted, and alive at its end:\n");
    for allocation in findings.allocations.iter().take(most) {
        let mark = format!("{:>2}  {:<15} ", allocation.rank, words::allocated(allocation));
        push(text, &mark, &words::allocator(allocation), width);
        push(text, "    at    ", &words::allocated_at(allocation), width);
    }
    if findings.allocations.len() > most {
        let _ = writeln!(text, "    {} more places are in findings.json", findings.allocations.len() - most);
    }
}

/// Appends a paragraph: its first line begins with `mark`, the others as far in.
fn push(text: &mut String, mark: &str, paragraph: &str, width: usize) {
    let indent = mark.width();
    let room = width.saturating_sub(indent).max(LEAST_WIDTH / 2);
    let mut margin = mark.to_owned();
    for line in wrap(paragraph, room) {
        let _ = writeln!(text, "{margin}{line}");
        margin = " ".repeat(indent);
    }
}

/// Breaks at spaces; a word wider than a whole line also after the slashes of a path, or else anywhere.
fn wrap(text: &str, width: usize) -> Vec<String> {
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
    use super::*;
    use crate::escape::is_hostile;
    use crate::example;

    fn plain(findings: &Findings, width: usize) -> String {
        let report = Report { findings, session: None };
        let mut text = render(&report, width, 3);
        for style in ["\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[0m"] {
            text = text.replace(style, "");
        }
        text
    }

    #[test]
    fn a_leak_in_eighty_columns() {
        assert_eq!(
            plain(&example::leak(), 80),
            "\
leak: setInterval callback in DiscountBanner (components/DiscountBanner.js:12)
gained 300 DiscountBanner per snapshot, 1.0 MB; nothing clears it: keep what
setInterval returns and call clearInterval when done.

 1  DiscountBanner, held by a timer
    ▁▅█  300 → 900 objects, 1.0 MB → 3.0 MB, 1.0 MB per snapshot, 2.0 MB a
         minute, confidence 95 %
    at    /app/components/DiscountBanner.js:12:5 in DiscountBanner
    held  (GC roots) → ._idlePrev Timeout ×290 → ._onTimeout Function → .this
          DiscountBanner
"
        );
    }

    #[test]
    fn before_and_after_are_said_line_by_line() {
        let mut findings = example::leak();
        let mut before = example::leak();
        before.suspects[0].growth.per_minute = Some(9_000_000);
        let mut gone = before.suspects[0].clone();
        gone.holder = None;
        gone.kind = leakhunt_diagnosis::Kind::Map;
        gone.class = "Ticket".to_owned();
        gone.location = None;
        before.suspects.push(gone);
        findings.compare_with(&before);
        let text = plain(&findings, 80).split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "since the baseline (leak) slower timer with DiscountBanner, components/DiscountBanner.js:12: 1.0 MB per \
             snapshot, 9.0 MB a minute → 1.0 MB per snapshot, 2.0 MB a minute",
            "gone Ticket: was 1.0 MB per snapshot, 9.0 MB a minute",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
    }

    #[test]
    fn a_verdict_that_its_sentence_does_not_name_is_put_before_it() {
        let mut findings = example::leak();
        findings.verdict = Verdict::Healthy;
        findings.sentence = "no leak: the heap stayed at 9.0 MB".to_owned();
        findings.suspects.clear();
        assert_eq!(plain(&findings, 80), "healthy: no leak: the heap stayed at 9.0 MB\n");
    }

    #[test]
    fn where_memory_was_allocated() {
        assert_eq!(
            plain(&example::allocations(), 80),
            "\
inconclusive: of what was allocated while the profile lasted, most of what lives
on comes from DiscountBanner

allocated while the profile lasted, and alive at its end:
 1  6.0 MB, 60 %    slice
    at    V8's own, for /app/components/DiscountBanner.js:12:5 in DiscountBanner
 2  4.0 MB, 40 %    DiscountBanner
    at    /app/components/DiscountBanner.js:12:5
"
        );
    }

    #[test]
    fn a_path_that_is_too_long_breaks_where_folders_do() {
        assert_eq!(wrap("at /app/components/Banner.js:12", 20), ["at /app/components/", "Banner.js:12"]);
        assert_eq!(wrap("two words", 4), ["two", "word", "s"]);
    }

    #[test]
    fn hostile_names_keep_within_the_columns_and_steer_nothing() {
        for width in [80, 40] {
            let text = plain(&example::hostile(), width);
            for line in text.lines() {
                assert!(line.width() <= width, "{} columns: {line}", line.width());
                assert!(!line.chars().any(is_hostile), "{line:?}");
                assert!(!line.starts_with("::error"), "{line}");
            }
            assert!(text.len() < 8_000, "{} bytes", text.len());
        }
    }

    #[test]
    fn suspects_that_are_not_shown_are_counted() {
        let mut findings = example::leak();
        let suspect = findings.suspects[0].clone();
        findings.suspects = vec![suspect; 5];
        let report = Report { findings: &findings, session: None };
        assert!(render(&report, 80, 3).contains("2 more suspects are in findings.json"));
    }
}
