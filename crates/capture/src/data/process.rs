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
    /// The options for its inspector that its configuration file switches on, where it was asked for that.
    #[serde(skip)]
    pub configured: Vec<&'static str>,
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
    /// The option with which it was started, by its command line, NODE_OPTIONS or its configuration file, so that Node.js never
    /// installs its handler.
    pub fn locked_by(&self) -> Option<String> {
        let options = self.environment.get("NODE_OPTIONS").map_or("", String::as_str);
        let words = || self.command.split(' ').chain(options.split_ascii_whitespace());
        let told = |option: &str| words().any(|word| word == option);
        let has = |option: &str| told(option) || self.configured.contains(&option);
        // Node.js takes what is behind the equals sign for nothing.
        let allows = || {
            words().any(|word| word.split('=').next() == Some("--allow-inspector"))
                || self.configured.contains(&"--allow-inspector")
        };
        let permissions = ["--permission", "--experimental-permission"];
        let locks = ["--disable-sigusr1"].into_iter().filter(|option| has(option));
        let option = locks.chain(permissions.into_iter().filter(|option| has(option) && !allows())).next()?;
        Some(match self.config_file().filter(|_| !told(option)) {
            Some(file) => format!("{option} in {file}"),
            None => option.to_owned(),
        })
    }

    /// The configuration file that it was told to read by its command line, as Node.js 24 and 26 can be; NODE_OPTIONS may not say so.
    pub(crate) fn config_file(&self) -> Option<&str> {
        const OPTIONS: [&str; 3] =
            ["--experimental-default-config-file", "--experimental-config-file", "--config-file"];
        // Options whose value is a word of its own: it is not the script, behind which the program's own begin.
        const WITH_VALUE: [&str; 6] = ["-r", "--require", "--import", "--loader", "-C", "--conditions"];
        let mut words = self.command.split(' ').skip(1);
        while let Some(word) = words.next().filter(|word| word.starts_with('-')) {
            let (option, file) = word.split_once('=').unwrap_or((word, "node.config.json"));
            if OPTIONS.contains(&option) {
                let usable = !file.is_empty() && file.len() < 500 && !file.contains(char::is_control);
                return Some(file).filter(|_| usable);
            }
            if WITH_VALUE.contains(&word) {
                words.next();
            }
        }
        None
    }

    /// The runtime that it is instead of Node.js, by the name of its executable, or of what it was started as where that is unreadable.
    pub fn other_runtime(&self) -> Option<&'static str> {
        let started_as = || self.command.split(' ').next().unwrap_or_default();
        let path = if self.executable.is_empty() { started_as() } else { &self.executable };
        let name = path.trim_end_matches(" (deleted)").rsplit('/').next();
        match (self.proof, name) {
            (Proof::None, Some("deno")) => Some("Deno"),
            (Proof::None, Some("bun")) => Some("Bun"),
            _ => None,
        }
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
        #[track_caller]
        fn check(command: &str, options: &str, configured: &[&'static str], expected: Option<&str>) {
            let environment = HashMap::from([("NODE_OPTIONS".to_owned(), options.to_owned())]);
            let (command, configured) = (command.to_owned(), configured.to_vec());
            let process = NodeProcess { command, environment, configured, ..NodeProcess::default() };
            assert_eq!(process.locked_by().as_deref(), expected);
        }
        let (lock, permission) = ("--disable-sigusr1", "--permission");
        check("node app.js", "", &[], None);
        check("node --disable-sigusr1 app.js", "", &[], Some(lock));
        check("node app.js", "--enable-source-maps --permission", &[], Some(permission));
        check("node --experimental-permission app.js", "", &[], Some("--experimental-permission"));
        for allows in ["--allow-inspector", "--allow-inspector=true"] {
            check("node --permission app.js", allows, &[], None);
        }
        check("node --disable-sigusr1 --permission app.js", "--allow-inspector", &[], Some(lock));
        let by_file = "node --experimental-config-file=conf/node.json app.js";
        check(by_file, "", &[lock], Some("--disable-sigusr1 in conf/node.json"));
        check(by_file, "", &[permission, "--allow-inspector"], None);
        check(by_file, "--permission", &[permission], Some(permission));
    }

    #[test]
    fn a_configuration_file_is_one_that_node_itself_was_told_to_read() {
        #[track_caller]
        fn check(command: &str, expected: Option<&str>) {
            let process = NodeProcess { command: command.to_owned(), ..NodeProcess::default() };
            assert_eq!(process.config_file(), expected);
        }
        check("node --experimental-default-config-file app.js", Some("node.config.json"));
        check("node --experimental-config-file=/etc/n.json app.js", Some("/etc/n.json"));
        check("node --require ./x.js --config-file=n.json app.js", Some("n.json"));
        check("node --config-file n.json", Some("node.config.json"));
        check("node app.js --config-file=n.json", None);
        check("node --experimental-config-file= app.js", None);
        check("node", None);
    }

    #[test]
    fn another_runtime_is_known_by_its_executable() {
        #[track_caller]
        fn check(executable: &str, command: &str, proof: Proof, expected: Option<&str>) {
            let (executable, command) = (executable.to_owned(), command.to_owned());
            let process = NodeProcess { executable, command, proof, ..NodeProcess::default() };
            assert_eq!(process.other_runtime(), expected);
        }
        check("/usr/bin/deno", "deno run app.ts", Proof::None, Some("Deno"));
        check("/opt/bun (deleted)", "node server.js", Proof::None, Some("Bun"));
        check("", "/opt/bun run", Proof::None, Some("Bun"));
        check("/usr/bin/node", "deno", Proof::None, None);
        check("/usr/bin/bun", "bun", Proof::Symbols, None);
    }
}
