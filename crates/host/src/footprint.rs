//! A child's process group, in a form that outlives the hunt that started it.
//!
//! A process group's number alone says nothing once its maker is dead: numbers are used again. With the moment at which
//! the leader started it names one group for ever, so a later run can end exactly what an earlier one left, and nothing
//! else. What lives on without its leader is found by its private folder: see [`crate::PrivateFolders`].

use std::fs;

use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use crate::group::{end_group, members};

/// A child's process group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// The process group, which is its leader's pid.
    pub group: u32,
    /// When the leader started; boots of the machine are told apart.
    pub started: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// Nothing was there any more.
    WasGone,
    /// It was there, and is gone.
    Ended,
    /// It is still there, or it cannot be told whether what is there is ours.
    Remains,
}

impl Footprint {
    pub(crate) fn of(group: u32) -> Self {
        Self { group, started: started(group).unwrap_or_default() }
    }

    /// Ends the group: SIGTERM, a grace, SIGKILL.
    pub async fn erase(&self) -> Erased {
        let Some(group) = i32::try_from(self.group).ok().and_then(Pid::from_raw) else {
            return Erased::WasGone;
        };
        if !self.is_ours(group) {
            return Erased::WasGone;
        }
        match end_group(group, || members(group).is_empty()).await {
            true => Erased::Ended,
            false => Erased::Remains,
        }
    }

    /// Does its leader live, and is it the one that was started?
    fn is_ours(&self, group: Pid) -> bool {
        !self.started.is_empty()
            && !members(group).is_empty()
            && started(self.group).is_some_and(|started| started == self.started)
    }
}

/// When a process started, in words that are compared and not read.
fn started(pid: u32) -> Option<String> {
    if cfg!(target_os = "linux") {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Field 22 of proc_pid_stat(5); the name in parentheses may hold anything.
        let (_, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let state = fields.next()?;
        let ticks = fields.nth(18)?;
        (!matches!(state, "Z" | "X" | "x")).then(|| format!("{}/{ticks}", boot.trim()))
    } else {
        let ps =
            std::process::Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]).output().ok()?;
        let line = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
        (!line.is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use super::*;

    fn left_behind() -> Child {
        Command::new("sh").args(["-c", "trap '' TERM; sleep 300 & wait"]).process_group(0).spawn().unwrap()
    }

    #[tokio::test]
    async fn what_a_dead_hunt_left_is_ended() {
        let mut child = left_behind();
        let footprint = Footprint::of(child.id());
        // Somebody has to reap it, as init does for an orphan.
        let reaper = std::thread::spawn(move || child.wait());
        assert_eq!(footprint.erase().await, Erased::Ended);
        reaper.join().unwrap().unwrap();
        assert_eq!(footprint.erase().await, Erased::WasGone);
    }

    #[tokio::test]
    async fn another_process_of_that_number_is_left_alone() {
        let mut child = left_behind();
        let mut footprint = Footprint::of(child.id());
        footprint.started.push('0');
        assert_eq!(footprint.erase().await, Erased::WasGone);
        assert!(child.try_wait().unwrap().is_none(), "it lives");
        footprint.started.pop();
        let reaper = std::thread::spawn(move || child.wait());
        assert_eq!(footprint.erase().await, Erased::Ended);
        reaper.join().unwrap().unwrap();
    }
}
