//! Findings become text, JSON, Markdown, HTML and annotations: one file per format, and nothing is computed here.
//!
//! Flow: [`Findings`], with what is known of the hunt ([`Session`]) → [`Report`] →
//! [`text`], [`json`], [`markdown`], [`html`], [`github`]. A format is a function to a `String`, or to lines of a terminal; who prints or writes it is the
//! caller's affair.
//!
//! ```no_run
//! use leakhunt_diagnosis::CallTrees;
//! use leakhunt_report::{Report, html, json};
//!
//! # fn of(findings: &leakhunt_diagnosis::Findings) {
//! let report = Report { findings, session: None };
//! let (page, document) = (html::render(&report, &[], &CallTrees::default()), json::render(findings));
//! # }
//! ```
//!
//! Several hunts that belong together have one report over them: [`fleet`].
//!
//! Classes, variables and paths come from the analysed program and are hostile: each format is built of the types of
//! [`leakhunt_text`], in which a name can neither steer a terminal nor become markup.

pub mod fleet;
pub mod github;
pub mod html;
pub mod json;
pub mod markdown;
pub mod pprof;
pub mod speedscope;
pub mod text;

mod compared;
mod readings;
mod session;
mod stack;
mod words;

pub use compared::Compared;
pub use events::Event;
pub use readings::{Beside, Descriptors, Mappings, Observation, Reading, WorkerHeap};
pub use session::{
    AppTime, EventLoop, Package, Process, Profiled, Receipt, Session, Taken, Undone, WorkerThread,
};
pub use words::count;

use leakhunt_diagnosis::Findings;

/// All that a report shows.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// The answer.
    pub findings: &'r Findings,
    /// The hunt they come from, if they come from one.
    pub session: Option<&'r Session>,
}

#[cfg(test)]
mod browser;
mod events;
#[cfg(test)]
mod example;

#[cfg(test)]
mod tests {
    use leakhunt_text::is_unseen;
    use proptest::prelude::*;

    use super::*;

    /// Findings, all of whose words are these.
    fn of(words: &str) -> (Findings, Session) {
        let mut findings = example::named(words);
        findings.allocations = example::allocations().allocations;
        findings.allocations[0].function = words.to_owned();
        for line in findings.allocations.iter_mut().filter_map(|place| place.line.as_mut()) {
            (line.code, line.location.file) = (words.to_owned(), words.to_owned());
        }
        findings.cpu = Some(example::cpu(words));
        let line = Undone { what: words.to_owned(), seen: "verified".to_owned(), how: words.to_owned() };
        let session = Session {
            target: words.to_owned(),
            process: Some(Process {
                pid: 1,
                node_version: words.to_owned(),
                cwd: None,
                uptime_seconds: None,
            }),
            warnings: vec![words.to_owned()],
            teardown: Some(Receipt { undone: vec![line], by_hand: Some(words.to_owned()) }),
            ..Session::default()
        };
        (findings, session)
    }

    proptest! {
        #[test]
        fn whatever_the_words_are_each_format_stays_as_it_is_laid_out(
            words in prop_oneof![any::<String>(), "(::error::|##\\[|\\n|</?script>|`|\\||[a-z ]{0,9}|\u{202e}|\u{9b}){0,8}"],
        ) {
            let (findings, session) = of(&words);
            let report = Report { findings: &findings, session: Some(&session) };
            let calls = example::calls(&words);
            let lines = text::render(&report, 80, 3);
            let shown: String = lines.iter().map(|line| format!("{line}\n")).collect();
            prop_assert_eq!(shown.lines().count(), lines.len());
            let shown = shown.replace("\u{1b}[", "[");
            let documents = [shown, markdown::render(&report), html::render(&report, &[], &calls), json::render(&findings)];
            let several = fleet::tests::named(&words);
            let documents = documents.into_iter().chain([fleet::html::render(&several), fleet::markdown::render(&several)]);
            for document in documents {
                prop_assert!(!document.chars().any(|c| c != '\n' && is_unseen(c)), "{:?}", document);
                let commands = document.lines().any(|line| line.trim_start().starts_with("::"));
                prop_assert!(!commands && !document.contains("##["), "{}", document);
            }
            let plain = html::render(&Report { findings: &of("x").0, session: Some(&of("x").1) }, &[], &example::calls("x"));
            let page = html::render(&report, &[], &calls);
            prop_assert_eq!(page.matches('<').count(), plain.matches('<').count());
            let (page, plain) = (fleet::html::render(&several), fleet::html::render(&fleet::tests::named("x")));
            prop_assert_eq!(page.matches('<').count(), plain.matches('<').count());
            prop_assert_eq!(github::annotations(&findings, &str::to_owned).lines().count(), 1);
            let read = json::parse(json::render(&findings).as_bytes()).expect("our own");
            prop_assert_eq!(&read.suspects[0].class, &findings.suspects[0].class);
        }
    }
}
