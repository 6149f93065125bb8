//! `summary.md`: the answer for a ticket.

use leakhunt_diagnosis::{Baseline, Findings, Suspect};
use leakhunt_text::Markdown;

use crate::Report;
use crate::session::{Receipt, Session};
use crate::words::{self, line, size};

/// The whole document.
#[must_use]
pub fn render(report: &Report<'_>) -> String {
    let findings = report.findings;
    let mut out = Markdown::markup("# Heap: ")
        .text(words::verdict(findings.verdict))
        .and("\n\n")
        .text(line(&findings.sentence))
        .and("\n");
    if let Some(session) = report.session {
        out = out.markdown(&origin(session));
    }
    if let Some(baseline) = &findings.baseline {
        out = out.markdown(&since(baseline));
    }
    for suspect in &findings.suspects {
        out = out.markdown(&of_suspect(suspect));
    }
    out = out.markdown(&allocations(findings)).markdown(&cpu(findings)).markdown(&memory(report));
    let of_hunt = report.session.map_or(&[][..], |session| &session.warnings);
    let warnings: Vec<&String> = findings.warnings.iter().chain(of_hunt).collect();
    if !warnings.is_empty() {
        out = out.and("\n## Warnings\n\n");
    }
    for warning in warnings {
        out = out.and("- ").text(line(warning)).and("\n");
    }
    if let Some(receipt) = report.session.and_then(|session| session.teardown.as_ref()) {
        out = out.markdown(&undone(receipt));
    }
    if let Some(time) = report.session.and_then(|session| session.app_time.as_ref()) {
        out = out.and("\n").text(words::app_time(time)).and("\n");
    }
    out.to_string()
}

