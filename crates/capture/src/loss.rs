//! The session broke off: did the process go, or only the way to it?
//!
//! The shell on the far side knows for certain. Where it is gone too, the platform is asked: a dyno that is no longer up,
//! or up since another moment, was restarted. Where nobody knows, it counts as the way.

use crate::error::Error;
use crate::hunt::Hunt;
use crate::plan::Interrupt;
use crate::reach::State;
use crate::signal::Signal;

/// Looks whether the process is what was lost.
pub(crate) async fn look(hunt: &mut Hunt<'_>, error: &Error, interrupt: &Interrupt) {
    if !broke_off(error) || hunt.reached.is_none() {
        return;
    }
    hunt.process_gone |= tokio::select! {
        biased;
        () = interrupt.stop.cancelled() => false,
        gone = is_gone(hunt) => gone,
    };
}

/// Makes a restart out of a capture that broke off, where the process is known to have gone: the way out looks too, and
/// an app may end a moment after the tunnel that it was writing to. One that was signalled, and of which nothing more was
/// heard, was ended by the signal, as far as anybody can tell.
pub(crate) fn explain(error: Error, hunt: &Hunt<'_>, when: &str) -> Error {
    if !hunt.process_gone {
        return error;
    }
    let process = hunt.reached.as_ref().map(|reached| &reached.process);
    match (hunt.signal, process) {
        (Signal::Sent, Some(process)) if matches!(error, Error::NotOpened { .. }) => {
            Error::Ended { pid: process.pid, command: process.command.clone(), certain: true }
        }
        (Signal::Unknown, Some(process)) if broke_off(&error) => {
            Error::Ended { pid: process.pid, command: process.command.clone(), certain: false }
        }
        _ if broke_off(&error) => Error::Restarted { when: when.to_owned(), kept: 0 },
        _ => error,
    }
}

fn broke_off(error: &Error) -> bool {
    use leakhunt_host::Error::{TimedOut, Tunnel};
    matches!(error, Error::Incomplete { .. } | Error::Host(Tunnel { .. } | TimedOut { .. }))
}

async fn is_gone(hunt: &mut Hunt<'_>) -> bool {
    if let (Some(far), Some(reached)) = (hunt.far.as_mut(), &hunt.reached)
        && let Ok(state) = far.state(reached.process.pid, reached.process.start, &mut hunt.record).await
    {
        return state == State::Gone;
    }
    platform_saw_it_go(hunt).await
}

/// Where no shell answers, the platform may know: its dyno is down, or up since another moment.
pub(crate) async fn platform_saw_it_go(hunt: &Hunt<'_>) -> bool {
    let since =
        |platform: &leakhunt_host::Platform| platform.heroku().and_then(|facts| facts.dyno_since.clone());
    let before = hunt.platform.as_ref().and_then(since);
    match hunt.host.preflight().await {
        Ok(now) => before.is_some() && since(&now.platform) != before,
        Err(leakhunt_host::Error::DynoDown { .. } | leakhunt_host::Error::NoSuchDyno { .. }) => true,
        Err(_) => false,
    }
}
