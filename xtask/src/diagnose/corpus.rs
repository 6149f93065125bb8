//! Every program of `tests/leaks` under its Node: records its snapshots and compares what the diagnosis says with the truth
//! that lies beside the program.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use super::{Args, CORPUS, copy};
use crate::{setup, tools};

/// Programs that run at the same time; each has a process of its own and one that asks it.
const LANES: usize = 2;

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    let home = tools::folder("leaks");
    let names = programs(args.filter.as_deref())?;
    if !args.recorded {
        setup::run(&setup::Args::default())?;
        install(&sh, &home, &names)?;
        record(&names, &home)?;
    }
    sh.change_dir(tools::workspace());
    let (programs, recordings) = (home.join("programs"), home.join("snapshots"));
    let names = &names;
    if args.keep {
        let (sources, kept) = ("tests/leaks", "crates/diagnosis/tests/recordings");
        // As a process sees its own path, which a snapshot may hold.
        let tools = tools::folder("").canonicalize()?;
        cmd!(sh, "cargo {CORPUS...} keep {sources} {programs} {recordings} {tools} {kept} {names...}")
            .quiet()
            .run()
            .context("a recording says something else when it is reduced")?;
    }
    cmd!(sh, "cargo {CORPUS...} judge {programs} {recordings} {names...}")
        .quiet()
        .run()
        .context("the diagnosis missed what the table above says")?;
    Ok(())
}

fn programs(filter: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(tools::workspace().join("tests/leaks"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().join("truth.json").exists() && filter.is_none_or(|part| name.contains(part)) {
            names.push(name);
        }
    }
    names.sort();
    if names.is_empty() {
        bail!("no program of tests/leaks has such a name");
    }
    Ok(names)
}

/// Copies the corpus beside the packages it imports, so that `require` and `import` find them as in a real project. What
/// these programs have built goes; what others have is judged with their recordings.
fn install(sh: &Shell, home: &Path, names: &[String]) -> anyhow::Result<()> {
    let corpus = tools::workspace().join("tests/leaks");
    let manifest = sh.read_file(corpus.join("package.json"))?;
    let (installed, programs) = (home.join(".complete"), home.join("programs"));
    if sh.read_file(&installed).ok().as_deref() != Some(manifest.as_str()) {
        eprintln!("diagnose: what the programs import, into {}", home.display());
        sh.create_dir(home)?;
        sh.write_file(home.join("package.json"), &manifest)?;
        cmd!(sh, "npm install --silent --no-package-lock --no-audit --no-fund --prefix {home}")
            .quiet()
            .run()?;
        sh.write_file(&installed, &manifest)?;
    }
    for name in names {
        sh.remove_path(programs.join(name))?;
    }
    copy(&corpus, &programs)
}

fn record(names: &[String], home: &Path) -> anyhow::Result<()> {
    let queue = Mutex::new(names.iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let Some(name) = queue.lock().expect("no lane panics").next() else { return };
                    eprintln!("diagnose: recording {name}");
                    if let Err(error) = record_one(name, home) {
                        failed.lock().expect("no lane panics").push(format!("{name}: {error:#}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no lane panics");
    if !failed.is_empty() {
        bail!("could not record {}", failed.join("; "));
    }
    Ok(())
}

fn record_one(name: &str, home: &Path) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    let programs = home.join("programs");
    let truth: Value = serde_json::from_str(&sh.read_file(programs.join(name).join("truth.json"))?)?;
    let major = truth["node"]
        .as_u64()
        .and_then(|major| u32::try_from(major).ok())
        .context("truth.json names no node")?;
    let node: PathBuf = tools::node(major);
    let out = home.join("snapshots").join(name);
    sh.change_dir(&programs);
    cmd!(sh, "node run.mjs {name} {out} {node}").quiet().run()?;
    Ok(())
}
