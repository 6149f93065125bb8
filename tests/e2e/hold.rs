//! `--hold`: the inspector is offered to a real DevTools, and everything is closed at the end, however that comes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use leakhunt_rig::Dyno;
use serde_json::Value;

use crate::hosts::Leak;
use crate::support::{Hunt, QUICK, Ran, node, poll, rig, scratch, with_sturdy_node};

/// Chromium, with DevTools' own front end on a held process.
struct DevTools {
    driver: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    _profile: tempfile::TempDir,
}

impl DevTools {
    #[track_caller]
    fn open(address: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new(node(24))
            .args(["-e", include_str!("devtools.js"), "--"])
            .args([&chromium(), profile.path()])
            .arg(address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (driver.stdin.take(), BufReader::new(driver.stdout.take().unwrap()));
        let mut devtools = Self { driver, orders, answers, _profile: profile };
        assert_eq!(devtools.answer()["open"], address);
        devtools
    }

    #[track_caller]
    fn does(&mut self, act: &str) -> Value {
        writeln!(self.orders.as_ref().unwrap(), "{act}").unwrap();
        self.answer()
    }

    #[track_caller]
    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer: {line:?}"));
        assert!(answer.get("error").is_none(), "{answer:#}");
        answer
    }
}

impl Drop for DevTools {
    fn drop(&mut self) {
        // It takes its Chromium with it.
        self.orders = None;
        let _ = self.driver.wait();
    }
}

#[track_caller]
fn chromium() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/chromium/chromium");
    assert!(path.exists(), "{} is missing: run `cargo xtask setup`", path.display());
    path.canonicalize().unwrap()
}

/// A hold on a process of this machine.
fn hold(leak: &Leak, args: &[&str]) -> Hunt {
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("XDG_STATE_HOME", leak.folder.path());
    Hunt::spawn(leakhunt, &[&["local", "--pid", &leak.pid()], args].concat(), None)
}

/// What was told of the first event of this name, once it is there.
#[track_caller]
pub(crate) fn event(hunt: &mut Hunt, name: &str) -> Value {
    let name = format!("\"event\":\"{name}\"");
    hunt.wait_for(&name);
    let events = hunt.events();
    let line = events.lines().find(|line| line.contains(&name)).unwrap();
    serde_json::from_str(line).unwrap()
}

fn text(event: &Value, field: &str) -> String {
    event[field].as_str().unwrap_or_else(|| panic!("{field} of {event}")).to_owned()
}

/// The line of the receipt.
#[track_caller]
fn undone(ran: &Ran, what: &str) -> String {
    let session = ran.session_json();
    let undone = session["teardown"]["undone"].as_array().unwrap();
    let line = undone.iter().find(|line| line["what"] == what);
    let line = line.unwrap_or_else(|| panic!("no {what} in {undone:?}"));
    assert_eq!(line["seen"], "verified", "{line}");
    text(line, "how")
}

/// Nobody offers that process there any more; the port may be another hold's by now.
#[track_caller]
fn is_closed(held: &Value) {
    let (address, devtools) = (text(held, "address"), text(held, "devtools"));
    let target = devtools.rsplit('/').next().unwrap();
    let seen = look(&address, &address).unwrap_or_default();
    assert!(!seen.contains(target), "{address} is open: {seen}");
}

/// What is answered to one who looks for what there is to debug.
fn look(address: &str, host: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET /json/list HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}

#[track_caller]
fn whole(snapshot: &Value) {
    assert!(snapshot["bytes"].as_u64().unwrap() > 1_000_000, "{snapshot}");
    assert_eq!(snapshot["count"], snapshot["nodes"], "{snapshot}");
}

