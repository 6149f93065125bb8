//! Annotations for a GitHub workflow: one line a suspect, at its file and line. The step summary is [`crate::markdown`].

use std::fmt::Display;

use leakhunt_diagnosis::{Findings, Suspect, Verdict};
use leakhunt_text::annotation;

use crate::words::{self, line};

/// Workflow commands, one a line. `in_checkout` gives a file its name from the top of the checkout, by which GitHub finds it.
#[must_use]
pub fn annotations(findings: &Findings, in_checkout: &dyn Fn(&str) -> String) -> String {
    let level = match findings.verdict {
        Verdict::Leak => "error",
        Verdict::NotHeap | Verdict::Inconclusive => "warning",
        Verdict::Healthy => "notice",
    };
    if findings.suspects.is_empty() {
        return annotation(level, &[("title", &"leakhunt")], line(&findings.sentence));
    }
    findings.suspects.iter().map(|suspect| of_suspect(level, suspect, in_checkout)).collect()
}

fn of_suspect(level: &'static str, suspect: &Suspect, in_checkout: &dyn Fn(&str) -> String) -> String {
    let title = format!("leakhunt: {}", words::title(suspect));
    let at = suspect.original_location.as_ref().or(suspect.location.as_ref());
    let file = at.map(|at| line(&in_checkout(&at.file)));
    let mut properties: Vec<(&'static str, &dyn Display)> = Vec::new();
    if let (Some(at), Some(file)) = (at, &file) {
        properties.extend([("file", file as &dyn Display), ("line", &at.line), ("col", &at.column)]);
    }
    properties.push(("title", &title));
    annotation(level, &properties, line(&suspect.sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn a_suspect_is_an_error_at_its_line() {
        let text = annotations(&example::leak(), &|file| file.trim_start_matches("/app/").to_owned());
        assert!(
            text.starts_with(
                "::error file=components/DiscountBanner.js,line=12,col=5,title=leakhunt%3A DiscountBanner%2C retained by a \
                 timer::setInterval callback in DiscountBanner"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_healthy_heap_is_a_notice() {
        let mut findings = example::leak();
        findings.verdict = Verdict::Healthy;
        findings.suspects.clear();
        findings.sentence = "no leak: 100 % fine".to_owned();
        assert_eq!(
            annotations(&findings, &str::to_owned),
            "::notice title=leakhunt::no leak: 100 %25 fine\n"
        );
    }

    #[test]
    fn a_name_cannot_begin_a_command_of_its_own() {
        let text = annotations(&example::hostile(), &str::to_owned);
        assert_eq!(text.lines().count(), 1, "{text}");
        let properties = text.trim_start_matches("::error ").split("::").next().unwrap();
        assert_eq!(properties.matches(',').count(), 3, "{properties}");
    }
}
