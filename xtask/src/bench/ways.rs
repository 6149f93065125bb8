//! How long each way to a process takes to be attached, beside its tool's own plainest command; and the bytes a second that it carries,
//! beside OpenSSH's own forward.
//!
//! The rig's `bench-ways` measures and prints figures; this builds it, runs it and says what the figures mean.

use std::ffi::OsString;

use xshell::{Shell, cmd};

use super::figures::{Figures, print_heading};
use crate::{setup, tools};

/// The major of Node.js of the apps.
const NODE: u32 = 22;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often each way is gone
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Measure only these
    #[arg(
        long,
        value_delimiter = ',',
        default_values = ["heroku", "fir-ssh", "fir-terminal", "ssh", "ssh-relay", "docker", "kubectl", "command", "local"],
        value_name = "WAYS"
    )]
    only: Vec<String>,
    /// Megabytes that each way carries in a run; 0: only attaching is measured
    #[arg(long, default_value_t = 150, value_name = "N")]
    megabytes: u64,
    /// The programs that tests use, which are not optimised: to try the bench, not to hold leakhunt to its goals
    #[arg(long)]
    dev: bool,
}

/// The tool's plainest command of a way.
fn plain_form(way: &str) -> &'static str {
    match way {
        "heroku" => "heroku ps:exec -- true",
        "fir-ssh" | "fir-terminal" => "heroku run:inside -- true",
        "docker" => "docker exec C true",
        "kubectl" => "kubectl exec POD -- true",
        _ => "ssh HOST true",
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    setup::run(&setup::Args { all_clis: false, demo: false })?;
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    let (profile, folder) = if args.dev { ("dev", "debug") } else { ("release", "release") };
    tools::build(&sh, profile, &["leakhunt", "leakhunt-rig", "bench-ways"])?;
    cmd!(sh, "cargo build --workspace --profile {profile} --example pull").quiet().run()?;
    let built = |program: &str| -> OsString { tools::target().join(folder).join(program).into() };
    let options: [(&str, OsString); 6] = [
        ("--leakhunt", built("leakhunt")),
        ("--pull", built("examples/pull")),
        ("--node", tools::node(NODE).into()),
        ("--ways", args.only.join(",").into()),
        ("--runs", args.runs.to_string().into()),
        ("--bytes", (args.megabytes * 1_000_000).to_string().into()),
    ];
    let mut figures = Figures::built_in(folder);
    let measured =
        figures.take(&sh, "bench-ways", options.into_iter().flat_map(|(name, value)| [name.into(), value]));
    print(&figures, args);
    measured
}

fn print(figures: &Figures, args: &Args) {
    eprintln!("\nmedians of {}, Node.js {NODE}, everything on this machine", args.runs);
    if args.dev {
        eprintln!("--dev: not optimised");
    }
    print_heading();
    for way in &args.only {
        let of = |what: &str| format!("{way}/{what}");
        let title = format!("{way}: attach ÷ {}, s", plain_form(way));
        figures.compare(&title, &of("attached"), &of("plain"), Some(1.3));
        if figures.median(&of("plain")).is_none() {
            figures.limit(&format!("{way}: attach, s"), &of("attached"), 1e6, None);
        }
        for (what, part) in [
            ("asked", "until its platform was asked, ms"),
            ("chosen", "until the shell there was asked, ms"),
            ("opened", "until the inspector was open, ms"),
            ("joined", "until attached, ms"),
        ] {
            figures.limit(&format!("    {part}"), &of(what), 1e3, None);
        }
    }
    eprintln!();
    figures.limit("SIGUSR1 → the inspector listens, ms (Node.js's own)", "node/opens", 1e3, None);
    figures.limit("node -e 0, ms", "node/nothing", 1e3, None);
    eprintln!("\n{} MB, MB/s ÷ ssh -L", args.megabytes);
    print_heading();
    for way in &args.only {
        let goal = (way.as_str() != "local").then_some(0.7);
        figures.speed(way, &format!("{way}/bytes"), "ssh -L/bytes", args.megabytes * 1_000_000, goal);
    }
}
