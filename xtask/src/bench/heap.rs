//! The heap engine against its peers, on the same files in the same run: DevTools' own engine, heap-snapshot-toolkit, memlab,
//! v8-heap-parser. Two files of each size are loaded and compared; the second table also wants dominators, distances and
//! retained sizes of every node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use xshell::{Shell, cmd};

use super::measure::{self, Run, median};
use crate::oracle::{HEAP_LIMIT, Oracle};
use crate::{setup, tools};

/// The major of Node.js that makes the files and runs the peers.
const NODE: u32 = 22;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// About how many megabytes each of the two files has
    #[arg(long, value_delimiter = ',', default_values_t = [5, 50, 300], value_name = "MB")]
    sizes: Vec<u32>,
    /// Also two files that are mostly strings, more than 512 MiB of them
    #[arg(long)]
    strings: bool,
    /// How often each program runs; of the largest files once is enough
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Only our own programs, to see what a change brought
    #[arg(long)]
    ours: bool,
    /// Keep the files under target/bench-heap for the next run
    #[arg(long)]
    keep: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let bench = Bench::prepare(args)?;
    for &size in &args.sizes {
        bench.one(args, &format!("{size} MB"), "mixed", size)?;
    }
    if args.strings {
        bench.one(args, "mostly strings", "strings", 620)?;
    }
    Ok(())
}

/// One side of a comparison.
struct Contender {
    name: &'static str,
    /// The tables it stands in. DevTools' engine always computes everything, so that it stands in two.
    tasks: &'static [Task],
    program: PathBuf,
    /// What stands before the two files.
    arguments: Vec<String>,
}

/// What was asked for: a table each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Reading all bytes and forgetting them.
    Floor,
    /// The classes that grew.
    Compare,
    /// The same, with dominators, distances and retained sizes.
    Full,
}

struct Bench {
    sh: Shell,
    node: PathBuf,
    folder: PathBuf,
    contenders: Vec<Contender>,
}

impl Bench {
    fn prepare(args: &Args) -> anyhow::Result<Self> {
        let sh = Shell::new()?;
        sh.change_dir(tools::workspace());
        let node = setup::node(&sh, NODE)?;
        tools::build(&sh, "release", &["leakhunt"])?;
        cmd!(sh, "cargo build --quiet --release --package leakhunt-heap --example phases").quiet().run()?;
        let built = tools::target().join("release");
        let ours = |tasks, name, binary: &str, arguments: &[&str]| Contender {
            name,
            tasks,
            program: built.join(binary),
            arguments: arguments.iter().map(ToString::to_string).collect(),
        };
        let mut contenders = vec![
            ours(&[Task::Compare], "leakhunt compare --json", "leakhunt", &["compare", "--json"]),
            ours(&[Task::Full], "leakhunt, compare and all facts", "examples/phases", &["full"]),
        ];
        if !args.ours {
            contenders.push(Contender {
                name: "cat",
                tasks: &[Task::Floor],
                program: "cat".into(),
                arguments: Vec::new(),
            });
            contenders.extend(peers(&sh, &node)?);
        }
        let folder = tools::workspace().join("target/bench-heap");
        Ok(Self { sh, node, folder, contenders })
    }

    /// Makes two files, runs all contenders on them and prints what that took.
    fn one(&self, args: &Args, title: &str, kind: &str, megabytes: u32) -> anyhow::Result<()> {
        let files = self.files(kind, megabytes)?;
        let bytes = files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum::<anyhow::Result<u64>>()?;
        let rounds = if bytes > 1_000_000_000 { 1 } else { args.rounds };
        let mut runs: Vec<Vec<Result<Run, String>>> = vec![Vec::new(); self.contenders.len()];
        for round in 0..rounds {
            for (contender, runs) in self.contenders.iter().zip(&mut runs) {
                eprintln!("bench: {title}, round {}: {}", round + 1, contender.name);
                let mut command = Command::new(&contender.program);
                command.args(&contender.arguments).args(&files);
                runs.push(measure::run(command)?);
            }
        }
        self.print(&format!("{title}: {:.1} MB in two files, median of {rounds}", mega(bytes)), bytes, &runs);
        self.profile(&files)?;
        if !args.keep {
            for file in &files {
                fs::remove_file(file)?;
            }
        }
        Ok(())
    }

    fn files(&self, kind: &str, megabytes: u32) -> anyhow::Result<[PathBuf; 2]> {
        let Self { sh, node, folder, .. } = self;
        sh.create_dir(folder)?;
        let files = ["a", "b"].map(|name| folder.join(format!("{kind}-{megabytes}-{name}.heapsnapshot")));
        if files.iter().all(|file| file.exists()) {
            return Ok(files);
        }
        eprintln!("bench: making two files of about {megabytes} MB");
        let program = tools::workspace().join("xtask/peers/heap-program.cjs");
        let megabytes = megabytes.to_string();
        let [first, second] = files.each_ref().map(|file| file.with_extension("partial"));
        cmd!(sh, "{node} {HEAP_LIMIT} {program} {kind} {megabytes} {first} {second}").quiet().run()?;
        fs::rename(first, &files[0])?;
        fs::rename(second, &files[1])?;
        Ok(files)
    }

