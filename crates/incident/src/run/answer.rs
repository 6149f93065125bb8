//! What a step's document says: the facts that later steps ask for.

use std::path::Path;

use serde_json::Value;

use crate::source::cut;

use super::outcome::StepResult;

/// `compare --json` of two large heaps is some 10 MB.
const MOST_BYTES: u64 = 64 << 20;
const MOST_SUSPECTS: usize = 20;
const MOST_TEXT: usize = 4_000;

/// Reads the document, if it is one; what it does not say stays unknown.
pub(super) fn read(file: &Path, result: &mut StepResult) {
    let Some(document) = json(file) else { return };
    result.verdict = text(&document["verdict"]);
    result.sentence = text(&document["sentence"]);
    result.error = text(&document["error"]);
    result.folder = text(&document["session"]).map(Into::into);
    result.memory = document.pointer("/look/chosen/rss").and_then(Value::as_u64);
    result.suspects = suspects(&document["suspects"]);
    if result.suspects.is_empty()
        && let Some(folder) = &result.folder
        && let Some(findings) = json(&folder.join("findings.json"))
    {
        result.suspects = suspects(&findings["suspects"]);
    }
}

fn json(file: &Path) -> Option<Value> {
    let bytes = leakhunt_files::read(&leakhunt_files::open(file).ok()?, MOST_BYTES).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn text(value: &Value) -> Option<String> {
    Some(cut(value.as_str()?, MOST_TEXT).to_owned())
}

/// Of each suspect what a sentence or a condition needs.
fn suspects(list: &Value) -> Vec<Value> {
    let of = |suspect: &Value| {
        let kept = ["rank", "confidence", "class", "kind", "sentence", "share", "location", "bound"];
        kept.iter().map(|key| ((*key).to_owned(), suspect[*key].clone())).collect()
    };
    list.as_array().into_iter().flatten().take(MOST_SUSPECTS).map(of).map(Value::Object).collect()
}
