//! What the far end printed of its processes, read as hostile text: unknown words are passed over, bad numbers are an
//! error that names the line, and nothing is longer than it may be.

use std::collections::HashMap;

use super::shortages::shortages;
use super::words::{Unreadable, Words, listeners, unhex, unreadable};
use crate::data::{Machine, NodeProcess, Proof, Resource, Shortage};

/// One look at the far end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Probe {
    /// The machine, as the shell there sees it.
    pub machine: Machine,
    /// Every process that runs Node.js, or is called so, in the order of their pids.
    pub nodes: Vec<NodeProcess>,
}

impl Probe {
    /// The same, with what a relay of the hunt's own will take of the memory: it runs where the app does, and counts against the same
    /// limit. Where it has no room, the app has none for an inspector.
    pub(crate) fn with_relay(mut self, relay: u64) -> Self {
        for node in self.nodes.iter_mut().filter(|_| relay > 0) {
            let Some((used, limit)) = node.memory_used.zip(node.memory_limit) else { continue };
            if limit.saturating_sub(used) < relay && node.short.is_empty() {
                node.short.push(Shortage {
                    of: Resource::CgroupMemory,
                    used: Some(used),
                    limit: Some(limit),
                });
            }
            node.memory_used = Some(used.saturating_add(relay));
        }
        self
    }
}

/// Reads the lines of a probe up to `end`, which is not among them.
///
/// # Errors
/// [`Unreadable`] names the first word that is not of the script's form.
pub(crate) fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Probe, Unreadable> {
    let mut probe = Probe::default();
    for line in lines {
        match line.split_once(' ') {
            Some(("host", rest)) => probe.machine = machine(&Words::of(rest)?)?,
            Some(("proc", rest)) => probe.nodes.push(node(&Words::of(rest)?)?),
            _ => return Err(unreadable(line)),
        }
    }
    probe.nodes.sort_by_key(|node| node.pid);
    probe.machine.node_resident = probe.nodes.iter().map(|node| node.rss).fold(0, u64::saturating_add);
    Ok(probe)
}

fn machine(words: &Words<'_>) -> Result<Machine, Unreadable> {
    let kilobytes = |name| words.optional(name).map(|kb: Option<u64>| kb.map(|kb| kb.saturating_mul(1024)));
    Ok(Machine {
        memory_total: kilobytes("memtotal_kb")?,
        memory_available: kilobytes("memavail_kb")?,
        node_resident: 0,
        dyno: Some(words.text("dyno")?).filter(|dyno| !dyno.is_empty()),
        uid: words.number("uid").ok(),
        uptime: words.word("uptime")?.split('.').next().and_then(|seconds| seconds.parse().ok()),
    })
}

fn node(words: &Words<'_>) -> Result<NodeProcess, Unreadable> {
    Ok(NodeProcess {
        pid: words.number("pid")?,
        ancestors: pids(words.word("ancestors")?)?,
        start: words.number("start")?,
        uid: words.number("uid").ok(),
        user: words.text("user")?,
        proof: proof(words.word("proof")?)?,
        short: shortages(words.word("short")?)?,
        may_signal: words.flag("may_signal")?,
        catches_usr1: words.flag("usr1")? && !words.flag("usr1_blocked")?,
        rss: words.number::<u64>("rss_kb")?.saturating_mul(1024),
        ports: listeners(words.word("ports")?)?,
        own_network: words.flag("own_network")?,
        sockets_readable: words.flag("sockets_readable")?,
        memory_limit: words.optional("limit")?,
        memory_used: words.optional("used")?,
        address_space: words.limited("address_space")?,
        data: words.limited("data")?,
        executable: words.text("exe")?,
        directory: words.text("cwd")?,
        command: leakhunt_text::cut(&words.text("command")?.trim_end_matches('\0').replace('\0', " ")),
        environment: environment(words.word("env")?)?,
        configured: Vec::new(),
    })
}

fn proof(word: &str) -> Result<Proof, Unreadable> {
    match word {
        "-" => Ok(Proof::None),
        "threads" => Ok(Proof::Threads),
        "libnode" => Ok(Proof::Libnode),
        "symbols" => Ok(Proof::Symbols),
        _ => Err(unreadable(word)),
    }
}

fn pids(word: &str) -> Result<Vec<u32>, Unreadable> {
    if word == "-" {
        return Ok(Vec::new());
    }
    word.split(',').map(|pid| pid.parse().map_err(|_| unreadable(pid))).collect()
}

