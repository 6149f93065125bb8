//! How long a person waits for the sentence: after the last snapshot, beside an analysis of that snapshot alone, and in all.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use leakhunt_rig::{App, Options, Rig};
use serde_json::Value;

use super::{Args, Result, checked, micros, say, tell};

pub(super) fn sentence(args: &Args) -> Result<()> {
    let var = |name: &str, value: u32| (name.to_owned(), value.to_string());
    let large = Rig::start_blocking(&Options {
        app: App::Heap,
        node: Some(args.node.clone()),
        config: vec![var("HEAP_MB", args.heap), var("GROWTH_KB", 600)],
        dyno_type: "Performance-L".to_owned(),
        ..Options::default()
    })?;
    let shop = Rig::start_blocking(&Options {
        app: App::Banner,
        node: Some(args.node.clone()),
        ..Options::default()
    })?;
    for round in 0..args.runs {
        say(&format!("the sentence, round {}", round + 1));
        for rig in [&large, &shop] {
            rig.dyno("web.1")?.restart()?;
        }
        let (after, alone) = after_the_last(&large, &args.leakhunt)?;
        tell("sentence/after", micros(after))?;
        tell("sentence/alone", micros(alone))?;
        tell("sentence/enter", micros(from_enter(&shop, &args.leakhunt)?))?;
    }
    Ok(())
}

/// From the end of the last snapshot until the answer was certain, and how long that snapshot alone takes to analyse.
fn after_the_last(rig: &Rig, leakhunt: &Path) -> Result<(Duration, Duration)> {
    let out = tempfile::tempdir()?;
    let mut command = rig.command(leakhunt);
    command.args(["heroku", "--app", rig.app_name(), "--dyno", "web.1", "--json"]);
    command.args(["--accept", "memory,pause", "--max-wait", "30s", "--out"]).arg(out.path());
    let hunted = checked(command.stdin(Stdio::null()).output()?, "hunt")?;
    let document: Value = serde_json::from_slice(&hunted.stdout)?;
    let session = Path::new(document["session"].as_str().ok_or("read where the session is")?);
    let events = std::fs::read_to_string(session.join("events.ndjson"))?;
    let at = |name: &str| -> Result<(Timestamp, Value)> {
        let mut events = events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let event = events.rfind(|event| event["event"] == name);
        let event = event.ok_or_else(|| format!("find the event {name}: was the hunt not certain?"))?;
        Ok((event["at"].as_str().unwrap_or_default().parse()?, event))
    };
    let (taken, last) = at("snapshot_done")?;
    let (certain, _) = at("enough")?;
    let after = Duration::try_from(certain.duration_since(taken))?;
    let file = session.join(last["file"].as_str().ok_or("read the last snapshot's name")?);
    let since = Instant::now();
    let mut analyze = rig.command(leakhunt);
    checked(
        analyze.args(["analyze", "--json"]).arg(file).stdin(Stdio::null()).output()?,
        "analyse a snapshot",
    )?;
    Ok((after, since.elapsed()))
}

/// From the start of a hunt as a person starts it until its first line on stdout, which is the sentence.
fn from_enter(rig: &Rig, leakhunt: &Path) -> Result<Duration> {
    let out = tempfile::tempdir()?;
    let mut command = rig.command(leakhunt);
    command.args(["heroku", "--app", rig.app_name(), "--dyno", "web.1", "--out"]).arg(out.path());
    let since = Instant::now();
    let mut hunt = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut lines = BufReader::new(hunt.stdout.take().ok_or("read what the hunt says")?).lines();
    let first = lines.find(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty()));
    let took = since.elapsed();
    let first = first.ok_or("read a sentence")??;
    lines.try_for_each(|line| line.map(drop))?;
    match hunt.wait()?.success() && first.starts_with("leak: ") {
        true => Ok(took),
        false => Err(format!("hear of the leak: {first}").into()),
    }
}
