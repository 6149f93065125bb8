//! The options with which a hunt offers the inspector to DevTools.

use std::time::Duration;

use clap::Args;
use leakhunt_capture::{Hold, HoldWhen};
use leakhunt_host::Environment;

use crate::human::parse_duration;

/// A process whose inspector is forgotten open is one that anybody who gets at it can control.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Args)]
#[command(next_help_heading = "Chrome DevTools")]
pub(crate) struct HoldOptions {
    /// Take nothing: open the inspector, and offer it to Chrome DevTools and editors on 127.0.0.1, until Ctrl-C
    #[arg(long, conflicts_with = "hold_after")]
    pub(crate) hold: bool,

    /// Offer it once the evidence has been taken
    #[arg(long)]
    pub(crate) hold_after: bool,

    /// With --hold or --hold-after: close everything after this time; at most 24h
    #[arg(long, default_value = "1h", value_parser = longest, value_name = "DURATION")]
    pub(crate) hold_for: Duration,

    /// With --hold or --hold-after: open DevTools in the Chrome or Chromium of this machine, with a profile of its own; it is
    /// closed at the end
    #[arg(long)]
    pub(crate) open: bool,
}

impl HoldOptions {
    pub(crate) fn plan(&self) -> Option<Hold> {
        let when = match (self.hold, self.hold_after) {
            (true, _) => HoldWhen::Instead,
            (false, true) => HoldWhen::After,
            (false, false) => return None,
        };
        let browser = self.open.then(|| Environment::new(std::env::vars_os()));
        Some(Hold { when, longest: self.hold_for, browser })
    }
}

fn longest(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        given if given <= LONGEST => Ok(given),
        _ => Err("give at most 24h".to_owned()),
    }
}
