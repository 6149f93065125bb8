//! A dyno of the Fir generation: there is no Heroku Exec, and `heroku run:inside` runs a command in it.
//!
//! The CLI has two ways there, and which of them it takes the platform decides by the address that it answers with:
//!
//! - `https:` the CLI opens a connection there, listens on a port of this machine, and starts the user's own `ssh` on that. It checks
//!   neither the certificate of the one nor the host key of the other; an SSH key of the account opens the door.
//! - any other: TLS with a certificate that is checked, and behind it a terminal in the dyno, which changes bytes. Its stdin is read once something was printed, and what
//!   was printed first is thrown away.
//!
//! Which of them it is, the far end sees: where it has a terminal, the relay takes lines (`relay`). A command is told what it is to run
//! on its stdin (`frame`), for the CLI prints it, the platform keeps it, and nobody says how long it may be. No port can be forwarded, so
//! a connection is a command of its own. Source: `lib/run/dyno` of the CLI, majors 8 to 11; no dyno of Heroku's was ever seen by
//! whoever wrote this.

mod words;

use super::cli::Cli;
use super::dyno::Heroku;
use super::facts::HerokuFacts;
use super::version::CliVersion;
use crate::child::Child;
use crate::frame::{Mark, Split};
use crate::relay::{self, By, Place, RelayForward, Start, Terminal};
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

/// The first that knows `run:inside`, as far as it is known here.
const OLDEST: u32 = 8;
/// The first that says why the way by SSH is closed: the key that is not taken from 10.0 on, the address from 10.16.
const TELLS_WHY: CliVersion = CliVersion { major: 10, minor: 16, patch: 0 };
/// The first that would put a launcher before a command, and can be told not to; earlier ones take the option for something else.
const WITH_LAUNCHER: CliVersion = CliVersion { major: 10, minor: 14, patch: 0 };

/// What stands against it. The key is asked for though one of the two ways needs none: which it will be is not known before.
pub(super) fn refusals(facts: &HerokuFacts, keys: Option<usize>) -> Vec<Error> {
    let mut found = Vec::new();
    if facts.cli_version.major < OLDEST {
        found.push(Error::CliTooOld { has: facts.cli_version.to_string(), needs: OLDEST });
    }
    if keys == Some(0) {
        found.push(Error::NoAccountKey);
    }
    found
}

/// What a person should know beforehand.
pub(super) fn warning(cli: CliVersion) -> Option<String> {
    (cli < TELLS_WHY).then(|| {
        format!(
            "the Heroku CLI {cli} does not say why it cannot reach a dyno of Fir (an SSH key that is not taken, an address that the \
             space does not trust); {TELLS_WHY} and newer do"
        )
    })
}

/// Runs a script in the dyno.
pub(super) async fn open(heroku: &Heroku, script: &str) -> Result<Child, Error> {
    let cli = heroku.cli().await?;
    let mark = Mark::draw()?;
    let Split { command, told } = mark.split(script)?;
    let command = run_inside(heroku, &cli, command);
    let (env, recognise) = (environment(heroku, &cli), words::recognise(heroku));
    let mut child = Child::start(&command, &env, mark, recognise, tail(heroku))?;
    child.told = Some(told);
    Ok(child)
}

/// A way to one of its ports.
pub(super) async fn forward(heroku: &Heroku, port: u16) -> Result<RelayForward, Error> {
    let cli = heroku.cli().await?;
    let place = Place {
        what: heroku.describe(),
        environment: environment(heroku, &cli),
        recognise: words::recognise(heroku),
        tail: tail(heroku),
        by: {
            let heroku = heroku.clone();
            By::Relay(Box::new(move || {
                let mark = Mark::draw()?;
                let Split { command, told } = mark.split_plain(&relay::script(Terminal::Lines))?;
                Ok(Start { command: run_inside(&heroku, &cli, command), mark, told: Some(told) })
            }))
        },
    };
    RelayForward::start(place, port)
}

/// The command is ONE argument behind `--`, and no other word is like one of those before it: so all majors pass it on as it is. Never `-x`:
/// that reads what comes as text.
fn run_inside(heroku: &Heroku, cli: &Cli, command: String) -> CommandLine {
    let mut args = vec!["run:inside".to_owned(), format!("--app={}", heroku.config.app)];
    if cli.version >= WITH_LAUNCHER {
        args.push("--no-launcher".to_owned());
    }
    args.extend([heroku.config.dyno.to_string(), "--".to_owned(), command]);
    CommandLine::new(&cli.program, args)
}

/// Without what the CLI says that it runs.
fn tail(heroku: &Heroku) -> Tail {
    Tail::new(&heroku.config.environment).without("Running sh -c ")
}

fn environment(heroku: &Heroku, cli: &Cli) -> Environment {
    let mut environment = heroku.child_environment(cli);
    // Nobody can be asked for a passphrase: a key that has one is passed over where no agent holds it.
    environment.set("SSH_ASKPASS", "false");
    environment.set("SSH_ASKPASS_REQUIRE", "force");
    heroku.private.mark(&mut environment);
    environment
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::heroku::Config;

    fn words(version: (u32, u32, u32)) -> Vec<String> {
        let (major, minor, patch) = version;
        let version = CliVersion { major, minor, patch };
        let cli = Cli { program: "heroku".into(), version, asked: false, took: Duration::ZERO };
        let heroku = Heroku::new(Config {
            app: "shop".parse().unwrap(),
            dyno: "web-848cd4f64d-pvpr2".parse().unwrap(),
            program: None,
            preload: true,
            environment: Environment::default(),
        });
        run_inside(&heroku, &cli, "sh -c 'a b'".to_owned()).args
    }

    #[test]
    fn each_cli_is_asked_in_words_that_it_knows() {
        let dyno = "web-848cd4f64d-pvpr2";
        for older in [(8, 7, 1), (9, 5, 1), (10, 13, 2)] {
            assert_eq!(words(older), ["run:inside", "--app=shop", dyno, "--", "sh -c 'a b'"]);
        }
        for newer in [(10, 14, 0), (11, 10, 0)] {
            let expected = ["run:inside", "--app=shop", "--no-launcher", dyno, "--", "sh -c 'a b'"];
            assert_eq!(words(newer), expected);
        }
    }
}
