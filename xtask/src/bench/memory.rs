//! What snapshots really take, in containers with a limit that the kernel enforces, beside what was predicted.
//!
//! Each hunt has a container of its own, which holds nothing but one Node.js with a heap of one kind. leakhunt runs outside, as
//! it does for a dyno: it enters the container's network and nothing else. What is refused is taken once more with consent, to
//! see whether the refusal was right: the kernel should have killed it, or it should have come within a tenth of the limit.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::Shell;

use crate::docker::{Container, Docker};
use crate::{setup, tools};

/// Between two looks at the resident set: a peak lasts for longer, since it is what a snapshot has when it is written.
const LOOK: Duration = Duration::from_millis(3);
/// Until a heap is full; on a machine that is busy.
const FILLING: Duration = Duration::from_secs(180);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Majors of Node.js
    #[arg(long, value_delimiter = ',', default_values_t = tools::NODE_MAJORS, value_name = "MAJORS")]
    node: Vec<u32>,
    /// What heaps are full of: objects, strings, words, buffers, maps, closures
    #[arg(long, value_delimiter = ',', default_values = ["objects", "strings", "buffers"], value_name = "KINDS")]
    kinds: Vec<String>,
    /// Megabytes of used heap (of buffers: with what they hold)
    #[arg(long, value_delimiter = ',', default_values_t = [10, 15, 30, 60, 100, 150], value_name = "MB")]
    sizes: Vec<u32>,
    /// The containers' limits, in megabytes
    #[arg(long, value_delimiter = ',', default_values_t = [512, 1024], value_name = "MB")]
    limits: Vec<u32>,
    /// Snapshots a hunt
    #[arg(long, default_value_t = 6)]
    samples: u32,
    /// Hunts at a time; the pauses are worth nothing then, the memory is the same
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    for major in &args.node {
        setup::node(&sh, *major)?;
    }
    setup::docker(&sh)?;
    // Busybox is the shell in the containers.
    setup::shells(&sh)?;
    // What is measured is the app; how fast leakhunt is does not matter.
    tools::build(&sh, "dev", &["leakhunt"])?;
    let docker = Docker::start()?;
    // A copy, so that what is built meanwhile is not what is measured next.
    std::fs::copy(tools::target().join("debug/leakhunt"), leakhunt())?;
    let mut cases = Vec::new();
    for &node in &args.node {
        let image = docker.image(&sh, node)?;
        for kind in &args.kinds {
            for &megabytes in &args.limits {
                cases.extend(args.sizes.iter().map(|&size| Case {
                    node,
                    image: image.clone(),
                    kind,
                    size,
                    megabytes,
                    samples: args.samples,
                }));
            }
        }
    }
    // The small ones first, of all kinds and on every Node.js: taken from the end.
    cases.sort_by_key(|case| std::cmp::Reverse(case.size));
    eprintln!("\nNode  heap            of  limit  predicted ÷ real peak, snapshot by snapshot");
    let (cases, totals) = (Mutex::new(cases), Mutex::new(Totals::default()));
    let work = |job: usize| {
        let folder = tools::target().join(format!("docker/sessions-{job}"));
        loop {
            let Some(case) = lock(&cases).pop() else { break };
            if let Err(error) = case.measure(&docker, &folder, &totals) {
                eprintln!("{case}  failed: {error:#}");
                lock(&totals).failed += 1;
            }
        }
    };
    std::thread::scope(|scope| {
        for job in 0..args.jobs.max(1) {
            let work = &work;
            scope.spawn(move || work(job));
        }
    });
    lock(&totals).print()
}

fn leakhunt() -> PathBuf {
    tools::target().join("docker/leakhunt")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One hunt.
struct Case<'a> {
    node: u32,
    image: String,
    kind: &'a str,
    size: u32,
    megabytes: u32,
    samples: u32,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>4}  {:<8} {:>4} MB {:>6}", self.node, self.kind, self.size, self.megabytes)
    }
}

/// What became of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Alive,
    /// By the kernel, for the container's memory.
    Killed,
    /// By itself.
    Ended,
}

