//! How a dyno ended, by the platform's own words: its state, its release, and what the router and the dyno manager logged.
//!
//! Only the platform's lines are asked for (`source: heroku`): the app's own, which may hold anything, are not read. Their
//! wording is that of <https://devcenter.heroku.com/articles/error-codes> and <https://devcenter.heroku.com/articles/dynos>.

use std::fmt;

use super::api::Dyno;
use super::ask;
use super::dyno::Heroku;
use super::facts::{Generation, HerokuFacts};
use super::list::type_of;
use super::log;
use crate::Error;
use crate::tail::clean;

/// How a dyno ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DynoEnd {
    /// It used more memory than its size has, and was killed for it.
    OutOfMemory {
        /// The platform's error: `R15`, or `R14` where a kill followed it.
        error: &'static str,
    },
    /// The app's process ended, or was ended by a signal.
    Crashed {
        /// Its exit status, 128 and more for a signal, where that was logged.
        status: Option<u32>,
    },
    /// The platform's own restart, about once a day.
    Cycled,
    /// A new release: a deploy, or a change of the config or of an add-on.
    Released {
        /// The number of the release.
        version: u64,
    },
    /// Somebody asked for a restart.
    Restarted,
    /// Scaled away, or put to sleep.
    Stopped {
        /// The platform's word for its state, `gone` where the app has no such dyno any more.
        state: String,
    },
    /// Another is up in its place, and nothing tells why.
    Replaced,
}

/// What is known now; `None` where the dyno is the one that it was.
pub(super) async fn of(heroku: &Heroku, before: &HerokuFacts) -> Result<Option<DynoEnd>, Error> {
    let cli = heroku.cli().await?;
    let name = heroku.config.dyno.as_str();
    let api = ask::api(heroku, &cli).await?;
    let dynos = ask::dynos(heroku, &cli, api.as_ref()).await?;
    let now = dynos.iter().find(|dyno| dyno.name == name);
    if now.is_some_and(|now| now.state == "up" && now.updated_at == before.dyno_since) {
        return Ok(None);
    }
    if before.generation == Generation::Fir {
        return Ok(Some(tell_of_fir(before, now, &dynos)));
    }
    let lines = log::lines(heroku, &cli, api.as_ref()).await;
    Ok(Some(tell(before, now, &lines)))
}

/// There is no log, and whoever takes a dyno's place has another name.
fn tell_of_fir(before: &HerokuFacts, now: Option<&Dyno>, dynos: &[Dyno]) -> DynoEnd {
    let alike = || dynos.iter().filter(|dyno| type_of(&dyno.name) == type_of(&before.dyno));
    let release = alike()
        .filter_map(Dyno::version)
        .max()
        .filter(|latest| before.release.is_some_and(|before| *latest != before));
    match (now.map(|now| now.state.as_str()), release) {
        (Some("crashed"), _) => DynoEnd::Crashed { status: None },
        (_, Some(version)) => DynoEnd::Released { version },
        (Some("up" | "starting"), None) => DynoEnd::Replaced,
        (None, None) if alike().next().is_some() => DynoEnd::Replaced,
        (state, None) => DynoEnd::Stopped { state: clean(state.unwrap_or("gone"), 40) },
    }
}

/// What was logged between a dyno's going and the next one's coming up.
#[derive(Debug, Default)]
struct Logged {
    quota: bool,
    far_over_quota: bool,
    cycling: bool,
    restarting: bool,
    status: Option<u32>,
    state: Option<String>,
}

impl Logged {
    /// Reads what was logged since.
    fn read<'a>(lines: impl Iterator<Item = &'a str>, dyno: &str, since: Option<&str>) -> Self {
        let mut logged = Self::default();
        for (at, text) in lines.filter_map(|line| log::of_dyno(line, dyno)) {
            // Both are UTC, and alike up to the second.
            if since
                .and_then(|since| since.get(..19))
                .is_some_and(|since| at.get(..19).is_none_or(|at| at < since))
            {
                continue;
            }
            if text.starts_with("State changed from starting to up") && logged.state.is_some() {
                break;
            }
            logged.note(text);
        }
        logged
    }

    fn note(&mut self, text: &str) {
        let numbered = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.trim().parse().ok());
        self.quota |= text.starts_with("Error R14");
        self.far_over_quota |= text.starts_with("Error R15");
        self.cycling |= text.starts_with("Cycling");
        self.restarting |= text.starts_with("Restarting");
        self.status = self.status.or_else(|| numbered("Process exited with status "));
        if self.state.is_none() {
            self.state = text.strip_prefix("State changed from up to ").map(|state| clean(state, 40));
        }
    }
}

