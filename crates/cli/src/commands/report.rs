//! `leakhunt report`: what a hunt has found, once more, in any format.

use std::path::PathBuf;

use crate::analysis::{Format, analysis_of, print_as};
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
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    print_as(args.format, &analysis_of(&args.session)?)?;
    Ok(exit::DONE)
}