    fn print(&self, title: &str, bytes: u64, runs: &[Vec<Result<Run, String>>]) {
        eprintln!("\n{title}");
        eprintln!(
            "{:<36}{:>10}{:>10}{:>10}{:>14}{:>17}",
            "", "wall s", "CPU s", "peak MiB", "peak ÷ files", "wall ÷ leakhunt"
        );
        let wall = |runs: &[Result<Run, String>]| median(runs.iter().flatten().map(|run| run.wall));
        for task in [Task::Floor, Task::Compare, Task::Full] {
            let of_task =
                || self.contenders.iter().zip(runs).filter(|(contender, _)| contender.tasks.contains(&task));
            let ours = of_task().next().and_then(|(_, runs)| wall(runs));
            for (contender, runs) in of_task() {
                let Some(taken) = wall(runs) else {
                    let reason = runs.iter().find_map(|run| run.as_ref().err());
                    eprintln!(
                        "{:<36}{:>10} {}",
                        contender.name,
                        "failed:",
                        reason.map_or("", String::as_str)
                    );
                    continue;
                };
                let processor = median(runs.iter().flatten().map(|run| run.processor)).unwrap_or_default();
                let peak = median(runs.iter().flatten().map(|run| run.peak)).unwrap_or_default();
                eprintln!(
                    "{:<36}{:>10.3}{:>10.3}{:>10}{:>14.2}{:>17}",
                    contender.name,
                    taken.as_secs_f64(),
                    processor.as_secs_f64(),
                    peak >> 20,
                    peak as f64 / bytes as f64,
                    ours.map(|ours| format!("{:.1}", ratio(taken, ours))).unwrap_or_default(),
                );
            }
            eprintln!();
        }
    }

    /// Where our own time goes, in one run.
    fn profile(&self, files: &[PathBuf; 2]) -> anyhow::Result<()> {
        let phases = tools::target().join("release/examples/phases");
        for what in ["compare", "full"] {
            let told = cmd!(self.sh, "{phases} {what} {files...} profile")
                .quiet()
                .read()
                .context("the profile failed")?;
            eprintln!("phases of {what}:");
            // A line is `NAME: close time.busy=TIME time.idle=TIME`.
            for (phase, times) in told.lines().filter_map(|line| line.split_once(": close time.busy=")) {
                eprintln!("{phase:<44}{:>12}", times.split(' ').next().unwrap_or_default());
            }
            eprintln!();
        }
        Ok(())
    }
}

/// Installs the peers and says how each is run.
fn peers(sh: &Shell, node: &Path) -> anyhow::Result<Vec<Contender>> {
    let oracle = Oracle::install()?;
    let ours = tools::workspace().join("xtask/peers");
    // memlab can drive a browser, which is not wanted here.
    let _no_browser = sh.push_env("PUPPETEER_SKIP_DOWNLOAD", "1");
    let packages = ["heap-snapshot-toolkit@1.1.3", "@memlab/core@2.0.5"];
    setup::npm(sh, "heap-peers", &packages, "node_modules/@memlab/core/package.json")?;
    let folder = tools::folder("heap-peers");
    for script in ["memlab.mjs", "toolkit.mjs"] {
        sh.copy_file(ours.join(script), &folder)?;
    }
    let parser = tools::folder("v8-heap-parser");
    sh.create_dir(parser.join("src"))?;
    sh.copy_file(ours.join("v8-heap-parser/Cargo.toml"), parser.join("Cargo.toml"))?;
    sh.copy_file(ours.join("v8-heap-parser/main.rs"), parser.join("src/main.rs"))?;
    let manifest = parser.join("Cargo.toml");
    let built = parser.join("target");
    cmd!(sh, "cargo build --quiet --release --manifest-path {manifest} --target-dir {built}")
        .quiet()
        .run()?;
    let parser = built.join("release/v8-heap-parser-bench");
    let script = |tasks, name, file: &Path, arguments: &[&str]| {
        let mut all = vec![HEAP_LIMIT.to_owned(), file.display().to_string()];
        all.extend(arguments.iter().map(ToString::to_string));
        Contender { name, tasks, program: node.to_owned(), arguments: all }
    };
    let parser = |tasks, name, mode: &str, threads: &str| Contender {
        name,
        tasks,
        program: parser.clone(),
        arguments: vec![mode.to_owned(), threads.to_owned()],
    };
    let memlab = folder.join("memlab.mjs");
    Ok(vec![
        script(&[Task::Compare, Task::Full], "DevTools, 2 threads", oracle.main(), &["compare"]),
        script(&[Task::Compare, Task::Full], "heap-snapshot-toolkit", &folder.join("toolkit.mjs"), &[]),
        parser(&[Task::Compare], "v8-heap-parser, class counts", "counts", "1"),
        parser(&[Task::Compare], "the same, a thread a file", "counts", "2"),
        script(&[Task::Compare], "memlab, parse", &memlab, &["parse"]),
        parser(&[Task::Full], "v8-heap-parser, + retained", "retained", "1"),
        parser(&[Task::Full], "the same, a thread a file", "retained", "2"),
        script(&[Task::Full], "memlab, + paths and dominators", &memlab, &["full"]),
    ])
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}
