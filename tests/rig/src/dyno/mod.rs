//! A dyno: a real container, made of namespaces, that runs an app as Heroku does.
//!
//! Each dyno has a mount, pid, ipc and network namespace of its own, so that `/proc` shows its own processes only, ports of
//! different dynos and rigs never clash, and the death of its init kills everything in it. `setup.sh` builds the root
//! (system folders of the host, a fresh `/app`, `/tmp`, `/dev`, `/proc`), gives up its rights and becomes `ps-run`, whose
//! script starts the platform's agents and the app's command.
//!
//! States: `Starting` → `Up` (the app owns `$PORT`, as on Heroku) → `Crashed` (the init ended by itself) or `Down`
//! (stopped). One thread per boot waits for the namespace's init and moves the state; whoever wants a state waits on
//! the condition variable beside it. Files are as ephemeral as Heroku's: each boot gets fresh folders.
//!
//! What a test wants to know is read from outside through the host's `/proc`, so that no observer runs in the dyno.

mod boot;
mod view;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Signal;

pub use view::{Process, Residue};

use crate::apps::App;
use crate::logs::Logs;
use crate::namespace::{Answer, Privilege};
use crate::visitor::{Pace, Visitor};
use crate::warden::Warden;
use crate::{Disk, Error};
use boot::Running;

/// The port that Heroku gives a dyno, fixed here for dynos do not share a network.
pub const APP_PORT: u16 = 5000;
/// Where the platform's own SSH server listens in the dyno: one of the decoys.
const AGENT_PORT: u16 = 1092;

/// One dyno of a rig. Clones are handles to the same dyno.
#[derive(Clone)]
pub struct Dyno {
    shared: Arc<Shared>,
}

/// What a dyno is made from; the same for each of its boots.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) app: App,
    /// The config vars of the app, which all its dynos share; a boot takes them as they are then.
    pub(crate) env: Arc<Mutex<Vec<(String, String)>>>,
    pub(crate) node: PathBuf,
    pub(crate) disk: Disk,
    pub(crate) dyno_type: String,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) privilege: Privilege,
    /// The rig's folder; a dyno keeps everything below `NAME/BOOT`.
    pub(crate) folder: PathBuf,
    pub(crate) host_key: PathBuf,
    pub(crate) sshd: PathBuf,
    /// Where the SSH entrance to this dyno listens, on port 80.
    pub(crate) tunnel_address: Ipv4Addr,
}

struct Shared {
    plan: Plan,
    logs: Arc<Logs>,
    warden: Arc<Warden>,
    now: Mutex<Now>,
    changed: Condvar,
}

struct Now {
    state: State,
    since: jiff::Timestamp,
    boots: u32,
    running: Option<Running>,
}

/// The states that `heroku ps` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Booting: the app does not listen on `$PORT` yet.
    Starting,
    /// The app listens on `$PORT`, or its process type does not and it runs.
    Up,
    /// The app's command ended by itself.
    Crashed,
    /// Stopped by the platform.
    Down,
}

impl State {
    /// Heroku's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Crashed => "crashed",
            Self::Down => "down",
        }
    }
}

impl Dyno {
    pub(crate) fn new(plan: Plan, logs: Arc<Logs>, warden: Arc<Warden>) -> Self {
        let now = Now { state: State::Down, since: jiff::Timestamp::now(), boots: 0, running: None };
        Self {
            shared: Arc::new(Shared { plan, logs, warden, now: Mutex::new(now), changed: Condvar::new() }),
        }
    }

    /// Its name, such as `web.1`.
    pub fn name(&self) -> &str {
        &self.shared.plan.name
    }

    /// Where the SSH entrance to it listens.
    pub fn tunnel(&self) -> std::net::SocketAddr {
        (self.shared.plan.tunnel_address, crate::entrance::PORT).into()
    }

    /// Its state now.
    pub fn state(&self) -> State {
        self.shared.now().state
    }

    pub(crate) fn since(&self) -> jiff::Timestamp {
        self.shared.now().since
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.shared.plan
    }

    /// How often it was booted: a number that changed tells that the processes are others.
    pub fn boots(&self) -> u32 {
        self.shared.now().boots
    }

    /// Boots it and waits until it is up.
    pub(crate) fn boot(&self) -> Result<(), Error> {
        boot::boot(&self.shared)
    }

    /// Whether it was booted once and never again, and every Node.js process of that boot still runs.
    ///
    /// The state alone does not tell: npm survives an app that a signal has killed, and the dyno with it.
    pub fn alive(&self) -> bool {
        let now = self.shared.now();
        let Some(running) = now.running.as_ref().filter(|_| now.boots == 1 && now.state == State::Up) else {
            return false;
        };
        let processes = view::processes_of(running.init.host_pid);
        running.nodes.iter().all(|pid| processes.iter().any(|process| process.host_pid == *pid))
    }

    /// One request to the app, from inside the dyno's network.
    pub fn get(&self, path: &str) -> std::io::Result<Answer> {
        self.dialer()?.get(APP_PORT, path, Duration::from_secs(60))
    }

    /// A connection to a port of its own 127.0.0.1: what a debugger in another tunnel would have.
    pub fn connect(&self, port: u16) -> std::io::Result<std::net::TcpStream> {
        self.dialer()?.connect(port)
    }

    /// Whether the app answers a request within two seconds.
    pub fn answers(&self) -> bool {
        let request =
            || self.dialer().and_then(|dialer| dialer.get(APP_PORT, "/healthz", Duration::from_secs(2)));
        request().is_ok_and(|answer| answer.status < 500)
    }

    /// Starts requesting the app's front page, on and on, and records when it did not answer.
    pub fn visit(&self, pace: Pace) -> std::io::Result<Visitor> {
        Ok(Visitor::start(self.dialer()?, pace))
    }

