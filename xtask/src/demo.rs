//! The main job, end to end: a loopback Heroku with a leaking app, the real Heroku CLI, one `leakhunt heroku`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::{setup, tools};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Already in a namespace of our own
    #[arg(long, hide = true)]
    inside: bool,
    /// Passed on to `leakhunt heroku`
    #[arg(last = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    setup::run(&setup::Args { all_clis: false, demo: true })?;
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    tools::build(&sh, "release", &["leakhunt", "leakhunt-rig"])?;
    let built = |program: &str| tools::workspace().join("target/release").join(program);
    if !args.inside && !tools::is_root(&sh) {
        // The rig's network needs root, or to be root of a namespace of its own.
        let (rig, this, rest) = (built("leakhunt-rig"), std::env::current_exe()?, &args.rest);
        cmd!(sh, "{rig} enter -- {this} demo --inside -- {rest...}").quiet().run()?;
        return Ok(());
    }
    let mut rig = Command::new(built("leakhunt-rig"))
        .args(["serve", "--app", "banner"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the rig could not be started")?;
    let mut told = BufReader::new(rig.stdout.take().expect("piped")).lines();
    let ready = json(told.next()).context("the rig did not come up")?;
    let status = hunt(built("leakhunt"), &ready, &sh, &args.rest)?;
    // The rig serves until its stdin closes, then takes everything down.
    drop(rig.stdin.take());
    let visits = json(told.next()).context("the rig told nothing of its visitor")?;
    rig.wait()?;
    eprintln!(
        "\nMeanwhile the app answered {} requests, failed {}, and was silent for {} ms at the longest.",
        visits["answered"], visits["failed"], visits["longest_gap_ms"]
    );
    if !status.success() {
        bail!("leakhunt ended with {status}");
    }
    if visits["failed"] != 0 {
        bail!("the app failed a request");
    }
    Ok(())
}

fn hunt(program: PathBuf, ready: &Value, sh: &Shell, rest: &[String]) -> anyhow::Result<ExitStatus> {
    let app = ready["app"].as_str().context("the rig named no app")?;
    let out = tools::workspace().join("target/demo");
    sh.create_dir(&out)?;
    eprintln!("\n$ leakhunt heroku --app {app} --dyno web.1 {}\n", rest.join(" "));
    let mut hunt = Command::new(program);
    hunt.args(["heroku", "--app", app, "--dyno", "web.1", "--out"]).arg(out).args(rest);
    for (name, value) in ready["env"].as_object().context("the rig gave no environment")? {
        // An empty value stands for a variable that must not be inherited.
        match value.as_str() {
            Some("") | None => hunt.env_remove(name),
            Some(value) => hunt.env(name, value),
        };
    }
    hunt.status().context("leakhunt could not be started")
}

fn json(line: Option<std::io::Result<String>>) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(&line.context("it ended early")??)?)
}
