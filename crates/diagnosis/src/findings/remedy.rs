//! What to do about a suspect, and what that rests on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to do about a suspect, with what that rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// What to do.
    pub kind: RemedyKind,
    /// What was seen in the source and the heap; nothing where the source was not at hand.
    pub evidence: Vec<Seen>,
}

/// What to do about a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RemedyKind {
    /// Clear the timer.
    ClearTimer,
    /// Remove the listener.
    RemoveListener,
    /// Write out or cut a string that is made longer and longer.
    CutString,
    /// Require a module once.
    RequireOnce,
    /// Take out of the collection what is done, or limit it.
    TakeOut,
    /// Copy what is cut out of strings or buffers, which are kept whole otherwise.
    CopySlice,
    /// Settle the promise.
    Settle,
    /// Let go of a promise that has settled.
    LetGo,
    /// Unpipe what is done.
    Unpipe,
    /// Read from the stream, or write less to it.
    Consume,
    /// Let go of the variable.
    Release,
    /// Unlink the elements of the list.
    Unlink,
    /// Close the handle.
    Close,
}

/// Something that was seen in the source or in the heap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// What.
    pub what: What,
    /// The code that does it: `cache.delete`, or the comparison of a limit.
    pub code: Option<String>,
    /// The function that the code is in, or what such a function is given to.
    pub function: Option<String>,
    /// None for what was seen in the heap.
    pub file: Option<String>,
    /// 1-based; none for what is nowhere in the file.
    pub line: Option<u32>,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Something is put in there.
    PutIn,
    /// Something waits for it there.
    Awaited,
    /// It is undone there: taken out, cleared, removed, read or closed.
    Undone,
    /// What must hold for that.
    Check,
    /// The size is compared there.
    Limit,
    /// No line of the file undoes it.
    NoLine,
    /// Nobody keeps the handle by which it could be undone.
    NotKept,
    /// The code that a handle keeps alive with itself.
    Keeps,
}
