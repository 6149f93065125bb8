//! `report.html` of several: one file, which links to the report of each beside it.

use leakhunt_diagnosis::Verdict;
use leakhunt_text::{Html, cut_tokens};

use super::{End, Fleet, Leak, Member};
use crate::html::page::{begin, header, section};
use crate::words::{self, line, size};

/// The whole page.
#[must_use]
pub fn render(fleet: &Fleet) -> String {
    let leaks: Html = fleet.leaks.iter().enumerate().map(|(at, leak)| of_leak(fleet, at, leak)).collect();
    let title = Html::of(line(&fleet.name)).and(": ").text(badge(fleet));
    let mut page = begin(&title, None).html(&summary(fleet));
    page.extend([section("leaks", "Leaks", &leaks), section("members", "Each of them", &members(fleet))]);
    page.and("</main></body></html>\n").to_string()
}

fn badge(fleet: &Fleet) -> &'static str {
    fleet.verdict.map_or("no answer", words::verdict)
}

fn summary(fleet: &Fleet) -> Html {
    let mut html = header(fleet.verdict.unwrap_or(Verdict::Inconclusive))
        .text(badge(fleet))
        .and("</p><h1>")
        .text(fleet.headline())
        .and("</h1><p class=\"origin\">")
        .text(fleet.extent())
        .and(" · ")
        .text(fleet.started_at.strftime("%Y-%m-%d %H:%M UTC"))
        .and(" · took ")
        .text(format_args!("{} min", fleet.took.as_secs().div_ceil(60)))
        .and("</p>");
    let lost = |member: &&Member| matches!(member.end, End::Failed(_) | End::Interrupted);
    for member in fleet.members.iter().filter(lost) {
        html = html.and("<p class=\"warning\">").text(line(&member.name)).and(" ").text(member.end);
        if let Some(said) = &member.said {
            html = html.and(": ").text(first_line(said));
        }
        html = html.and("</p>");
    }
    html.and("</header>")
}

fn of_leak(fleet: &Fleet, at: usize, leak: &Leak) -> Html {
    let on = leak.members.iter().enumerate().map(|(number, (name, pace))| {
        let before = Html::markup(if number == 0 { "" } else { ", " });
        let member = fleet.members.iter().find(|member| member.name == *name);
        let on = before.html(&member.map_or_else(|| Html::of(line(name)), linked));
        match pace {
            Some(pace) => on.and(" <small>").text(size(*pace)).and(" a minute</small>"),
            None => on,
        }
    });
    let only: Vec<String> = leak.only.iter().map(|(name, value)| line(&format!("{name} {value}"))).collect();
    let code = |text: &String| Html::markup("<code>").text(line(text)).and("</code>");
    let facts = [
        ("On", Some(on.collect())),
        ("Only there", (!only.is_empty()).then(|| Html::of(only.join(", ")))),
        ("Code", leak.place.as_ref().map(code)),
        ("Holder", leak.holder.as_ref().map(|holder| Html::of(line(holder)))),
    ];
    let mut html = Html::markup("<article id=\"leak-")
        .text(at + 1)
        .and("\"><h3><span class=\"rank\">")
        .text(at + 1)
        .and("</span>")
        .text(line(&leak.class))
        .and("</h3><p>")
        .text(line(&leak.sentence))
        .and("</p><dl>");
    for (what, fact) in facts {
        if let Some(fact) = fact {
            html = html.and("<div><dt>").and(what).and("</dt><dd>").html(&fact).and("</dd></div>");
        }
    }
    html.and("</dl></article>")
}

/// A row each, with a column for each fact that is not the same on all.
fn members(fleet: &Fleet) -> Html {
    let (apart, same) = fleet.told_apart();
    let head: Html = apart.iter().map(|name| Html::markup("<th>").text(line(name)).and("</th>")).collect();
    let mut html = Html::markup("<div class=\"scroll\"><table class=\"words\"><thead><tr><th></th>")
        .html(&head)
        .and("<th>hunt</th></tr></thead><tbody>");
    for member in &fleet.members {
        html = html.and("<tr><td>").html(&linked(member)).and("</td>");
        for name in &apart {
            html = html
                .and("<td class=\"fact\" data-at=\"")
                .text(line(name))
                .and("\">")
                .text(line(member.fact(name).unwrap_or_default()))
                .and("</td>");
        }
        html = html.and("<td class=\"end\">").html(&end(fleet, member)).and("</td></tr>");
    }
    html = html.and("</tbody></table></div>");
    if same.is_empty() {
        return html;
    }
    html.and("<p class=\"signs\">The same on all: ").text(same.join(", ")).and("</p>")
}

/// How the hunt of one ended; what leaks is told above, so that a number leads there.
fn end(fleet: &Fleet, member: &Member) -> Html {
    let words = Html::markup(match member.end {
        End::Answered(Verdict::Leak) => "<b class=\"up\">",
        End::Answered(Verdict::Healthy) => "<b class=\"down\">",
        End::NotHunted | End::Done => "<b>",
        _ => "<b class=\"warning\">",
    });
    let words = words.text(member.end).and("</b>");
    if let Some(at) = fleet.leak_of(member) {
        return words
            .and(" <a class=\"rank\" href=\"#leak-")
            .text(at + 1)
            .and("\">")
            .text(at + 1)
            .and("</a>");
    }
    match &member.said {
        Some(said) => words.and(": ").text(first_line(said)),
        None => words,
    }
}

/// Its name, which leads to its own report.
fn linked(member: &Member) -> Html {
    let name = Html::of(line(&member.name));
    match &member.report {
        // Behind a dot nothing is a scheme.
        Some(path) => Html::markup("<a href=\"./").text(path).and("\">").html(&name).and("</a>"),
        None => name,
    }
}

fn first_line(text: &str) -> String {
    line(&cut_tokens(text.lines().next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::example;
    use super::*;

    #[test]
    fn what_leaks_what_differs_and_what_failed_is_on_the_page() {
        let page = render(&example());
        let has = |text: &str| assert!(page.contains(text), "{text}: {page}");
        has("<p class=\"badge\">leak</p><h1>web.2 and web.5 leak alike; web.7 leaks otherwise</h1>");
        has("shop: 6 looked at, 5 hunted · 2026-01-31 03:04 UTC · took 4 min");
        has("<p class=\"warning\">web.4 failed, exit 33: process 42 ended: it was killed for memory</p>");
        has(">web.2</a> <small>15.0 MB a minute</small>, <a href=");
        has("<dt>Only there</dt><dd>release v42</dd>");
        has("<th>memory</th><th>release</th><th>hunt</th>");
        has("<b class=\"up\">leak</b> <a class=\"rank\" href=\"#leak-2\">2</a>");
        has("<b>not hunted</b>: others have more memory");
        has("The same on all: size Standard-2X");
        for remote in ["http:", "https:", "url(", " src=", "style=\"", "<script", "onclick"] {
            assert!(!page.contains(remote), "{remote}");
        }
    }
}
