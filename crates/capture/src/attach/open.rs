//! Opening the session, at the tunnel's end that is on this machine.

use std::time::Duration;

use leakhunt_host::{Endpoint, Exposure, Footprint, Forward, Reach};
use leakhunt_inspector::{Limits, Session};

use crate::data::{Error, Risk, TeardownStep};
use crate::holdings::{Held, Subject};
use crate::hunt::Hunt;
use crate::reach;
use crate::shell::RemoteShell;

/// Until the tunnel's local end listens. A bare CLI takes ten seconds for its key on a busy machine.
const READY: Duration = Duration::from_secs(45);

/// To the tunnel's local end, which is on this machine. By SSH it is a login, and a relay is a command there; where that is a bare CLI's,
/// it makes its key first, as above.
const CONNECT: Duration = Duration::from_secs(60);

/// How many of the ports that a process has opened are asked whether they are the inspector's.
const MOST_PORTS: usize = 8;

/// Opens the session. An app may open ports of its own after the signal, and more than one: each is asked what it is, as far as
/// there is a shell that sees them.
pub(crate) async fn open<'h>(
    hunt: &mut Hunt<'_>,
    mut shell: Option<&mut RemoteShell>,
    mut tunnel: Held<'h, Forward>,
    subject: &mut Subject,
) -> Result<(Session, Held<'h, Forward>), Error> {
    use leakhunt_inspector::Error::{Disconnected, NotInspector};
    let mut tried = Vec::new();
    loop {
        tunnel.beside(subject.process.pid);
        let error = match connect(hunt, &mut tunnel).await? {
            Ok(session) => return Ok((session, tunnel)),
            Err(error) => error,
        };
        tried.push(subject.port);
        let another = match (&error, shell.as_deref_mut()) {
            (NotInspector { .. } | Disconnected { .. }, Some(shell)) if tried.len() < MOST_PORTS => {
                reach::another_port(hunt, shell, subject, &tried).await
            }
            _ => None,
        };
        if let Some(port) = another {
            tunnel = reach::move_to(hunt, tunnel, subject, port).await?;
            continue;
        }
        if let NotInspector { .. } | Disconnected { .. } = error
            && let Some(error) = reach::none_is_it(hunt, subject, &tried, &error)
        {
            return Err(error);
        }
        return Err(Error::lost("opening the session", &error));
    }
}

/// Connects, after a look at who else could use the forwarded port.
async fn connect(
    hunt: &mut Hunt<'_>,
    tunnel: &mut Forward,
) -> Result<Result<Session, leakhunt_inspector::Error>, Error> {
    let before = tunnel.footprint();
    tunnel.ready(READY).await?;
    // A bare CLI that met a taken port was started again.
    note_another(hunt, tunnel, before.as_ref());
    if let Some(who) = exposed(&tunnel.exposure(), &tunnel.endpoint()) {
        if !hunt.plan.accepts(Risk::Exposure) {
            let what = format!("the forwarded production inspector would be open to {who}");
            return Err(Error::Consent { risk: Risk::Exposure, what });
        }
        hunt.record.warn(format!("the forwarded production inspector is open to {who} while the hunt lasts"));
    }
    let before = tunnel.footprint();
    let connection = tunnel.connect(CONNECT).await;
    // Where each connection is a command of its own.
    note_another(hunt, tunnel, before.as_ref());
    Ok(Session::attach(connection?, Limits::default()).await)
}

/// Writes down the tunnel's child, if it is another one now.
fn note_another(hunt: &mut Hunt<'_>, tunnel: &Forward, before: Option<&Footprint>) {
    let Some(footprint) = tunnel.footprint().filter(|now| Some(now) != before) else { return };
    hunt.note_child(TeardownStep::Tunnel, Some(footprint));
    if let Some(command) = tunnel.command() {
        hunt.record.command(&command);
    }
}

/// Who could use the forwarded port besides us; `None` if nobody.
fn exposed(exposure: &Exposure, endpoint: &Endpoint) -> Option<&'static str> {
    match (exposure.reach, endpoint) {
        (Reach::OwnerOnly, _) | (Reach::Unknown, Endpoint::Unix(_)) => None,
        (Reach::ThisMachine, _) => Some("every user of this machine"),
        (Reach::Network | Reach::Unknown, _) => Some("every interface of this machine"),
    }
}
