//! One connection, one WebSocket, one CDP session; then the dead-man, in the very process that is meant; then who it is.

use std::time::Duration;

use leakhunt_host::{Endpoint, Exposure, Reach};
use leakhunt_inspector::{Limits, Session, WhenGone};

use crate::data::{Error, Event, Risk, Step};
use crate::hunt::Hunt;
use crate::journal::Act;
use crate::reach;
use crate::undo::Undo;

/// Until the tunnel's local end listens. A bare CLI takes ten seconds for its key on a busy machine.
const READY: Duration = Duration::from_secs(45);

/// To the tunnel's local end, which is on this machine.
const CONNECT: Duration = Duration::from_secs(10);

pub(crate) async fn attach(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = hunt.record.begin(Step::Attach);
    let session = open(hunt).await?;
    hunt.undo.push(Undo::Session);
    let session = hunt.session.insert(session);

    let reached = hunt.reached.as_mut().expect("reached before attached");
    let when_gone = if reached.ours { WhenGone::CloseInspector } else { WhenGone::KeepInspector };
    let planted = match session.plant(when_gone, &hunt.name, Some(reached.identity())).await {
        Ok(planted) => planted,
        Err(leakhunt_inspector::Error::OtherProcess { pid }) => {
            return Err(Error::NotOpened {
                pid: reached.process.pid,
                why: format!("the port leads to another process, {pid}; nothing was done to it"),
            });
        }
        Err(error) => return Err(Error::lost("planting the dead man's switch", &error)),
    };
    if planted.rival {
        // Whoever of the two opened it, the other one still uses it, and its dead-man closes it.
        reached.ours = false;
        return Err(Error::OtherHunt { target: hunt.target.clone(), pid: planted.identity.pid });
    }
    if !reached.ours && planted.when_gone == WhenGone::CloseInspector {
        reached.ours = true;
        hunt.record
            .warn("a hunt that was killed had opened the inspector: it is closed at the end of this one");
    }
    hunt.record.tell(Event::Planted { detail: planted.to_string() });
    hunt.planted = planted.unwatched.is_none();
    hunt.app_time.planted();
    if hunt.planted {
        hunt.note(&Act::Planted);
    }
    if let Some(why) = &planted.unwatched {
        hunt.record.warn(format!(
            "no dead man's switch in this hunt: {why}; if leakhunt is killed, the inspector stays open"
        ));
    }
    if planted.clients.is_some_and(|clients| clients > 1) {
        hunt.record.warn(
            "another debugger is attached; it is left alone, and when it leaves the object ids are reset",
        );
    }
    let node = facts(hunt).await?;
    hunt.save()?;
    hunt.record.done(since, format!("{node}, process {}; {planted}", planted.identity.pid));
    Ok(())
}

/// Who the process is. It is the one that is meant; what it does not say of itself is no reason to go.
async fn facts(hunt: &mut Hunt<'_>) -> Result<String, Error> {
    let session = hunt.session.as_ref().expect("just attached");
    match session.process().await {
        Ok(facts) => {
            if !facts.untold.is_empty() {
                hunt.record.warn(format!("the process does not tell {}", facts.untold.join(", ")));
            }
            let node = format!("Node {}", facts.node_version);
            hunt.process = Some(facts);
            Ok(node)
        }
        Err(error) if error.ends_session() => Err(Error::lost("asking who the process is", &error)),
        Err(error) => {
            hunt.record.warn(format!("the process does not tell who it is: {error}"));
            Ok("Node".to_owned())
        }
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

/// How many of the ports that a process has opened are asked whether they are the inspector's.
const MOST_PORTS: usize = 8;

/// Opens the session. An app may open ports of its own after the signal, and more than one: each is asked what it is.
pub(crate) async fn open(hunt: &mut Hunt<'_>) -> Result<Session, Error> {
    use leakhunt_inspector::Error::{Disconnected, NotInspector};
    let mut tried = Vec::new();
    loop {
        let error = match connect(hunt).await? {
            Ok(session) => return Ok(session),
            Err(error) => error,
        };
        let reached = hunt.reached.as_ref().expect("reached before attached");
        tried.push(reached.port);
        let another = match error {
            NotInspector { .. } | Disconnected { .. } if tried.len() < MOST_PORTS => {
                reach::another_port(hunt, &tried).await
            }
            _ => None,
        };
        if let Some(port) = another {
            reach::move_to(hunt, port).await?;
            continue;
        }
        if let NotInspector { .. } | Disconnected { .. } = error
            && let Some(error) = reach::none_is_it(hunt, &tried, &error)
        {
            return Err(error);
        }
        return Err(Error::lost("opening the session", &error));
    }
}

/// Connects, after a look at who else could use the forwarded port.
async fn connect(hunt: &mut Hunt<'_>) -> Result<Result<Session, leakhunt_inspector::Error>, Error> {
    let forward = hunt.forward.as_mut().expect("forwarded before attached");
    let before = forward.footprint();
    forward.ready(READY).await?;
    // A bare CLI that met a taken port was started anew.
    let footprint = forward.footprint().filter(|now| Some(now) != before.as_ref());
    hunt.note_child("tunnel", footprint);
    let forward = hunt.forward.as_mut().expect("forwarded before attached");
    let exposure = forward.exposure();
    if let Some(who) = exposed(&exposure, &forward.endpoint()) {
        if !hunt.plan.accepts(Risk::Exposure) {
            let what = format!("the forwarded production inspector would be open to {who}");
            return Err(Error::Consent { risk: Risk::Exposure, what });
        }
        hunt.record.warn(format!("the forwarded production inspector is open to {who} while the hunt lasts"));
    }
    let forward = hunt.forward.as_mut().expect("forwarded before attached");
    let connection = forward.connect(CONNECT).await?;
    Ok(Session::attach(connection, Limits::default()).await)
}
