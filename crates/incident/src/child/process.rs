//! One try of a step, from its start to its end.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use leakhunt_host::{CommandLine, Environment, Error, Process, Streams};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::outcome::Outcome;

/// What a step gets to clean up. The teardown of a hunt has deadlines of its own, all of them shorter together.
const TO_CLEAN_UP: Duration = Duration::from_secs(120);
/// And when it was asked a second time.
const IN_A_HURRY: Duration = Duration::from_secs(20);

/// The exit code of what took longer than its timeout, as timeout(1) has it.
pub(crate) const TIMED_OUT: u8 = 124;
/// What the inspector may be open after; it outranks all others.
pub(crate) const NOT_CONFIRMED: u8 = 40;

/// Who may end a step before it ends by itself.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    /// End it in order.
    pub(crate) stop: CancellationToken,
    /// Do not wait for it.
    pub(crate) hurry: CancellationToken,
    /// What it gets to clean up.
    pub(crate) patience: Duration,
}

impl Wishes {
    pub(crate) fn of(stop: &CancellationToken, hurry: &CancellationToken) -> Self {
        Self { stop: stop.clone(), hurry: hurry.clone(), patience: TO_CLEAN_UP }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) code: u8,
}

/// Runs a command. `asked` is called when it is asked to end.
pub(crate) async fn run(
    command: &CommandLine,
    environment: &Environment,
    streams: Streams,
    longest: Option<Duration>,
    wishes: &Wishes,
    asked: impl FnOnce(Outcome),
) -> Result<Ended, Error> {
    let mut process = Process::start(command, environment, streams)?;
    let never = std::future::pending::<()>();
    let over = async {
        match longest {
            Some(longest) => sleep(longest).await,
            None => never.await,
        }
    };
    let why = tokio::select! {
        status = process.ended() => {
            let code = code(status);
            let outcome = if code == 0 { Outcome::Success } else { Outcome::Failure };
            return Ok(Ended { outcome, code });
        }
        () = over => Outcome::Timeout,
        () = wishes.stop.cancelled() => Outcome::Interrupted,
    };
    asked(why);
    let code = clean_up(&mut process, wishes).await;
    let code = match why {
        _ if code == NOT_CONFIRMED => NOT_CONFIRMED,
        Outcome::Timeout => TIMED_OUT,
        _ => code,
    };
    Ok(Ended { outcome: why, code })
}

/// SIGINT, time to clean up, a second SIGINT where a person is in a hurry; then the group is ended.
async fn clean_up(process: &mut Process, wishes: &Wishes) -> u8 {
    process.interrupt();
    let ended = tokio::select! {
        status = process.ended() => Some(status),
        () = wishes.hurry.cancelled() => {
            process.interrupt();
            timeout(IN_A_HURRY, process.ended()).await.ok()
        }
        () = sleep(wishes.patience) => None,
    };
    let _ = process.stop().await;
    match ended {
        Some(status) => code(status),
        None => code(process.ended().await),
    }
}

/// The exit code, or that of a shell for a signal.
fn code(status: Option<ExitStatus>) -> u8 {
    let of = |status: ExitStatus| status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    status.and_then(of).and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
