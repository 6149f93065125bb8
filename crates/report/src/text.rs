//! The answer on a terminal.

use anstyle::{AnsiColor, Style};
use leakhunt_diagnosis::{Baseline, Findings, Suspect, Verdict};
use leakhunt_text::{Line, paragraph};

use crate::Report;
use crate::words::{self, line};

/// No narrower than this, however narrow the terminal is.
const LEAST_WIDTH: usize = 40;

/// Places that allocate are shorter than suspects: so many of them are shown for each.
const ALLOCATIONS_A_SUSPECT: usize = 3;

const BOLD: Style = Style::new().bold();

/// Verdict, suspects and warnings, in lines of at most `width` columns, with ANSI styles (which the printer may strip).
#[must_use]
pub fn render(report: &Report<'_>, width: usize, most_suspects: usize) -> Vec<Line> {
    let findings = report.findings;
    let width = width.max(LEAST_WIDTH);
    let mut text = headline(findings, width);
    if let Some(baseline) = &findings.baseline {
        text.push(Line::default());
        push_baseline(&mut text, baseline, width);
    }
    for suspect in findings.suspects.iter().take(most_suspects) {
        text.push(Line::default());
        push_suspect(&mut text, findings, suspect, width);
    }
    if let Some(legend) = words::legend(findings.suspects.iter().take(most_suspects)) {
        text.push(Line::default());
        text.extend(paragraph(&Line::own("In paths: "), legend, width));
    }
    match findings.suspects.len().saturating_sub(most_suspects) {
        0 => {}
        1 => text.extend([Line::default(), Line::own("1 more suspect is in findings.json")]),
        more => text.extend([Line::default(), Line::of(more).and(" more suspects are in findings.json")]),
    }
    push_allocations(&mut text, findings, width, most_suspects.saturating_mul(ALLOCATIONS_A_SUSPECT));
    push_cpu(&mut text, findings, width, most_suspects.saturating_mul(ALLOCATIONS_A_SUSPECT));
    for warning in &findings.warnings {
        text.push(Line::default());
        text.extend(paragraph(&Line::own("warning: "), line(warning), width));
    }
    text
}

/// The verdict and its sentence.
#[must_use]
pub fn headline(findings: &Findings, width: usize) -> Vec<Line> {
    let color = match findings.verdict {
        Verdict::Leak => AnsiColor::Red,
        Verdict::Healthy => AnsiColor::Green,
        Verdict::NotHeap | Verdict::Inconclusive => AnsiColor::Yellow,
    };
    let style = BOLD.fg_color(Some(color.into()));
    let said = line(&findings.sentence);
    let verdict = words::verdict(findings.verdict);
    // The sentence of a verdict may begin with its word.
    let rest = said.strip_prefix(verdict).filter(|rest| rest.starts_with([':', ' ']));
    let sentence = rest.map_or_else(|| format!(": {said}"), str::to_owned);
    // The word and what follows it are one paragraph: the first line is broken as if the word were in it.
    let mut lines = paragraph(&Line::default(), format!("{verdict}{sentence}"), width);
    if let Some(first) = lines.first_mut() {
        *first = first.clone().in_style(style, verdict.len());
    }
    lines
}

