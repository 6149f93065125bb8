//! What CI runs, in the order in which a failure is cheapest to learn of.

use xshell::{Shell, cmd};

use crate::{fuzz, test, tidy, tools};

pub(crate) fn run() -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    cmd!(sh, "cargo fmt --all --check").run()?;
    tidy::run()?;
    cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings").run()?;
    fuzz::check(&sh)?;
    {
        let _warnings = sh.push_env("RUSTDOCFLAGS", "-D warnings");
        cmd!(sh, "cargo doc --workspace --no-deps --document-private-items").run()?;
    }
    test::run(&test::Args::default())
}
