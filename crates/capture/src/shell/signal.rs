//! What is known of SIGUSR1.
//!
//! A hunt knows of the signal only what the remote shell answers. The order that is under way when the link breaks may have been
//! obeyed; that is a state of its own here, so that the receipt can neither deny a signal that was sent nor claim one.

use serde::{Deserialize, Serialize};

use super::answers::Signalled;

/// What is known of the signal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// None was sent: no order was given, or the shell has said that it refused.
    #[default]
    NotSent,
    /// Ordered, and no answer came: it may have been sent.
    Unknown,
    /// Sent; no inspector was seen to open.
    Sent,
    /// Sent, and an inspector was seen to open.
    Opened,
    /// Sent, and the next look saw the process gone.
    Ended,
}

impl Signal {
    /// An order is about to be given. One that was sent before remains sent.
    pub(crate) fn ordered(self) -> Self {
        if self == Self::NotSent { Self::Unknown } else { self }
    }

    /// The answer to an order that was given when this much was known.
    pub(crate) fn answered(self, answer: &Signalled) -> Self {
        match answer {
            Signalled::Opened(_) => Self::Opened,
            Signalled::NotOpened => Self::Sent,
            Signalled::GoneAfter => Self::Ended,
            Signalled::Refused(_) => self,
        }
    }
}
