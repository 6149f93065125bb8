//! One file a command.

mod analysis;
mod analyze;
mod cleanup;
mod compare;
mod doctor;
mod export;
pub(crate) mod files;
mod heroku;
mod hunt;
mod local;
mod man;
mod report;
mod retainers;
mod sources;
mod ssh;
mod stored;
mod summary;

use crate::args::{Cli, Command};
use crate::failure::Failure;

/// Runs a command; gives its exit code.
pub(crate) fn run(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::Analyze(args) => analyze::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Cleanup(args) => cleanup::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Completions(args) => man::completions(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Heroku(args) => heroku::run(&args),
        Command::Local(args) => local::run(&args),
        Command::Man(args) => man::man(&args),
        Command::Ssh(args) => ssh::run(&args),
        Command::Summary(args) => summary::run(&args),
        Command::Retainers(args) => retainers::run(&args),
        Command::Export(args) => export::run(&args),
    }
}
