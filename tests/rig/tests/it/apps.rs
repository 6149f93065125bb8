//! The shapes in which Node.js processes are found, and what makes each hard to choose from.

use leakhunt_rig::{App, Dyno, Options, Process, Rig, node_of};
use rustix::process::Signal;

use crate::{dyno, eventually, start};

fn on(app: App, major: u32) -> Rig {
    start(&Options { app, node: Some(node_of(major).expect("setup ran")), ..Options::default() })
}

fn nodes(dyno: &Dyno) -> Vec<Process> {
    dyno.processes().into_iter().filter(Process::is_node).collect()
}

#[track_caller]
fn the(processes: Vec<Process>, cmdline: &str) -> Process {
    let all = format!("{processes:#?}");
    let mut found = processes.into_iter().filter(|process| process.cmdline.contains(cmdline));
    match (found.next(), found.next()) {
        (Some(one), None) => one,
        _ => panic!("one {cmdline:?} in {all}"),
    }
}

#[test]
fn wrappers_are_node_processes_too() {
    let npm = on(App::Banner, 22);
    assert_eq!(nodes(&dyno(&npm)).len(), 2);
    let yarn = on(App::BannerYarn, 22);
    assert_eq!(nodes(&dyno(&yarn)).len(), 2);
    the(nodes(&dyno(&yarn)), "yarn");
    let server = the(nodes(&dyno(&yarn)), "node server.js");
    assert_eq!(Some(server.pid), dyno(&yarn).node_pid());
}

#[test]
fn an_es_module_serves_the_same_shop() {
    let rig = on(App::BannerEsm, 22);
    assert!(dyno(&rig).get("/").unwrap().body.contains("class=\"discount\""));
}

#[test]
fn cluster_workers_do_not_own_the_port() {
    let rig = on(App::Cluster, 22);
    let dyno = dyno(&rig);
    eventually("four workers run", || {
        let primary = dyno.node_pid();
        nodes(&dyno).iter().filter(|process| Some(process.ppid) == primary).count() == 4
    });
}

#[test]
fn pm2_owns_the_port_of_its_instances() {
    let rig = on(App::Pm2, 22);
    let dyno = dyno(&rig);
    let owner = dyno.node_pid();
    let instances = || {
        nodes(&dyno)
            .iter()
            .filter(|process| Some(process.ppid) == owner && process.listens_on().is_empty())
            .count()
    };
    eventually("two instances run", || instances() >= 2);
}

#[test]
fn a_title_hides_node() {
    let rig = on(App::Retitled, 24);
    let dyno = dyno(&rig);
    let app = dyno.node_pid().unwrap();
    let app = nodes(&dyno).into_iter().find(|process| process.pid == app).unwrap();
    assert_eq!(app.cmdline, "shop: serving");
}

#[test]
fn the_watcher_does_not_catch_the_signal() {
    let rig = on(App::Watch, 22);
    let dyno = dyno(&rig);
    assert!(!the(nodes(&dyno), "--watch").catches_usr1());
    let app = dyno.node_pid();
    assert!(nodes(&dyno).iter().any(|process| Some(process.pid) == app && process.catches_usr1()));
}

#[test]
fn two_workers_are_equal() {
    let rig = on(App::TwoEqual, 22);
    let dyno = dyno(&rig);
    assert_eq!(dyno.name(), "worker.1");
    eventually("both are ready", || {
        let nodes = nodes(&dyno);
        nodes.len() == 2 && nodes.iter().all(Process::catches_usr1)
    });
}

#[test]
fn a_dyno_without_node_has_decoys_only() {
    let rig = on(App::NoNode, 22);
    let dyno = dyno(&rig);
    assert_eq!(nodes(&dyno), []);
    the(dyno.processes(), "node_exporter");
}

/// A process in its start-up, before Node.js has installed its handlers, which SIGUSR1 would kill.
#[track_caller]
fn check_slow_start(major: u32) {
    let rig = start(&Options {
        app: App::SlowStart,
        node: Some(node_of(major).expect("setup ran")),
        config: vec![("HOLD_S".to_owned(), "2".to_owned())],
        ..Options::default()
    });
    let dyno = dyno(&rig);
    let held =
        || dyno.processes().into_iter().find(|process| process.cmdline.starts_with("node server.js held"));
    eventually("it is held", || held().is_some());
    assert!(held().is_some_and(|process| !process.catches_usr1()), "Node.js {major}");
    eventually("it starts after all", || {
        held().is_some_and(|process| process.catches_usr1() && Some(process.pid) == dyno.node_pid())
    });
}

#[test]
fn a_slow_start_does_not_catch_the_signal_yet() {
    for major in [18, 22, 26] {
        check_slow_start(major);
    }
}

#[test]
fn a_held_process_dies_of_the_signal() {
    let config = vec![("HOLD_S".to_owned(), "60".to_owned())];
    let rig = start(&Options { app: App::SlowStart, config, ..Options::default() });
    let dyno = dyno(&rig);
    let held =
        || dyno.processes().into_iter().find(|process| process.cmdline.starts_with("node server.js held"));
    eventually("it is held", || held().is_some());
    held().unwrap().signal(Signal::USR1).unwrap();
    eventually("it is dead", || held().is_none());
    assert_eq!(dyno.node_pid(), None);
}

#[test]
fn signals_that_open_nothing() {
    let disabled = on(App::DisabledSigusr1, 22);
    assert!(!the(nodes(&dyno(&disabled)), "--disable-sigusr1").catches_usr1());

    let own = on(App::OwnHandler, 22);
    let dyno = dyno(&own);
    let app = the(nodes(&dyno), "node server.js");
    assert!(app.catches_usr1());
    app.signal(Signal::USR1).unwrap();
    eventually("it is counted", || dyno.get("/signals").is_ok_and(|answer| answer.body == "1"));
    assert!(dyno.inspector_ports().is_empty());
}

#[test]
fn the_shop_that_leaks_nothing_serves() {
    let rig = on(App::Healthy, 22);
    assert!(dyno(&rig).get("/bargains").unwrap().body.contains("bargain"));
}

#[test]
fn a_heap_has_the_size_that_was_asked_for() {
    let config = vec![("HEAP_MB".to_owned(), "80".to_owned())];
    let rig = start(&Options { app: App::Heap, config, ..Options::default() });
    let app = the(nodes(&dyno(&rig)), "server.js");
    let status = std::fs::read_to_string(format!("/proc/{}/status", app.host_pid)).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    assert!((80_000..250_000).contains(&kilobytes), "{kilobytes} kB");
}
