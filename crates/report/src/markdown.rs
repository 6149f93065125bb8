//! `summary.md`: the answer for a ticket.

use std::fmt::Write as _;

use leakhunt_diagnosis::{Baseline, Findings, Suspect};

use crate::Report;
use crate::escape::line;
use crate::session::{Receipt, Session};
use crate::words::{self, size};

/// The whole document.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let findings = report.findings;
    let mut out =
        format!("# Heap: {}\n\n{}\n", words::verdict(findings.verdict), escape(&line(&findings.sentence)));
    if let Some(session) = report.session {
        push_origin(&mut out, session);
    }
    if let Some(baseline) = &findings.baseline {
        push_baseline(&mut out, baseline);
    }
    for suspect in &findings.suspects {
        push_suspect(&mut out, suspect);
    }
    push_allocations(&mut out, findings);
    push_memory(&mut out, report);
    let of_hunt = report.session.map_or(&[][..], |session| &session.warnings);
    let warnings: Vec<&String> = findings.warnings.iter().chain(of_hunt).collect();
    if !warnings.is_empty() {
        out.push_str("\n## Warnings\n\n");
        for warning in warnings {
            let _ = writeln!(out, "- {}", escape(&line(warning)));
        }
    }
    if let Some(receipt) = report.session.and_then(|session| session.teardown.as_ref()) {
        push_receipt(&mut out, receipt);
    }
    if let Some(time) = report.session.and_then(|session| session.app_time.as_ref()) {
        let _ = writeln!(out, "\n{}", escape(&words::app_time(time)));
    }
    out
}

fn push_origin(out: &mut String, session: &Session) {
    if session.target.is_empty() {
        return;
    }
    let _ = write!(out, "\nTaken from {}", escape(&line(&session.target)));
    if let Some(process) = &session.process {
        let version = escape(&line(&process.node_version));
        let _ = write!(out, ", process {}, Node.js {version}", process.pid);
    }
    if let Some(first) = session.snapshots.first() {
        let _ = write!(out, ", from {}", first.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC"));
    }
    out.push_str(".\n");
}

fn push_baseline(out: &mut String, baseline: &Baseline) {
    let _ = writeln!(out, "\n## Since the baseline\n\n{}", escape(&line(&baseline.sentence)));
    if baseline.changes.is_empty() {
        return;
    }
    out.push_str("\n| | what | before | now |\n|---|---|---|---|\n");
    for change in &baseline.changes {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            words::state(change.state),
            escape(&line(&change.what)),
            words::paced(change.before),
            words::paced(change.after)
        );
    }
}

fn push_suspect(out: &mut String, suspect: &Suspect) {
    let _ = writeln!(
        out,
        "\n## {}. {}\n\n{}\n",
        suspect.rank,
        escape(&words::title(suspect)),
        escape(&line(&suspect.sentence))
    );
    let mut fact = |what: &str, text: String| {
        if !text.is_empty() {
            let _ = writeln!(out, "- {what}: {text}");
        }
    };
    fact(
        "Growth",
        [words::growth(suspect), words::sparkline(words::series(suspect))].join(" ").trim().to_owned(),
    );
    fact("Pace", words::pace(suspect).unwrap_or_default());
    fact("Confidence", format!("{:.0} %", suspect.confidence * 100.0));
    fact("Source", suspect.original_location.as_ref().map(|at| code(&words::place(at))).unwrap_or_default());
    fact("Code", suspect.location.as_ref().map(|at| code(&words::place(at))).unwrap_or_default());
    if let Some(holder) = &suspect.holder {
        let variable =
            holder.variable.as_deref().map_or_else(String::new, |name| format!(" {}", code(&line(name))));
        let place = holder
            .location
            .as_ref()
            .map_or_else(String::new, |at| format!(", {}", code(&words::short_place(at))));
        fact("Holder", format!("{}{variable}{place}", code(&line(&holder.class))));
    }
    fact("Strings", escape(&words::strings(suspect)));
    if !suspect.path.is_empty() {
        out.push_str("\n```text\n");
        for (depth, hop) in words::path(suspect).iter().enumerate() {
            let _ = writeln!(out, "{}{}", "  ".repeat(depth), hop.replace("```", "'''"));
        }
        out.push_str("```\n");
    }
}

fn push_allocations(out: &mut String, findings: &Findings) {
    if findings.allocations.is_empty() {
        return;
    }
    out.push_str("\n## Allocated while the profile lasted, and alive at its end\n\n");
    for allocation in &findings.allocations {
        let _ = writeln!(
            out,
            "{}. {}: {}, {}",
            allocation.rank,
            words::allocated(allocation),
            code(&words::allocator(allocation)),
            code(&words::allocated_at(allocation))
        );
    }
}