    /// Restarts it as Heroku does when it is asked to: SIGTERM to every process, a grace, SIGKILL, fresh folders, a new boot.
    pub fn restart(&self) -> Result<(), Error> {
        self.start_anew("Restarting")
    }

    /// Restarts it as Heroku does by itself, once a day.
    pub fn cycle(&self) -> Result<(), Error> {
        self.start_anew("Cycling")
    }

    fn start_anew(&self, said: &str) -> Result<(), Error> {
        self.shared.logs.say("heroku", self.name(), said);
        self.stop();
        self.boot()
    }

    /// Logs its memory as `log-runtime-metrics` does.
    pub fn log_runtime_metrics(&self, quota_mb: u32) {
        let name = self.name();
        let said = format!(
            "source={name} dyno=heroku.1.d97d0ea7-cf3d-411b-b453-d2943a50b456 sample#memory_total=21.00MB \
             sample#memory_rss=21.22MB sample#memory_cache=0.00MB sample#memory_swap=0.00MB sample#memory_quota={quota_mb}.00MB"
        );
        self.shared.logs.say("heroku", name, &said);
    }

    /// Logs its memory, and the error for what is over a quota, as the platform does each 20 s.
    pub(crate) fn log_memory(&self, quota: u64) {
        let used = self.memory();
        if self.state() != State::Up || used == 0 {
            return;
        }
        let (name, mb) = (self.name(), |bytes: u64| bytes as f64 / f64::from(1 << 20));
        let say = |said: &str| self.shared.logs.say("heroku", name, said);
        say(&format!(
            "source={name} dyno=heroku.1.d97d0ea7-cf3d-411b-b453-d2943a50b456 sample#memory_total={0:.2}MB \
             sample#memory_rss={0:.2}MB sample#memory_cache=0.00MB sample#memory_swap=0.00MB sample#memory_quota={1:.2}MB",
            mb(used),
            mb(quota)
        ));
        if used > quota {
            say(&format!("Process running mem={:.0}M({:.1}%)", mb(used), used as f64 * 100.0 / quota as f64));
            say(if used > 2 * quota {
                "Error R15 (Memory quota vastly exceeded)"
            } else {
                "Error R14 (Memory quota exceeded)"
            });
        }
    }

    /// Ends it as Heroku does when it uses more than twice the memory that it has.
    pub fn run_out_of_memory(&self) -> Result<(), Error> {
        for said in [
            "Process running mem=1029M(201.0%)",
            "Error R15 (Memory quota vastly exceeded)",
            "Stopping process with SIGKILL",
        ] {
            self.shared.logs.say("heroku", self.name(), said);
        }
        self.crash()
    }

    /// Stops it: SIGTERM to every process, a grace, SIGKILL.
    pub fn stop(&self) {
        const GRACE: Duration = Duration::from_secs(3);
        self.shared.stop(GRACE);
    }

    /// Ends it at once, without a grace.
    pub(crate) fn end(&self) {
        self.shared.stop(Duration::ZERO);
    }

    /// Kills the app's processes the hard way, as the out-of-memory killer does; the dyno crashes.
    pub fn crash(&self) -> Result<(), Error> {
        for process in self.processes().iter().filter(|process| process.is_node()) {
            // One that is gone by itself is what is wanted.
            let _ = process.signal(Signal::KILL);
        }
        self.wait_for(State::Crashed, Duration::from_secs(30))
    }

    /// Waits for a state.
    pub fn wait_for(&self, state: State, patience: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + patience;
        let mut now = self.shared.now();
        while now.state != state {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let reason = format!("{} while {} was waited for", now.state.name(), state.name());
                return Err(Error::Boot {
                    dyno: self.name().to_owned(),
                    reason,
                    log: self.shared.logs.tail(self.name(), 5),
                });
            }
            now = self
                .shared
                .changed
                .wait_timeout(now, left)
                .map_or_else(|poison| poison.into_inner().0, |now| now.0);
        }
        Ok(())
    }

    fn dialer(&self) -> std::io::Result<crate::namespace::Dialer> {
        let now = self.shared.now();
        let running = now.running.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        Ok(running.dialer.clone())
    }
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, now: &mut Now, state: State) {
        let said = format!("State changed from {} to {}", now.state.name(), state.name());
        now.state = state;
        now.since = jiff::Timestamp::now();
        self.logs.say("heroku", &self.plan.name, &said);
        self.changed.notify_all();
    }

    /// Ends the running boot, if there is one, and returns when its last process is gone.
    fn stop(&self, grace: Duration) {
        let mut now = self.now();
        let Some(running) = &now.running else {
            if now.state != State::Down {
                self.enter(&mut now, State::Down);
            }
            return;
        };
        let boot = now.boots;
        let init = running.init.clone();
        self.enter(&mut now, State::Down);
        if !grace.is_zero() {
            self.logs.say("heroku", &self.plan.name, "Stopping all processes with SIGTERM");
            view::processes_of(init.host_pid).iter().for_each(|process| drop(process.signal(Signal::TERM)));
        }
        let gone = |now: &Now| now.boots != boot || now.running.is_none();
        let deadline = Instant::now() + grace;
        while !gone(&now) && Instant::now() < deadline {
            let apps_gone = !view::processes_of(init.host_pid).iter().any(Process::is_node);
            if apps_gone {
                break;
            }
            let step = Duration::from_millis(50);
            now =
                self.changed.wait_timeout(now, step).map_or_else(|poison| poison.into_inner().0, |now| now.0);
        }
        init.kill();
        while !gone(&now) {
            now = self.changed.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The thread that waits for the init holds the shared state, so nothing can be running here.
        debug_assert!(self.now().running.is_none(), "a dyno outlived its handles");
    }
}
