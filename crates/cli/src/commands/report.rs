//! `leakhunt report`: what a hunt has found, once more, in any format.

use std::path::PathBuf;

use crate::analysis::{Format, analysis_of, folder, print_as};
use crate::exit;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of a hunt
    #[arg(value_name = "SESSION")]
    pub(crate) session: PathBuf,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Read the program's files and source maps below this folder, for the calls of profiles; repeat it for more
    #[arg(long, value_parser = folder(), value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    print_as(args.format, &analysis_of(&args.session, &args.sources, args.format.shows_calls())?)?;
    Ok(exit::DONE)
}
