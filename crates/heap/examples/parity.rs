//! Reads jobs from stdin, a line `{"files": [one or two snapshots], "out": "folder with the answers of DevTools"}` each, and
//! says what leakhunt answers differently. `cargo xtask parity` makes the jobs and the answers.

#![expect(clippy::print_stdout, reason = "a tool of the project, run by its tasks")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::ExitCode;

use leakhunt_heap::{Error, SnapshotFile};
use serde::Deserialize;

// The crate's test and this tool must not differ in what they call equal.
#[path = "../tests/parity/check.rs"]
mod check;

#[derive(Deserialize)]
struct Job {
    files: Vec<PathBuf>,
    out: PathBuf,
}

fn main() -> ExitCode {
    let (mut equal, mut different, mut refused) = (0, 0, 0);
    for line in std::io::stdin().lines() {
        let job: Job = serde_json::from_str(&line.expect("stdin is text")).expect("a job is a line of JSON");
        let names: Vec<String> = job.files.iter().map(|file| file.display().to_string()).collect();
        if let Ok(error) = fs::read_to_string(job.out.join("error.txt")) {
            refused += 1;
            println!(
                "{}:\n  DevTools fails: {}",
                names.join(" and "),
                error.lines().next().unwrap_or_default()
            );
            continue;
        }
        match differences(&job) {
            Ok(found) if found.is_empty() => equal += 1,
            Ok(found) => {
                different += 1;
                println!("{}:\n{found}", names.join(" and "));
            }
            Err(error) => {
                different += 1;
                println!("{}:\n  leakhunt fails to {error}", names.join(" and "));
            }
        }
    }
    println!("parity: {equal} equal, {different} different, {refused} that DevTools itself fails at");
    if different > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn differences(job: &Job) -> Result<check::Differences, Error> {
    let files = job.files.iter().map(|file| SnapshotFile::open(file)).collect::<Result<Vec<_>, _>>()?;
    let censuses = files.iter().map(SnapshotFile::census).collect::<Result<Vec<_>, _>>()?;
    let snapshots = files.iter().map(|file| file.snapshot(2)).collect::<Result<Vec<_>, _>>()?;
    let facts = |name: &str| {
        let file = File::open(job.out.join(name)).ok()?;
        Some(Box::new(BufReader::new(file)) as Box<dyn BufRead>)
    };
    Ok(check::differences(&censuses, &snapshots, &facts))
}
