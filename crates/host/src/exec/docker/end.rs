//! How a container ended, by its engine's own words.

use std::fmt;
use std::time::{Duration, Instant};

use super::Docker;
use super::inspect::{ContainerFacts, State, state};
use crate::error::NoContainer;
use crate::{Environment, Error};

/// The engine learns of an end a moment after what ran in it.
const PATIENCE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(200);

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerEnd {
    /// The kernel killed it for memory.
    OutOfMemory,
    /// Its first process ended, or was ended by a signal.
    Exited {
        /// Its exit status, 128 and more for a signal.
        code: i64,
    },
    /// It was started again; why, the engine does not say any more.
    Restarted,
    /// It is not there any more.
    Removed,
}

/// What is known now; `None` where it is the one that it was.
pub(crate) async fn ended(
    docker: &Docker,
    before: &ContainerFacts,
    environment: &Environment,
) -> Result<Option<ContainerEnd>, Error> {
    let until = Instant::now() + PATIENCE;
    loop {
        let end = match state(docker, environment).await {
            Err(Error::Container { why: NoContainer::Missing { .. }, .. }) => Some(ContainerEnd::Removed),
            state => tell(before, &state?),
        };
        if end.is_some() || Instant::now() > until {
            return Ok(end);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn tell(before: &ContainerFacts, now: &State) -> Option<ContainerEnd> {
    if now.running && !now.restarting {
        return (now.started_at != before.started_at).then_some(ContainerEnd::Restarted);
    }
    Some(if now.oom_killed {
        ContainerEnd::OutOfMemory
    } else {
        ContainerEnd::Exited { code: now.exit_code }
    })
}

impl fmt::Display for ContainerEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory => f.write_str("the container ran out of memory and was killed (OOMKilled)"),
            Self::Exited { code: 0 } => f.write_str("the container ended by itself (exit code 0)"),
            Self::Exited { code: 137 } => f.write_str("the container was killed (exit code 137)"),
            Self::Exited { code: 143 } => f.write_str("the container was stopped (exit code 143)"),
            Self::Exited { code } => write!(f, "the container ended (exit code {code})"),
            Self::Restarted => f.write_str("the container was restarted"),
            Self::Removed => f.write_str("the container was removed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(state: &str, expected: Option<&str>) {
        let before = ContainerFacts { started_at: "2026-11-30T17:35:47.2Z".into() };
        let told = tell(&before, &serde_json::from_str(state).unwrap()).map(|end| end.to_string());
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
