//! `report.html`: one file that opens by double click, for whoever was not there.
//!
//! Everything but the Comparison is there without a script; that one is a table over numbers embedded as JSON. The page
//! loads nothing: its policy forbids all but its own style and its own script, both named by their hash. So even a name
//! that slipped through the escaping could run nothing.

#[cfg(test)]
mod browser;
mod chart;
mod data;

use std::fmt::{self, Display, Write as _};

use base64::Engine as _;
use leakhunt_diagnosis::{Allocation, Baseline, Findings, Location, Suspect, Verdict};
use sha2::{Digest, Sha256};

use crate::escape::line;
use crate::session::Session;
use crate::words::{self, size};
use crate::{Compared, Report};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A detail of the timeline that is longer is folded away.
const FOLDED: usize = 160;

/// The whole page.
#[must_use]
pub fn render(report: &Report<'_>, compared: &[Compared]) -> String {
    let findings = report.findings;
    let mut page = head(report);
    page.push_str(&verdict(report));
    if let Some(baseline) = &findings.baseline {
        push_section(&mut page, "baseline", "Since the baseline", &since(baseline));
    }
    push_section(&mut page, "memory", "Memory", &chart::render(report));
    let suspects: String = findings.suspects.iter().map(suspect_card).collect();
    push_section(&mut page, "suspects", "Suspects", &suspects);
    push_section(
        &mut page,
        "allocations",
        "Allocated while the profile lasted, and alive at its end",
        &allocations(findings),
    );
    if !compared.is_empty() {
        push_section(&mut page, "comparison", "Comparison", &comparison(compared));
    }
    if let Some(session) = report.session {
        push_section(&mut page, "timeline", "Timeline", &timeline(session));
        push_section(&mut page, "receipt", "Left as it was found", &receipt(session));
    }
    let _ = writeln!(page, "</main><script>{SCRIPT}</script></body></html>");
    page
}

fn head(report: &Report<'_>) -> String {
    let target = report.session.map_or("heap", |session| session.target.as_str());
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">\
         <title>{}: {}</title><style>{STYLE}</style></head><body><main>",
        hash(STYLE),
        hash(SCRIPT),
        Escaped(target),
        words::verdict(report.findings.verdict),
    )
}

