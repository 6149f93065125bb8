//! Hunts in a row, some of them killed at a random moment: see `tests/e2e/soak.rs`.

use crate::test;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many hunts
    #[arg(long, default_value_t = 200)]
    hunts: u32,
    /// Of the random moments; the same seed gives the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On apps near their limits of descriptors, threads and memory, in worlds that are hostile to a debugger: see
    /// `tests/e2e/soak_hostile.rs`
    #[arg(long)]
    hostile: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let variables =
        [("LEAKHUNT_SOAK_HUNTS", args.hunts.to_string()), ("LEAKHUNT_SOAK_SEED", args.seed.to_string())];
    test::long(if args.hostile { "soak_hostile::hunts_in_a_row" } else { "soak::hunts_in_a_row" }, &variables)
}
