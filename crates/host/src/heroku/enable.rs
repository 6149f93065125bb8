//! Switching Heroku Exec on, which is only ever done on an explicit request: it restarts every dyno of the app.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::api::Api;
use super::ask::{Ignored, api, ask_one, dynos};
use super::cli::Cli;
use super::dyno::Heroku;
use super::preflight;
use crate::{Error, LastLines};

/// The CLI's own `initFeature` waits this long between switching and restarting.
const SETTLE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_secs(1);
/// Heroku ends a web dyno that has not bound its port after 60 s (R10); the rest is for the platform's own start.
const UP_TIMEOUT: Duration = Duration::from_secs(180);

/// What switching it on did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enabled {
    /// It was on already: nothing was changed, nothing restarted.
    Already,
    /// It was switched on and every dyno restarted; the dyno was up again after this time.
    Restarted(Duration),
}

pub(super) async fn enable_exec(heroku: &Heroku) -> Result<Enabled, Error> {
    let survey = preflight::survey(heroku).await?;
    if let Some(refusal) =
        survey.refusals.into_iter().find(|refusal| matches!(refusal, Error::Unsupported(_)))
    {
        return Err(refusal);
    }
    if survey.facts.exec_enabled {
        return Ok(Enabled::Already);
    }
    let start = Instant::now();
    let cli = heroku.cli().await?;
    let api = api(heroku, &cli).await?;
    switch_and_restart(heroku, &cli, api.as_ref()).await?;
    until_up(heroku, &cli, api.as_ref()).await?;
    Ok(Enabled::Restarted(start.elapsed()))
}

async fn switch_and_restart(heroku: &Heroku, cli: &Cli, api: Option<&Api>) -> Result<(), Error> {
    let app = heroku.config.app.as_str();
    match api {
        Some(api) => {
            let on = serde_json::json!({ "enabled": true });
            api.patch::<Ignored>("features/runtime-heroku-exec", on).await?;
            sleep(SETTLE).await;
            api.delete("dynos").await?;
        }
        None => {
            ask_one(heroku, cli, &["features:enable", "runtime-heroku-exec", "-a", app]).await?;
            sleep(SETTLE).await;
            ask_one(heroku, cli, &["ps:restart", "-a", app]).await?;
        }
    }
    Ok(())
}

async fn until_up(heroku: &Heroku, cli: &Cli, api: Option<&Api>) -> Result<(), Error> {
    let start = Instant::now();
    let name = heroku.config.dyno.as_str();
    loop {
        sleep(POLL).await;
        let now = dynos(heroku, cli, api).await?;
        match now.iter().find(|dyno| dyno.name == name).map(|dyno| dyno.state.as_str()) {
            Some("up") => return Ok(()),
            Some("crashed") => {
                return Err(Error::DynoDown { dyno: name.to_owned(), state: "crashed".into() });
            }
            _ if start.elapsed() > UP_TIMEOUT => {
                return Err(Error::TimedOut {
                    what: format!("while {name} was starting again: it is not up"),
                    after: start.elapsed(),
                    last_lines: LastLines::default(),
                });
            }
            _ => {}
        }
    }
}
