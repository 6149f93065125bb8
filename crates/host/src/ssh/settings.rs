//! What OpenSSH would do to reach a machine, by its own word.
//!
//! `ssh -G` reads the user's and the machine's configuration, with every `Host`, `Match`, `Include` and token in it, prints what
//! comes of it, and connects to nothing. So what leads `ssh shop` to a machine leads a hunt there as well. Without an `ssh` on this
//! machine there is no configuration, and its defaults hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::target::SshTarget;
use crate::output::Recognise;
use crate::question::ask;
use crate::tail::{Tail, clean};
use crate::{CommandLine, Environment, Error};

/// A `Match exec` may ask somebody.
const TIMEOUT: Duration = Duration::from_secs(20);
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
/// A way that leads through more machines leads in a circle.
const MOST_HOPS: usize = 8;

/// How one machine is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// As it was named.
    pub(super) target: SshTarget,
    pub(super) host_name: String,
    pub(super) port: u16,
    pub(super) user: String,
    /// The keys to try, those that are there, by the files of which one half at least is.
    pub(super) identities: Vec<PathBuf>,
    /// Does the agent's help end with these?
    pub(super) identities_only: bool,
    pub(super) agent: Agent,
    /// The name under which its host key is on record, where that is another.
    pub(super) key_alias: Option<String>,
    pub(super) known_hosts: Vec<PathBuf>,
    /// What `StrictHostKeyChecking` says, where a host key that is on no record is taken.
    pub(super) takes_new_keys: Option<String>,
    /// Whom it is reached through, from here to there.
    jumps: Vec<String>,
    /// A command that would make the connection.
    proxy_command: Option<String>,
}

/// Which agent is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Agent {
    /// That of SSH_AUTH_SOCK, where it is set.
    Usual,
    At(PathBuf),
    None,
}

/// All that have to be gone through, the machine itself last.
pub(super) async fn way(config: &Config) -> Result<Vec<Settings>, Error> {
    let mut last = settings(config, &config.target).await?;
    if let Some(file) = &config.identity {
        (last.identities, last.identities_only) = (vec![file.clone()], true);
    }
    let mut jumps = last.jumps.clone();
    let mut way = vec![last];
    while !jumps.is_empty() {
        let mut before = Vec::new();
        for jump in &jumps {
            before.push(settings(config, &jump.parse()?).await?);
        }
        // Those behind the first are told by the list how they are reached; the first by its own configuration.
        jumps = before.first().map(|first| first.jumps.clone()).unwrap_or_default();
        way.splice(0..0, before);
        if way.len() > MOST_HOPS {
            return Err(Error::Tunnel {
                what: format!(
                    "to {} leads through more than {MOST_HOPS} machines (ProxyJump)",
                    config.target
                ),
                last_lines: crate::LastLines::default(),
            });
        }
    }
    match way.first() {
        Some(Settings { proxy_command: Some(command), target, .. }) => Err(Error::ProxyCommand {
            host: target.to_string(),
            command: clean(&leakhunt_text::cut(command), 200),
            ssh: typed(config, &config.target),
        }),
        _ => Ok(way),
    }
}

/// The command line of `ssh` that leads there, as one would type it.
pub(super) fn typed(config: &Config, target: &SshTarget) -> String {
    CommandLine::new("ssh", arguments(config, target)).to_string()
}

fn arguments(config: &Config, target: &SshTarget) -> impl Iterator<Item = String> {
    let file = config.config_file.iter().flat_map(|file| ["-F".to_owned(), file.display().to_string()]);
    file.chain(target.arguments())
}

async fn settings(config: &Config, target: &SshTarget) -> Result<Settings, Error> {
    let environment = &config.environment;
    let home = environment.get("HOME").map(Path::new);
    if which::which_in("ssh", environment.get("PATH"), ".").is_err() {
        return match &config.config_file {
            None => Ok(Settings::usual(target, environment)),
            Some(_) => {
                const HINT: &str = "install the OpenSSH client: it reads what --ssh-config names";
                Err(Error::ToolMissing { tool: "ssh".into(), path: None, hint: HINT })
            }
        };
    }
    let question = std::iter::once("-G".to_owned()).chain(arguments(config, target));
    let none: Recognise = Arc::new(|_: &str| None);
    let command = CommandLine::new("ssh", question);
    let answer = ask(&command, environment, &none, Tail::new(environment), TIMEOUT).await?;
    Ok(Settings::usual(target, environment).with(&answer, home))
}

impl Settings {
    /// What holds where nothing is configured.
    fn usual(target: &SshTarget, environment: &Environment) -> Self {
        let ssh = environment.get("HOME").map(|home| Path::new(home).join(".ssh"));
        let user = || environment.text("USER").unwrap_or("root").to_owned();
        let records = [Some(PathBuf::from("/etc/ssh/ssh_known_hosts"))];
        Self {
            target: target.clone(),
            host_name: target.host.clone(),
            port: target.port.unwrap_or(22),
            user: target.user.clone().unwrap_or_else(user),
            identities: USUAL_KEYS.iter().filter_map(|key| Some(ssh.as_ref()?.join(key))).collect(),
            identities_only: false,
            agent: Agent::Usual,
            key_alias: None,
            known_hosts: std::iter::once(ssh.map(|ssh| ssh.join("known_hosts")))
                .chain(records)
                .flatten()
                .collect(),
            takes_new_keys: None,
            jumps: Vec::new(),
            proxy_command: None,
        }
    }

