//! Where a hunt goes, as its journal keeps it: so that a later run finds the same place again.

use std::path::PathBuf;

use leakhunt_host::exec::fly::{Fly, FlyName, FlyProgram};
use leakhunt_host::exec::kubectl::{Cluster, ContextName, KubeName, Kubectl};
use leakhunt_host::exec::{self, ContainerName, Docker, Engine, Exec, ExecTemplate, ForwardTemplate, Tool};
use leakhunt_host::heroku::{self, AppName, DynoName, Heroku};
use leakhunt_host::ssh::{self, Forwarding, Passphrases, Ssh, SshTarget};
use leakhunt_host::{Environment, Host, Local};
use serde::{Deserialize, Serialize};

/// A place, by the names that a person gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "host", rename_all = "snake_case")]
pub enum Destination {
    /// A dyno.
    Heroku {
        /// Its app.
        #[serde(with = "as_text")]
        app: AppName,
        /// Its name.
        #[serde(with = "as_text")]
        dyno: DynoName,
        /// Does the Heroku CLI run with the preload?
        preload: bool,
    },
    /// A place in which a command can be run.
    Command {
        /// How.
        #[serde(with = "as_text")]
        exec: ExecTemplate,
        /// How a connection is made there, where it is not a relay.
        #[serde(with = "as_text_if_any")]
        forward: Option<ForwardTemplate>,
    },
    /// A container.
    Docker {
        /// Its name or id.
        #[serde(with = "as_text")]
        container: ContainerName,
        /// What runs it.
        #[serde(with = "as_text")]
        engine: Engine,
    },
    /// A container of a pod.
    Kubectl {
        /// Its context, where there is one.
        #[serde(with = "as_text_if_any")]
        context: Option<ContextName>,
        /// The kubeconfig that was named, by its whole path.
        kubeconfig: Option<PathBuf>,
        /// Its namespace.
        #[serde(with = "as_text")]
        namespace: KubeName,
        /// The pod.
        #[serde(with = "as_text")]
        pod: KubeName,
        /// The container.
        #[serde(with = "as_text")]
        container: KubeName,
    },
    /// A machine of Fly.io.
    Fly {
        /// Its app.
        #[serde(with = "as_text")]
        app: FlyName,
        /// The machine.
        #[serde(with = "as_text")]
        machine: FlyName,
        /// The command line by which it is reached.
        #[serde(with = "as_text")]
        program: FlyProgram,
    },
    /// A machine behind SSH.
    Ssh {
        /// Which.
        #[serde(with = "as_text")]
        target: SshTarget,
        /// The key file that was named, by its whole path.
        identity: Option<PathBuf>,
        /// ssh's configuration that was named, by its whole path.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        config_file: Option<PathBuf>,
    },
    /// This machine.
    Local,
}

impl Destination {
    /// The host to which it leads.
    pub fn host(&self, environment: Environment, passphrases: Passphrases) -> Host {
        match self.clone() {
            Self::Heroku { app, dyno, preload } => {
                Host::Heroku(Heroku::new(heroku::Config { app, dyno, program: None, preload, environment }))
            }
            Self::Command { exec, forward } => {
                let tool = Tool::Command { exec, forward };
                Host::Exec(Exec::new(exec::Config { tool, environment }))
            }
            Self::Ssh { target, identity, config_file } => Host::Ssh(Ssh::new(ssh::Config {
                target,
                identity,
                config_file,
                forward: Forwarding::Auto,
                passphrases,
                environment,
            })),
            Self::Docker { container, engine } => {
                let tool = Tool::Docker(Docker { container, engine });
                Host::Exec(Exec::new(exec::Config { tool, environment }))
            }
            Self::Kubectl { context, kubeconfig, namespace, pod, container } => {
                let cluster = Cluster { context, kubeconfig };
                let tool = Tool::Kubectl(Kubectl { cluster, namespace, pod, container, chosen: None });
                Host::Exec(Exec::new(exec::Config { tool, environment }))
            }
            Self::Fly { app, machine, program } => {
                let tool = Tool::Fly(Fly { app, machine, program });
                Host::Exec(Exec::new(exec::Config { tool, environment }))
            }
            Self::Local => Host::Local(Local::new(environment)),
        }
    }

    /// Does it name a program to be run on this machine? A kubeconfig can: one that gives credentials.
    pub(crate) fn names_a_program(&self) -> bool {
        matches!(self, Self::Command { .. } | Self::Kubectl { kubeconfig: Some(_), .. })
    }

