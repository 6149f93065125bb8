//! Text from outside, made fit for where it is shown: one function a sink.
//!
//! Names, versions, messages and paths of a program under study are written by others. Shown as they are they could move a
//! cursor, forge a line of a receipt, become markup, command a build's runner, or give away a customer's token. Here is all that
//! keeps them from it:
//!
//! - a terminal, or the log of a build: [`Line`], [`paragraph`]
//! - JSON, of which the value stays what it was: [`json`]
//! - HTML: [`Html`]; Markdown: [`Markdown`]; GitHub's annotations: [`annotation()`]
//! - secrets in running text: [`cut`], [`cut_tokens`]; names that are rather data than names: [`is_data`], [`class`]
//!
//! The types take words of the program's own as `&'static str` and everything else by way of the escape, so that a text from
//! outside cannot come in by mistake. Pure: no file, no terminal, no clock, no environment.

pub mod json;

mod annotation;
mod html;
mod markdown;
mod names;
mod random;
mod secrets;
mod spelled;
mod terminal;

pub use annotation::annotation;
pub use html::Html;
pub use markdown::Markdown;
pub use names::{SOME_NAME, class, is_data};
pub use secrets::{SECRET, cut, cut_tokens, has_token, names_a_secret};
pub use spelled::{is_unseen, one_line};
pub use terminal::{Line, paragraph};
