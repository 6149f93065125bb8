//! Consent: what a hunt does not do by itself, it does when a person has said so, beforehand or now.
//!
//! `--accept RISK` is consent to that risk and to no other. `--yes` is the answer to one question: the first that would
//! be asked. Where neither was given, a person at a terminal is asked, and no answer is a no; a script ends with 21, and
//! the message names the flag. A question is asked only where nothing has been done yet that a no could not take back.

use std::io::IsTerminal as _;

use leakhunt_text::Line;

use crate::exit;
use crate::failure::Failure;
use crate::risk::{Risk, accepts};
use crate::terminal;

/// What was consented to on the command line.
pub(crate) struct Consent {
    accepted: Vec<Risk>,
    /// Until it has answered a question.
    yes: bool,
}

/// What would be asked.
pub(crate) struct Question<'a> {
    /// The risk that `--accept` names; a question without one is answered by `--yes` alone.
    pub(crate) risk: Option<Risk>,
    /// What would happen, as a sentence without its full stop.
    pub(crate) what: &'a str,
    /// The question itself, such as "Restart every dyno?".
    pub(crate) ask: &'a str,
}

impl Consent {
    /// `--accept` and `--yes`, as they were given.
    pub(crate) fn new(accepted: &[Risk], yes: bool) -> Self {
        Self { accepted: accepted.to_vec(), yes }
    }

    /// Is it consented to, or is it now?
    pub(crate) async fn obtain(&mut self, question: &Question<'_>) -> Result<(), Failure> {
        let accepted = question.risk.is_some_and(|risk| self.accepted.contains(&risk));
        if accepted || std::mem::take(&mut self.yes) {
            return Ok(());
        }
        // A question on a stderr that nobody reads would wait for ever.
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Err(Failure::new(exit::CONSENT, question.what).hint(accepts(question.risk)));
        }
        match answer(question).await {
            true => Ok(()),
            false => {
                let message = format!("{}; that was not agreed to, and nothing was done", question.what);
                Err(Failure::new(exit::CONSENT, message))
            }
        }
    }
}

/// What a person at the terminal says. Whatever is not a yes is a no.
async fn answer(question: &Question<'_>) -> bool {
    terminal::say(&[Line::of(question.what).and(".")]);
    terminal::ask(&Line::of(question.ask).and(" [y/N]"));
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own, which nobody joins: one that waits for a person must not keep the command from ending.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        let yes = ["y", "yes"].iter().any(|yes| line.trim().eq_ignore_ascii_case(yes));
        // Nobody waits for it any more, where the command was stopped.
        let _ = tell.send(read.is_ok() && yes);
    });
    told.await.unwrap_or(false)
}
