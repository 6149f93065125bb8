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
    /// Instead: so many kills within a snapshot for each Node.js major and route, and how many apps went with leakhunt
    #[arg(long, conflicts_with_all = ["hunts", "hostile"])]
    kills: Option<u32>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(kills) = args.kills {
        let variables =
            [("LEAKHUNT_SOAK_KILLS", kills.to_string()), ("LEAKHUNT_SOAK_SEED", args.seed.to_string())];
        return test::long("soak_kills::kills_by_version", &variables);
    }
    let variables =
        [("LEAKHUNT_SOAK_HUNTS", args.hunts.to_string()), ("LEAKHUNT_SOAK_SEED", args.seed.to_string())];
    test::long(if args.hostile { "soak_hostile::hunts_in_a_row" } else { "soak::hunts_in_a_row" }, &variables)
}
