//! Questions to the platform: by its API where there is a token, else by the CLI.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::api::{Api, App, Dyno};
use super::cli::{self, Cli};
use super::dyno::Heroku;
use super::facts::Generation;
use super::token::Token;
use crate::{CommandLine, Error, LastLines};

/// One CLI call starts a Node and asks the platform: 1 to 2 s, more on a loaded machine.
const CLI_TIMEOUT: Duration = Duration::from_secs(30);

/// The token, looked for once.
pub(super) async fn token(heroku: &Heroku, cli: &Cli) -> Result<Token, Error> {
    heroku.token.get_or_try_init(|| look_for_token(heroku, cli)).await.cloned()
}

async fn look_for_token(heroku: &Heroku, cli: &Cli) -> Result<Token, Error> {
    let client = |token: &str| Api::new(&heroku.config, cli.version.major, token).ok();
    if let Some(token) = heroku.config.environment.text("HEROKU_API_KEY") {
        return Ok(Token { api: client(token), of_the_cli: None });
    }
    let start = Instant::now();
    match ask_one(heroku, cli, &["auth:token"]).await {
        Ok(answer) => {
            let token = answer.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
            let api = is_token(token).then(|| client(token)).flatten();
            Ok(Token { api, of_the_cli: Some(start.elapsed()) })
        }
        Err(error @ (Error::NotLoggedIn { .. } | Error::ToolMissing { .. })) => Err(error),
        Err(error) => {
            tracing::info!("no token from the CLI, so it is asked itself: {error}");
            Ok(Token { api: None, of_the_cli: None })
        }
    }
}

fn is_token(text: &str) -> bool {
    (8..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

pub(super) async fn api(heroku: &Heroku, cli: &Cli) -> Result<Option<Api>, Error> {
    Ok(token(heroku, cli).await?.api)
}

/// What `apps:info` knows.
#[derive(Deserialize)]
pub(super) struct Info {
    pub(super) app: App,
}

/// Which generation of the platform runs the app. It is asked once.
pub(super) async fn generation(heroku: &Heroku) -> Result<Generation, Error> {
    heroku.generation.get_or_try_init(|| look_for_generation(heroku)).await.cloned()
}

/// Is it known to be Fir?
pub(super) async fn is_fir(heroku: &Heroku) -> bool {
    matches!(generation(heroku).await, Ok(Generation::Fir))
}

async fn look_for_generation(heroku: &Heroku) -> Result<Generation, Error> {
    let cli = heroku.cli().await?;
    let app = match api(heroku, &cli).await? {
        Some(api) => api.get::<App>("").await?.0,
        None => ask_json::<Info>(heroku, &cli, &["apps:info", "--json"]).await?.0.app,
    };
    Ok(app.generation())
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
