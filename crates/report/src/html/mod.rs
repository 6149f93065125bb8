//! `report.html`: one file that opens by double click, for whoever was not there.
//!
//! Everything but the Comparison and the flame graphs is there without a script; those are drawn from numbers embedded as JSON. The
//! page loads nothing: its policy forbids all but its own style and its own script, both named by their hash. So even a name
//! that slipped through the escaping could run nothing.

mod chart;
mod data;
mod flame;
pub(crate) mod page;

use leakhunt_diagnosis::{Allocation, Baseline, CallTrees, Findings, Hot, Location, Suspect};
use leakhunt_text::Html;

use self::page::section;
use crate::session::Session;
use crate::words::{self, line};
use crate::{Compared, Report};

const SCRIPT: &str = concat!(include_str!("words.js"), include_str!("page.js"), include_str!("flame.js"));

/// A detail of the timeline that is longer is folded away.
const FOLDED: usize = 160;

/// The whole page.
#[must_use]
pub fn render(report: &Report<'_>, compared: &[Compared], calls: &CallTrees) -> String {
    let findings = report.findings;
    let suspects: Html = findings.suspects.iter().map(suspect_card).collect();
    let mut page = head(report).html(&verdict(report));
    if let Some(baseline) = &findings.baseline {
        page.extend([section("baseline", "Since the baseline", &since(baseline))]);
    }
    page.extend([
        section("memory", "Memory", &chart::render(report)),
        section("suspects", "Suspects", &suspects),
        section(
            "allocations",
            "Allocated while the profile lasted, and alive at its end",
            &flame::graph("heap", calls.heap.as_ref()).html(&allocations(findings)),
        ),
        section("cpu", "Where CPU time went", &cpu(findings, &flame::graph("cpu", calls.cpu.as_ref()))),
    ]);
    if !compared.is_empty() {
        page.extend([section("comparison", "Comparison", &comparison(compared))]);
    }
    if let Some(session) = report.session {
        page.extend([
            section("timeline", "Timeline", &timeline(session)),
            section("receipt", "Receipt", &receipt(session)),
        ]);
    }
    page.and("</main><script>").and(SCRIPT).and("</script></body></html>\n").to_string()
}

fn head(report: &Report<'_>) -> Html {
    let target = report.session.map_or("heap", |session| session.target.as_str());
    let title = Html::of(line(target)).and(": ").text(words::verdict(report.findings.verdict));
    page::begin(&title, Some(SCRIPT))
}

fn verdict(report: &Report<'_>) -> Html {
    let findings = report.findings;
    let mut html = page::header(findings.verdict)
        .text(words::verdict(findings.verdict))
        .and("</p><h1>")
        // The badge above says the word already.
        .text(line(findings.sentence.strip_prefix("leak: ").unwrap_or(&findings.sentence)))
        .and("</h1>");
    if let Some(session) = report.session {
        html = html.and("<p class=\"origin\">").text(line(&session.target));
        if let Some(process) = &session.process {
            html = html
                .and(" · process ")
                .text(process.pid)
                .text(words::thread_of(session))
                .and(" · Node.js ")
                .text(line(&process.node_version));
        }
        if let Some(first) = session.snapshots.first() {
            html = html.and(" · ").text(first.taken_at.strftime("%Y-%m-%d %H:%M UTC"));
        }
        html = html.and("</p>");
    }
    for warning in &findings.warnings {
        html = html.and("<p class=\"warning\">").text(line(warning)).and("</p>");
    }
    html.and("</header>")
}

/// Before and after, a line a suspect.
fn since(baseline: &Baseline) -> Html {
    let mut html = Html::markup("<p>").text(line(&baseline.sentence)).and("</p>");
    if baseline.changes.is_empty() {
        return html;
    }
    html = html.and(
        "<div class=\"scroll\"><table class=\"words\"><thead><tr><th></th><th>what</th><th>before</th>\
         <th>now</th></tr></thead><tbody>",
    );
    for change in &baseline.changes {
        html = html
            .and("<tr><td class=\"")
            .and(words::trend(change))
            .and("\">")
            .and(words::state(change.state))
            .and("</td><td>")
            .text(line(&change.what))
            .and("</td><td data-at=\"before\">")
            .text(words::paced(change.before))
            .and("</td><td data-at=\"now\">")
            .text(words::paced(change.after))
            .and("</td></tr>");
    }
    html.and("</tbody></table></div>")
}

