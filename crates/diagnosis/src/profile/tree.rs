//! V8's call tree, as a `.heapprofile` has it.
//!
//! Stacks are as deep as 128 frames, which is deeper than `serde_json` descends: the tree is walked a level at a time.

use leakhunt_heap::from_one;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::findings::Location;
use crate::source::{Author, author_of, display_path};

/// V8 keeps 128 frames of a stack; a file that is deeper is not its.
const DEEPEST: usize = 300;
/// Whole numbers of JavaScript's end here; sums of such sizes stay finite.
const LARGEST_SIZE: f64 = 9_007_199_254_740_992.0;
/// No program has so many call sites; a file that has is made to fill the memory.
const MOST: usize = 2_000_000;

/// The text is not a sampling heap profile.
#[derive(Debug, thiserror::Error)]
#[error("not a sampling heap profile: {0}")]
pub struct BadProfile(String);

#[derive(Deserialize)]
struct Profile<'p> {
    #[serde(borrow)]
    head: &'p RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'p> {
    call_frame: Frame,
    self_size: f64,
    #[serde(borrow, default)]
    children: Vec<&'p RawValue>,
}

/// A function on a stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    pub(crate) function_name: String,
    pub(crate) url: String,
    /// Where the function begins, 0-based; -1 where that is nowhere.
    line_number: i64,
    column_number: i64,
}

/// A function where it was called from one place of the tree.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) frame: Frame,
    /// What it allocated itself that was alive at the end, scaled up from the samples.
    pub(crate) size: f64,
    /// By whom it was called, which comes before it.
    pub(crate) caller: Option<usize>,
}

/// The nodes of a profile, callers before whom they call. What leakhunt's own agent did is left out.
pub(crate) fn nodes(profile: &str) -> Result<Vec<Node>, BadProfile> {
    let bad = |error: serde_json::Error| BadProfile(error.to_string());
    let head = serde_json::from_str::<Profile<'_>>(profile).map_err(bad)?.head;
    let mut nodes = Vec::new();
    let mut open: Vec<(&RawValue, usize, Option<usize>)> = vec![(head, 0, None)];
    while let Some((raw, depth, caller)) = open.pop() {
        if depth > DEEPEST {
            return Err(BadProfile("its stacks are deeper than V8's".to_owned()));
        }
        let node: Raw<'_> = serde_json::from_str(raw.get()).map_err(bad)?;
        if node.call_frame.is_ours() {
            continue;
        }
        if node.self_size > LARGEST_SIZE || nodes.len() == MOST {
            return Err(BadProfile("it is larger than any heap's".to_owned()));
        }
        open.extend(node.children.into_iter().map(|child| (child, depth + 1, Some(nodes.len()))));
        nodes.push(Node { frame: node.call_frame, size: node.self_size, caller });
    }
    Ok(nodes)
}

impl Frame {
    /// Is it the agent of the hunt itself? Evaluated code has no URL, and the agent's entrances have this name.
    fn is_ours(&self) -> bool {
        self.url.is_empty() && self.function_name.starts_with("leakhunt")
    }

    /// Not Node's, not V8's, not a package's.
    pub(crate) fn is_programs(&self) -> bool {
        author_of(&self.url) == Author::User
    }

    pub(crate) fn location(&self) -> Option<Location> {
        let line = u32::try_from(self.line_number).ok()?;
        // Of what has no column, such as a module's own frame, the line is worth telling.
        let (line, column) = from_one(line, u32::try_from(self.column_number).unwrap_or(0))?;
        Some(Location {
            file: Some(display_path(&self.url)).filter(|file| !file.is_empty())?,
            line,
            column,
            function: Some(self.function_name.clone()).filter(|name| !name.is_empty()),
            from: None,
        })
    }

    pub(crate) fn key(&self) -> (&str, i64, i64, &str) {
        (&self.url, self.line_number, self.column_number, &self.function_name)
    }
}
