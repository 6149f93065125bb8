//! What a program of the rig's measures, and how it is shown.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::Shell;

use super::measure::median;
use crate::tools;

/// What was measured.
pub(super) struct Figures {
    /// In microseconds or bytes, by name and in order.
    all: BTreeMap<String, Vec<u64>>,
    /// Cargo's folder of the programs that measure.
    built: &'static str,
}

impl Default for Figures {
    fn default() -> Self {
        Self::built_in("release")
    }
}

impl Figures {
    /// None yet; what measures was built in this folder of cargo's.
    pub(super) fn built_in(built: &'static str) -> Self {
        Self { all: BTreeMap::new(), built }
    }

    pub(super) fn add(&mut self, name: &str, value: u64) {
        self.all.entry(name.to_owned()).or_default().push(value);
    }

    /// Runs a bench of the rig's, and takes its figures.
    pub(super) fn take(
        &mut self,
        sh: &Shell,
        program: &str,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> anyhow::Result<()> {
        let folder = tools::target().join(self.built);
        let built = |program: &str| folder.join(program);
        let mut bench = if tools::is_root(sh) {
            Command::new(built(program))
        } else {
            // The rig's network needs root, or to be root of a namespace of its own.
            let mut enter = Command::new(built("leakhunt-rig"));
            enter.args(["enter", "--"]).arg(built(program));
            enter
        };
        let mut bench = bench
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .context("the rig's bench could not be started")?;
        for line in BufReader::new(bench.stdout.take().expect("piped")).lines() {
            let line = line?;
            let told: Value = serde_json::from_str(&line).with_context(|| format!("not a figure: {line}"))?;
            let figure = told["figure"].as_str().zip(told["value"].as_u64());
            let (name, value) = figure.with_context(|| format!("not a figure: {line}"))?;
            self.add(name, value);
        }
        let status = bench.wait()?;
        if !status.success() {
            bail!("the rig's bench ended with {status}; what it had measured is above");
        }
        Ok(())
    }

    pub(super) fn median(&self, name: &str) -> Option<u64> {
        median(self.all(name).iter().copied())
    }

    fn all(&self, name: &str) -> &[u64] {
        self.all.get(name).map_or(&[], Vec::as_slice)
    }

    /// A ratio of medians, with the range of the ratios of each round.
    pub(super) fn compare(&self, title: &str, this: &str, unit: &str, goal: Option<f64>) {
        // What was not to be measured has no line.
        let (Some(ours), Some(theirs)) = (self.median(this), self.median(unit)) else { return };
        let ratio = ours as f64 / theirs as f64;
        let (low, high) = self.range(this, unit);
        eprintln!(
            "{title:<52}{:>9.3}{:>9.3}{ratio:>7.3}{:>14}  {}",
            seconds(ours),
            seconds(theirs),
            format!("{low:.2}-{high:.2}"),
            goal.map(|goal| against(ratio, goal)).unwrap_or_default()
        );
    }

    /// How fast so many bytes went by both, and the ratio of that.
    pub(super) fn speed(&self, title: &str, this: &str, unit: &str, bytes: u64, goal: Option<f64>) {
        let (Some(ours), Some(theirs)) = (self.median(this), self.median(unit)) else { return };
        let rate = |micros: u64| bytes as f64 / micros as f64;
        let ratio = rate(ours) / rate(theirs);
        let (low, high) = self.range(unit, this);
        let goal = goal.map(|goal| format!("≥ {goal}: {}", met(ratio >= goal))).unwrap_or_default();
        eprintln!(
            "{title:<52}{:>9.1}{:>9.1}{ratio:>7.3}{:>14}  {goal}",
            rate(ours),
            rate(theirs),
            format!("{low:.2}-{high:.2}"),
        );
    }

    /// Of the ratios of each round.
    fn range(&self, this: &str, unit: &str) -> (f64, f64) {
        let rounds =
            self.all(this).iter().zip(self.all(unit)).map(|(one, other)| *one as f64 / *other as f64);
        rounds.fold((f64::MAX, f64::MIN), |(low, high), r| (low.min(r), high.max(r)))
    }

    /// A median, and the limit that it is to stay below.
    pub(super) fn limit(&self, title: &str, name: &str, scale: f64, goal: Option<f64>) {
        let Some(value) = self.median(name) else { return };
        let value = value as f64 / scale;
        let goal = goal.map(|goal| against(value, goal)).unwrap_or_default();
        eprintln!("{title:<52}{value:>9.1}{:>30}  {goal}", "");
    }
}

/// The line above those of comparisons.
pub(super) fn print_heading() {
    eprintln!("\n{:<52}{:>9}{:>9}{:>7}{:>14}  goal", "", "this", "unit", "ratio", "range");
}

fn against(value: f64, goal: f64) -> String {
    format!("≤ {goal}: {}", met(value <= goal))
}

fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

pub(super) fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}
