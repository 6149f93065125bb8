//! A place in the source, and what may be in its words.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The path or URL of the script, as the process knew it (or as the source map names it).
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
    /// The function or class there.
    pub function: Option<String>,
    /// What the line is known by, where it is not the snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<From>,
}

/// What a line of the program's is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// It stood on the stacks of the allocation profile between the snapshots.
    AllocationProfile,
}

impl Location {
    /// The last two parts of the path; of a package's file all that is below `node_modules`.
    pub(crate) fn short_file(&self) -> String {
        let file = &self.file;
        let parts: Vec<&str> = file.rsplit(['/', '\\']).take(2).collect();
        let package = file.rfind("node_modules/").map(|at| &file[at + "node_modules/".len()..]);
        package.map_or_else(|| parts.into_iter().rev().collect::<Vec<_>>().join("/"), str::to_owned)
    }

    pub(crate) fn cut_tokens(&mut self) {
        cut(std::iter::once(&mut self.file).chain(&mut self.function));
    }
}

/// Takes out what is known by its form to be a token.
pub(super) fn cut<'s>(texts: impl IntoIterator<Item = &'s mut String>) {
    for text in texts {
        if let Cow::Owned(without) = leakhunt_text::cut_tokens(text) {
            *text = without;
        }
    }
}
