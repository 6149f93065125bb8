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

use crate::data::{Error, Event, Interrupt, Machine, NodeProcess, Plan, Receipt, Seen};
use crate::hunt::Hunt;
use crate::journal::{self, Act, Journals, Target, Unfinished};
use crate::leave::{self, Line};
use crate::reach::{self, Far, Reached, State};
use crate::record::Record;
use crate::store;
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
    let Unfinished { journal, acts, way, .. } = unfinished;
    let plan = Plan { way, ..Plan::default() };
    let nowhere = Host::Local(leakhunt_host::Local::new(leakhunt_host::Environment::default()));
    let mut hunt = Hunt::new(&plan, host.as_ref().unwrap_or(&&nowhere), Record::new(watch));
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
    if let Some(target) = journal::inspector(&acts) {
        let began = Instant::now();
        let lines = tokio::select! {
            biased;
            () = interrupt.stop.cancelled() => vec![("inspector", Seen::Unverified, "interrupted before it was looked at".to_owned())],
            lines = remote(&mut hunt, target, host.err(), others) => lines,
        };
        for line in lines {
            add(&mut hunt, &mut receipt, line, began);
        }
    }
    let left = leave::leave(&mut hunt, &interrupt.hurry).await;
    receipt.undone.extend(left.undone);
    if receipt.is_confirmed() {
        if let Some(Err(error)) = hunt.journal.take().map(journal::Journal::finish) {
            let line = ("journal", Seen::Unverified, format!("it cannot be removed: {error}"));
            add(&mut hunt, &mut receipt, line, Instant::now());
        }
    } else {
        receipt.by_hand = Some(leave::by_hand(&hunt, &receipt));
    }
    receipt
}

fn add(hunt: &mut Hunt<'_>, receipt: &mut Receipt, (what, seen, how): Line, since: Instant) {
    let undone = receipt.add(what, seen, how, since.elapsed()).clone();
    hunt.record.tell(Event::Undone { undone });
}

fn children(acts: &[Act]) -> impl Iterator<Item = (&str, &Footprint)> {
    acts.iter().filter_map(|act| match act {
        Act::Child { what, footprint } => Some((what.as_str(), footprint)),
        _ => None,
    })
}

fn private(acts: &[Act]) -> impl Iterator<Item = &PrivateFolders> {
    acts.iter().filter_map(|act| if let Act::Private { folders } = act { Some(folders) } else { None })
}

fn folders(acts: &[Act]) -> impl Iterator<Item = &Path> {
    acts.iter().filter_map(|act| if let Act::Folder { path } = act { Some(path.as_path()) } else { None })
}

async fn child(what: &str, footprint: &Footprint) -> Line {
    let what = if what == "tunnel" { "tunnel" } else { "remote shell" };
    let group = footprint.group;
    match footprint.erase().await {
        Erased::WasGone => (what, Seen::Verified, format!("process group {group} had gone by itself")),
        Erased::Ended => (what, Seen::Verified, format!("process group {group} was ended")),
        Erased::Remains => (what, Seen::Unverified, format!("process group {group} is still there")),
    }
}

async fn private_folders(folders: &PrivateFolders) -> Line {
    let what = "private folders";
    match folders.erase().await {
        Erased::WasGone => (what, Seen::Verified, "none".into()),
        Erased::Ended => (what, Seen::Verified, "removed, with all that used them".into()),
        Erased::Remains => {
            let names = folders.within.join(&folders.prefix);
            (what, Seen::Unverified, format!("{}* are still there, or in use", names.display()))
        }
    }
}