/// How a hunt went.
struct Hunted {
    code: Option<i32>,
    /// Of each whole snapshot, what was predicted, and the largest resident set that was seen, bytes.
    peaks: Vec<(u64, u64)>,
    /// The largest resident set while anything was taken.
    most: u64,
    end: End,
    /// Its last words.
    said: String,
}

impl Case<'_> {
    fn measure(&self, docker: &Docker, folder: &Path, totals: &Mutex<Totals>) -> anyhow::Result<()> {
        let hunted = self.hunt(docker, folder, &[])?;
        lock(totals).hunts += 1;
        let ratios: Vec<f64> = hunted.peaks.iter().map(|(told, real)| *told as f64 / *real as f64).collect();
        let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        let outcome = match (hunted.end, hunted.code) {
            (End::Killed, _) => {
                lock(totals).killed += 1;
                format!("KILLED: {}", hunted.said)
            }
            (End::Ended, _) => {
                lock(totals).failed += 1;
                format!("the program ended by itself: {}", hunted.said)
            }
            (End::Alive, Some(0)) => String::new(),
            (End::Alive, Some(20)) => self.refused(docker, folder, &hunted, totals)?,
            (End::Alive, code) => {
                lock(totals).failed += 1;
                format!("ended with {code:?}: {}", hunted.said)
            }
        };
        lock(totals).add(self, &ratios);
        eprintln!("{self}  {} {outcome}", shown.join(" "));
        Ok(())
    }

    /// Was it right to refuse?
    fn refused(
        &self,
        docker: &Docker,
        folder: &Path,
        first: &Hunted,
        totals: &Mutex<Totals>,
    ) -> anyhow::Result<String> {
        if !first.said.contains("over the memory limit") {
            return Ok(format!("refused: {}", first.said));
        }
        lock(totals).refused += 1;
        // The snapshot that was refused is the first, or one more than those that were taken.
        let samples = (first.peaks.len() + 1).max(2).to_string();
        let again = self.hunt(docker, folder, &["--accept", "memory,pause", "--samples", &samples])?;
        let limit = u64::from(self.megabytes) << 20;
        let share = again.most as f64 / limit as f64;
        if again.end == End::Alive && share < 0.9 {
            lock(totals).needless += 1;
        }
        let end = match again.end {
            End::Alive => "lived",
            End::Killed => "killed",
            End::Ended => "ended by itself",
        };
        Ok(format!("refused; with consent: {end}, {:.0} % of the limit at the peak", share * 100.0))
    }

    fn hunt(&self, docker: &Docker, out: &Path, more: &[&str]) -> anyhow::Result<Hunted> {
        let program = tools::workspace().join("xtask/peers/memory-program.cjs");
        // From 10 to 15 MB in six snapshots, and the others in proportion.
        let step = f64::from(self.size) / 10.0;
        let (size, growth) = (self.size.to_string(), step.to_string());
        let container =
            docker.container(&self.image, self.megabytes, &program, &[self.kind, &size, &growth])?;
        full(&container)?;
        if out.exists() {
            std::fs::remove_dir_all(out)?;
        }
        std::fs::create_dir_all(out)?;
        let pid = container.pid.to_string();
        let mut command = Command::new("nsenter");
        command.args(["-t", &pid, "-n"]).arg(leakhunt());
        command.args([
            "local",
            "--pid",
            &pid,
            "--no-report",
            "--all-samples",
            "--max-wait",
            "20s",
            "--max-pause",
            "1h",
        ]);
        command.args(["--growth", &format!("{}KB", (step * 800.0) as u32), "--out"]).arg(out);
        if !more.contains(&"--samples") {
            command.args(["--samples", &self.samples.to_string()]);
        }
        let mut child = command
            .args(more)
            .env("XDG_STATE_HOME", out)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("nsenter (util-linux) could not be started")?;
        let mut stderr = child.stderr.take().expect("piped");
        let said = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut watch = Watch::default();
        let status = loop {
            watch.look(out, container.pid)?;
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(LOOK);
        };
        watch.look(out, container.pid)?;
        let said = said.join().unwrap_or_default();
        Ok(Hunted {
            code: status.code(),
            peaks: watch.peaks,
            most: watch.most,
            end: match (container.is_running()?, container.was_killed_for_memory()?) {
                (true, _) => End::Alive,
                (false, true) => End::Killed,
                (false, false) => End::Ended,
            },
            said: said.lines().find(|line| line.starts_with("error:")).unwrap_or_default().to_owned(),
        })
    }
}

