//! What can go wrong while a host is reached: one variant for each thing the operator would do differently.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::no_place::{NoContainer, NoMachine, NoPod};
use crate::tail::LastLines;

/// A failure of this crate. Messages are fragments that read after "error: " or "failed to …"; none holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An app, dyno or host name that no platform would accept; nothing was started.
    #[error("{value:?} is not a valid {what} name")]
    InvalidName {
        /// What was named: "app", "dyno", "host".
        what: &'static str,
        /// The text as given.
        value: String,
    },
    /// A program this host is reached with is not installed, or not where it was said to be.
    #[error("{} was not found{}", file_name(.tool), searched(.path.as_ref()))]
    ToolMissing {
        /// The program's usual name.
        tool: Cow<'static, str>,
        /// Where it was said to be, when it was not searched on PATH.
        path: Option<PathBuf>,
        /// How to install it.
        hint: &'static str,
    },
    /// The platform does not know who asks.
    #[error("not logged in: {detail}")]
    NotLoggedIn {
        /// Which credential was tried and what came of it.
        detail: String,
    },
    /// A machine behind SSH takes none of the keys there are.
    #[error("SSH authentication to {host} failed: {detail}")]
    NoKey {
        /// The machine.
        host: String,
        /// Whose, and what was tried.
        detail: String,
        /// The command line by which `ssh` goes there.
        ssh: String,
    },
    /// ssh's configuration has a command that makes the connection.
    #[error(
        "ssh's configuration reaches {host} by a command, which leakhunt does not run: ProxyCommand {command}"
    )]
    ProxyCommand {
        /// The machine.
        host: String,
        /// The command.
        command: String,
        /// The command line by which `ssh` goes there.
        ssh: String,
    },
    /// The server lets no connection through to its ports.
    #[error("the SSH server of {host} forbids connections to its ports (AllowTcpForwarding, PermitOpen)")]
    ForwardForbidden {
        /// The machine.
        host: String,
    },
    /// The platform wants a second factor, which a program without a terminal cannot give.
    #[error("two-factor authentication is required for {target}")]
    TwoFactor {
        /// What was asked for.
        target: String,
    },
    /// Logged in, but without a right to this app.
    #[error("no permission for {target}: {detail}")]
    Forbidden {
        /// What was asked for.
        target: String,
        /// The platform's own words.
        detail: String,
    },
    /// The account has no SSH key, and a dyno of Fir may be reached by no other.
    #[error("the Heroku account has no SSH key, by which dynos of a Fir app are reached")]
    NoAccountKey,
    /// The dyno's SSH server takes none of the keys there are here.
    #[error("{dyno} takes none of the SSH keys that ssh offers (Permission denied (publickey))")]
    KeyRefused {
        /// The dyno.
        dyno: String,
    },
    /// The space lets nobody in from this address.
    #[error("the space of {app} takes no connections from the address of this machine (HTTP 403)")]
    Untrusted {
        /// The app.
        app: String,
    },
    /// The Heroku CLI does not know what it is asked for.
    #[error("the Heroku CLI {has} does not know run:inside, by which dynos of a Fir app are reached")]
    CliTooOld {
        /// Its version.
        has: String,
        /// The first major that does.
        needs: u32,
    },
    /// The app does not exist, or this account cannot see it.
    #[error("no app named {app}")]
    NoSuchApp {
        /// The app as given.
        app: String,
    },
    /// The app has no such dyno now.
    #[error("no dyno {dyno}; {app} has {}", list(.available))]
    NoSuchDyno {
        /// The app.
        app: String,
        /// The dyno as given.
        dyno: String,
        /// The dynos there are.
        available: Vec<String>,
    },
    /// The dyno is there and not up.
    #[error("dyno {dyno} is {state}, not up")]
    DynoDown {
        /// The dyno.
        dyno: String,
        /// The platform's word for its state: `crashed`, `starting`, `idle`, `down`.
        state: String,
    },
    /// Heroku Exec is switched off for this app. Switching it on restarts every dyno, and the leak is gone.
    #[error("the runtime-heroku-exec feature is off for {app}")]
    ExecDisabled {
        /// The app.
        app: String,
    },
    /// The platform cannot do this for such an app.
    #[error("{0}")]
    Unsupported(Unsupported),
    /// The Platform API did not answer, or not as documented.
    #[error("{request}: {detail}")]
    Api {
        /// Method and path.
        request: String,
        /// The status, the platform's message or the reason of the transport.
        detail: String,
    },
    /// The platform is busy, or limits this account, and stays so when it is asked again.
    #[error("the Platform API answers {request} with HTTP {status}{}", asked_again(*.tries, *.retry_after))]
    Busy {
        /// Method and path.
        request: String,
        /// 429, or 500 to 504.
        status: u16,
        /// How often it was asked again.
        tries: u32,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The Platform API cannot be reached from here.
    #[error("the Platform API cannot be reached at {host}: {why}")]
    Unreachable {
        /// The host.
        host: String,
        /// What happened to the connection.
        why: String,
    },
    /// A short command of a tool (a question, not a tunnel) failed.
    #[error("`{command}` {ended}{last_lines}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        ended: String,
        /// What it printed last.
        last_lines: LastLines,
    },
    /// The way to the process broke, or never came about.
    #[error("the tunnel {what}{last_lines}")]
    Tunnel {
        /// What broke.
        what: String,
        /// What the child printed last.
        last_lines: LastLines,
    },
    /// The Heroku CLI could not connect to the dyno, and tells no more than how far it came.
    #[error("{}{last_lines}", not_connected(.dyno, *.came))]
    NotConnected {
        /// The app.
        app: String,
        /// The dyno.
        dyno: String,
        /// How far it came.
        came: Came,
        /// What it printed.
        last_lines: LastLines,
    },
    /// The CLI runs, and the preload did not take: the forward would be offered to the network.
    #[error("the Heroku CLI did not take the preload, so its forward cannot be kept private{last_lines}")]
    PreloadNotTaken {
        /// What the child printed last.
        last_lines: LastLines,
    },
    /// The bare CLI needs a local port that somebody else has.
    #[error("local port {port} is taken, and the bare Heroku CLI needs it")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Nothing can be run in a container.
    #[error("{}", .why.message(.container, .engine))]
    Container {
        /// The program by which it is reached.
        engine: &'static str,
        /// The container as given.
        container: String,
        /// Why.
        why: NoContainer,
    },
    /// Nothing can be run in a pod.
    #[error("{}", .why.message(.place))]
    Pod {
        /// The pod, or what was to lead to one, as in "pod shop-1 in the namespace prod".
        place: String,
        /// Why.
        why: NoPod,
    },
    /// Nothing can be run in a machine of Fly.io.
    #[error("{}", .why.message(.app))]
    Machine {
        /// The app.
        app: String,
        /// Why.
        why: NoMachine,
    },
    /// Nothing that is installed there can carry a connection.
    #[error("nothing in {target} can carry a connection to its port {port}: {}", RELAYS)]
    NoRelay {
        /// The place.
        target: String,
        /// The port.
        port: u16,
    },
    /// There is a terminal on the way, which changes bytes.
    #[error("{target} gives what it runs a terminal, which changes the bytes of a connection")]
    Terminal {
        /// The place.
        target: String,
    },
    /// Nothing came within the time given.
    #[error("no answer within {:.0} s {what}{last_lines}", .after.as_secs_f64())]
    TimedOut {
        /// What was waited for; reads after "no answer", as in "from the remote shell".
        what: String,
        /// How long.
        after: Duration,
        /// What the child printed last.
        last_lines: LastLines,
    },
    /// The server's host key is not the one on record, or there is none on record.
    #[error("the host key of {host} {what}")]
    HostKey {
        /// The server, with its port.
        host: String,
        /// Unknown, or changed.
        what: String,
        /// The command line by which `ssh` goes there.
        ssh: String,
    },
    /// What was to be sent is not fit to be sent.
    #[error("{0}")]
    Unsendable(String),
    /// The operating system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// Its reason.
        source: io::Error,
    },
}