fn push_memory(out: &mut String, report: &Report<'_>) {
    let memory = &report.findings.memory;
    let columns: Vec<(&str, &[u64])> = [
        ("used", memory.used.as_slice()),
        ("external", &memory.external),
        ("RSS", &memory.rss),
        ("snapshot", &memory.snapshot),
    ]
    .into_iter()
    .filter(|(_, series)| !series.is_empty())
    .collect();
    let rows = memory.snapshot.len();
    if rows == 0 || columns.is_empty() {
        return;
    }
    out.push_str("\n## Memory\n\n| # | after |");
    for (name, _) in &columns {
        let _ = write!(out, " {name} |");
    }
    out.push_str(&format!("\n|---|---|{}\n", "---:|".repeat(columns.len())));
    for row in 0..rows {
        let name = row + 1;
        let after = memory.at_ms.get(row).map_or_else(String::new, |ms| format!("{} s", ms / 1000));
        let _ = write!(out, "| {name} | {after} |");
        for (_, series) in &columns {
            let _ = write!(out, " {} |", series.get(row).map_or_else(String::new, |bytes| size(*bytes)));
        }
        out.push('\n');
    }
}

fn push_receipt(out: &mut String, receipt: &Receipt) {
    out.push_str("\n## Left as it was found\n\n");
    for undone in &receipt.undone {
        let mark = if undone.is_verified() { "x" } else { " " };
        let _ = writeln!(out, "- [{mark}] {}: {}", escape(&line(&undone.what)), escape(&line(&undone.how)));
    }
    if let Some(command) = &receipt.by_hand {
        let _ = writeln!(out, "\nStill to be run: {}", code(&line(command)));
    }
}

/// Text without markup: what Markdown or HTML would read as such is escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A code span. What would end it, or the cell of a table it stands in, is replaced.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "¦"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::is_hostile;
    use crate::example;

    fn rendered(findings: &Findings) -> String {
        render(&Report { findings, session: None })
    }

    #[test]
    fn a_leak_for_the_ticket() {
        assert_eq!(
            rendered(&example::leak()),
            "\
# Heap: leak

leak: setInterval callback in DiscountBanner (components/DiscountBanner.js:12) gained 300 DiscountBanner per snapshot, \
1.0 MB; nothing clears it: keep what setInterval returns and call clearInterval when done.

## 1. DiscountBanner, held by a timer

setInterval callback in DiscountBanner (components/DiscountBanner.js:12) gained 300 DiscountBanner per snapshot, \
1.0 MB; nothing clears it: keep what setInterval returns and call clearInterval when done.

- Growth: 300 → 900 objects, 1.0 MB → 3.0 MB ▁▅█
- Pace: 1.0 MB per snapshot, 2.0 MB a minute
- Confidence: 95 %
- Code: `/app/components/DiscountBanner.js:12:5 in DiscountBanner`
- Holder: `Timeout`
- Strings: .countdown 1,024 characters

```text
(GC roots)
  ._idlePrev Timeout ×290
    ._onTimeout Function
      .this DiscountBanner
```

## Memory

| # | after | used | external | RSS | snapshot |
|---|---|---:|---:|---:|---:|
| 1 | 0 s | 10.0 MB | 1.0 MB | 50.0 MB | 9.0 MB |
| 2 | 30 s | 11.0 MB | 1.0 MB | 60.0 MB | 10.0 MB |
| 3 | 60 s | 12.0 MB | 1.1 MB | 65.0 MB | 11.0 MB |
"
        );
    }

    #[test]
    fn what_the_hunt_warned_of_and_what_it_undid_are_in_the_ticket() {
        let session = Session::parse(
            br#"{"target": "web.1 of shop", "warnings": ["the object ids were reset"], "teardown": {"undone":
                [{"what": "inspector", "seen": "verified", "how": "closed"}], "by_hand": "kill 1"}}"#,
            "",
        );
        let text = render(&Report { findings: &example::leak(), session: session.as_ref() });
        for part in [
            "\nTaken from web.1 of shop.\n",
            "\n## Warnings\n\n- the object ids were reset\n",
            "\n- [x] inspector: closed\n\nStill to be run: `kill 1`\n",
        ] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
    }

    #[test]
    fn hostile_names_become_no_markup() {
        let text = rendered(&example::hostile());
        assert!(!text.chars().any(|c| c != '\n' && is_hostile(c)));
        let mut fenced = false;
        for line in text.lines() {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                let outside: String = line.split('`').step_by(2).collect();
                assert!(!outside.contains('<') && !outside.contains("[x]("), "{line}");
            }
        }
        assert!(!fenced);
    }
}
