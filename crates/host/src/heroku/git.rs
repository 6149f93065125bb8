//! The app that a git repository is deployed to, found as the Heroku CLI finds it.

use std::path::Path;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use crate::group::Group;
use crate::{CommandLine, Environment, Error};

/// Reading a config file is quick; a network file system that hangs must not hang us.
const GIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Of a configuration that lists more than this, the rest is not read.
const MAX_LISTING: u64 = 1 << 20;

/// What git remotes say of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteApp {
    /// This app.
    App(String),
    /// No Heroku remote, no repository, or no git.
    None,
    /// Several remotes lead to Heroku, and nothing tells which is meant: their names.
    Several(Vec<String>),
}

/// The app of the remote `wanted`, else of the one that git config `heroku.remote` names, else of the only Heroku remote.
pub async fn app_of_remote(
    environment: &Environment,
    folder: &Path,
    wanted: Option<&str>,
) -> Result<RemoteApp, Error> {
    let Ok(git) = which::which_in("git", environment.get("PATH"), folder) else { return Ok(RemoteApp::None) };
    let from = folder.display().to_string();
    let command =
        CommandLine::new(git, ["-C", &from, "config", "--get-regexp", r"^(remote\..*\.url|heroku\.remote)$"]);
    let (mut group, mut pipes) = Group::spawn(&command, environment)?;
    drop(pipes.stdin);
    let talk = async {
        let mut listing = Vec::new();
        let (mut stdout, mut nowhere) = (pipes.stdout.take(MAX_LISTING), tokio::io::sink());
        let (read, _) =
            tokio::join!(stdout.read_to_end(&mut listing), tokio::io::copy(&mut pipes.stderr, &mut nowhere));
        // What it says is all there is to it: without a repository, or without a remote, git says nothing and fails.
        group.exited().await;
        read.map(|_| listing)
    };
    let talked = tokio::time::timeout(GIT_TIMEOUT, talk).await;
    let listing = match talked {
        Ok(read) => read.map_err(|source| Error::io("reading what git says", source))?,
        Err(_) => {
            let _ = group.stop().await;
            return Err(Error::io("running git", std::io::ErrorKind::TimedOut.into()));
        }
    };
    Ok(choose(&String::from_utf8_lossy(&listing), wanted))
}

fn choose(listing: &str, wanted: Option<&str>) -> RemoteApp {
    let mut configured = None;
    let mut remotes = Vec::new();
    for (key, value) in listing.lines().filter_map(|line| line.split_once(' ')) {
        if key == "heroku.remote" {
            configured = Some(value);
        } else if let Some(name) = key.strip_prefix("remote.").and_then(|key| key.strip_suffix(".url"))
            && let Some(app) = app_of_url(value)
        {
            remotes.push((name, app));
        }
    }
    let named = wanted.or(configured);
    remotes.retain(|(name, _)| named.is_none_or(|named| named == *name));
    match remotes[..] {
        [] => RemoteApp::None,
        [(_, app)] => RemoteApp::App(app.to_owned()),
        _ => RemoteApp::Several(remotes.iter().map(|(name, _)| (*name).to_owned()).collect()),
    }
}

/// `https://git.heroku.com/APP.git`, `git@heroku.com:APP.git` and `ssh://git@heroku.com/APP.git`.
fn app_of_url(url: &str) -> Option<&str> {
    ["https://git.heroku.com/", "git@heroku.com:", "ssh://git@heroku.com/"]
        .iter()
        .find_map(|prefix| url.strip_prefix(prefix))
        .map(|app| app.strip_suffix(".git").unwrap_or(app))
        .filter(|app| !app.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listing: &[&str], wanted: Option<&str>, expected: &RemoteApp) {
        assert_eq!(choose(&listing.join("\n"), wanted), *expected);
    }

    fn app(name: &str) -> RemoteApp {
        RemoteApp::App(name.into())
    }

    #[test]
    fn the_only_heroku_remote() {
        let origin = "remote.origin.url git@example.com:team/shop.git";
        check(&[origin, "remote.heroku.url https://git.heroku.com/shop.git"], None, &app("shop"));
        check(&[origin, "remote.prod.url git@heroku.com:shop-prod.git"], None, &app("shop-prod"));
        check(&[origin], None, &RemoteApp::None);
        check(&[], None, &RemoteApp::None);
    }

    #[test]
    fn one_of_several() {
        let two = [
            "remote.staging.url https://git.heroku.com/a.git",
            "remote.prod.url https://git.heroku.com/b.git",
        ];
        check(&two, None, &RemoteApp::Several(vec!["staging".into(), "prod".into()]));
        check(&two, Some("prod"), &app("b"));
        check(&two, Some("nope"), &RemoteApp::None);
        check(&[two[0], two[1], "heroku.remote staging"], None, &app("a"));
        check(&[two[0], two[1], "heroku.remote staging"], Some("prod"), &app("b"));
    }
}
