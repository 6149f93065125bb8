//! `findings.json` and `analyze --json`: the shape of [`Findings`].

use leakhunt_diagnosis::{Findings, SCHEMA_VERSION};

/// One document. Parsed, its strings are those of the program; printed to a terminal, they do nothing.
#[must_use]
pub fn render(findings: &Findings) -> String {
    let mut document = Vec::new();
    leakhunt_text::json::document(&mut document, findings)
        .expect("findings have string keys, and memory takes every byte");
    String::from_utf8(document).expect("JSON is UTF-8")
}

/// Reads `findings.json`; none if it is of another version of the shape, or no findings at all.
#[must_use]
pub fn parse(document: &[u8]) -> Option<Findings> {
    serde_json::from_slice(document)
        .ok()
        .filter(|findings: &Findings| findings.schema_version == SCHEMA_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use leakhunt_text::is_unseen;

    #[test]
    fn the_document_has_the_shape_that_scripts_rely_on() {
        let document: serde_json::Value = serde_json::from_str(&render(&example::leak())).unwrap();
        assert_eq!(document["schema_version"], 1);
        assert_eq!(document["verdict"], "leak");
        assert_eq!(document["suspects"][0]["kind"], "timer");
        assert_eq!(document["suspects"][0]["location"]["line"], 12);
        assert_eq!(document["suspects"][0]["growth"]["counts"][2], 900);
        assert_eq!(document["suspects"][0]["original_location"], serde_json::Value::Null);
    }

    #[test]
    fn what_was_written_is_read_again_and_nothing_else() {
        let document = render(&example::hostile());
        let read = parse(document.as_bytes()).expect("our own");
        assert_eq!(render(&read), document);
        let other = document.replacen("\"schema_version\": 1", "\"schema_version\": 99", 1);
        assert!(parse(other.as_bytes()).is_none() && parse(b"{}").is_none() && parse(b"\xff").is_none());
    }

    #[test]
    fn hostile_names_survive_the_journey_and_steer_no_terminal() {
        let findings = example::hostile();
        let text = render(&findings);
        assert!(!text.chars().any(|c| c != '\n' && is_unseen(c)), "{text}");
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["suspects"][0]["class"], findings.suspects[0].class.as_str());
    }
}
