//! The far shell's script itself, in every shell that production systems have, before real processes: what it sends, what it refuses.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::programs::{Program, as_user, near};
use crate::support::node;

const SCRIPT: &str = include_str!("../../crates/capture/src/shell/reach.sh");

/// The shells that production systems have; `cargo xtask setup` installs what is missing.
fn shells() -> [Vec<&'static str>; 4] {
    [vec!["dash"], vec!["bash"], vec!["busybox", "sh"], vec!["sh"]]
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").ok()?;
    path.split(':').map(|folder| Path::new(folder).join(program)).find(|file| file.exists())
}

/// Gives orders to the script, by a shell that is started behind other words, and hears its answers, the probe's included.
#[track_caller]
fn ask(before: &[&str], shell: &[&str], orders: &str) -> Vec<String> {
    let script = format!("tell() {{ printf '<%s>\\n' \"$*\"; }}\n{SCRIPT}");
    let words = [before, shell, &["-c", &script]].concat();
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shell runs");
    child.stdin.take().expect("piped").write_all(orders.as_bytes()).expect("it listens");
    let output = child.wait_with_output().expect("it ends");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(complaints, "", "{shell:?} has nothing to complain of");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.lines().filter_map(|line| Some(line.strip_prefix('<')?.strip_suffix('>')?.to_owned())).collect()
}

/// Orders the signal; gives the answer.
#[track_caller]
fn signal(before: &[&str], shell: &[&str], program: &Program, port: u16, proof: &str) -> String {
    let order = format!("signal {} {} {port} {proof}\n", program.pid(), program.started());
    ask(before, shell, &order).pop().expect("an answer")
}

/// The script refuses for want of `what`, in each shell, and the program lives on and was not signalled.
#[track_caller]
fn refused(mut program: Program, before: &[&str], what: &str) {
    for shell in shells() {
        let answer = signal(before, &shell, &program, 0, "proven");
        assert!(answer.starts_with(&format!("short what={what}:")), "{shell:?}: {answer}");
        assert!(program.lives() && !program.was_signalled(), "{shell:?}: {}", program.said());
    }
}

/// The words of the probe's line about a program.
#[track_caller]
fn probed(shell: &[&str], program: &Program) -> Option<String> {
    let own = format!("proc pid={} ", program.pid());
    ask(&[], shell, "").into_iter().find(|line| line.starts_with(&own))
}

/// A cgroup in the files of both versions, put over the real ones in a mount namespace of the shell's own.
fn in_cgroup(folder: &Path, files: &[(&str, &str)]) -> String {
    for at in ["", "pids", "memory"] {
        let at = folder.join(at);
        std::fs::create_dir_all(&at).expect("a folder");
        for (name, text) in files {
            std::fs::write(at.join(name), text).expect("a file");
        }
    }
    format!("mount --bind {} /sys/fs/cgroup && exec \"$@\"", folder.display())
}

#[test]
fn a_process_that_is_out_of_descriptors_is_not_signalled() {
    refused(Program::near(22, "ulimit -n 128;", "files", 31), &[], "descriptors");
    for (major, left) in [(18, 0), (18, 3), (20, 3), (22, 4), (24, 4), (26, 4)] {
        let mut program = Program::near(major, "ulimit -n 128;", "files", left);
        let answer = signal(&[], &["sh"], &program, 0, "proven");
        assert!(answer.starts_with("short what=descriptors:"), "Node.js {major}: {answer}");
        assert!(program.lives() && !program.was_signalled(), "Node.js {major}: {}", program.said());
    }
}

#[test]
fn whatever_holds_the_descriptors() {
    for (kind, major) in [("sockets", 20), ("pipes", 22), ("dgram", 24)] {
        let mut program = Program::near(major, "ulimit -n 128;", kind, 5);
        let answer = signal(&[], &["sh"], &program, 0, "proven");
        assert!(answer.starts_with("short what=descriptors:"), "{kind}: {answer}");
        assert!(program.lives() && !program.was_signalled(), "{kind}: {}", program.said());
    }
}

#[test]
fn a_process_with_room_is_signalled_and_its_inspector_opens() {
    for (shell, major) in shells().into_iter().zip([18, 22, 24, 26]) {
        let mut program = Program::near(major, "ulimit -n 128;", "files", 40);
        let answer = signal(&[], &shell, &program, 0, "proven");
        assert!(answer.starts_with("opened before=- ports=lo:"), "{shell:?}, Node.js {major}: {answer}");
        assert!(program.lives());
        program.check_signalled(true);
        // It is open: a second order sends nothing.
        let port = answer.rsplit(':').next().expect("a port").parse().expect("a number");
        assert!(signal(&[], &shell, &program, port, "proven").starts_with("open "));
    }
}

