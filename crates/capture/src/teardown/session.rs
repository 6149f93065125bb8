//! The end of the debugging session.

use std::time::Duration;

use leakhunt_inspector::{Farewell, Parting};
use tokio_util::sync::CancellationToken;

use super::patience::within;
use crate::data::{AppTime, Line, TeardownStep};
use crate::holdings::Holdings;

/// An app that is writing a snapshot does not answer before it is done: the router's own patience.
pub(super) const SESSION: Duration = Duration::from_secs(30);

pub(super) async fn session(
    holdings: &mut Holdings,
    app_time: &mut AppTime,
    hurry: &CancellationToken,
) -> Line {
    let what = TeardownStep::DebuggingSession;
    let Some(session) = holdings.session.take() else {
        return Line::verified(what, "its connection is gone");
    };
    let subject = holdings.subject.as_ref();
    let parting = match subject {
        Some(subject) if subject.ours => Parting::CloseInspector(Some(subject.identity())),
        _ => Parting::KeepInspector,
    };
    // The dead-man undoes the same when the connection is gone; the next step looks whether it did.
    let planted = subject.is_some_and(|subject| subject.planted);
    let left = within(SESSION, hurry, session.leave(parting)).await;
    if let Some(left) = &left {
        app_time.last_words(left.spent, left.paused);
    }
    match left {
        Some(left) if left.evidence_off && left.farewell != Farewell::Unconfirmed => {
            Line::verified(what, left.to_string())
        }
        Some(left) if planted => Line::verified(what, format!("{left}; left to the dead man's switch")),
        Some(left) => Line::unverified(what, left.to_string()),
        None if planted => Line::verified(what, "no answer; left to the dead man's switch"),
        None => Line::unverified(what, "no answer"),
    }
}
