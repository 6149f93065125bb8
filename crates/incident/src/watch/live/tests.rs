//! A watch that follows a log which a script prints in the Heroku CLI's place, by the times of real clocks.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use leakhunt_host::heroku::Config;

use super::super::condition::Condition;
use super::super::policy::Rules;
use super::*;

/// A folder with a CLI in it that says who it is, of `logs` what that is, and knows nothing else.
struct Scene {
    folder: tempfile::TempDir,
    /// What is started in a hunt's place, by `sh`. There `$0` is its option `--events`.
    hunt: &'static str,
    keep: Option<usize>,
}

impl Scene {
    fn new(logs: &str, hunt: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cli = folder.path().join("heroku");
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = --version ] && {{ echo heroku/11.10.0 linux-x64 node-v22.11.0; exit; }}\n\
             [ \"$1\" = logs ] || exit 1\n{logs}\n"
        );
        fs::write(&cli, script).unwrap();
        fs::set_permissions(&cli, fs::Permissions::from_mode(0o700)).unwrap();
        Self { folder, hunt, keep: None }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Watches until it ends, or something has happened by which it is to end.
    fn watch(&self, enough: impl Fn(&Event) -> bool + Send + Sync) -> (Ended, Vec<Event>) {
        let environment = Environment::new(std::env::vars_os());
        let rules = Rules {
            min_age: Duration::ZERO,
            cooldown: Duration::ZERO,
            max_hunts_per_day: 4,
            sampling_on_r15: false,
        };
        let condition = Condition::read("R14", |_| Err(String::new()), |_| Err(String::new())).unwrap();
        let command = |_: &Trigger, _| CommandLine {
            program: "/bin/sh".into(),
            args: vec!["-c".to_owned(), self.hunt.to_owned()],
        };
        let live = Live {
            orders: Orders { conditions: vec![condition], rules },
            heroku: Heroku::new(Config {
                app: "shop".parse().unwrap(),
                dyno: "web.1".parse().unwrap(),
                program: Some(self.folder.path().join("heroku")),
                preload: false,
                environment: environment.clone(),
            }),
            app: "shop".to_owned(),
            command: &command,
            environment,
            dry_run: false,
            state: self.state(),
            keep: self.keep,
            give_up: Duration::from_secs(60),
            patience: Duration::from_secs(60),
            of_hunt: &|_, _| (),
        };
        let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
        let mut events = Vec::new();
        let mut tell = |_, event: Event| {
            if enough(&event) {
                stop.cancel();
            }
            events.push(event);
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let ended = runtime.block_on(watch(live, &stop, &hurry, &mut tell));
        (ended, events)
    }
}

/// Lines of now; then the connection stays.
const ALARM: &str = "say() { echo \"$(date -u +%Y-%m-%dT%H:%M:%S.000000+00:00) heroku[web.$1]: Error R14 (Memory quota exceeded)\"; }";

#[test]
fn a_hunt_that_cannot_confirm_its_teardown_ends_the_watch() {
    let scene = Scene::new(&format!("{ALARM}\nsay 1; exec sleep 600"), "exit 40");
    let (ended, events) = scene.watch(|event| matches!(event, Event::HuntEnded { .. }));
    assert!(matches!(ended, Ended::NotConfirmed), "{ended:?}");
    let hunts = events.iter().filter(|event| matches!(event, Event::HuntEnded { exit_code: 40, .. }));
    assert_eq!(hunts.count(), 1, "{events:?}");
}

/// Whatever is written to /dev/full meets a full disk.
#[test]
fn a_full_disk_is_said_and_ends_nothing() {
    let logs =
        format!("{ALARM}\nsay 1; until [ ! -L \"$FULL\" ]; do sleep 0.01; done; say 2; exec sleep 600");
    let scene = Scene::new(&logs.replace("$FULL", "${0%/*}/state/shop.json.partial"), "exit 0");
    let full = scene.state().join("shop.json.partial");
    fs::create_dir(scene.state()).unwrap();
    symlink("/dev/full", &full).unwrap();
    let (ended, events) = scene.watch(move |event| {
        if matches!(event, Event::Decided { decision: Decision::Skip { .. }, .. }) {
            fs::remove_file(&full).unwrap();
        }
        matches!(event, Event::HuntEnded { .. })
    });
    assert!(matches!(ended, Ended::Stopped), "{ended:?}");
    assert!(matches!(events[0], Event::StateNotKept { .. }), "{events:?}");
    let acts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Decided { decision: Decision::Hunt { trigger, .. }, .. } => {
                Some(("hunt", trigger.dyno.as_str()))
            }
            Event::Decided {
                decision: Decision::Skip { trigger, because: Because::NotKept { .. } }, ..
            } => Some(("not kept", trigger.dyno.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(acts, [("not kept", "web.1"), ("hunt", "web.2")], "{events:?}");
}

/// As Heroku CLI 11.10 says it, and keeps `Retry-After` to itself.
#[test]
fn an_account_whose_calls_are_limited_is_left_alone_for_a_minute() {
    let said = "echo ' ›   Error: Your account reached the API rate limit.' >&2; echo ' ›   Error ID: rate_limit' >&2; exit 2";
    let scene = Scene::new(said, "exit 0");
    let (ended, events) = scene.watch(|event| matches!(event, Event::Disconnected { .. }));
    assert!(matches!(ended, Ended::Stopped), "{ended:?}");
    let Some(Event::Disconnected { why, again, .. }) = events.last() else { panic!("{events:?}") };
    assert!(why.contains("HTTP 429") && *again == Duration::from_secs(60), "{events:?}");
}

/// They are killed as soon as they are remembered, and say nothing of what they leave.
#[test]
fn the_folders_of_hunts_whose_answers_are_lost_are_removed_in_time() {
    let hunt = r#"events=${0#--events=}; state=${events%/*}; folder=$state/leakhunt-$$; mkdir "$folder"
        echo "{\"event\":\"started\",\"folder\":\"$folder\"}" > "$events"
        for try in $(seq 1000); do grep -q "$folder" "$state/shop.json" && kill -9 $$; sleep 0.01; done"#;
    let logs =
        format!("{ALARM}\nsay 1; until [ -e \"${{0%/*}}/go\" ]; do sleep 0.01; done; say 2; exec sleep 600");
    let scene = Scene { keep: Some(1), ..Scene::new(&logs, hunt) };
    let go = scene.folder.path().join("go");
    let (ended, events) = scene.watch(|event| {
        let second = go.exists();
        let over = matches!(event, Event::HuntEnded { .. });
        if over {
            fs::write(&go, "").unwrap();
        }
        over && second
    });
    assert!(matches!(ended, Ended::Stopped), "{ended:?}");
    let left: Vec<&PathBuf> = events
        .iter()
        .filter_map(|event| match event {
            Event::HuntEnded { exit_code: 137, session, .. } => session.as_ref(),
            _ => None,
        })
        .collect();
    let [first, second] = left[..] else { panic!("{events:?}") };
    assert!(!first.exists() && second.exists(), "{events:?}");
}
