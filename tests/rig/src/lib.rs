//! A loopback Heroku for the real Heroku CLI.
//!
//! A [`Rig`] is one app on one platform of its own: the Platform API, the exec-manager behind https, an SSH entrance with
//! a real OpenSSH server, and dynos that are real containers with real Node.js processes. The unmodified CLI runs against
//! it once the variables of [`Rig::env`] are set; nothing is faked between `heroku ps:exec` and the V8 inspector.
//!
//! - in: [`Options`]: which [`App`] the dynos run, on which Node.js, and the [`Fault`]s to begin with;
//! - out: [`Rig::env`] for the CLI, [`Rig::audit`] of every [`Call`], and [`Dyno`]s to look into from outside;
//! - beside it: a [`Machine`] behind SSH, whole or with nothing but busybox, a [`Docker`] daemon with containers, a [`Cluster`] with pods, and [`Fly`], a stand-in for flyctl,
//!   for hunts that need no Heroku;
//! - meanwhile: [`Rig::set`] and [`Rig::clear`] switch faults, [`Rig::cut_tunnels`] and its like act at once.
//!
//! # Theory of operation
//!
//! A rig has a runtime of its own for its three servers, so that a test may block as it likes. Everything it writes
//! lies in one temporary folder, everything it starts lives in a dyno's namespaces or under its SSH entrance. Dropping
//! the rig stops the dynos and removes the folder; if the rig dies without that, its warden does it instead.
//!
//! It needs root, or to be root of a user namespace: `leakhunt-rig enter -- COMMAND` starts a command in one.

mod apps;
mod bare;
mod cgroup;
mod cluster;
mod docker;
mod dyno;
mod entrance;
mod error;
mod exec_manager;
mod fault;
mod fly;
mod inside;
mod logs;
mod machine;
mod namespace;
mod platform;
mod tools;
mod visitor;
mod warden;
mod world;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::watch;

pub use apps::App;
pub use cluster::{Cluster, Pod};
pub use docker::{Container, Docker};
pub use dyno::{APP_PORT, Dyno, Process, Residue, State};
pub use error::Error;
pub use fault::Fault;
pub use fly::Fly;
pub use inside::FirWay;
pub use machine::{HostKey, Machine};
pub use namespace::{Answer, loopback_up};
pub use tools::node_of;
pub use visitor::{Gap, Pace, Visitor, Visits};
pub use world::Call;

use dyno::Plan;
use error::{Named, shown};
use inside::{Agent, Inside};
use namespace::Privilege;
use warden::Warden;
use world::World;

/// The newest major of the Heroku CLI that the rig is tested with.
pub const NEWEST_CLI: u32 = 11;

/// The disk of a dyno.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Disk {
    /// As much as the host has.
    #[default]
    Roomy,
    /// Every writable folder is full.
    Full,
    /// No folder is writable.
    ReadOnly,
}

/// How the CLI and leakhunt come by the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Login {
    /// `HEROKU_API_KEY`.
    #[default]
    ApiKey,
    /// What `heroku login` leaves on a machine without a keychain: `.netrc` in the HOME.
    Netrc,
}

/// What a rig is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the dynos run.
    pub app: App,
    /// The `node` binary of the dynos; the one in the PATH where there is none.
    pub node: Option<PathBuf>,
    /// How many dynos there are: `web.1`, `web.2`, …
    pub dynos: u32,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
    /// Config vars of the app.
    pub config: Vec<(String, String)>,
    /// The dynos' disk.
    pub disk: Disk,
    /// The dynos' type as the platform names it, which says how much memory they may use.
    pub dyno_type: String,
    /// The dynos' memory limit in bytes, enforced where the rig may.
    pub memory_limit: Option<u64>,
    /// The major of the Heroku CLI that [`Rig::env`] puts first in the PATH.
    pub cli: u32,
    /// How the token is found.
    pub login: Login,
    /// Whether the app is of the Fir generation, and how `run:inside` comes in there then.
    pub fir: Option<FirWay>,
}

