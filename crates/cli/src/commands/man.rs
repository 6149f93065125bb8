//! `leakhunt man` and `leakhunt completions`: what the command line knows of itself.

use crate::args;
use crate::failure::{Failure, exit};
use crate::terminal;

pub(crate) fn man(args: &args::Man) -> Result<u8, Failure> {
    let mut command = args::command();
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

pub(crate) fn completions(args: &args::Completions) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "leakhunt", &mut script);
    terminal::document(|out| out.write_all(&script))?;
    Ok(exit::DONE)
}
