//! Reaching the process: ONE remote command probes, signals and confirms; the tunnel starts beside it.
//!
//! Both children are started together, since each takes seconds of its own. The tunnel is first connected to when the
//! shell has confirmed that the inspector listens: a connection before that kills `heroku ps:forward`.

mod choose;
mod far;
mod probe;
mod programs;
mod shortage;

use std::time::Duration;

use leakhunt_inspector::Identity;
use tokio::time::Instant;

pub(crate) use self::choose::Choice;
use self::far::{Door, Refused};
pub(crate) use self::far::{Far, Held, Port, Signalled, Silence, State};
pub(crate) use self::probe::Probe;
use crate::data::{
    DEFAULT_INSPECTOR_PORT, Death, Error, Event, Inspector, Listener, Machine, NodeProcess, Plan, Step,
    port_taken,
};
use crate::hunt::Hunt;
use crate::journal::{self, Act, Target};
use crate::record::Record;
use crate::sample::look_at_disk;
use crate::undo::Undo;

/// A process that is starting gets this long to install its handler: the slowest start took 174 ms (Node 26), and a dyno
/// that has no CPU to spare, or whose loader waits for a library, takes a lot longer.
const STARTING: Duration = Duration::from_secs(20);
/// Between two looks at a process that is starting, or at who is attached to it.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// The connection of a hunt that was killed goes within moments; one that stays this long is somebody's.
const LEAVING: Duration = Duration::from_secs(5);

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

impl Reached {
    /// By what the process is told from any other.
    pub(crate) fn identity(&self) -> Identity {
        Identity { pid: self.process.pid, start: Some(self.process.start) }
    }
}

/// From nothing to an open inspector.
pub(crate) async fn reach(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = hunt.record.begin(Step::Reach);
    let far = Far::open(hunt.host, &mut hunt.record).await?;
    hunt.undo.push(Undo::Dialogue);
    hunt.note_child("remote shell", far.footprint());
    hunt.far = Some(far);
    start_forward(hunt, DEFAULT_INSPECTOR_PORT).await?;

    // From here on the receipt says what became of the signal, that none was sent as well.
    hunt.undo.push(Undo::Inspector);
    let (process, machine, why) = settle(hunt).await?;
    nobody_hunts_there(hunt, &process)?;
    hunt.record.tell(Event::Chosen {
        pid: process.pid,
        command: process.command.clone(),
        directory: process.directory.clone(),
        user: process.owner(),
        age_s: process.age(&machine),
        why: why.to_owned(),
    });
    let far = hunt.far.as_mut().expect("the shell was opened first");
    let inspector = inspector(far, &process, &mut hunt.record).await?;
    inspector.admits(&hunt.target, &process)?;
    look_at_disk(hunt, process.rss)?;
    let reached = match inspector {
        Inspector::Open { port, .. } => {
            hunt.record.warn(format!(
                "the inspector of process {} was open already, on port {port}; it is used, and left open",
                process.pid
            ));
            hunt.note(&journal_of(&process, port, false));
            Reached { process, machine, port, ours: false }
        }
        _ => signal(hunt, process, machine).await?,
    };
    if reached.port != DEFAULT_INSPECTOR_PORT {
        restart_forward(hunt, reached.port).await?;
    }
    let detail = format!("process {}: {why}; inspector on port {}", reached.process.pid, reached.port);
    hunt.reached = Some(reached);
    hunt.record.done(since, detail);
    Ok(())
}

/// A hunt from this machine is known by its journal. Pid and start are the process's identity, whatever way leads to it.
fn nobody_hunts_there(hunt: &Hunt<'_>, process: &NodeProcess) -> Result<(), Error> {
    let journals = hunt.plan.journals.as_deref().and_then(|folder| journal::journals(folder).ok());
    let theirs = |target: &Target| (target.pid, target.start) == (process.pid, process.start);
    match journals.is_some_and(|journals| journals.busy.iter().any(|busy| theirs(&busy.1))) {
        true => Err(Error::OtherHunt { target: hunt.target.clone(), pid: process.pid }),
        false => Ok(()),
    }
}

