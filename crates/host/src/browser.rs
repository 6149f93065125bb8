//! A browser of this machine, started for one page and told which by a pipe.
//!
//! Neither Chrome nor Chromium takes the address of DevTools from its command line, and one that is running already hands a
//! command line on and ends. So it gets a profile of its own, in a private folder, and its orders by `--remote-debugging-pipe`:
//! a port would be open to every user of this machine. It ends when the pipe does, even where this process is killed, and
//! the shell that started it removes the profile then.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

use crate::footprint::Footprint;
use crate::group::{Group, Stopped};
use crate::tail::LastLines;
use crate::{CommandLine, Environment, Error};

/// As they are called on PATH.
const NAMES: [&str; 4] = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];

/// Where they are on macOS.
const APPLICATIONS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The browser reads its orders from 3 and answers on 4.
const START: &str = "trap : TERM INT\nprofile=$1\nshift\n\
                     \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1\nstatus=$?\nrm -rf -- \"$profile\"\nexit $status";

/// For it to end by itself.
const GOODBYE: Duration = Duration::from_secs(4);

/// An answer is some hundred bytes.
const LONGEST_ANSWER: usize = 64 << 10;

/// A running browser. Dropping it kills its process group.
pub struct Browser {
    // Declared first, dropped first: the group is killed before its profile goes.
    group: Group,
    orders: ChildStdin,
    answers: ChildStdout,
    _profile: TempDir,
}

impl Browser {
    /// The Chrome or Chromium that is installed.
    pub fn find(environment: &Environment) -> Option<PathBuf> {
        let on_path = NAMES.iter().find_map(|name| which::which_in(name, environment.get("PATH"), "/").ok());
        on_path.or_else(|| APPLICATIONS.iter().map(PathBuf::from).find(|path| path.exists()))
    }

    /// What [`find`](Self::find) looks for, in words.
    pub fn looked_for() -> String {
        let on_path = NAMES.join(", ");
        if cfg!(target_os = "macos") {
            format!("{on_path} on PATH, {}", APPLICATIONS.join(", "))
        } else {
            format!("{on_path} on PATH")
        }
    }

    /// Starts it, without a window.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(program: &Path, environment: &Environment) -> Result<Self, Error> {
        // The path of a Unix socket is short, and Chromium makes one below.
        let fits = |path: &&Path| path.is_absolute() && path.as_os_str().len() <= 40;
        let temporary = environment.get("TMPDIR").map(Path::new).filter(fits).unwrap_or(Path::new("/tmp"));
        // Only this user can enter what `tempfile` makes.
        let profile = tempfile::Builder::new().prefix("leakhunt-").tempdir_in(temporary);
        let profile =
            profile.map_err(|error| Error::io("making a folder for the browser's profile", error))?;
        let (folder, program) = (profile.path().display().to_string(), program.display().to_string());
        let own = format!("--user-data-dir={folder}");
        let options = ["--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check"];
        let words =
            ["-c", START, "sh", &folder, &program, &own, "--no-startup-window"].into_iter().chain(options);
        let command = CommandLine::new("sh", words);
        let io = [Stdio::piped(), Stdio::piped(), Stdio::null()];
        // What it leaves when it is killed goes with the profile, and the desktop's settings are none of its business: to read them
        // it would leave a file in the user's runtime folder.
        let environment =
            environment.with([("TMPDIR", profile.path())]).with([("GSETTINGS_BACKEND", "memory")]);
        let mut group = Group::start(&command, &environment, io)?;
        let (Some(orders), Some(answers)) = (group.take_stdin(), group.take_stdout()) else {
            return Err(Error::io("starting the browser", std::io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Self { group, orders, answers, _profile: profile })
    }

    /// Gives it an order, and waits for the answer to its first one; it says nothing by itself before.
    ///
    /// # Errors
    /// [`Error::Command`] where it ends instead, [`Error::TimedOut`].
    pub async fn ask(&mut self, order: &str, within: Duration) -> Result<String, Error> {
        let asked = timeout(within, async {
            self.orders.write_all(&[order.as_bytes(), b"\0"].concat()).await.ok()?;
            let mut answer = Vec::new();
            while answer.len() < LONGEST_ANSWER {
                match self.answers.read_u8().await {
                    Ok(0) => return Some(String::from_utf8_lossy(&answer).into_owned()),
                    Ok(byte) => answer.push(byte),
                    Err(_) => return None,
                }
            }
            None
        });
        match asked.await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => {
                let status = timeout(within, self.group.exited()).await.ok().flatten();
                let ended = status.map_or_else(
                    || "closed its pipe".to_owned(),
                    |status| format!("ended at once ({status})"),
                );
                let command = self.command().short();
                Err(Error::Command { command, ended, last_lines: LastLines::default() })
            }
            Err(_) => Err(Error::TimedOut {
                what: "from the browser".to_owned(),
                after: within,
                last_lines: LastLines::default(),
            }),
        }
    }