/// The main job, on a dyno and through the real CLI.
#[test]
fn devtools_takes_snapshots_of_a_held_dyno_by_itself() {
    let rig = rig(&with_sturdy_node());
    let dyno = rig.dyno("web.1").unwrap();
    let mut hunt = Hunt::start(&rig, &["--hold"]);
    let held = event(&mut hunt, "held");
    let address = text(&held, "address");
    assert_eq!(held["attach"]["port"].to_string(), address.rsplit(':').next().unwrap());
    let mut devtools = DevTools::open(&text(&held, "devtools"));
    let connected = event(&mut hunt, "hold_connected");
    assert!(text(&connected, "program").contains("chrom"), "{connected}");
    let (first, second) = (devtools.does("snapshot"), devtools.does("snapshot"));
    whole(&first);
    whole(&second);
    // Our own session disturbs none of it: the object ids mean the same objects.
    let (shared, same) = (second["shared"].as_u64().unwrap(), second["same"].as_u64().unwrap());
    assert!(shared > 10_000 && same * 100 >= shared * 99, "{second}");
    assert!(dyno.answers());

    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).says("interrupted while the inspector was held").says(&address).left_nothing();
    assert!(undone(&ran, "local port").contains("1 connection ended"), "{}", ran.stderr);
    assert!(undone(&ran, "inspector").contains("no longer listens"), "{}", ran.stderr);
    is_closed(&held);
    assert!(dyno.alive() && dyno.answers());
    assert!(ran.snapshots().is_empty(), "nothing was taken");
}

/// Ten seconds for the inspector to be closed.
#[track_caller]
fn closes_by_itself(dyno: &Dyno) {
    let since = Instant::now();
    while !dyno.inspector_ports().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(10), "it is open after 10 s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn killed_under_a_connected_devtools_the_inspector_closes() {
    let rig = rig(&with_sturdy_node());
    let dyno = rig.dyno("web.1").unwrap();
    for act in ["snapshot", "stop"] {
        let mut hunt = Hunt::start(&rig, &["--hold"]);
        let held = event(&mut hunt, "held");
        let mut devtools = DevTools::open(&text(&held, "devtools"));
        event(&mut hunt, "hold_connected");
        devtools.does(act);
        hunt.signal("KILL");
        closes_by_itself(&dyno);
        is_closed(&held);
        poll("the app goes on, at a breakpoint as well", || dyno.answers().then_some(()));
        let ran = hunt.end();
        assert_eq!(ran.code, None, "it was killed");
        assert_eq!(ran.cleanup(&rig, &[]).status.code(), Some(0));
        poll("nothing of it is left", || ran.remains().is_empty().then_some(()));
        assert!(dyno.alive());
    }
}

#[test]
fn after_a_hunt_the_evidence_is_there_and_devtools_has_its_turn() {
    let leak = Leak::start(22);
    let mut hunt = hold(&leak, &[&QUICK[..], &["--hold-after"]].concat());
    let held = event(&mut hunt, "held");
    assert_eq!(hunt.events().matches("\"event\":\"snapshot_done\"").count(), 2);
    let mut devtools = DevTools::open(&text(&held, "devtools"));
    whole(&devtools.does("snapshot"));
    drop(devtools);
    event(&mut hunt, "hold_disconnected");
    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).says("kept 2 complete snapshots").left_nothing_here();
    assert_eq!(ran.snapshots().len(), 2);
    assert!(ran.session().join("report.html").exists(), "what was taken is analysed");
}

/// DevTools trusts the number of functions in the header, which Node 20 writes too small: a file as it came never opens there.
#[test]
fn devtools_opens_the_timeline_that_a_hunt_has_taken() {
    let leak = Leak::start(20);
    let timeline = ["--profile", "timeline", "--accept", "timeline,memory,pause", "--duration", "2s"];
    let mut hunt = hold(&leak, &[&timeline[..], &["--hold-after"]].concat());
    let folder = text(&event(&mut hunt, "started"), "folder");
    let mut devtools = DevTools::open(&text(&event(&mut hunt, "held"), "devtools"));
    let opened = devtools.does(&format!("open {folder}/1.heaptimeline"));
    let tops = opened["tops"].as_array().unwrap();
    let own = |top: &&Value| top["scriptName"].as_str().is_some_and(|script| script.ends_with("leak.js"));
    // How many of its objects live is V8's matter: what optimised code allocates together has one stack.
    assert!(tops.iter().any(|top| own(&top)), "{opened:#}");
    hunt.signal("INT");
    hunt.end().code(130).left_nothing_here();
}

