//! What is printed for people: whole lines, by these functions and by nothing else.

use std::io::{ErrorKind, Write};

use leakhunt_text::Line;

use crate::failure::{Failure, exit};

/// Lines on stderr. A terminal that is gone stops nothing.
pub(crate) fn say<'l>(lines: impl IntoIterator<Item = &'l Line>) {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// A question on stderr, behind which the answer is typed.
pub(crate) fn ask(question: &Line) {
    let _ = write!(anstream::stderr(), "{question} ");
}

/// The answer, on stdout. A reader that has seen enough and closed the pipe is no failure.
pub(crate) fn answer<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Result<(), Failure> {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    written(anstream::stdout().write_all(text.as_bytes()))
}

/// A document for a program, on stdout: JSON, Markdown, HTML.
pub(crate) fn document(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    written(write(&mut out).and_then(|()| out.flush()))
}

fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(exit::INTERNAL, format!("failed to write the result: {error}")))
        }
        _ => Ok(()),
    }
}
