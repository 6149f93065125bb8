//! This machine: the script runs in a shell beside us, and the port is there already.

use std::sync::Arc;
use std::time::Instant;

use crate::dialogue::{Carrier, Dialogue};
use crate::forward::{Forward, Way};
use crate::frame::Mark;
use crate::preflight::{Check, Platform, Preflight, Source};
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

/// This machine.
#[derive(Debug, Clone)]
pub struct Local {
    environment: Environment,
}

impl Local {
    /// `environment` is what the script's shell gets; PATH is the part that matters.
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    pub(crate) fn preflight(&self) -> Result<Preflight, Error> {
        let start = Instant::now();
        let hint = "leakhunt needs a POSIX shell named `sh` on PATH";
        let missing = |_| Error::ToolMissing { tool: "sh", path: None, hint };
        let shell = which::which_in("sh", self.environment.get("PATH"), "/").map_err(missing)?;
        let took = start.elapsed();
        let checks = vec![Check::new("shell", shell.display().to_string(), Source::Host, took)];
        let target = "this machine".to_owned();
        Ok(Preflight {
            target,
            platform: Platform::Local,
            checks,
            warnings: Vec::new(),
            refusals: Vec::new(),
            took,
        })
    }

    pub(crate) fn open(&self, script: &str) -> Result<Dialogue, Error> {
        let mark = Mark::draw()?;
        let command = CommandLine::new("sh", ["-c", &mark.wrap(script)?]);
        let env = self.environment.clone();
        let (recognise, tail) = (Arc::new(|_: &str| None), Tail::default());
        Dialogue::start(Carrier { command, env, session: None, recognise, tail }, mark)
    }

    pub(crate) fn forward(port: u16) -> Forward {
        Forward::new(Way::Direct(port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SOON: Duration = Duration::from_secs(10);

    fn local() -> Local {
        Local::new(Environment::new([("PATH", std::env::var_os("PATH").unwrap())]))
    }

    #[tokio::test]
    async fn a_dialogue_from_first_to_last_line() {
        let mut talk = local()
            .open("tell ready; while read -r x; do case $x in quit) exit 3;; *) tell \"got $x\";; esac; done")
            .unwrap();
        talk.ready(SOON).await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("ready"));
        talk.say("one").await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("got one"));
        talk.say("quit").await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap(), None);
        assert_eq!(talk.status(), Some(3));
        assert!(talk.stop().await.gone);
    }

    #[tokio::test]
    async fn silence_is_a_timeout_and_the_dialogue_goes_on() {
        let mut talk = local().open("read -r x; tell \"$x\"; read -r x").unwrap();
        talk.ready(SOON).await.unwrap();
        let error = talk.line(Duration::from_millis(50)).await.unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
        talk.say("still here").await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("still here"));
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off_is_an_error_with_its_last_lines() {
        let mut talk = local().open("echo 'the reason'; tell last; kill -9 $$").unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("last"));
        let error = talk.line(SOON).await.unwrap_err();
        assert!(matches!(error, Error::Tunnel { .. }), "{error}");
        assert!(error.to_string().contains("the reason"), "{error}");
        // And it stays an error; it does not become an ordinary end.
        assert!(talk.line(SOON).await.is_err());
    }

    #[tokio::test]
    async fn a_dialogue_ends_with_all_that_its_script_started() {
        let mut talk = local().open("trap '' TERM; sleep 300 & tell $!; wait; read -r x").unwrap();
        let pid = talk.line(SOON).await.unwrap().unwrap();
        let stopped = talk.stop().await;
        assert!(stopped.gone, "{stopped:?}");
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
}
