//! Hunts on apps of the Fir generation, through the real Heroku CLI's `run:inside`, by either way that it knows.

use std::time::{Duration, Instant};

use leakhunt_rig::{Call, Fault, FirWay, Options, Rig};

use crate::hosts::{FOUR, check_receipt};
use crate::support::{Hunt, Ran, hunt, node, rig, with_sturdy_node};

const ACCEPT: [&str; 2] = ["--accept", "unverified-link"];

fn fir(way: FirWay) -> Rig {
    rig(&Options { fir: Some(way), ..with_sturdy_node() })
}

fn looked(rig: &Rig, args: &[&str]) -> Ran {
    let all = [&["doctor", "heroku", "--app", rig.app_name()], args].concat();
    Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno("web.1").ok()).end()
}

/// Nothing was run in the dyno.
#[track_caller]
fn untouched(rig: &Rig) {
    let acted: Vec<_> =
        rig.audit().into_iter().filter(|call| call.changes() || !matches!(call, Call::Api { .. })).collect();
    assert!(acted.is_empty(), "{acted:?}");
}

/// The dyno that is meant where none is named, and all of a hunt.
#[track_caller]
fn hunts(way: FirWay) {
    let rig = fir(way);
    let dyno = rig.dyno("web.1").unwrap();
    let name = rig.name_of(&dyno);
    let looked = looked(&rig, &ACCEPT);
    looked.code(0).prints("fir, by run:inside").left_nothing();
    looked.prints(&format!("go: leakhunt heroku -a {} -d {name} --accept unverified-link", rig.app_name()));

    let ran = hunt(&rig, &[&ACCEPT[..], &FOUR].concat());
    ran.code(0).left_nothing();
    check_receipt(&ran);
    let leak = "leak: setInterval callback in DiscountBanner (components/DiscountBanner.js:9)";
    assert!(ran.stdout.contains(leak), "{}", ran.stdout);
    let session = ran.session_json();
    assert_eq!(session["target"], format!("{name} of {}", rig.app_name()));
    assert!(
        session["options"]["accept"].as_array().unwrap().contains(&"unverified-link".into()),
        "{session:#}"
    );
    assert!(dyno.alive() && dyno.answers());
    // The shell and the relay, and nothing besides; what they are told is in no command.
    let commands: Vec<String> = ran
        .events()
        .lines()
        .filter(|line| line.contains("\"argv\"") && line.contains("run:inside"))
        .map(str::to_owned)
        .collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands.iter().all(|line| line.contains("--no-launcher") && line.len() < 1_500), "{commands:?}");
    assert!(!ran.events().contains("ps:exec") && !ran.events().contains("ps:forward"));
}

#[test]
fn a_hunt_from_end_to_end_by_ssh() {
    hunts(FirWay::Ssh);
}

#[test]
fn a_hunt_from_end_to_end_by_a_terminal() {
    hunts(FirWay::Rendezvous);
}

#[test]
fn what_stands_against_a_hunt_is_said_before_anything_is_run() {
    let rig = fir(FirWay::Ssh);
    // Nobody is at a terminal here who could agree.
    for ran in [hunt(&rig, &[]), looked(&rig, &[])] {
        ran.code(21).left_nothing_here();
        let said = format!("{}{}", ran.stdout, ran.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("neither a certificate nor the host key"), "{said}");
        assert!(said.contains("`--accept unverified-link` consents to this"), "{said}");
    }
    // Named, the platform is asked for nothing else before.
    let name = rig.name_of(&rig.dyno("web.1").unwrap());
    hunt(&rig, &["--dyno", &name]).code(21).says("--accept unverified-link");
    let numbered = hunt(&rig, &[&["--dyno", "web.1"], &ACCEPT[..]].concat());
    numbered.code(30).says(&format!("no dyno web.1; {} has {name}", rig.app_name()));
    rig.set(Fault::NoAccountKey);
    hunt(&rig, &ACCEPT).code(30).says("the Heroku account has no SSH key").says("`heroku keys:add`");
    rig.clear(Fault::NoAccountKey);
    untouched(&rig);

    rig.set(Fault::KeyRefused);
    hunt(&rig, &ACCEPT)
        .code(30)
        .says("takes none of the SSH keys that ssh offers (Permission denied (publickey))")
        .says("`ssh-add FILE`")
        .left_nothing();
    rig.clear(Fault::KeyRefused);
    rig.set(Fault::UntrustedAddress);
    let untrusted = hunt(&rig, &ACCEPT);
    untrusted
        .code(30)
        .says("takes no connections from the address of this machine (HTTP 403)")
        .left_nothing();
    assert!(rig.dyno("web.1").unwrap().alive());
}

#[test]
fn a_name_of_fir_is_none_of_cedars() {
    let rig = rig(&Options::default());
    let ran = hunt(&rig, &["--dyno", "web-848cd4f64d-pvpr2"]);
    ran.code(30).says("no dyno web-848cd4f64d-pvpr2;").says("has web.1").left_nothing_here();
    untouched(&rig);
}

#[test]
fn a_killed_hunt_closes_the_inspector_and_is_cleaned_up() {
    let rig = fir(FirWay::Rendezvous);
    let dyno = rig.dyno("web.1").unwrap();
    let mut hunt = Hunt::start(&rig, &[&ACCEPT[..], &["--growth", "1GB"]].concat());
    hunt.wait_for("\"event\":\"snapshot_done\"");
    assert!(!dyno.inspector_ports().is_empty());
    hunt.signal("KILL");
    let killed = hunt.end();
    let until = Instant::now() + Duration::from_secs(10);
    while !dyno.inspector_ports().is_empty() {
        assert!(Instant::now() < until, "the inspector stays open");
        std::thread::sleep(Duration::from_millis(50));
    }
    let cleaned = killed.cleanup(&rig, &[]);
    let said = String::from_utf8_lossy(&[cleaned.stdout, cleaned.stderr].concat()).into_owned();
    assert!(cleaned.status.success() && said.contains("1 finished: nothing is left"), "{said}");
    killed.left_nothing();
    assert!(dyno.alive());
}

/// Whoever comes in its place has another name, and no log tells why.
#[test]
fn a_dyno_that_is_replaced_in_the_midst_of_a_hunt() {
    let rig = fir(FirWay::Rendezvous);
    let mut hunt = Hunt::start(&rig, &[&ACCEPT[..], &["--growth", "1GB", "--samples", "3"]].concat());
    hunt.wait_for("\"event\":\"snapshot_done\"");
    rig.deploy().unwrap();
    hunt.end()
        .code(33)
        .says("the dyno was restarted by release v8")
        .says("kept 1 complete snapshot")
        .left_nothing_here();
}

#[test]
#[ignore = "needs the older CLIs: `cargo xtask test --all-clis` installs them and runs this"]
fn every_cli_hunts_on_fir() {
    for (cli, way) in [(8, FirWay::Ssh), (9, FirWay::Rendezvous), (10, FirWay::Ssh), (10, FirWay::Rendezvous)]
    {
        let rig = rig(&Options { cli, fir: Some(way), node: Some(node(22)), ..Options::default() });
        let ran = hunt(&rig, &[&ACCEPT[..], &crate::support::QUICK].concat());
        ran.code(0).left_nothing();
        assert_eq!(ran.stderr.contains("does not say why"), cli < 10, "{}", ran.stderr);
    }
}