/// How far the Heroku CLI came before it gave up, by its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// "Could not connect to dyno!": Heroku Exec gave it no credentials, or what they led to did not answer in time.
    Credentials,
    /// "There was an error connecting to the dyno!": it had credentials, and SSH failed.
    Ssh,
}

/// Apps that Heroku Exec does not reach, or reaches only by changing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// A Fir app, by the word of the CLI alone: `ps:exec` and `ps:forward` are not offered there.
    Fir,
    /// A Shield space: the platform forbids it.
    Shield,
    /// A Private Space app without the exec buildpack: the CLI would add the buildpack to the app.
    PrivateWithoutBuildpack,
    /// The old add-on's `HEROKU_EXEC_URL` is among the config vars; the CLI refuses to work beside it.
    LegacyAddon,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fir => "Heroku Exec does not reach apps of the Fir generation",
            Self::Shield => "Heroku Exec is forbidden in Shield Private Spaces",
            Self::PrivateWithoutBuildpack => {
                "this Private Space app lacks the exec buildpack, and the Heroku CLI would add it to the app"
            }
            Self::LegacyAddon => "the config var HEROKU_EXEC_URL of the retired Heroku Exec add-on is set",
        })
    }
}

impl Error {
    pub(crate) fn io(doing: impl Into<String>, source: io::Error) -> Self {
        Self::Io { doing: doing.into(), source }
    }

    /// Does it say that the place is gone, or down, and whatever ran there with it?
    pub fn place_is_gone(&self) -> bool {
        match self {
            Self::DynoDown { .. } | Self::NoSuchDyno { .. } => true,
            Self::Container { why, .. } => why.is_gone(),
            Self::Pod { why, .. } => why.is_gone(),
            Self::Machine { why, .. } => why.is_gone(),
            _ => false,
        }
    }
}

/// What could.
const RELAYS: &str = "its node cannot be run, and there is no socat, nc, busybox, bash, python3 or perl";

fn not_connected(dyno: &str, came: Came) -> String {
    match came {
        Came::Credentials => format!(
            "the Heroku CLI could not connect to {dyno}: Heroku Exec is not up in it yet, the dyno went, or the platform has \
             trouble; the CLI does not say which"
        ),
        Came::Ssh => format!(
            "the Heroku CLI's SSH connection to {dyno} failed: nobody answers at its entrance, or its host key is not the \
             one that Heroku named; the CLI does not say which"
        ),
    }
}

fn asked_again(tries: u32, retry_after: Option<Duration>) -> String {
    let asks =
        retry_after.map_or_else(String::new, |wait| format!(", and asks to wait {} s", wait.as_secs()));
    match tries {
        0 => asks,
        1 => format!(", also when asked once more{asks}"),
        _ => format!(", also when asked {tries} more times{asks}"),
    }
}

/// Of a path, or a name as it is.
fn file_name(tool: &str) -> &str {
    tool.rsplit('/').next().unwrap_or(tool)
}

fn searched(path: Option<&PathBuf>) -> String {
    path.map_or_else(|| " on PATH".to_owned(), |path| format!(" at {}", path.display()))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
