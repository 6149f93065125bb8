//! Any text through every sink: nothing of it may steer a terminal, become markup or begin a command of a build's runner, and JSON means what
//! it meant.
#![no_main]

use anstyle::Style;
use leakhunt_text::{Html, Line, Markdown, annotation, class, cut, cut_tokens, is_data, is_unseen, json, one_line, paragraph};
use libfuzzer_sys::fuzz_target;

const BOLD: Style = Style::new().bold();

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // Two texts may make together what neither is.
    let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (one, other) = text.split_at(half);
    terminal(&text, one, other, usize::from(bytes.first().copied().unwrap_or(0)));
    documents(&text, one, other);
    annotations(one, other);
    json_means_the_same(&text);
    secrets(&text);
});

fn terminal(text: &str, one: &str, other: &str, width: usize) {
    check_line(&Line::of(text).to_string());
    check_line(&Line::of(one).text(other).to_string());
    check_line(&Line::own("  ").styled(BOLD, one).line(&Line::of(other)).padded(width).to_string());
    let cut = Line::of(one).styled(BOLD, other).right(one, width).cut(width);
    assert!(cut.width() <= width);
    check_line(&cut.to_string());
    for line in paragraph(&Line::of(one).cut(20), text, width) {
        check_line(&line.to_string());
        assert!(line.width() <= width.max(40), "{line}");
    }
}

fn check_line(shown: &str) {
    let bare = shown.replace(&BOLD.render().to_string(), "").replace(&BOLD.render_reset().to_string(), "");
    assert!(!bare.chars().any(is_unseen), "{bare:?}");
    assert!(!bare.trim_start().starts_with("::") && !bare.contains("##"), "{bare:?}");
}

fn documents(text: &str, one: &str, other: &str) {
    let html = Html::markup("<p title=\"").text(one).and("\">").text(other).and("</p>").to_string();
    assert_eq!((html.matches('<').count(), html.matches('>').count(), html.matches('"').count()), (2, 2, 2), "{html}");
    assert!(!html.contains('\'') && !html.chars().any(is_unseen) && !html.contains("##"));
    let script = Html::default().json("<script>", &text).to_string();
    assert_eq!(script.matches('<').count(), 2, "{script}");

    let markdown = Markdown::markup("| ").text(one).text(other).and(" |\n").to_string();
    check_document(&markdown);
    let mut escaped = false;
    for c in markdown[1..markdown.len() - 2].chars() {
        assert!(escaped || !"<>`*_[]{}|#~!$".contains(c), "{markdown}");
        escaped = c == '\\' && !escaped;
    }
    let paragraph = Markdown::of(one).to_string();
    check_document(&paragraph);
    assert!(!paragraph.starts_with([' ', '-', '+', '=', '#', '>', ':', '`', '~']), "{paragraph}");
    let code = Markdown::default().code(one).to_string();
    assert_eq!((code.matches('`').count(), code.contains('|')), (2, false), "{code}");
    check_document(&code);
    let steps = Markdown::default().steps([one, other]).to_string();
    assert_eq!((steps.matches("```").count(), steps.lines().count()), (2, 4), "{steps}");
    check_document(&steps);
}

fn check_document(document: &str) {
    assert!(!document.chars().any(|c| c != '\n' && is_unseen(c)), "{document:?}");
    for line in document.lines() {
        assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{document:?}");
    }
}

fn annotations(one: &str, other: &str) {
    let command = annotation("error", &[("file", &one), ("title", &other)], other);
    assert_eq!(command.lines().count(), 1, "{command}");
    let properties = command.strip_prefix("::error ").and_then(|rest| rest.split_once("::")).map(|(head, _)| head);
    assert!(properties.is_some_and(|head| head.matches(',').count() == 1 && head.matches(':').count() == 0), "{command}");
    assert!(!command.contains("##["));
}

fn json_means_the_same(text: &str) {
    let value = serde_json::json!({ text: [text, 1] });
    let (mut document, mut line) = (Vec::new(), Vec::new());
    json::document(&mut document, &value).unwrap();
    json::line(&mut line, &value).unwrap();
    for out in [document, line] {
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), value);
        let shown = String::from_utf8(out).unwrap();
        assert!(!shown.chars().any(|c| c != '\n' && is_unseen(c)) && !shown.contains("##"), "{shown:?}");
    }
    let mut told = Vec::new();
    json::told_line(&mut told, &value).unwrap();
    serde_json::from_slice::<serde_json::Value>(&told).unwrap();
}

fn secrets(text: &str) {
    let without = cut_tokens(text).into_owned();
    let token = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";
    for said in [cut(&format!("{text} {token}")), cut_tokens(&format!("{text}{token}")).into_owned()] {
        assert!(!said.contains(token), "{said}");
    }
    let _ = (is_data(text), class(text), one_line(&without));
    assert_eq!(one_line(&one_line(text)), one_line(text));
}
