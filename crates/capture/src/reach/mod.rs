//! Reaching the process: ONE remote command probes, signals and confirms; the tunnel starts beside it.
//!
//! Both children are started together, since each takes seconds of its own; and before the platform is asked, where a shell there
//! changes nothing whatever the answer will be. The tunnel is first connected to when the shell has confirmed that the inspector
//! listens: a connection before that kills `heroku ps:forward`.

mod choose;
mod gone;
mod grow;
mod look;
mod ports;
mod programs;
mod signal;
mod tunnel;

use leakhunt_host::{Browser, Forward};
use leakhunt_inspector::Session;

pub(crate) use self::choose::Choice;
pub(crate) use self::gone::{gone, platform_saw_it_go};
pub(crate) use self::look::{Found, inspector, look};
pub(crate) use self::ports::{another_port, move_to, none_is_it, the_likeliest};
pub(crate) use self::signal::signal;
pub(crate) use self::tunnel::{restart_tunnel, start_tunnel};
use crate::data::{
    DEFAULT_INSPECTOR_PORT, Error, Event, Inspector, Machine, NodeProcess, Step, TeardownStep,
};
use crate::holdings::{Held, Holdings, Subject};
use crate::hunt::Hunt;
use crate::local_port::LocalPort;
use crate::record::{Act, SessionFolder, disk, journals};
use crate::shell::{RemoteShell, Signal};
use crate::undo::Undo;

/// The process with its inspector open, the shell that saw it, and a tunnel that leads there.
pub(crate) struct Reached<'h> {
    pub(crate) shell: Held<'h, RemoteShell>,
    pub(crate) tunnel: Held<'h, Forward>,
    pub(crate) subject: Held<'h, Subject>,
    /// Where the session will be held.
    pub(crate) session: &'h mut Option<Session>,
    /// Where what leads DevTools there will be held.
    pub(crate) local_port: &'h mut Option<LocalPort>,
    pub(crate) browser: &'h mut Option<Browser>,
}

/// Starts both where the host is one on which that can be done beside the questions of the preflight. Why it could not be, the
/// preflight says, or else whoever tries again.
pub(crate) async fn begin(hunt: &mut Hunt<'_>, holdings: &mut Holdings) {
    if hunt.host.can_be_entered_unasked() && open_shell(hunt, &mut holdings.shell).await.is_ok() {
        let _ = start_tunnel(hunt, &mut holdings.tunnel, DEFAULT_INSPECTOR_PORT).await;
    }
}

/// From nothing to an open inspector.
pub(crate) async fn reach<'h>(
    hunt: &mut Hunt<'_>,
    holdings: &'h mut Holdings,
    folder: &SessionFolder,
) -> Result<Reached<'h>, Error> {
    let Holdings { shell, tunnel, session, subject, local_port, browser } = holdings;
    let since = hunt.record.begin(Step::Reach);
    let mut shell = match Held::of(shell) {
        Ok(begun) => begun,
        Err(place) => open_shell(hunt, place).await?,
    };
    let mut tunnel = match Held::of(tunnel) {
        Ok(begun) => begun,
        Err(place) => start_tunnel(hunt, place, DEFAULT_INSPECTOR_PORT).await?,
    };

    // From here on the receipt says what became of the signal, that none was sent as well.
    hunt.undo.push(Undo::Inspector);
    let (process, machine, why) = settle(hunt, &mut shell).await?;
    nobody_hunts_there(hunt, &process)?;
    hunt.record.tell(Event::Chosen {
        pid: process.pid,
        command: process.command.clone(),
        directory: process.directory.clone(),
        user: process.owner(),
        age_s: process.age(&machine),
        why: why.clone(),
    });
    let inspector = match process.open_inspector() {
        Some(_) => look::inspector(&mut shell, &process, &mut hunt.record).await?,
        // The shell looks once more before it signals.
        None => Inspector::Closed,
    };
    inspector.admits(&hunt.target, &process)?;
    if hunt.plan.takes_evidence() {
        disk::look(folder, hunt.plan, &mut hunt.record, process.rss)?;
    }
    // What lends its program to the relay, so that this comes up while the inspector does.
    tunnel.beside(process.pid);
    let subject = match inspector {
        Inspector::Open { port, .. } => Held::put(subject, found_open(hunt, process, machine, port)),
        _ => signal(hunt, &mut shell, subject, process, machine).await?,
    };
    if !tunnel.aim(subject.port) && subject.port != DEFAULT_INSPECTOR_PORT {
        tunnel = restart_tunnel(hunt, tunnel.into_place(), subject.port).await?;
    }
    let detail = format!("process {}: {why}; inspector on port {}", subject.process.pid, subject.port);
    hunt.record.done(since, detail);
    Ok(Reached { shell, tunnel, subject, session, local_port, browser })
}

/// Starts the shell. Returns at once; its first probe waits for it.
pub(crate) async fn open_shell<'h>(
    hunt: &mut Hunt<'_>,
    place: &'h mut Option<RemoteShell>,
) -> Result<Held<'h, RemoteShell>, Error> {
    let shell = RemoteShell::open(hunt.host, &mut hunt.record).await?;
    hunt.undo.push(Undo::RemoteShell);
    hunt.note_child(TeardownStep::RemoteShell, shell.footprint());
    Ok(Held::put(place, shell))
}

/// The process, or why there is none.
async fn settle(
    hunt: &mut Hunt<'_>,
    shell: &mut RemoteShell,
) -> Result<(NodeProcess, Machine, String), Error> {
    let Found { probe, choice, .. } = look(shell, hunt.plan, &mut hunt.record).await?;
    let (process, why) = choice.process(&hunt.target)?;
    Ok((process, probe.machine, why))
}

/// A hunt from this machine is known by its journal. Pid and start are the process's identity, whatever way leads to it.
fn nobody_hunts_there(hunt: &Hunt<'_>, process: &NodeProcess) -> Result<(), Error> {
    let journals = hunt.plan.journals.as_deref().and_then(|folder| journals(folder).ok());
    match journals.is_some_and(|journals| journals.someone_hunts(process, hunt.plan.destination.as_ref())) {
        true => Err(Error::OtherHunt { target: hunt.target.clone(), pid: process.pid }),
        false => Ok(()),
    }
}

/// The inspector is used as it is, and left open.
fn found_open(hunt: &mut Hunt<'_>, process: NodeProcess, machine: Machine, port: u16) -> Subject {
    hunt.record.warn(format!(
        "the inspector of process {} was open already, on port {port}; it is used, and left open",
        process.pid
    ));
    hunt.note(&Act::inspector(&process, port, false));
    Subject { process, machine, port, ours: false, signal: Signal::NotSent, planted: false, death: None }
}
