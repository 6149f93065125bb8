//! What the engine says of a container. It is asked, and nothing is run in it.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::Docker;
use super::words::{error, recognise};
use crate::exec::life::Life;
use crate::findings::{Check, Findings, Source};
use crate::no_place::NoContainer;
use crate::output::Recognise;
use crate::question::ask;
use crate::tail::{Tail, clean};
use crate::{CommandLine, Environment, Error, LastLines};

const TIMEOUT: Duration = Duration::from_secs(20);
const HINT: &str =
    "install the engine's command line, or name another with `--program docker|podman|nerdctl`";
/// How many names an error lists.
const MOST_NAMES: usize = 10;

/// As the engine answers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct State {
    pub(super) status: String,
    pub(super) running: bool,
    pub(super) paused: bool,
    pub(super) restarting: bool,
    #[serde(rename = "OOMKilled")]
    pub(super) oom_killed: bool,
    pub(super) exit_code: i64,
    pub(super) started_at: String,
}

impl State {
    /// Can something be run in it?
    fn is_up(&self) -> bool {
        self.running && !self.paused && !self.restarting
    }

    /// In the engine's own word.
    pub(super) fn word(&self) -> String {
        if self.status.is_empty() { "not running".to_owned() } else { clean(&self.status, 40) }
    }
}

pub(crate) async fn survey(docker: &Docker, environment: &Environment) -> Result<Findings<Life>, Error> {
    let start = Instant::now();
    let engine = docker.engine.program();
    let missing = |_| Error::ToolMissing { tool: engine.into(), path: None, hint: HINT };
    let program = which::which_in(engine, environment.get("PATH"), ".").map_err(missing)?;
    let mut checks =
        vec![Check::new("program", program.display().to_string(), Source::Host, start.elapsed())];
    let asked = Instant::now();
    let state = match state(docker, environment).await {
        Err(Error::Container { why: NoContainer::Missing { .. }, .. }) => {
            let running = running(docker, environment).await;
            return Err(error(docker, NoContainer::Missing { running }));
        }
        state => state?,
    };
    let answer = format!("{}, since {}", state.word(), clean(&state.started_at, 40));
    checks.push(Check::new("container", answer, Source::Engine, asked.elapsed()));
    let down = (!state.is_up()).then(|| error(docker, NoContainer::Down { state: state.word() }));
    Ok(Findings {
        facts: Life {
            place: docker.container.to_string(),
            run: state.started_at.clone(),
            since: clean(&state.started_at, 40),
        },
        checks,
        warnings: Vec::new(),
        refusals: down.into_iter().collect(),
        took: start.elapsed(),
    })
}

/// What the engine knows of it now.
pub(super) async fn state(docker: &Docker, environment: &Environment) -> Result<State, Error> {
    let format = ["--type", "container", "--format", "{{json .State}}"];
    let command = command(docker, "inspect", &[&format[..], &[docker.container.as_str()]].concat());
    let answer = ask(&command, environment, &recognise(docker), Tail::new(environment), TIMEOUT).await?;
    serde_json::from_str(answer.trim()).map_err(|error| Error::Command {
        command: command.short(),
        ended: format!("gave no JSON as expected: {error}"),
        last_lines: LastLines::default(),
    })
}

/// The names of those that run; nothing where they cannot be had, for they only make a message better.
async fn running(docker: &Docker, environment: &Environment) -> Vec<String> {
    let command = command(docker, "ps", &["--format", "{{.Names}}"]);
    let none: Recognise = std::sync::Arc::new(|_: &str| None);
    let answer = ask(&command, environment, &none, Tail::default(), TIMEOUT).await.unwrap_or_default();
    let mut names: Vec<String> =
        answer.lines().map(|line| clean(line.trim(), 80)).filter(|name| !name.is_empty()).collect();
    if names.len() > MOST_NAMES {
        names.truncate(MOST_NAMES);
        names.push("…".to_owned());
    }
    names
}

fn command(docker: &Docker, verb: &str, args: &[&str]) -> CommandLine {
    CommandLine::new(docker.engine.program(), std::iter::once(verb).chain(args.iter().copied()))
}
