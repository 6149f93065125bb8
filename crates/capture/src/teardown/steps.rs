//! The steps of the way out, and the lines that they give the receipt.

use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use leakhunt_host::{Ended, Stopped};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::by_hand::by_hand;
use super::inspector::inspector;
use super::local_port::local_port;
use super::patience::within;
use super::session::session;
use crate::data::{AppTime, Event, Line, Receipt, Seen, Step, TeardownStep};
use crate::holdings::Holdings;
use crate::hunt::Hunt;
use crate::record::{SessionFolder, remove_partials};
use crate::undo::Undo;

/// TERM, grace, KILL.
const GROUP: Duration = Duration::from_secs(10);

/// Undoes everything. Cannot fail: what could not be seen is said in the receipt.
pub(crate) async fn teardown(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    app_time: &mut AppTime,
    hurry: &CancellationToken,
) -> Receipt {
    let mut receipt = Receipt::default();
    let since = hunt.record.begin(Step::Leave);
    // A session that confirmed nothing: the end of the inspector that we opened is its end, and is looked at next.
    let mut unconfirmed: Option<(Line, Duration)> = None;
    while let Some(undo) = hunt.undo.pop() {
        let started = Instant::now();
        let step = undo.step();
        // A defect in one step must not keep the others from being done.
        let done = AssertUnwindSafe(one(hunt, holdings, app_time, undo, hurry)).catch_unwind();
        let line = done.await.unwrap_or_else(|_| Line::unverified(step, "leakhunt itself failed here"));
        let ours = holdings.subject.as_ref().is_some_and(|subject| subject.ours);
        if step == TeardownStep::DebuggingSession && line.seen == Seen::Unverified && ours {
            unconfirmed = Some((line, started.elapsed()));
            continue;
        }
        if let Some((mut session, took)) = unconfirmed.take() {
            if line.seen == Seen::Verified {
                session =
                    Line::verified(session.what, format!("{}; it ended with the inspector", session.how));
            }
            tell(hunt, &mut receipt, session, took);
        }
        tell(hunt, &mut receipt, line, started.elapsed());
    }
    if !receipt.is_confirmed() {
        receipt.by_hand = Some(by_hand(hunt, holdings.subject.as_ref(), &receipt));
    }
    let detail =
        if receipt.is_confirmed() { "everything seen undone" } else { "not everything was seen undone" };
    hunt.record.done(since, detail);
    receipt
}

fn tell(hunt: &mut Hunt<'_>, receipt: &mut Receipt, line: Line, took: Duration) {
    let undone = receipt.add(line, took);
    hunt.record.tell(Event::Undone { undone });
}

async fn one(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    app_time: &mut AppTime,
    undo: Undo,
    hurry: &CancellationToken,
) -> Line {
    let step = undo.step();
    match undo {
        Undo::Browser => match holdings.browser.take() {
            None => Line::verified(step, "it was never started"),
            Some(browser) => stopped(step, within(GROUP, hurry, browser.stop()).await),
        },
        Undo::LocalPort => local_port(holdings, hurry).await,
        Undo::Session => session(holdings, app_time, hurry).await,
        Undo::Inspector => inspector(hunt, holdings, app_time, hurry).await,
        Undo::Tunnel => match holdings.tunnel.take() {
            None => Line::verified(step, "it was never started"),
            Some(tunnel) => stopped(step, within(GROUP, hurry, tunnel.stop()).await),
        },
        Undo::RemoteShell => match holdings.shell.take() {
            None => Line::verified(step, "it was never started"),
            Some(shell) => stopped(step, within(GROUP, hurry, shell.stop()).await),
        },
        Undo::PartialFiles(folder) => partials(&folder),
    }
}

fn stopped(what: TeardownStep, stopped: Option<Stopped>) -> Line {
    match stopped {
        Some(stopped) if stopped.gone => Line::verified(what, ended(&stopped)),
        Some(stopped) => Line::unverified(what, format!("process group {:?} is still there", stopped.group)),
        // Dropping it has killed the group.
        None => Line::unverified(what, "killed, not waited for"),
    }
}

fn ended(stopped: &Stopped) -> String {
    let what = stopped.group.map_or_else(|| stopped.what.clone(), |group| format!("process group {group}"));
    match stopped.how {
        Ended::Nothing => "a direct connection, nothing to stop".to_owned(),
        Ended::ByItself => format!("{what} had already exited"),
        Ended::Asked => format!("{what} exited"),
        Ended::Killed => format!("{what} was killed"),
    }
}

fn partials(folder: &SessionFolder) -> Line {
    let what = TeardownStep::PartialFiles;
    match remove_partials(folder.path()) {
        Ok(0) => Line::verified(what, "none"),
        Ok(count) => Line::verified(what, format!("{count} removed")),
        // Whoever removed the session folder has removed what was in it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Line::verified(what, "the session folder is gone")
        }
        Err(error) => Line::unverified(what, error.to_string()),
    }
}
