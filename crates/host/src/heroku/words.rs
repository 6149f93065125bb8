//! The Heroku CLI's own words by which its refusals are known, majors 8 to 11.

use std::sync::Arc;

use super::config::Config;
use crate::output::Recognise;
use crate::{Came, Error, Unsupported};

/// Recognises a refusal in a line of the CLI's output, or in an unfinished one: a prompt has no newline.
pub(crate) fn recognise(config: &Config) -> Recognise {
    let (app, dyno) = (config.app.to_string(), config.dyno.to_string());
    Arc::new(move |line| refusal(line, &app, &dyno))
}

/// `ps:forward` announces its port before it has bound it.
pub(crate) fn says_it_listens(line: &str) -> bool {
    line.contains("to stop port forwarding") || line.contains("and forwarding to")
}

fn refusal(line: &str, app: &str, dyno: &str) -> Option<Error> {
    let has = |words: &str| line.contains(words);
    // The exec feature is off: at this prompt a `y` would restart every dyno.
    if has("requires a dyno restart") || has("Do you want to continue") {
        Some(Error::ExecDisabled { app: app.to_owned() })
    } else if let Some(error) = of_the_account(line, app) {
        Some(error)
    } else if has("command is unavailable for this app") {
        Some(Error::Unsupported(Unsupported::Fir))
    } else if has("restricted for Shield") {
        Some(Error::Unsupported(Unsupported::Shield))
    } else if has("using the Heroku Exec addon") {
        Some(Error::Unsupported(Unsupported::LegacyAddon))
    } else if has("Adding the Heroku Exec buildpack") {
        Some(Error::Unsupported(Unsupported::PrivateWithoutBuildpack))
    } else {
        let came = if has("Could not connect to dyno") {
            Came::Credentials
        } else if has("There was an error connecting to the dyno") {
            Came::Ssh
        } else {
            return None;
        };
        let last_lines = crate::LastLines(vec![leakhunt_text::cut(&crate::tail::clean(line, 200))]);
        Some(Error::NotConnected { app: app.to_owned(), dyno: dyno.to_owned(), came, last_lines })
    }
}

/// What any command of the CLI may refuse with: who asks is not known, or may not.
pub(super) fn of_the_account(line: &str, app: &str) -> Option<Error> {
    let has = |words: &str| line.contains(words);
    let app = app.to_owned();
    if has("Press any key to open up the browser")
        || has("not logged in")
        || has("Enter your Heroku credentials")
    {
        Some(Error::NotLoggedIn { detail: "the Heroku CLI wants to log in".into() })
    } else if has("HEROKU_API_KEY is invalid") || has("Invalid credentials provided") {
        Some(Error::NotLoggedIn { detail: "the Heroku CLI's token is not valid".into() })
    } else if has("Two-factor") || has("Two factor code") {
        Some(Error::TwoFactor { target: app })
    } else if has("Couldn't find that app") {
        Some(Error::NoSuchApp { app })
    } else if has("Error ID: rate_limit") {
        // What `Retry-After` says, the CLI keeps to itself.
        let request = "the Heroku CLI".to_owned();
        Some(Error::Busy { request, status: 429, tries: 0, retry_after: None })
    } else {
        None
    }
}