fn suspect_card(suspect: &Suspect) -> Html {
    let place = |at: &Location| Html::markup("<code>").text(words::place(at)).and("</code>");
    let growth = Html::markup("<span class=\"bars\" aria-hidden=\"true\">")
        .text(words::sparkline(words::series(suspect)))
        .and("</span> ")
        .text(words::growth(suspect));
    let facts = [
        ("Growth", Some(growth)),
        ("Pace", words::pace(suspect).map(Html::of)),
        ("Source", suspect.original_location.as_ref().map(place)),
        ("Code", suspect.location.as_ref().map(place)),
        ("Holder", holder(suspect)),
        ("Package", suspect.package.as_ref().map(|package| Html::of(line(&package.to_string())))),
        ("Strings", Some(Html::of(words::strings(suspect)))),
        ("Confidence", Some(Html::of(format!("{:.0} %", suspect.confidence * 100.0)))),
    ];
    let mut html = Html::markup("<article><h3><span class=\"rank\">")
        .text(suspect.rank)
        .and("</span>")
        .text(words::title(suspect))
        .and("</h3><p>")
        .text(line(&suspect.sentence))
        .and("</p><dl>");
    for (what, fact) in facts {
        if let Some(fact) = fact.filter(|fact| !fact.is_empty()) {
            html = html.and("<div><dt>").and(what).and("</dt><dd>").html(&fact).and("</dd></div>");
        }
    }
    html.and("</dl>").html(&path(suspect)).and("</article>")
}

fn holder(suspect: &Suspect) -> Option<Html> {
    let holder = suspect.holder.as_ref()?;
    let mut html = Html::of(line(&holder.class));
    if let Some(variable) = &holder.variable {
        html = html.and(" ").text(line(variable));
    }
    if let Some(at) = &holder.location {
        html = html.and(" <code>").text(words::place(at)).and("</code>");
    }
    Some(html)
}

fn path(suspect: &Suspect) -> Html {
    if suspect.path.is_empty() {
        return Html::default();
    }
    let details = if suspect.rank == 1 { "<details open>" } else { "<details>" };
    let mut html = Html::markup(details)
        .and("<summary>What keeps it alive (")
        .text(suspect.path.len())
        .and(" steps)</summary><ol class=\"path\">");
    let own = words::first_own(suspect);
    for (at, hop) in suspect.path.iter().enumerate() {
        let mark = if own == Some(at) { "<li class=\"own\"><span>" } else { "<li><span>" };
        html = html.and(mark).text(words::hop(hop)).and("</span> <small>@").text(hop.id).and("</small>");
        if let Some(at) = &hop.location {
            html = html.and(" <code>").text(words::short_place(at)).and("</code>");
        }
        html = html.and("</li>");
    }
    html = html.and("</ol>");
    if let Some(legend) = words::legend([suspect]) {
        html = html.and("<p class=\"signs\">In paths: ").text(legend).and(".</p>");
    }
    html.and("</details>")
}

fn allocations(findings: &Findings) -> Html {
    let item = |one: &Allocation| {
        Html::markup("<li>")
            .text(words::allocated(one))
            .and(" by <code>")
            .text(words::function(&one.function))
            .and("</code>, <code>")
            .text(words::allocated_at(one))
            .and("</code></li>")
    };
    let items: Html = findings.allocations.iter().map(item).collect();
    if items.is_empty() {
        return items;
    }
    let when = words::allocated_when(&findings.allocations);
    Html::markup("<p>").text(when).and(":</p><ol>").html(&items).and("</ol>")
}

fn cpu(findings: &Findings, graph: &Html) -> Html {
    let Some(cpu) = &findings.cpu else { return graph.clone() };
    let item = |hot: &Hot| {
        Html::markup("<li>")
            .text(words::took(hot))
            .and(" in <code>")
            .text(words::function(&hot.function))
            .and("</code>, <code>")
            .text(words::hot_at(hot))
            .and("</code>")
            .text(words::took_in_all(hot))
            .and("</li>")
    };
    let items: Html = cpu.functions.iter().map(item).collect();
    Html::markup("<p>").text(words::busy(cpu)).and(".</p>").html(graph).and("<ol>").html(&items).and("</ol>")
}

