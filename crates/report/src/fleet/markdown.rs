//! `summary.md` of several, for the ticket.

use leakhunt_text::{Markdown, cut_tokens};

use super::Fleet;
use crate::words::line;

/// The whole document.
#[must_use]
pub fn render(fleet: &Fleet) -> String {
    let mut out =
        Markdown::markup("# Leaks on ").text(line(&fleet.name)).and("\n\n").text(fleet.headline()).and("\n");
    for leak in &fleet.leaks {
        let on: Vec<&str> = leak.members.iter().map(|(name, _)| name.as_str()).collect();
        out = out.and("\n- **").text(line(&on.join(", "))).and("**: ").text(line(&leak.sentence));
        for (name, value) in &leak.only {
            out = out.and("; only there: ").text(line(&format!("{name} {value}")));
        }
    }
    let (apart, same) = fleet.told_apart();
    out = out.and(if fleet.leaks.is_empty() { "\n| |" } else { "\n\n| |" });
    for name in &apart {
        out = out.and(" ").text(line(name)).and(" |");
    }
    out = out.and(" hunt | |\n|---|");
    for _ in &apart {
        out = out.and("---:|");
    }
    out = out.and("---|---|\n");
    for member in &fleet.members {
        out = out.and("| ").text(line(&member.name)).and(" |");
        for name in &apart {
            out = out.and(" ").text(line(member.fact(name).unwrap_or_default())).and(" |");
        }
        // What leaks stands above.
        let said = member.said.as_deref().filter(|_| fleet.leak_of(member).is_none());
        let said = said.and_then(|said| said.lines().next()).unwrap_or_default();
        out = out.and(" ").text(member.end).and(" | ").text(line(&cut_tokens(said))).and(" |\n");
    }
    if !same.is_empty() {
        out = out.and("\nThe same on all: ").text(same.join(", ")).and("\n");
    }
    out.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::tests::example;
    use super::*;

    #[test]
    fn a_table_of_all_stands_below_what_leaks() {
        let fleet = example();
        let text = render(&fleet);
        let has = |line: &str| assert!(text.lines().any(|is| is == line), "{line}: {text}");
        has("# Leaks on shop");
        has("| | memory | release | hunt | |");
        has("| web.2 | 140 MB | v42 | leak |  |");
        has("| web.4 | 133 MB | v41 | failed, exit 33 | process 42 ended: it was killed for memory |");
        has("The same on all: size Standard-2X");
        assert!(
            text.contains("- **web.2, web.5**: visits in server.js:17")
                && text.contains("; only there: release v42")
        );
    }
}