    /// The same with what `ssh -G` printed.
    fn with(mut self, answer: &str, home: Option<&Path>) -> Self {
        let path = |word: &str| match (word.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(word),
        };
        let (mut identities, mut known_hosts) = (Vec::new(), Vec::new());
        for (name, value) in answer.lines().filter_map(|line| line.split_once(' ')) {
            let value = value.trim();
            let given = || (!value.eq_ignore_ascii_case("none")).then(|| value.to_owned());
            match name {
                "hostname" => self.host_name = value.to_owned(),
                "port" => self.port = value.parse().unwrap_or(self.port),
                "user" => self.user = value.to_owned(),
                "identityfile" => identities.extend(given().map(|file| path(&file))),
                "identitiesonly" => self.identities_only = value == "yes",
                "identityagent" => {
                    self.agent = match given().as_deref() {
                        None => Agent::None,
                        Some("SSH_AUTH_SOCK") => Agent::Usual,
                        Some(socket) => Agent::At(path(socket)),
                    }
                }
                "hostkeyalias" => self.key_alias = given(),
                "userknownhostsfile" if is_usual(value) && home.is_some() => {
                    known_hosts.extend(self.known_hosts.first().cloned());
                }
                "userknownhostsfile" | "globalknownhostsfile" => {
                    known_hosts.extend(value.split(' ').filter(|file| *file != "none").map(path));
                }
                // `ask` is refused, for nobody is asked.
                "stricthostkeychecking" => {
                    let takes = ["no", "off", "false", "accept-new"].contains(&value);
                    self.takes_new_keys = takes.then(|| value.to_owned());
                }
                "proxyjump" => {
                    self.jumps =
                        given().map_or_else(Vec::new, |all| all.split(',').map(str::to_owned).collect());
                }
                "proxycommand" => self.proxy_command = given(),
                _ => {}
            }
        }
        (self.identities, self.known_hosts) = (identities, known_hosts);
        self.identities.retain(|file| file.exists() || public_half(file).exists());
        self
    }

    /// The name and the port under which its host key is on record.
    pub(super) fn record(&self) -> (&str, u16) {
        self.key_alias.as_deref().map_or((&self.host_name, self.port), |alias| (alias, 22))
    }
}

/// Where the public half of a key lies: beside it, or in the file that is named, of a key that only the agent has.
pub(super) fn public_half(file: &Path) -> PathBuf {
    if file.extension().is_some_and(|extension| extension == "pub") {
        return file.to_owned();
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Is it what ssh names where nothing is configured? It takes the home from the table of users then, and everything else here HOME.
fn is_usual(known_hosts: &str) -> bool {
    known_hosts.split_once(' ').is_some_and(|(first, second)| {
        first.ends_with("/.ssh/known_hosts") && second.strip_suffix('2') == Some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssh_prints_is_read() {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::create_dir(scratch.path().join(".ssh")).unwrap();
        std::fs::write(scratch.path().join(".ssh/deploy"), "").unwrap();
        let environment = Environment::new([("HOME", scratch.path())]);
        let target: SshTarget = "shop".parse().unwrap();
        let printed = "host shop\nuser deploy\nhostname 10.0.0.7\nport 2222\nidentitiesonly yes\nidentityfile ~/.ssh/deploy\n\
                       identityfile ~/.ssh/not_there\nidentityagent none\nhostkeyalias shop-1\nproxyjump a,me@b:33\n\
                       stricthostkeychecking accept-new\nuserknownhostsfile ~/.ssh/known_hosts /dev/null\n";
        let read = Settings::usual(&target, &environment).with(printed, Some(scratch.path()));
        let expected = Settings {
            target,
            host_name: "10.0.0.7".into(),
            port: 2222,
            user: "deploy".into(),
            identities: vec![scratch.path().join(".ssh/deploy")],
            identities_only: true,
            agent: Agent::None,
            key_alias: Some("shop-1".into()),
            known_hosts: vec![scratch.path().join(".ssh/known_hosts"), "/dev/null".into()],
            takes_new_keys: Some("accept-new".into()),
            jumps: vec!["a".into(), "me@b:33".into()],
            proxy_command: None,
        };
        assert_eq!(read, expected);
        assert_eq!(read.record(), ("shop-1", 22));
        let usual = "userknownhostsfile /home/me/.ssh/known_hosts /home/me/.ssh/known_hosts2\n";
        let read = Settings::usual(&read.target, &environment).with(usual, Some(scratch.path()));
        assert_eq!(read.known_hosts, [scratch.path().join(".ssh/known_hosts")]);
    }
}
