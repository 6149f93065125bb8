//! `leakhunt heroku`: a hunt on a dyno.

use jiff::Timestamp;
use leakhunt_capture::Destination;
use leakhunt_host::heroku::{AppName, Config, DynoName, Generation, RemoteApp, app_of_remote};
use leakhunt_host::{self as host, Environment, Host};
use leakhunt_incident::Recent;
use leakhunt_text::Line;

use crate::consent::{Consent, Question};
use crate::failure::Failure;
use crate::fleet::{self, FleetArgs};
use crate::risk::Risk;
use crate::{exit, hunt, terminal};

const BARE_CLI: Question<'static> = Question {
    risk: Some(Risk::Exposure),
    what: "with --no-preload the forwarded inspector of production listens on every interface of this machine",
    ask: "Go on without the preload?",
};

const RESTART: Question<'static> = Question {
    risk: Some(Risk::Restart),
    what: "--enable-exec restarts every dyno of the app: the leaked heap is lost and has to grow again",
    ask: "Restart every dyno now?",
};

const UNVERIFIED: Question<'static> = Question {
    risk: Some(Risk::UnverifiedLink),
    what: leakhunt_capture::UNVERIFIED_LINK,
    ask: "Go there all the same?",
};

/// The dyno that is meant where none was named, as far as it is known without asking.
pub(super) const USUAL: &str = "web.1";

/// Which app.
#[derive(clap::Args)]
pub(crate) struct AppArgs {
    /// The app [default: the app of the git remote]
    #[arg(short, long, env = "HEROKU_APP", value_name = "APP")]
    pub(crate) app: Option<String>,

    /// Take the app of this git remote
    #[arg(short, long, value_name = "REMOTE")]
    pub(crate) remote: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Forward {
    /// By `heroku ps:forward`, on a private Unix socket
    PsForward,
    /// By one more `heroku ps:exec` for each connection, in which a relay runs: nothing listens on this machine
    Exec,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) app: AppArgs,

    /// The dyno; repeat it for more, which are hunted side by side [default: web.1; of a Fir app the first web dyno that is up]
    #[arg(short, long, value_name = "DYNO")]
    pub(crate) dyno: Vec<String>,

    #[command(flatten)]
    pub(crate) fleet: FleetArgs,

    /// Switch the runtime-heroku-exec feature on if it is off; this RESTARTS EVERY DYNO and loses the leaked heap. It asks
    /// first, or needs --accept restart
    #[arg(long)]
    pub(crate) enable_exec: bool,

    /// Run the Heroku CLI without leakhunt's preload: its forward then listens on every interface of this machine.
    /// It asks first, or needs --accept exposure; not with --forward exec, where nothing listens
    #[arg(long)]
    pub(crate) no_preload: bool,

    /// How a connection to the inspector is carried: by ps:forward, or by a command in the dyno (exec) [default: by ps:forward; on Fir
    /// by a command]
    #[arg(long, value_enum, default_value_t = Forward::PsForward, hide_default_value = true, value_name = "WAY")]
    pub(crate) forward: Forward,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let environment = Environment::new(std::env::vars_os());
    let runtime = hunt::runtime()?;
    let app = runtime.block_on(app(&args.app, &environment))?;
    if args.hunt.accept.contains(&Risk::Restart) && !args.enable_exec {
        let message =
            "--accept restart does nothing without --enable-exec, which is what restarts every dyno";
        return Err(Failure::new(exit::USAGE, message).hint("leave it out, or add --enable-exec"));
    }
    if args.dyno.len() > 1 || args.fleet.process_type.is_some() {
        return several(args, &app, environment, &runtime, root);
    }
    let preload = !args.no_preload;
    let named = args.dyno.first();
    let dyno = named.map_or(USUAL, String::as_str).parse()?;
    let config = Config { app: app.clone(), dyno, program: None, preload, environment };
    let mut consent = Consent::new(&args.hunt.accept, args.hunt.yes);
    let Found { heroku, dyno, fir } = runtime.block_on(find(config, named));
    let relayed = args.forward == Forward::Exec;
    let heroku = if relayed { heroku.relayed() } else { heroku };
    if args.hunt.each_worker {
        return each_worker(args, &app, dyno, &runtime, root);
    }
    let mut plan = hunt::plan(&args.hunt, format!("{app}-{dyno}"))?;
    if fir {
        runtime.block_on(consent.obtain(&UNVERIFIED))?;
        if !plan.accepts(leakhunt_capture::Risk::UnverifiedLink) {
            plan.accept.push(leakhunt_capture::Risk::UnverifiedLink);
        }
    }
    if args.no_preload && !relayed {
        runtime.block_on(consent.obtain(&BARE_CLI))?;
        if !plan.accepts(leakhunt_capture::Risk::Exposure) {
            plan.accept.push(leakhunt_capture::Risk::Exposure);
        }
    }
    plan.destination = Some(Destination::Heroku { app, dyno, preload });
    if args.enable_exec {
        runtime.block_on(enable(&mut consent, &heroku))?;
    }
    hunt::hunt(&args.hunt, &plan, &Host::Heroku(heroku), &runtime)
}

