//! What one run of a program costs: wall time, processor time, peak memory.

use std::io::Read as _;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use wait4::Wait4;

/// One run.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Of all threads, in the program and in the system.
    pub(crate) processor: Duration,
    /// The largest resident set, in bytes.
    pub(crate) peak: u64,
}

/// Runs a program without showing what it prints; if it fails, what it said of that.
///
/// Linux counts the parent's memory at the fork as the child's, so whoever measures keeps little in memory.
pub(crate) fn run(mut command: Command) -> anyhow::Result<Result<Run, String>> {
    command.stdin(Stdio::null());
    measured(&mut command, |_| Ok(()))
}

/// The same with something to read on its stdin. Whoever feeds it is not measured.
pub(crate) fn run_fed(
    mut command: Command,
    feed: impl FnOnce(&mut ChildStdin) -> std::io::Result<()> + Send,
) -> anyhow::Result<Result<Run, String>> {
    command.stdin(Stdio::piped());
    measured(&mut command, |stdin| stdin.map_or(Ok(()), |mut stdin| feed(&mut stdin)))
}

fn measured(
    command: &mut Command,
    feed: impl FnOnce(Option<ChildStdin>) -> std::io::Result<()> + Send,
) -> anyhow::Result<Result<Run, String>> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("{} could not be started", command.get_program().display()))?;
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let (fed, said) = std::thread::scope(|scope| {
        let fed = scope.spawn(|| feed(stdin));
        let mut said = Vec::new();
        let read = stderr.map_or(Ok(0), |mut stderr| stderr.read_to_end(&mut said));
        (fed.join().expect("a feed does not panic"), read.map(|_| said))
    });
    let said = said?;
    let used = child.wait4()?;
    let wall = start.elapsed();
    if !used.status.success() {
        return Ok(Err(reason(&String::from_utf8_lossy(&said)).unwrap_or_else(|| used.status.to_string())));
    }
    fed?;
    Ok(Ok(Run { wall, processor: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss }))
}

/// The line that names an error, of what a program that failed said, or else the last.
fn reason(said: &str) -> Option<String> {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|line| line.to_lowercase().contains("error")).or_else(|| lines().next_back())?;
    Some(line.chars().take(100).collect())
}

/// The median, the lower one of two.
pub(crate) fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}
