//! `leakhunt watch --replay`: what would be done about the alarms of a saved log.

use std::fmt::Write as _;
use std::path::Path;

use crate::{check, check_at, inputs, leakhunt};

/// 2026-01-31T00:00:00Z.
const MINUTES: i64 = 1_769_817_600 / 60;

/// A log of four days, in which three dynos report their memory each 20 s and requests come in.
struct Log(Vec<(i64, String)>);

impl Log {
    fn quiet() -> Self {
        let mut log = Self(Vec::new());
        for at in (0..4 * 86_400).step_by(20) {
            for dyno in ["web.1", "web.2", "web.3"] {
                // 95 % of the quota for four minutes, and later for ten.
                let (day, minute) = (at / 86_400, at % 86_400 / 60);
                let high = dyno == "web.1"
                    && day == 1
                    && ((555..559).contains(&minute) || (570..580).contains(&minute));
                let resident = if high { 486 } else { 256 };
                let said = format!(
                    "heroku[{dyno}]: source={dyno} dyno=heroku.1.a sample#memory_total=300.00MB sample#memory_rss={resident}.00MB \
                     sample#memory_swap=0.00MB sample#memory_quota=512.00MB"
                );
                log.say(at, &said);
            }
            log.say(
                at + 3,
                "heroku[router]: at=info method=GET path=\"/?code=H12\" dyno=web.1 connect=0ms status=200",
            );
            log.say(at + 5, "app[web.1]: heroku[web.1]: Error R14 (Memory quota exceeded)");
        }
        log
    }

    fn say(&mut self, at: i64, said: &str) {
        self.0.push((at, said.to_owned()));
    }

    /// An error that is repeated each 20 s for so many minutes.
    fn error(&mut self, (day, hour, minute): (i64, i64, i64), minutes: i64, dyno: &str, code: &str) {
        for second in (0..=minutes * 60).step_by(20) {
            let at = seconds((day, hour, minute)) + second;
            if code == "H12" {
                self.say(
                    at,
                    &format!(
                        "heroku[router]: at=error code=H12 desc=\"Request timeout\" dyno={dyno} status=503"
                    ),
                );
            } else {
                self.say(at, &format!("heroku[{dyno}]: Process running mem=520M(101.6%)"));
                self.say(at, &format!("heroku[{dyno}]: Error {code} (Memory quota exceeded)"));
            }
        }
    }

    fn text(mut self) -> String {
        self.0.sort_by_key(|(at, _)| *at);
        let mut text = String::new();
        for (at, said) in self.0 {
            let (minute, second) = (MINUTES + at / 60, at % 60);
            let (day, hour, minute) = (minute / 1_440 - MINUTES / 1_440, minute / 60 % 24, minute % 60);
            let day = ["2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03"][day as usize];
            writeln!(text, "{day}T{hour:02}:{minute:02}:{second:02}.000000+00:00 {said}").unwrap();
        }
        text
    }
}

fn seconds((day, hour, minute): (i64, i64, i64)) -> i64 {
    (day * 1_440 + hour * 60 + minute) * 60
}

/// Thirty alarms.
fn four_days() -> String {
    let mut log = Log::quiet();
    // A hunt, a cool-down, and in a day no more than four.
    log.error((0, 0, 30), 5, "web.2", "R14");
    log.error((0, 0, 50), 5, "web.1", "R14");
    log.error((0, 1, 40), 5, "web.3", "R14");
    log.error((0, 2, 30), 20, "web.3", "R14");
    log.error((0, 3, 50), 0, "web.1", "R15");
    log.error((0, 5, 0), 5, "web.2", "R14");
    log.error((0, 12, 0), 5, "web.2", "R14");
    log.error((0, 20, 0), 0, "web.1", "H12");
    log.error((1, 0, 20), 20, "web.2", "R14");
    log.error((1, 1, 0), 5, "web.1", "R14");
    log.error((1, 1, 35), 3, "web.1", "R14");
    // A dyno that is cycled, and complains again when it is up.
    log.say(seconds((1, 4, 0)), "heroku[web.3]: Cycling");
    log.say(seconds((1, 4, 0)) + 5, "heroku[web.3]: State changed from up to starting");
    log.say(seconds((1, 4, 0)) + 10, "heroku[web.3]: Error R14 (Memory quota exceeded)");
    log.say(seconds((1, 4, 1)), "heroku[web.3]: State changed from starting to up");
    for at in (80..=360).step_by(20) {
        log.say(seconds((1, 4, 0)) + at, "heroku[web.3]: Error R14 (Memory quota exceeded)");
    }
    // Releases, and one that fails.
    log.say(seconds((1, 6, 0)), "app[api]: Release v12 created by user a@example.com");
    log.say(seconds((1, 6, 0)) + 30, "heroku[web.2]: Error R14 (Memory quota exceeded)");
    log.say(seconds((1, 8, 0)), "app[api]: Build started by user a@example.com");
    log.error((1, 8, 5), 0, "web.2", "R14");
    log.say(seconds((1, 8, 6)), "app[api]: Build failed -- check your build logs");
    log.error((1, 8, 10), 5, "web.2", "R14");
    // Here web.1 is at 95 % for ten minutes: the seventeenth.
    log.error((1, 12, 0), 1, "web.2", "H12");
    log.error((1, 12, 8), 0, "web.2", "H12");
    log.error((1, 18, 0), 0, "web.3", "R15");
    log.error((2, 0, 40), 5, "web.1", "R14");
    log.error((2, 1, 0), 2, "web.1", "R14");
    log.error((2, 4, 10), 5, "web.2", "R14");
    log.error((2, 5, 0), 5, "web.3", "R14");
    log.error((2, 7, 0), 5, "web.3", "R14");
    log.error((2, 8, 30), 5, "web.3", "R14");
    log.error((2, 10, 0), 0, "web.1", "R15");
    log.error((2, 12, 0), 1, "run.77", "R14");
    log.say(seconds((3, 0, 50)), "heroku[web.2]: State changed from up to crashed");
    log.say(seconds((3, 0, 50)) + 10, "heroku[web.2]: Error R14 (Memory quota exceeded)");
    log.error((3, 12, 0), 5, "web.2", "R14");
    log.text()
}

