//! Cleans up after a rig that could not do so itself.
//!
//! A small shell outside the rig reads, line by line, which dynos run. It acts only when its stdin closes, which
//! happens however the rig ends, by SIGKILL too: then it kills the dynos' inits, and with each the kernel takes its whole
//! namespace, and removes the rig's folder. A rig that ends well has stopped its dynos by then.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Error;

const SCRIPT: &str = r#"
trap '' HUP INT TERM
pids=
while read -r line; do pids=$line; done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
# A folder is free once the last process in it is gone.
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$0" 2>/dev/null && break; sleep 0.2; done
"#;

/// The rig's end of the line to its warden.
#[derive(Debug)]
pub(crate) struct Warden(Mutex<State>);

#[derive(Debug)]
struct State {
    guarded: BTreeSet<u32>,
    line: Option<ChildStdin>,
    shell: Child,
}

impl Warden {
    pub(crate) fn new(folder: &Path) -> Result<Self, Error> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| Error::Program { program: "sh", reason: error.to_string() })?;
        let line = shell.stdin.take();
        Ok(Self(Mutex::new(State { guarded: BTreeSet::new(), line, shell })))
    }

    /// From now on this process dies with the rig.
    pub(crate) fn guard(&self, pid: u32) {
        let mut state = self.state();
        state.guarded.insert(pid);
        state.tell();
    }

    /// This process is gone; its number may soon be another's.
    pub(crate) fn release(&self, pid: u32) {
        let mut state = self.state();
        state.guarded.remove(&pid);
        state.tell();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self) {
        let pids: Vec<String> = self.guarded.iter().map(ToString::to_string).collect();
        if let Some(line) = &mut self.line {
            // A warden that is gone cannot be told; the rig still stops its dynos itself.
            let _ = writeln!(line, "{}", pids.join(" "));
        }
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        let mut state = self.state();
        state.line = None;
        let _ = state.shell.wait();
    }
}
