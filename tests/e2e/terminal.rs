//! A terminal with somebody at it: what is shown, and what is typed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::poll;

/// A command that has a terminal for its stdin, stdout and stderr.
pub(crate) struct Terminal {
    child: Child,
    ours: File,
    shown: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    #[track_caller]
    pub(crate) fn spawn(mut command: Command, args: &[&str]) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        command.args(args).stdin(theirs.try_clone().unwrap());
        command.stdout(theirs.try_clone().unwrap()).stderr(theirs);
        let child = command.spawn().unwrap();
        // Its copies of the terminal go with it: when the child has ended, the reader meets an end as well.
        drop(command);
        let ours = File::from(ours);
        let shown = Arc::new(Mutex::new(Vec::new()));
        let reader = std::thread::spawn({
            let (mut ours, shown) = (ours.try_clone().unwrap(), Arc::clone(&shown));
            move || {
                let mut some = [0; 4096];
                while let Ok(length @ 1..) = ours.read(&mut some) {
                    shown.lock().unwrap().extend_from_slice(&some[..length]);
                }
            }
        });
        Self { child, ours, shown, reader: Some(reader) }
    }

    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        poll(text, || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() || self.shown().contains(text), "ended without {text}: {}", self.shown());
            self.shown().contains(text).then_some(())
        });
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.ours.write_all(text.as_bytes()).unwrap();
    }

    /// The exit code; all that it has said is in `shown` then.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let status = self.child.wait().unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status.code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // One that has ended is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
