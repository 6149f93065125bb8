//! What can be known about a dyno before it is touched.
//!
//! With a token (HEROKU_API_KEY, else `heroku auth:token` once) the Platform API is asked, all questions side by side.
//! Where there is none to be had, the CLI is asked the same, side by side as well. The answers come in one shape; the
//! refusals are drawn from it in the order in which the CLI itself checks.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::api::{Account, Api, App, ConfigVars, Dyno, Feature, Installation};
use super::ask::{ask_app, ask_json, ask_one};
use super::cli::{Cli, CliVersion};
use super::quota::{Quota, QuotaSource};
use super::{Heroku, log};
use crate::preflight::{Check, Platform, Preflight, Source};
use crate::tail::clean;
use crate::{Error, Unsupported};

/// What is known of a dyno, its app and the CLI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HerokuFacts {
    /// The version of the Heroku CLI on this machine.
    pub cli_version: CliVersion,
    /// The app's name, as the platform gives it.
    pub app: String,
    /// The app's id.
    pub app_id: Option<String>,
    /// The dyno.
    pub dyno: String,
    /// The platform's word for its state: `up`, `starting`, `crashed`, `idle`; `None` when there is no such dyno.
    pub dyno_state: Option<String>,
    /// Its size: `Eco`, `Standard-1X`, `Performance-M`.
    pub dyno_size: Option<String>,
    /// Since when it is in that state, as the platform writes it.
    pub dyno_since: Option<String>,
    /// The release that it runs.
    pub release: Option<u64>,
    /// The generation of the platform that runs it.
    pub generation: Generation,
    /// The Private Space it runs in.
    pub space: Option<Space>,
    /// The region, `us` say.
    pub region: Option<String>,
    /// The stack, `heroku-24` say.
    pub stack: Option<String>,
    /// Whether Heroku Exec is on.
    pub exec_enabled: bool,
    /// Whose token it is, where the API was asked.
    pub logged_in_as: Option<String>,
    /// What the dyno's runtime metrics call its memory quota, bytes; looked up where its size is not known here.
    pub metered_quota: Option<u64>,
}

impl HerokuFacts {
    /// The memory that the dyno may use.
    pub fn memory_quota(&self) -> Quota {
        Quota::of(self.dyno_size.as_deref(), self.metered_quota)
    }
}

/// A generation of Heroku's platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generation {
    /// The one with Heroku Exec.
    Cedar,
    /// The one without.
    Fir,
    /// One that is not known here, by its name.
    Other(String),
}

/// A Private Space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// Whether it is a Shield space.
    pub shield: bool,
}

/// The platform's answers, whoever was asked.
struct Answers {
    app: App,
    dynos: Vec<Dyno>,
    feature: Feature,
    legacy_addon: bool,
    /// `None` outside Private Spaces, where nobody needs it.
    exec_buildpack: Option<bool>,
    account: Option<String>,
}

pub(super) async fn survey(heroku: &Heroku) -> Result<Preflight, Error> {
    let start = Instant::now();
    let cli = heroku.cli().await?;
    let source = if cli.asked { Source::Cli } else { Source::PackageJson };
    let mut checks = vec![Check::new("heroku cli", cli.version.to_string(), source, cli.took)];
    let api = token(heroku, &cli, &mut checks).await?;
    let answers = match &api {
        Some(api) => ask_api(api, &mut checks).await?,
        None => ask_cli(heroku, &cli, &mut checks).await?,
    };
    let mut facts = facts(heroku, &cli, &answers);
    if facts.dyno_state.is_some() && facts.memory_quota().source == QuotaSource::Smallest {
        facts.metered_quota = log::quota(&log::lines(heroku, &cli, api.as_ref()).await, &facts.dyno);
    }
    let warning = api.as_ref().and_then(Api::warning);
    if let Some(state) = &facts.dyno_state {
        let size = facts.dyno_size.as_deref().map_or_else(String::new, |size| format!(", {size}"));
        checks.push(Check::new("dyno", format!("{} is {state}{size}", facts.dyno), source, Duration::ZERO));
    }
    let refusals = refusals(&facts, &answers);
    Ok(Preflight {
        target: heroku.describe(),
        platform: Platform::Heroku(Box::new(facts)),
        checks,
        warnings: warning.into_iter().collect(),
        refusals,
        took: start.elapsed(),
    })
}

