//! What a sampling profile alone says of programs that leak, and what it costs them: the line that comes first, what the
//! resident set gains, how late the event loop is, how long it takes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use super::Args;
use super::hunted::{self, Program};
use super::wild::{self, Place};
use crate::{setup, tools};

/// Packages of many kinds that run on all Node.js here.
const PROGRAMS: [&str; 10] = [
    "ajv-per-call",
    "axios-interceptors",
    "debug-instances",
    "i18next-backends",
    "lru-without-max",
    "marked-renderers",
    "mitt-visitors",
    "moment-locale-updates",
    "mustache-templates",
    "nunjucks-environments",
];
/// The shop of the demo, by its folder in the rig.
const SHOP: &str = "banner";
const DURATION: &str = "20s";
/// For as long the program is watched before it is hunted.
const CONTROL: Duration = Duration::from_secs(22);
/// What it may cost: bytes of the resident set, milliseconds of the event loop, the hunt's time.
const RESIDENT: u64 = 20_000_000;
const DELAY: f64 = 50.0;
const TIME: Duration = Duration::from_secs(30);

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    let leakhunt = hunted::leakhunt(&sh, args.hunts.leakhunt.as_deref())?;
    let (mut hunts, mut missed) = (0, 0);
    eprintln!(
        "{:<22} {:>4} {:>6} {:>9} {:>9} {:>7}  the first line",
        "program", "node", "line", "added MB", "delay ms", "time s"
    );
    let majors = tools::NODE_MAJORS.map(|major| major.to_string());
    for name in std::iter::once(SHOP).chain(PROGRAMS).filter(|name| args.wants(name)) {
        for version in
            majors.iter().filter(|major| args.hunts.node.as_ref().is_none_or(|node| node == *major))
        {
            hunts += 1;
            match one(&sh, name, version, &leakhunt) {
                Ok(cost) => {
                    eprintln!("{name:<22} {version:>4} {cost}");
                    missed += u32::from(!cost.is_met());
                }
                // The others are worth their time.
                Err(error) => {
                    eprintln!("{name:<22} {version:>4} {error:#}");
                    missed += 1;
                }
            }
        }
    }
    eprintln!("{missed} of {hunts} hunts missed a goal");
    if hunts == 0 || missed > 0 {
        bail!(
            "not every sampling profile gave the line within {} MB, {DELAY} ms and {TIME:?}",
            RESIDENT / 1_000_000
        );
    }
    Ok(())
}

/// One hunt.
struct Hunted {
    /// Whether the first line is one where the program allocates or keeps what it leaks.
    is_right: bool,
    /// What comes first.
    first: String,
    /// What the resident set has gained, in as much time before the hunt and during it.
    resident: [u64; 2],
    /// The event loop's longest delay, likewise.
    delays: [f64; 2],
    time: Duration,
}

impl Hunted {
    fn is_met(&self) -> bool {
        self.is_right
            && self.resident[1] <= RESIDENT.max(self.resident[0])
            && self.delays[1] <= DELAY.max(self.delays[0])
            && self.time <= TIME
    }
}

impl std::fmt::Display for Hunted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { is_right, first, resident, delays: [before, during], time } = self;
        let line = if *is_right { "right" } else { "WRONG" };
        let ([own, added], time) = (resident.map(|bytes| bytes as f64 / 1e6), time.as_secs_f64());
        let missed = if self.is_met() { "" } else { " MISSED" };
        write!(
            f,
            "{line:>6} {own:>4.0}/{added:<4.0} {before:>4.0}/{during:<4.0} {time:>7.1}  {first}{missed}"
        )
    }
}

