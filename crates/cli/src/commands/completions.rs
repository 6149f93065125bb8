//! `leakhunt completions`: what a shell should know of the command line.

use crate::failure::Failure;
use crate::{exit, terminal};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `command` is the whole command line.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "leakhunt", &mut script);
    terminal::document(|out| out.write_all(&script))?;
    Ok(exit::DONE)
}
