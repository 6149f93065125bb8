//! Which of the Node processes is the app?
//!
//! A dyno runs several: `npm start` and `yarn` are Node programs that wrap the app, pm2's daemon and a cluster's primary
//! hold the port for their workers, agents stand beside. The rule, and what it was tried on, in the order of its steps:
//!
//! 1. Only what may be signalled counts, or has its inspector open already, and only where its ports can be reached from the
//!    shell there: a container on the machine has a network of its own.
//! 2. The process that listens on its own `$PORT` is the app. If it has workers of node's `cluster`, they hold the heap:
//!    the largest by RSS.
//! 3. Otherwise a node process with node children and no listener is a wrapper and is dropped.
//! 4. One left: that is it. More: a tie, which is for a person to decide, never for us.
//!
//! A process that does not catch SIGUSR1 is never chosen for the signal, since the signal would kill it. If the choice
//! falls on one (it is just starting, or it was started with `--disable-sigusr1`), that is said, and nothing is sent.

use super::probe::{NodeProcess, Probe};
use crate::error::Error;

/// What the rule says of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one, for this reason.
    Process(NodeProcess, &'static str),
    /// The app's process is there but cannot be signalled yet, or ever.
    NotReady(NodeProcess),
    /// Several are equally likely.
    Tie(Vec<NodeProcess>),
    /// There is none; the reason reads after "no Node process: ".
    None(String),
}

impl Choice {
    /// The process and why it is the one, or why there is none on `target`.
    pub(crate) fn process(self, target: &str) -> Result<(NodeProcess, &'static str), Error> {
        let target = target.to_owned();
        match self {
            Self::Process(process, why) => Ok((process, why)),
            Self::NotReady(process) => Err(Error::NotCaught { pid: process.pid, command: process.command }),
            Self::Tie(candidates) => Err(Error::Tie { target, candidates }),
            Self::None(why) => Err(Error::NoProcess { target, why }),
        }
    }
}

/// Applies the rule, or takes `wanted` if a pid was given.
pub(super) fn choose(probe: &Probe, wanted: Option<u32>) -> Choice {
    if let Some(pid) = wanted {
        return match probe.nodes.iter().find(|node| node.pid == pid) {
            Some(node) => settle(node, "asked for by --pid"),
            None => Choice::None(format!("{pid} is not a Node process there")),
        };
    }
    let within_reach =
        |node: &&NodeProcess| !node.own_network && (node.may_signal || node.open_inspector().is_some());
    let nodes: Vec<&NodeProcess> = probe.nodes.iter().filter(within_reach).collect();
    if nodes.is_empty() {
        return Choice::None(match probe.nodes.len() {
            0 => "nothing there runs Node.js".to_owned(),
            count => format!("{count} run Node.js, but belong to another user or run in a container"),
        });
    }
    let owners: Vec<&NodeProcess> = nodes
        .iter()
        .copied()
        .filter(|node| node.web_port().is_some_and(|port| node.listens_on(port)))
        .collect();
    if let [owner] = owners[..] {
        let workers =
            nodes.iter().copied().filter(|node| node.is_worker() && node.ancestors.contains(&owner.pid));
        return match workers.max_by_key(|worker| (worker.rss, std::cmp::Reverse(worker.pid))) {
            Some(worker) => settle(worker, "largest worker of the cluster that listens on $PORT"),
            None => settle(owner, "listens on $PORT"),
        };
    }
    let contenders = if owners.is_empty() { without_wrappers(&nodes) } else { owners };
    match contenders[..] {
        [] => Choice::None("only wrappers run Node.js there".to_owned()),
        [one] => settle(one, "the only one that is not a wrapper"),
        _ => Choice::Tie(contenders.into_iter().cloned().collect()),
    }
}

fn settle(node: &NodeProcess, why: &'static str) -> Choice {
    let pid = node.pid;
    if node.own_network {
        return Choice::None(format!(
            "{pid} runs in a container, whose ports are not to be reached from outside"
        ));
    }
    if !node.may_signal && node.open_inspector().is_none() {
        return Choice::None(format!("{pid} belongs to another user, and may not be signalled"));
    }
    if node.open_inspector().is_some() || node.catches_usr1 {
        Choice::Process(node.clone(), why)
    } else {
        Choice::NotReady(node.clone())
    }
}