    /// The command that started it, for the audit.
    pub fn command(&self) -> &CommandLine {
        self.group.command()
    }

    /// What it has on this machine.
    pub fn footprint(&self) -> Footprint {
        self.group.footprint()
    }

    /// Closes the pipe, which ends it; then SIGTERM to the group, a grace, SIGKILL.
    pub async fn stop(self) -> Stopped {
        let Self { mut group, orders, answers, _profile } = self;
        drop((orders, answers));
        // What it does in order takes it a second or two.
        let _ = timeout(GOODBYE, group.exited()).await;
        group.stop().await
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A folder with a `chromium` that does this, and the environment in which it is found.
    fn installed(script: &str) -> (TempDir, Environment) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("chromium");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut path = vec![folder.path().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        let environment = Environment::new([("PATH", std::env::join_paths(path).unwrap())]);
        let environment = environment.with([("TMPDIR", folder.path().join("tmp"))]);
        (folder, environment)
    }

    fn profiles(folder: &TempDir) -> usize {
        std::fs::read_dir(folder.path().join("tmp")).unwrap().count()
    }

    const ECHO: &str = "for word; do case $word in --user-data-dir=*) echo x >\"${word#*=}/file\";; esac; done\n\
                        head -c 6 <&3 >&4; cat <&3 >/dev/null";

    #[tokio::test]
    async fn it_takes_orders_by_its_pipe_and_leaves_no_profile() {
        let (folder, environment) = installed(ECHO);
        let program = Browser::find(&environment).unwrap();
        let mut browser = Browser::start(&program, &environment).unwrap();
        let answer = browser.ask("order", Duration::from_secs(20)).await.unwrap();
        assert_eq!((answer.as_str(), profiles(&folder)), ("order", 1));
        assert!(browser.stop().await.gone);
        assert_eq!(profiles(&folder), 0);
    }

    /// As when this process is killed: the pipe ends, and nobody is there to clean up.
    #[tokio::test]
    async fn without_its_pipe_it_ends_and_its_shell_removes_the_profile() {
        let (folder, environment) = installed(ECHO);
        let program = Browser::find(&environment).unwrap();
        let mut browser = Browser::start(&program, &environment).unwrap();
        browser.ask("order", Duration::from_secs(20)).await.unwrap();
        let Browser { mut group, orders, answers, _profile } = browser;
        drop((orders, answers));
        assert!(timeout(Duration::from_secs(20), group.exited()).await.unwrap().unwrap().success());
        assert_eq!(profiles(&folder), 0);
    }

    #[tokio::test]
    async fn one_that_does_not_start_says_so() {
        let (_folder, environment) = installed("exit 7");
        let program = Browser::find(&environment).unwrap();
        let mut browser = Browser::start(&program, &environment).unwrap();
        let error = browser.ask("order", Duration::from_secs(20)).await.unwrap_err();
        assert!(error.to_string().contains("ended at once (exit status: 7)"), "{error}");
        let nowhere = Environment::new([("PATH", "/nonexistent")]);
        assert!(cfg!(target_os = "macos") || Browser::find(&nowhere).is_none());
        assert!(Browser::looked_for().contains("google-chrome, "));
    }
}
