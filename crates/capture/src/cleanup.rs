//! What a hunt that was killed has left, finished by a later run.
//!
//! Here: process groups that are known to be its own, private folders, partial files. There: one shell looks whether
//! the process that was under study still listens on the port of its inspector; mostly its dead-man has closed it long
//! since. If not, and if the hunt had opened it, it is attached to once more, only to close it. A line of the receipt says
//! of each what was seen; a journal whose receipt is confirmed is removed.

use std::path::Path;
use std::time::Duration;

use leakhunt_host::{Erased, Footprint, Host, PrivateFolders};
use tokio::time::Instant;

use crate::data::{
    AppTime, Destination, Error, Event, Interrupt, Line, Machine, NodeProcess, Plan, Receipt, TeardownStep,
};
use crate::holdings::{Holdings, Subject};
use crate::hunt::Hunt;
use crate::reach;
use crate::record::{Act, Journals, Record, Target, Unfinished, inspector, remove_partials};
use crate::shell::{RemoteShell, Signal, SnapshotFiles, State};
use crate::teardown::{by_hand, teardown};
use crate::undo::Undo;

/// Finishes one hunt's teardown. `host` leads to its target; without one only this machine is cleaned. `others` are all
/// journals, of which the living ones are respected.
pub async fn cleanup(
    unfinished: Unfinished,
    host: Result<&Host, String>,
    others: &Journals,
    watch: &(dyn Fn(&Event) + Send + Sync),
    interrupt: &Interrupt,
) -> Receipt {
    let Unfinished { journal, acts, destination, .. } = unfinished;
    let plan = Plan { destination, ..Plan::default() };
    let nowhere = Host::Local(leakhunt_host::Local::new(leakhunt_host::Environment::default()));
    let mut hunt = Hunt::new(&plan, host.as_ref().unwrap_or(&&nowhere), Record::new(watch));
    let mut holdings = Holdings::default();
    hunt.journal = Some(journal);
    let mut receipt = Receipt::default();
    for (what, footprint) in children(&acts) {
        let began = Instant::now();
        let line = child(what, footprint).await;
        add(&mut hunt, &mut receipt, line, began);
    }
    for folders in private(&acts) {
        let began = Instant::now();
        let line = private_folders(folders).await;
        add(&mut hunt, &mut receipt, line, began);
    }
    for folder in folders(&acts) {
        add(&mut hunt, &mut receipt, partials(folder), Instant::now());
    }
    if let Some(target) = inspector(&acts) {
        let began = Instant::now();
        let lines = tokio::select! {
            biased;
            () = interrupt.stop.cancelled() => {
                vec![Line::unverified(TeardownStep::Inspector, "interrupted before it was looked at")]
            }
            lines = remote(&mut hunt, &mut holdings, target, host.err(), others) => lines,
        };
        for line in lines {
            add(&mut hunt, &mut receipt, line, began);
        }
    }
    let left = teardown(&mut hunt, &mut holdings, &mut AppTime::default(), &interrupt.hurry).await;
    receipt.undone.extend(left.undone);
    if receipt.is_confirmed() {
        if let Some(Err(error)) = hunt.journal.take().map(|journal| journal.finish()) {
            let line = Line::unverified(TeardownStep::Journal, format!("it cannot be removed: {error}"));
            add(&mut hunt, &mut receipt, line, Instant::now());
        }
    } else {
        receipt.by_hand = Some(by_hand(&hunt, holdings.subject.as_ref(), &receipt));
    }
    receipt
}

fn add(hunt: &mut Hunt<'_>, receipt: &mut Receipt, line: Line, since: Instant) {
    let undone = receipt.add(line, since.elapsed());
    hunt.record.tell(Event::Undone { undone });
}

fn children(acts: &[Act]) -> impl Iterator<Item = (TeardownStep, &Footprint)> {
    acts.iter().filter_map(|act| match act {
        Act::Child { what, footprint } => Some((*what, footprint)),
        _ => None,
    })
}

fn private(acts: &[Act]) -> impl Iterator<Item = &PrivateFolders> {
    acts.iter().filter_map(|act| if let Act::Private { folders } = act { Some(folders) } else { None })
}

fn folders(acts: &[Act]) -> impl Iterator<Item = &Path> {
    acts.iter().filter_map(|act| if let Act::Folder { path } = act { Some(path.as_path()) } else { None })
}

async fn child(what: TeardownStep, footprint: &Footprint) -> Line {
    let group = footprint.group;
    match footprint.erase().await {
        Erased::WasGone => Line::verified(what, format!("process group {group} had gone by itself")),
        Erased::Ended => Line::verified(what, format!("process group {group} was ended")),
        Erased::Remains => Line::unverified(what, format!("process group {group} is still there")),
    }
}

