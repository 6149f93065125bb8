//! What a command's document says: the facts that others go by.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::source::cut;

/// `compare --json` of two large heaps is some 10 MB.
const MOST_BYTES: u64 = 64 << 20;
const MOST_SUSPECTS: usize = 20;
const MOST_TEXT: usize = 4_000;

/// What a document says; what it does not say is not known.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Answer {
    /// The verdict of the analysis that it ended with.
    pub verdict: Option<String>,
    /// Its sentence.
    pub sentence: Option<String>,
    /// Its suspects, the first ones.
    pub suspects: Vec<Value>,
    /// The session folder that it left, or that of several hunts.
    pub folder: Option<PathBuf>,
    /// The resident memory of the process that `doctor` looked at, or before a hunt, in bytes.
    pub memory: Option<u64>,
    /// For how long the process that `doctor` looked at has run, in seconds.
    pub age_s: Option<u64>,
    /// The version of Node.js that the session tells of.
    pub node_version: Option<String>,
    /// What it says went wrong.
    pub error: Option<String>,
}

impl Answer {
    /// Reads the document, if it is one.
    pub(crate) fn read(file: &Path) -> Self {
        let Some(document) = json(file) else { return Self::default() };
        let folder: Option<PathBuf> =
            text(&document["session"]).or_else(|| text(&document["folder"])).map(Into::into);
        let mut found = suspects(&document["suspects"]);
        if found.is_empty() {
            found = suspects(&document["leaks"]);
        }
        if found.is_empty()
            && let Some(folder) = &folder
            && let Some(findings) = json(&folder.join("findings.json"))
        {
            found = suspects(&findings["suspects"]);
        }
        let session = folder.as_ref().and_then(|folder| json(&folder.join("session.json")));
        Self {
            verdict: text(&document["verdict"]),
            sentence: text(&document["sentence"]),
            suspects: found,
            folder,
            memory: ["/look/chosen/rss", "/resident/before"]
                .iter()
                .find_map(|at| document.pointer(at).and_then(Value::as_u64)),
            age_s: document.pointer("/look/chosen/age_s").and_then(Value::as_u64),
            node_version: session.and_then(|session| text(&session["process"]["node_version"])),
            error: text(&document["error"]),
        }
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
        let kept = [
            "rank",
            "confidence",
            "class",
            "kind",
            "sentence",
            "share",
            "location",
            "holder",
            "bound",
            "growth",
        ];
        kept.iter().map(|key| ((*key).to_owned(), suspect[*key].clone())).collect()
    };
    list.as_array().into_iter().flatten().take(MOST_SUSPECTS).map(of).map(Value::Object).collect()
}