/// Controls and an empty table, which the script fills, and the numbers.
fn comparison(compared: &[Compared]) -> Html {
    Html::markup(
        "<div class=\"controls\"><label>From <select id=\"from\"></select></label><label>to <select id=\"to\"></select></label>\
         <label>Only <input id=\"only\" type=\"search\" placeholder=\"class\" autocomplete=\"off\"></label>\
         <output id=\"shown\"></output></div><div class=\"scroll\"><table id=\"rows\"><thead></thead><tbody></tbody></table></div>\
         <noscript><p>The Comparison needs JavaScript; <code>leakhunt compare</code> prints it too.</p></noscript>",
    )
    .json("<script id=\"data\" type=\"application/json\">", &data::data(compared))
}

fn timeline(session: &Session) -> Html {
    let Some(first) = session.events.first() else { return Html::default() };
    let mut html = Html::markup("<div class=\"scroll\"><table class=\"timeline\"><tbody>");
    for event in &session.events {
        let after = event.at.duration_since(first.at).as_secs_f64();
        html = html
            .and("<tr class=\"")
            .and(event.kind)
            .and("\"><td>")
            .text(format_args!("{after:.1} s"))
            .and("</td><td>")
            .and(event.kind)
            .and("</td><td>");
        let detail = line(&event.detail);
        if detail.chars().count() > FOLDED {
            let begin: String = event.detail.chars().take(FOLDED / 2).collect();
            html = html
                .and("<details><summary>")
                .text(line(&begin))
                .and("…</summary>")
                .text(detail)
                .and("</details>");
        } else {
            html = html.text(detail);
        }
        html = html.and("</td></tr>");
    }
    html.and("</tbody></table></div>")
}

fn receipt(session: &Session) -> Html {
    let Some(receipt) = &session.teardown else {
        return Html::markup(
            "<p class=\"warning\">There is no receipt: the hunt was killed, or has not ended. \
             <code>leakhunt cleanup</code> finishes its teardown.</p>",
        );
    };
    let mut html = Html::markup("<ul class=\"receipt\">");
    for undone in &receipt.undone {
        let mark =
            if undone.is_verified() { "<li class=\"seen\"><b>✓" } else { "<li class=\"unseen\"><b>!" };
        html = html
            .and(mark)
            .and("</b> ")
            .text(line(&undone.what))
            .and(" <small>")
            .text(line(&undone.how))
            .and("</small></li>");
    }
    html = html.and("</ul>");
    if let Some(command) = &receipt.by_hand {
        html =
            html.and("<p class=\"warning\">Still to be run: <code>").text(line(command)).and("</code></p>");
    }
    html
}

#[cfg(test)]
mod tests {
    use leakhunt_text::is_unseen;

    use super::*;
    use crate::compared::Changed;
    use crate::example;
    use leakhunt_diagnosis::Findings;

    fn page(findings: &Findings) -> String {
        let class = &findings.suspects[0].class;
        let row = Changed { name: line(class), new: 5, deleted: 2, allocated: 900, freed: 100 };
        let compared =
            Compared { base: "1.heapsnapshot".into(), target: class.clone(), rows: vec![row], left_out: 0 };
        render(&Report { findings, session: None }, &[compared], &example::calls(class))
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
        assert!(!hostile.chars().any(|c| c != '\n' && is_unseen(c)));
    }

    #[test]
    fn the_policy_names_the_style_and_the_script_that_are_there() {
        let page = page(&example::leak());
        let between = |from: &str, to: &str| {
            let start = page.rfind(from).unwrap() + from.len();
            page[start..start + page[start..].find(to).unwrap()].to_owned()
        };
        assert!(
            page.contains(&format!("style-src 'sha256-{}'", page::hash(&between("<style>", "</style>"))))
        );
        assert!(
            page.contains(&format!("script-src 'sha256-{}'", page::hash(&between("<script>", "</script>"))))
        );
        for remote in ["http:", "https:", "url(", " src=", "style=\"", "onclick"] {
            assert!(!page.contains(remote), "{remote}");
        }
    }
}
