//! The project's own tasks: `cargo xtask TASK`. One file per task; none knows another's insides.

#![expect(clippy::print_stderr, reason = "a task talks to the person who started it")]

mod bench;
mod ci;
mod demo;
mod diagnose;
mod docker;
mod fuzz;
mod matrix;
mod oracle;
mod parity;
mod setup;
mod soak;
mod test;
mod tidy;
mod tools;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The tasks of the leakhunt workspace")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what demo and test need and this machine lacks
    Setup(setup::Args),
    /// The main job, end to end, against a loopback Heroku
    Demo(demo::Args),
    /// Every test, end-to-end ones through the real Heroku CLI included
    Test(test::Args),
    /// The teardown matrix: at each stage of a hunt, each thing that can happen to it (an hour)
    Matrix(matrix::Args),
    /// Hunts in a row on Node.js 18 to 26, some of them killed: no dead app, no open inspector
    Soak(soak::Args),
    /// What CI runs: fmt, clippy, docs, tidy, test
    Ci,
    /// What clippy cannot see: which crate and module depends on which, I/O, words, sizes, licences
    Tidy,
    /// The heap engine against DevTools' own, class by class and node by node
    Parity(parity::Args),
    /// The heap engine against mutated snapshots
    Fuzz(fuzz::Args),
    /// How good the diagnosis is, on programs whose leaks are known
    Diagnose(diagnose::Args),
    /// Measurements against the peers, interleaved in one run
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Setup(args) => setup::run(&args),
        Task::Demo(args) => demo::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Matrix(args) => matrix::run(&args),
        Task::Soak(args) => soak::run(&args),
        Task::Ci => ci::run(),
        Task::Tidy => tidy::run(),
        Task::Parity(args) => parity::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Diagnose(args) => diagnose::run(&args),
        Task::Bench(bench) => bench::run(&bench),
    }
}
