//! Questions to the Heroku CLI, each a child of its own.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::Heroku;
use super::api::Dyno;
use super::cli::{self, Cli};
use crate::{CommandLine, Error};

/// One CLI call starts a Node and asks the platform: 1 to 2 s, more on a loaded machine.
const CLI_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn ask_json<T: DeserializeOwned>(
    heroku: &Heroku,
    cli: &Cli,
    args: &[&str],
) -> Result<(T, Duration), Error> {
    let (text, took) = ask_app(heroku, cli, args).await?;
    let answer = serde_json::from_str(&text).map_err(|error| Error::Command {
        command: args.join(" "),
        ended: format!("gave no JSON as expected: {error}"),
        last_lines: crate::LastLines::default(),
    })?;
    Ok((answer, took))
}

pub(super) async fn ask_app(heroku: &Heroku, cli: &Cli, args: &[&str]) -> Result<(String, Duration), Error> {
    let start = Instant::now();
    let args = [args, &["-a", heroku.config.app.as_str()]].concat();
    Ok((ask_one(heroku, cli, &args).await?, start.elapsed()))
}

pub(super) async fn ask_one(heroku: &Heroku, cli: &Cli, args: &[&str]) -> Result<String, Error> {
    let command = CommandLine::new(&cli.program, args.iter().copied());
    cli::run(&command, &heroku.child_environment(cli), &heroku.config, CLI_TIMEOUT).await
}

/// The dynos now, by the CLI.
pub(super) async fn dynos_by_cli(heroku: &Heroku, cli: &Cli) -> Result<Vec<Dyno>, Error> {
    Ok(ask_json::<Vec<Dyno>>(heroku, cli, &["ps", "--json"]).await?.0)
}
