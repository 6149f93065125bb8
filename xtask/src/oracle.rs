//! Chrome DevTools' own heap engine, from npm, under Node.js: what `leakhunt-heap` must equal. None of its code is in the
//! tree; `xtask/oracle` holds the few lines that bundle it and ask it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use crate::{setup, tools};

/// The major of Node.js that runs the engine: fixed, so that all see the same.
const NODE: u32 = 24;
/// The engine keeps a file about six times over.
pub(crate) const HEAP_LIMIT: &str = "--max-old-space-size=16000";

/// Two snapshots (or one) and the folder that shall hold everything the engine says of them.
pub(crate) struct Job {
    /// One file, or the base of a comparison and its target.
    pub(crate) files: Vec<PathBuf>,
    /// Where `1.summary.json`, `1.nodes.ndjson`, `1.retainers.ndjson`, the same for the second and `compare.ndjson` are
    /// written; or `error.txt`, when the engine fails.
    pub(crate) out: PathBuf,
}

/// The installed engine.
pub(crate) struct Oracle {
    node: PathBuf,
    main: PathBuf,
}

impl Oracle {
    pub(crate) fn install() -> anyhow::Result<Self> {
        let sh = Shell::new()?;
        let ours = tools::workspace().join("xtask/oracle");
        let package: Value = serde_json::from_str(&sh.read_file(ours.join("package.json"))?)?;
        let packages: Vec<String> = package["dependencies"]
            .as_object()
            .context("the oracle's package.json names no dependencies")?
            .iter()
            .map(|(name, version)| format!("{name}@{}", version.as_str().unwrap_or_default()))
            .collect();
        let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
        setup::npm(&sh, "oracle", &packages, "node_modules/.bin/esbuild")?;
        let node = setup::node(&sh, NODE)?;
        let folder = tools::folder("oracle");
        for file in sh.read_dir(&ours)? {
            sh.copy_file(&file, &folder)?;
        }
        let build = folder.join("build.mjs");
        cmd!(sh, "{node} {build}").quiet().run().context("the DevTools engine could not be bundled")?;
        Ok(Self { node, main: folder.join("main.mjs") })
    }

    /// The script to run: `main.mjs compare A B` loads with DevTools' two threads and prints the rows.
    pub(crate) fn main(&self) -> &Path {
        &self.main
    }

    /// Runs the engine on all jobs, in one process.
    pub(crate) fn facts(&self, jobs: &[Job]) -> anyhow::Result<()> {
        let mut engine = Command::new(&self.node)
            .arg(HEAP_LIMIT)
            .arg(&self.main)
            .arg("facts")
            .stdin(Stdio::piped())
            .spawn()?;
        engine.stdin.take().expect("piped").write_all(lines(jobs).as_bytes())?;
        let status = engine.wait()?;
        if !status.success() {
            bail!("the DevTools engine ended with {status}");
        }
        Ok(())
    }
}

/// The jobs as the engine and `leakhunt-heap`'s checker read them: a JSON object a line.
pub(crate) fn lines(jobs: &[Job]) -> String {
    jobs.iter().map(|Job { files, out }| format!("{}\n", json!({ "files": files, "out": out }))).collect()
}
