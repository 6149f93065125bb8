//! A process that runs Node.js, and the machine that it runs on, as one look from outside shows them.

use std::collections::HashMap;

use serde::Serialize;

use super::shortage::Shortage;

/// Facts of the far machine or container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Physical memory, bytes.
    pub memory_total: Option<u64>,
    /// Memory that is free or can be freed, bytes.
    pub memory_available: Option<u64>,
    /// Resident memory of all Node.js processes there, bytes.
    pub node_resident: u64,
    /// `$DYNO` of the shell there, such as `web.1`.
    pub dyno: Option<String>,
    /// The user of the shell there, as a number.
    pub uid: Option<u32>,
    /// Since it was started, in seconds.
    pub uptime: Option<u64>,
}

/// What proves that a process runs Node.js. A name is no proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Nothing does.
    #[default]
    None,
    /// The names of its threads.
    Threads,
    /// Its executable is linked with Node.js as a library.
    Libnode,
    /// What its executable exports.
    Symbols,
}

/// A process that runs Node.js, or at least is called so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NodeProcess {
    /// Process id in the far pid namespace.
    pub pid: u32,
    /// Its parent, its parent's parent, and so on: a wrapper may start node through shells.
    pub ancestors: Vec<u32>,
    /// When it started, in clock ticks since boot: with the pid, the process's identity.
    pub start: u64,
    /// Its user, as a number.
    pub uid: Option<u32>,
    /// Its user's name; empty where the number has none.
    pub user: String,
    /// What proves that it runs Node.js.
    pub proof: Proof,
    /// What it has so little left of that SIGUSR1 could end it.
    pub short: Vec<Shortage>,
    /// May the shell there signal it?
    pub may_signal: bool,
    /// Does it catch SIGUSR1 at this moment, with the signal unblocked? Before that the signal would kill it.
    pub catches_usr1: bool,
    /// Resident memory, bytes.
    pub rss: u64,
    /// Listening TCP ports.
    pub ports: Vec<Listener>,
    /// Has it a network of its own, as in a container, whose ports the shell there cannot connect to?
    pub own_network: bool,
    /// Could its sockets be read? If not, `ports` says nothing.
    pub sockets_readable: bool,
    /// Smallest memory limit of its cgroups, bytes.
    pub memory_limit: Option<u64>,
    /// Use at the cgroup of that limit, without files' pages that nobody has used lately, bytes.
    pub memory_used: Option<u64>,
    /// The limit of its own on its address space (`ulimit -v`), where there is one, and what it uses of it, bytes.
    pub address_space: Option<(u64, u64)>,
    /// The same on its data (`ulimit -d`).
    pub data: Option<(u64, u64)>,
    /// Path of its executable; empty when unreadable.
    pub executable: String,
    /// Working directory.
    pub directory: String,
    /// Command line, arguments joined by blanks, cut at 1,024 bytes, what looks like a secret cut out.
    pub command: String,
    /// The few environment variables that tell a worker from its primary.
    #[serde(skip)]
    pub environment: HashMap<String, String>,
}

/// A listening TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// Bound to the loopback address only?
    pub loopback: bool,
}

impl NodeProcess {
    /// The option with which it was started, by its command line or NODE_OPTIONS, so that Node.js never installs its handler.
    pub fn locked_by(&self) -> Option<&'static str> {
        let options = self.environment.get("NODE_OPTIONS").map_or("", String::as_str);
        let words = || self.command.split(' ').chain(options.split_ascii_whitespace());
        let has = |option: &str| words().any(|word| word == option);
        // Node.js takes what is behind the equals sign for nothing.
        let allows = || words().any(|word| word.split('=').next() == Some("--allow-inspector"));
        let permissions = ["--permission", "--experimental-permission"];
        let locks = ["--disable-sigusr1"].into_iter().filter(|option| has(option));
        locks.chain(permissions.into_iter().filter(|option| has(option) && !allows())).next()
    }

    /// `$PORT`, when the process got one.
    pub fn web_port(&self) -> Option<u16> {
        self.environment.get("PORT")?.parse().ok()
    }

    /// Is it a worker of node's `cluster`?
    pub fn is_worker(&self) -> bool {
        self.environment.contains_key("NODE_UNIQUE_ID")
    }

    /// The port of an inspector that is open already: what `--inspect` asked for, or the default, if it listens there.
    pub fn open_inspector(&self) -> Option<u16> {
        let asked =
            self.inspect_options().filter_map(|rest| rest.rsplit_once(['=', ':'])?.1.parse::<u16>().ok());
        asked.chain([DEFAULT_INSPECTOR_PORT]).find(|port| self.listens_on(*port))
    }

    /// Where its inspector would listen; `None` where the system chooses.
    pub(crate) fn inspector_port(&self) -> Option<u16> {
        let asked =
            self.inspect_options().filter_map(|rest| rest.rsplit_once(['=', ':'])?.1.parse::<u16>().ok());
        match asked.last().unwrap_or(DEFAULT_INSPECTOR_PORT) {
            0 => None,
            port => Some(port),
        }
    }

    /// Was it started with an inspector, so that nobody need have opened it?
    pub(crate) fn starts_with_an_inspector(&self) -> bool {
        self.inspect_options().any(|rest| !rest.starts_with("-port") && !rest.starts_with("-publish"))
    }

    /// Its user: a name, or the number where that has none.
    pub fn owner(&self) -> String {
        match (self.user.as_str(), self.uid) {
            ("", Some(uid)) => uid.to_string(),
            (user, _) => user.to_owned(),
        }
    }

    /// For how long it has run, in seconds. The kernel counts starts in hundredths of a second (USER_HZ) for whoever asks.
    pub fn age(&self, machine: &Machine) -> Option<u64> {
        machine.uptime.map(|uptime| uptime.saturating_sub(self.start / 100))
    }

    /// What stands behind each `--inspect` of NODE_OPTIONS and its command line, of which the last one counts.
    fn inspect_options(&self) -> impl Iterator<Item = &str> {
        let options = self.environment.get("NODE_OPTIONS").map_or("", String::as_str);
        let words = options.split_whitespace().chain(self.command.split_whitespace());
        words.filter_map(|word| word.strip_prefix("--inspect"))
    }

    /// Does it listen on this port?
    pub fn listens_on(&self, port: u16) -> bool {
        self.ports.iter().any(|listener| listener.port == port)
    }
}

/// Where Node's inspector listens unless told otherwise.
pub(crate) const DEFAULT_INSPECTOR_PORT: u16 = 9229;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_leaves_the_inspector_closed_is_known() {
        let locked = |command: &str, options: &str| {
            let environment = HashMap::from([("NODE_OPTIONS".to_owned(), options.to_owned())]);
            NodeProcess { command: command.to_owned(), environment, ..NodeProcess::default() }.locked_by()
        };
        assert_eq!(locked("node app.js", ""), None);
        assert_eq!(locked("node --disable-sigusr1 app.js", ""), Some("--disable-sigusr1"));
        assert_eq!(locked("node app.js", "--enable-source-maps --permission"), Some("--permission"));
        assert_eq!(locked("node --experimental-permission app.js", ""), Some("--experimental-permission"));
        for allows in ["--allow-inspector", "--allow-inspector=true"] {
            assert_eq!(locked("node --permission app.js", allows), None);
        }
        assert_eq!(
            locked("node --disable-sigusr1 --permission app.js", "--allow-inspector"),
            Some("--disable-sigusr1")
        );
    }
}
