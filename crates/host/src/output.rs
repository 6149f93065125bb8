//! What a child prints, read by two tasks that live as long as its pipes.
//!
//! The reader of stdout and that of stderr cut their stream into lines of bounded length, keep what is not framed in the
//! [`Tail`], and look at every piece, unfinished lines too, for words that are known to mean a refusal: a prompt has no
//! newline, and whoever waits for one waits for ever. Frames and refusals go into a bounded channel; when nobody takes them
//! the child has to wait, nothing grows.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Error;
use crate::frame::{Frame, Mark};
use crate::tail::{LastLines, Tail};

const MAX_LINE: usize = 64 * 1024;
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Knows a tool's words of refusal.
pub(crate) type Recognise = Arc<dyn Fn(&str) -> Option<Error> + Send + Sync>;

/// What came out of the child.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A frame of the script.
    Frame(Frame),
    /// A line of stdout, where there is no script.
    Text(String),
    /// The tool said that it will not.
    Refused(Error),
    /// stdout has ended; what follows can only be a refusal on stderr.
    Ended,
}

pub(crate) struct Output {
    heard: mpsc::Receiver<Heard>,
    stderr: JoinHandle<()>,
    ended: bool,
    tail: Tail,
}

impl Output {
    pub(crate) fn read(
        stdout: impl AsyncRead + Unpin + Send + 'static,
        stderr: impl AsyncRead + Unpin + Send + 'static,
        mark: Option<Mark>,
        recognise: Recognise,
        tail: Tail,
    ) -> Self {
        let (tx, heard) = mpsc::channel(256);
        let reader = Reader { mark, recognise: Arc::clone(&recognise), tail: tail.clone(), tx: tx.clone() };
        tokio::spawn(reader.run(stdout));
        let beside = Reader { mark: None, recognise, tail: tail.clone(), tx };
        let stderr = tokio::spawn(beside.run_beside(stderr));
        Self { heard, stderr, ended: false, tail }
    }

    /// The next thing heard; `None` when stdout has ended. stderr gets a moment to end too then, for the reason usually
    /// stands there: as a refusal that is still given here, or in the last lines.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        if !self.ended {
            match self.heard.recv().await {
                Some(Heard::Ended) | None => self.ended = true,
                heard => return heard,
            }
        }
        if !self.stderr.is_finished() {
            let _ = timeout(LAST_WORDS, &mut self.stderr).await;
        }
        std::iter::from_fn(|| self.heard.try_recv().ok()).find(|heard| matches!(heard, Heard::Refused(_)))
    }

    pub(crate) fn last_lines(&self) -> LastLines {
        self.tail.last_lines()
    }
}

struct Reader {
    mark: Option<Mark>,
    recognise: Recognise,
    tail: Tail,
    tx: mpsc::Sender<Heard>,
}

impl Reader {
    async fn run(self, stdout: impl AsyncRead + Unpin) {
        let mut lines = Lines::new(stdout);
        while let Some(piece) = lines.next().await {
            let heard = match (piece, &self.mark) {
                (Piece::Partial, _) => self.refusal(&lines.text()),
                (Piece::Line, Some(mark)) => match mark.read(&lines.text()) {
                    Frame::Noise => self.note(&lines.text()),
                    frame => Some(Heard::Frame(frame)),
                },
                (Piece::Line, None) => {
                    let text = lines.text();
                    self.note(&text).or(Some(Heard::Text(text)))
                }
            };
            if let Some(heard) = heard
                && self.tx.send(heard).await.is_err()
            {
                // Nobody listens any more; the pipe is drained so that the child can still end in order.
                while lines.next().await.is_some() {}
            }
        }
        let _ = self.tx.send(Heard::Ended).await;
    }

    async fn run_beside(self, stderr: impl AsyncRead + Unpin) {
        let mut lines = Lines::new(stderr);
        while let Some(piece) = lines.next().await {
            let text = lines.text();
            let refusal = match piece {
                Piece::Partial => self.refusal(&text),
                Piece::Line => self.note(&text),
            };
            if let Some(refusal) = refusal {
                // A full channel holds a refusal or a busy script already.
                let _ = self.tx.try_send(refusal);
            }
        }
    }

