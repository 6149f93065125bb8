//! Who is in a process group of this machine, and the end of one that no child of ours leads any more.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::time::sleep;

/// What a group gets between SIGTERM and SIGKILL, and after it.
pub(crate) const GRACE: Duration = Duration::from_millis(1500);
pub(crate) const KILL_WAIT: Duration = Duration::from_secs(3);
pub(crate) const POLL: Duration = Duration::from_millis(10);

/// Ends a group: SIGTERM, a grace, SIGKILL. True once `gone` says so.
pub(crate) async fn end_group(group: Pid, gone: impl Fn() -> bool) -> bool {
    for (signal, patience) in [(Signal::TERM, GRACE), (Signal::KILL, KILL_WAIT)] {
        let _ = kill_process_group(group, signal);
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if gone() {
                return true;
            }
            sleep(POLL).await;
        }
    }
    gone()
}

/// The living processes of a group. Zombies do not count: they hold nothing, and in a container whose process 1 does not
/// reap they stay for ever.
pub(crate) fn members(group: Pid) -> Vec<u32> {
    if test_kill_process_group(group).is_err() {
        return Vec::new();
    }
    let Ok(proc) = std::fs::read_dir("/proc") else {
        // No /proc to look closer with (macOS): the signal's own word is what there is.
        return vec![group.as_raw_pid().unsigned_abs()];
    };
    proc.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| is_living_member(*pid, group))
        .collect()
}

fn is_living_member(pid: u32, group: Pid) -> bool {
    // proc(5): `pid (comm) state ppid pgrp …`, and comm may hold anything, a `)` too.
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let Some((_, rest)) = stat.rsplit_once(") ") else { return false };
    let mut fields = rest.split(' ');
    let state = fields.next().unwrap_or_default();
    let pgrp = fields.nth(1).and_then(|f| f.parse().ok());
    pgrp == Some(group.as_raw_pid()) && !matches!(state, "Z" | "X" | "x")
}
