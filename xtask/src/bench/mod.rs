//! Measurements. Both sides of every comparison run here, interleaved, in one run: ratios and medians are what counts.

mod diagnosis;
mod evidence;
mod figures;
mod fleet;
mod heap;
mod hunt;
mod measure;
mod memory;
mod watch;
mod ways;

#[derive(clap::Subcommand)]
pub(crate) enum Bench {
    /// Loading and comparing snapshots: DevTools' engine, heap-snapshot-toolkit, memlab, v8-heap-parser
    Heap(heap::Args),
    /// The diagnosis of six snapshots: memlab
    Diagnosis(diagnosis::Args),
    /// A hunt on the rig: attaching, one snapshot, memory, against the CLI by hand and chrome-remote-interface
    Hunt(hunt::Args),
    /// A hunt of several dynos, side by side against one after the other
    Fleet(fleet::Args),
    /// What the allocation profile between snapshots costs a web service, on each Node.js
    Evidence(evidence::Args),
    /// What snapshots take of a container's memory, beside what was predicted (hours)
    Memory(memory::Args),
    /// How many lines of a log a second `leakhunt watch` reads, and in how much memory, beside grep
    Watch(watch::Args),
    /// Each way to a process: how long until attached, against its tool's own plainest command; bytes a second, against `ssh -L`
    Ways(ways::Args),
}

pub(crate) fn run(bench: &Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Heap(args) => heap::run(args),
        Bench::Diagnosis(args) => diagnosis::run(args),
        Bench::Hunt(args) => hunt::run(args),
        Bench::Fleet(args) => fleet::run(args),
        Bench::Evidence(args) => evidence::run(args),
        Bench::Memory(args) => memory::run(args),
        Bench::Watch(args) => watch::run(args),
        Bench::Ways(args) => ways::run(args),
    }
}