fn one(sh: &Shell, name: &str, version: &str, leakhunt: &Path) -> anyhow::Result<Hunted> {
    let (corpus, truth) = program(sh, name)?;
    let home = tools::folder("wild").join(name);
    wild::build(sh, &corpus, &home, &truth)?;
    let out = tools::target().join("sampling").join(name).join(version);
    sh.create_dir(&out)?;
    let delay = out.join("delay");
    let mut node = Command::new(setup::node_version(sh, version)?);
    node.arg("--require").arg(tools::workspace().join("xtask/peers/event-loop-delay.cjs"));
    node.env_remove("NODE_OPTIONS").env("EVENT_LOOP_DELAY", &delay);
    node.env("PORT", "0");
    let entry = truth["entry"].as_str().context("truth.json names no entry")?;
    let program = Program::started(node, &home, entry)?;
    let began = Instant::now();
    longest_delay(sh, &program, &delay)?;
    let own = hunted::gained(program.pid(), || began.elapsed() >= CONTROL)?;
    let before = longest_delay(sh, &program, &delay)?;
    let since = Instant::now();
    let asked = ["--profile", "sampling", "--duration", DURATION];
    let (session, resident) = program.hunt_measured(leakhunt, &asked, &out.join("hunts"))?;
    let time = since.elapsed();
    let during = longest_delay(sh, &program, &delay)?;
    let first = &hunted::findings(&session)?["allocations"][0];
    let is_right = is_right(first, &Place::all_of(&truth, &corpus));
    Ok(Hunted { is_right, first: shown(first), resident: [own, resident], delays: [before, during], time })
}

/// Whether the line that comes first is one of these. Where none is told it is enough that one lies in the function.
fn is_right(first: &Value, places: &[Place]) -> bool {
    let line = &first["line"]["location"];
    let fields = ["original_location", "location", "called_from"];
    places.iter().any(|place| match line {
        Value::Null => fields.into_iter().any(|field| place.is_within(&first[field])),
        line => place.is(line),
    })
}

/// The folder of a program, and its truth.
fn program(sh: &Shell, name: &str) -> anyhow::Result<(PathBuf, Value)> {
    if name != SHOP {
        let corpus = wild::corpus(name);
        let truth = wild::truth(sh, &corpus)?;
        return Ok((corpus, truth));
    }
    let truth = json!({
        "entry": "server.js", "file": "components/DiscountBanner.js", "at": ["this.countdown +=", "text.join("],
    });
    Ok((tools::workspace().join("tests/rig/apps").join(name), truth))
}

/// What a person reads of the first line.
fn shown(first: &Value) -> String {
    let place = |field: &str| {
        let file = first[field]["file"].as_str()?.rsplit('/').next()?;
        Some(format!("{file}:{}", first[field]["line"]))
    };
    let function = first["function"].as_str().unwrap_or("nothing");
    let at = place("original_location").or_else(|| place("location")).unwrap_or_default();
    let from = place("called_from").map(|from| format!(" called from {from}")).unwrap_or_default();
    let line = &first["line"];
    let by = line["code"].as_str().map_or_else(String::new, |code| {
        let probably = if line["is_seen"] == true { "" } else { "probably " };
        let file = line["location"]["file"].as_str().and_then(|file| file.rsplit('/').next());
        format!(", {probably}by {code} {}:{}", file.unwrap_or_default(), line["location"]["line"])
    });
    format!("{function} {at}{from}{by}, {:.0} %", first["share"].as_f64().unwrap_or_default() * 100.0)
}

/// How late the event loop was at most since this was last asked.
fn longest_delay(sh: &Shell, program: &Program, file: &Path) -> anyhow::Result<f64> {
    let (pid, since) = (program.pid().to_string(), Instant::now());
    cmd!(sh, "kill -USR2 {pid}").quiet().run()?;
    while !file.exists() {
        if since.elapsed() > Duration::from_secs(10) {
            bail!("the program does not tell its event loop's delay");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let delay = sh.read_file(file)?.parse()?;
    sh.remove_path(file)?;
    Ok(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_told_must_be_right_and_where_none_is_the_function() {
        let corpus = tools::workspace().join("tests/wild/mitt-visitors");
        let truth = wild::truth(&Shell::new().unwrap(), &corpus).unwrap();
        let places = Place::all_of(&truth, &corpus);
        let at = |file: &str, line: u64| json!({ "file": format!("/app/{file}"), "line": line });
        let of = |location: Value, line: Value| {
            let line = if line.is_null() { line } else { json!({ "location": line }) };
            is_right(&json!({ "location": location, "line": line }), &places)
        };
        // `const visitor = { … }` is within, `museum.on('entered', …)` keeps it.
        assert!(of(at("museum.mjs", 4), Value::Null) && !of(at("museum.mjs", 9), Value::Null));
        assert!(
            of(at("museum.mjs", 4), at("exhibits.mjs", 8)) && !of(at("museum.mjs", 4), at("museum.mjs", 7))
        );
    }
}
