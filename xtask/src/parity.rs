//! Whether `leakhunt-heap` equals DevTools' engine: on any files, on made-up ones, and the recording of the fixtures that
//! the crate's own test holds itself against.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use xshell::{Shell, cmd};

use crate::oracle::{self, Job, Oracle};
use crate::{setup, tools};

/// Programs whose snapshots are kept, each run by these majors of Node.js. All of a major share one archive, as they share
/// most of their bytes.
const PROGRAMS: [(&str, &[u32]); 3] =
    [("everyday", &tools::NODE_MAJORS), ("tracked", &[20, 26]), ("internals", &[24])];
/// How many made-up pairs are kept.
const KEPT_RANDOM: u32 = 100;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Snapshots; of two and more, neighbours are compared as well
    files: Vec<PathBuf>,
    /// Check this many pairs of made-up snapshots, dense in corner cases
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    random: u32,
    /// The first seed of the made-up ones
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Run the fixtures' programs and DevTools again, and write crates/heap/tests/fixtures
    #[arg(long)]
    record: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if args.files.is_empty() && args.random == 0 && !args.record {
        bail!("nothing to do: name one or more snapshots, or --random COUNT, or --record");
    }
    let oracle = Oracle::install()?;
    let work = tools::workspace().join("target/parity");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    if args.record {
        record(&oracle, &work)?;
    }
    let mut jobs = Vec::new();
    let neighbours = args.files.windows(2).map(<[PathBuf]>::to_vec);
    let alone = args.files.first().filter(|_| args.files.len() == 1).map(|file| vec![file.clone()]);
    for (number, files) in neighbours.chain(alone).enumerate() {
        let files = files.into_iter().map(fs::canonicalize).collect::<Result<_, _>>()?;
        jobs.push(Job { files, out: work.join(format!("file-{number}")) });
    }
    if args.random > 0 {
        let range = [args.seed.to_string(), args.random.to_string()];
        jobs.extend(made_up("random.mjs", &range.each_ref().map(String::as_str), &work.join("made-up"))?);
    }
    if !jobs.is_empty() {
        oracle.facts(&jobs)?;
        check(&jobs)?;
    }
    fs::remove_dir_all(&work)?;
    Ok(())
}

/// Holds the engine's answers against `leakhunt-heap`, which prints what differs.
fn check(jobs: &[Job]) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    let lines = oracle::lines(jobs);
    cmd!(sh, "cargo run --quiet --release --package leakhunt-heap --example parity")
        .quiet()
        .stdin(lines)
        .run()
        .context("leakhunt-heap differs from DevTools")
}

/// Runs a program that writes `NAME.1.heapsnapshot` and `NAME.2.heapsnapshot` into a folder, and makes a job of each pair.
fn made_up(program: &str, arguments: &[&str], work: &Path) -> anyhow::Result<Vec<Job>> {
    let sh = Shell::new()?;
    let node = setup::node(&sh, 24)?;
    let program_file = programs().join(program);
    let folder = work.join(program);
    sh.create_dir(&folder)?;
    cmd!(sh, "{node} {program_file} {arguments...} {folder}").quiet().run()?;
    let mut jobs = Vec::new();
    for first in sh.read_dir(&folder)? {
        let name = first.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(name) = name.strip_suffix(".1.heapsnapshot") {
            let second = folder.join(format!("{name}.2.heapsnapshot"));
            jobs.push(Job { out: folder.join(name), files: vec![first, second] });
        }
    }
    Ok(jobs)
}

fn programs() -> PathBuf {
    fixtures().join("programs")
}

fn fixtures() -> PathBuf {
    tools::workspace().join("crates/heap/tests/fixtures")
}

fn record(oracle: &Oracle, work: &Path) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    for major in tools::NODE_MAJORS {
        let node = setup::node(&sh, major)?;
        let mut jobs = Vec::new();
        for (program, _) in PROGRAMS.iter().filter(|(_, majors)| majors.contains(&major)) {
            let script = programs().join(format!("{program}.cjs"));
            let out = work.join(format!("node-{major}")).join(program);
            sh.create_dir(&out)?;
            let files = [1, 2].map(|number| out.join(format!("{number}.heapsnapshot")));
            let [first, second] = &files;
            cmd!(sh, "{node} {script} {first} {second}").quiet().run()?;
            jobs.push(Job { files: files.to_vec(), out });
        }
        keep(oracle, &format!("node-{major}"), &jobs)?;
    }
    keep(oracle, "handmade", &made_up("handmade.mjs", &[], work)?)?;
    keep(oracle, "random", &made_up("random.mjs", &["0", &KEPT_RANDOM.to_string()], work)?)
}

/// Asks the engine and packs snapshots and answers into one archive.
fn keep(oracle: &Oracle, name: &str, jobs: &[Job]) -> anyhow::Result<()> {
    oracle.facts(jobs)?;
    let archive = fixtures().join(format!("{name}.tar.zst"));
    let mut encoder = zstd::Encoder::new(File::create(&archive)?, 19)?;
    // Snapshots of one Node.js differ little, but the next one begins beyond the usual window.
    encoder.long_distance_matching(true)?;
    encoder.window_log(27)?;
    let mut packed = tar::Builder::new(encoder);
    packed.mode(tar::HeaderMode::Deterministic);
    for Job { files, out } in jobs.iter().filter(|job| !job.out.join("error.txt").exists()) {
        let case = Path::new(out.file_name().context("a case has a name")?);
        for (index, file) in files.iter().enumerate() {
            packed.append_path_with_name(file, case.join(format!("{}.heapsnapshot", index + 1)))?;
        }
        let mut answers: Vec<PathBuf> =
            fs::read_dir(out)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        answers.retain(|answer| !files.contains(answer));
        answers.sort();
        for answer in answers {
            packed.append_path_with_name(
                &answer,
                case.join(answer.file_name().context("a file has a name")?),
            )?;
        }
    }
    packed.into_inner()?.finish()?;
    eprintln!("recorded {} ({} kB)", archive.display(), fs::metadata(&archive)?.len() / 1000);
    Ok(())
}
