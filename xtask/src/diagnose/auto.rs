//! What `--profile auto` answers, and what it costs, beside six snapshots: the same programs, that leak and that are well, each
//! started anew for either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::Shell;

use super::Args;
use super::hunted::{self, GROWTH, MAX_WAIT, Program};
use super::{healthy, wild};
use crate::{setup, tools};

/// For how long memory is observed at the longest.
const DURATION: &str = "20s";

/// The two ways, and the folders of their hunts.
const WAYS: [(&str, &[&str]); 2] =
    [("auto", &["--profile", "auto", "--duration", DURATION]), ("all", &["--samples", "6", "--all-samples"])];

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    let leakhunt = hunted::leakhunt(&sh, args.hunts.leakhunt.as_deref())?;
    let mut sums = Sums::default();
    eprintln!(
        "{:<26} {:>4}  {:<22} {:<22} sentence of auto, where they differ",
        "program", "node", "auto", "all snapshots"
    );
    for name in wild::programs(args).unwrap_or_default() {
        sums.add(&name, leaking(&sh, &name, &leakhunt, args));
    }
    let well = tools::workspace().join("tests/healthy");
    if let Ok(names) = healthy::programs(args, &well) {
        hunted::install(&sh, &well, &tools::folder("healthy"))?;
        for (at, name) in names {
            sums.add(&name, healthy(&sh, at, &name, &leakhunt, args));
        }
    }
    sums.tell()
}

/// A program, and how both ways went.
struct Compared {
    version: String,
    ways: [Way; 2],
}

/// How a hunt went.
struct Way {
    /// Whether the answer is right, by whatever the program's truth asks for.
    is_right: bool,
    is_alarm: bool,
    said: String,
    sentence: String,
    snapshots: u64,
    /// The app's event loop did nothing else for so many milliseconds.
    taken_ms: f64,
    /// Bytes by which the resident set exceeded what it was before, at most.
    resident: u64,
}

impl Way {
    fn of(
        sh: &Shell,
        session: &Path,
        resident: u64,
        said: String,
        right: (bool, bool),
    ) -> anyhow::Result<Self> {
        let told: Value = serde_json::from_str(&sh.read_file(session.join("session.json"))?)?;
        let findings = hunted::findings(session)?;
        let time = |field: &str| told["app_time"][field].as_f64().unwrap_or_default();
        let taken = ["snapshots_ms", "collections_ms", "profiles_ms", "evaluated_ms"].map(time);
        Ok(Self {
            is_right: right.0,
            is_alarm: right.1,
            said,
            sentence: findings["sentence"].as_str().unwrap_or_default().to_owned(),
            snapshots: told["snapshots"].as_array().map_or(0, Vec::len) as u64,
            taken_ms: taken.iter().sum(),
            resident,
        })
    }
}

/// A program that leaks: is the answer what its truth asks for?
fn leaking(sh: &Shell, name: &str, leakhunt: &Path, args: &Args) -> anyhow::Result<Compared> {
    let (corpus, home) = (wild::corpus(name), tools::folder("wild").join(name));
    let truth = wild::truth(sh, &corpus)?;
    wild::build(sh, &corpus, &home, &truth)?;
    let usual = truth["node"].as_str().context("truth.json names no node")?;
    let entry = truth["entry"].as_str().context("truth.json names no entry")?;
    let version = args.hunts.node.clone().unwrap_or_else(|| usual.to_owned());
    compared(sh, (name, &version), (&home, entry), leakhunt, |findings| {
        let graded = wild::grade(findings, &truth, &corpus);
        (graded.grade == wild::Grade::Perfect, false, graded.grade.name().to_owned())
    })
}

/// One that is well: whatever is called a leak is a false alarm.
fn healthy(sh: &Shell, at: usize, name: &str, leakhunt: &Path, args: &Args) -> anyhow::Result<Compared> {
    let usual = tools::NODE_MAJORS[at % tools::NODE_MAJORS.len()].to_string();
    let version = args.hunts.node.clone().unwrap_or(usual);
    let entry = format!("{name}.js");
    compared(sh, (name, &version), (&tools::folder("healthy"), &entry), leakhunt, |findings| {
        let alarm = healthy::is_alarm(findings);
        (!alarm, alarm, findings["verdict"].as_str().unwrap_or_default().to_owned())
    })
}