async fn private_folders(folders: &PrivateFolders) -> Line {
    let what = TeardownStep::PrivateFolders;
    match folders.erase().await {
        Erased::WasGone => Line::verified(what, "none"),
        Erased::Ended => Line::verified(what, "removed, with all that used them"),
        Erased::Remains => {
            let names = folders.within.join(&folders.prefix);
            Line::unverified(what, format!("{}* are still there, or in use", names.display()))
        }
    }
}

fn partials(folder: &Path) -> Line {
    let what = TeardownStep::PartialFiles;
    match remove_partials(folder) {
        Ok(0) => Line::verified(what, "none"),
        Ok(count) => Line::verified(what, format!("{count} removed from {}", folder.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Line::verified(what, "the session folder is gone")
        }
        Err(error) => Line::unverified(what, format!("{}: {error}", folder.display())),
    }
}

/// Looks at the far side, and prepares the way out's own steps where something is to be closed.
async fn remote(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    target: Target,
    nowhere: Option<String>,
    others: &Journals,
) -> Vec<Line> {
    let what = TeardownStep::Inspector;
    let same = |(place, other): &(Option<Destination>, Target)| {
        *place == hunt.plan.destination && (other.pid, other.start) == (target.pid, target.start)
    };
    if others.busy.iter().any(same) {
        return vec![Line::verified(what, "another hunt uses it now, and closes it")];
    }
    if let Some(why) = nowhere {
        return vec![Line::unverified(what, why)];
    }
    match look(hunt, holdings, target).await {
        Ok(lines) => lines,
        Err(error) => vec![Line::unverified(what, format!("nobody could look: {error}"))],
    }
}

async fn look(hunt: &mut Hunt<'_>, holdings: &mut Holdings, target: Target) -> Result<Vec<Line>, Error> {
    let what = TeardownStep::Inspector;
    let Target { pid, start, port, ours } = target;
    let gone = || vec![Line::verified(what, format!("process {pid} is gone, and its port {port} with it"))];
    match hunt.host.preflight().await {
        Ok(found) => hunt.platform = Some(found.platform),
        Err(error) if error.place_is_gone() => return Ok(gone()),
        Err(error) => return Err(error.into()),
    }
    hunt.note_private();
    let mut shell = reach::open_shell(hunt, &mut holdings.shell).await?;
    let probe = shell.probe().await?;
    let State::Alive(ports) = shell.state(pid, start, &mut hunt.record).await? else { return Ok(gone()) };
    let files = until_dropped(&mut shell, target, &mut hunt.record).await?;
    let process = probe.nodes.into_iter().find(|node| (node.pid, node.start) == (pid, start));
    let mut lines = match process {
        _ if !ports.iter().any(|listener| listener.port == port) => {
            vec![Line::verified(what, format!("process {pid} had closed it by itself"))]
        }
        _ if !ours => vec![Line::verified(what, "it stays open, as the hunt had found it")],
        None => vec![Line::unverified(what, format!("{pid} is not seen to run Node.js"))],
        // The way out has a line of its own.
        Some(process) => {
            open(hunt, holdings, process, port).await?;
            Vec::new()
        }
    };
    lines.push(remote_file(pid, files));
    Ok(lines)
}

fn remote_file(pid: u32, files: SnapshotFiles) -> Line {
    let what = TeardownStep::RemoteFile;
    match files {
        SnapshotFiles { open: 0, named: 0 } => Line::verified(what, "none"),
        SnapshotFiles { open, named } => Line::unverified(
            what,
            format!(
                "process {pid} holds {open} open, and {named} .leakhunt-{pid}-* lie in /tmp or beside the app"
            ),
        ),
    }
}

/// The dead-man drops the file when it sees its client gone: within 4.8 s on a busy machine.
async fn until_dropped(
    shell: &mut RemoteShell,
    target: Target,
    record: &mut Record<'_>,
) -> Result<SnapshotFiles, Error> {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        let files = shell.held(target.pid, target.start, record).await?;
        if files == SnapshotFiles::default() || Instant::now() >= patience {
            return Ok(files);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// It is open: the way out closes it. If what listens on that port is no inspector, any other on loopback may be.
async fn open(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    mut process: NodeProcess,
    port: u16,
) -> Result<(), Error> {
    process.ports.retain(|listener| !listener.loopback);
    reach::start_tunnel(hunt, &mut holdings.tunnel, port).await?;
    let (machine, signal) = (Machine::default(), Signal::NotSent);
    holdings.subject =
        Some(Subject { process, machine, port, ours: true, signal, planted: false, death: None });
    hunt.undo.push(Undo::Inspector);
    Ok(())
}
