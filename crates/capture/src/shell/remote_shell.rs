//! The shell on the far side, given orders.
//!
//! One remote command serves the whole hunt: it probes, signals, later says whether the process lives and whether the
//! inspector's port has closed. An order that is not answered in time makes the shell unusable, since a late answer
//! would be taken for the next order's: from then on every order fails at once.

use std::time::Duration;

use leakhunt_host::{Dialogue, Host};

use super::answers::{InspectorPort, Port, Signalled, SnapshotFiles, State};
use super::probe::{self, Probe};
use super::words::{Unreadable, Words, listeners, unreadable};
use crate::data::{Error, Event, NodeProcess};
use crate::record::Record;

/// The script that runs there. `tell`, which frames a line, is put before it by the host.
const SCRIPT: &str = include_str!("reach.sh");
/// Until the first line: the CLI's start, a key, its API calls, SSH.
const OPENING: Duration = Duration::from_secs(60);
/// An answer that only has to be looked up.
const ANSWER: Duration = Duration::from_secs(15);
/// More processes than this are not a dyno.
const MOST_LINES: usize = 4096;

/// The far end's shell.
pub(crate) struct RemoteShell {
    dialogue: Dialogue,
    /// What the hunt's own connection will take of the memory there, bytes.
    relay: u64,
    usable: bool,
    fresh: bool,
}

/// Why an order got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    /// The remote command has ended.
    #[error("the remote shell has ended")]
    Ended,
    /// The link or the CLI failed.
    #[error(transparent)]
    Host(#[from] leakhunt_host::Error),
    /// The answer is not of the script's form.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl From<Silence> for Error {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Host(error) => Self::Host(error),
            other => Self::incomplete(other.to_string()),
        }
    }
}

impl RemoteShell {
    /// Starts the shell. Returns at once; the first [`RemoteShell::probe`] waits for it.
    pub(crate) async fn open(host: &Host, record: &mut Record<'_>) -> Result<Self, Error> {
        let dialogue = host.open(SCRIPT).await?;
        record.command(dialogue.command());
        Ok(Self { dialogue, relay: host.relay_memory(), usable: true, fresh: true })
    }

    /// Looks at the processes there.
    pub(crate) async fn probe(&mut self) -> Result<Probe, Silence> {
        let deadline = if self.fresh {
            // The script's first act is a probe.
            self.fresh = false;
            OPENING
        } else {
            self.send("probe").await?;
            ANSWER
        };
        let mut lines = Vec::new();
        loop {
            let line = self.line(deadline).await?;
            if line == "end" {
                break;
            }
            if lines.len() == MOST_LINES {
                return Err(Unreadable { word: "more than 4096 processes".into() }.into());
            }
            lines.push(line);
        }
        Ok(probe::parse(lines.iter().map(String::as_str))?.with_relay(self.relay))
    }

    /// Sends SIGUSR1, if at that moment nothing stands against it; `port` is where the inspector would listen.
    pub(crate) async fn signal(
        &mut self,
        process: &NodeProcess,
        unproven_too: bool,
        record: &mut Record<'_>,
    ) -> Result<Signalled, Silence> {
        let port = process.inspector_port().unwrap_or(0);
        let proof = if unproven_too { "unproven" } else { "proven" };
        let order = format!("signal {} {} {port} {proof}", process.pid, process.start);
        Ok(Signalled::read(&self.order(order, ANSWER, record).await?)?)
    }

    /// Looks at the port on which a process's inspector listens, or would.
    pub(crate) async fn inspector_port(
        &mut self,
        process: &NodeProcess,
        record: &mut Record<'_>,
    ) -> Result<InspectorPort, Silence> {
        let port = process.open_inspector().or(process.inspector_port()).unwrap_or(0);
        let order = format!("inspector {} {} {port}", process.pid, process.start);
        let answer = self.order(order, ANSWER, record).await?;
        match answer.split_once(' ').unwrap_or((&answer, "")) {
            ("closed", _) => Ok(InspectorPort::Closed),
            ("taken", _) => Ok(InspectorPort::Taken),
            ("gone", _) => Ok(InspectorPort::Gone),
            ("open", rest) => Ok(InspectorPort::Open { clients: Words::of(rest)?.number("clients")? }),
            _ => Err(unreadable(&answer).into()),
        }
    }