/// Both ways, each on a process of its own.
fn compared(
    sh: &Shell,
    (name, version): (&str, &str),
    (home, entry): (&Path, &str),
    leakhunt: &Path,
    judge: impl Fn(&Value) -> (bool, bool, String),
) -> anyhow::Result<Compared> {
    let node = setup::node_version(sh, version)?;
    let way = |(way, asked): (&str, &[&str])| {
        let out: PathBuf = tools::target().join("auto").join(name).join(way);
        let program = Program::start(&node, home, entry)?;
        let asked = [asked, &["--growth", GROWTH, "--max-wait", MAX_WAIT]].concat();
        let (session, resident) = program.hunt_measured(leakhunt, &asked, &out)?;
        let (right, alarm, said) = judge(&hunted::findings(&session)?);
        Way::of(sh, &session, resident, said, (right, alarm))
    };
    let [auto, all] = WAYS;
    Ok(Compared { version: version.to_owned(), ways: [way(auto)?, way(all)?] })
}

#[derive(Default)]
struct Sums {
    compared: Vec<Compared>,
    failed: u32,
}

impl Sums {
    fn add(&mut self, name: &str, compared: anyhow::Result<Compared>) {
        let compared = match compared {
            Ok(compared) => compared,
            // The others are worth their time.
            Err(error) => {
                eprintln!("{name:<26} {error:#}");
                self.failed += 1;
                return;
            }
        };
        let [auto, all] = &compared.ways;
        let shown = |way: &Way| {
            format!(
                "{} {:>2}, {:>5.0} ms, {:>3.0} MB",
                way.said,
                way.snapshots,
                way.taken_ms,
                way.resident as f64 / 1e6
            )
        };
        let differs = if auto.said == all.said { "" } else { auto.sentence.as_str() };
        eprintln!("{name:<26} {:>4}  {:<32} {:<32} {differs}", compared.version, shown(auto), shown(all));
        self.compared.push(compared);
    }

    fn tell(&self) -> anyhow::Result<()> {
        let of = |way: usize| self.compared.iter().map(move |compared| &compared.ways[way]);
        let right = [0, 1].map(|way| of(way).filter(|way| way.is_right).count());
        let alarms = [0, 1].map(|way| of(way).filter(|way| way.is_alarm).count());
        let lost = self.compared.iter().filter(|one| one.ways[1].is_right && !one.ways[0].is_right).count();
        let mut needed: BTreeMap<u64, usize> = BTreeMap::new();
        of(0).for_each(|way| *needed.entry(way.snapshots).or_default() += 1);
        let needed: Vec<String> =
            needed.iter().map(|(snapshots, programs)| format!("{programs} with {snapshots}")).collect();
        let [taken, taken_by_all] = [0, 1].map(|way| of(way).map(|way| way.taken_ms).sum::<f64>());
        let [resident, resident_by_all] =
            [0, 1].map(|way| of(way).map(|way| way.resident as f64).sum::<f64>());
        eprintln!(
            "\n{} programs, {} not hunted: right by auto {}, by all snapshots {}, by these alone {lost}; false alarms {} and {}",
            self.compared.len(),
            self.failed,
            right[0],
            right[1],
            alarms[0],
            alarms[1]
        );
        eprintln!("snapshots that auto needed: {}", needed.join(", "));
        eprintln!(
            "time taken of the app: {taken:.0} ms, of {taken_by_all:.0} ms (÷ {:.1}); added memory at the peak: {:.0} MB, of {:.0} MB (÷ {:.1})",
            taken_by_all / taken.max(1.0),
            resident / 1e6,
            resident_by_all / 1e6,
            resident_by_all / resident.max(1.0)
        );
        if self.compared.is_empty() || self.failed > 0 || alarms[0] > 0 || lost > 0 {
            bail!("auto does not answer all that six snapshots answer");
        }
        Ok(())
    }
}
