//! `heroku logs --tail` as a child: the log of an app, line by line, for as long as the connection lasts.
//!
//! The CLI reads server-sent events and connects again by itself where a connection is cut; it ends when the log session is over, which
//! the platform decides. A new connection begins with the last lines of the log. What the lines say is not looked at here: an app may log
//! the very words by which the CLI's refusals are known, so only stderr is searched for these.

use tokio::io::AsyncRead;
use tokio::sync::mpsc;

use super::dyno::Heroku;
use super::log::KEPT;
use super::words;
use crate::group::Group;
use crate::output::{Lines, Piece, Recognise};
use crate::tail::Tail;
use crate::{CommandLine, Error};

/// Lines that were read and not yet taken; then the CLI has to wait.
const AHEAD: usize = 4_096;

/// A connection to the log of an app. Dropping it ends the CLI.
pub struct LogTail {
    group: Group,
    lines: mpsc::Receiver<Vec<u8>>,
    refused: mpsc::Receiver<Error>,
    refusal: Option<Error>,
    tail: Tail,
}

impl LogTail {
    pub(super) async fn start(heroku: &Heroku) -> Result<Self, Error> {
        let cli = heroku.cli().await?;
        let env = heroku.child_environment(&cli);
        let args = ["logs", "--tail", "--num", KEPT, "-a", heroku.config.app.as_str()];
        let (group, pipes) = Group::spawn(&CommandLine::new(&cli.program, args), &env)?;
        // A prompt meets its end instead of waiting.
        drop(pipes.stdin);
        let tail = Tail::new(&heroku.config.environment);
        let (to, lines) = mpsc::channel(AHEAD);
        tokio::spawn(read(pipes.stdout, to));
        let (to, refused) = mpsc::channel(1);
        tokio::spawn(listen(pipes.stderr, words::recognise(&heroku.config), tail.clone(), to));
        Ok(Self { group, lines, refused, refusal: None, tail })
    }

    /// The next line, without its end; `None` when the connection is over. Nothing is lost where this is dropped before it is ready.
    pub async fn line(&mut self) -> Option<Vec<u8>> {
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

    /// Ends the CLI, if it has not ended, and says why the connection is over.
    pub async fn ended(mut self) -> Error {
        // What it printed last is read to its end.
        let refusal = match self.refusal.take() {
            Some(refusal) => Some(refusal),
            None => tokio::time::timeout(LAST_WORDS, self.refused.recv()).await.ok().flatten(),
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

const LAST_WORDS: std::time::Duration = std::time::Duration::from_millis(500);

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
