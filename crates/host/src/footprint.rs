//! A child's process group, in a form that outlives the hunt that started it.
//!
//! A process group's number alone says nothing once its maker is dead: numbers are used again. With the moment at which
//! the leader started it names one group for ever, so a later run can end exactly what an earlier one left, and nothing
//! else. What lives on without its leader is found by its private folder: see [`crate::PrivateFolders`].

use std::fs;

use rustix::process::{Pid, getpgrp};
use serde::{Deserialize, Serialize};

use crate::members::{end_group, members};

/// A child's process group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// The process group, which is its leader's pid.
    pub group: u32,
    /// When the leader started; boots of the machine are told apart.
    pub started: String,
    /// What the leader ran when it had been started.
    #[serde(default)]
    pub executable: String,
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
        Self {
            group,
            started: started(group).unwrap_or_default(),
            executable: executable(group).unwrap_or_default(),
        }
    }

    /// Ends the group: SIGTERM, a grace, SIGKILL.
    pub async fn erase(&self) -> Erased {
        let Some(group) = Some(self.group).filter(|_| self.is_a_group()) else { return Erased::WasGone };
        let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) else { return Erased::WasGone };
        if !self.is_ours(group) {
            return Erased::WasGone;
        }
        match end_group(group, || members(group).is_empty()).await {
            true => Erased::Ended,
            false => Erased::Remains,
        }
    }

    /// Could it be the group of a child? Not where `kill` means everybody (`kill(-1)`) or the sender's own group (`kill(0)`),
    /// and not the group that this process is in: whoever names these has made them up.
    #[must_use]
    pub fn is_a_group(&self) -> bool {
        self.group > 1
            && i32::try_from(self.group).is_ok()
            && u32::try_from(getpgrp().as_raw_pid()).is_ok_and(|ours| ours != self.group)
    }

    /// Does its leader live, and is it the one that was started, and what was started?
    fn is_ours(&self, group: Pid) -> bool {
        let runs = executable(self.group).unwrap_or_default();
        !self.started.is_empty()
            && !members(group).is_empty()
            && started(self.group).is_some_and(|started| started == self.started)
            && !runs.is_empty()
            && (runs == self.executable || makes_way(&self.executable))
    }
}

/// Whether a program hands its place to another: `heroku` is a script that `env` or a shell begins and Node.js goes on with.
fn makes_way(executable: &str) -> bool {
    let name = executable.rsplit('/').next().unwrap_or_default();
    matches!(name, "env" | "coreutils" | "busybox" | "sh" | "bash" | "dash" | "zsh" | "ksh")
}

/// What a process runs.
fn executable(pid: u32) -> Option<String> {
    if cfg!(target_os = "linux") {
        let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?.display().to_string();
        // An update may have replaced it meanwhile.
        Some(path.strip_suffix(" (deleted)").unwrap_or(&path).to_owned())
    } else {
        told_by_ps(pid, "comm=")
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
        told_by_ps(pid, "lstart=")
    }
}

fn told_by_ps(pid: u32, what: &str) -> Option<String> {
    let ps = std::process::Command::new("ps").args(["-o", what, "-p", &pid.to_string()]).output().ok()?;
    let line = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
    (!line.is_empty()).then_some(line)
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
        let executable = std::mem::replace(&mut footprint.executable, "/usr/bin/node".to_owned());
        assert_eq!(footprint.erase().await, Erased::WasGone);
        footprint.executable.clear();
        assert_eq!(footprint.erase().await, Erased::WasGone);
        assert!(child.try_wait().unwrap().is_none(), "it lives");
        footprint.executable = executable;
        let reaper = std::thread::spawn(move || child.wait());
        assert_eq!(footprint.erase().await, Erased::Ended);
        reaper.join().unwrap().unwrap();
    }

    #[tokio::test]
    async fn no_group_that_was_made_up_is_signalled() {
        let ours = u32::try_from(getpgrp().as_raw_pid()).unwrap();
        for group in [0, 1, ours, u32::MAX, 1 << 31] {
            // All else that is asked of it is true.
            let footprint = Footprint::of(group);
            assert!(!footprint.is_a_group(), "{group}");
            assert_eq!(footprint.erase().await, Erased::WasGone, "{group}");
        }
    }
}
