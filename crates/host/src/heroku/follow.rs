//! `heroku logs --tail` as a child: the log of an app, line by line, for as long as the connection lasts.
//!
//! The CLI reads server-sent events and connects again by itself where a connection is cut; it ends when the log session is over, which
//! the platform decides. A new connection begins with the last lines of the log. What the lines say is not looked at here: an app may log
//! the very words by which the CLI's refusals are known, so only stderr is searched for these.
//!
//! Of a Fir app a session lasts 15 minutes, and a new one begins with nothing. So before it is over a second CLI is started, both
//! are read for a while, and the first is ended: what is logged meanwhile comes twice, and nothing is missing. States there:
//! *alone* → (the session is old) *relieved*: two are read → (the overlap is over) alone.

use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::ask::is_fir;
use super::dyno::Heroku;
use super::log::KEPT;
use super::words;
use crate::group::Group;
use crate::output::{Lines, Piece, Recognise};
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

/// Lines that were read and not yet taken; then the CLI has to wait.
const AHEAD: usize = 4_096;
/// The CLI's own variable for how long a session of a Fir app lasts, in minutes.
const MINUTES: &str = "HEROKU_LOG_STREAM_TIMEOUT";
const SESSION: f64 = 15.0;
/// So long before the end of a session the next one is begun.
const LEAD: Duration = Duration::from_secs(60);
/// For a CLI to start and to be connected, on a machine that is busy.
const OVERLAP: Duration = Duration::from_secs(20);

/// A connection to the log of an app. Dropping it ends the CLI.
pub struct LogTail {
    now: Connection,
    /// The one that takes its place, and when.
    next: Option<(Connection, Instant)>,
    /// Where sessions are short.
    renewal: Option<Renewal>,
}

/// How a connection is made again.
struct Renewal {
    command: CommandLine,
    env: Environment,
    recognise: Recognise,
    every: Duration,
    due: Instant,
}

impl LogTail {
    pub(super) async fn start(heroku: &Heroku) -> Result<Self, Error> {
        let cli = heroku.cli().await?;
        let env = heroku.child_environment(&cli);
        let args = ["logs", "--tail", "--num", KEPT, "-a", heroku.config.app.as_str()];
        let command = CommandLine::new(&cli.program, args);
        let recognise = words::recognise(&heroku.config);
        let now = Connection::start(&command, &env, &recognise)?;
        let renewal = is_fir(heroku).await.then(|| {
            let minutes = env.text(MINUTES).and_then(|text| text.parse().ok()).unwrap_or(SESSION);
            let session = Duration::from_secs_f64(minutes.clamp(0.1, 10_000.0) * 60.0);
            let every = session - LEAD.min(session / 2);
            Renewal { command, env, recognise, every, due: Instant::now() + every }
        });
        Ok(Self { now, next: None, renewal })
    }

    /// The next line, without its end; `None` when the connection is over. Nothing is lost where this is dropped before it is ready.
    pub async fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            let (next, until) = match &mut self.next {
                Some((next, until)) => (Some(next), Some(*until)),
                None => (None, self.renewal.as_ref().map(|renewal| renewal.due)),
            };
            tokio::select! {
                line = self.now.line() => match line {
                    None if self.next.is_some() => self.relieve(),
                    line => return line,
                },
                line = of(next) => match line {
                    // It came to nothing: the one that there is has a minute left.
                    None => self.next = None,
                    line => return line,
                },
                () = at(until) => match self.next {
                    Some(_) => self.relieve(),
                    None => self.renew(),
                },
            }
        }
    }

    /// Starts the one that will take the place of this one.
    fn renew(&mut self) {
        let Some(renewal) = &mut self.renewal else { return };
        renewal.due = Instant::now() + renewal.every;
        let next = Connection::start(&renewal.command, &renewal.env, &renewal.recognise);
        self.next = next.ok().map(|next| (next, Instant::now() + OVERLAP.min(renewal.every)));
    }

    fn relieve(&mut self) {
        if let Some((next, _)) = self.next.take() {
            self.now = next;
        }
    }

    /// Ends the CLI, if it has not ended, and says why the connection is over.
    pub async fn ended(self) -> Error {
        if let Some((next, _)) = self.next {
            let _ = next.ended().await;
        }
        self.now.ended().await
    }
}

async fn of(connection: Option<&mut Connection>) -> Option<Vec<u8>> {
    match connection {
        Some(connection) => connection.line().await,
        None => std::future::pending().await,
    }
}

async fn at(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// One CLI.
struct Connection {
    group: Group,
    lines: mpsc::Receiver<Vec<u8>>,
    refused: mpsc::Receiver<Error>,
    refusal: Option<Error>,
    tail: Tail,
}

impl Connection {
    fn start(command: &CommandLine, env: &Environment, recognise: &Recognise) -> Result<Self, Error> {
        let (group, pipes) = Group::spawn(command, env)?;
        // A prompt meets its end instead of waiting.
        drop(pipes.stdin);
        let tail = Tail::new(env);
        let (to, lines) = mpsc::channel(AHEAD);
        tokio::spawn(read(pipes.stdout, to));
        let (to, refused) = mpsc::channel(1);
        tokio::spawn(listen(pipes.stderr, Recognise::clone(recognise), tail.clone(), to));
        Ok(Self { group, lines, refused, refusal: None, tail })
    }

    async fn line(&mut self) -> Option<Vec<u8>> {
        if self.refusal.is_some() {
            return None;
        }
        tokio::select! {
            line = self.lines.recv() => line,
            Some(refusal) = self.refused.recv() => {
                self.refusal = Some(refusal);
                None
            }
        }
    }

    async fn ended(mut self) -> Error {
        // What it printed last is read to its end.
        let refusal = match self.refusal.take() {
            Some(refusal) => Some(refusal),
            None => timeout(LAST_WORDS, self.refused.recv()).await.ok().flatten(),
        };
        let _ = self.group.stop().await;
        let status = self.group.exited().await;
        refusal.unwrap_or_else(|| Error::Command {
            command: self.group.command().short(),
            ended: status.map_or_else(|| "was lost".to_owned(), |status| format!("ended with {status}")),
            last_lines: self.tail.last_lines(),
        })
    }
}

const LAST_WORDS: Duration = Duration::from_millis(500);

async fn read(stdout: impl AsyncRead + Unpin, to: mpsc::Sender<Vec<u8>>) {
    let mut lines = Lines::new(stdout);
    while let Some(piece) = lines.next().await {
        if matches!(piece, Piece::Line) && to.send(lines.bytes().to_vec()).await.is_err() {
            return;
        }
    }
}

async fn listen(stderr: impl AsyncRead + Unpin, recognise: Recognise, tail: Tail, to: mpsc::Sender<Error>) {
    let mut lines = Lines::new(stderr);
    while let Some(piece) = lines.next().await {
        let text = lines.text();
        if matches!(piece, Piece::Line) {
            tail.push(&text);
        }
        if let Some(refusal) = recognise(&text) {
            // The first one is the reason.
            let _ = to.try_send(refusal);
        }
    }
}