fn full(container: &Container<'_>) -> anyhow::Result<()> {
    let deadline = Instant::now() + FILLING;
    while !container.said()?.contains("full") {
        if !container.is_running()? || Instant::now() > deadline {
            bail!("the program did not fill its heap: {}", container.said()?);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Follows a hunt by its events, and the process by its resident set.
#[derive(Default)]
struct Watch {
    events: Option<PathBuf>,
    read: u64,
    predicted: u64,
    highest: u64,
    most: u64,
    peaks: Vec<(u64, u64)>,
}

impl Watch {
    fn look(&mut self, out: &Path, pid: u32) -> anyhow::Result<()> {
        // Resident pages, proc(5). Of a process that is gone there are none.
        let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
        let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
        self.highest = self.highest.max(pages * 4096);
        self.most = self.most.max(self.highest);
        if self.events.is_none() {
            let session = std::fs::read_dir(out)?
                .filter_map(Result::ok)
                .map(|entry| entry.path().join("events.ndjson"));
            self.events = session.into_iter().find(|events| events.exists());
        }
        let Some(events) = &self.events else { return Ok(()) };
        let mut file = std::fs::File::open(events)?;
        file.seek(std::io::SeekFrom::Start(self.read))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.read += whole as u64;
        for line in text[..whole].lines() {
            let event: Value = serde_json::from_str(line).with_context(|| format!("not an event: {line}"))?;
            match event["event"].as_str() {
                Some("weighed") => {
                    self.predicted = event["peak"].as_u64().context("a prediction has a peak")?;
                    self.highest = 0;
                }
                Some("snapshot_done") => {
                    self.peaks.push((self.predicted, self.highest));
                    // Now it grows, for the next one.
                    Command::new("kill").args(["-USR2", &pid.to_string()]).status()?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All hunts together.
#[derive(Default)]
struct Totals {
    hunts: u32,
    killed: u32,
    failed: u32,
    refused: u32,
    /// Refused, and with consent not even near the limit.
    needless: u32,
    /// Predicted ÷ real, of first snapshots and of later ones, by Node's major and the kind of heap.
    first: BTreeMap<(u32, String), Vec<f64>>,
    later: BTreeMap<(u32, String), Vec<f64>>,
}

impl Totals {
    fn add(&mut self, case: &Case<'_>, ratios: &[f64]) {
        let key = || (case.node, case.kind.to_owned());
        if let Some((first, later)) = ratios.split_first() {
            self.first.entry(key()).or_default().push(*first);
            self.later.entry(key()).or_default().extend(later);
        }
    }

    fn print(&self) -> anyhow::Result<()> {
        eprintln!("\nNode  heap      first snapshot       later ones     (lowest, median, highest)");
        for ((node, kind), first) in &self.first {
            let later = self.later.get(&(*node, kind.clone())).map_or(&[][..], Vec::as_slice);
            eprintln!("{node:>4}  {kind:<8} {:>16} {:>16}", spread(first), spread(later));
        }
        let all: Vec<f64> = self.first.values().chain(self.later.values()).flatten().copied().collect();
        let within = all.iter().filter(|ratio| (0.7..=1.3).contains(*ratio)).count();
        let low = all.iter().filter(|ratio| **ratio < 0.9).count();
        eprintln!(
            "\n{} snapshots: {within} within 30 %, {low} more than 10 % too low\n{} hunts: {} killed without consent, {} refused \
             for memory ({} of them needlessly), {} failed otherwise",
            all.len(),
            self.hunts,
            self.killed,
            self.refused,
            self.needless,
            self.failed
        );
        if self.killed > 0 {
            bail!("{} apps were killed without consent", self.killed);
        }
        Ok(())
    }
}

fn spread(ratios: &[f64]) -> String {
    let mut sorted = ratios.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.first(), sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(low), Some(median), Some(high)) => format!("{low:.2} {median:.2} {high:.2}"),
        _ => "-".to_owned(),
    }
}
