//! `leakhunt report`: what a hunt has found, once more, in any format.

use super::{analyze, stored};
use crate::args;
use crate::failure::{Failure, exit};

pub(crate) fn run(args: &args::Report) -> Result<u8, Failure> {
    analyze::print_as(args.format, &stored::analysis_of(&args.session)?)?;
    Ok(exit::DONE)
}
