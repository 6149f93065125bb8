//! The way out: the undo stack from the top, each step with its own deadline, none skipped because another failed.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use leakhunt_inspector::{Farewell, Left, Parting};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::attach;
use crate::data::{Event, Listener, Receipt, Seen, Step, Undone};
use crate::hunt::Hunt;
use crate::loss;
use crate::reach::{self, Far, Port, Reached, State};
use crate::signal::{self, Signal, Whose};
use crate::undo::Undo;

/// An app that is writing a snapshot does not answer before it is done: the router's own patience.
const SESSION: Duration = Duration::from_secs(30);
/// The planted dead-man closes the inspector within 4.8 s of its last client's leaving (Node 18 to 26).
const CLOSING: Duration = Duration::from_secs(10);
/// To look at the port by a new shell, where the first one is gone.
const LOOKING: Duration = Duration::from_secs(45);
/// TERM, grace, KILL.
const GROUP: Duration = Duration::from_secs(10);
/// What is left of every deadline once a person is in a hurry.
const HURRIED: Duration = Duration::from_secs(2);

/// Undoes everything. Cannot fail: what could not be seen is said in the receipt.
pub(crate) async fn leave(hunt: &mut Hunt<'_>, hurry: &CancellationToken) -> Receipt {
    let mut receipt = Receipt::default();
    let since = hunt.record.begin(Step::Leave);
    // A session that confirmed nothing: the end of the inspector that we opened is its end, and is looked at next.
    let mut unconfirmed: Option<(Line, Duration)> = None;
    while let Some(undo) = hunt.undo.pop() {
        let started = Instant::now();
        // A defect in one step must not keep the others from being done.
        let step = AssertUnwindSafe(one(hunt, undo, hurry)).catch_unwind();
        let line = step.await.unwrap_or((name(undo), Seen::Unverified, "leakhunt itself failed here".into()));
        let ours = hunt.reached.as_ref().is_some_and(|reached| reached.ours);
        if undo == Undo::Session && line.1 == Seen::Unverified && ours {
            unconfirmed = Some((line, started.elapsed()));
            continue;
        }
        if let Some((mut session, took)) = unconfirmed.take() {
            if line.1 == Seen::Verified {
                session = (session.0, Seen::Verified, format!("{}; it ended with the inspector", session.2));
            }
            tell(hunt, &mut receipt, session, took);
        }
        tell(hunt, &mut receipt, line, started.elapsed());
    }
    if !receipt.is_confirmed() {
        receipt.by_hand = Some(by_hand(hunt, &receipt));
    }
    let detail =
        if receipt.is_confirmed() { "everything seen undone" } else { "not everything was seen undone" };
    hunt.record.done(since, detail);
    receipt
}

fn tell(hunt: &mut Hunt<'_>, receipt: &mut Receipt, (what, seen, how): Line, took: Duration) {
    let undone = receipt.add(what, seen, how, took).clone();
    hunt.record.tell(Event::Undone { undone });
}

/// A snapshot's file on the far side.
pub(crate) const REMOTE_FILE: &str = "remote file";

/// What was undone, whether that was seen, and how.
pub(crate) type Line = (&'static str, Seen, String);

async fn one(hunt: &mut Hunt<'_>, undo: Undo, hurry: &CancellationToken) -> Line {
    match undo {
        Undo::Session => session(hunt, hurry).await,
        Undo::Inspector => inspector(hunt, hurry).await,
        Undo::Forward => forward(hunt, hurry).await,
        Undo::Dialogue => dialogue(hunt, hurry).await,
        Undo::Partials => partials(hunt),
    }
}

fn name(undo: Undo) -> &'static str {
    match undo {
        Undo::Session => "debugging session",
        Undo::Inspector => "inspector",
        Undo::Forward => "tunnel",
        Undo::Dialogue => "remote shell",
        Undo::Partials => "partial files",
    }
}

async fn session(hunt: &mut Hunt<'_>, hurry: &CancellationToken) -> Line {
    let what = name(Undo::Session);
    let Some(session) = hunt.session.take() else {
        return (what, Seen::Verified, "its connection is gone".into());
    };
    let parting = match &hunt.reached {
        Some(reached) if reached.ours => Parting::CloseInspector(Some(reached.identity())),
        _ => Parting::KeepInspector,
    };
    let left = within(SESSION, hurry, session.leave(parting)).await;
    if let Some(left) = &left {
        last_words(hunt, left);
    }
    match left {
        Some(left) if left.evidence_off && left.farewell != Farewell::Unconfirmed => {
            (what, Seen::Verified, left.to_string())
        }
        // The dead-man undoes the same when the connection is gone; the next step looks whether it did.
        Some(left) if hunt.planted => {
            (what, Seen::Verified, format!("{left}; left to the dead man's switch"))
        }
        Some(left) => (what, Seen::Unverified, left.to_string()),
        None if hunt.planted => (what, Seen::Verified, "no answer; left to the dead man's switch".into()),
        None => (what, Seen::Unverified, "no answer".into()),
    }
}

