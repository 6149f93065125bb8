//! Hunts on a machine behind SSH that has busybox and nothing else, and by users of it who are not root.

use leakhunt_rig::Machine;

use crate::hosts::{FOUR, LEAKS, check_found, check_receipt, from_to_target, listens};
use crate::support::{Ran, node, poll};

/// A machine with a userland, users and processes of its own, and the app there.
struct Bare {
    machine: Machine,
    app: u32,
}

impl Bare {
    /// The program that leaks runs there as this user.
    #[track_caller]
    fn start(major: u32, user: &str, sshd: &str) -> Self {
        let machine = Machine::of_busybox(&node(major), LEAKS, user, sshd).expect("it comes up, as root");
        let app = poll("the app", || {
            machine
                .processes()
                .into_iter()
                .find_map(|(pid, command)| command.ends_with("/srv/app.js").then_some(pid))
        });
        Self { machine, app }
    }

    /// `leakhunt COMMAND… USER@HOST:PORT ARGS…`
    fn leakhunt(&self, command: &[&str], user: &str, args: &[&str]) -> Ran {
        from_to_target(&self.machine, &self.machine.target_of(user), command, args)
    }

    /// The number that it has there.
    fn pid_there(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.app)).expect("the app lives");
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:")).expect("its numbers");
        numbers.split_whitespace().last().expect("a number").to_owned()
    }

    /// The app lives, its inspector is closed, and nothing is beside it but the server.
    #[track_caller]
    fn is_as_it_was(&self) {
        poll("the app and the server alone", || (self.machine.processes().len() == 2).then_some(()));
        assert!(self.machine.processes().iter().any(|(pid, _)| *pid == self.app), "the app is gone");
        assert!(!listens(self.app), "an inspector is open");
    }
}

#[test]
fn a_machine_that_has_nothing_but_busybox() {
    let there = Bare::start(20, "root", "AllowTcpForwarding no");
    let found = "for it in node bash dash perl python3 socat; do command -v $it; done; readlink /bin/sh";
    assert_eq!(there.machine.run("root", found).unwrap(), "busybox");
    there
        .leakhunt(&["doctor", "ssh"], "root", &[])
        .code(0)
        .prints("forbidden by the server")
        .left_nothing_here();

    let ran = there.leakhunt(&["ssh"], "root", &FOUR);
    ran.code(0).left_nothing_here();
    check_receipt(&ran);
    check_found(&ran, "/srv/app.js");
    there.is_as_it_was();
}

#[test]
fn a_user_other_than_root_hunts_a_process_of_his_own() {
    let there = Bare::start(24, "app", "");
    for forward in ["tcp", "exec"] {
        let ran = there.leakhunt(&["ssh"], "app", &[&FOUR[..], &["--forward", forward]].concat());
        ran.code(0).says("user app").left_nothing_here();
        check_receipt(&ran);
        check_found(&ran, "/srv/app.js");
        there.is_as_it_was();
    }
}

#[test]
fn the_app_of_another_user_is_left_alone() {
    // The threads of the newer prove that it runs Node.js, of the older nothing does that he may read.
    for major in [18, 24] {
        let there = Bare::start(major, "app", "");
        let pid = there.pid_there();
        for args in [&[][..], &["--pid", &pid], &["--pid", &pid, "--yes"]] {
            let ran = there.leakhunt(&["ssh"], "other", args);
            ran.code(31).says(&format!("{pid} ")).says("belongs to another user, app").left_nothing_here();
            assert!(!ran.events().contains("\"order\":\"signal "), "nothing was sent");
            there.is_as_it_was();
        }
        let looked = there.leakhunt(&["doctor", "ssh"], "other", &[]);
        looked.code(31).prints("belongs to another user, app").left_nothing_here();
        there.is_as_it_was();
    }
}
