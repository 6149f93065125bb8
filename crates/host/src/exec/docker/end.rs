//! How a container ended, by its engine's own words.

use std::time::Duration;

use super::Docker;
use super::inspect::{State, state};
use crate::exec::life::{How, Life, PlaceEnd, PlaceKind};
use crate::no_place::NoContainer;
use crate::{Environment, Error};

/// The engine learns of an end a moment after what ran in it.
const PATIENCE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(200);

/// What is known now; `None` where it is the one that it was.
pub(crate) async fn ended(
    docker: &Docker,
    before: &Life,
    environment: &Environment,
) -> Result<Option<PlaceEnd>, Error> {
    let ask = async || match state(docker, environment).await {
        Err(Error::Container { why: NoContainer::Missing { .. }, .. }) => Ok(Some(How::Removed)),
        state => Ok(tell(before, &state?)),
    };
    PlaceKind::Container.ended((PATIENCE, POLL), ask).await
}

fn tell(before: &Life, now: &State) -> Option<How> {
    if now.running && !now.restarting {
        return (now.started_at != before.run).then_some(How::Restarted);
    }
    Some(if now.oom_killed { How::OutOfMemory } else { How::Exited { code: now.exit_code } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(state: &str, expected: Option<&str>) {
        let since = "2026-11-30T17:35:47.2Z".to_owned();
        let before = Life { place: "shop".into(), run: since.clone(), since };
        let end = tell(&before, &serde_json::from_str(state).unwrap());
        let told = end.map(|how| PlaceEnd { kind: PlaceKind::Container, how }.to_string());
        assert_eq!(told.as_deref(), expected, "{state}");
    }

    #[test]
    fn what_docker_says_is_told() {
        let up = r#"{"Status":"running","Running":true,"Restarting":false,"OOMKilled":false,"ExitCode":0,"StartedAt":"2026-11-30T17:35:47.2Z"}"#;
        check(up, None);
        check(&up.replace("47.2Z", "59.9Z"), Some("the container was restarted"));
        let down = r#"{"Status":"exited","Running":false,"OOMKilled":false,"ExitCode":137,"StartedAt":"2026-11-30T17:35:47.2Z"}"#;
        check(down, Some("the container was killed (exit code 137)"));
        check(
            &down.replace("\"OOMKilled\":false", "\"OOMKilled\":true"),
            Some("the container ran out of memory and was killed (OOMKilled)"),
        );
        check(&down.replace("137", "0"), Some("the container ended by itself (exit code 0)"));
        check(
            &up.replace("\"Restarting\":false", "\"Restarting\":true"),
            Some("the container ended by itself (exit code 0)"),
        );
    }
}
