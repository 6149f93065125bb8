//! The apps that a dyno can run: the article's leak, and the shapes in which Node.js processes are found in production.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

/// An app, with its folder in `apps/` and the command of its Procfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum App {
    /// A shop whose server-rendered banner starts an interval that keeps extending a string. Under npm.
    ///
    /// It leaks about 0.4 MB a second: `BANNERS` (40) pages rendered at the start, each adding `BANNER_TEXT` (450)
    /// characters every `BANNER_TICK_MS` (50). Config vars change that: `BANNERS=400` leaks ten times as fast. A request
    /// of `/` adds a banner, one of `/healthz` does not.
    Banner,
    /// The same shop under yarn 1.
    BannerYarn,
    /// The same shop as an ES module.
    BannerEsm,
    /// The same shop with its inspector open from the start.
    BannerInspected,
    /// A shop that leaks nothing.
    Healthy,
    /// A heap of `HEAP_MB` (50) megabytes of small objects that grows by `GROWTH_KB` (400) a second, for measurements.
    Heap,
    /// Sends as many bytes as it is asked for, for measurements.
    Source,
    /// A shop on several dynos: web.2 and web.5 leak alike, web.7 differently, web.4 is large; the others are well.
    Fleet,
    /// A primary and four workers of `node:cluster`; the config var `WORKERS` says how many.
    Cluster,
    /// Two instances under pm2's cluster mode, whose daemon owns the port.
    Pm2,
    /// A leak in TypeScript, bundled and minified by esbuild into `dist/server.js`, with its source map beside it.
    Bundled,
    /// An app that calls itself something else.
    Retitled,
    /// An app under `node --watch`.
    Watch,
    /// Two workers with nothing to tell them apart.
    TwoEqual,
    /// No Node.js process at all.
    NoNode,
    /// A Node.js process that SIGUSR1 would kill for its first `HOLD_S` (6) seconds: its handler is not there yet.
    SlowStart,
    /// An app under `--disable-sigusr1` (Node.js 22 and newer).
    DisabledSigusr1,
    /// An app that handles SIGUSR1 itself and counts it at `/signals`.
    OwnHandler,
}

/// When a dyno counts as up.
pub(crate) enum Ready {
    /// As on Heroku's web dynos: when the app's port is bound.
    Bound,
    /// When its port is bound and its process manager has written these files, which it does a moment later.
    BoundAnd(&'static [&'static str]),
    /// As on other dynos, when it runs: so many processes whose command line contains this.
    Running(&'static str, usize),
}

impl App {
    /// Where its files are.
    pub(crate) fn folder(self) -> PathBuf {
        let name = match self {
            Self::Banner | Self::BannerYarn | Self::BannerInspected => "banner",
            Self::BannerEsm => "banner-esm",
            Self::Healthy => "healthy",
            Self::Heap => "heap",
            Self::Source => "source",
            Self::Fleet => "fleet",
            Self::Cluster => "cluster",
            Self::Pm2 => "pm2",
            Self::Bundled => "bundled",
            Self::Retitled => "retitled",
            Self::Watch | Self::DisabledSigusr1 | Self::SlowStart => "plain",
            Self::TwoEqual | Self::NoNode => "worker",
            Self::OwnHandler => "own-handler",
        };
        Path::new(env!("CARGO_MANIFEST_DIR")).join("apps").join(name)
    }

    /// The command of its process type, as `heroku ps` shows it.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Banner | Self::BannerEsm | Self::Healthy | Self::Heap | Self::Cluster | Self::Fleet => {
                "npm start"
            }
            Self::Source | Self::Bundled | Self::Retitled | Self::OwnHandler => "npm start",
            Self::BannerYarn => "yarn --silent start",
            Self::BannerInspected => "npm run inspected",
            Self::Pm2 => "pm2-runtime start server.js --name shop --instances 2",
            Self::Watch => "npm run watch",
            Self::DisabledSigusr1 => "npm run disabled",
            Self::SlowStart => "sh hold.sh",
            Self::TwoEqual => "sh two.sh",
            Self::NoNode => "sh none.sh",
        }
    }

    /// The type of its process in the Procfile.
    pub fn process_type(self) -> &'static str {
        match self {
            Self::TwoEqual | Self::NoNode => "worker",
            _ => "web",
        }
    }

    pub(crate) fn ready_when(self) -> Ready {
        match self {
            Self::TwoEqual => Ready::Running("node work.js", 2),
            Self::NoNode => Ready::Running("none.sh", 1),
            Self::SlowStart => Ready::Running("node server.js held", 1),
            Self::Pm2 => Ready::BoundAnd(&["app/.pm2/pids/shop-0.pid", "app/.pm2/pids/shop-1.pid"]),
            _ => Ready::Bound,
        }
    }

    pub(crate) fn needs_packages(self) -> bool {
        matches!(self, Self::Pm2 | Self::BannerYarn)
    }
}