fn push_suspect(text: &mut Vec<Line>, findings: &Findings, suspect: &Suspect, width: usize) {
    let mark = Line::default().right(suspect.rank, 2).and("  ");
    for title in paragraph(&mark, words::title(suspect), width) {
        let all = title.to_string().len();
        text.push(title.in_style(BOLD, all));
    }
    let indent = Line::own("    ");
    if !findings.sentence.ends_with(&suspect.sentence) {
        text.extend(paragraph(&indent, line(&suspect.sentence), width));
    }
    let parts =
        [words::growth(suspect), words::pace(suspect).unwrap_or_default(), words::confidence(suspect)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let bars = indent.text(words::sparkline(words::series(suspect))).and("  ");
    text.extend(paragraph(&bars, parts.join(", "), width));
    if let Some(original) = &suspect.original_location {
        text.extend(paragraph(&Line::own("    at    "), words::place(original), width));
        if let Some(bundled) = &suspect.location {
            text.extend(paragraph(&Line::own("    from  "), words::place(bundled), width));
        }
    } else if let Some(location) = &suspect.location {
        text.extend(paragraph(&Line::own("    at    "), words::place(location), width));
    }
    if suspect.strings.iter().any(|text| text.value.is_some()) {
        text.extend(paragraph(&Line::own("    texts "), words::strings(suspect), width));
    }
    if !suspect.path.is_empty() {
        text.extend(paragraph(&Line::own("    path  "), words::path(suspect).join(" → "), width));
    }
}

fn push_baseline(text: &mut Vec<Line>, baseline: &Baseline, width: usize) {
    let title = format!("since the baseline ({})", words::verdict(baseline.verdict));
    text.push(Line::default().styled(BOLD, title));
    for change in &baseline.changes {
        let (before, after) = (words::paced(change.before), words::paced(change.after));
        let pace = match (before.as_str(), after.as_str()) {
            (before, "") => format!("was {before}"),
            ("", after) => after.to_owned(),
            (before, after) => format!("{before} → {after}"),
        };
        let mark = Line::own("    ").text(words::state(change.state)).padded(14);
        text.extend(paragraph(&mark, format!("{}: {pace}", line(&change.what)), width));
    }
    if baseline.changes.is_empty() {
        text.extend(paragraph(&Line::own("    "), line(&baseline.sentence), width));
    }
}

fn push_allocations(text: &mut Vec<Line>, findings: &Findings, width: usize, most: usize) {
    if findings.allocations.is_empty() {
        return;
    }
    let title = words::allocated_when(&findings.allocations);
    text.push(Line::default());
    text.extend(paragraph(&Line::default(), format!("{title}:"), width));
    for allocation in findings.allocations.iter().take(most) {
        let mark = Line::default().right(allocation.rank, 2).and("  ").text(words::allocated(allocation));
        text.extend(paragraph(&mark.padded(19).and(" "), words::function(&allocation.function), width));
        text.extend(paragraph(&Line::own("    at    "), words::allocated_at(allocation), width));
    }
    match findings.allocations.len().saturating_sub(most) {
        0 => {}
        more => text.push(Line::own("    ").text(more).and(" more places are in findings.json")),
    }
}

fn push_cpu(text: &mut Vec<Line>, findings: &Findings, width: usize, most: usize) {
    let Some(cpu) = &findings.cpu else { return };
    text.push(Line::default());
    text.extend(paragraph(&Line::own("CPU: "), words::busy(cpu), width));
    for hot in cpu.functions.iter().take(most) {
        let mark = Line::default().right(hot.rank, 2).and("  ").text(words::took(hot));
        let function = format!("{}{}", words::function(&hot.function), words::took_in_all(hot));
        text.extend(paragraph(&mark.padded(19).and(" "), function, width));
        text.extend(paragraph(&Line::own("    at    "), words::hot_at(hot), width));
    }
    match cpu.functions.len().saturating_sub(most) {
        0 => {}
        more => text.push(Line::own("    ").text(more).and(" more functions are in findings.json")),
    }
}

#[cfg(test)]
mod tests {
    use leakhunt_text::is_unseen;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::example;

    fn shown(lines: &[Line]) -> String {
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn plain(findings: &Findings, width: usize) -> String {
        let report = Report { findings, session: None };
        let mut text = shown(&render(&report, width, 3));
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
gained 300 DiscountBanner per snapshot, 1.0 MB. No line of DiscountBanner.js
clears this.timer: call clearInterval when done.

 1  DiscountBanner, retained by a timer
    ▁▅█  300 → 900 objects, 1.0 MB → 3.0 MB, 1.0 MB per snapshot, 2.0 MB a
         minute, confidence 95 %
    at    /app/components/DiscountBanner.js:12:5 in DiscountBanner
    path  (GC roots) → ._idlePrev Timeout ×290 → ._onTimeout Function → .this
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
    at    V8's own, for /app/components/DiscountBanner.js:12:5 in
          DiscountBanner, probably by text.join
          (/app/components/DiscountBanner.js:18:5)
 2  4.0 MB, 40 %    DiscountBanner
    at    /app/components/DiscountBanner.js:12:5
"
        );
    }

    #[test]
    fn hostile_names_keep_within_the_columns_and_steer_nothing() {
        for width in [80, 40] {
            let text = plain(&example::hostile(), width);
            for line in text.lines() {
                assert!(line.width() <= width, "{} columns: {line}", line.width());
                assert!(!line.chars().any(is_unseen), "{line:?}");
                assert!(!line.trim_start().starts_with("::"), "{line}");
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
        assert!(shown(&render(&report, 80, 3)).contains("2 more suspects are in findings.json"));
    }
}
