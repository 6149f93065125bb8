//! Whole logs, from their lines to what is done.

use std::io;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Because, Condition, Decision, Orders, Replayed, Rules, replay};

const START: i64 = 1_769_860_800;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START).unwrap() + SignedDuration::from_secs(seconds)
}

/// A log: so many seconds after its beginning, and what was said.
fn log(lines: &[(i64, &str)]) -> String {
    lines.iter().map(|(seconds, said)| format!("{} {said}\n", at(*seconds))).collect()
}

fn orders(on: &str) -> Orders {
    let size = |text: &str| {
        let number = text.trim_end_matches("MB").parse::<u64>().map_err(|error| error.to_string())?;
        Ok(number << 20)
    };
    let minutes = |text: &str| {
        let number = text.trim_end_matches('m').parse::<u64>().map_err(|error| error.to_string())?;
        Ok(Duration::from_secs(number * 60))
    };
    let conditions = on.split(',').map(|text| Condition::read(text, size, minutes).unwrap()).collect();
    let rules = Rules {
        min_age: Duration::from_secs(120),
        cooldown: Duration::from_secs(3_600),
        max_hunts_per_day: 4,
        sampling_on_r15: true,
    };
    Orders { conditions, rules }
}

fn replayed(on: &str, log: &str) -> (Vec<Decision>, Replayed) {
    let mut decisions = Vec::new();
    let mut tell = |decision: &Decision| -> io::Result<()> {
        decisions.push(decision.clone());
        Ok(())
    };
    let replayed = replay(&mut log.as_bytes(), orders(on), &mut tell).unwrap();
    (decisions, replayed)
}