/// What is to be done about them, by the rules: two minutes of age, an hour of rest, four in 24 hours.
const EXPECTED: &str = "\
2026-01-31T00:30:00Z web.2 R14 hunt
2026-01-31T00:50:00Z web.1 R14 skip cool_down 2026-01-31T01:30:00Z
2026-01-31T01:40:00Z web.3 R14 hunt
2026-01-31T02:30:00Z web.3 R14 skip cool_down 2026-01-31T02:40:00Z
2026-01-31T02:40:00Z web.3 R14 hunt
2026-01-31T03:50:00Z web.1 R15 hunt sampling
2026-01-31T05:00:00Z web.2 R14 skip too_many 2026-02-01T00:30:00Z
2026-01-31T12:00:00Z web.2 R14 skip too_many 2026-02-01T00:30:00Z
2026-01-31T20:00:00Z web.1 H12 skip too_many 2026-02-01T00:30:00Z
2026-02-01T00:20:00Z web.2 R14 skip too_many 2026-02-01T00:30:00Z
2026-02-01T00:30:00Z web.2 R14 hunt
2026-02-01T01:00:00Z web.1 R14 skip cool_down 2026-02-01T01:30:00Z
2026-02-01T01:35:00Z web.1 R14 skip too_many 2026-02-01T01:40:00Z
2026-02-01T04:00:10Z web.3 R14 wait restarting
2026-02-01T04:01:20Z web.3 R14 wait young
2026-02-01T04:03:00Z web.3 R14 hunt
2026-02-01T06:00:30Z web.2 R14 wait release
2026-02-01T08:05:00Z web.2 R14 wait release
2026-02-01T08:10:00Z web.2 R14 hunt
2026-02-01T09:35:00Z web.1 mem>90% for 5m hunt
2026-02-01T12:00:00Z web.2 H12 skip too_many 2026-02-02T00:30:00Z
2026-02-01T18:00:00Z web.3 R15 skip too_many 2026-02-02T00:30:00Z
2026-02-02T00:40:00Z web.1 R14 hunt
2026-02-02T01:00:00Z web.1 R14 skip cool_down 2026-02-02T01:40:00Z
2026-02-02T04:10:00Z web.2 R14 hunt
2026-02-02T05:00:00Z web.3 R14 skip cool_down 2026-02-02T05:10:00Z
2026-02-02T07:00:00Z web.3 R14 skip too_many 2026-02-02T08:10:00Z
2026-02-02T08:30:00Z web.3 R14 hunt
2026-02-02T10:00:00Z web.1 R15 hunt sampling
2026-02-02T12:00:00Z run.77 R14 skip too_many 2026-02-03T00:40:00Z
2026-02-03T00:50:10Z web.2 R14 wait not_up
2026-02-03T12:00:00Z web.2 R14 hunt
";

const ON: &str = "R14,R15,H12,mem>90% for 5m";

#[test]
fn thirty_alarms_in_four_days() {
    let log = four_days();
    let lines: Vec<&str> = log.lines().collect();
    // A reconnect doubles what came last.
    let twice = format!("{}\n{}\n", lines[..9_000].join("\n"), lines[7_500..].join("\n"));
    for (log, doubled) in [(&log, 0), (&twice, 1)] {
        let inputs = inputs();
        std::fs::write(inputs.path().join("saved.log"), log).unwrap();
        let args = ["watch", "heroku", "-a", "shop", "--on", ON, "--replay", "saved.log", "--json"];
        let output = leakhunt(inputs.path(), &args);
        let stdout = String::from_utf8(output.stdout).unwrap();
        let mut acts = String::new();
        let mut last = serde_json::Value::Null;
        for line in stdout.lines() {
            last = serde_json::from_str(line).unwrap();
            let (trigger, because) = (&last["trigger"], &last["because"]);
            let words = [
                &trigger["at"],
                &trigger["dyno"],
                &trigger["code"],
                &last["act"],
                &because["reason"],
                &because["until"],
            ];
            let words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
            let sampling = if last["sampling"] == true { " sampling" } else { "" };
            writeln!(acts, "{}{sampling}", words.join(" ")).unwrap();
        }
        let (acts, _) = acts.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(acts, EXPECTED.trim_end());
        assert_eq!(
            (&last["act"], &last["alarms"], &last["hunts"]),
            (&"replayed".into(), &30.into(), &13.into())
        );
        assert!((last["doubled"].as_u64().unwrap() > 0) == (doubled == 1), "{last}");
    }
}

