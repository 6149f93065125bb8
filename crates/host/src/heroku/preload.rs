//! The private folder of one CLI process: its preload, and the socket on which the preload tells its news.
//!
//! The preload (`preload.cjs`) connects to the socket `tell` first thing and says lines: `loaded COMMAND`, `key`,
//! `listening`, `failed WHY`. The connection stays open for as long as the [`Session`] lives and is the child's only sign
//! that leakhunt does: when it closes (an orderly stop, or leakhunt was killed) the child exits by itself. The folder is 0700,
//! so nobody else can connect, to this socket or to the forward.

use std::ffi::OsString;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::private::{self, PrivateFolders};
use crate::{Environment, Error};

const SOURCE: &str = include_str!("preload.cjs");

/// A connection may tell this much; it tells a few short lines.
const MAX_TOLD: u64 = 64 * 1024;

/// What the preload tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The CLI took it.
    Loaded,
    /// The key came from OpenSSL.
    Key,
    /// The forward listens on its Unix socket.
    Listening,
    /// Something it recognised did not work.
    Failed(String),
}

/// One child's private folder and news. Dropping it ends the child, if the preload took, and removes the folder.
pub(crate) struct Session {
    folder: TempDir,
    news: mpsc::Receiver<Told>,
    accepting: JoinHandle<()>,
}

impl Session {
    /// Makes the folder, writes the preload and listens.
    pub(crate) fn open(private: &PrivateFolders) -> Result<Self, Error> {
        let io = |source| Error::io("making a private folder for the Heroku CLI", source);
        let folder = private.make().map_err(io)?;
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.path().join("preload.cjs"))
            .and_then(|mut file| std::io::Write::write_all(&mut file, SOURCE.as_bytes()))
            .map_err(io)?;
        let listener = UnixListener::bind(folder.path().join("tell")).map_err(io)?;
        let (tx, news) = mpsc::channel(64);
        Ok(Self { folder, news, accepting: tokio::spawn(accept(listener, tx)) })
    }

    /// Puts the preload into a child's environment, after the options the user has there.
    pub(crate) fn arm(&self, env: &mut Environment, port: Option<u16>) {
        let path = self.folder.path().join("preload.cjs");
        let mut options = env.get("NODE_OPTIONS").map_or_else(OsString::new, OsString::from);
        if !options.is_empty() {
            options.push(" ");
        }
        options.push("--require=");
        options.push(node_quoted(&path));
        env.set("NODE_OPTIONS", options);
        env.set(private::VARIABLE, self.folder.path());
        if let Some(port) = port {
            env.set("LEAKHUNT_PORT", port.to_string());
        }
    }

    /// The folder that only this user can enter.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the forward will listen.
    pub(crate) fn forward_path(&self) -> PathBuf {
        self.folder.path().join("forward")
    }

    /// The next news.
    pub(crate) async fn told(&mut self) -> Option<Told> {
        self.news.recv().await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Takes connections and reads their lines; holds them open until it is aborted.
async fn accept(listener: UnixListener, tx: mpsc::Sender<Told>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let tx = tx.clone();
        connections.spawn(async move {
            let mut lines = BufReader::new(stream.take(MAX_TOLD)).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                tracing::debug!("preload: {}", leakhunt_text::one_line(&leakhunt_text::cut(&line)));
                if let Some(told) = read(&line)
                    && tx.send(told).await.is_err()
                {
                    break;
                }
            }
            // Closing is what ends the child; a child that has said all is not told to go.
            std::future::pending::<()>().await;
            drop(lines);
        });
    }
}

fn read(line: &str) -> Option<Told> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("loaded", _) => Some(Told::Loaded),
        ("key", "") => Some(Told::Key),
        ("listening", "") => Some(Told::Listening),
        ("failed", why) => Some(Told::Failed(crate::tail::clean(why, 200))),
        _ => None,
    }
}

/// A path as one word of NODE_OPTIONS, which splits at spaces and knows double quotes and the backslash in them
/// (node's `ParseNodeOptionsEnvVar`).
fn node_quoted(path: &Path) -> OsString {
    let text = path.to_string_lossy();
    if text.contains([' ', '"', '\\']) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into()
    } else {
        path.into()
    }
}
