//! What can be known about a dyno before it is touched.
//!
//! With a token (HEROKU_API_KEY, else `heroku auth:token` once) the Platform API is asked, all questions side by side.
//! Where there is none to be had, the CLI is asked the same, side by side as well. The answers come in one shape; the
//! refusals are drawn from it in the order in which the CLI itself checks.

use std::time::{Duration, Instant};

use super::api::{Account, Api, App, ConfigVars, Dyno, Feature, Installation};
use super::ask::{Ignored, Info, ask_app, ask_json, ask_one, token};
use super::cli::Cli;
use super::dyno::Heroku;
use super::facts::{Generation, HerokuFacts, Space};
use super::fir;
use super::log;
use super::quota::QuotaSource;
use crate::findings::{Check, Findings, Source};
use crate::tail::clean;
use crate::{Error, Unsupported};

/// The platform's answers, whoever was asked.
struct Answers {
    app: App,
    dynos: Vec<Dyno>,
    exec: bool,
    legacy_addon: bool,
    /// `None` outside Private Spaces, where nobody needs it.
    exec_buildpack: Option<bool>,
    account: Option<String>,
    /// How many SSH keys the account has; `None` where nobody needs one, or may not ask.
    keys: Option<usize>,
}

pub(super) async fn survey(heroku: &Heroku) -> Result<Findings<HerokuFacts>, Error> {
    let start = Instant::now();
    let cli = heroku.cli().await?;
    let source = if cli.asked { Source::Cli } else { Source::PackageJson };
    let mut checks = vec![Check::new("heroku cli", cli.version.to_string(), source, cli.took)];
    let token = token(heroku, &cli).await?;
    checks.extend(token.of_the_cli.map(|took| Check::new("token", "of the CLI's login", Source::Cli, took)));
    let api = token.api;
    let answers = match &api {
        Some(api) => ask_api(api, &mut checks).await?,
        None => ask_cli(heroku, &cli, &mut checks).await?,
    };
    let mut facts = facts(heroku, &cli, &answers);
    let _ = heroku.generation.set(facts.generation.clone());
    if facts.dyno_state.is_some() && facts.memory_quota().source == QuotaSource::Smallest {
        facts.metered_quota = log::quota(&log::lines(heroku, &cli, api.as_ref()).await, &facts.dyno);
    }
    if let Some(state) = &facts.dyno_state {
        let size = facts.dyno_size.as_deref().map_or_else(String::new, |size| format!(", {size}"));
        checks.push(Check::new("dyno", format!("{} is {state}{size}", facts.dyno), source, Duration::ZERO));
    }
    let refusals = refusals(&facts, &answers);
    let mut warnings: Vec<String> = api.as_ref().and_then(Api::warning).into_iter().collect();
    if facts.generation == Generation::Fir {
        warnings.extend(fir::warning(cli.version));
    }
    Ok(Findings { facts, checks, warnings, refusals, took: start.elapsed() })
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
    let fir = app.generation() == Generation::Fir;
    let exec = of_exec(fir, feature, Source::Api)?;
    let legacy_addon = match vars {
        Ok((vars, _)) => vars.legacy_addon(),
        // Not everybody who may run ps:exec may read the config. The CLI will say so itself if it minds.
        Err(Error::Forbidden { .. }) => false,
        Err(error) => return Err(error),
    };
    let keys = match fir {
        true => api.get::<Vec<Ignored>>("/account/keys").await.ok(),
        false => None,
    };
    let exec_buildpack = match app.space {
        Some(_) if !fir => {
            let (installed, _) = api.get::<Vec<Installation>>("buildpack-installations").await?;
            Some(installed.iter().any(Installation::is_exec))
        }
        _ => None,
    };
    let account = account.ok().map(|(account, took)| {
        let email = clean(&account.email, 120);
        checks.push(Check::new("logged in as", &*email, Source::Api, took));
        email
    });
    checks.push(Check::new("app", &*clean(&app.name, 80), Source::Api, app_took));
    checks.push(Check::new("dynos", dynos.len().to_string(), Source::Api, dynos_took));
    let (exec, keys) = (told(exec, checks), keys_told(keys, Source::Api, checks));
    Ok(Answers { app, dynos, exec, legacy_addon, exec_buildpack, account, keys })
}