/// What the process told of its own time. A snapshot that was under way is over when it speaks.
fn last_words(hunt: &mut Hunt<'_>, left: &Left) {
    if let Some(spent) = left.spent {
        hunt.app_time.evaluated(spent);
    }
    let told = left.paused.map(|paused| hunt.app_time.paused(paused));
    if let (Some(known), Some(since)) = (told, hunt.taking)
        && !known
    {
        hunt.app_time.unfinished(since.elapsed());
    }
    if told.is_some() {
        hunt.taking = None;
    }
}

async fn inspector(hunt: &mut Hunt<'_>, hurry: &CancellationToken) -> Line {
    let ours = hunt.reached.as_ref().is_some_and(|reached| reached.ours);
    let port = if ours { look_at_port(hunt, hurry).await } else { None };
    if port == Some(Port::Gone) {
        loss::gone(hunt).await;
    }
    let whose = hunt.reached.as_ref().map(|reached| Whose {
        pid: reached.process.pid,
        port: reached.port,
        ours: reached.ours,
    });
    let (seen, how) = signal::line(hunt.signal, whose, port);
    (name(Undo::Inspector), seen, how)
}

/// The port of an inspector that is ours to close, as it is in the end.
async fn look_at_port(hunt: &mut Hunt<'_>, hurry: &CancellationToken) -> Option<Port> {
    if hunt.death.is_some() {
        return Some(Port::Gone);
    }
    if matches!(hunt.signal, Signal::Unknown | Signal::Sent) {
        within(LOOKING, hurry, find_port(hunt)).await;
    }
    if !hunt.planted {
        close_by_hand(hunt, hurry).await;
    }
    let reached = hunt.reached.as_ref()?;
    let asked = (reached.process.pid, reached.process.start, reached.port);
    let mut seen = None;
    if let Some(far) = hunt.far.as_mut() {
        seen = within(CLOSING * 3, hurry, far.closed(asked, CLOSING, &mut hunt.record))
            .await
            .and_then(Result::ok);
    }
    if seen.is_none() {
        seen = within(LOOKING, hurry, look_again(hunt, asked)).await.flatten();
    }
    if seen.is_none() {
        hunt.death = within(LOOKING, hurry, loss::platform_saw_it_go(hunt)).await.flatten();
        seen = hunt.death.as_ref().map(|_| Port::Gone);
    }
    if let (Some(Port::Closed), Some(since)) = (seen, hunt.taking.take()) {
        // It closes the inspector between two turns of its loop: it goes on since a moment ago.
        hunt.app_time.unfinished(since.elapsed());
    }
    seen
}

/// Nobody saw which port the inspector took, if it opened: a port that the process did not have before it was signalled. The
/// expected one is looked at all the same where there is none.
async fn find_port(hunt: &mut Hunt<'_>) {
    let Some(Reached { process, .. }) = hunt.reached.clone() else { return };
    let asked = (process.pid, process.start);
    let state = match hunt.far.as_mut() {
        Some(far) => far.state(asked.0, asked.1, &mut hunt.record).await.ok(),
        None => None,
    };
    let state = match state {
        Some(state) => state,
        None => match by_another_shell(hunt, asked).await {
            Some(state) => state,
            None => return,
        },
    };
    let State::Alive(mut ports) = state else { return };
    ports.retain(|listener| !process.listens_on(listener.port));
    if let Some(port) = reach::the_likeliest(&ports, process.inspector_port())
        && let Some(reached) = hunt.reached.as_mut()
        && reached.port != port
    {
        reached.port = port;
        // Where this fails the way out says that it is still open.
        let _ = reach::restart_forward(hunt, port).await;
    }
}

/// The shell that was to answer is gone, or cannot be relied on any more.
async fn by_another_shell(hunt: &mut Hunt<'_>, (pid, start): (u32, u64)) -> Option<State> {
    let mut far = Far::open(hunt.host, &mut hunt.record).await.ok()?;
    let state = match far.probe().await {
        Ok(_) => far.state(pid, start, &mut hunt.record).await.ok(),
        Err(_) => None,
    };
    let _ = far.stop().await;
    state
}

