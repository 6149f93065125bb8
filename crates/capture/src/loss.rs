//! The session broke off: did the process go, or only the way to it?
//!
//! The shell on the far side knows for certain. Where it is gone too, the platform is asked: a dyno that is no longer up,
//! or up since another moment, was restarted. Where nobody knows, it counts as the way.

use crate::error::Error;
use crate::hunt::Hunt;
use crate::plan::Interrupt;
use crate::reach::State;

/// Makes a restart out of a capture that broke off, where it was one.
pub(crate) async fn explain(hunt: &mut Hunt<'_>, error: Error, interrupt: &Interrupt) -> Error {
    use leakhunt_host::Error::{TimedOut, Tunnel};
    let broke_off = matches!(error, Error::Incomplete { .. } | Error::Host(Tunnel { .. } | TimedOut { .. }));
    if !broke_off || hunt.reached.is_none() {
        return error;
    }
    let gone = tokio::select! {
        biased;
        () = interrupt.stop.cancelled() => false,
        gone = is_gone(hunt) => gone,
    };
    if gone {
        hunt.process_gone = true;
        return Error::Restarted { when: hunt.record.when().to_owned(), kept: 0 };
    }
    error
}

async fn is_gone(hunt: &mut Hunt<'_>) -> bool {
    if let (Some(far), Some(reached)) = (hunt.far.as_mut(), &hunt.reached)
        && let Ok(state) = far.state(reached.process.pid, reached.process.start, &mut hunt.record).await
    {
        return state == State::Gone;
    }
    let since =
        |platform: &leakhunt_host::Platform| platform.heroku().and_then(|facts| facts.dyno_since.clone());
    let before = hunt.platform.as_ref().and_then(since);
    match hunt.host.preflight().await {
        Ok(now) => before.is_some() && since(&now.platform) != before,
        Err(leakhunt_host::Error::DynoDown { .. } | leakhunt_host::Error::NoSuchDyno { .. }) => true,
        Err(_) => false,
    }
}