fn tell(before: &HerokuFacts, now: Option<&Dyno>, lines: &[String]) -> DynoEnd {
    let lines = lines.iter().map(String::as_str);
    let logged = Logged::read(lines, &before.dyno, before.dyno_since.as_deref());
    let release =
        now.and_then(Dyno::version).filter(|now| before.release.is_some_and(|before| *now != before));
    let state = now.map_or("gone", |now| now.state.as_str());
    let crashed =
        logged.state.as_deref() == Some("crashed") || (logged.state.is_none() && state == "crashed");
    if logged.far_over_quota {
        DynoEnd::OutOfMemory { error: "R15" }
    } else if crashed && logged.quota && logged.status == Some(137) {
        DynoEnd::OutOfMemory { error: "R14" }
    } else if logged.cycling {
        DynoEnd::Cycled
    } else if crashed {
        DynoEnd::Crashed { status: logged.status }
    } else if let Some(version) = release {
        DynoEnd::Released { version }
    } else if logged.restarting {
        DynoEnd::Restarted
    } else if matches!(state, "up" | "starting") {
        DynoEnd::Replaced
    } else {
        DynoEnd::Stopped { state: clean(state, 40) }
    }
}

impl fmt::Display for DynoEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { error } => {
                write!(f, "the dyno ran out of memory (Error {error}) and was killed")
            }
            Self::Crashed { status: None } => write!(f, "the app crashed"),
            Self::Crashed { status: Some(0) } => write!(f, "the app ended by itself (exit status 0)"),
            Self::Crashed { status: Some(status) } => match signal(*status) {
                Some(signal) => write!(f, "the app was killed (exit status {status}: {signal})"),
                None => write!(f, "the app crashed (exit status {status})"),
            },
            Self::Cycled => write!(f, "the dyno was cycled"),
            Self::Released { version } => {
                write!(
                    f,
                    "the dyno was restarted by release v{version} (a deploy, or a change of the config)"
                )
            }
            Self::Restarted => write!(f, "the dyno was restarted on request"),
            Self::Stopped { state } => write!(f, "the dyno was stopped (it is {state} now)"),
            Self::Replaced => write!(f, "the dyno was replaced"),
        }
    }
}

