//! How a dyno is to be reached.

use std::path::PathBuf;

use super::names::{AppName, DynoName};
use crate::Environment;

/// Which dyno, and by what.
#[derive(Debug, Clone)]
pub struct Config {
    /// The app.
    pub app: AppName,
    /// The dyno, `web.1` say.
    pub dyno: DynoName,
    /// The Heroku CLI, when it is not the `heroku` on PATH.
    pub program: Option<PathBuf>,
    /// True: the preload keeps the forward private. False: the bare CLI, whose forward listens on all interfaces.
    pub preload: bool,
    /// The caller's environment: PATH, credentials, proxies.
    pub environment: Environment,
}
