//! The frame of a page: its policy, its style, its header and its sections.

use base64::Engine as _;
use leakhunt_diagnosis::Verdict;
use leakhunt_text::Html;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");

/// All up to the content, which ends with `</main>`, the script if there is one, and `</body></html>`.
pub(crate) fn begin(title: &Html, script: Option<&'static str>) -> Html {
    let mut html = Html::markup(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-",
    )
    .text(hash(STYLE));
    if let Some(script) = script {
        html = html.and("'; script-src 'sha256-").text(hash(script));
    }
    html.and(
        "'; base-uri 'none'; form-action 'none'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\"><title>",
    )
    .html(title)
    .and("</title><style>")
    .and(STYLE)
    .and("</style></head><body><main>")
}

/// What a policy names a style or a script by.
pub(super) fn hash(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// The header up to the words of its badge.
pub(crate) fn header(verdict: Verdict) -> Html {
    Html::markup(match verdict {
        Verdict::Leak => "<header class=\"leak\"><p class=\"badge\">",
        Verdict::Healthy => "<header class=\"healthy\"><p class=\"badge\">",
        Verdict::NotHeap | Verdict::Inconclusive => "<header class=\"unsure\"><p class=\"badge\">",
    })
}

/// A section, unless there is nothing in it.
pub(crate) fn section(id: &'static str, title: &'static str, content: &Html) -> Html {
    if content.is_empty() {
        return Html::default();
    }
    Html::markup("<section id=\"")
        .and(id)
        .and("\"><h2>")
        .and(title)
        .and("</h2>")
        .html(content)
        .and("</section>")
}
