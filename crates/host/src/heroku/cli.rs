//! The Heroku CLI on this machine: where it is, which version it is, and short questions to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::child_env::child_environment;
use super::config::Config;
use super::version::CliVersion;
use super::words;
use crate::question;
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

const HINT: &str = "install it with `npm install --global heroku`, or as https://devcenter.heroku.com/articles/heroku-cli says";
const VERSION_TIMEOUT: Duration = Duration::from_secs(30);

/// The CLI found.
#[derive(Debug, Clone)]
pub(crate) struct Cli {
    pub(crate) program: PathBuf,
    pub(crate) version: CliVersion,
    /// How the version was learned, and how long it took.
    pub(crate) asked: bool,
    pub(crate) took: Duration,
}

impl Cli {
    pub(crate) async fn find(config: &Config) -> Result<Self, Error> {
        let start = Instant::now();
        let program = locate(config)?;
        let (version, asked) = match beside(&program) {
            Some(version) => (version, false),
            None => (ask(&program, config).await?, true),
        };
        Ok(Self { program, version, asked, took: start.elapsed() })
    }
}

fn locate(config: &Config) -> Result<PathBuf, Error> {
    let env = &config.environment;
    let missing = |path| Error::ToolMissing { tool: "the Heroku CLI".into(), path, hint: HINT };
    match &config.program {
        Some(path) if path.components().count() > 1 => {
            which::which_in(path, None::<&str>, "/").map_err(|_| missing(Some(path.clone())))
        }
        named => {
            let name = named.as_deref().unwrap_or(Path::new("heroku"));
            which::which_in(name, env.get("PATH"), "/").map_err(|_| missing(named.clone()))
        }
    }
}

/// The version in the `package.json` beside the program: `heroku/bin/run.js` of an npm package, `client/bin/heroku` of
/// the standalone installer. Asking the CLI for it costs a second.
fn beside(program: &Path) -> Option<CliVersion> {
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let real = std::fs::canonicalize(program).ok()?;
    let text = std::fs::read_to_string(real.parent()?.parent()?.join("package.json")).ok()?;
    let package: Package = serde_json::from_str(&text).ok()?;
    (package.name == "heroku").then(|| CliVersion::read(&package.version)).flatten()
}

/// `heroku --version` prints `heroku/11.10.0 linux-x64 node-v22.11.0`.
async fn ask(program: &Path, config: &Config) -> Result<CliVersion, Error> {
    let env = child_environment(&config.environment, None);
    let command = CommandLine::new(program, ["--version"]);
    let answer = run(&command, &env, config, VERSION_TIMEOUT).await?;
    answer
        .lines()
        .find_map(|line| CliVersion::read(line.trim().strip_prefix("heroku/")?.split(' ').next()?))
        .ok_or_else(|| {
            let tail = Tail::new(&config.environment);
            answer.lines().take(3).for_each(|line| tail.push(line));
            Error::Command {
                command: command.short(),
                ended: "did not print its version".into(),
                last_lines: tail.last_lines(),
            }
        })
}

/// Runs a command that answers a question, and gives its stdout.
pub(crate) async fn run(
    command: &CommandLine,
    env: &Environment,
    config: &Config,
    limit: Duration,
) -> Result<String, Error> {
    question::ask(command, env, &words::recognise(config), Tail::new(&config.environment), limit).await
}