impl Default for Options {
    /// One dyno with the article's leak.
    fn default() -> Self {
        Self {
            app: App::Banner,
            node: None,
            dynos: 1,
            faults: Vec::new(),
            config: Vec::new(),
            disk: Disk::Roomy,
            dyno_type: "Standard-2X".to_owned(),
            memory_limit: None,
            cli: NEWEST_CLI,
            login: Login::ApiKey,
            fir: None,
        }
    }
}

/// A loopback Heroku that runs until it is dropped.
pub struct Rig {
    world: Arc<World>,
    config: Arc<Mutex<Vec<(String, String)>>>,
    exec_url: String,
    cli_folder: PathBuf,
    login: Login,
    /// The user's ssh-agent; on Fir alone ssh is started.
    agent: Option<Agent>,
    // The order of the fields is the order of the end: servers, warden, folder.
    runtime: Option<tokio::runtime::Runtime>,
    _warden: Arc<Warden>,
    folder: tempfile::TempDir,
}

impl Rig {
    /// Brings a rig up and waits until its dynos are.
    pub async fn start(options: Options) -> Result<Self, Error> {
        match tokio::task::spawn_blocking(move || Self::start_blocking(&options)).await {
            Ok(started) => started,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    /// As [`Rig::start`], for callers without a runtime.
    pub fn start_blocking(options: &Options) -> Result<Self, Error> {
        let privilege = Privilege::of_this_process()?;
        let cli_folder = tools::heroku_folder(options.cli)?;
        let sshd = tools::sshd()?;
        let node = options.node.clone().map_or_else(tools::node, Ok)?;
        let folder =
            tempfile::Builder::new().prefix("leakhunt-rig-").tempdir().named("a temporary folder")?;
        let warden = Arc::new(Warden::new(folder.path())?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("rig")
            .enable_all()
            .build()
            .named("a runtime")?;
        let host_key = host_key(folder.path())?;
        let agent = options.fir.map(|_| Agent::start(folder.path(), &warden)).transpose()?;
        let inside = options.fir.zip(agent.as_ref()).map(|(way, agent)| Inside::new(way, agent.key.clone()));
        let world = Arc::new(world(options, &host_key, inside)?);
        let (authority, acceptor) = exec_manager::certificates()?;
        std::fs::write(folder.path().join("authority.pem"), authority)
            .named("the authority's certificate")?;
        home(folder.path())?;

        let (exec_url, entrances) = runtime.block_on(async {
            inside::serve(Arc::clone(&world), acceptor.clone()).await?;
            let exec_url = serve(&world, acceptor).await?;
            let mut entrances = Vec::new();
            for _ in 0..options.dynos {
                entrances.push(entrance::free_address().await?);
            }
            Ok::<_, Error>((exec_url, entrances))
        })?;
        let config = Arc::new(Mutex::new(options.config.clone()));
        for (number, (tunnel_address, listener)) in (1..).zip(entrances) {
            let plan = Plan {
                name: format!("{}.{number}", options.app.process_type()),
                app: options.app,
                env: Arc::clone(&config),
                node: node.clone(),
                disk: options.disk,
                dyno_type: options.dyno_type.clone(),
                memory_limit: options.memory_limit,
                privilege,
                folder: folder.path().to_owned(),
                host_key: host_key.clone(),
                sshd: sshd.clone(),
                tunnel_address,
            };
            let dyno = Dyno::new(plan, Arc::clone(&world.logs), Arc::clone(&warden));
            world.dynos.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(dyno.clone());
            runtime.spawn(entrance::serve(Arc::clone(&world), dyno, listener));
        }
        if options.login == Login::Netrc {
            netrc(folder.path(), &world)?;
        }
        let login = options.login;
        let rig = Self {
            world,
            config,
            exec_url,
            cli_folder,
            login,
            agent,
            runtime: Some(runtime),
            _warden: warden,
            folder,
        };
        rig.boot_all()?;
        Ok(rig)
    }

    fn boot_all(&self) -> Result<(), Error> {
        std::thread::scope(|scope| {
            let boots: Vec<_> =
                self.dynos().into_iter().map(|dyno| scope.spawn(move || dyno.boot())).collect();
            boots.into_iter().try_for_each(|boot| match boot.join() {
                Ok(booted) => booted,
                Err(panicked) => std::panic::resume_unwind(panicked),
            })
        })
    }

    /// The name of the app, unique to the rig.
    pub fn app_name(&self) -> &str {
        &self.world.app_name
    }

    /// A valid API token.
    pub fn token(&self) -> &str {
        &self.world.token
    }

    /// The URL of the Platform API.
    pub fn api_url(&self) -> String {
        self.world.api_url()
    }

    /// The rig's own HOME for the CLI.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The variables under which the CLI and leakhunt meet this rig. An empty value stands for a variable that must
    /// not be inherited.
    pub fn env(&self) -> Vec<(String, String)> {
        let home = self.home();
        let mut path = vec![self.cli_folder.clone()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let path = std::env::join_paths(path).unwrap_or_default().to_string_lossy().into_owned();
        let loopback = "127.0.0.1,localhost";
        let with_key = self.login == Login::ApiKey && !self.world.faults.has(Fault::NotLoggedIn);
        let key = if with_key { self.world.token.clone() } else { String::new() };
        let agent = self.agent.as_ref().map(|agent| shown(&agent.socket)).unwrap_or_default();
        [
            ("HEROKU_HOST", self.api_url()),
            ("HEROKU_EXEC_URL", self.exec_url.clone()),
            ("HEROKU_PARTICLEBOARD_URL", self.api_url()),
            ("HEROKU_API_KEY", key),
            // The keychain of whoever runs the rig is none of its business.
            ("HEROKU_NETRC_WRITE", "true".to_owned()),
            ("NODE_EXTRA_CA_CERTS", shown(self.folder.path().join("authority.pem"))),
            // CLI 8 to 10 die with EISDIR where this names a folder.
            ("SSL_CERT_DIR", String::new()),
            ("SSL_CERT_FILE", String::new()),
            ("NODE_OPTIONS", String::new()),
            ("HTTP_PROXY", String::new()),
            ("HTTPS_PROXY", String::new()),
            ("http_proxy", String::new()),
            ("https_proxy", String::new()),
            ("NO_PROXY", loopback.to_owned()),
            ("no_proxy", loopback.to_owned()),
            ("DBUS_SESSION_BUS_ADDRESS", String::new()),
            ("SSH_AUTH_SOCK", agent),
            ("HOME", shown(&home)),
            ("XDG_CONFIG_HOME", shown(home.join(".config"))),
            ("XDG_DATA_HOME", shown(home.join(".local/share"))),
            ("XDG_STATE_HOME", shown(home.join(".local/state"))),
            ("XDG_CACHE_HOME", shown(home.join(".cache"))),
            ("GIT_CONFIG_GLOBAL", shown(home.join(".gitconfig"))),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("HEROKU_APP", String::new()),
            ("HEROKU_SKIP_NEW_VERSION_CHECK", "true".to_owned()),
            ("HEROKU_DISABLE_AUTOUPDATE", "true".to_owned()),
            ("DISABLE_TELEMETRY", "true".to_owned()),
            ("PATH", path),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// A command with [`Rig::env`], in the rig's HOME.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.home());
        for (name, value) in self.env() {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(name, value);
            }
        }
        command
    }

    /// The real CLI.
    pub fn heroku(&self) -> Command {
        self.command(self.cli_folder.join("heroku"))
    }

    /// Switches a fault on.
    pub fn set(&self, fault: Fault) {
        self.world.faults.set(fault);
        self.world.fault_changes.send_replace(());
    }

    /// Switches a fault off, whatever its value.
    pub fn clear(&self, fault: Fault) {
        self.world.faults.clear(fault);
        self.world.fault_changes.send_replace(());
    }

    /// Makes a release, as a deploy does: every dyno restarts, and runs it from then on.
    pub fn deploy(&self) -> Result<(), Error> {
        self.world.release.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.dynos().iter().try_for_each(Dyno::restart)
    }

    /// Sets a config var, as `heroku config:set` does: that makes a release.
    pub fn config_set(&self, name: &str, value: &str) -> Result<(), Error> {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        config.retain(|(other, _)| other != name);
        config.push((name.to_owned(), value.to_owned()));
        drop(config);
        self.deploy()
    }

    /// Drops every tunnel connection there is now.
    pub fn cut_tunnels(&self) {
        self.world.tunnels.send_modify(|command| command.cuts += 1);
    }

    /// Lets nothing move through any tunnel until [`Rig::resume_tunnels`]; connections stay open.
    pub fn stall_tunnels(&self) {
        self.world.tunnels.send_modify(|command| command.stalled = true);
    }

    /// Undoes [`Rig::stall_tunnels`].
    pub fn resume_tunnels(&self) {
        self.world.tunnels.send_modify(|command| command.stalled = false);
    }

    /// Cuts every connection by which the log is followed. The CLI connects again by itself.
    pub fn cut_logs(&self) {
        self.world.log_sessions.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Lets the URLs of all log sessions so far answer 404, as they do when a session is over: the CLI then ends.
    pub fn end_log_sessions(&self) {
        self.world.log_sessions.first.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// How many connections to the log there were.
    pub fn log_streams(&self) -> u64 {
        self.world.log_sessions.streams.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Logs a line of the platform's.
    pub fn platform_says(&self, dyno: &str, text: &str) {
        self.world.logs.say("heroku", dyno, text);
    }

    /// As [`Rig::platform_says`], with the time of so long ago.
    pub fn platform_said(&self, ago: Duration, dyno: &str, text: &str) {
        let ago = jiff::SignedDuration::try_from(ago).unwrap_or_default();
        self.world.logs.say_as_of(jiff::Timestamp::now() - ago, "heroku", dyno, text);
    }

    /// From now on looks at the memory of each dyno so often, and logs it and R14 or R15 as the platform does each 20 s.
    pub fn meter(&self, quota: u64, every: Duration) {
        let world = Arc::downgrade(&self.world);
        std::thread::spawn(move || {
            while let Some(world) = world.upgrade() {
                world.dynos().iter().for_each(|dyno| dyno.log_memory(quota));
                drop(world);
                std::thread::sleep(every);
            }
        });
    }

    /// A dyno's name as the platform gives it now.
    pub fn name_of(&self, dyno: &Dyno) -> String {
        self.world.name_of(dyno)
    }

    /// Every call that the platform received, in order.
    pub fn audit(&self) -> Vec<Call> {
        self.world.audit.calls().clone()
    }

    /// Waits until a call like this was received.
    pub fn wait_for_call(&self, patience: Duration, like: impl Fn(&Call) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if self.world.audit.calls().iter().any(&like) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// The command lines of the processes that were started with [`Rig::env`] and still run: the CLI, leakhunt, and all
    /// that they started.
    pub fn clients(&self) -> Vec<String> {
        let mark = format!("HEROKU_HOST={}", self.api_url());
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let started_with = |folder: &Path| {
            let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        };
        processes
            .map(|entry| entry.path())
            .filter(|folder| started_with(folder))
            .filter_map(|folder| std::fs::read(folder.join("cmdline")).ok())
            // A process that ended and was not yet waited for has no command line.
            .filter(|cmdline| !cmdline.is_empty())
            .map(|cmdline| String::from_utf8_lossy(&cmdline).replace('\0', " "))
            .collect()
    }

    /// All dynos.
    pub fn dynos(&self) -> Vec<Dyno> {
        self.world.dynos()
    }

    /// A dyno by its name, such as `web.1`.
    pub fn dyno(&self, name: &str) -> Result<Dyno, Error> {
        self.world.dyno(name).ok_or_else(|| Error::NoSuchDyno(name.to_owned()))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            for dyno in self.dynos() {
                scope.spawn(move || dyno.end());
            }
        });
        // Inside somebody else's runtime a runtime may only be dropped this way.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Starts the Platform API and the exec-manager; returns the latter's URL.
async fn serve(world: &Arc<World>, acceptor: tokio_rustls::TlsAcceptor) -> Result<String, Error> {
    let api = TcpListener::bind("127.0.0.1:0").await.named("a port for the Platform API")?;
    let address = api.local_addr().named("the Platform API's port")?;
    world.api.get_or_init(|| address);
    let router = platform::router(Arc::clone(world));
    tokio::spawn(async move { axum::serve(api, router).await });
    let tcp = TcpListener::bind("127.0.0.1:0").await.named("a port for the exec-manager")?;
    let exec_url = format!("https://{}/", tcp.local_addr().named("the exec-manager's port")?);
    let router = exec_manager::router(Arc::clone(world));
    let listener = exec_manager::TlsListener { tcp, acceptor };
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(exec_url)
}

fn world(options: &Options, host_key: &Path, inside: Option<Inside>) -> Result<World, Error> {
    let public = host_key.with_extension("pub");
    let host_public_key = std::fs::read_to_string(&public).named(shown(&public))?.trim().to_owned();
    Ok(World {
        app_name: format!("shop-{}", &random_uuid()?[..8]),
        app_id: random_uuid()?,
        account_id: random_uuid()?,
        token: format!("HRKU-{}", random_uuid()?),
        created_at: jiff::Timestamp::now(),
        release: std::sync::atomic::AtomicU64::new(7),
        host_public_key,
        faults: fault::Switches::new(options.faults.clone()),
        fault_changes: watch::Sender::new(()),
        tunnels: watch::Sender::default(),
        pacer: entrance::Pacer::default(),
        audit: world::Audit::default(),
        logs: Arc::new(logs::Logs::new()),
        log_sessions: world::LogSessions::default(),
        inside,
        api: std::sync::OnceLock::new(),
        dynos: std::sync::Mutex::default(),
    })
}

/// An SSH host key for all entrances of the rig.
fn host_key(folder: &Path) -> Result<PathBuf, Error> {
    let key = folder.join("host_key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "rig", "-f"])
        .arg(&key)
        .output();
    let failed = |reason: String| Error::Program { program: "ssh-keygen", reason };
    let made = made.map_err(|error| failed(error.to_string()))?;
    if !made.status.success() {
        return Err(failed(String::from_utf8_lossy(&made.stderr).into_owned()));
    }
    Ok(key)
}

/// A HOME of the rig's own, so that the CLI touches nobody's settings.
fn home(folder: &Path) -> Result<(), Error> {
    let home = folder.join("home");
    std::fs::create_dir_all(&home).named(shown(&home))?;
    std::fs::write(home.join(".gitconfig"), "").named("a git configuration")
}

/// The login of a machine without a keychain, in the form that `heroku login` writes.
fn netrc(folder: &Path, world: &World) -> Result<(), Error> {
    let host = world.api.get().map(ToString::to_string).unwrap_or_default();
    let text = format!("machine {host}\n  login dev@example.com\n  password {}\n", world.token);
    let path = folder.join("home/.netrc");
    std::fs::write(&path, text).named(shown(&path))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).named(shown(&path))
}

fn random_uuid() -> Result<String, Error> {
    std::fs::read_to_string("/proc/sys/kernel/random/uuid")
        .map(|uuid| uuid.trim().to_owned())
        .named("/proc/sys/kernel/random/uuid")
}