#[test]
fn as_a_person_reads_it() {
    let scratch = tempfile::tempdir().unwrap();
    let saved = scratch.path().join("saved.log");
    std::fs::write(&saved, four_days()).unwrap();
    let more: [(&Path, &str); 1] = [(&saved, "saved.log")];
    check_at("watch-replay", &["watch", "heroku", "-a", "shop", "--on", ON, "--replay", "saved.log"], &more);
    let line = "2026-01-31T12:00:00.000000+00:00 app[web.1]: hello\n";
    std::fs::write(&saved, line).unwrap();
    check_at(
        "watch-no-samples",
        &["watch", "heroku", "-a", "shop", "--on", "mem>80%", "--replay", "saved.log"],
        &more,
    );
    std::fs::write(&saved, "hello\n").unwrap();
    check_at(
        "watch-no-log",
        &["watch", "heroku", "-a", "shop", "--on", "R14", "--replay", "saved.log"],
        &more,
    );
}

#[test]
fn a_runbook_is_told_the_alarm() {
    let scratch = tempfile::tempdir().unwrap();
    let saved = scratch.path().join("saved.log");
    let mut log = Log(Vec::new());
    log.say(0, "app[web.2]: hello");
    log.error((0, 0, 30), 1, "web.2", "R15");
    log.error((0, 0, 40), 0, "web.2", "R14");
    std::fs::write(&saved, log.text()).unwrap();
    let runs = scratch.path().join("runs.yaml");
    let text = "name: a\nsteps:\n  - run: echo \"$LEAKHUNT_TRIGGER_MEM\"\n";
    std::fs::write(&runs, text).unwrap();
    let more: [(&Path, &str); 2] = [(&saved, "saved.log"), (&runs, "mem.yaml")];
    let watch = ["watch", "heroku", "-a", "shop", "--on", "R14,R15", "--replay", "saved.log", "--runbook"];
    let with = |args: &[&'static str]| [&watch[..], args].concat();
    check_at("watch-runbook", &with(&["runbooks/triggered.yaml", "--out", "/var/lib"]), &more);
    // What would be wrong at night is wrong when it starts.
    check_at("watch-runbook-mem", &with(&["mem.yaml"]), &more);
    check_at("watch-runbook-lint", &with(&["runbooks/unknown-option.yaml"]), &more);
    check_at("watch-runbook-input", &with(&["runbooks/triggered.yaml", "--input", "ap=x"]), &more);
    check_at("watch-runbook-hunt", &with(&["runbooks/triggered.yaml", "--", "--samples", "4"]), &more);
}

/// It says what was typed, with paths from the root on.
#[test]
fn a_unit_for_systemd() {
    let scratch = inputs();
    let typed = [
        ["watch", "heroku", "-a", "shop", "--on", "R14,mem>80% for 5m", "--cooldown=2h"],
        ["--out", "a $HOME %h", "--install", "systemd", "--json", "--", "--samples=4"],
    ]
    .concat();
    let output = leakhunt(scratch.path(), &typed);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let folder = scratch.path().display();
    let words = format!(
        "watch heroku --app=shop --on=R14 \"--on=mem>80%% for 5m\" --cooldown=2h \"--out={folder}/a $$HOME %%h\" --json -- \
         --samples=4"
    );
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    let (program, behind) = line("ExecStart=").split_once(' ').unwrap();
    assert_eq!(
        (Path::new(program).file_name().unwrap().to_str(), behind),
        (Some("leakhunt"), words.as_str())
    );
    assert_eq!(line("WorkingDirectory="), folder.to_string());
    assert_eq!(line("RestartPreventExitStatus="), "2 40");
    check(
        "watch-unit-replay",
        &["watch", "heroku", "-a", "shop", "--on", "R14", "--install", "systemd", "--replay", "-"],
    );
}

#[test]
fn what_is_not_understood() {
    let with = |on| ["watch", "heroku", "-a", "shop", "--on", on, "--replay", "saved.log"];
    check("watch-wrong-code", &with("R14,R16"));
    check("watch-wrong-unit", &with("mem>400"));
    check("watch-wrong-hour", &with("growth>20MB"));
    check("watch-wrong-for", &with("R14 for 5"));
    check("watch-no-file", &with("R14"));
}
