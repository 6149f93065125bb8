//! What an operator can do about an error.

use crate::command::quoted;
use crate::error::{Came, Error, Unsupported};

impl Error {
    /// What the operator can do about it, naming a command where there is one.
    pub fn hint(&self) -> Option<String> {
        self.of_access().or_else(|| self.of_the_way())
    }

    /// Where something is missing, or must be allowed, before there is a way.
    fn of_access(&self) -> Option<String> {
        Some(match self {
            Self::ToolMissing { hint, .. } => (*hint).to_owned(),
            Self::NotLoggedIn { .. } => {
                "run `heroku login`, or set HEROKU_API_KEY to a token of `heroku authorizations:create`".into()
            }
            Self::NoKey { ssh, .. } => format!(
                "`{ssh} true` must succeed; name a key with `--identity FILE`, and add one that has a passphrase, or is on a \
                 security key (FIDO), to the agent: `ssh-add FILE`"
            ),
            Self::ProxyCommand { ssh, .. } => {
                let template = format!("{ssh} {{}}").replacen("ssh ", "ssh -T ", 1);
                format!("let ssh itself go there: `leakhunt command --exec {}`", quoted(&template))
            }
            Self::ForwardForbidden { .. } => "leave out `--forward tcp`: a command there can carry them".into(),
            Self::TwoFactor { .. } => {
                "set HEROKU_API_KEY to a token of `heroku authorizations:create`, which needs no second factor".into()
            }
            Self::Forbidden { .. } => "ask the app's owner for `operate` permission (`heroku access`)".into(),
            Self::NoAccountKey => "`heroku keys:add` gives it one of yours; a key with a passphrase has to be in the agent (`ssh-add`)".into(),
            Self::KeyRefused { .. } => {
                "`heroku keys` lists those of the account, `heroku keys:add` adds one; ssh here must offer it: by its usual name in \
                 ~/.ssh and without a passphrase, or from the agent (`ssh-add FILE`)"
                    .into()
            }
            Self::Untrusted { .. } => {
                "whoever manages the space lets it in: `heroku spaces:trusted-ips:add --space SPACE ADDRESS/32`".into()
            }
            Self::CliTooOld { needs, .. } => {
                format!("`heroku update`, or `npm install --global heroku`: {needs} is the oldest that does")
            }
            Self::NoSuchApp { .. } => "`heroku apps --all` lists the apps this account can see".into(),
            Self::Container { engine, container, why } => why.hint(container, engine),
            Self::Pod { why, .. } => why.hint(),
            Self::Machine { app, why } => why.hint(app),
            Self::NoSuchDyno { app, .. } => format!("`heroku ps -a {app}` shows the dynos"),
            Self::DynoDown { .. } => "wait until `heroku ps` shows it up".into(),
            Self::ExecDisabled { app } => format!(
                "`leakhunt heroku -a {app} --enable-exec --accept restart` switches it on; that RESTARTS every dyno, so the leaked \
                 heap is lost and the leak has to grow again"
            ),
            Self::Unsupported(Unsupported::PrivateWithoutBuildpack) => {
                "`heroku buildpacks:add -i 1 heroku/exec`, then deploy".into()
            }
            Self::Unsupported(Unsupported::LegacyAddon) => "`heroku addons:destroy heroku-exec`".into(),
            Self::Unsupported(Unsupported::Fir) => {
                "the platform did not call it one before: run the same command again, which reaches Fir by `run:inside`".into()
            }
            _ => return None,
        })
    }

    /// Where the way to the process is the trouble.
    fn of_the_way(&self) -> Option<String> {
        Some(match self {
            Self::PreloadNotTaken { .. } => {
                "`--no-preload --accept exposure` runs the bare CLI, whose forward listens on all interfaces of this machine".into()
            }
            Self::Busy { status: 429, retry_after: Some(wait), .. } => {
                format!("the account's calls are limited: try again in {} s", wait.as_secs())
            }
            Self::Busy { status: 429, .. } => {
                "the account's calls are limited (4,500 an hour): try again in some minutes".into()
            }
            Self::Busy { .. } => {
                "the platform has trouble: try again in a minute; https://status.heroku.com tells of incidents".into()
            }
            Self::Unreachable { .. } => {
                "look at this machine's network, and at HTTPS_PROXY if there is a proxy; https://status.heroku.com \
                 tells of incidents"
                    .into()
            }
            Self::NotConnected { app, dyno, came: Came::Ssh, .. } => format!(
                "try `heroku ps:exec -a {app} -d {dyno}` from here and from another network: where only this one fails, a \
                 firewall, or somebody in between, changes the connection"
            ),
            Self::NotConnected { app, .. } => format!(
                "`heroku ps -a {app}` shows whether it is up; Heroku Exec is there some seconds after the dyno is"
            ),
            Self::TimedOut { .. } | Self::Tunnel { .. } => {
                "look at this machine's network, then run the same command again; with `-v` it shows every command, so \
                 that one can be tried by hand"
                    .into()
            }
            Self::PortTaken { .. } => {
                "end the other `heroku ps:forward` or `ps:socks`, or leave out `--no-preload`".into()
            }
            Self::HostKey { ssh, .. } => {
                format!("check the key by another way, then record it: `{ssh}` asks and writes known_hosts")
            }
            Self::NoRelay { .. } => {
                "install one of them there, or name a command that connects by itself with `--forward TEMPLATE`, such as \
                 `ssh -W 127.0.0.1:{} HOST`"
                    .into()
            }
            Self::Terminal { .. } => "leave out the option that asks for one (`-t`, `--tty`)".into(),
            _ => return None,
        })
    }
}
