//! The local port under way: who comes and goes, and whether the process is still there.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use leakhunt_host::{Forward, Peer, Program};
use leakhunt_inspector::Session;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_blocking;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::arrival::{Arrival, Turned, arrive};
use crate::data::{Error, Event};
use crate::holdings::{Held, Subject};
use crate::hunt::Hunt;
use crate::local_port::{Happening, LocalPort, Looks, MOST_CONNECTIONS};
use crate::shell::{RemoteShell, State};

/// Between two questions to the dead-man: each takes 0.1 to 0.3 ms of the app's event loop.
const POLL: Duration = Duration::from_secs(2);
/// For its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// An app that writes a snapshot answers nothing; after so long the shell is asked whether it is there at all.
const SILENCE: Duration = Duration::from_secs(30);
/// Without descriptors nobody can be let in, but in a moment perhaps.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// What it takes to serve.
pub(super) struct Served<'s> {
    pub(super) port: &'s LocalPort,
    pub(super) session: &'s Session,
    pub(super) tunnel: &'s Forward,
    pub(super) subject: &'s Subject,
}

/// Serves for so long at most.
pub(super) async fn serve(
    hunt: &mut Hunt<'_>,
    served: Served<'_>,
    mut shell: Held<'_, RemoteShell>,
    mut told: UnboundedReceiver<Happening>,
    longest: Duration,
) -> Result<(), Error> {
    let Served { port, session, tunnel, subject } = served;
    let until = Instant::now() + longest;
    let looks = Looks::default();
    let mut arriving = FuturesUnordered::new();
    let mut guests = Guests::default();
    let mut process = Pulse::new();
    let mut question = Box::pin(ask(session));
    loop {
        tokio::select! {
            biased;
            () = sleep_until(until) => return Ok(()),
            Some(happening) = told.recv() => guests.happened(hunt, happening).await,
            Some(arrived) = arriving.next() => match arrived {
                Ok(Arrival { client, first, tunnel, peer }) => port.carry(client, first, tunnel, peer),
                Err(turned) => guests.turned(hunt, turned),
            },
            accepted = port.accept() => match accepted {
                Ok((client, from)) if arriving.len() + (port.carried() as usize) < MOST_CONNECTIONS => {
                    arriving.push(arrive((client, from), (port, &looks), tunnel));
                }
                Ok(_) => guests.warn(hunt, format!("more than {MOST_CONNECTIONS} connections at once were turned away")),
                Err(error) => {
                    guests.warn(hunt, format!("a connection could not be accepted: {error}"));
                    sleep(ACCEPT_AGAIN).await;
                }
            },
            answer = &mut question => {
                question.set(ask(session));
                let clients = process.answered(answer)?;
                // One is ours.
                guests.seen(hunt, clients.map(|all| all.saturating_sub(1 + port.carried())));
                process.check(hunt, &mut shell, subject).await?;
            }
        }
    }
}

type Answer = Result<Result<Option<u32>, leakhunt_inspector::Error>, Elapsed>;

/// Asks the dead-man how many clients there are, in a while.
async fn ask(session: &Session) -> Answer {
    sleep(POLL).await;
    timeout(PATIENCE, session.clients()).await
}

/// Whether the process still answers.
struct Pulse {
    heard: Instant,
    asked: Instant,
}

impl Pulse {
    fn new() -> Self {
        Self { heard: Instant::now(), asked: Instant::now() }
    }

    /// How many clients there are, where that was told; fails where the session is over.
    fn answered(&mut self, answer: Answer) -> Result<Option<u32>, Error> {
        use leakhunt_inspector::Error::{Disconnected, Protocol};
        let clients = match answer {
            Err(Elapsed { .. }) => return Ok(None),
            Ok(Err(error @ (Disconnected { .. } | Protocol { .. }))) => {
                return Err(Error::hold_lost(error.to_string()));
            }
            Ok(clients) => clients.ok().flatten(),
        };
        self.heard = Instant::now();
        Ok(clients)
    }

    /// Where it is silent, the shell knows whether it is there.
    async fn check(
        &mut self,
        hunt: &mut Hunt<'_>,
        shell: &mut RemoteShell,
        subject: &Subject,
    ) -> Result<(), Error> {
        if self.heard.elapsed() < SILENCE || self.asked.elapsed() < SILENCE {
            return Ok(());
        }
        let (pid, start) = subject.pid_and_start();
        match shell.state(pid, start, &mut hunt.record).await {
            Ok(State::Alive(_)) => hunt.record.warn(format!(
                "process {pid} has not answered for {} s; it is there, and may be busy, as while a snapshot is taken",
                self.heard.elapsed().as_secs()
            )),
            Ok(State::Gone) => return Err(Error::hold_lost("the process is gone")),
            Err(error) => {
                return Err(Error::hold_lost(format!("neither the process nor the remote shell answers ({error})")));
            }
        }
        self.asked = Instant::now();
        Ok(())
    }
}

/// Who is connected.
#[derive(Default)]
struct Guests {
    debuggers: u32,
    /// By another way: as last told, and as last seen.
    elsewhere: (u32, u32),
    /// Nothing is said twice.
    said: HashSet<String>,
}

impl Guests {
    async fn happened(&mut self, hunt: &mut Hunt<'_>, happening: Happening) {
        match happening {
            Happening::Attached(peer) => {
                self.debuggers += 1;
                let program = program(peer).await;
                hunt.record.tell(Event::HoldConnected {
                    pid: program.as_ref().map(|program| program.pid),
                    program: program.map(|program| program.name),
                    connected: self.debuggers,
                });
            }
            Happening::Detached => {
                self.debuggers = self.debuggers.saturating_sub(1);
                hunt.record.tell(Event::HoldDisconnected { connected: self.debuggers });
                if self.debuggers > 0 {
                    self.warn(
                        hunt,
                        "V8 resets its object ids when a debugger leaves: snapshots that another one took before cannot \
                         be compared with those after it"
                            .to_owned(),
                    );
                }
            }
        }
    }

    fn turned(&mut self, hunt: &mut Hunt<'_>, turned: Turned) {
        match turned {
            Turned::Away => {}
            Turned::Another(user) => {
                self.warn(
                    hunt,
                    format!("a connection of user {user} of this machine was refused: only yours are served"),
                );
            }
            Turned::NoWay(error) => {
                self.warn(hunt, format!("a connection could not be carried to the inspector: {error}"));
            }
        }
    }

    /// A connection that comes or goes shows in the app a moment earlier or later than here: what counts was seen twice.
    fn seen(&mut self, hunt: &mut Hunt<'_>, elsewhere: Option<u32>) {
        let Some(now) = elsewhere else { return };
        let (told, last) = self.elsewhere;
        if now == last && now != told {
            hunt.record.tell(Event::HoldElsewhere { connected: now });
            self.elsewhere.0 = now;
        }
        self.elsewhere.1 = now;
    }

    fn warn(&mut self, hunt: &mut Hunt<'_>, text: String) {
        if self.said.insert(text.clone()) {
            hunt.record.warn(text);
        }
    }
}

/// Looked for in another thread: it reads much of /proc.
async fn program(peer: Option<Peer>) -> Option<Program> {
    let peer = peer?;
    spawn_blocking(move || peer.program()).await.ok().flatten()
}
