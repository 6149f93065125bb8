//! Fuzzing of what reads and shows hostile bytes: cargo-fuzz on the toolchain that is there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use anyhow::Context;
use xshell::{Shell, cmd};

use crate::tools;

struct Target {
    name: &'static str,
    /// The crate under whose `fuzz` it is.
    krate: &'static str,
    dictionary: &'static str,
    /// Of an input, in bytes.
    longest: usize,
    sanitizer: Sanitizer,
}

/// What else than a panic is found.
#[derive(Clone, Copy)]
enum Sanitizer {
    Address,
    /// A stack that is measured in bytes a level is that of the program, not of one with a sanitizer's frames.
    None,
}

impl Sanitizer {
    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::None => "none",
        }
    }
}

const TARGETS: [Target; 6] = [
    Target::new("parse", "crates/heap", "snapshot.dict", 20_000, Sanitizer::Address),
    Target::new("compare", "crates/heap", "snapshot.dict", 20_000, Sanitizer::Address),
    Target::new("source", "crates/diagnosis", "source.dict", 20_000, Sanitizer::None),
    Target::new("source_map", "crates/diagnosis", "source.dict", 20_000, Sanitizer::Address),
    Target::new("session", "crates/diagnosis", "source.dict", 20_000, Sanitizer::None),
    Target::new("sinks", "crates/text", "text.dict", 1_000, Sanitizer::Address),
];

impl Target {
    const fn new(
        name: &'static str,
        krate: &'static str,
        dictionary: &'static str,
        longest: usize,
        sanitizer: Sanitizer,
    ) -> Self {
        Self { name, krate, dictionary, longest, sanitizer }
    }
}
/// An input of some kB that takes longer than this is a hang.
const TIMEOUT: &str = "-timeout=10";
/// The instrumented engine itself takes a third of it.
const MEMORY: &str = "-rss_limit_mb=1024";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run this target only
    #[arg(value_name = "TARGET", value_parser = TARGETS.map(|target| target.name))]
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Put what was found, without what adds nothing, into the tree for the next runs
    #[arg(long)]
    keep: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    // libFuzzer's instrumentation is a flag of nightly compilers; a stable one accepts it when told so.
    sh.set_var("RUSTC_BOOTSTRAP", "1");
    let root = tools::folder("cargo-fuzz");
    let cargo_fuzz = root.join("bin/cargo-fuzz");
    if !cargo_fuzz.exists() {
        eprintln!("fuzz: cargo-fuzz into {}", root.display());
        cmd!(sh, "cargo install --quiet --locked --root {root} cargo-fuzz")
            .run()
            .context("cargo-fuzz could not be installed")?;
    }
    let seconds = format!("-max_total_time={}", args.seconds);
    let wanted = |target: &&Target| args.target.as_ref().is_none_or(|only| only == target.name);
    for Target { name: target, krate, dictionary, longest, sanitizer } in TARGETS.iter().filter(wanted) {
        let fuzz = tools::workspace().join(krate).join("fuzz");
        sh.change_dir(&fuzz);
        let sanitizer = sanitizer.name();
        let (dictionary, longest) = (format!("-dict={dictionary}"), format!("-max_len={longest}"));
        let found = tools::workspace().join("target/fuzz-corpus").join(target);
        let kept = fuzz.join(format!("corpus/{target}.tar.zst"));
        unpack(&kept, &found)?;
        let options = [&dictionary, &longest, TIMEOUT, MEMORY, &seconds];
        cmd!(
            sh,
            "{cargo_fuzz} run --fuzz-dir . --sanitizer {sanitizer} {target} {found} seeds -- {options...}"
        )
        .run()
        .with_context(|| format!("the target {target} found an input it fails at"))?;
        if args.keep {
            cmd!(sh, "{cargo_fuzz} cmin --fuzz-dir . --sanitizer {sanitizer} {target} {found}").run()?;
            pack(&found, &kept)?;
        }
    }
    Ok(())
}

/// The targets are workspaces of their own, which no other task compiles.
pub(crate) fn check(sh: &Shell) -> anyhow::Result<()> {
    let target = tools::target().join("fuzz-check");
    // As cargo-fuzz compiles them.
    let _flags = sh.push_env("RUSTFLAGS", "--cfg fuzzing");
    let crates: BTreeSet<&str> = TARGETS.iter().map(|target| target.krate).collect();
    for krate in crates {
        let manifest = tools::workspace().join(krate).join("fuzz/Cargo.toml");
        cmd!(sh, "cargo check --quiet --locked --bins --manifest-path {manifest} --target-dir {target}")
            .run()
            .with_context(|| format!("the fuzz targets of {krate} do not compile"))?;
    }
    Ok(())
}

/// The inputs of earlier runs are kept as one file: there are thousands, of some bytes each.
fn unpack(archive: &Path, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    if archive.exists() {
        tar::Archive::new(zstd::Decoder::new(File::open(archive)?)?).unpack(folder)?;
    }
    Ok(())
}

fn pack(folder: &Path, archive: &Path) -> anyhow::Result<()> {
    let mut inputs: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    // The same inputs make the same file: libFuzzer names them by their content.
    inputs.sort_by_key(fs::DirEntry::file_name);
    let partial = archive.with_extension("partial");
    let mut packed = tar::Builder::new(zstd::Encoder::new(File::create(&partial)?, 19)?);
    packed.mode(tar::HeaderMode::Deterministic);
    for input in inputs {
        packed.append_path_with_name(input.path(), input.file_name())?;
    }
    packed.into_inner()?.finish()?;
    Ok(fs::rename(partial, archive)?)
}
