//! `leakhunt man`: the manual page.

use crate::failure::Failure;
use crate::{exit, terminal};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command whose page it is
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

/// `command` is the whole command line.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<u8, Failure> {
    // Subcommands learn their full names, such as `leakhunt-heroku`.
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::new(exit::USAGE, format!("there is no command {name}"))
                .hint("`leakhunt help` lists them")
        })?,
    };
    terminal::document(|out| clap_mangen::Man::new(page).render(&mut &mut *out))?;
    Ok(exit::DONE)
}
