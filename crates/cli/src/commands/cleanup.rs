//! `leakhunt cleanup`: finish the teardown of hunts that were killed.

use std::io::IsTerminal as _;
use std::path::Path;

use leakhunt_capture::{Event, Interrupt, Receipt, journals};
use leakhunt_host::Environment;
use leakhunt_text::Line;
use serde::Serialize;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::{exit, hunt, passphrase, state, terminal};

/// `leakhunt cleanup --json`.
#[derive(Serialize)]
struct Document {
    schema_version: u32,
    hunts: Vec<Finished>,
    /// Hunts that are under way, and were left alone.
    alive: usize,
    error: Option<String>,
    hint: Option<String>,
    exit_code: u8,
}

#[derive(Serialize)]
struct Finished {
    target: String,
    at: String,
    confirmed: bool,
    teardown: Receipt,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One JSON document on stdout, everything else on stderr
    #[arg(long)]
    pub(crate) json: bool,

    /// Only errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more, every command included
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let mut hunts = Vec::new();
    let folder = state::journals()
        .ok_or_else(|| Failure::new(exit::USAGE, "neither XDG_STATE_HOME nor HOME is set"))?;
    let mut found = journals(&folder).map_err(|error| unreadable(&folder, &error))?;
    let progress = Progress::new(std::io::stderr().is_terminal(), args.quiet, args.verbose);
    let runtime = hunt::runtime()?;
    let interrupt = Interrupt::default();
    let _listening = hunt::Listening::start(&runtime, &interrupt);
    for unfinished in std::mem::take(&mut found.unfinished) {
        let (target, at) = (unfinished.target.clone(), unfinished.at.to_string());
        if !args.quiet {
            terminal::say(&[Line::of(&target).and(", the hunt of ").text(&at)]);
        }
        let environment = Environment::new(std::env::vars_os());
        let host = unfinished
            .destination
            .as_ref()
            .map(|destination| destination.host(environment, passphrase::at_the_terminal()));
        let host = host.as_ref().ok_or_else(|| "its journal does not tell where that is".to_owned());
        let watch = |event: &Event| progress.event(event);
        let receipt =
            runtime.block_on(leakhunt_capture::cleanup(unfinished, host, &found, &watch, &interrupt));
        hunts.push(Finished { target, at, confirmed: receipt.is_confirmed(), teardown: receipt });
    }
    progress.finish();
    let failure = found.unreadable.first().map(|path| no_journal(path)).or_else(|| unconfirmed(&hunts));
    let document = Document {
        schema_version: 1,
        hunts,
        alive: found.alive,
        error: failure.as_ref().map(|failure| failure.message().to_owned()),
        hint: failure.as_ref().and_then(Failure::advice).map(str::to_owned),
        exit_code: failure.as_ref().map_or(exit::DONE, Failure::code),
    };
    if args.json {
        terminal::print_json(&document)?;
    } else if !args.quiet {
        terminal::answer(&[Line::of(summary(&document))])?;
    }
    Ok(failure.map_or(exit::DONE, Failure::print))
}

fn no_journal(path: &Path) -> Failure {
    Failure::new(exit::NOT_CONFIRMED, format!("{} is no journal of a hunt", path.display()))
        .hint("look at it, and remove it")
}

fn unconfirmed(hunts: &[Finished]) -> Option<Failure> {
    let hunt = hunts.iter().find(|hunt| !hunt.confirmed)?;
    let failure = Failure::new(exit::NOT_CONFIRMED, format!("{}: teardown not confirmed", hunt.target));
    Some(match &hunt.teardown.by_hand {
        Some(command) => failure.hint(command.clone()),
        None => failure,
    })
}

fn summary(document: &Document) -> String {
    let finished = document.hunts.iter().filter(|hunt| hunt.confirmed).count();
    let open = document.hunts.len() - finished;
    let mut text = match (finished, open) {
        (0, 0) => "nothing is left of earlier hunts".to_owned(),
        (finished, 0) => format!("{finished} finished: nothing is left"),
        (finished, open) => format!("{finished} finished, {open} not confirmed"),
    };
    if document.alive > 0 {
        text.push_str(&format!("; {} under way, left alone", document.alive));
    }
    text
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(exit::NOT_CONFIRMED, format!("{} cannot be read: {error}", folder.display()))
}
