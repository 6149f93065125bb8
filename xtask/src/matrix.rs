//! The teardown matrix, whole: see `tests/e2e/matrix.rs`. A sample of it is among the everyday tests.

use crate::test;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only cells whose name holds this, as in "waiting x" or "x SIGTERM"
    #[arg(default_value = "")]
    cells: String,
    /// That of the exec tunnel, by `leakhunt command` and on Fir apps, whole
    #[arg(long, conflicts_with = "cells")]
    exec: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if args.exec {
        return test::long("matrix_exec::the_whole_matrix", &[]);
    }
    test::long("matrix::the_whole_matrix", &[("LEAKHUNT_MATRIX", args.cells.clone())])
}
