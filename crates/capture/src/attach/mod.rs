//! One connection, one WebSocket, one CDP session; then the dead-man, in the very process that is meant; then who it is.

mod open;
mod reattach;

use leakhunt_host::{Browser, Forward};
use leakhunt_inspector::{Planted, Session, WhenGone};

pub(crate) use self::open::open;
pub(crate) use self::reattach::{is_due, reattach};
use crate::data::{Error, Event, Step};
use crate::evidence::Evidence;
use crate::holdings::{Held, Subject};
use crate::hunt::Hunt;
use crate::local_port::LocalPort;
use crate::reach::Reached;
use crate::record::Act;
use crate::shell::RemoteShell;
use crate::undo::Undo;

/// The session with the process, in which the dead-man watches if it could be planted.
pub(crate) struct Attached<'h> {
    pub(crate) session: Held<'h, Session>,
    pub(crate) subject: Held<'h, Subject>,
    pub(crate) shell: Held<'h, RemoteShell>,
    pub(crate) tunnel: Held<'h, Forward>,
    pub(crate) local_port: &'h mut Option<LocalPort>,
    pub(crate) browser: &'h mut Option<Browser>,
}

impl<'h> Attached<'h> {
    /// The connection is gone, and the session with it.
    fn lost(self) -> Reached<'h> {
        let Self { session, subject, shell, tunnel, local_port, browser } = self;
        let (place, session) = session.release();
        drop(session);
        Reached { shell, tunnel, subject, session: place, local_port, browser }
    }
}

pub(crate) async fn attach<'h>(
    hunt: &mut Hunt<'_>,
    reached: Reached<'h>,
    evidence: &mut Evidence,
) -> Result<Attached<'h>, Error> {
    let Reached { mut shell, tunnel, mut subject, session: place, local_port, browser } = reached;
    let since = hunt.record.begin(Step::Attach);
    let (session, tunnel) = open(hunt, Some(&mut shell), tunnel, &mut subject).await?;
    hunt.undo.push(Undo::Session);
    let session = Held::put(place, session);
    let planted = plant(hunt, &session, &mut subject).await?;
    hunt.record.tell(Event::Planted { detail: planted.to_string() });
    subject.planted = planted.unwatched.is_none();
    evidence.app_time.planted();
    if subject.planted {
        hunt.note(&Act::Planted);
    }
    warn_of(hunt, &planted);
    let node = facts(hunt, &session, evidence).await?;
    evidence.save(hunt)?;
    hunt.record.done(since, format!("{node}, process {}; {planted}", planted.identity.pid));
    Ok(Attached { session, subject, shell, tunnel, local_port, browser })
}

/// Plants the dead-man, in the process that is meant and beside no other hunt.
async fn plant(hunt: &mut Hunt<'_>, session: &Session, subject: &mut Subject) -> Result<Planted, Error> {
    let when_gone = if subject.ours { WhenGone::CloseInspector } else { WhenGone::KeepInspector };
    let planted = match session.plant(when_gone, &hunt.name, Some(subject.identity())).await {
        Ok(planted) => planted,
        Err(leakhunt_inspector::Error::OtherProcess { pid }) => {
            return Err(Error::NotOpened {
                pid: subject.process.pid,
                why: format!("the port leads to another process, {pid}; nothing was done to it"),
            });
        }
        Err(error) => return Err(Error::lost("planting the dead man's switch", &error)),
    };
    if planted.rival {
        // Whoever of the two opened it, the other one still uses it, and its dead-man closes it.
        subject.ours = false;
        return Err(Error::OtherHunt { target: hunt.target.clone(), pid: planted.identity.pid });
    }
    if !subject.ours && planted.when_gone == WhenGone::CloseInspector {
        subject.ours = true;
        hunt.record
            .warn("a hunt that was killed had opened the inspector: it is closed at the end of this one");
    }
    Ok(planted)
}

fn warn_of(hunt: &mut Hunt<'_>, planted: &Planted) {
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
}

/// Who the process is. It is the one that is meant; what it does not say of itself is no reason to go.
async fn facts(hunt: &mut Hunt<'_>, session: &Session, evidence: &mut Evidence) -> Result<String, Error> {
    match session.process().await {
        Ok(facts) => {
            if !facts.untold.is_empty() {
                hunt.record.warn(format!("the process does not tell {}", facts.untold.join(", ")));
            }
            let node = format!("Node {}", facts.node_version);
            evidence.process = Some(facts);
            Ok(node)
        }
        Err(error) if error.ends_session() => Err(Error::lost("asking who the process is", &error)),
        Err(error) => {
            hunt.record.warn(format!("the process does not tell who it is: {error}"));
            Ok("Node".to_owned())
        }
    }
}