    /// The options for its inspector that a process's configuration file switches on; none where it was told to read no such file.
    pub(crate) async fn configured(
        &mut self,
        process: &NodeProcess,
        record: &mut Record<'_>,
    ) -> Result<Vec<&'static str>, Silence> {
        const OPTIONS: [&str; 4] =
            ["--disable-sigusr1", "--permission", "--experimental-permission", "--allow-inspector"];
        let Some(file) = process.config_file() else { return Ok(Vec::new()) };
        let order = format!("configured {} {} {file}", process.pid, process.start);
        let answer = self.order(order, ANSWER, record).await?;
        let Some(rest) = answer.strip_prefix("configured ") else { return Ok(Vec::new()) };
        let words = Words::of(rest)?;
        let on: Vec<&str> = words.word("options")?.split(',').collect();
        Ok(OPTIONS.into_iter().filter(|option| on.contains(option)).collect())
    }

    /// Is the process that started at `start` still there?
    pub(crate) async fn state(
        &mut self,
        pid: u32,
        start: u64,
        record: &mut Record<'_>,
    ) -> Result<State, Silence> {
        let answer = self.order(format!("state {pid} {start}"), ANSWER, record).await?;
        match answer.split_once(' ').unwrap_or((&answer, "")) {
            ("alive", rest) => Ok(State::Alive(listeners(Words::of(rest)?.word("ports")?)?)),
            ("gone", _) => Ok(State::Gone),
            _ => Err(Unreadable { word: answer }.into()),
        }
    }

    /// Waits until the process no longer listens on the port.
    pub(crate) async fn closed(
        &mut self,
        (pid, start, port): (u32, u64, u16),
        patience: Duration,
        record: &mut Record<'_>,
    ) -> Result<Port, Silence> {
        let order = format!("closed {pid} {start} {port} {}", patience.as_secs());
        let answer = self.order(order, patience + ANSWER, record).await?;
        match answer.split(' ').next() {
            Some("closed") => Ok(Port::Closed),
            Some("still-open") => Ok(Port::StillOpen),
            Some("gone") => Ok(Port::Gone),
            _ => Err(Unreadable { word: answer }.into()),
        }
    }

    /// Counts the snapshot files of ours that the process holds open, or that lie in its folders.
    pub(crate) async fn held(
        &mut self,
        pid: u32,
        start: u64,
        record: &mut Record<'_>,
    ) -> Result<SnapshotFiles, Silence> {
        let answer = self.order(format!("held {pid} {start}"), ANSWER, record).await?;
        let Some(rest) = answer.strip_prefix("held ") else { return Ok(SnapshotFiles::default()) };
        let words = Words::of(rest)?;
        let count = |word: &str| -> Result<u32, Silence> {
            let text = words.word(word)?;
            text.parse().map_err(|_| Unreadable { word: text.to_owned() }.into())
        };
        Ok(SnapshotFiles { open: count("open")?, named: count("named")? })
    }

    /// Has the kernel killed a process of this one's cgroup for memory, since the shell first saw it? No answer is no.
    pub(crate) async fn killed_for_memory(&mut self, pid: u32, record: &mut Record<'_>) -> bool {
        let Ok(answer) = self.order(format!("ooms {pid}"), ANSWER, record).await else { return false };
        let count = |word: &str| -> Option<u64> {
            Words::of(answer.strip_prefix("ooms ")?).ok()?.word(word).ok()?.parse().ok()
        };
        count("before").zip(count("now")).is_some_and(|(before, now)| now > before)
    }

    /// What it has on this machine.
    pub(crate) fn footprint(&self) -> Option<leakhunt_host::Footprint> {
        self.dialogue.footprint()
    }

    /// Ends the shell and its process group here.
    pub(crate) async fn stop(mut self) -> leakhunt_host::Stopped {
        if self.usable {
            // It ends by itself when told to, which spares the far side a hang-up.
            let _ = self.dialogue.say("bye").await;
        }
        self.dialogue.stop().await
    }

    async fn order(
        &mut self,
        order: String,
        deadline: Duration,
        record: &mut Record<'_>,
    ) -> Result<String, Silence> {
        self.send(&order).await?;
        let answer = self.line(deadline).await?;
        record.tell(Event::Order { order, answer: answer.clone() });
        Ok(answer)
    }

    async fn send(&mut self, order: &str) -> Result<(), Silence> {
        if !self.usable {
            return Err(Silence::Ended);
        }
        // Until the answer is here: a dropped future leaves an answer that nobody waits for.
        self.usable = false;
        self.dialogue.say(order).await?;
        self.usable = true;
        Ok(())
    }

    async fn line(&mut self, deadline: Duration) -> Result<String, Silence> {
        self.usable = false;
        let line = self.dialogue.line(deadline).await?.ok_or(Silence::Ended)?;
        self.usable = true;
        Ok(line)
    }
}
