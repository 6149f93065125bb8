//! A connection that was lost while nothing was under way is made again, once.
//!
//! A tunnel that is cut between two snapshots has cost nothing but the connection: the process lives, and so does its
//! leak. What is whole stays; the process is looked at again by a shell (a new one, where the first went with the tunnel),
//! signalled again once the dead-man has closed its inspector, and attached to again. Everything on this way has its
//! deadline. V8 forgets all object numbers when a client leaves, so what follows is a new series, and is said to be one.
//!
//! A snapshot that was under way is not tried again: the app has paid its pause, and would pay it twice.

use std::time::Duration;

use crate::attach;
use crate::data::{Death, Error, Step};
use crate::hunt::Hunt;
use crate::loss;
use crate::reach::{self, Far, Port, Reached, State};

/// The dead-man closes the inspector within 4.8 s of its last client's leaving (Node 18 to 26).
const CLOSING: Duration = Duration::from_secs(10);

/// May the connection be made again after this error?
pub(crate) fn is_due(hunt: &Hunt<'_>, error: &Error) -> bool {
    // Without a dead-man the inspector may have been left open with nobody to close it: that is for the way out.
    matches!(error, Error::Incomplete { .. }) && hunt.taking.is_none() && !hunt.reattached && hunt.planted
}

/// Makes it again; fails with the first error's reason where the process is there and the way to it is not.
pub(crate) async fn reattach(hunt: &mut Hunt<'_>, lost: Error) -> Result<(), Error> {
    hunt.reattached = true;
    hunt.record.warn(format!("the connection was lost ({}); it is made again, once", why(&lost)));
    drop(hunt.session.take());
    match again(hunt).await {
        Ok(()) => {
            hunt.record.begin(Step::Sample);
            hunt.record.warn(
                "object ids were reset with the connection: snapshots before it cannot be compared object by object \
                 with those after it; a new series begins",
            );
            Ok(())
        }
        Err(error @ Error::Ended { .. }) => Err(error),
        Err(error) => Err(Error::incomplete(format!("{}, and could not be made again: {error}", why(&lost)))),
    }
}

fn why(lost: &Error) -> String {
    match lost {
        Error::Incomplete { why, .. } => why.clone(),
        other => other.to_string(),
    }
}

async fn again(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let reached = hunt.reached.clone().expect("reached before attached");
    let (pid, start, port) = (reached.process.pid, reached.process.start, reached.port);
    let state = match ask(hunt, pid, start).await {
        Some(state) => state,
        None => {
            if let Some(far) = hunt.far.take() {
                // It is of no use any more; its group is gone or killed.
                let _ = far.stop().await;
            }
            let mut far = Far::open(hunt.host, &mut hunt.record).await?;
            hunt.note_child("remote shell", far.footprint());
            let probed = far.probe().await;
            hunt.far = Some(far);
            probed?;
            ask(hunt, pid, start)
                .await
                .ok_or_else(|| Error::incomplete("the remote shell does not answer"))?
        }
    };
    let State::Alive(_) = state else {
        return Err(ended(hunt).await);
    };
    reopen(hunt, &reached).await?;
    let port = hunt.reached.as_ref().map_or(port, |reached| reached.port);
    reach::restart_forward(hunt, port).await?;
    attach::attach(hunt).await
}

async fn ended(hunt: &mut Hunt<'_>) -> Error {
    loss::gone(hunt).await;
    Error::ended(Death::Unknown, hunt.record.when().to_owned())
}

async fn ask(hunt: &mut Hunt<'_>, pid: u32, start: u64) -> Option<State> {
    hunt.far.as_mut()?.state(pid, start, &mut hunt.record).await.ok()
}

/// The dead-man is closing the inspector, or has: it is opened again. Where another debugger keeps it open it is used.
async fn reopen(hunt: &mut Hunt<'_>, reached: &Reached) -> Result<(), Error> {
    if !reached.ours {
        return Ok(());
    }
    let asked = (reached.process.pid, reached.process.start, reached.port);
    let far = hunt.far.as_mut().expect("it has just answered");
    match far.closed(asked, CLOSING, &mut hunt.record).await? {
        Port::Closed => {
            hunt.planted = false;
            hunt.reached = Some(reach::signal(hunt, reached.process.clone(), reached.machine.clone()).await?);
            Ok(())
        }
        Port::StillOpen => Ok(()),
        Port::Gone => Err(ended(hunt).await),
    }
}