/// A dyno.
pub(super) struct Found {
    pub(super) heroku: host::Heroku,
    pub(super) dyno: DynoName,
    /// Is it known to be one of Fir's?
    pub(super) fir: bool,
}

/// The one that was named, or that is meant where none was: of a Fir app the platform has to be asked for it. What it refuses is no
/// matter here: it is asked again, and more.
pub(super) async fn find(config: Config, named: Option<&String>) -> Found {
    let (heroku, dyno) = (host::Heroku::new(config.clone()), config.dyno);
    // No dyno of Fir has a name with a number behind a dot.
    if named.is_some_and(|name| name.contains('.'))
        || !matches!(heroku.generation().await, Ok(Generation::Fir))
    {
        return Found { heroku, dyno, fir: false };
    }
    let usual = if named.is_none() { heroku.usual_dyno().await.ok() } else { None };
    let dyno = usual.unwrap_or(dyno);
    Found { heroku: heroku.with_dyno(dyno.clone()), dyno, fir: true }
}

/// Hunts of each process of one dyno that could be the one.
fn each_worker(
    args: &Args,
    app: &AppName,
    dyno: DynoName,
    runtime: &tokio::runtime::Runtime,
    root: &clap::Command,
) -> Result<u8, Failure> {
    refuse_risky(args)?;
    let plan = hunt::plan(&args.hunt, format!("{app}-{dyno}"))?;
    let environment = Environment::new(std::env::vars_os());
    let which = [format!("--app={app}"), format!("--dyno={dyno}")];
    let (app, place) = (app.clone(), (environment.clone(), plan.out.clone()));
    let host =
        Host::Heroku(host::Heroku::new(Config { app, dyno, program: None, preload: true, environment }));
    let processes = runtime.block_on(fleet::candidates(&plan, &host))?;
    let selected = fleet::of_processes(plan.name, ("heroku", &which), &processes, place, root)?;
    fleet::hunt(&args.hunt, &selected, runtime)
}

/// What restarts or exposes is asked for of one hunt at a time.
fn refuse_risky(args: &Args) -> Result<(), Failure> {
    if args.enable_exec || args.no_preload {
        let option = if args.enable_exec { "--enable-exec" } else { "--no-preload" };
        return Err(Failure::new(exit::USAGE, format!("{option} is for one dyno: give one with --dyno")));
    }
    Ok(())
}

/// Hunts of more than one, or of those with the most memory.
fn several(
    args: &Args,
    app: &AppName,
    environment: Environment,
    runtime: &tokio::runtime::Runtime,
    root: &clap::Command,
) -> Result<u8, Failure> {
    refuse_risky(args)?;
    if args.hunt.each_worker {
        return Err(Failure::new(exit::USAGE, "--each-worker is for one dyno: give one with --dyno"));
    }
    let out = hunt::writable(&args.hunt.out)?;
    let dyno: DynoName = args.dyno.first().map_or(USUAL, String::as_str).parse()?;
    let heroku = host::Heroku::new(Config {
        app: app.clone(),
        dyno,
        program: None,
        preload: true,
        environment: environment.clone(),
    });
    let log = async { Ok(heroku.recent_log().await) };
    let (listed, log) = runtime.block_on(async { tokio::try_join!(heroku.dynos(), log) })?;
    let known = (listed.as_slice(), &Recent::read(&log, Timestamp::now()));
    let selected = fleet::of_app(&args.fleet, &args.dyno, app, known, (environment, out), root)?;
    fleet::hunt(&args.hunt, &selected, runtime)
}

/// The app that was named, or that of the git remote.
pub(super) async fn app(args: &AppArgs, environment: &Environment) -> Result<AppName, Failure> {
    // A remote that was named outranks an app from the environment, as it does for the Heroku CLI.
    if let Some(app) = args.app.as_deref().filter(|_| args.remote.is_none()) {
        return Ok(app.parse()?);
    }
    let folder = std::env::current_dir().unwrap_or_default();
    match app_of_remote(environment, &folder, args.remote.as_deref()).await? {
        RemoteApp::App(app) => Ok(app.parse()?),
        RemoteApp::None => Err(match &args.remote {
            Some(remote) => {
                Failure::new(exit::USAGE, format!("--remote {remote}: git has no such Heroku remote here"))
            }
            None => Failure::new(exit::USAGE, "no app given, and no Heroku git remote here")
                .hint("name it: `leakhunt heroku --app NAME` (or set HEROKU_APP)"),
        }),
        RemoteApp::Several(remotes) => Err(Failure::new(
            exit::USAGE,
            format!("several git remotes lead to Heroku: {}", remotes.join(", ")),
        )
        .hint("name the app with --app NAME, or the remote with --remote NAME")),
    }
}

/// Only with consent, and only where the feature is off.
async fn enable(consent: &mut Consent, heroku: &host::Heroku) -> Result<(), Failure> {
    match Host::Heroku(heroku.clone()).preflight().await {
        Err(host::Error::ExecDisabled { .. }) => {}
        Err(error) => return Err(error.into()),
        Ok(_) => return Ok(()),
    }
    consent.obtain(&RESTART).await?;
    terminal::say(&[Line::own("  switching runtime-heroku-exec on: every dyno restarts")]);
    heroku.enable_exec().await?;
    Ok(())
}
