//! Reaching the process: ONE remote command probes, signals and confirms; the tunnel starts beside it.
//!
//! Both children are started together, since each takes seconds of its own. The tunnel is first connected to when the
//! shell has confirmed that the inspector listens: a connection before that kills `heroku ps:forward`.

mod choose;
mod far;
mod probe;

use std::time::Duration;

use tokio::time::Instant;

pub(crate) use self::choose::Choice;
use self::far::Signalled;
pub(crate) use self::far::{Far, Held, Port, Silence, State};
pub(crate) use self::probe::{DEFAULT_INSPECTOR_PORT, Probe};
pub use self::probe::{Listener, Machine, NodeProcess};
use crate::error::Error;
use crate::event::Step;
use crate::hunt::Hunt;
use crate::journal::{Act, Target};
use crate::undo::Undo;

/// A process that is starting gets this long to install its handler: the slowest start took 174 ms (Node 26), and a dyno
/// that has no CPU to spare, or whose loader waits for a library, takes a lot longer.
const STARTING: Duration = Duration::from_secs(20);
/// Between two looks at a process that is starting.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The process, with its inspector open.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    pub(crate) process: NodeProcess,
    /// The machine it runs on, as it was when the process was chosen.
    pub(crate) machine: Machine,
    pub(crate) port: u16,
    /// Did we open it? Then we close it.
    pub(crate) ours: bool,
}

/// From nothing to an open inspector.
pub(crate) async fn reach(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = hunt.record.begin(Step::Reach);
    let far = Far::open(hunt.host, &mut hunt.record).await?;
    hunt.undo.push(Undo::Dialogue);
    hunt.note_child("remote shell", far.footprint());
    hunt.far = Some(far);
    start_forward(hunt, probe::DEFAULT_INSPECTOR_PORT).await?;

    let (process, machine, why) = settle(hunt).await?;
    let reached = match process.open_inspector() {
        Some(port) => {
            hunt.record.warn(format!(
                "the inspector of process {} was open already, on port {port}; it is used, and left open",
                process.pid
            ));
            hunt.undo.push(Undo::Inspector);
            hunt.note(&journal_of(&process, port, false));
            Reached { process, machine, port, ours: false }
        }
        None => signal(hunt, process, machine).await?,
    };
    if reached.port != probe::DEFAULT_INSPECTOR_PORT {
        restart_forward(hunt, reached.port).await?;
    }
    let detail = format!("process {}: {why}; inspector on port {}", reached.process.pid, reached.port);
    hunt.reached = Some(reached);
    hunt.record.done(since, detail);
    Ok(())
}

fn journal_of(process: &NodeProcess, port: u16, ours: bool) -> Act {
    Act::Inspector(Target { pid: process.pid, start: process.start, port, ours })
}

pub(crate) async fn start_forward(hunt: &mut Hunt<'_>, port: u16) -> Result<(), Error> {
    let forward = hunt.host.forward(port).await?;
    hunt.undo.push(Undo::Forward);
    note(hunt, &forward);
    hunt.forward = Some(forward);
    Ok(())
}

fn note(hunt: &mut Hunt<'_>, forward: &leakhunt_host::Forward) {
    hunt.note_child("tunnel", forward.footprint());
    if let Some(command) = forward.command() {
        hunt.record.command(command);
    }
}

/// The port is not the one that was guessed: the undo on the stack serves the new tunnel too.
pub(crate) async fn restart_forward(hunt: &mut Hunt<'_>, port: u16) -> Result<(), Error> {
    if let Some(forward) = hunt.forward.take() {
        let stopped = forward.stop().await;
        if !stopped.gone {
            hunt.record.warn("the tunnel that was no longer needed did not end");
        }
    }
    let forward = hunt.host.forward(port).await?;
    note(hunt, &forward);
    hunt.forward = Some(forward);
    Ok(())
}

/// The process, or why there is none.
async fn settle(hunt: &mut Hunt<'_>) -> Result<(NodeProcess, Machine, &'static str), Error> {
    let far = hunt.far.as_mut().expect("the shell was opened first");
    let (probe, choice) = look(far, hunt.plan.pid).await?;
    let (process, why) = choice.process(&hunt.target)?;
    Ok((process, probe.machine, why))
}

/// Probes until the choice is made, waiting for a process that is starting. Reads, and signals nothing.
pub(crate) async fn look(far: &mut Far, wanted: Option<u32>) -> Result<(Probe, Choice), Silence> {
    let patience = Instant::now() + STARTING;
    loop {
        let probe = far.probe().await?;
        let choice = choose::choose(&probe, wanted);
        match &choice {
            Choice::NotReady(process) if !process.never_catches_usr1() && Instant::now() < patience => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            _ => return Ok((probe, choice)),
        }
    }
}

pub(crate) async fn signal(
    hunt: &mut Hunt<'_>,
    process: NodeProcess,
    machine: Machine,
) -> Result<Reached, Error> {
    let pid = process.pid;
    let port = probe::DEFAULT_INSPECTOR_PORT;
    hunt.reached = Some(Reached { process: process.clone(), machine: machine.clone(), port, ours: true });
    hunt.undo.push(Undo::Inspector);
    hunt.note(&journal_of(&process, port, true));
    let far = hunt.far.as_mut().expect("the shell was opened first");
    let signalled = far.signal(pid, process.start, &mut hunt.record).await?;
    if !matches!(signalled, Signalled::Opened(_) | Signalled::NotOpened(_)) {
        // Nothing was sent: there is nothing to be undone.
        hunt.reached = None;
    }
    match signalled {
        Signalled::Opened(ports) => match ports[..] {
            [listener] => {
                hunt.note(&journal_of(&process, listener.port, true));
                Ok(Reached { process, machine, port: listener.port, ours: true })
            }
            _ => Err(Error::NotOpened {
                pid,
                why: "several ports opened at once, and none can be told from it".into(),
            }),
        },
        // Somebody else opened it between the probe and the signal.
        Signalled::NotOpened(ports) if ports.iter().any(|listener| listener.port == port) => {
            hunt.note(&journal_of(&process, port, false));
            Ok(Reached { process, machine, port, ours: false })
        }
        Signalled::NotOpened(_) => Err(Error::NotOpened { pid, why: why_not_opened(hunt, pid).await }),
        Signalled::NotCaught => Err(Error::NotCaught { pid, command: process.command }),
        Signalled::NotPermitted => {
            Err(Error::NoProcess { target: hunt.target.clone(), why: format!("{pid} may not be signalled") })
        }
        Signalled::Gone => Err(Error::Restarted { when: "before it was signalled".into(), kept: 0 }),
    }
}

/// Node's inspector listens on one port a machine by default; whoever has it keeps everybody else out.
async fn why_not_opened(hunt: &mut Hunt<'_>, pid: u32) -> String {
    let far = hunt.far.as_mut().expect("the shell was opened first");
    let holder = far.probe().await.ok().and_then(|probe| {
        probe.nodes.into_iter().find(|node| node.pid != pid && node.listens_on(probe::DEFAULT_INSPECTOR_PORT))
    });
    match holder {
        Some(other) => format!("process {} listens on its port {}", other.pid, probe::DEFAULT_INSPECTOR_PORT),
        None => "the app has a SIGUSR1 handler of its own, or something else holds the port; \
                 it was signalled once and is not signalled again"
            .into(),
    }
}
