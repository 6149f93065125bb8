use super::*;
use crate::data::{Listener, Machine, Resource, Shortage};

fn node(pid: u32) -> NodeProcess {
    NodeProcess {
        pid,
        ancestors: vec![1],
        start: 100,
        may_signal: true,
        catches_usr1: true,
        rss: 50 << 20,
        proof: Proof::Symbols,
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
    check_with(nodes, &Plan { pid: wanted, ..Plan::default() }, expected);
}

#[track_caller]
fn check_with(nodes: Vec<NodeProcess>, plan: &Plan, expected: &str) {
    let machine = Machine { uid: Some(1000), ..Machine::default() };
    let got = match choose(&Probe { nodes, machine }, plan) {
        Choice::Process(node, _) => format!("process {}", node.pid),
        Choice::NotReady(node) => format!("not ready {}", node.pid),
        Choice::Short(node) => format!("short {}", node.pid),
        Choice::Unproven(node) => format!("unproven {}", node.pid),
        Choice::Primary(node, workers) => format!("primary {} of {workers:?}", node.pid),
        Choice::Tie { candidates, .. } => {
            format!("tie {:?}", candidates.iter().map(|node| node.pid).collect::<Vec<_>>())
        }
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
fn the_workers_of_a_cluster_stand_in_for_their_primary() {
    for primary in [listening(node(10), 5000), listening(node(10), 8080)] {
        check(vec![primary.clone(), worker(11, 10, 7), worker(12, 10, 9)], None, "tie [11, 12]");
        check(vec![primary.clone(), worker(11, 10, 7)], None, "process 11");
        // Node.js passes the signal on to every worker, whose inspectors nobody would close.
        check(vec![primary, worker(11, 10, 7), worker(12, 10, 9)], Some(10), "primary 10 of [11, 12]");
    }
    check(vec![listening(node(10), 5000)], None, "process 10");
}

/// What is chosen among those of `before` when `after` is seen.
#[track_caller]
fn check_after(before: &[NodeProcess], after: &[NodeProcess], expected: &str) {
    let probe = |nodes: &[NodeProcess]| Probe { nodes: nodes.to_vec(), machine: Machine::default() };
    let Choice::Tie { candidates, cluster } = choose(&probe(before), &Plan::default()) else {
        panic!("it is no tie");
    };
    let got = match after_looking(&probe(after), candidates, cluster, Duration::from_secs(8)) {
        Choice::Process(node, why) => format!("{}: {why}", node.pid),
        Choice::Tie { .. } => "tie".to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(got, expected);
}

#[test]
fn of_several_the_one_that_grows_is_taken_else_of_a_cluster_the_largest() {
    const MB: u64 = 1_000_000;
    let primary = listening(node(10), 5000);
    let workers = |sizes: [u64; 3]| {
        let of = |(at, mb): (usize, u64)| worker(11 + at as u32, 10, mb * MB);
        [vec![primary.clone()], sizes.into_iter().enumerate().map(of).collect()].concat()
    };
    let before = workers([70, 50, 60]);
    let grew = "13: of 3 it grew, by 5.0 MB in 8 s, the next by 1.0 MB";
    check_after(&before, &workers([70, 51, 65]), grew);
    let largest = "11: the largest of 3 workers, none of which grew clearly in 8 s";
    check_after(&before, &workers([70, 50, 60]), largest);
    // The largest has ended.
    let gone: Vec<_> = before.iter().filter(|node| node.pid != 11).cloned().collect();
    check_after(&before, &gone, "13: the largest of 3 workers, none of which grew clearly in 8 s");

    let apart = |one, two| [(10, one), (12, two)].map(|(pid, mb)| NodeProcess { rss: mb * MB, ..node(pid) });
    check_after(&apart(50, 50), &apart(51, 56), "12: of 2 it grew, by 6.0 MB in 8 s, the next by 1.0 MB");
    check_after(&apart(50, 50), &apart(50, 50), "tie");
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

fn only_called_so(mut node: NodeProcess) -> NodeProcess {
    node.proof = Proof::None;
    node
}

fn running(mut node: NodeProcess, command: &str) -> NodeProcess {
    node.command = command.into();
    node
}

#[test]
fn a_name_proves_nothing() {
    check(vec![only_called_so(node(10))], None, "none");
    check(vec![only_called_so(node(10)), node(12)], None, "process 12");
    check(vec![only_called_so(listening(node(10), 5000)), node(12)], None, "process 12");
    check(vec![only_called_so(node(10))], Some(10), "unproven 10");
    let agreed = Plan { pid: Some(10), unproven_too: true, ..Plan::default() };
    check_with(vec![only_called_so(node(10))], &agreed, "process 10");
    check_with(vec![only_called_so(starting(node(10)))], &agreed, "not ready 10");
}

#[test]
fn what_is_near_a_limit_is_not_signalled() {
    let mut near = node(10);
    near.short = vec![Shortage { of: Resource::Descriptors, used: Some(1021), limit: Some(1024) }];
    check(vec![near.clone()], None, "short 10");
    check(vec![near.clone()], Some(10), "short 10");
    check(vec![listening(near, 9229)], None, "process 10");
}

#[test]
fn what_is_nobodys_app_is_taken_only_if_it_is_named() {
    let npm = running(node(10), "npm start");
    check(vec![npm.clone()], None, "none");
    check(vec![npm.clone(), below(node(12), &[11, 10, 1])], None, "process 12");
    check(vec![npm], Some(10), "process 10");
    check(vec![running(node(10), "node /a/node_modules/.bin/jest"), node(12)], None, "process 12");
}

#[test]
fn on_ones_own_machine_others_are_not_chosen() {
    let of = |pid, uid| NodeProcess { uid: Some(uid), ..node(pid) };
    let own = Plan { own_only: true, ..Plan::default() };
    check_with(vec![of(10, 33), of(12, 1000)], &own, "process 12");
    check_with(vec![of(10, 33)], &own, "none");
    check_with(vec![of(10, 33)], &Plan { pid: Some(10), ..own }, "process 10");
    check_with(vec![of(10, 33)], &Plan::default(), "process 10");
}

#[test]
fn what_belongs_to_another_user_is_not_asked_about() {
    let other = NodeProcess { user: "app".into(), ..of_another_user(only_called_so(node(10))) };
    for pid in [None, Some(10)] {
        let probe = Probe { nodes: vec![other.clone()], machine: Machine::default() };
        let Choice::None(why) = choose(&probe, &Plan { pid, ..Plan::default() }) else {
            panic!("there is none")
        };
        assert!(why.contains("belongs to another user, app: only app or root can hunt it"), "{why}");
    }
}

#[test]
fn another_runtime_is_left_alone_whatever_is_agreed_to() {
    let deno = NodeProcess { executable: "/usr/bin/deno".into(), ..only_called_so(node(10)) };
    check(vec![deno.clone(), node(12)], None, "process 12");
    for plan in [Plan::default(), Plan { pid: Some(10), unproven_too: true, ..Plan::default() }] {
        let probe = Probe { nodes: vec![deno.clone()], machine: Machine::default() };
        let Choice::None(why) = choose(&probe, &plan) else { panic!("there is none") };
        assert!(why.contains("is Deno, not Node.js"), "{why}");
    }
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

#[test]
fn a_name_leaves_those_that_have_it_in_their_command_line() {
    let called = |pid, command: &str| NodeProcess { command: command.to_owned(), ..node(pid) };
    let nodes =
        vec![called(10, "node server.js"), called(12, "node mailer.js"), called(14, "node mailer.js")];
    let named = |name: &str| {
        let plan = Plan { named: Some(name.to_owned()), ..Plan::default() };
        choose(&Probe { nodes: nodes.clone(), machine: Machine::default() }, &plan)
    };
    assert!(matches!(named("server"), Choice::Process(node, _) if node.pid == 10));
    assert!(matches!(named("mailer.js"), Choice::Tie { candidates, .. } if candidates.len() == 2));
    let Choice::None(why) = named("worker") else { panic!("there is none") };
    assert!(why.contains(r#"12 (node mailer.js) has no "worker" in its command line"#), "{why}");
}