    /// Are both dynos, and not the same one?
    pub(crate) fn is_another_dyno_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Heroku { app, dyno, .. }, Self::Heroku { app: its_app, dyno: its_dyno, .. }) => {
                (app, dyno) != (its_app, its_dyno)
            }
            _ => false,
        }
    }

    /// Where the arguments of a command line lead, as journals had them before they had a destination.
    pub(crate) fn of_arguments(arguments: &[String]) -> Option<Self> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words[..] {
            ["heroku", "--app", app, "--dyno", dyno, ref rest @ ..] => Some(Self::Heroku {
                app: app.parse().ok()?,
                dyno: dyno.parse().ok()?,
                preload: !rest.contains(&"--no-preload"),
            }),
            ["ssh", target] => Self::ssh(target, None),
            ["ssh", target, "--identity", file] => Self::ssh(target, Some(file.into())),
            ["local"] => Some(Self::Local),
            _ => None,
        }
    }

    fn ssh(target: &str, identity: Option<PathBuf>) -> Option<Self> {
        Some(Self::Ssh { target: target.parse().ok()?, identity, config_file: None })
    }
}

/// A name is checked when it is read, as it is on a command line: somebody may have made the journal up.
mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(name: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, N: FromStr<Err: Display>>(
        deserializer: D,
    ) -> Result<N, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The same where there may be none.
mod as_text_if_any {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        name: &Option<impl Display>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        name.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, N: FromStr<Err: Display>>(
        deserializer: D,
    ) -> Result<Option<N>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, arguments: &[&str]) {
        let read: Destination = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(Destination::of_arguments(&arguments), Some(read));
    }

    #[test]
    fn what_is_written_is_read_and_so_are_the_arguments_of_earlier_journals() {
        check(
            r#"{"host":"heroku","app":"shop","dyno":"web.1","preload":true}"#,
            &["heroku", "--app", "shop", "--dyno", "web.1"],
        );
        check(
            r#"{"host":"heroku","app":"shop","dyno":"web.1","preload":false}"#,
            &["heroku", "--app", "shop", "--dyno", "web.1", "--no-preload"],
        );
        check(r#"{"host":"ssh","target":"me@there:2222","identity":null}"#, &["ssh", "me@there:2222"]);
        check(
            r#"{"host":"ssh","target":"there","identity":"/home/me/.ssh/key"}"#,
            &["ssh", "there", "--identity", "/home/me/.ssh/key"],
        );
        check(r#"{"host":"local"}"#, &["local"]);
    }

    #[test]
    fn a_place_is_written_as_it_was_given() {
        for text in [
            r#"{"host":"command","exec":"docker exec -i 'my shop' sh -c {}","forward":null}"#,
            r#"{"host":"command","exec":"ssh -T shop {}","forward":"ssh -W 127.0.0.1:{} shop"}"#,
            r#"{"host":"docker","container":"shop","engine":"podman"}"#,
            r#"{"host":"fly","app":"shop","machine":"3d8d9014b32d68","program":"flyctl"}"#,
            r#"{"host":"ssh","target":"shop","identity":null,"config_file":"/home/me/shop.conf"}"#,
            r#"{"host":"kubectl","context":"arn:aws:eks:eu-west-1:1:cluster/x","kubeconfig":"/home/me/kc","namespace":"prod","pod":"shop-1","container":"app"}"#,
            r#"{"host":"kubectl","context":null,"kubeconfig":null,"namespace":"prod","pod":"shop-1","container":"app"}"#,
        ] {
            let read: Destination = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn a_name_that_no_command_line_would_take_is_none() {
        for text in [
            r#"{"host":"heroku","app":"-x","dyno":"web.1","preload":true}"#,
            r#"{"host":"ssh","target":"-oProxyCommand=x","identity":null}"#,
            r#"{"host":"command","exec":"sh","forward":null}"#,
            r#"{"host":"command","exec":"sh -c {}","forward":"nc"}"#,
            r#"{"host":"docker","container":"--privileged","engine":"docker"}"#,
            r#"{"host":"docker","container":"shop","engine":"sh"}"#,
            r#"{"host":"kubectl","context":null,"kubeconfig":null,"namespace":"-A","pod":"shop-1","container":"app"}"#,
            r#"{"host":"fly","app":"--select","machine":"3d8d9014b32d68","program":"flyctl"}"#,
            r#"{"host":"fly","app":"shop","machine":"3d8d9014b32d68","program":"sh"}"#,
            r#"{"host":"elsewhere"}"#,
        ] {
            assert!(serde_json::from_str::<Destination>(text).is_err(), "{text}");
        }
        assert_eq!(Destination::of_arguments(&["summary".to_owned()]), None);
    }
}