fn hash(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn verdict(report: &Report<'_>) -> String {
    let findings = report.findings;
    let class = match findings.verdict {
        Verdict::Leak => "leak",
        Verdict::Healthy => "healthy",
        Verdict::NotHeap | Verdict::Inconclusive => "unsure",
    };
    let mut html = format!(
        "<header class=\"{class}\"><p class=\"badge\">{}</p><h1>{}</h1>",
        words::verdict(findings.verdict),
        // The badge above says the word already.
        Escaped(findings.sentence.strip_prefix("leak: ").unwrap_or(&findings.sentence))
    );
    if let Some(session) = report.session {
        let _ = write!(html, "<p class=\"origin\">{}", Escaped(&session.target));
        if let Some(process) = &session.process {
            let _ = write!(html, " · process {} · Node.js {}", process.pid, Escaped(&process.node_version));
        }
        if let Some(first) = session.snapshots.first() {
            let _ = write!(html, " · {}", first.taken_at.strftime("%Y-%m-%d %H:%M UTC"));
        }
        html.push_str("</p>");
    }
    for warning in &findings.warnings {
        let _ = write!(html, "<p class=\"warning\">{}</p>", Escaped(warning));
    }
    html.push_str("</header>");
    html
}

fn push_section(page: &mut String, id: &str, title: &str, content: &str) {
    if !content.is_empty() {
        let _ = write!(page, "<section id=\"{id}\"><h2>{title}</h2>{content}</section>");
    }
}

/// Before and after, a line a suspect.
fn since(baseline: &Baseline) -> String {
    let mut html = format!("<p>{}</p>", Escaped(&baseline.sentence));
    if baseline.changes.is_empty() {
        return html;
    }
    html.push_str(
        "<div class=\"scroll\"><table class=\"words\"><thead><tr><th></th><th>what</th><th>before</th>\
         <th>now</th></tr></thead><tbody>",
    );
    for change in &baseline.changes {
        let _ = write!(
            html,
            "<tr><td class=\"{}\">{}</td><td>{}</td><td data-at=\"before\">{}</td>\
             <td data-at=\"now\">{}</td></tr>",
            words::trend(change),
            words::state(change.state),
            Escaped(&change.what),
            words::paced(change.before),
            words::paced(change.after)
        );
    }
    html.push_str("</tbody></table></div>");
    html
}

fn suspect_card(suspect: &Suspect) -> String {
    let mut html = format!(
        "<article><h3><span class=\"rank\">{}</span>{}</h3><p>{}</p><dl>",
        suspect.rank,
        Escaped(&words::title(suspect)),
        Escaped(&suspect.sentence)
    );
    let mut fact = |what: &str, value: String| {
        if !value.is_empty() {
            let _ = write!(html, "<div><dt>{what}</dt><dd>{value}</dd></div>");
        }
    };
    let place = |at: &Location| format!("<code>{}</code>", Escaped(&words::place(at)));
    let bars = words::sparkline(words::series(suspect));
    fact(
        "Growth",
        format!(
            "<span class=\"bars\" aria-hidden=\"true\">{bars}</span> {}",
            Escaped(&words::growth(suspect))
        ),
    );
    fact("Pace", words::pace(suspect).unwrap_or_default());
    fact("Source", suspect.original_location.as_ref().map(place).unwrap_or_default());
    fact("Code", suspect.location.as_ref().map(place).unwrap_or_default());
    let holder = suspect.holder.as_ref().map(|holder| {
        let variable =
            holder.variable.as_deref().map_or_else(String::new, |name| format!(" {}", Escaped(name)));
        let at = holder
            .location
            .as_ref()
            .map_or_else(String::new, |at| format!(" <code>{}</code>", Escaped(&words::place(at))));
        format!("{}{variable}{at}", Escaped(&holder.class))
    });
    fact("Holder", holder.unwrap_or_default());
    fact("Strings", Escaped(&words::strings(suspect)).to_string());
    fact("Confidence", format!("{:.0} %", suspect.confidence * 100.0));
    html.push_str("</dl>");
    html.push_str(&path(suspect));
    html.push_str("</article>");
    html
}

fn path(suspect: &Suspect) -> String {
    if suspect.path.is_empty() {
        return String::new();
    }
    let open = if suspect.rank == 1 { " open" } else { "" };
    let mut html = format!(
        "<details{open}><summary>What keeps it alive ({} steps)</summary><ol class=\"path\">",
        suspect.path.len()
    );
    for hop in &suspect.path {
        let _ = write!(html, "<li><span>{}</span> <small>@{}</small>", Escaped(&words::hop(hop)), hop.id);
        if let Some(at) = &hop.location {
            let _ = write!(html, " <code>{}</code>", Escaped(&words::short_place(at)));
        }
        html.push_str("</li>");
    }
    html.push_str("</ol></details>");
    html
}

fn allocations(findings: &Findings) -> String {
    let item = |one: &Allocation| {
        format!(
            "<li>{} by <code>{}</code>, <code>{}</code></li>",
            words::allocated(one),
            Escaped(&words::allocator(one)),
            Escaped(&words::allocated_at(one))
        )
    };
    let items: String = findings.allocations.iter().map(item).collect();
    if items.is_empty() { items } else { format!("<ol>{items}</ol>") }
}

/// Controls and an empty table, which the script fills, and the numbers.
fn comparison(compared: &[Compared]) -> String {
    format!(
        "<div class=\"controls\"><label>From <select id=\"from\"></select></label><label>to <select id=\"to\"></select></label>\
         <label>Only <input id=\"only\" type=\"search\" placeholder=\"class\" autocomplete=\"off\"></label>\
         <output id=\"shown\"></output></div><div class=\"scroll\"><table id=\"rows\"><thead></thead><tbody></tbody></table></div>\
         <noscript><p>The Comparison needs JavaScript; <code>leakhunt compare</code> prints it too.</p></noscript>\
         <script id=\"data\" type=\"application/json\">{}</script>",
        data::json(compared)
    )
}

fn timeline(session: &Session) -> String {
    let Some(first) = session.events.first() else { return String::new() };
    let mut html = String::from("<div class=\"scroll\"><table class=\"timeline\"><tbody>");
    for event in &session.events {
        let after = event.at.duration_since(first.at).as_secs_f64();
        let detail = line(&event.detail);
        let _ = write!(html, "<tr class=\"{}\"><td>{after:.1} s</td><td>{}</td><td>", event.kind, event.kind);
        if detail.chars().count() > FOLDED {
            let begin: String = event.detail.chars().take(FOLDED / 2).collect();
            let _ = write!(
                html,
                "<details><summary>{}…</summary>{}</details>",
                Escaped(&begin),
                Escaped(&event.detail)
            );
        } else {
            let _ = write!(html, "{}", Escaped(&detail));
        }
        html.push_str("</td></tr>");
    }
    html.push_str("</tbody></table></div>");
    html
}

fn receipt(session: &Session) -> String {
    let Some(receipt) = &session.teardown else {
        return "<p class=\"warning\">There is no receipt: the hunt was killed, or has not ended. \
                <code>leakhunt cleanup</code> finishes its teardown.</p>"
            .to_owned();
    };
    let mut html = String::from("<ul class=\"receipt\">");
    for undone in &receipt.undone {
        let (class, mark) = if undone.is_verified() { ("seen", "✓") } else { ("unseen", "!") };
        let _ = write!(
            html,
            "<li class=\"{class}\"><b>{mark}</b> {} <small>{}</small></li>",
            Escaped(&undone.what),
            Escaped(&undone.how)
        );
    }
    html.push_str("</ul>");
    if let Some(command) = &receipt.by_hand {
        let _ = write!(html, "<p class=\"warning\">Still to be run: <code>{}</code></p>", Escaped(command));
    }
    html
}

/// Text in markup: between tags or in a quoted attribute.
struct Escaped<'t>(&'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in line(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compared::Changed;
    use crate::escape::is_hostile;
    use crate::example;
    use leakhunt_diagnosis::Findings;

    fn page(findings: &Findings) -> String {
        let class = &findings.suspects[0].class;
        let row = Changed { name: line(class), new: 5, deleted: 2, allocated: 900, freed: 100 };
        let compared =
            Compared { base: "1.heapsnapshot".into(), target: class.clone(), rows: vec![row], left_out: 0 };
        render(&Report { findings, session: None }, &[compared])
    }

    #[test]
    fn hostile_names_become_no_markup() {
        let harmless = page(&example::leak());
        let hostile = page(&example::hostile());
        for tag in ["<script", "</script", "<li", "<article", "onload=\"", "<details"] {
            let (a, b) = (harmless.matches(tag).count(), hostile.matches(tag).count());
            let hops = if tag == "<li" { 3 } else { 0 };
            assert_eq!(a - hops, b, "{tag}");
        }
        assert!(!hostile.chars().any(|c| c != '\n' && is_hostile(c)));
    }

    #[test]
    fn the_policy_names_the_style_and_the_script_that_are_there() {
        let page = page(&example::leak());
        let between = |from: &str, to: &str| {
            let start = page.rfind(from).unwrap() + from.len();
            page[start..start + page[start..].find(to).unwrap()].to_owned()
        };
        assert!(page.contains(&format!("style-src 'sha256-{}'", hash(&between("<style>", "</style>")))));
        assert!(page.contains(&format!("script-src 'sha256-{}'", hash(&between("<script>", "</script>")))));
        for remote in ["http:", "https:", "url(", " src=", "style=\"", "onclick"] {
            assert!(!page.contains(remote), "{remote}");
        }
    }
}