    fn note(&self, text: &str) -> Option<Heard> {
        self.tail.push(text);
        self.refusal(text)
    }

    fn refusal(&self, text: &str) -> Option<Heard> {
        (self.recognise)(text).map(Heard::Refused)
    }
}

pub(crate) enum Piece {
    /// A whole line (or the stream's unfinished last one).
    Line,
    /// What there is of a line so far.
    Partial,
}

/// Cuts a stream into lines of at most [`MAX_LINE`] bytes; the rest of a longer one is thrown away.
pub(crate) struct Lines<R> {
    reader: R,
    chunk: Vec<u8>,
    at: usize,
    line: Vec<u8>,
    emitted: bool,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, chunk: Vec::new(), at: 0, line: Vec::new(), emitted: false, ended: false }
    }

    /// The text of the piece that `next` announced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.line.strip_suffix(b"\r").unwrap_or(&self.line)
    }

    pub(crate) async fn next(&mut self) -> Option<Piece> {
        if std::mem::take(&mut self.emitted) {
            self.line.clear();
        }
        loop {
            if let Some(piece) = self.take_from_chunk() {
                return Some(piece);
            }
            if self.ended {
                return None;
            }
            self.chunk.resize(8192, 0);
            self.at = 0;
            let read = self.reader.read(&mut self.chunk).await.unwrap_or(0);
            self.chunk.truncate(read);
            if read == 0 {
                self.ended = true;
                self.emitted = true;
                return (!self.line.is_empty()).then_some(Piece::Line);
            }
        }
    }

    fn take_from_chunk(&mut self) -> Option<Piece> {
        let rest = &self.chunk[self.at..];
        if rest.is_empty() {
            return None;
        }
        let newline = rest.iter().position(|b| *b == b'\n');
        let taken = &rest[..newline.unwrap_or(rest.len())];
        let room = MAX_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&taken[..taken.len().min(room)]);
        self.at += taken.len() + usize::from(newline.is_some());
        self.emitted = newline.is_some();
        Some(if newline.is_some() { Piece::Line } else { Piece::Partial })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines_of(chunks: &[&[u8]]) -> (Vec<String>, usize) {
        let (mut tx, rx) = tokio::io::duplex(1);
        let all = chunks.concat();
        let writer = tokio::spawn(async move {
            use tokio::io::AsyncWriteExt;
            tx.write_all(&all).await.unwrap();
        });
        let mut lines = Lines::new(rx);
        let (mut whole, mut partial) = (Vec::new(), 0);
        while let Some(piece) = lines.next().await {
            match piece {
                Piece::Line => whole.push(lines.text()),
                Piece::Partial => partial += 1,
            }
        }
        writer.await.unwrap();
        (whole, partial)
    }

    #[tokio::test]
    async fn lines_are_whole_however_they_arrive() {
        let (whole, partial) = lines_of(&[b"a\r\nbc\n\nlast"]).await;
        assert_eq!(whole, ["a", "bc", "", "last"]);
        assert!(partial > 4);
    }

    #[tokio::test]
    async fn a_line_without_end_is_bounded() {
        let long = vec![b'x'; MAX_LINE + 9000];
        let (tx, rx) = tokio::io::duplex(16 * 1024);
        tokio::spawn(async move {
            use tokio::io::AsyncWriteExt;
            let mut tx = tx;
            tx.write_all(&long).await.unwrap();
            tx.write_all(b"\nnext\n").await.unwrap();
        });
        let mut lines = Lines::new(rx);
        let mut whole = Vec::new();
        while let Some(piece) = lines.next().await {
            if matches!(piece, Piece::Line) {
                whole.push(lines.text().len());
            }
        }
        assert_eq!(whole, [MAX_LINE, 4]);
    }
}