fn partials(folder: &Path) -> Line {
    let what = "partial files";
    match store::remove_partials(folder) {
        Ok(0) => (what, Seen::Verified, "none".into()),
        Ok(count) => (what, Seen::Verified, format!("{count} removed from {}", folder.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            (what, Seen::Verified, "the session folder is gone".into())
        }
        Err(error) => (what, Seen::Unverified, format!("{}: {error}", folder.display())),
    }
}

/// Looks at the far side, and prepares the way out's own steps where something is to be closed.
async fn remote(hunt: &mut Hunt<'_>, target: Target, no_way: Option<String>, others: &Journals) -> Vec<Line> {
    let what = "inspector";
    let same = |busy: &&(Vec<String>, Target)| {
        busy.0 == hunt.plan.way && (busy.1.pid, busy.1.start) == (target.pid, target.start)
    };
    if others.busy.iter().any(|busy| same(&busy)) {
        return vec![(what, Seen::Verified, "another hunt uses it now, and closes it".into())];
    }
    if let Some(why) = no_way {
        return vec![(what, Seen::Unverified, why)];
    }
    match look(hunt, target).await {
        Ok(lines) => lines,
        Err(error) => vec![(what, Seen::Unverified, format!("nobody could look: {error}"))],
    }
}

async fn look(hunt: &mut Hunt<'_>, target: Target) -> Result<Vec<Line>, Error> {
    use leakhunt_host::Error::{DynoDown, NoSuchDyno};
    let Target { pid, start, port, ours } = target;
    let gone =
        || vec![("inspector", Seen::Verified, format!("process {pid} is gone, and its port {port} with it"))];
    match hunt.host.preflight().await {
        Ok(found) => hunt.platform = Some(found.platform),
        Err(DynoDown { .. } | NoSuchDyno { .. }) => return Ok(gone()),
        Err(error) => return Err(error.into()),
    }
    hunt.note_private();
    let far = Far::open(hunt.host, &mut hunt.record).await?;
    hunt.undo.push(Undo::Dialogue);
    hunt.note_child("remote shell", far.footprint());
    let far = hunt.far.insert(far);
    let probe = far.probe().await?;
    let State::Alive(ports) = far.state(pid, start, &mut hunt.record).await? else { return Ok(gone()) };
    let held = until_dropped(far, target, &mut hunt.record).await?;
    let mut lines = vec![match (held.open, held.named) {
        (0, 0) => (leave::REMOTE_FILE, Seen::Verified, "none".to_owned()),
        (open, named) => (
            leave::REMOTE_FILE,
            Seen::Unverified,
            format!(
                "process {pid} holds {open} open, and {named} .leakhunt-{pid}-* lie in /tmp or beside the app"
            ),
        ),
    }];
    let process = probe.nodes.into_iter().find(|node| (node.pid, node.start) == (pid, start));
    match process {
        _ if !ports.iter().any(|listener| listener.port == port) => {
            lines.insert(0, ("inspector", Seen::Verified, format!("process {pid} had closed it by itself")));
        }
        _ if !ours => {
            lines.insert(0, ("inspector", Seen::Verified, "it stays open, as the hunt had found it".into()));
        }
        None => lines.insert(0, ("inspector", Seen::Unverified, format!("{pid} is not seen to run Node.js"))),
        Some(process) => open(hunt, process, port).await?,
    }
    Ok(lines)
}

/// The dead-man drops the file when it sees its client gone: within 4.8 s on a busy machine.
async fn until_dropped(
    far: &mut Far,
    target: Target,
    record: &mut Record<'_>,
) -> Result<crate::reach::Held, Error> {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        let held = far.held(target.pid, target.start, record).await?;
        if held == crate::reach::Held::default() || Instant::now() >= patience {
            return Ok(held);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// It is open: the way out closes it. If what listens on that port is no inspector, any other on loopback may be.
async fn open(hunt: &mut Hunt<'_>, mut process: NodeProcess, port: u16) -> Result<(), Error> {
    process.ports.retain(|listener| !listener.loopback);
    reach::start_forward(hunt, port).await?;
    hunt.reached = Some(Reached { process, machine: Machine::default(), port, ours: true });
    hunt.undo.push(Undo::Inspector);
    Ok(())
}