/// Of each decision its act, its dyno, and how many seconds after the log's beginning.
#[track_caller]
fn check(on: &str, lines: &[(i64, &str)], expected: &[(&str, &str, i64)]) {
    let (decisions, _) = replayed(on, &log(lines));
    let shown = decisions.iter().map(|decision| {
        let (act, trigger) = match decision {
            Decision::Hunt { trigger, sampling: true } => ("sampling", trigger),
            Decision::Hunt { trigger, .. } => ("hunt", trigger),
            Decision::Wait { trigger, because: Because::Young { .. } } => ("young", trigger),
            Decision::Wait { trigger, because: Because::Release { .. } } => ("release", trigger),
            Decision::Wait { trigger, .. } => ("wait", trigger),
            Decision::Skip { trigger, .. } => ("skip", trigger),
        };
        (act, trigger.dyno.as_str(), trigger.at.as_second() - START)
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{decisions:#?}");
}

const R14: &str = "heroku[web.2]: Error R14 (Memory quota exceeded)";
const UP: &str = "heroku[web.2]: State changed from starting to up";

#[test]
fn the_dyno_that_complains_is_hunted_once_it_is_old_enough() {
    check("R14", &[(0, "app[web.1]: hello"), (300, R14), (320, R14)], &[("hunt", "web.2", 300)]);
    check(
        "R14",
        &[(0, "app[web.1]: hello"), (600, UP), (640, R14), (660, R14), (720, R14)],
        &[("young", "web.2", 640), ("hunt", "web.2", 720)],
    );
    // How old it is is not known before the log was read for so long.
    check("R14", &[(0, R14), (60, R14), (120, R14)], &[("young", "web.2", 0), ("hunt", "web.2", 120)]);
    check("R15", &[(0, "app[web.1]: hello"), (300, R14)], &[]);
    let r15 = "heroku[web.3]: Error R15 (Memory quota vastly exceeded)";
    check("R14,R15", &[(0, "app[web.1]: hello"), (300, r15)], &[("sampling", "web.3", 300)]);
}

#[test]
fn what_is_about_to_restart_is_left_alone() {
    let begin = (0, "app[web.1]: hello");
    for said in
        ["Restarting", "Cycling", "State changed from up to starting", "State changed from up to crashed"]
    {
        let said = format!("heroku[web.2]: {said}");
        check("R14", &[begin, (300, &said), (310, R14)], &[("wait", "web.2", 310)]);
    }
    for said in ["Release v12 created by user a@example.com", "Build started by user a@example.com"] {
        let said = format!("app[api]: {said}");
        check("R14", &[begin, (300, &said), (310, R14)], &[("release", "web.2", 310)]);
        // A release that was forgotten stands against nothing for ever.
        check("R14", &[begin, (300, &said), (1_300, R14)], &[("hunt", "web.2", 1_300)]);
    }
    let failed =
        [(300, "app[api]: Build started by user a"), (310, "app[api]: Build failed -- check"), (320, R14)];
    check("R14", &[&[begin], &failed[..]].concat(), &[("hunt", "web.2", 320)]);
}

#[test]
fn a_condition_holds_for_as_long_as_it_has_to() {
    let all = |until: i64| (0..=until / 20).map(|at| (at * 20, R14)).collect::<Vec<_>>();
    check("R14 for 5m", &all(280), &[]);
    check("R14 for 5m", &all(300), &[("hunt", "web.2", 300)]);
    // Broken by silence, and by a restart.
    check("R14 for 5m", &[&all(200)[..], &[(500, R14), (520, R14)]].concat(), &[]);
    check("R14 for 5m", &[&all(200)[..], &[(210, UP)], &[(220, R14), (340, R14), (500, R14)]].concat(), &[]);
}

#[test]
fn memory_by_size_by_share_and_by_growth() {
    let begin = (0, "app[web.1]: hello");
    let sample = |megabytes: i64| {
        format!("heroku[web.2]: source=web.2 sample#memory_rss={megabytes}.00MB sample#memory_quota=512.00MB")
    };
    let lines = [sample(400), sample(401), sample(420)];
    let lines = [begin, (300, &lines[0]), (320, &lines[1]), (340, &lines[2])];
    check("mem>400MB", &lines, &[("hunt", "web.2", 320)]);
    check("mem>82%", &lines, &[("hunt", "web.2", 340)]);
    check("mem>90%", &lines, &[]);

    // A megabyte a minute, and a restart on the way.
    let grown: Vec<String> = (0..180).map(|minute| sample(100 + minute % 100)).collect();
    let mut lines: Vec<_> = (0..).zip(&grown).map(|(minute, said)| (minute * 60, said.as_str())).collect();
    lines.insert(100, (99 * 60 + 30, UP));
    check("growth>70MB/h", &lines, &[]);
    check("growth>50MB/h for 30m", &lines, &[("hunt", "web.2", 51 * 60), ("hunt", "web.2", 151 * 60)]);
}

#[test]
fn what_a_trigger_tells() {
    let lines = [
        (0, "app[web.1]: hello"),
        (300, "heroku[web.2]: Process running mem=640M(125.0%)"),
        (300, R14),
        (301, R14),
    ];
    let text = log(&lines);
    let (decisions, replayed) = replayed("R14", &format!("not a line of a log\n{text}{text}"));
    let Decision::Hunt { trigger, .. } = &decisions[0] else { panic!("{decisions:?}") };
    assert_eq!((trigger.mem, trigger.quota, trigger.at), (Some(640 << 20), Some(512 << 20), at(300)));
    assert!(trigger.code == "R14" && trigger.line.ends_with(R14), "{trigger:?}");
    // What stands in the log twice counts once.
    assert_eq!((replayed.counted.lines, replayed.counted.doubled, replayed.counted.alarms), (9, 3, 1));
    assert_eq!((replayed.hunts, replayed.from, replayed.to), (1, Some(at(0)), Some(at(301))));
}

/// A log of anything: no line makes it panic, and none that is too long is kept.
#[test]
fn a_log_of_anything() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::new();
    for _ in 0..200_000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        bytes.extend(random.to_le_bytes());
    }
    bytes.extend(std::iter::repeat_n(b'x', 1 << 20));
    bytes.extend(format!("\n{} {R14}", at(0)).bytes());
    let tell: &mut dyn FnMut(&Decision) -> io::Result<()> = &mut |_| Ok(());
    let replayed = replay(&mut &bytes[..], orders("R14,mem>1%"), tell).unwrap();
    assert_eq!(replayed.counted.alarms, 1);
}