fn origin(session: &Session) -> Markdown {
    if session.target.is_empty() {
        return Markdown::default();
    }
    let mut out = Markdown::markup("\nTaken from ").text(line(&session.target));
    if let Some(process) = &session.process {
        out = out
            .and(", process ")
            .text(process.pid)
            .text(words::thread_of(session))
            .and(", Node.js ")
            .text(line(&process.node_version));
    }
    if let Some(first) = session.snapshots.first() {
        out = out.and(", from ").text(first.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC"));
    }
    out.and(".\n")
}

fn since(baseline: &Baseline) -> Markdown {
    let mut out = Markdown::markup("\n## Since the baseline\n\n").text(line(&baseline.sentence)).and("\n");
    if baseline.changes.is_empty() {
        return out;
    }
    out = out.and("\n| | what | before | now |\n|---|---|---|---|\n");
    for change in &baseline.changes {
        out = out
            .and("| ")
            .text(words::state(change.state))
            .and(" | ")
            .text(line(&change.what))
            .and(" | ")
            .text(words::paced(change.before))
            .and(" | ")
            .text(words::paced(change.after))
            .and(" |\n");
    }
    out
}

fn of_suspect(suspect: &Suspect) -> Markdown {
    let mut out = Markdown::markup("\n## ")
        .text(suspect.rank)
        .and(". ")
        .text(words::title(suspect))
        .and("\n\n")
        .text(line(&suspect.sentence))
        .and("\n\n");
    let growth = [words::growth(suspect), words::sparkline(words::series(suspect))].join(" ");
    let code = |text: String| Markdown::default().code(text);
    let facts = [
        ("Growth", Some(Markdown::of(growth.trim()))),
        ("Pace", words::pace(suspect).map(Markdown::of)),
        ("Confidence", Some(Markdown::of(format!("{:.0} %", suspect.confidence * 100.0)))),
        ("Source", suspect.original_location.as_ref().map(|at| code(words::place(at)))),
        ("Code", suspect.location.as_ref().map(|at| code(words::place(at)))),
        ("Holder", holder(suspect)),
        ("Package", suspect.package.as_ref().map(|package| Markdown::of(line(&package.to_string())))),
        ("Strings", Some(Markdown::of(words::strings(suspect)))),
    ];
    for (what, fact) in facts {
        if let Some(fact) = fact.filter(|fact| !fact.is_empty()) {
            out = out.and("- ").and(what).and(": ").markdown(&fact).and("\n");
        }
    }
    if !suspect.path.is_empty() {
        out = out.and("\n").steps(words::path(suspect));
    }
    out
}

fn holder(suspect: &Suspect) -> Option<Markdown> {
    let holder = suspect.holder.as_ref()?;
    let mut out = Markdown::default().code(line(&holder.class));
    if let Some(variable) = &holder.variable {
        out = out.and(" ").code(line(variable));
    }
    if let Some(at) = &holder.location {
        out = out.and(", ").code(words::short_place(at));
    }
    Some(out)
}

fn cpu(findings: &Findings) -> Markdown {
    let Some(cpu) = &findings.cpu else { return Markdown::default() };
    let mut out = Markdown::markup("\n## Where CPU time went\n\n").text(words::busy(cpu)).and(".\n\n");
    for hot in &cpu.functions {
        out = out
            .markdown(&Markdown::of(hot.rank))
            .and(". ")
            .text(words::took(hot))
            .and(": ")
            .code(words::function(&hot.function))
            .and(", ")
            .code(words::hot_at(hot))
            .text(words::took_in_all(hot))
            .and("\n");
    }
    out
}

fn allocations(findings: &Findings) -> Markdown {
    let mut out = Markdown::default();
    if !findings.allocations.is_empty() {
        let when = words::allocated_when(&findings.allocations);
        out = out.and("\n## What was allocated\n\n").text(when).and(":\n\n");
    }
    for allocation in &findings.allocations {
        out = out
            .markdown(&Markdown::of(allocation.rank))
            .and(". ")
            .text(words::allocated(allocation))
            .and(": ")
            .code(words::function(&allocation.function))
            .and(", ")
            .code(words::allocated_at(allocation))
            .and("\n");
    }
    out
}

fn memory(report: &Report<'_>) -> Markdown {
    let memory = &report.findings.memory;
    let columns: Vec<(&'static str, &[u64])> = [
        ("used", memory.used.as_slice()),
        ("external", &memory.external),
        ("array buffers", &memory.array_buffers),
        ("RSS", &memory.rss),
        ("snapshot", &memory.snapshot),
    ]
    .into_iter()
    .filter(|(_, series)| !series.is_empty())
    .collect();
    let rows = memory.snapshot.len();
    if rows == 0 || columns.is_empty() {
        return Markdown::default();
    }
    let mut out = Markdown::markup("\n## Memory\n\n| # | after |");
    for (name, _) in &columns {
        out = out.and(" ").and(name).and(" |");
    }
    out = out.and("\n|---|---|");
    for _ in &columns {
        out = out.and("---:|");
    }
    out = out.and("\n");
    for row in 0..rows {
        let after = memory.at_ms.get(row).map_or_else(String::new, |ms| format!("{} s", ms / 1000));
        out = out.and("| ").text(row + 1).and(" | ").text(after).and(" |");
        for (_, series) in &columns {
            let bytes = series.get(row).map_or_else(String::new, |bytes| size(*bytes));
            out = out.and(" ").text(bytes).and(" |");
        }
        out = out.and("\n");
    }
    out
}

fn undone(receipt: &Receipt) -> Markdown {
    let mut out = Markdown::markup("\n## Receipt\n\n");
    for undone in &receipt.undone {
        let mark = if undone.is_verified() { "- [x] " } else { "- [ ] " };
        out = out.and(mark).text(line(&undone.what)).and(": ").text(line(&undone.how)).and("\n");
    }
    if let Some(command) = &receipt.by_hand {
        out = out.and("\nStill to be run: ").code(line(command)).and("\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use leakhunt_text::is_unseen;

    use super::*;
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
1.0 MB. No line of DiscountBanner.js clears this.timer: call clearInterval when done.

## 1. DiscountBanner, retained by a timer

setInterval callback in DiscountBanner (components/DiscountBanner.js:12) gained 300 DiscountBanner per snapshot, \
1.0 MB. No line of DiscountBanner.js clears this.timer: call clearInterval when done.

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

| # | after | used | external | array buffers | RSS | snapshot |
|---|---|---:|---:|---:|---:|---:|
| 1 | 0 s | 10.0 MB | 1.0 MB | 80.0 kB | 50.0 MB | 9.0 MB |
| 2 | 30 s | 11.0 MB | 1.0 MB | 80.0 kB | 60.0 MB | 10.0 MB |
| 3 | 60 s | 12.0 MB | 1.1 MB | 80.0 kB | 65.0 MB | 11.0 MB |
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
        assert!(!text.chars().any(|c| c != '\n' && is_unseen(c)));
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
