//! The exit codes of the interface, and what a command's help says of those that it can give.

use std::fmt::Write as _;

pub(crate) const DONE: u8 = 0;
pub(crate) const INTERNAL: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const LEAK: u8 = 10;
pub(crate) const INCONCLUSIVE: u8 = 11;
pub(crate) const REFUSED: u8 = 20;
pub(crate) const CONSENT: u8 = 21;
pub(crate) const CANNOT_CONNECT: u8 = 30;
pub(crate) const NO_PROCESS: u8 = 31;
pub(crate) const NOT_OPENED: u8 = 32;
pub(crate) const ENDED: u8 = 33;
pub(crate) const INCOMPLETE: u8 = 34;
pub(crate) const UNREADABLE: u8 = 35;
pub(crate) const NOT_CONFIRMED: u8 = 40;
pub(crate) const TIMED_OUT: u8 = 124;
pub(crate) const INTERRUPTED: u8 = 130;
pub(crate) const TERMINATED: u8 = 143;

/// In the order in which they are shown; a meaning of several lines is wrapped here.
const MEANINGS: [(u8, &str); 17] = [
    (DONE, "done"),
    (INTERNAL, "internal error"),
    (USAGE, "usage"),
    (LEAK, "leak found, with --fail-on-leak"),
    (INCONCLUSIVE, "inconclusive, with --fail-on-leak"),
    (
        REFUSED,
        "refused: the predicted memory or pause is over the limit, or the process is so near a\n\
         limit (descriptors, threads, memory) that SIGUSR1 could end it",
    ),
    (CONSENT, "consent needed: the message names the flag"),
    (
        CANNOT_CONNECT,
        "cannot connect: tool missing, not logged in, no such app or dyno, tunnel refused,\n\
         another hunt or a debugger at work there",
    ),
    (NO_PROCESS, "no Node process, or more than one candidate; no such worker thread"),
    (NOT_OPENED, "the inspector did not open"),
    (
        ENDED,
        "the process, or the worker thread that is hunted, ended mid-hunt (out of memory, crashed,\n\
         cycled, restarted: the message tells which, where that was seen); what was complete is kept",
    ),
    (INCOMPLETE, "capture incomplete; what was complete is kept"),
    (UNREADABLE, "not a readable heap snapshot (or session)"),
    (NOT_CONFIRMED, "teardown not confirmed: the inspector may be open; outranks all others"),
    (TIMED_OUT, "a step of a runbook took longer than its timeout"),
    (INTERRUPTED, "interrupted; cleaned up"),
    (TERMINATED, "terminated; cleaned up"),
];

/// Of every hunt.
pub(crate) const OF_A_HUNT: &[u8] = &[
    DONE,
    INTERNAL,
    USAGE,
    REFUSED,
    CONSENT,
    CANNOT_CONNECT,
    NO_PROCESS,
    NOT_OPENED,
    ENDED,
    INCOMPLETE,
    NOT_CONFIRMED,
    INTERRUPTED,
    TERMINATED,
];

/// Of a look at a host, which takes no evidence and leaves nothing.
pub(crate) const OF_A_LOOK: &[u8] = &[
    DONE,
    INTERNAL,
    USAGE,
    REFUSED,
    CONSENT,
    CANNOT_CONNECT,
    NO_PROCESS,
    NOT_OPENED,
    ENDED,
    INTERRUPTED,
    TERMINATED,
];

/// Of a runbook, whose steps can give each of them.
pub(crate) const ALL: &[u8] = &all();

const fn all() -> [u8; MEANINGS.len()] {
    let mut codes = [0; MEANINGS.len()];
    let mut at = 0;
    while at < codes.len() {
        codes[at] = MEANINGS[at].0;
        at += 1;
    }
    codes
}

/// Of what reads files.
pub(crate) const OF_A_READER: &[u8] = &[DONE, INTERNAL, USAGE, UNREADABLE];

/// The end of a command's help: examples, and the exit codes that it can give.
pub(crate) fn help(examples: &[&str], codes: &[u8]) -> String {
    let mut text = String::new();
    if !examples.is_empty() {
        text.push_str("Examples:\n");
        examples.iter().for_each(|example| text.push_str(&format!("  {example}\n")));
        text.push('\n');
    }
    text.push_str("Exit codes:");
    for (code, meaning) in MEANINGS.iter().filter(|(code, _)| codes.contains(code)) {
        let mut lines = meaning.lines();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{code:>5}  {}", lines.next().unwrap_or_default());
        lines.for_each(|line| text.push_str(&format!("\n       {line}")));
    }
    text
}

/// The end of the help of leakhunt itself.
pub(crate) fn help_of_all() -> String {
    help(&[], ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_of_a_command_lists_its_own_codes() {
        let text = help(&["leakhunt cleanup"], &[DONE, NOT_CONFIRMED]);
        assert_eq!(
            text,
            "Examples:\n  leakhunt cleanup\n\nExit codes:\n    0  done\n   40  teardown not confirmed: the inspector \
             may be open; outranks all others"
        );
    }

    #[test]
    fn every_code_has_one_meaning() {
        let mut codes = ALL.to_vec();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    }
}