fn without_wrappers<'a>(nodes: &[&'a NodeProcess]) -> Vec<&'a NodeProcess> {
    let wraps = |node: &NodeProcess| nodes.iter().any(|other| other.ancestors.contains(&node.pid));
    nodes.iter().copied().filter(|node| !node.ports.is_empty() || !wraps(node)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::probe::Listener;
    use super::*;

    fn node(pid: u32) -> NodeProcess {
        NodeProcess {
            pid,
            ancestors: vec![1],
            start: 100,
            may_signal: true,
            catches_usr1: true,
            rss: 50 << 20,
            sockets_readable: true,
            environment: [("PORT".to_owned(), "5000".to_owned())].into(),
            ..NodeProcess::default()
        }
    }

    fn listening(mut node: NodeProcess, port: u16) -> NodeProcess {
        node.ports.push(Listener { port, loopback: false });
        node
    }

    fn below(mut node: NodeProcess, ancestors: &[u32]) -> NodeProcess {
        node.ancestors = ancestors.to_vec();
        node
    }

    fn worker(pid: u32, primary: u32, rss: u64) -> NodeProcess {
        let mut worker = below(node(pid), &[primary, 1]);
        worker.environment.insert("NODE_UNIQUE_ID".into(), pid.to_string());
        worker.rss = rss;
        worker
    }

    fn starting(mut node: NodeProcess) -> NodeProcess {
        node.catches_usr1 = false;
        node
    }

    fn of_another_user(mut node: NodeProcess) -> NodeProcess {
        node.may_signal = false;
        node
    }

    fn in_a_container(mut node: NodeProcess) -> NodeProcess {
        node.own_network = true;
        node
    }

    #[track_caller]
    fn check(nodes: Vec<NodeProcess>, wanted: Option<u32>, expected: &str) {
        let got = match choose(&Probe { nodes, ..Probe::default() }, wanted) {
            Choice::Process(node, _) => format!("process {}", node.pid),
            Choice::NotReady(node) => format!("not ready {}", node.pid),
            Choice::Tie(nodes) => format!("tie {:?}", nodes.iter().map(|node| node.pid).collect::<Vec<_>>()),
            Choice::None(_) => "none".to_owned(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn a_wrapper_is_not_the_app() {
        // npm start (10) -> sh -> node (12), with and without a port.
        check(vec![node(10), below(listening(node(12), 5000), &[11, 10, 1])], None, "process 12");
        check(vec![node(10), below(node(12), &[11, 10, 1])], None, "process 12");
        // npm -> sh -> yarn -> sh -> node
        check(
            vec![node(10), below(node(12), &[11, 10, 1]), below(node(14), &[13, 12, 11, 10, 1])],
            None,
            "process 14",
        );
        // node --watch: the parent does not catch the signal and never will.
        check(vec![starting(node(10)), below(listening(node(12), 5000), &[10, 1])], None, "process 12");
    }

    #[test]
    fn of_a_cluster_the_largest_worker_counts() {
        let primary = listening(node(10), 5000);
        check(
            vec![primary.clone(), worker(11, 10, 7), worker(12, 10, 9), worker(13, 10, 8)],
            None,
            "process 12",
        );
        check(vec![primary.clone(), worker(11, 10, 7), worker(12, 10, 7)], None, "process 11");
        check(vec![primary], None, "process 10");
    }

    #[test]
    fn the_owner_of_the_web_port_wins() {
        check(vec![listening(node(10), 9100), listening(node(12), 5000)], None, "process 12");
    }

    #[test]
    fn a_tie_is_not_decided() {
        check(vec![node(10), node(12)], None, "tie [10, 12]");
        check(vec![listening(node(10), 5000), listening(node(12), 5000)], None, "tie [10, 12]");
        check(vec![node(10), node(12)], Some(12), "process 12");
    }

    #[test]
    fn what_does_not_catch_the_signal_is_never_chosen() {
        check(vec![starting(node(10))], None, "not ready 10");
        check(vec![starting(node(10))], Some(10), "not ready 10");
        check(vec![node(10), starting(below(node(12), &[11, 10, 1]))], None, "not ready 12");
        let open = listening(starting(node(10)), 9229);
        check(vec![open], None, "process 10");
    }

    #[test]
    fn nothing_to_choose_from() {
        check(vec![], None, "none");
        check(vec![of_another_user(node(10))], None, "none");
        check(vec![of_another_user(node(10))], Some(10), "none");
        check(vec![in_a_container(node(10))], None, "none");
        check(vec![in_a_container(node(10))], Some(10), "none");
        check(vec![in_a_container(node(10)), node(12)], None, "process 12");
        check(vec![node(10)], Some(11), "none");
    }
}