#[test]
fn address_space_counts() {
    // An arena of malloc and a stack: some 139 MB. What Node.js has taken itself depends on the version.
    // It makes none itself: where it is slow to begin, it would do so below the limit, and end.
    let program = Program::near(24, "export MALLOC_ARENA_MAX=1;", "none", 0);
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.pid())).expect("it lives");
    let size =
        status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("a size").replace("kB", "");
    let size: u64 = size.trim().parse().expect("a number");
    let limited = Command::new("prlimit")
        .args(["--pid", &program.pid().to_string(), &format!("--as={}", (size + 200 * 1024) * 1024)])
        .status();
    assert!(limited.expect("prlimit runs").success());
    refused(program, &[], "address-space");
}

#[test]
fn threads_and_memory_of_the_cgroup_count() {
    let memory = |idle: &'static str| {
        [
            ("memory.limit_in_bytes", "536870912\n"),
            ("memory.usage_in_bytes", "530000000\n"),
            ("memory.max", "536870912\n"),
            ("memory.current", "530000000\n"),
            ("memory.stat", idle),
        ]
    };
    let full = memory("inactive_file 1000000\ntotal_inactive_file 1000000\n");
    // File pages that nobody has used lately can be had back at once.
    let cached = memory("inactive_file 90000000\ntotal_inactive_file 90000000\n");
    check_cgroup(&[("pids.max", "64\n"), ("pids.current", "49\n")], "short what=cgroup-threads:49:64");
    check_cgroup(&[("pids.max", "64\n"), ("pids.current", "48\n")], "opened ");
    check_cgroup(&[("pids.max", "max\n"), ("pids.current", "48\n")], "opened ");
    check_cgroup(&full, "short what=cgroup-memory:529000000:536870912");
    check_cgroup(&cached, "opened ");
}

#[track_caller]
fn check_cgroup(files: &[(&str, &str)], expected: &str) {
    let shells = shells();
    for shell in if expected.starts_with("short") { &shells[..] } else { &shells[..1] } {
        let folder = tempfile::tempdir().expect("a folder");
        let bind = in_cgroup(folder.path(), files);
        let mut program = Program::near(22, "", "none", 0);
        let answer = signal(&["unshare", "--mount", "sh", "-c", &bind, "sh"], shell, &program, 0, "proven");
        assert!(answer.starts_with(expected), "{shell:?}: {answer}");
        assert!(program.lives());
        program.check_signalled(expected.starts_with("opened"));
    }
}

/// The kernel counts a user's threads over all of its processes; this one no other test has.
#[test]
fn threads_of_the_user_count() {
    const OTHER: u32 = 23_000;
    let folder = tempfile::Builder::new().prefix("lh-").tempdir().expect("a folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("it is ours");
    let copied = folder.path().join("node");
    std::fs::copy(node(22), &copied).expect("a copy");
    let script = folder.path().join("near.js");
    std::fs::copy(near(), &script).expect("a copy");
    let (copied, script) = (copied.display(), script.display());
    for (pool, limit, expected) in
        [(4, 20, "short what=user-threads:"), (32, 50, "short what=user-threads:"), (4, 30_000, "opened ")]
    {
        let line = format!(
            "UV_THREADPOOL_SIZE={pool} exec prlimit --nproc={limit}:{limit} {} '{copied}' --inspect-port=0 '{script}' pool",
            as_user(OTHER)
        );
        let mut program = Program::start("sh", &["-c", &line]);
        program.wait_for("ready");
        // It is signalled once.
        let shells = shells();
        for shell in if expected == "opened " { &shells[..1] } else { &shells[..] } {
            let answer = signal(&[], shell, &program, 0, "proven");
            assert!(answer.starts_with(expected), "{shell:?}, {pool} of {limit}: {answer}");
            assert!(program.lives());
        }
        program.check_signalled(expected == "opened ");
    }
}

#[test]
fn a_clusters_primary_is_known_at_the_moment_of_the_signal() {
    let mut program = Program::near(26, "", "cluster", 1);
    for shell in shells() {
        let answer = signal(&[], &shell, &program, 0, "proven");
        assert!(answer.starts_with("primary worker="), "{shell:?}: {answer}");
    }
    assert!(program.lives() && !program.was_signalled());
}

#[test]
fn what_is_only_called_node_is_not_proven_and_not_signalled() {
    let folder = tempfile::tempdir().expect("a folder");
    let bash = on_path("bash").expect("bash is there");
    for name in ["node", "nodejs", "calico-node", "node-exporter", "node22"] {
        let copied = folder.path().join(name);
        std::fs::copy(&bash, &copied).expect("a copy");
        let line = "trap 'echo signalled; exit 0' USR1; echo ready; while :; do sleep 0.1; done";
        let program = Program::start(&copied.display().to_string(), &["-c", line]);
        program.wait_for("ready");
        let mut program = program.catches_usr1();
        let shell = shells()[name.len() % shells().len()].clone();
        let line = probed(&shell, &program).expect("it is listed, for its name");
        assert!(line.contains(" proof=- ") && line.contains(" usr1=1 "), "{shell:?}: {line}");
        assert_eq!(signal(&[], &shell, &program, 0, "proven"), "not-proven", "{shell:?}: {name}");
        assert!(program.lives() && !program.said().contains("signalled"), "{name}");
    }
}

#[test]
fn a_script_called_node_is_its_interpreter() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrapper = folder.path().join("node");
    std::fs::write(&wrapper, "#!/bin/sh\ntrap 'exit 0' USR1\necho ready\nwhile :; do sleep 1; done\n")
        .expect("a file");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&wrapper, open).expect("it is ours");
    let mut program = Program::start(&wrapper.display().to_string(), &[]);
    program.wait_for("ready");
    for shell in shells() {
        assert_eq!(probed(&shell, &program), None, "{shell:?}");
        assert_eq!(signal(&[], &shell, &program, 0, "proven"), "not-proven", "{shell:?}");
    }
    assert!(program.lives());
}

