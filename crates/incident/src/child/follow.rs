//! The events of a step's own command, read while it writes them.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

/// A line of ours is far shorter. What is longer is nobody's event, and left out.
const LONGEST_LINE: usize = 1 << 20;

/// A file of lines that grows.
pub(crate) struct Follow {
    path: PathBuf,
    file: Option<File>,
    /// Of a line whose end has not come yet.
    begun: Vec<u8>,
}

impl Follow {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, file: None, begun: Vec::new() }
    }

    /// Hands on each line that is whole by now. A file that cannot be read has none.
    pub(crate) fn look(&mut self, line: &dyn Fn(&str)) {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return };
        let mut block = [0; 1 << 16];
        while let Ok(read @ 1..) = file.read(&mut block) {
            self.begun.extend_from_slice(&block[..read]);
            while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
                if let Ok(text) = std::str::from_utf8(&self.begun[..end]) {
                    line(text);
                }
                self.begun.drain(..=end);
            }
            if self.begun.len() > LONGEST_LINE {
                self.begun.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn whole_lines_come_once_and_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hunt.events.ndjson");
        let mut follow = Follow::new(path.clone());
        let came = RefCell::new(Vec::new());
        let line = |text: &str| came.borrow_mut().push(text.to_owned());
        follow.look(&line);
        let mut file = File::create(path).unwrap();
        for piece in ["{\"a\":1}\n{\"b\"", ":2}", "\n", &"x".repeat(LONGEST_LINE + 9), "\n{}\n"] {
            file.write_all(piece.as_bytes()).unwrap();
            follow.look(&line);
        }
        assert_eq!(came.into_inner(), ["{\"a\":1}", "{\"b\":2}", "", "{}"]);
    }
}
