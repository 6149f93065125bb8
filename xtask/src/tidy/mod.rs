//! What a program can check of the house's invariants and clippy cannot, each rule in a file of its own: which crate may
//! depend on which ([`crates`]), that modules depend one way ([`circles`]), who may use the environment, files and processes
//! ([`reserved`]), how long a file and a function may be ([`sizes`]), what no user shall read ([`words`]), that the tests
//! of SECURITY.md are there ([`promises`]), and that every test is run ([`unrun`]).
//!
//! Files are parsed ([`source`]), so that what only a test compiles is told from what is delivered, wherever it stands.

mod circles;
mod crates;
mod modules;
mod promises;
mod reserved;
mod sizes;
mod source;
mod unrun;
mod words;

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use modules::Modules;
use source::File;
use xshell::{Shell, cmd};

use crate::{setup, tools};

/// Rules that do not hold yet for a folder of `crates/`, until it is laid out by them. A rule that has come to hold must be
/// taken off the list.
const TO_LAY_OUT: &[(Rule, &str)] = &[];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Circles,
    Sizes,
    Words,
}

#[expect(clippy::print_stdout, reason = "what was checked is what the task is asked for")]
pub(crate) fn run() -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    let texts = read(&sh)?;
    let metadata = cmd!(sh, "cargo metadata --format-version 1 --no-deps --locked").quiet().read()?;
    let metadata = serde_json::from_str(&metadata)?;
    let (mut found, edges) = crates::check(&metadata)?;
    println!("{edges} edges between crates, {} of them not allowed", found.len());
    found.extend(promises::check(&sh.read_file("SECURITY.md")?, &texts));

    let files = texts
        .iter()
        .map(|(path, text)| File::parse(path, text).with_context(|| format!("parse {path}")))
        .collect::<anyhow::Result<Vec<File>>>()?;
    let names: BTreeSet<&str> = files.iter().filter_map(File::product).map(|(name, _)| name).collect();
    for name in names {
        let modules = Modules::of(&files, name);
        let circles = circles::check(&modules);
        println!("{name}: {} modules, {} circles", modules.files().count(), circles.len());
        found.extend(unless_to_lay_out(Rule::Circles, name, circles));
        found.extend(modules.files().flat_map(reserved::check));
        found.extend(unless_to_lay_out(Rule::Words, name, modules.files().flat_map(words::check).collect()));
        let of_it = files.iter().filter(|file| file.path.starts_with(&format!("crates/{name}/")));
        found.extend(unless_to_lay_out(Rule::Sizes, name, of_it.flat_map(sizes::check).collect()));
    }
    found.extend(files.iter().filter(|file| !file.path.starts_with("crates/")).flat_map(sizes::check));
    found.extend(unrun::check(&metadata, tools::workspace(), &files, &texts));
    found.extend(unrun::snapshots(&listed(&sh, "*.snap")?, &texts));
    if !found.is_empty() {
        bail!("tidy found {}:\n  {}", found.len(), found.join("\n  "));
    }
    deny(&sh)
}

/// Every Rust file of the repository with its text, those that are not committed yet included.
fn read(sh: &Shell) -> anyhow::Result<Vec<(String, String)>> {
    let files = listed(sh, "*.rs")?;
    files.into_iter().map(|path| sh.read_file(&path).map(|text| (path, text)).map_err(Into::into)).collect()
}

fn listed(sh: &Shell, pattern: &str) -> anyhow::Result<Vec<String>> {
    let files = cmd!(sh, "git ls-files --cached --others --exclude-standard -- {pattern}").quiet().read()?;
    // A file that was removed and not yet committed is still listed.
    Ok(files.lines().filter(|path| sh.path_exists(path)).map(str::to_owned).collect())
}

fn unless_to_lay_out(rule: Rule, name: &str, found: Vec<String>) -> Vec<String> {
    let listed = TO_LAY_OUT.contains(&(rule, name));
    match (listed, found.is_empty()) {
        (false, _) => found,
        (true, false) => Vec::new(),
        (true, true) => vec![format!(
            "{name} keeps the rule {rule:?} now: take it off TO_LAY_OUT in xtask/src/tidy/mod.rs"
        )],
    }
}

/// Licences, bans and sources of all dependencies, by the rules of deny.toml. Advisories need a network: see CI's workflow.
fn deny(sh: &Shell) -> anyhow::Result<()> {
    let root = setup::cargo_deny(sh)?;
    let program = root.join("bin/cargo-deny");
    cmd!(sh, "{program} --log-level error check --hide-inclusion-graph bans licenses sources")
        .quiet()
        .run()?;
    Ok(())
}
