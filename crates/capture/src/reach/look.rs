//! The looks before anything is done: at the processes there, and at the inspector of the one that was chosen.

use std::time::Duration;

use tokio::time::Instant;

use super::choose::{Choice, after_looking, choose};
use crate::data::{DEFAULT_INSPECTOR_PORT, Event, Inspector, NodeProcess, Plan};
use crate::record::Record;
use crate::shell::{InspectorPort, Probe, RemoteShell, Silence};

/// A process that is starting gets this long to install its handler: the slowest start took 174 ms (Node 26), and a dyno
/// that has no CPU to spare, or whose loader waits for a library, takes a lot longer.
const STARTING: Duration = Duration::from_secs(20);
/// Between two looks at a process that is starting, or at who is attached to it.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// The connection of a hunt that was killed goes within moments; one that stays this long is somebody's.
const LEAVING: Duration = Duration::from_secs(5);

/// What was found.
pub(crate) struct Found {
    pub(crate) probe: Probe,
    pub(crate) choice: Choice,
    /// Those among which it was made, where there were several.
    pub(crate) candidates: Vec<u32>,
}

/// Probes until the choice is made, waiting for a process that is starting, or to see which of several grows. Reads, and signals
/// nothing.
pub(crate) async fn look(
    shell: &mut RemoteShell,
    plan: &Plan,
    record: &mut Record<'_>,
) -> Result<Found, Silence> {
    let (probe, choice) = first_look(shell, plan, record).await?;
    let (several, cluster) = match choice {
        Choice::Tie { candidates, cluster } => (candidates, cluster),
        Choice::Primary(_, ref workers) => {
            let candidates = workers.clone();
            return Ok(Found { probe, choice, candidates });
        }
        choice => return Ok(Found { probe, choice, candidates: Vec::new() }),
    };
    let pids: Vec<u32> = several.iter().map(|one| one.pid).collect();
    let probe = if plan.look_for.is_zero() {
        probe
    } else {
        record.tell(Event::Candidates { pids: pids.clone(), look: plan.look_for });
        tokio::time::sleep(plan.look_for).await;
        shell.probe().await?
    };
    let choice = after_looking(&probe, several, cluster, plan.look_for);
    Ok(Found { probe, choice, candidates: pids })
}

async fn first_look(
    shell: &mut RemoteShell,
    plan: &Plan,
    record: &mut Record<'_>,
) -> Result<(Probe, Choice), Silence> {
    let patience = Instant::now() + STARTING;
    loop {
        let probe = shell.probe().await?;
        let mut choice = choose(&probe, plan);
        if let Choice::NotReady(process) = &mut choice
            && process.locked_by().is_none()
        {
            process.configured = shell.configured(process, record).await?;
        }
        match &choice {
            Choice::NotReady(process) if process.locked_by().is_none() && Instant::now() < patience => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            _ => return Ok((probe, choice)),
        }
    }
}

/// Looks at a process's inspector. Who is leaving it gets a moment.
pub(crate) async fn inspector(
    shell: &mut RemoteShell,
    process: &NodeProcess,
    record: &mut Record<'_>,
) -> Result<Inspector, Silence> {
    let patience = Instant::now() + LEAVING;
    loop {
        let port = process.open_inspector().or(process.inspector_port()).unwrap_or(DEFAULT_INSPECTOR_PORT);
        match shell.inspector_port(process, record).await? {
            // One that was opened by a signal, and has nobody: of a hunt that was killed, which its dead-man closes, or of one
            // that is about to attach.
            InspectorPort::Open { clients }
                if (clients > 0 || !process.starts_with_an_inspector()) && Instant::now() < patience =>
            {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            InspectorPort::Open { clients } => return Ok(Inspector::Open { port, clients }),
            InspectorPort::Closed => return Ok(Inspector::Closed),
            InspectorPort::Gone => return Ok(Inspector::Gone),
            InspectorPort::Taken => {
                let nodes = shell.probe().await.map(|probe| probe.nodes).unwrap_or_default();
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
