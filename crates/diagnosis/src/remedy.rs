//! What to do about a suspect, with what that rests on.

use crate::facts::Facts;
use crate::held::Held;
use crate::source::{Place, Undone};

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Keep what `setInterval` returns, and clear it.
    ClearInterval {
        /// Whether anything clears it.
        cleared: Undone,
    },
    /// Clear a timeout, or a timer of which it is not known what started it.
    ClearTimer,
    RemoveListener,
    /// Write out or cut a string that is made longer and longer.
    CutString,
    /// Take out of a collection what is done, or limit it.
    TakeOut {
        /// Where something is put in, and by which call.
        filled_by: Option<(Place, String)>,
        /// Whether anything is taken out.
        taken_out: Undone,
    },
    /// Settle a promise.
    Settle,
    Unpipe,
    /// Read from a stream, or stop writing to it.
    Consume,
    /// Let go of a variable.
    Release,
    /// Unlink the elements of a list.
    Unlink,
    /// Close a handle.
    Close {
        /// The program's code that the handle keeps.
        place: Place,
        /// The call that was given that code.
        given_to: Option<String>,
    },
}

impl Remedy {
    /// What is to be done about a suspect; nothing for what Node or V8 keeps for itself.
    pub(crate) fn of(facts: &Facts) -> Option<Self> {
        let call = facts.code.as_ref().and_then(|code| code.call.as_ref());
        let is_string = facts.grows.class.contains("string");
        let undone = || facts.undone.clone();
        let take_out = || Self::TakeOut { filled_by: facts.insertion.clone(), taken_out: undone() };
        Some(match &facts.held {
            Held::Timer { .. } if call.is_some_and(|call| call.callee.contains("setInterval")) => {
                Self::ClearInterval { cleared: undone() }
            }
            Held::Timer { .. } => Self::ClearTimer,
            Held::Listener { .. } => Self::RemoveListener,
            Held::Object if facts.grows.in_slot && is_string => Self::CutString,
            Held::Collection { .. } | Held::Object => take_out(),
            Held::Promise { .. } => Self::Settle,
            Held::Stream { is_piped: true, .. } => Self::Unpipe,
            Held::Stream { .. } => Self::Consume,
            Held::Closure { .. } if is_string => Self::CutString,
            Held::Closure { .. } => Self::Release,
            Held::List => Self::Unlink,
            Held::Native { .. } => {
                let code = facts.code.as_ref()?;
                Self::Close { place: code.place.clone(), given_to: call.map(|call| call.callee.clone()) }
            }
        })
    }
}
