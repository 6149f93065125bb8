//! Which port is the inspector's? An app may open ports of its own after the signal, and more than one.

use leakhunt_host::Forward;

use super::tunnel::restart_tunnel;
use crate::data::{DEFAULT_INSPECTOR_PORT, Error, Listener};
use crate::holdings::{Held, Subject};
use crate::hunt::Hunt;
use crate::record::Act;
use crate::shell::{RemoteShell, State};

/// Of ports that are new, the one that is asked first whether it is the inspector's: the one that was expected, else one on
/// loopback.
pub(crate) fn the_likeliest(ports: &[Listener], expected: Option<u16>) -> Option<u16> {
    let rank = |listener: &&Listener| (Some(listener.port) != expected, !listener.loopback);
    ports.iter().min_by_key(rank).map(|listener| listener.port)
}

/// A port that the process has opened since it was chosen, and that was not tried: the inspector may be there.
pub(crate) async fn another_port(
    hunt: &mut Hunt<'_>,
    shell: &mut RemoteShell,
    subject: &Subject,
    tried: &[u16],
) -> Option<u16> {
    if !subject.ours {
        return None;
    }
    let (pid, start) = subject.pid_and_start();
    let State::Alive(mut ports) = shell.state(pid, start, &mut hunt.record).await.ok()? else { return None };
    let process = &subject.process;
    ports.retain(|listener| !tried.contains(&listener.port) && !process.listens_on(listener.port));
    the_likeliest(&ports, process.inspector_port())
}

/// The inspector is looked for at another port.
pub(crate) async fn move_to<'h>(
    hunt: &mut Hunt<'_>,
    tunnel: Held<'h, Forward>,
    subject: &mut Subject,
    port: u16,
) -> Result<Held<'h, Forward>, Error> {
    subject.port = port;
    hunt.note(&Act::inspector(&subject.process, port, subject.ours));
    restart_tunnel(hunt, tunnel.into_place(), port).await
}

/// What answers at these ports is no inspector, and none of them is where Node would open it: they are the app's own, and
/// nobody's to close. What is looked at in the end is where Node would open it.
pub(crate) fn none_is_it(
    hunt: &mut Hunt<'_>,
    subject: &mut Subject,
    tried: &[u16],
    why: &leakhunt_inspector::Error,
) -> Option<Error> {
    let expected = subject.process.inspector_port().unwrap_or(DEFAULT_INSPECTOR_PORT);
    if !subject.ours || tried.contains(&expected) {
        return None;
    }
    subject.port = expected;
    hunt.note(&Act::inspector(&subject.process, expected, true));
    let ports: Vec<String> = tried.iter().map(u16::to_string).collect();
    Some(Error::NotOpened {
        pid: subject.process.pid,
        why: format!("what it opened, port {}, is its own: {why}", ports.join(", ")),
    })
}
