//! Programs that are well, hunted while they warm up, fill what is to be filled, work and idle: whatever is called a leak is a
//! false alarm.

use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::Shell;

use super::Args;
use super::hunted::{self, Program};
use crate::{setup, tools};

/// How many snapshots the hunts of each program take, one after the other.
const SAMPLES: [u32; 3] = [3, 5, 6];

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    let leakhunt = hunted::leakhunt(&sh, args.hunts.leakhunt.as_deref())?;
    let (corpus, home) = (tools::workspace().join("tests/healthy"), tools::folder("healthy"));
    hunted::install(&sh, &corpus, &home)?;
    let names = programs(args, &corpus)?;
    let mut score = Score::default();
    eprintln!("{:<18} {:>7} {:>8}  {:<14} answer", "program", "node", "samples", "verdict");
    for (at, name) in &names {
        let usual = tools::NODE_MAJORS[at % tools::NODE_MAJORS.len()].to_string();
        let version = args.hunts.node.as_deref().unwrap_or(&usual);
        if let Err(error) = one(&sh, &leakhunt, name, version, args, &mut score) {
            // The others are worth their time.
            eprintln!("{name:<18} {version:>7}  {error:#}");
            score.failed += 1;
        }
    }
    let Score { hunts, alarms, failed } = score;
    eprintln!("{alarms} false alarms in {hunts} hunts of {} programs, {failed} not hunted", names.len());
    if alarms + failed > 0 {
        bail!("programs that are well were called leaking, or could not be hunted");
    }
    Ok(())
}

#[derive(Default)]
struct Score {
    hunts: u32,
    alarms: u32,
    failed: u32,
}

/// All hunts of one program, which runs meanwhile.
fn one(
    sh: &Shell,
    leakhunt: &Path,
    name: &str,
    version: &str,
    args: &Args,
    score: &mut Score,
) -> anyhow::Result<()> {
    let home = tools::folder("healthy");
    let node = setup::node_version(sh, version)?;
    let program = match args.recorded {
        false => Some(Program::start(&node, &home, &format!("{name}.js"))?),
        true => None,
    };
    for samples in args.samples(&SAMPLES) {
        let out = tools::target().join("healthy").join(name).join(samples.to_string());
        let findings = match &program {
            Some(program) => hunted::findings(&program.hunt(leakhunt, samples, &out)?)?,
            None => hunted::analysed(leakhunt, &hunted::session(&out)?, &home)?,
        };
        let alarm = is_alarm(&findings);
        let verdict = findings["verdict"].as_str().context("findings have a verdict")?;
        let verdict = format!("{verdict}{}", if alarm { " !" } else { "" });
        let sentence = findings["sentence"].as_str().unwrap_or_default();
        eprintln!("{name:<18} {version:>7} {samples:>8}  {verdict:<14} {sentence}");
        score.hunts += 1;
        score.alarms += u32::from(alarm);
    }
    Ok(())
}

/// A person would be sent looking for something: in the heap or outside of it.
pub(super) fn is_alarm(findings: &Value) -> bool {
    matches!(findings["verdict"].as_str(), Some("leak" | "not-heap"))
}

/// Those that are asked for, each with its place among all.
pub(super) fn programs(args: &Args, corpus: &Path) -> anyhow::Result<Vec<(usize, String)>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(corpus)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let name = name.strip_suffix(".js").filter(|name| *name != "traffic");
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    let names: Vec<_> = names.into_iter().enumerate().filter(|(_, name)| args.wants(name)).collect();
    if names.is_empty() {
        bail!("no program of tests/healthy has such a name");
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_sends_a_person_looking() {
        let alarm = |verdict: &str| is_alarm(&json!({ "verdict": verdict }));
        assert_eq!(["leak", "not-heap", "healthy", "inconclusive"].map(alarm), [true, true, false, false]);
    }
}