/// The inspector is open and nothing was planted that closes it: attach once more, only to close it.
async fn close_by_hand(hunt: &mut Hunt<'_>, hurry: &CancellationToken) {
    let Some(reached) = hunt.reached.clone().filter(|_| hunt.forward.is_some()) else { return };
    if let Some(far) = &mut hunt.far {
        let state = far.state(reached.process.pid, reached.process.start, &mut hunt.record);
        let state = within(SESSION, hurry, state).await;
        let is_open = |ports: &[Listener]| ports.iter().any(|listener| listener.port == reached.port);
        match state {
            Some(Ok(State::Alive(ports))) if !is_open(&ports) => return,
            Some(Ok(State::Gone)) => return,
            _ => {}
        }
    }
    let attempt = async |hunt: &mut Hunt<'_>| {
        let Ok(session) = attach::open(hunt).await else { return false };
        session.leave(Parting::CloseInspector(Some(reached.identity()))).await;
        true
    };
    if within(SESSION, hurry, attempt(hunt)).await != Some(true) {
        // The tunnel's process may be what is gone: a second one, once.
        within(SESSION * 2, hurry, async {
            if reach::restart_forward(hunt, reached.port).await.is_ok() {
                attempt(hunt).await;
            }
        })
        .await;
    }
}

/// The first shell is gone (a cut tunnel, a restarted dyno): a second one, only to look.
async fn look_again(hunt: &mut Hunt<'_>, asked: (u32, u64, u16)) -> Option<Port> {
    let mut far = Far::open(hunt.host, &mut hunt.record).await.ok()?;
    let seen = match far.probe().await {
        Ok(_) => far.closed(asked, CLOSING, &mut hunt.record).await.ok(),
        Err(_) => None,
    };
    // Its group is killed when it does not leave; the receipt is about the first shell's.
    let _ = far.stop().await;
    seen
}

async fn forward(hunt: &mut Hunt<'_>, hurry: &CancellationToken) -> Line {
    match hunt.forward.take() {
        None => ("tunnel", Seen::Verified, "it was never started".into()),
        Some(forward) => stopped("tunnel", within(GROUP, hurry, forward.stop()).await),
    }
}

async fn dialogue(hunt: &mut Hunt<'_>, hurry: &CancellationToken) -> Line {
    match hunt.far.take() {
        None => ("remote shell", Seen::Verified, "it was never started".into()),
        Some(far) => stopped("remote shell", within(GROUP, hurry, far.stop()).await),
    }
}

fn stopped(what: &'static str, stopped: Option<leakhunt_host::Stopped>) -> Line {
    match stopped {
        Some(stopped) if stopped.gone => (what, Seen::Verified, ended(&stopped)),
        Some(stopped) => {
            (what, Seen::Unverified, format!("process group {:?} is still there", stopped.group))
        }
        // Dropping it has killed the group.
        None => (what, Seen::Unverified, "killed, not waited for".into()),
    }
}

fn ended(stopped: &leakhunt_host::Stopped) -> String {
    let group = stopped.group.map_or_else(String::new, |group| format!("process group {group} "));
    match stopped.how {
        leakhunt_host::Ended::ByItself => format!("{group}had already exited"),
        leakhunt_host::Ended::Asked => format!("{group}exited"),
        leakhunt_host::Ended::Killed => format!("{group}was killed"),
    }
}

fn partials(hunt: &Hunt<'_>) -> Line {
    let what = name(Undo::Partials);
    match hunt.record.store().map(|store| crate::store::remove_partials(store.folder())) {
        None | Some(Ok(0)) => (what, Seen::Verified, "none".into()),
        Some(Ok(count)) => (what, Seen::Verified, format!("{count} removed")),
        // Whoever removed the session folder has removed what was in it.
        Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            (what, Seen::Verified, "the session folder is gone".into())
        }
        Some(Err(error)) => (what, Seen::Unverified, error.to_string()),
    }
}

/// What a person can do where the inspector was not seen closed. No signal closes it, only its process can.
pub(crate) fn by_hand(hunt: &Hunt<'_>, receipt: &Receipt) -> String {
    let there = [name(Undo::Session), name(Undo::Inspector), REMOTE_FILE];
    let open = |line: &&Undone| line.seen == Seen::Unverified;
    if !receipt.undone.iter().filter(open).any(|line| there.contains(&line.what.as_str())) {
        return "nothing is open in the app; `leakhunt cleanup` looks again at what is left on this machine"
            .into();
    }
    let restart = match hunt.platform.as_ref().and_then(leakhunt_host::Platform::heroku) {
        Some(facts) => format!("`heroku ps:restart {} -a {}`", facts.dyno, facts.app),
        None => "restarting the app".to_owned(),
    };
    let armed = if hunt.planted {
        "the dead man's switch closes the inspector within 5 s of the tunnel's end; if it does not, "
    } else {
        ""
    };
    let again = if hunt.journal.is_some() { "`leakhunt cleanup` looks again; " } else { "" };
    format!("{again}{armed}{restart} closes it for certain (and loses the leaked heap)")
}

/// The deadline, or two seconds once somebody is in a hurry.
async fn within<T>(
    deadline: Duration,
    hurry: &CancellationToken,
    work: impl Future<Output = T>,
) -> Option<T> {
    let hurried = async {
        hurry.cancelled().await;
        tokio::time::sleep(HURRIED).await;
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = tokio::time::sleep(deadline) => None,
        () = hurried => None,
    }
}
