//! A connection that was lost while nothing was under way is made again, once.
//!
//! A tunnel that is cut between two snapshots has cost nothing but the connection: the process lives, and so does its
//! leak. What is whole stays; the process is looked at again by a shell (a new one, where the first went with the tunnel),
//! signalled again once the dead-man has closed its inspector, and attached to again. Everything on this way has its
//! deadline. V8 forgets all object numbers when a client leaves, so what follows is a new series, and is said to be one.
//!
//! A snapshot that was under way is not tried again: the app has paid its pause, and would pay it twice.

use std::time::Duration;

use super::{Attached, attach};
use crate::data::{Death, Error, Step};
use crate::evidence::Evidence;
use crate::holdings::{Held, Subject};
use crate::hunt::Hunt;
use crate::reach::{self, Reached};
use crate::shell::{Port, RemoteShell, State};

/// The dead-man closes the inspector within 4.8 s of its last client's leaving (Node 18 to 26).
const CLOSING: Duration = Duration::from_secs(10);

/// May the connection be made again after this error?
pub(crate) fn is_due(attached: &Attached<'_>, evidence: &Evidence, error: &Error) -> bool {
    // Without a dead-man the inspector may have been left open with nobody to close it: that is for the way out.
    matches!(error, Error::Incomplete { .. }) && !evidence.app_time.is_under_way() && attached.subject.planted
}

/// Makes it again; fails with the first error's reason where the process is there and the way to it is not.
pub(crate) async fn reattach<'h>(
    hunt: &mut Hunt<'_>,
    attached: Attached<'h>,
    evidence: &mut Evidence,
    lost: Error,
) -> Result<Attached<'h>, Error> {
    let why = match lost {
        Error::Incomplete { why, .. } => why,
        other => other.to_string(),
    };
    hunt.record.warn(format!("the connection was lost ({why}); it is made again, once"));
    match again(hunt, attached.lost(), evidence).await {
        Ok(attached) => {
            hunt.record.begin(Step::Sample);
            hunt.record.warn(
                "object ids were reset with the connection: snapshots before it cannot be compared object by object \
                 with those after it; a new series begins",
            );
            Ok(attached)
        }
        Err(error @ Error::Ended { .. }) => Err(error),
        Err(error) => Err(Error::incomplete(format!("{why}, and could not be made again: {error}"))),
    }
}

async fn again<'h>(
    hunt: &mut Hunt<'_>,
    reached: Reached<'h>,
    evidence: &mut Evidence,
) -> Result<Attached<'h>, Error> {
    let Reached { shell, tunnel, mut subject, session, local_port, browser } = reached;
    let (mut shell, state) = ask(hunt, shell, &subject).await?;
    let State::Alive(_) = state else { return Err(ended(hunt, &mut shell, &mut subject).await) };
    let subject = reopen(hunt, &mut shell, subject).await?;
    let tunnel = reach::restart_tunnel(hunt, tunnel.into_place(), subject.port).await?;
    attach(hunt, Reached { shell, tunnel, subject, session, local_port, browser }, evidence).await
}

/// Is it alive? The shell that is there is asked, or a new one where that went with the tunnel.
async fn ask<'h>(
    hunt: &mut Hunt<'_>,
    mut shell: Held<'h, RemoteShell>,
    subject: &Subject,
) -> Result<(Held<'h, RemoteShell>, State), Error> {
    let (pid, start) = subject.pid_and_start();
    if let Ok(state) = shell.state(pid, start, &mut hunt.record).await {
        return Ok((shell, state));
    }
    let (place, old) = shell.release();
    if let Some(old) = old {
        // It is of no use any more; its group is gone or killed.
        let _ = old.stop().await;
    }
    let mut shell = reach::open_shell(hunt, place).await?;
    shell.probe().await?;
    match shell.state(pid, start, &mut hunt.record).await {
        Ok(state) => Ok((shell, state)),
        Err(_) => Err(Error::incomplete("the remote shell does not answer")),
    }
}

async fn ended(hunt: &mut Hunt<'_>, shell: &mut RemoteShell, subject: &mut Subject) -> Error {
    reach::gone(Some(shell), subject, &mut hunt.record).await;
    Error::ended(Death::Unknown, hunt.record.when())
}

/// The dead-man is closing the inspector, or has: it is opened again. Where another debugger keeps it open it is used.
async fn reopen<'h>(
    hunt: &mut Hunt<'_>,
    shell: &mut RemoteShell,
    mut subject: Held<'h, Subject>,
) -> Result<Held<'h, Subject>, Error> {
    if !subject.ours {
        return Ok(subject);
    }
    let (pid, start) = subject.pid_and_start();
    match shell.closed((pid, start, subject.port), CLOSING, &mut hunt.record).await? {
        Port::Closed => {
            subject.planted = false;
            let (process, machine) = (subject.process.clone(), subject.machine.clone());
            reach::signal(hunt, shell, subject.into_place(), process, machine).await
        }
        Port::StillOpen => Ok(subject),
        Port::Gone => Err(ended(hunt, shell, &mut subject).await),
    }
}
