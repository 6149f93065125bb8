//! The process is gone. Who can tell why?

use crate::data::Death;
use crate::holdings::Subject;
use crate::hunt::Hunt;
use crate::record::Record;
use crate::shell::RemoteShell;

/// The process is known to be gone: while the shell that knew it is there, it can tell what the kernel did.
pub(crate) async fn gone(shell: Option<&mut RemoteShell>, subject: &mut Subject, record: &mut Record<'_>) {
    if subject.death.is_some() {
        return;
    }
    let killed = match shell {
        Some(shell) => shell.killed_for_memory(subject.process.pid, record).await,
        None => false,
    };
    subject.death = Some(if killed { Death::OutOfMemory } else { Death::Unknown });
}

/// Where no shell answers, the platform may know: its dyno or container is down, or up since another moment.
pub(crate) async fn platform_saw_it_go(hunt: &Hunt<'_>) -> Option<Death> {
    let ended = hunt.host.ended(hunt.platform.as_ref()?).await;
    ended.ok().flatten().map(Death::from)
}