/// Looks at a process's inspector. Who is leaving it gets a moment.
pub(crate) async fn inspector(
    far: &mut Far,
    process: &NodeProcess,
    record: &mut Record<'_>,
) -> Result<Inspector, Silence> {
    let patience = Instant::now() + LEAVING;
    loop {
        let port = process.open_inspector().or(process.inspector_port()).unwrap_or(DEFAULT_INSPECTOR_PORT);
        match far.door(process, record).await? {
            // One that was opened by a signal, and has nobody: of a hunt that was killed, which its dead-man closes, or of one
            // that is about to attach.
            Door::Open { clients }
                if (clients > 0 || !process.starts_with_an_inspector()) && Instant::now() < patience =>
            {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Door::Open { clients } => return Ok(Inspector::Open { port, clients }),
            Door::Closed => return Ok(Inspector::Closed),
            Door::Gone => return Ok(Inspector::Gone),
            Door::Taken => {
                let nodes = far.probe().await.map(|probe| probe.nodes).unwrap_or_default();
                let holds = |node: &NodeProcess| {
                    node.pid != process.pid && !node.own_network && node.listens_on(port)
                };
                return Ok(Inspector::PortTaken {
                    port,
                    by: nodes.iter().find(|node| holds(node)).map(|node| node.pid),
                });
            }
        }
    }
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
    let (probe, choice) = look(far, hunt.plan).await?;
    let (process, why) = choice.process(&hunt.target)?;
    Ok((process, probe.machine, why))
}

/// Probes until the choice is made, waiting for a process that is starting. Reads, and signals nothing.
pub(crate) async fn look(far: &mut Far, plan: &Plan) -> Result<(Probe, Choice), Silence> {
    let patience = Instant::now() + STARTING;
    loop {
        let probe = far.probe().await?;
        let choice = choose::choose(&probe, plan);
        match &choice {
            Choice::NotReady(process) if !process.never_catches_usr1() && Instant::now() < patience => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            _ => return Ok((probe, choice)),
        }
    }
}

/// Sends the signal, if at that moment nothing stands against it, and waits for the inspector.
pub(crate) async fn signal(
    hunt: &mut Hunt<'_>,
    process: NodeProcess,
    machine: Machine,
) -> Result<Reached, Error> {
    let port = process.inspector_port().unwrap_or(DEFAULT_INSPECTOR_PORT);
    let reached = Reached { process: process.clone(), machine, port, ours: true };
    let (known, before) = (hunt.signal, hunt.reached.replace(reached.clone()));
    hunt.undo.push(Undo::Inspector);
    hunt.note(&journal_of(&process, port, true));
    hunt.signal = known.ordered();
    let far = hunt.far.as_mut().expect("the shell was opened first");
    let signalled = far.signal(&process, hunt.plan.unproven_too, &mut hunt.record).await?;
    hunt.signal = known.answered(&signalled);
    match signalled {
        Signalled::Opened(ports) => {
            let port = the_likeliest(&ports, process.inspector_port()).unwrap_or(port);
            hunt.note(&journal_of(&process, port, true));
            Ok(Reached { port, ..reached })
        }
        Signalled::NotOpened => Err(Error::NotOpened {
            pid: process.pid,
            why: "the app has a SIGUSR1 handler of its own, or something else holds the port; \
                  it was signalled once and is not signalled again"
                .into(),
        }),
        Signalled::GoneAfter => {
            let death = Death::Signalled { pid: process.pid, command: process.command, certain: true };
            hunt.death = Some(death.clone());
            Err(Error::ended(death, String::new()))
        }
        Signalled::Refused(why) => {
            // Nothing was sent: there is nothing to be undone beyond what was there before.
            hunt.reached = before;
            Err(refused(why, &hunt.target, process, port))
        }
    }
}

/// Of ports that are new, the one that is asked first whether it is the inspector's: the one that was expected, else one on
/// loopback.
pub(crate) fn the_likeliest(ports: &[Listener], expected: Option<u16>) -> Option<u16> {
    let rank = |listener: &&Listener| (Some(listener.port) != expected, !listener.loopback);
    ports.iter().min_by_key(rank).map(|listener| listener.port)
}

/// A port that the process has opened since it was chosen, and that was not tried: the inspector may be there.
pub(crate) async fn another_port(hunt: &mut Hunt<'_>, tried: &[u16]) -> Option<u16> {
    let Reached { process, ours: true, .. } = hunt.reached.clone()? else { return None };
    let far = hunt.far.as_mut()?;
    let State::Alive(mut ports) = far.state(process.pid, process.start, &mut hunt.record).await.ok()? else {
        return None;
    };
    ports.retain(|listener| !tried.contains(&listener.port) && !process.listens_on(listener.port));
    the_likeliest(&ports, process.inspector_port())
}

/// The inspector is looked for at another port.
pub(crate) async fn move_to(hunt: &mut Hunt<'_>, port: u16) -> Result<(), Error> {
    let reached = hunt.reached.as_mut().expect("reached before attached");
    reached.port = port;
    let act = journal_of(&reached.process, port, reached.ours);
    hunt.note(&act);
    restart_forward(hunt, port).await
}

/// What answers at these ports is no inspector, and none of them is where Node would open it: they are the app's own, and
/// nobody's to close. What is looked at in the end is where Node would open it.
pub(crate) fn none_is_it(
    hunt: &mut Hunt<'_>,
    tried: &[u16],
    why: &leakhunt_inspector::Error,
) -> Option<Error> {
    let reached = hunt.reached.as_mut().filter(|reached| reached.ours)?;
    let pid = reached.process.pid;
    let expected = reached.process.inspector_port().unwrap_or(DEFAULT_INSPECTOR_PORT);
    if tried.contains(&expected) {
        return None;
    }
    reached.port = expected;
    let act = journal_of(&reached.process, expected, true);
    hunt.note(&act);
    let ports: Vec<String> = tried.iter().map(u16::to_string).collect();
    Some(Error::NotOpened {
        pid,
        why: format!("what it opened, port {}, is its own: {why}", ports.join(", ")),
    })
}

fn refused(why: Refused, target: &str, process: NodeProcess, port: u16) -> Error {
    let NodeProcess { pid, command, .. } = process;
    match why {
        Refused::Gone => Error::gone_before(),
        Refused::NotProven => Error::Unproven { pid, command },
        Refused::Primary(worker) => Error::Primary { pid, command, workers: vec![worker] },
        Refused::NotCaught => Error::NotCaught { pid, command },
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
