//! SIGUSR1, once, if at that moment nothing stands against it.

use super::look;
use super::ports::the_likeliest;
use crate::data::{DEFAULT_INSPECTOR_PORT, Death, Error, Machine, NodeProcess, port_taken};
use crate::holdings::{Held, Subject};
use crate::hunt::Hunt;
use crate::record::Act;
use crate::shell::{Refused, RemoteShell, Signal, Signalled};
use crate::undo::Undo;

/// Sends the signal, and waits for the inspector. The subject is in its place before the order is given: whether it was obeyed
/// may never be heard.
pub(crate) async fn signal<'h>(
    hunt: &mut Hunt<'_>,
    shell: &mut RemoteShell,
    place: &'h mut Option<Subject>,
    process: NodeProcess,
    machine: Machine,
) -> Result<Held<'h, Subject>, Error> {
    let port = process.inspector_port().unwrap_or(DEFAULT_INSPECTOR_PORT);
    let before = place.take();
    let known = before.as_ref().map_or(Signal::NotSent, |before| before.signal);
    let signal = known.ordered();
    let subject =
        Subject { process: process.clone(), machine, port, ours: true, signal, planted: false, death: None };
    let mut subject = Held::put(place, subject);
    hunt.undo.push(Undo::Inspector);
    hunt.note(&Act::inspector(&process, port, true));
    let signalled = shell.signal(&process, hunt.plan.unproven_too, &mut hunt.record).await?;
    subject.signal = known.answered(&signalled);
    match signalled {
        Signalled::Opened(ports) => {
            subject.port = the_likeliest(&ports, process.inspector_port()).unwrap_or(port);
            hunt.note(&Act::inspector(&process, subject.port, true));
            Ok(subject)
        }
        Signalled::NotOpened => Err(Error::NotOpened {
            pid: process.pid,
            why: "the app has a SIGUSR1 handler of its own, or something else holds the port; \
                  it was signalled once and is not signalled again"
                .into(),
        }),
        Signalled::GoneAfter => {
            let death = Death::Signalled { pid: process.pid, command: process.command, certain: true };
            subject.death = Some(death.clone());
            Err(Error::ended(death, ""))
        }
        Signalled::Refused(why) => {
            // Nothing was sent: there is nothing to be undone beyond what was there before.
            *subject.into_place() = before;
            if let Refused::Open | Refused::PortTaken = why {
                // Since the probe, or before: a closer look tells by whom.
                let seen = look::inspector(shell, &process, &mut hunt.record).await?;
                seen.admits(&hunt.target, &process)?;
            }
            Err(refused(why, &hunt.target, process, port))
        }
    }
}

fn refused(why: Refused, target: &str, process: NodeProcess, port: u16) -> Error {
    let locked_by = process.locked_by();
    let NodeProcess { pid, command, .. } = process;
    match why {
        Refused::Gone => Error::gone_before(),
        Refused::NotProven => Error::Unproven { pid, command },
        Refused::Primary(worker) => Error::Primary { pid, command, workers: vec![worker] },
        Refused::NotCaught => Error::NotCaught { pid, command, locked_by },
        Refused::NotPermitted => {
            Error::NoProcess { target: target.to_owned(), why: format!("{pid} may not be signalled") }
        }
        Refused::Short(short) => Error::Short { pid, command, short },
        Refused::PortTaken => {
            Error::NotOpened { pid, why: format!("{}; nothing was signalled", port_taken(port, None)) }
        }
        // It was closed a moment ago, so that somebody else is at work, who has not attached yet.
        Refused::Open => Error::OtherHunt { target: target.to_owned(), pid },
    }
}
