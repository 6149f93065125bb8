//! The inspector: if it is ours to close, it is seen closed, or said not to have been.

use std::time::Duration;

use leakhunt_inspector::Parting;
use tokio_util::sync::CancellationToken;

use super::inspector_line::line;
use super::patience::within;
use super::session::SESSION;
use crate::attach;
use crate::data::{AppTime, Line, Listener};
use crate::holdings::{Held, Holdings, Subject};
use crate::hunt::Hunt;
use crate::reach;
use crate::shell::{Port, RemoteShell, Signal, State};

/// The planted dead-man closes the inspector within 4.8 s of its last client's leaving (Node 18 to 26).
const CLOSING: Duration = Duration::from_secs(10);
/// To look at the port by a new shell, where the first one is gone.
const LOOKING: Duration = Duration::from_secs(45);
/// Before each further look, where no new shell can be had and the process is not known to be gone: a way there that is down for
/// moments comes back.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

pub(super) async fn inspector(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    app_time: &mut AppTime,
    hurry: &CancellationToken,
) -> Line {
    let port = match &holdings.subject {
        Some(subject) if subject.ours => look_at_port(hunt, holdings, app_time, hurry).await,
        _ => None,
    };
    let Holdings { shell, subject, .. } = holdings;
    if let (Some(Port::Gone), Some(subject)) = (port, subject.as_mut()) {
        reach::gone(shell.as_mut(), subject, &mut hunt.record).await;
    }
    line(subject.as_ref(), port)
}

/// The port of an inspector that is ours to close, as it is in the end.
async fn look_at_port(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    app_time: &mut AppTime,
    hurry: &CancellationToken,
) -> Option<Port> {
    let subject = holdings.subject.as_ref()?;
    if subject.death.is_some() {
        return Some(Port::Gone);
    }
    if matches!(subject.signal, Signal::Unknown | Signal::Sent) {
        within(LOOKING, hurry, find_port(hunt, holdings)).await;
    }
    if !holdings.subject.as_ref()?.planted {
        close_by_hand(hunt, holdings, hurry).await;
    }
    let Holdings { shell, subject, .. } = holdings;
    let subject = subject.as_mut()?;
    let (pid, start) = subject.pid_and_start();
    let asked = (pid, start, subject.port);
    let mut seen = None;
    if let Some(shell) = shell {
        let closed = within(CLOSING * 3, hurry, shell.closed(asked, CLOSING, &mut hunt.record)).await;
        seen = closed.and_then(Result::ok);
    }
    if seen.is_none() {
        seen = within(LOOKING, hurry, look_again(hunt, asked)).await.flatten();
    }
    if seen.is_none() {
        subject.death = within(LOOKING, hurry, reach::platform_saw_it_go(hunt)).await.flatten();
        seen = subject.death.as_ref().map(|_| Port::Gone);
    }
    if seen.is_none() {
        hunt.record
            .warn("nobody could look yet whether the inspector is closed; it is tried three times more");
        seen = within(LOOKING, hurry, look_later(hunt, asked)).await.flatten();
    }
    // It closes the inspector between two turns of its loop: it goes on since a moment ago.
    if let Some(port) = seen {
        app_time.goes_on(port == Port::Closed);
    }
    seen
}

/// Nobody saw which port the inspector took, if it opened: a port that the process did not have before it was signalled. The
/// expected one is looked at all the same where there is none.
async fn find_port(hunt: &mut Hunt<'_>, holdings: &mut Holdings) {
    let Holdings { shell, tunnel, subject: Some(subject), .. } = holdings else { return };
    let asked = subject.pid_and_start();
    let state = match shell {
        Some(shell) => shell.state(asked.0, asked.1, &mut hunt.record).await.ok(),
        None => None,
    };
    let state = match state {
        Some(state) => Some(state),
        None => by_another_shell(hunt, asked).await,
    };
    let Some(State::Alive(mut ports)) = state else { return };
    ports.retain(|listener| !subject.process.listens_on(listener.port));
    if let Some(port) = reach::the_likeliest(&ports, subject.process.inspector_port())
        && subject.port != port
    {
        subject.port = port;
        // Where this fails the way out says that it is still open.
        let _ = reach::restart_tunnel(hunt, tunnel, port).await;
    }
}

/// The shell that was to answer is gone, or cannot be relied on any more.
async fn by_another_shell(hunt: &mut Hunt<'_>, (pid, start): (u32, u64)) -> Option<State> {
    let mut shell = RemoteShell::open(hunt.host, &mut hunt.record).await.ok()?;
    let state = match shell.probe().await {
        Ok(_) => shell.state(pid, start, &mut hunt.record).await.ok(),
        Err(_) => None,
    };
    let _ = shell.stop().await;
    state
}

/// The inspector is open and nothing was planted that closes it: attach once more, only to close it.
async fn close_by_hand(hunt: &mut Hunt<'_>, holdings: &mut Holdings, hurry: &CancellationToken) {
    let Holdings { shell, tunnel, subject: Some(subject), .. } = holdings else { return };
    if tunnel.is_none() {
        return;
    }
    if let Some(shell) = shell {
        let (pid, start) = subject.pid_and_start();
        let state = within(SESSION, hurry, shell.state(pid, start, &mut hunt.record)).await;
        let is_open = |ports: &[Listener]| ports.iter().any(|listener| listener.port == subject.port);
        match state {
            Some(Ok(State::Alive(ports))) if !is_open(&ports) => return,
            Some(Ok(State::Gone)) => return,
            _ => {}
        }
    }
    if within(SESSION, hurry, close(hunt, shell.as_mut(), Held::of(tunnel).ok(), subject)).await != Some(true)
    {
        // The tunnel's process may be what is gone: a second one, once.
        within(SESSION * 2, hurry, async {
            if let Ok(tunnel) = reach::restart_tunnel(hunt, tunnel, subject.port).await {
                close(hunt, shell.as_mut(), Some(tunnel), subject).await;
            }
        })
        .await;
    }
}

/// Could a session be opened that closes the inspector?
async fn close(
    hunt: &mut Hunt<'_>,
    shell: Option<&mut RemoteShell>,
    tunnel: Option<Held<'_, leakhunt_host::Forward>>,
    subject: &mut Subject,
) -> bool {
    let Some(tunnel) = tunnel else { return false };
    let Ok((session, _)) = attach::open(hunt, shell, tunnel, subject).await else { return false };
    session.leave(Parting::CloseInspector(Some(subject.identity()))).await;
    true
}

async fn look_later(hunt: &mut Hunt<'_>, asked: (u32, u64, u16)) -> Option<Port> {
    for pause in PAUSES {
        tokio::time::sleep(pause).await;
        let seen = look_again(hunt, asked).await;
        if seen.is_some() {
            return seen;
        }
    }
    None
}

/// The first shell is gone (a cut tunnel, a restarted dyno): a second one, only to look.
async fn look_again(hunt: &mut Hunt<'_>, asked: (u32, u64, u16)) -> Option<Port> {
    let mut shell = RemoteShell::open(hunt.host, &mut hunt.record).await.ok()?;
    let seen = match shell.probe().await {
        Ok(_) => shell.closed(asked, CLOSING, &mut hunt.record).await.ok(),
        Err(_) => None,
    };
    // Its group is killed when it does not leave; the receipt is about the first shell's.
    let _ = shell.stop().await;
    seen
}