fn environment(word: &str) -> Result<HashMap<String, String>, Unreadable> {
    if word == "-" {
        return Ok(HashMap::new());
    }
    word.split(',')
        .map(|variable| {
            let (name, value) = variable.split_once(':').ok_or_else(|| unreadable(variable))?;
            Ok((name.to_owned(), unhex(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::Listener;

    const LINE: &str = "proc pid=42 ancestors=7,1 state=S uid=1000 user=617070 may_signal=1 proof=symbols usr1=1 usr1_blocked=0 start=1234 \
        rss_kb=2048 own_network=0 sockets_readable=1 ports=lo:9229,any:3000,lo:3000 short=descriptors:1020:1024 limit=536870912 used=- address_space=- data=300000000/1024 \
        exe=2f6e6f6465 cwd=2f617070 command=6e6f646500612e6a7300 env=PORT:33303030,NODE_UNIQUE_ID:31";

    #[test]
    fn a_relay_counts_against_the_apps_limit() {
        const MB: u64 = 1_000_000;
        let probe = |used: u64| {
            let node = NodeProcess {
                memory_limit: Some(256 * MB),
                memory_used: Some(used * MB),
                ..NodeProcess::default()
            };
            Probe { nodes: vec![node], ..Probe::default() }
        };
        let with = |used: u64, relay: u64| {
            let node = probe(used).with_relay(relay * MB).nodes.remove(0);
            (node.memory_used.map(|used| used / MB), node.short.len())
        };
        assert_eq!(
            [with(100, 30), with(240, 30), with(240, 0)],
            [(Some(130), 0), (Some(270), 1), (Some(240), 0)]
        );
        let unknown = Probe { nodes: vec![NodeProcess::default()], ..Probe::default() };
        assert_eq!(unknown.clone().with_relay(30 * MB), unknown);
    }

    #[test]
    fn a_process_is_read_whole() {
        let probe =
            parse(["host uid=0 memtotal_kb=1024 memavail_kb=- uptime=1.0 dyno=7765622e31", LINE]).unwrap();
        assert_eq!(probe.machine.memory_total, Some(1 << 20));
        assert_eq!(probe.machine.dyno.as_deref(), Some("web.1"));
        let node = &probe.nodes[0];
        assert_eq!((node.pid, node.start, node.rss), (42, 1234, 2 << 20));
        assert_eq!((probe.machine.node_resident, node.address_space), (2 << 20, None));
        assert_eq!(node.data, Some((300_000_000, 1 << 20)));
        assert_eq!(node.ancestors, [7, 1]);
        assert_eq!((node.command.as_str(), node.user.as_str(), node.uid), ("node a.js", "app", Some(1000)));
        assert_eq!((node.proof, node.short.len()), (Proof::Symbols, 1));
        assert_eq!(node.web_port(), Some(3000));
        assert!(node.is_worker() && node.catches_usr1);
        let any = Listener { port: 3000, loopback: false };
        assert_eq!(
            node.ports,
            [any, Listener { port: 9229, loopback: true }],
            "the wider of two bindings counts"
        );
    }

    #[test]
    fn an_open_inspector_is_seen() {
        #[track_caller]
        fn check(command: &str, options: &str, ports: &str, expected: Option<u16>) {
            let mut node = parse([LINE]).unwrap().nodes.remove(0);
            node.command = command.into();
            node.environment.insert("NODE_OPTIONS".into(), options.into());
            node.ports = listeners(ports).unwrap();
            assert_eq!(node.open_inspector(), expected, "{command} {options} {ports}");
        }
        check("node a.js", "", "any:3000", None);
        check("node a.js", "", "lo:9229,any:3000", Some(9229));
        check("node --inspect=0.0.0.0:9444 a.js", "", "any:9444,any:3000", Some(9444));
        check("node a.js", "--max-old-space-size=400 --inspect-port=9500", "lo:9500", Some(9500));
        check("node --inspect=9444 a.js", "", "any:3000", None);
    }

    #[test]
    fn a_bad_word_is_named() {
        #[track_caller]
        fn check(from: &str, to: &str, word: &str) {
            assert_eq!(parse([LINE.replace(from, to).as_str()]).unwrap_err().word, word);
        }
        check("pid=42", "pid=x", "x");
        check("lo:9229", "lo:99999", "lo:99999");
        check("exe=2f6e", "exe=2f6", "2f66f6465");
        check("start=1234 ", "", "start");
        check("proof=symbols", "proof=name", "name");
        check("short=descriptors", "short=luck", "luck:1020:1024");
        assert!(parse(["\u{1b}[2Jrm -rf"]).unwrap_err().word.starts_with("\\u{1b}"));
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "(host|proc)?[ -~]{0,80}") {
            let _ = parse([line.as_str()]);
        }
    }
}
