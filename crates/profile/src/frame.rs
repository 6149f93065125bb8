//! A function on a stack.

use serde::Deserialize;

/// No script has so many lines or columns: V8's strings end here.
const LONGEST_SCRIPT: i64 = 1 << 29;

/// A function, by its name and by where it begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// The path or URL of its script; empty for V8's own, and for evaluated code.
    pub url: String,
    /// Line and column, from 1; nothing where no script has such a place, as for V8's own functions.
    pub begins: Option<(u32, u32)>,
    /// Empty where it has no name.
    pub function: String,
}

impl Frame {
    /// Is it the agent of the hunt itself? Evaluated code has no URL, and the agent's entrances have this name.
    pub(crate) fn is_ours(&self) -> bool {
        self.url.is_empty() && self.function.starts_with("leakhunt")
    }
}

/// `callFrame`, as V8 writes it: lines and columns from 0, and -1 where there is none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Raw {
    function_name: String,
    url: String,
    line_number: i64,
    column_number: i64,
}

impl From<Raw> for Frame {
    fn from(Raw { function_name, url, line_number, column_number }: Raw) -> Self {
        Self { url, begins: begins(line_number, column_number), function: function_name }
    }
}

/// Line and column from 1, of those from 0 or below it.
pub(crate) fn begins(line: i64, column: i64) -> Option<(u32, u32)> {
    let from_one = |number: i64| (0..LONGEST_SCRIPT).contains(&number).then(|| number as u32 + 1);
    // Of what has no column, such as a module's own frame, the line is worth telling.
    let column = if column < 0 { Some(1) } else { from_one(column) };
    from_one(line).zip(column)
}