/// A shell's exit status of a process that a signal ended.
fn signal(status: u32) -> Option<&'static str> {
    Some(match status {
        134 => "SIGABRT, as V8 does when its heap is full",
        135 => "SIGBUS",
        137 => "SIGKILL",
        138 => "SIGUSR1",
        139 => "SIGSEGV",
        143 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heroku::{CliVersion, Generation};

    fn before() -> HerokuFacts {
        HerokuFacts {
            cli_version: CliVersion { major: 11, minor: 0, patch: 0 },
            app: "shop".into(),
            app_id: None,
            dyno: "web.1".into(),
            dyno_state: Some("up".into()),
            dyno_size: None,
            dyno_since: Some("2026-01-31T12:00:00Z".into()),
            release: Some(7),
            generation: Generation::Cedar,
            space: None,
            region: None,
            stack: None,
            exec_enabled: true,
            logged_in_as: None,
            metered_quota: None,
        }
    }

    /// Lines of `heroku[web.1]`, one a second from 12:00:10 on, as the dyno manager writes them.
    #[track_caller]
    fn check(said: &[&str], state: &str, version: u64, expected: &str) {
        let mut lines = vec![
            "2026-01-31T11:59:59.000000+00:00 heroku[web.1]: Error R15 (Memory quota vastly exceeded)"
                .to_owned(),
            "2026-01-31T12:00:10.000000+00:00 heroku[web.2]: Error R15 (Memory quota vastly exceeded)"
                .to_owned(),
            "2026-01-31T12:00:10.000000+00:00 app[web.1]: heroku[web.1]: Cycling".to_owned(),
        ];
        lines.extend(
            (10..)
                .zip(said)
                .map(|(at, text)| format!("2026-01-31T12:00:{at}.123456+00:00 heroku[web.1]: {text}")),
        );
        let now = (state != "gone").then(|| {
            let dyno =
                serde_json::json!({ "name": "web.1", "state": state, "release": { "version": version } });
            serde_json::from_value::<Dyno>(dyno).unwrap()
        });
        assert_eq!(tell(&before(), now.as_ref(), &lines).to_string(), expected);
        let events: Vec<String> =
            lines.iter().flat_map(|line| [format!("data: {line}"), String::new()]).collect();
        assert_eq!(tell(&before(), now.as_ref(), &events).to_string(), expected, "server-sent events");
    }

    #[test]
    fn memory_that_ran_out() {
        let over = [
            "Process running mem=1029M(201.0%)",
            "Error R15 (Memory quota vastly exceeded)",
            "Stopping process with SIGKILL",
            "Process exited with status 137",
            "State changed from up to crashed",
            "State changed from crashed to starting",
        ];
        check(&over, "starting", 7, "the dyno ran out of memory (Error R15) and was killed");
        let killed = [
            "Error R14 (Memory quota exceeded)",
            "Process exited with status 137",
            "State changed from up to crashed",
        ];
        check(&killed, "crashed", 7, "the dyno ran out of memory (Error R14) and was killed");
    }

    #[test]
    fn a_crash() {
        let crash = |status| {
            [format!("Process exited with status {status}"), "State changed from up to crashed".into()]
        };
        let said = |status, expected| {
            let lines = crash(status);
            check(&[lines[0].as_str(), lines[1].as_str()], "starting", 7, expected);
        };
        said(1, "the app crashed (exit status 1)");
        said(0, "the app ended by itself (exit status 0)");
        said(137, "the app was killed (exit status 137: SIGKILL)");
        said(134, "the app was killed (exit status 134: SIGABRT, as V8 does when its heap is full)");
        check(&[], "crashed", 7, "the app crashed");
    }

    #[test]
    fn a_restart_and_who_wanted_it() {
        let stop = [
            "State changed from up to starting",
            "Stopping all processes with SIGTERM",
            "Process exited with status 143",
            "State changed from starting to up",
        ];
        let with = |first: &'static str| [&[first][..], &stop].concat();
        check(&with("Cycling"), "up", 7, "the dyno was cycled");
        check(&with("Restarting"), "up", 7, "the dyno was restarted on request");
        check(
            &with("Restarting"),
            "up",
            8,
            "the dyno was restarted by release v8 (a deploy, or a change of the config)",
        );
        check(&stop, "up", 7, "the dyno was replaced");
        check(&[], "up", 8, "the dyno was restarted by release v8 (a deploy, or a change of the config)");
    }

    #[test]
    fn what_came_after_the_next_start_does_not_count() {
        let lines = [
            "Cycling",
            "State changed from up to starting",
            "State changed from starting to up",
            "Error R15 (Memory quota vastly exceeded)",
        ];
        check(&lines, "up", 7, "the dyno was cycled");
    }

    #[test]
    fn on_fir_whoever_takes_its_place_has_another_name() {
        #[track_caller]
        fn check(dynos: &[(&str, &str, u64)], expected: &str) {
            let dyno = |(name, state, version): &(&str, &str, u64)| {
                let dyno =
                    serde_json::json!({ "name": name, "state": state, "release": { "version": version } });
                serde_json::from_value::<Dyno>(dyno).unwrap()
            };
            let dynos: Vec<Dyno> = dynos.iter().map(dyno).collect();
            let before = HerokuFacts { dyno: "web-1-a".into(), generation: Generation::Fir, ..before() };
            let now = dynos.iter().find(|dyno| dyno.name == "web-1-a");
            assert_eq!(tell_of_fir(&before, now, &dynos).to_string(), expected, "{dynos:?}");
        }
        check(&[("web-1-b", "up", 7)], "the dyno was replaced");
        check(&[("web-1-a", "up", 7)], "the dyno was replaced");
        check(&[("web-1-a", "crashed", 7)], "the app crashed");
        let released = "the dyno was restarted by release v8 (a deploy, or a change of the config)";
        check(&[("web-2-a", "starting", 8), ("worker-2-a", "up", 9)], released);
        check(&[("worker-1-a", "up", 7)], "the dyno was stopped (it is gone now)");
        check(&[("web-1-a", "down", 7)], "the dyno was stopped (it is down now)");
    }

    #[test]
    fn a_dyno_that_is_no_more() {
        check(&["State changed from up to down"], "down", 7, "the dyno was stopped (it is down now)");
        check(&[], "gone", 7, "the dyno was stopped (it is gone now)");
        check(
            &["Idling", "State changed from up to down"],
            "idle",
            7,
            "the dyno was stopped (it is idle now)",
        );
    }
}