/// A client of the API, with the token there is; `None` when the CLI keeps its token to itself.
async fn token(heroku: &Heroku, cli: &Cli, checks: &mut Vec<Check>) -> Result<Option<Api>, Error> {
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

async fn ask_api(api: &Api, checks: &mut Vec<Check>) -> Result<Answers, Error> {
    let (app, dynos, feature, vars, account) = tokio::join!(
        api.get::<App>(""),
        api.get::<Vec<Dyno>>("dynos"),
        api.get::<Feature>("features/runtime-heroku-exec"),
        api.get::<ConfigVars>("config-vars"),
        api.get::<Account>("/account"),
    );
    // The app's own answer first: where the app is missing, all the others are too.
    let (app, app_took) = app?;
    let (dynos, dynos_took) = dynos?;
    let (feature, feature_took) = feature?;
    let legacy_addon = match vars {
        Ok((vars, _)) => vars.legacy_addon(),
        // Not everybody who may run ps:exec may read the config. The CLI will say so itself if it minds.
        Err(Error::Forbidden { .. }) => false,
        Err(error) => return Err(error),
    };
    let exec_buildpack = match app.space {
        Some(_) => {
            let (installed, _) = api.get::<Vec<Installation>>("buildpack-installations").await?;
            Some(installed.iter().any(Installation::is_exec))
        }
        None => None,
    };
    let account = account.ok().map(|(account, took)| {
        let email = clean(&account.email, 120);
        checks.push(Check::new("logged in as", &*email, Source::Api, took));
        email
    });
    checks.push(Check::new("app", &*clean(&app.name, 80), Source::Api, app_took));
    checks.push(Check::new("dynos", dynos.len().to_string(), Source::Api, dynos_took));
    checks.push(Check::new("heroku exec", on_off(feature.enabled), Source::Api, feature_took));
    Ok(Answers { app, dynos, feature, legacy_addon, exec_buildpack, account })
}

async fn ask_cli(heroku: &Heroku, cli: &Cli, checks: &mut Vec<Check>) -> Result<Answers, Error> {
    #[derive(Deserialize)]
    struct Info {
        app: App,
    }
    let (info, dynos, feature, exec_url) = tokio::join!(
        ask_json::<Info>(heroku, cli, &["apps:info", "--json"]),
        ask_json::<Vec<Dyno>>(heroku, cli, &["ps", "--json"]),
        ask_json::<Feature>(heroku, cli, &["features:info", "runtime-heroku-exec", "--json"]),
        ask_app(heroku, cli, &["config:get", "HEROKU_EXEC_URL"]),
    );
    let (Info { app }, app_took) = info?;
    let (dynos, dynos_took) = dynos?;
    let (feature, feature_took) = feature?;
    let legacy_addon = exec_url.is_ok_and(|(value, _)| !value.trim().is_empty());
    let exec_buildpack = match app.space {
        Some(_) => Some(ask_app(heroku, cli, &["buildpacks"]).await?.0.contains("heroku/exec")),
        None => None,
    };
    checks.push(Check::new("app", &*clean(&app.name, 80), Source::Cli, app_took));
    checks.push(Check::new("dynos", dynos.len().to_string(), Source::Cli, dynos_took));
    checks.push(Check::new("heroku exec", on_off(feature.enabled), Source::Cli, feature_took));
    Ok(Answers { app, dynos, feature, legacy_addon, exec_buildpack, account: None })
}

fn facts(heroku: &Heroku, cli: &Cli, answers: &Answers) -> HerokuFacts {
    let app = &answers.app;
    let dyno = answers.dynos.iter().find(|dyno| dyno.name == heroku.config.dyno.as_str());
    let generation = match app.generation.name().as_deref() {
        None | Some("cedar") => Generation::Cedar,
        Some("fir") => Generation::Fir,
        Some(other) => Generation::Other(other.to_owned()),
    };
    HerokuFacts {
        cli_version: cli.version,
        app: clean(&app.name, 80),
        app_id: app.id.as_deref().map(|id| clean(id, 80)),
        dyno: heroku.config.dyno.to_string(),
        dyno_state: dyno.map(|dyno| clean(&dyno.state, 40)),
        dyno_size: dyno.and_then(|dyno| dyno.size.as_deref()).map(|size| clean(size, 40)),
        dyno_since: dyno.and_then(|dyno| dyno.updated_at.as_deref()).map(|at| clean(at, 40)),
        release: dyno.and_then(Dyno::version),
        generation,
        space: app.space.as_ref().map(|s| Space { name: clean(&s.name, 80), shield: s.shield }),
        region: app.region.name(),
        stack: app.stack.name(),
        exec_enabled: answers.feature.enabled,
        logged_in_as: answers.account.clone(),
        metered_quota: None,
    }
}

/// What stands against a hunt, what cannot be changed first.
fn refusals(facts: &HerokuFacts, answers: &Answers) -> Vec<Error> {
    let mut found = Vec::new();
    let unsupported = [
        (facts.generation == Generation::Fir, Unsupported::Fir),
        (facts.space.as_ref().is_some_and(|space| space.shield), Unsupported::Shield),
        (answers.exec_buildpack == Some(false), Unsupported::PrivateWithoutBuildpack),
        (answers.legacy_addon, Unsupported::LegacyAddon),
    ];
    found.extend(unsupported.into_iter().filter(|(is, _)| *is).map(|(_, why)| Error::Unsupported(why)));
    match facts.dyno_state.as_deref() {
        None => {
            let mut available: Vec<String> = answers.dynos.iter().map(|dyno| clean(&dyno.name, 80)).collect();
            available.sort();
            available.truncate(20);
            found.push(Error::NoSuchDyno { app: facts.app.clone(), dyno: facts.dyno.clone(), available });
        }
        Some("up") => {}
        Some(state) => found.push(Error::DynoDown { dyno: facts.dyno.clone(), state: state.to_owned() }),
    }
    if !facts.exec_enabled {
        found.push(Error::ExecDisabled { app: facts.app.clone() });
    }
    found
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
