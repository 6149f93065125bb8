//! Questions to the platform: by its API where there is a token, else by the CLI.

use std::time::{Duration, Instant};

use serde::de::{DeserializeOwned, IgnoredAny};

use super::api::{Api, Dyno};
use super::cli::{self, Cli};
use super::dyno::Heroku;
use crate::findings::{Check, Source};
use crate::{CommandLine, Error, LastLines};

/// One CLI call starts a Node and asks the platform: 1 to 2 s, more on a loaded machine.
const CLI_TIMEOUT: Duration = Duration::from_secs(30);

/// A client of the API, with the token there is; `None` when the CLI keeps its token to itself.
pub(super) async fn token(heroku: &Heroku, cli: &Cli, checks: &mut Vec<Check>) -> Result<Option<Api>, Error> {
    let client = |token: &str| Api::new(&heroku.config, cli.version.major, token).ok();
    if let Some(token) = heroku.config.environment.text("HEROKU_API_KEY") {
        return Ok(client(token));
    }
    let start = Instant::now();
    match ask_one(heroku, cli, &["auth:token"]).await {
        Ok(answer) => {
            let token = answer.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
            checks.push(Check::new("token", "of the CLI's login", Source::Cli, start.elapsed()));
            Ok(is_token(token).then(|| client(token)).flatten())
        }
        Err(error @ (Error::NotLoggedIn { .. } | Error::ToolMissing { .. })) => Err(error),
        Err(error) => {
            tracing::info!("no token from the CLI, so it is asked itself: {error}");
            Ok(None)
        }
    }
}

fn is_token(text: &str) -> bool {
    (8..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

pub(super) async fn api(heroku: &Heroku, cli: &Cli) -> Result<Option<Api>, Error> {
    token(heroku, cli, &mut Vec::new()).await
}

pub(super) async fn ask_json<T: DeserializeOwned>(
    heroku: &Heroku,
    cli: &Cli,
    args: &[&str],
) -> Result<(T, Duration), Error> {
    let (text, took) = ask_app(heroku, cli, args).await?;
    let answer = serde_json::from_str(&text).map_err(|error| Error::Command {
        command: args.join(" "),
        ended: format!("gave no JSON as expected: {error}"),
        last_lines: LastLines::default(),
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

/// The dynos now.
pub(super) async fn dynos(heroku: &Heroku, cli: &Cli, api: Option<&Api>) -> Result<Vec<Dyno>, Error> {
    match api {
        Some(api) => Ok(api.get::<Vec<Dyno>>("dynos").await?.0),
        None => Ok(ask_json::<Vec<Dyno>>(heroku, cli, &["ps", "--json"]).await?.0),
    }
}

/// What a successful call prints is of no interest.
pub(super) type Ignored = IgnoredAny;
