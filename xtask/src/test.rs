//! Every test of the workspace, end-to-end ones through the real Heroku CLI included.

use std::num::NonZero;

use xshell::{Shell, cmd};

use crate::{setup, tools};

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Hunt through Heroku CLI 8, 9 and 10 as well, and through the standalone installer's form
    #[arg(long)]
    all_clis: bool,
    /// Passed on to the test runner, a filter for example
    #[arg(last = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    setup::run(&setup::Args { all_clis: args.all_clis, demo: false })?;
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    build(&sh)?;
    let rest = &args.rest;
    // One run tells all that fails. End-to-end tests mostly wait, for Node.js to start and heaps to grow.
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        sh.set_var("RUST_TEST_THREADS", (2 * cores).to_string());
    }
    test(&sh, &["--workspace", "--no-fail-fast", "--"], rest)?;
    if args.all_clis {
        let every_cli = ["--ignored".to_owned(), "every_cli".to_owned()];
        test(&sh, &["--workspace", "--test", "e2e", "--"], &every_cli)?;
        test(&sh, &["--workspace", "--test", "heroku", "--"], &every_cli)?;
    }
    Ok(())
}

/// One end-to-end test that is too long for every day, with its own variables.
pub(crate) fn long(name: &str, variables: &[(&str, String)]) -> anyhow::Result<()> {
    setup::run(&setup::Args { all_clis: false, demo: false })?;
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    for (name, value) in variables {
        sh.set_var(name, value);
    }
    build(&sh)?;
    let what = ["--workspace", "--test", "e2e", "--"];
    test(&sh, &what, &[name.to_owned(), "--ignored".to_owned(), "--nocapture".to_owned()])
}

/// The end-to-end tests start binaries of other packages, which their own harness does not build. The whole workspace, as
/// everywhere: with other packages chosen the dependencies have other features, and are built once more.
fn build(sh: &Shell) -> anyhow::Result<()> {
    Ok(cmd!(sh, "cargo build --workspace").run()?)
}

/// `cargo test`, on Linux where rigs can be had: as root, or as root of a namespace of our own.
fn test(sh: &Shell, what: &[&str], rest: &[String]) -> anyhow::Result<()> {
    if cfg!(target_os = "linux") && !tools::is_root(sh) {
        let rig = tools::workspace().join("target/debug/leakhunt-rig");
        cmd!(sh, "{rig} enter -- cargo test {what...} {rest...}").run()?;
    } else {
        cmd!(sh, "cargo test {what...} {rest...}").run()?;
    }
    Ok(())
}
