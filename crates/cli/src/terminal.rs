//! What is printed for people: whole lines, by these functions and by nothing else.

use std::io::{ErrorKind, IsTerminal as _, Write};

use leakhunt_text::{Line, json};
use serde::Serialize;

/// Stdout took not all of it.
pub(crate) struct Unwritten(pub(crate) std::io::Error);

/// Lines on stderr. A terminal that is gone stops nothing.
pub(crate) fn say<'l>(lines: impl IntoIterator<Item = &'l Line>) {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// A question on stderr, behind which the answer is typed.
pub(crate) fn ask(question: &Line) {
    let _ = write!(anstream::stderr(), "{question} ");
}

/// A question on stderr in the place of what stands in the last line, such as progress; what is typed behind it is not shown.
pub(crate) fn ask_silently(question: &Line) {
    let _ = write!(anstream::stderr(), "\r\x1b[K{question} ");
}

/// The end of a line that was typed without being shown.
pub(crate) fn end_line() {
    let _ = writeln!(anstream::stderr());
}

/// The answer, on stdout. A reader that has seen enough and closed the pipe is no failure.
pub(crate) fn answer<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Result<(), Unwritten> {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    written(anstream::stdout().write_all(text.as_bytes()))
}

/// A document for a program, on stdout: JSON, Markdown, HTML.
pub(crate) fn document(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Unwritten> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    written(write(&mut out).and_then(|()| out.flush()))
}

/// Does a person see what goes to stdout?
pub(crate) fn is_shown() -> bool {
    std::io::stdout().is_terminal()
}

/// Where lines of JSON go that are written as things happen.
pub(crate) fn lines() -> impl Write + Send {
    std::io::stdout()
}

/// Writes one JSON document to stdout, what looks like a token cut out of it.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Unwritten> {
    document(|out| json::told_document(out, value))
}

/// Writes one JSON document to stdout, every string as it is in the snapshot: who asks for the numbers of DevTools asks for its
/// keys.
pub(crate) fn print_exact_json(value: &impl Serialize) -> Result<(), Unwritten> {
    document(|out| json::document(out, value))
}

fn written(result: std::io::Result<()>) -> Result<(), Unwritten> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Unwritten(error)),
        _ => Ok(()),
    }
}
