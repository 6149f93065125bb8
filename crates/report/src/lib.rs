//! Findings become text, JSON, Markdown, HTML and annotations: one file per format, and nothing is computed here.
//!
//! Flow: [`Findings`], with what is known of the hunt ([`Session`]) → [`Report`] →
//! [`text`], [`json`], [`markdown`], [`html`], [`github`]. A format is a function to a `String`, or to lines of a terminal; who prints or writes it is the
//! caller's affair.
//!
//! ```no_run
//! use leakhunt_report::{Report, html, json};
//!
//! # fn of(findings: &leakhunt_diagnosis::Findings) {
//! let report = Report { findings, session: None };
//! let (page, document) = (html::render(&report, &[]), json::render(findings));
//! # }
//! ```
//!
//! Classes, variables and paths come from the analysed program and are hostile: each format is built of the types of
//! [`leakhunt_text`], in which a name can neither steer a terminal nor become markup.

pub mod github;
pub mod html;
pub mod json;
pub mod markdown;
pub mod text;

mod compared;
mod session;
mod words;

pub use compared::Compared;
pub use session::{AppTime, Event, Process, Profiled, Reading, Receipt, Session, Taken, Undone};
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
mod example;