async fn ask_cli(heroku: &Heroku, cli: &Cli, checks: &mut Vec<Check>) -> Result<Answers, Error> {
    let (info, dynos, feature, exec_url) = tokio::join!(
        ask_json::<Info>(heroku, cli, &["apps:info", "--json"]),
        ask_json::<Vec<Dyno>>(heroku, cli, &["ps", "--json"]),
        ask_json::<Feature>(heroku, cli, &["features:info", "runtime-heroku-exec", "--json"]),
        ask_app(heroku, cli, &["config:get", "HEROKU_EXEC_URL"]),
    );
    let (Info { app }, app_took) = info?;
    let (dynos, dynos_took) = dynos?;
    let fir = app.generation() == Generation::Fir;
    let exec = of_exec(fir, feature, Source::Cli)?;
    let keys = match fir {
        true => {
            let start = Instant::now();
            let asked = ask_one(heroku, cli, &["keys", "--json"]).await.ok();
            let keys = asked.and_then(|text| serde_json::from_str::<Vec<Ignored>>(&text).ok());
            keys.map(|keys| (keys, start.elapsed()))
        }
        false => None,
    };
    let legacy_addon = exec_url.is_ok_and(|(value, _)| !value.trim().is_empty());
    let exec_buildpack = match app.space {
        Some(_) if !fir => Some(ask_app(heroku, cli, &["buildpacks"]).await?.0.contains("heroku/exec")),
        _ => None,
    };
    checks.push(Check::new("app", &*clean(&app.name, 80), Source::Cli, app_took));
    checks.push(Check::new("dynos", dynos.len().to_string(), Source::Cli, dynos_took));
    let (exec, keys) = (told(exec, checks), keys_told(keys, Source::Cli, checks));
    Ok(Answers { app, dynos, exec, legacy_addon, exec_buildpack, account: None, keys })
}

/// Whether Heroku Exec is on, and how that was learned. Fir has none, whatever is said of it there.
fn of_exec(
    fir: bool,
    feature: Result<(Feature, Duration), Error>,
    source: Source,
) -> Result<(bool, Check), Error> {
    if fir {
        return Ok((false, Check::new("generation", "fir, by run:inside", source, Duration::ZERO)));
    }
    let (feature, took) = feature?;
    Ok((feature.enabled, Check::new("heroku exec", on_off(feature.enabled), source, took)))
}

fn told((exec, check): (bool, Check), checks: &mut Vec<Check>) -> bool {
    checks.push(check);
    exec
}

fn keys_told(
    keys: Option<(Vec<Ignored>, Duration)>,
    source: Source,
    checks: &mut Vec<Check>,
) -> Option<usize> {
    let (keys, took) = keys?;
    checks.push(Check::new("ssh keys", keys.len().to_string(), source, took));
    Some(keys.len())
}

fn facts(heroku: &Heroku, cli: &Cli, answers: &Answers) -> HerokuFacts {
    let app = &answers.app;
    let dyno = answers.dynos.iter().find(|dyno| dyno.name == heroku.config.dyno.as_str());
    HerokuFacts {
        cli_version: cli.version,
        app: clean(&app.name, 80),
        app_id: app.id.as_deref().map(|id| clean(id, 80)),
        dyno: heroku.config.dyno.to_string(),
        dyno_state: dyno.map(|dyno| clean(&dyno.state, 40)),
        dyno_size: dyno.and_then(|dyno| dyno.size.as_deref()).map(|size| clean(size, 40)),
        dyno_since: dyno.and_then(|dyno| dyno.updated_at.as_deref()).map(|at| clean(at, 40)),
        release: dyno.and_then(Dyno::version),
        generation: app.generation(),
        space: app.space.as_ref().map(|s| Space { name: clean(&s.name, 80), shield: s.shield }),
        region: app.region.name(),
        stack: app.stack.name(),
        exec_enabled: answers.exec,
        logged_in_as: answers.account.clone(),
        metered_quota: None,
    }
}

/// What stands against a hunt, what cannot be changed first.
fn refusals(facts: &HerokuFacts, answers: &Answers) -> Vec<Error> {
    let mut found = Vec::new();
    let fir = facts.generation == Generation::Fir;
    if fir {
        found.extend(fir::refusals(facts, answers.keys));
    }
    let unsupported = [
        (!fir && facts.space.as_ref().is_some_and(|space| space.shield), Unsupported::Shield),
        (answers.exec_buildpack == Some(false), Unsupported::PrivateWithoutBuildpack),
        (!fir && answers.legacy_addon, Unsupported::LegacyAddon),
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
    if !fir && !facts.exec_enabled {
        found.push(Error::ExecDisabled { app: facts.app.clone() });
    }
    found
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
