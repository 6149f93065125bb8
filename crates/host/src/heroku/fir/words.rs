//! The words by which refusals of `run:inside` are known, and those of the `ssh` that it starts.

use std::sync::Arc;

use crate::Error;
use crate::heroku::dyno::Heroku;
use crate::heroku::words::of_the_account;
use crate::output::Recognise;

/// What the CLI is not there without, where the way is by SSH.
const HINT: &str = "install OpenSSH's client: the Heroku CLI reaches dynos of Fir by it";

/// Recognises a refusal in a line of the CLI's output.
pub(super) fn recognise(heroku: &Heroku) -> Recognise {
    let (app, dyno) = (heroku.config.app.to_string(), heroku.config.dyno.to_string());
    Arc::new(move |line| refusal(line, &app, &dyno))
}

fn refusal(line: &str, app: &str, dyno: &str) -> Option<Error> {
    let has = |words: &str| line.contains(words);
    let (app_name, dyno) = (app.to_owned(), dyno.to_owned());
    if let Some(error) = of_the_account(line, app) {
        Some(error)
    } else if has("Couldn't find that dyno") {
        Some(Error::DynoDown { dyno, state: "gone".into() })
    } else if has("can't access this space from your IP address") {
        Some(Error::Untrusted { app: app_name })
    } else if has("Permission denied (publickey")
        || has("ssh key has been uploaded to heroku")
        || has("oo many authentication failures")
        || has("No more authentication methods to try")
    {
        Some(Error::KeyRefused { dyno })
    } else if has("spawn ssh ENOENT") {
        Some(Error::ToolMissing { tool: "ssh".into(), path: None, hint: HINT })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: fn(&Error) -> bool) {
        let found = refusal(line, "shop", "web-1-a");
        assert!(found.as_ref().is_some_and(expected), "{line}: {found:?}");
    }

    #[test]
    fn what_the_cli_and_ssh_refuse_with() {
        let key = |error: &Error| matches!(error, Error::KeyRefused { .. });
        check("root@127.0.0.1: Permission denied (publickey).", key);
        check(" ›   Error: Check that your ssh key has been uploaded to heroku with `heroku keys:add`.", key);
        check("Received disconnect from 127.0.0.1 port 4022:2: Too many authentication failures", key);
        check(
            " ›   Error: You can't access this space from your IP address. Contact your team admin.",
            |error| matches!(error, Error::Untrusted { .. }),
        );
        check(" ›   Error: Couldn't find that dyno.", Error::place_is_gone);
        check(" ›   Error: Couldn't find that app.", |error| matches!(error, Error::NoSuchApp { .. }));
        check("Error: spawn ssh ENOENT", |error| matches!(error, Error::ToolMissing { .. }));
        assert!(refusal("Running sh -c 'x' on ⬢ shop... up, web-1-a", "shop", "web-1-a").is_none());
    }
}