#[test]
fn node_is_known_by_whatever_name_and_after_its_file_is_gone() {
    for major in [18, 20, 22, 24, 26] {
        let folder = tempfile::tempdir().expect("a folder");
        let renamed = folder.path().join("the app");
        std::fs::copy(node(major), &renamed).expect("a copy");
        let script = near().display().to_string();
        let program = Program::start(&renamed.display().to_string(), &["--inspect-port=0", &script]);
        program.wait_for("ready");
        std::fs::remove_file(&renamed).expect("it is ours");
        for shell in shells() {
            let line =
                probed(&shell, &program).unwrap_or_else(|| panic!("{shell:?}: Node.js {major} is not seen"));
            assert!(!line.contains(" proof=- "), "{shell:?}: {line}");
        }
        let answer = signal(&[], &["sh"], &program, 0, "proven");
        assert!(answer.starts_with("opened "), "Node.js {major}: {answer}");
    }
}

#[test]
fn a_port_that_another_has_is_told_before_the_signal() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = holder.local_addr().expect("bound").port();
    let mut program = Program::near(22, "", "none", 0);
    for shell in shells() {
        let asked = format!("inspector {} {} {port}\n", program.pid(), program.started());
        assert_eq!(ask(&[], &shell, &asked).pop().as_deref(), Some("taken"), "{shell:?}");
        assert_eq!(signal(&[], &shell, &program, port, "proven"), "taken", "{shell:?}");
    }
    assert!(program.lives() && !program.was_signalled());
}

#[test]
fn who_is_attached_is_counted() {
    let program = Program::near(24, "", "none", 0);
    let answer = signal(&[], &["sh"], &program, 0, "proven");
    let port: u16 = answer.rsplit(':').next().expect("a port").parse().expect("a number");
    let asked = format!("inspector {} {} {port}\n", program.pid(), program.started());
    let mut clients = Vec::new();
    for expected in 0..3 {
        for shell in shells() {
            assert_eq!(ask(&[], &shell, &asked).pop(), Some(format!("open clients={expected}")), "{shell:?}");
        }
        clients.push(std::net::TcpStream::connect(("127.0.0.1", port)).expect("it is open"));
    }
}

#[test]
fn what_is_gone_before_is_told_from_what_is_gone_after() {
    for shell in shells() {
        // It is not Node.js, it was agreed to, and it ends at the signal.
        let program =
            Program::start("bash", &["-c", "trap 'exit 0' USR1; echo ready; while :; do sleep 0.1; done"]);
        program.wait_for("ready");
        let order = format!("signal {} {} 0 unproven\n", program.pid(), program.started());
        assert_eq!(ask(&[], &shell, &order).pop().as_deref(), Some("gone-after"), "{shell:?}");
        drop(program);
        assert_eq!(ask(&[], &shell, &order).pop().as_deref(), Some("gone-before"), "{shell:?}");
    }
}
