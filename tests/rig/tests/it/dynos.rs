//! Dynos are containers: what they show, what they keep apart, and that nothing of them stays.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use leakhunt_rig::{App, Disk, Dyno, Options, Pace, Residue, State};
use rustix::process::{Pid, Signal, kill_process};

use crate::{dyno, eventually, rig, start};

/// The dyno's process list, each as its parent's and its own command line.
fn tree(dyno: &Dyno) -> Vec<(String, String)> {
    let processes = dyno.processes();
    let parent = |pid: u32| {
        processes.iter().find(|other| other.pid == pid).map(|other| other.cmdline.clone()).unwrap_or_default()
    };
    processes.iter().map(|process| (parent(process.ppid), process.cmdline.clone())).collect()
}

#[test]
fn the_process_tree_is_that_of_a_real_dyno() {
    let rig = rig(App::Banner);
    let tree = tree(&dyno(&rig));
    for (parent, child) in [
        ("", "ps-run /run/main"),
        ("ps-run /run/main", "node_exporter /run/agent"),
        ("ps-run /run/main", "npm start"),
        ("npm start", "sh -c node server.js"),
        ("sh -c node server.js", "node server.js"),
    ] {
        assert!(tree.contains(&(parent.to_owned(), child.to_owned())), "{child} below {parent}: {tree:#?}");
    }
    for decoy in ["eye on node", "sshd"] {
        assert!(tree.iter().any(|(_, child)| child.contains(decoy)), "{decoy}: {tree:#?}");
    }
}

#[test]
fn rigs_side_by_side_do_not_meet() {
    let (one, two) = (rig(App::Banner), rig(App::BannerInspected));
    assert_ne!(one.app_name(), two.app_name());
    assert!(dyno(&one).inspector_ports().is_empty());
    assert_eq!(dyno(&two).inspector_ports(), [9229]);
    assert_eq!(dyno(&one).processes().iter().filter(|process| process.pid == 1).count(), 1);
    drop(one);
    assert!(dyno(&two).alive() && dyno(&two).answers());
}

#[test]
fn a_rig_that_is_dropped_leaves_nothing() {
    let rig = start(&Options { dynos: 2, ..Options::default() });
    let folder = rig.home().parent().expect("it lies in the rig's folder").to_owned();
    let pids: Vec<u32> =
        rig.dynos().iter().flat_map(Dyno::processes).map(|process| process.host_pid).collect();
    assert!(pids.len() > 10, "{pids:?}");
    drop(rig);
    check_gone(&pids, &folder);
}

#[test]
fn a_rig_that_is_killed_leaves_nothing() {
    let mut rig = Command::new(env!("CARGO_BIN_EXE_leakhunt-rig"))
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(rig.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let home = ready["env"]["HOME"].as_str().unwrap().to_owned();
    let folder = Path::new(&home).parent().unwrap();
    // The dyno's processes are those that have the rig as an ancestor.
    let pids = descendants(rig.id());
    assert!(pids.len() > 5, "{pids:?}");
    kill_process(Pid::from_child(&rig), Signal::KILL).unwrap();
    rig.wait().unwrap();
    check_gone(&pids, folder);
}

#[track_caller]
fn check_gone(pids: &[u32], folder: &Path) {
    let alive = || pids.iter().filter(|pid| Path::new(&format!("/proc/{pid}")).exists()).count();
    eventually("every process is gone", || alive() == 0);
    eventually("the folder is gone", || !folder.exists());
}

fn descendants(ancestor: u32) -> Vec<u32> {
    let children = |pid: u32| -> Vec<u32> {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        lists
            .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
            .collect()
    };
    let mut found = children(ancestor);
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        found.extend(children(pid));
        next += 1;
    }
    found
}

#[test]
fn a_restart_is_another_life_with_fresh_folders() {
    let rig = rig(App::Banner);
    let dyno = dyno(&rig);
    let first = dyno.node_pid().expect("the app runs");
    let host_pid = dyno.processes().into_iter().find(|process| process.pid == first).unwrap().host_pid;
    std::fs::write(format!("/proc/{host_pid}/root/tmp/left"), "").unwrap();
    assert_eq!(dyno.leftovers(), [Residue::File("/tmp/left".into())]);
    dyno.restart().unwrap();
    assert_eq!((dyno.boots(), dyno.state(), dyno.alive()), (2, State::Up, false));
    assert!(dyno.answers());
    assert_eq!(dyno.leftovers(), []);
}

#[test]
fn a_dyno_whose_app_was_killed_is_not_alive() {
    let rig = rig(App::Banner);
    let dyno = dyno(&rig);
    assert!(dyno.alive());
    let app = dyno.node_pid();
    let app = dyno.processes().into_iter().find(|process| Some(process.pid) == app).unwrap();
    app.signal(Signal::KILL).unwrap();
    eventually("it is noticed", || !dyno.alive());
}

#[test]
fn a_visitor_sees_a_pause() {
    let rig = rig(App::Banner);
    let dyno = dyno(&rig);
    let visitor = dyno.visit(Pace::default()).unwrap();
    eventually("it is answered", || visitor.seen().answered > 5);
    let app = dyno.node_pid().unwrap();
    let app = dyno.processes().into_iter().find(|process| process.pid == app).unwrap();
    app.signal(Signal::STOP).unwrap();
    assert!(!dyno.answers(), "two seconds without an answer");
    app.signal(Signal::CONT).unwrap();
    eventually("the gap is seen", || visitor.seen().longest_gap() > Duration::from_millis(1900));
    assert_eq!(visitor.seen().failed, Vec::<String>::new());
}

/// Whether somebody in the dyno could write 64 KiB into a folder.
fn writable(dyno: &Dyno, folder: &str) -> bool {
    let app = dyno.processes().into_iter().find(|process| process.is_node()).expect("node runs");
    let path = format!("/proc/{}/root{folder}/probe", app.host_pid);
    let wrote = std::fs::File::create(&path).and_then(|mut file| file.write_all(&[1; 65_536]));
    let _ = std::fs::remove_file(path);
    wrote.is_ok()
}

#[track_caller]
fn check_disk(disk: Disk, expected: bool) {
    let rig = start(&Options { disk, ..Options::default() });
    assert!(dyno(&rig).answers(), "{disk:?}");
    for folder in ["/tmp", "/app", "/dev/shm"] {
        assert_eq!(writable(&dyno(&rig), folder), expected, "{disk:?} {folder}");
    }
}

#[test]
fn disks_are_roomy_full_or_read_only() {
    check_disk(Disk::Roomy, true);
    check_disk(Disk::Full, false);
    check_disk(Disk::ReadOnly, false);
}

#[test]
fn a_memory_limit_is_shown_in_the_dyno() {
    let limit = 512 << 20;
    let rig = start(&Options { memory_limit: Some(limit), ..Options::default() });
    let dyno = dyno(&rig);
    let init = dyno.processes()[0].host_pid;
    let folder = format!("/proc/{init}/root/sys/fs/cgroup/memory");
    let shown = ["memory.limit_in_bytes", "memory.max"]
        .iter()
        .find_map(|file| std::fs::read_to_string(format!("{folder}/{file}")).ok());
    assert_eq!(shown.expect("one of them is there").trim(), limit.to_string());
}
