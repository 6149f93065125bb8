//! The session broke off: did the process go, or only the way to it? And where it went, why?
//!
//! The shell on the far side knows for certain whether it went. Where that is gone too, the platform is asked: a dyno or container that is
//! no longer up, or up since another moment, is another. Where nobody knows, it counts as the way. Why it went is asked after
//! the way out, when nothing is open any more and the platform has written its log: it tells, or the kernel's count of the
//! processes that it killed for memory does, or it stays unknown and is said to be.

use std::time::Duration;

use leakhunt_host::Platform;
use leakhunt_host::exec::{How, PlaceEnd};
use leakhunt_host::heroku::DynoEnd;
use tokio::time::Instant;

use crate::data::{Death, Error, Interrupt};
use crate::holdings::{Holdings, Subject};
use crate::hunt::Hunt;
use crate::reach::{gone, platform_saw_it_go};
use crate::shell::{Signal, State};

/// The platform notices a dyno's end, and writes it down, a moment after it.
const PATIENCE: Duration = Duration::from_secs(10);
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Looks whether the process is what was lost.
pub(crate) async fn look(hunt: &mut Hunt<'_>, holdings: &mut Holdings, error: &Error, interrupt: &Interrupt) {
    if !broke_off(error) {
        return;
    }
    tokio::select! {
        biased;
        () = interrupt.stop.cancelled() => {}
        () = notice(hunt, holdings) => {}
    }
}

/// Makes an end of the process out of a capture that broke off, where that is known: the way out looks too, and an app may
/// end a moment after the tunnel that it was writing to. Of one that ended while a hunt left that had all it came for, the
/// person must learn as well.
pub(crate) fn explain(result: Result<(), Error>, death: Option<Death>, since: &str) -> Result<(), Error> {
    let error = match (result, death) {
        (Ok(()), None) => return Ok(()),
        (Ok(()), Some(death)) => Error::ended(death, "while leakhunt left".to_owned()),
        (Err(error), death) => blamed(error, death, since),
    };
    Err(error)
}

fn blamed(error: Error, death: Option<Death>, since: &str) -> Error {
    match (error, death) {
        (Error::Ended { when, kept, .. }, Some(death)) => Error::Ended { death, when, kept },
        (Error::NotOpened { .. }, Some(death @ Death::Signalled { .. })) => {
            Error::ended(death, since.to_owned())
        }
        (error, Some(death)) if broke_off(&error) => Error::ended(death, since.to_owned()),
        (error, _) => error,
    }
}

fn broke_off(error: &Error) -> bool {
    use leakhunt_host::Error::{NotConnected, TimedOut, Tunnel};
    matches!(
        error,
        Error::Incomplete { .. }
            | Error::ThreadEnded { .. }
            | Error::ThreadSilent { .. }
            | Error::HoldLost { .. }
            | Error::Host(Tunnel { .. } | TimedOut { .. } | NotConnected { .. })
    )
}

async fn notice(hunt: &mut Hunt<'_>, holdings: &mut Holdings) {
    let Holdings { shell, subject: Some(subject), .. } = holdings else { return };
    if subject.death.is_some() {
        return;
    }
    let (pid, start) = subject.pid_and_start();
    if let Some(shell) = shell
        && let Ok(state) = shell.state(pid, start, &mut hunt.record).await
    {
        if state == State::Gone {
            gone(Some(shell), subject, &mut hunt.record).await;
        }
        return;
    }
    subject.death = platform_saw_it_go(hunt).await;
}

/// One that was signalled, and of which nothing more was heard, was ended by the signal, as far as anybody can tell.
fn blame(subject: &mut Subject) {
    let certain = match subject.signal {
        Signal::Sent => true,
        Signal::Unknown => false,
        Signal::NotSent | Signal::Opened | Signal::Ended => return,
    };
    let by_itself = matches!(
        &subject.death,
        Some(
            Death::Unknown
                | Death::Dyno(DynoEnd::Crashed { .. })
                | Death::Place(PlaceEnd { how: How::Exited { .. }, .. })
        )
    );
    if by_itself {
        let (pid, command) = (subject.process.pid, subject.process.command.clone());
        subject.death = Some(Death::Signalled { pid, command, certain });
    }
}

/// Why, where that is not known yet and a platform may tell.
pub(crate) async fn ask_why(hunt: &Hunt<'_>, subject: &mut Subject, interrupt: &Interrupt) {
    blame(subject);
    let tells = hunt.platform.as_ref().is_some_and(Platform::tells_its_end);
    if subject.death != Some(Death::Unknown) || !tells {
        return;
    }
    let until = Instant::now() + PATIENCE;
    let asked = async {
        loop {
            match platform_saw_it_go(hunt).await {
                None if Instant::now() < until => tokio::time::sleep(ASK_AGAIN).await,
                told => return told,
            }
        }
    };
    let told = tokio::select! {
        biased;
        () = interrupt.stop.cancelled() => None,
        told = asked => told,
    };
    if told.is_some() {
        subject.death = told;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> Error {
        Error::incomplete("the link")
    }

    #[track_caller]
    fn check(error: Error, death: Option<Death>, expected: &str) {
        let explained = explain(Err(error), death, "while sampling").expect_err("it stays an error");
        assert_eq!(explained.with_kept(1).to_string(), expected);
    }

    #[test]
    fn only_what_was_seen_is_said() {
        let cycled = Death::Dyno(DynoEnd::Cycled);
        check(broken(), None, "the capture is incomplete: the link; kept 1 complete snapshot");
        check(broken(), Some(cycled.clone()), "the dyno was cycled while sampling; kept 1 complete snapshot");
        check(
            broken(),
            Some(Death::Unknown),
            "the process ended while sampling, and why is not known; kept 1 complete snapshot",
        );
        let ended = Error::gone_before();
        check(
            ended,
            Some(cycled.clone()),
            "the dyno was cycled before it was signalled; kept 1 complete snapshot",
        );
        // What ended the hunt was something else.
        let refused = Error::interrupted("while sampling");
        check(refused, Some(cycled), "interrupted while sampling; kept 1 complete snapshot");
    }
}
