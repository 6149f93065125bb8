//! `leakhunt watch`: the alarms of an app on the rig, followed by the real Heroku CLI.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use leakhunt_rig::{App, Dyno, Fault, FirWay, Options, Rig};
use serde_json::Value;

use crate::events::read;
use crate::support::{marked, node, poll, rig, scratch};

/// A watch under way.
struct Watch {
    child: Child,
    mark: &'static str,
    scratch: tempfile::TempDir,
}

impl Watch {
    fn start(rig: &Rig, mark: &'static str, args: &[&str]) -> Self {
        Self::start_told(rig, mark, &[&["--json"], args].concat())
    }

    /// As [`Self::start`], where stdout is for something else than acts.
    fn start_told(rig: &Rig, mark: &'static str, args: &[&str]) -> Self {
        Self::start_with(rig, mark, args, &[])
    }

    /// As [`Self::start_told`], with more in its environment.
    fn start_with(rig: &Rig, mark: &'static str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let scratch = scratch();
        let path = scratch.path();
        let file = |name: &str| File::create(path.join(name)).unwrap();
        let child = rig
            .command(env!("CARGO_BIN_EXE_leakhunt"))
            .args(["watch", "heroku", "--app", rig.app_name(), "--on", "R14", "--min-age", "1s"])
            .args(args)
            .current_dir(path.join("out"))
            .envs(env.iter().copied())
            .env("LEAKHUNT_TEST_MARK", mark)
            .env("TMPDIR", path.join("tmp"))
            .env("XDG_RUNTIME_DIR", path.join("run"))
            .stdin(Stdio::null())
            .stdout(file("acts"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        Self { child, mark, scratch }
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.scratch.path().join(name)).unwrap()
    }

    /// What it did so far of this kind.
    fn acts(&self, act: &str) -> Vec<Value> {
        let text = self.text("acts");
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let acts = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        acts.filter(|one| one["act"] == act).collect()
    }

    #[track_caller]
    fn wait_for(&self, act: &str) -> Value {
        let deadline = std::time::Instant::now() + Duration::from_secs(120);
        loop {
            if let Some(one) = self.acts(act).pop() {
                return one;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "no {act}:\n{}{}",
                self.text("acts"),
                self.text("stderr")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success()
        );
    }

    /// Waits for its end; nothing of it is left.
    #[track_caller]
    fn ends(mut self, code: i32) -> Self {
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{}{}", self.text("acts"), self.text("stderr"));
        poll("nothing is left of it", || marked(self.mark).is_empty().then_some(()));
        self
    }

    /// What it told whoever reads along.
    #[track_caller]
    fn told(&self) -> Vec<Value> {
        read(&self.text("out/events"))
    }

    fn sessions(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.scratch.path().join("out")).unwrap().flatten();
        all.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One dyno of three leaks.
fn leaking() -> Rig {
    let config = [("BANNERS", "0"), ("BANNER_TEXT", "20000")];
    let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let rig = rig(&Options { dynos: 3, node: Some(node(24)), config, ..Options::default() });
    for _ in 0..10 {
        rig.dyno("web.2").unwrap().get("/").unwrap();
    }
    let usual = ["web.1", "web.3"].map(|name| rig.dyno(name).unwrap().memory()).into_iter().max().unwrap();
    rig.meter(usual + 40_000_000, Duration::from_millis(200));
    rig
}

const QUICK: [&str; 9] =
    ["--", "--profile", "heap", "--samples", "2", "--growth", "100KB", "--max-wait", "8s"];

#[test]
fn the_dyno_that_leaks_is_hunted_once_whatever_becomes_of_the_connection() {
    let rig = leaking();
    let watch = Watch::start(&rig, "alarms-once", &[&["--events", "events"], &QUICK[..]].concat());
    let hunt = watch.wait_for("hunt");
    assert_eq!((&hunt["trigger"]["dyno"], &hunt["trigger"]["code"]), (&"web.2".into(), &"R14".into()));
    // The platform tells both in hundredths of a megabyte.
    assert!(hunt["trigger"]["mem"].as_u64() >= hunt["trigger"]["quota"].as_u64(), "{hunt}");
    let ended = watch.wait_for("hunt_ended");
    assert_eq!((&ended["exit_code"], &ended["dyno"]), (&0.into(), &"web.2".into()), "{ended}");
    assert!(ended["sentence"].is_string() && watch.sessions().len() == 1, "{ended}");

    // Alarms of one-off dynos, each while there is no connection.
    for cut in 0..20 {
        let before = rig.log_streams();
        if cut % 7 == 6 {
            rig.end_log_sessions();
        }
        rig.cut_logs();
        rig.platform_says(&format!("run.{cut}"), "Error R14 (Memory quota exceeded)");
        poll("another connection", || (rig.log_streams() > before).then_some(()));
    }
    let of = |dyno: &str| watch.acts("skip").iter().filter(|act| act["trigger"]["dyno"] == dyno).count();
    for cut in 0..20 {
        let dyno = format!("run.{cut}");
        poll("its alarm", || (of(&dyno) > 0).then_some(()));
    }
    assert!((0..20).all(|cut| of(&format!("run.{cut}")) == 1), "{}", watch.text("acts"));
    assert!(watch.acts("hunt").len() == 1 && watch.acts("gap").is_empty(), "{}", watch.text("acts"));
    watch.signal("-TERM");
    let first = watch.ends(143);
    let told = first.told();
    let acts: Vec<Value> =
        told.iter().filter(|line| line["event"] == "watch").map(|line| line["act"].clone()).collect();
    let text = first.text("acts");
    let printed = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["act"].clone());
    assert_eq!(acts, printed.collect::<Vec<_>>());
    let place = |name: &str| told.iter().position(|line| line["event"] == name).unwrap();
    assert!([place("started"), place("snapshot_done"), place("hunt_ended")].is_sorted());
    assert_eq!(told[place("snapshot_done")]["in_step"], "web.2");

    // A restart knows of the hunt.
    let watch = Watch::start(&rig, "alarms-again", &QUICK);
    assert_eq!(watch.wait_for("watching")["hunts"], 1);
    rig.platform_says("run.99", "Error R14 (Memory quota exceeded)");
    poll("its alarm", || {
        watch.acts("skip").iter().any(|act| act["trigger"]["dyno"] == "run.99").then_some(())
    });
    assert!(
        watch.acts("skip").iter().all(|act| act["because"]["reason"] == "cool_down"),
        "{}",
        watch.text("acts")
    );
    assert!(watch.acts("hunt").is_empty());
    let second = Watch::start(&rig, "alarms-second", &[]).ends(30);
    assert!(second.text("stderr").contains("another watch"), "{}", second.text("stderr"));

    // A runbook in the hunt's place: it is told the alarm, and the watch tells its answer.
    drop(watch);
    let session = ended["session"].as_str().unwrap();
    let runbook = runbook_of(&first, session);
    let runbook = runbook.to_str().unwrap();
    let args =
        ["--cooldown", "1s", "--give-up", "1s", "--keep", "1", "--events", "events", "--runbook", runbook];
    let watch = Watch::start(&rig, "alarms-runbook", &args);
    let ran = watch.wait_for("hunt_ended");
    assert_eq!((&ran["exit_code"], &ran["verdict"]), (&0.into(), &ended["verdict"]), "{ran}");
    assert_eq!(ran["sentence"], ended["sentence"]);
    let told = std::fs::read_to_string(watch.scratch.path().join("out/told")).unwrap();
    let told: Vec<&str> = told.lines().collect();
    assert_eq!((told[0], told[1]), ("R14 web.2 web.2", rig.app_name()), "{told:?}");
    assert!(told[2].ends_with("heroku[web.2]: Error R14 (Memory quota exceeded)"), "{told:?}");

    // The hunt of an earlier watch is the older of two, and one is kept.
    let removed = watch.wait_for("session_removed");
    assert!(
        removed["error"].is_null() && !first.scratch.path().join("out").join(session).exists(),
        "{removed}"
    );
    assert!(!watch.sessions().is_empty());

    // A login that has expired is said, and is given up when it lasts.
    rig.set(Fault::BadToken);
    rig.end_log_sessions();
    rig.cut_logs();
    let watch = watch.ends(30);
    assert!(watch.text("stderr").contains("not logged in"), "{}", watch.text("stderr"));
    let told = watch.told();
    let step = told.iter().find(|line| line["event"] == "run_step_ended").unwrap();
    assert_eq!(step["in_step"], "web.2");
}

/// A runbook that writes down what it is told, and analyses again what a hunt brought back.
fn runbook_of(watch: &Watch, session: &str) -> PathBuf {
    let session = watch.scratch.path().join("out").join(session);
    let file = watch.scratch.path().join("runbook.yaml");
    let text = format!(
        "name: told\ninputs:\n  app: {{required: true}}\n  dyno: {{required: true}}\nsteps:\n  - run: |\n      \
         printf '%s\\n' \"$LEAKHUNT_TRIGGER_CODE $LEAKHUNT_TRIGGER_DYNO $LEAKHUNT_INPUT_DYNO\" \
         \"$LEAKHUNT_INPUT_APP\" \"$LEAKHUNT_TRIGGER_LINE\" > told\n  \
         - uses: analyze\n    with: {{paths: {}}}\n",
        session.display()
    );
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_watch_that_is_ended_ends_its_hunt_in_order() {
    let rig = leaking();
    let watch = Watch::start(
        &rig,
        "alarms-ended",
        &["--", "--profile", "heap", "--samples", "2", "--growth", "900MB"],
    );
    watch.wait_for("hunt");
    let snapshot = |session: &PathBuf| session.join("1.heapsnapshot").exists();
    let deadline = std::time::Instant::now() + Duration::from_secs(90);
    while !watch.sessions().iter().any(snapshot) {
        assert!(std::time::Instant::now() < deadline, "no snapshot:\n{}", watch.text("stderr"));
        std::thread::sleep(Duration::from_millis(50));
    }
    watch.signal("-TERM");
    let watch = watch.ends(143);
    assert_eq!(watch.acts("hunt_ended")[0]["exit_code"], 130, "{}", watch.text("acts"));
    let dynos: Vec<Dyno> = rig.dynos();
    poll("no inspector is open", || dynos.iter().all(|dyno| dyno.inspector_ports().is_empty()).then_some(()));
}

/// On Fir a log session is short. It is made anew beside the old one, and nobody notices.
#[test]
fn the_log_of_a_fir_app_is_followed_from_one_session_to_the_next() {
    let rig = rig(&Options { app: App::Healthy, fir: Some(FirWay::Ssh), ..Options::default() });
    let dyno = rig.name_of(&rig.dyno("web.1").unwrap());
    // 48 seconds, for what lasts a quarter of an hour: at half of it the next one is begun, and a busy machine needs its time for that.
    let watch = Watch::start_with(
        &rig,
        "alarms-fir",
        &["--json", "--dry-run"],
        &[("HEROKU_LOG_STREAM_TIMEOUT", "0.8")],
    );
    poll("its log", || (rig.log_streams() > 0).then_some(()));
    let deadline = std::time::Instant::now() + Duration::from_secs(150);
    let mut said = 0;
    // The third begins when the first is over.
    while rig.log_streams() < 3 {
        assert!(std::time::Instant::now() < deadline, "{} connections", rig.log_streams());
        rig.platform_says(&format!("run-1-{said}"), "Error R14 (Memory quota exceeded)");
        said += 1;
        std::thread::sleep(Duration::from_millis(200));
    }
    rig.platform_says(&dyno, "Error R14 (Memory quota exceeded)");
    let of = |dyno: &str| {
        let all = [watch.acts("hunt"), watch.acts("skip")].concat();
        all.iter().filter(|act| act["trigger"]["dyno"] == dyno).count()
    };
    poll("the last alarm", || (of(&dyno) > 0).then_some(()));
    // Those before are of dynos that have only just been seen.
    let missing: Vec<usize> = (10..said).filter(|n| of(&format!("run-1-{n}")) != 1).collect();
    assert!(missing.is_empty(), "{missing:?}:\n{}", watch.text("acts"));
    assert!(watch.acts("disconnected").is_empty() && watch.acts("gap").is_empty(), "{}", watch.text("acts"));
    watch.signal("-TERM");
    watch.ends(143);
}

/// Whoever reads stdout gets lines of JSON and nothing else, and a person has the rest on stderr.
#[test]
fn events_on_stdout_have_nothing_of_the_screen_between_them() {
    let rig = rig(&Options { app: App::Healthy, node: Some(node(24)), ..Options::default() });
    // What a watch takes by itself, and for a short time.
    let args = ["--events", "-", "--", "--duration", "4s"];
    let watch = Watch::start_told(&rig, "alarms-stdout", &args);
    // As the platform does, it is said again and again: the dyno has just come up.
    poll("a hunt", || {
        rig.platform_says("web.1", "Error R14 (Memory quota exceeded)");
        watch.acts("hunt").pop()
    });
    watch.wait_for("hunt_ended");
    watch.signal("-TERM");
    let watch = watch.ends(143);
    let (told, screen) = (read(&watch.text("acts")), watch.text("stderr"));
    let place = |name: &str| told.iter().position(|line| line["event"] == name).unwrap();
    assert!([place("opened"), place("watch"), place("observed"), place("hunt_ended")].is_sorted());
    assert_eq!(
        (&told[place("hunt_ended")]["in_step"], &told[place("hunt_ended")]["exit_code"]),
        (&"web.1".into(), &0.into())
    );
    for words in ["web.1  R14: hunting", "$ leakhunt heroku --app="] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("\"event\""), "{screen}");
}