#[test]
fn it_ends_by_itself_when_the_time_is_up() {
    let leak = Leak::start(24);
    let mut hunt = hold(&leak, &["--hold", "--hold-for", "2s", "--json", "--quiet"]);
    let held = event(&mut hunt, "held");
    let address = text(&held, "address");
    let ran = hunt.end();
    // Where it is was asked for, and is no progress.
    ran.code(0).says(&address).says("launch.json").says("devtools://devtools/").left_nothing_here();
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["outcome"], "done");
    assert_eq!(undone(&ran, "local port"), format!("{address} is closed; nobody was connected"));
    is_closed(&held);
}

/// `--open` finds a browser on PATH; this one is the real Chromium, without a screen.
#[test]
fn the_browser_that_was_opened_goes_with_the_hold() {
    let (leak, folder) = (Leak::start(24), scratch());
    let program = folder.path().join("google-chrome");
    let script =
        format!("#!/bin/sh\nexec '{}' --headless --no-sandbox --disable-gpu \"$@\"\n", chromium().display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = vec![folder.path().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let path = std::env::join_paths(path).unwrap();
    let held = |end: fn(Hunt) -> Ran| {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", leak.folder.path()).env("PATH", &path);
        end(Hunt::spawn(leakhunt, &["local", "--pid", &leak.pid(), "--hold", "--open"], None))
    };
    let ran = held(|mut hunt| {
        let connected = event(&mut hunt, "hold_connected");
        assert!(text(&connected, "program").contains("chrom"), "{connected}");
        hunt.signal("INT");
        hunt.end()
    });
    ran.code(130).left_nothing_here();
    assert!(undone(&ran, "browser").contains("process group"));

    // It is told why there is none, and goes on.
    std::fs::write(&program, "#!/bin/sh\nexit 7\n").unwrap();
    let ran = held(|mut hunt| {
        hunt.wait_for("no browser was opened: ");
        hunt.signal("INT");
        hunt.end()
    });
    ran.code(130).says("ended at once (exit status: 7)").says("held all the same").left_nothing_here();
}

#[test]
fn what_ends_the_process_or_the_way_to_it_ends_the_hold() {
    let rig = rig(&with_sturdy_node());
    let mut hunt = Hunt::start(&rig, &["--hold"]);
    event(&mut hunt, "held");
    rig.cut_tunnels();
    hunt.end().code(34).says("lost while its inspector was held").left_nothing();

    let mut hunt = Hunt::start(&rig, &["--hold"]);
    event(&mut hunt, "held");
    rig.dyno("web.1").unwrap().restart().unwrap();
    hunt.end().code(33).says("the dyno was restarted on request").left_nothing();
}

/// Who looks at /json/list is no debugger, and Node.js itself refuses a name that is not this machine's.
#[test]
fn looks_and_strangers() {
    let leak = Leak::start(24);
    let mut hunt = hold(&leak, &["--hold"]);
    let address = text(&event(&mut hunt, "held"), "address");
    let answer = look(&address, &address).unwrap();
    assert!(answer.contains("200 OK") && answer.contains(&format!("ws://{address}/")), "{answer}");
    assert!(look(&address, "attacker.example").unwrap().contains("400"), "DNS rebinding");
    // Another user of this machine gets nothing at all, where there can be one: in a namespace with one user there cannot.
    let url = format!("http://{address}/json/list");
    let script = "fetch(process.argv[1]).then(() => process.exit(7), () => process.exit(8))";
    let other = Command::new("setpriv")
        .args(["--reuid=31000", "--regid=31000", "--clear-groups"])
        .arg(node(24))
        .args(["-e", script, &url])
        .output()
        .unwrap();
    let uids = std::fs::read_to_string("/proc/self/uid_map").unwrap();
    let alone = uids.split_whitespace().nth(2) == Some("1");
    match other.status.code() {
        Some(8) => hunt.wait_for("user 31000 of this machine was refused"),
        code => assert!(alone, "{code:?}: {}", String::from_utf8_lossy(&other.stderr)),
    }
    assert!(!hunt.has("hold_connected"));
    hunt.signal("INT");
    hunt.end().code(130).left_nothing_here();
}
