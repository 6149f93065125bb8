//! The teardown matrix, whole: see `tests/e2e/matrix.rs`. A sample of it is among the everyday tests.

use crate::test;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only cells whose name holds this, as in "waiting x" or "x SIGTERM", with --exec "Fir(Ssh)" or "x Kill"
    #[arg(default_value = "")]
    cells: String,
    /// That of the exec tunnel, by `leakhunt command` and on Fir apps, whole
    #[arg(long)]
    exec: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let matrix = if args.exec { "matrix_exec::the_whole_matrix" } else { "matrix::the_whole_matrix" };
    test::long(matrix, &[("LEAKHUNT_MATRIX", args.cells.clone())])
}
