//! Lines of a remote script, told apart from everything else that comes down the same wire.
//!
//! A remote shell's output is mixed: the message of the day, the tool's status text, warnings of a profile, the echo of what
//! was typed, a terminal's `\r\n`. Each line the script means to say is therefore wrapped in a mark drawn at random for this
//! dialogue, and everything without the mark is only kept as what was printed last. The mark never stands whole in the
//! script's text, so no shell that repeats its input can forge a line.
//!
//! Three kinds of frames: `>` the script runs (sent before its first line), `.` one line, `!` the script's exit status (sent
//! by its EXIT trap). Tools do not pass a remote exit status on reliably (`heroku ps:exec` gives 0 for a cut tunnel), so
//! a script has ended only when the last frame says so.

use crate::Error;

/// A script longer than this is not sent: it travels as one argument and as one SSH packet.
const MAX_SCRIPT: usize = 30_000;
/// What a terminal's line discipline takes as one line is 4095 bytes on Linux and 1024 on the BSDs.
const MAX_SAID: usize = 1000;
/// What joins stderr to stdout, for `ps:exec` of the majors 8 to 10 never reads the remote stderr.
const JOIN: &str = "exec 2>&1\n";
/// What says a line.
const TELL: &str = "tell() { printf '%s\\n' \"$lh_mark.$*.$lh_mark\"; }\n";
/// What says the exit status.
const LAST: &str = "trap 'lh_status=$?; printf \"%s\\n\" \"$lh_mark!$lh_status!$lh_mark\"' EXIT\n";

/// What a line of output is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The script has begun.
    Hello,
    /// The script said this.
    Line(String),
    /// The script has ended with this status.
    End(i32),
    /// Not the script's: motd, echo, status text.
    Noise,
}

/// A script in two parts.
#[derive(Debug)]
pub(crate) struct Split {
    /// The command.
    pub(crate) command: String,
    /// What its stdin is to be told when it has said hello.
    pub(crate) told: String,
}

/// The mark of one dialogue.
#[derive(Debug, Clone)]
pub(crate) struct Mark(String);

impl Mark {
    /// Draws a mark from the kernel's random numbers.
    pub(crate) fn draw() -> Result<Self, Error> {
        use std::io::Read;
        let mut bytes = [0u8; 12];
        std::fs::File::open("/dev/urandom")
            .and_then(|mut file| file.read_exact(&mut bytes))
            .map_err(|source| Error::io("drawing a random mark", source))?;
        Ok(Self(bytes.iter().map(|b| format!("{b:02x}")).collect()))
    }

    /// The script as ONE word for a remote shell of any kind: `exec sh -c '…'`.
    pub(crate) fn wrap(&self, script: &str) -> Result<String, Error> {
        // No echo first: it must not stand between the script's lines.
        self.word(&format!("[ -t 0 ] && stty -echo 2>/dev/null\n{JOIN}"), LAST, script)
    }

    /// The same for a script whose stdout carries bytes: nothing is printed but what it says itself, and no last frame.
    pub(crate) fn wrap_plain(&self, script: &str) -> Result<String, Error> {
        self.word("", "", script)
    }

    /// The same in two parts, for a way on which a command has to be short: a command of one line that runs what it is told, and
    /// what it is to be told once it has said hello. No echo stands between the lines of that, and the hello may be lost.
    pub(crate) fn split(&self, script: &str) -> Result<Split, Error> {
        self.split_with(&format!("{JOIN}{LAST}"), script)
    }

    /// [`split`](Self::split) of what [`wrap_plain`](Self::wrap_plain) takes.
    pub(crate) fn split_plain(&self, script: &str) -> Result<Split, Error> {
        self.split_with("", script)
    }

    fn split_with(&self, before: &str, script: &str) -> Result<Split, Error> {
        check_script(script)?;
        let (left, right) = self.halves();
        // Whatever is between may keep what comes with its first bytes to itself, as `heroku run:inside` does.
        let command = format!(
            "sh -c '[ -t 0 ] && stty -echo 2>/dev/null; lh_mark={left}; lh_mark=${{lh_mark}}{right}; \
             while :; do printf \"%s\\n\" \"$lh_mark>$$>$lh_mark\"; sleep 1; done & lh_hello=$!; \
             lh_end=$(printf \"\\n.\"); lh_end=${{lh_end%.}}; lh_script=; while IFS= read -r lh_line; do \
             if [ \"$lh_line\" = \"$lh_mark\" ]; then kill $lh_hello; wait $lh_hello 2>/dev/null; eval \"$lh_script\"; exit; fi; \
             lh_script=$lh_script$lh_line$lh_end; done; kill $lh_hello'"
        );
        let told = format!("{TELL}{before}{script}\n{}\n", self.0);
        match told.lines().find(|line| line.len() > MAX_SAID) {
            Some(line) => Err(Error::Unsendable(format!("a line of the script is too long: {line:.40}"))),
            None => Ok(Split { command, told }),
        }
    }

    fn halves(&self) -> (&str, &str) {
        self.0.split_at(self.0.len() / 2)
    }

    fn word(&self, before: &str, end: &str, script: &str) -> Result<String, Error> {
        check_script(script)?;
        let (left, right) = self.halves();
        let inner = format!(
            "{before}\
             lh_mark={left}; lh_mark=${{lh_mark}}{right}\n\
             {TELL}\
             {end}\
             printf '%s\\n' \"$lh_mark>$$>$lh_mark\"\n\
             {script}\n"
        );
        let word = format!("exec sh -c '{}'", inner.replace('\'', r"'\''"));
        if word.len() > MAX_SCRIPT {
            return Err(Error::Unsendable(format!("the script is {} bytes long", word.len())));
        }
        Ok(word)
    }

    /// Reads one line of output.
    pub(crate) fn read(&self, line: &str) -> Frame {
        self.read_framed(line).unwrap_or(Frame::Noise)
    }

    fn read_framed(&self, line: &str) -> Option<Frame> {
        // Text without a newline, a prompt say, may stand before the frame on the same line.
        let (_, after) = line.split_once(&self.0)?;
        let (inner, _) = after.rsplit_once(&self.0)?;
        let mut chars = inner.chars();
        let (kind, last) = (chars.next()?, chars.next_back()?);
        let text = chars.as_str();
        match (kind, last) {
            ('>', '>') => Some(Frame::Hello),
            ('.', '.') => Some(Frame::Line(text.to_owned())),
            ('!', '!') => text.parse().ok().map(Frame::End),
            _ => None,
        }
    }
}

fn check_script(script: &str) -> Result<(), Error> {
    match script.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        Some(c) => Err(Error::Unsendable(format!("the script holds the control character {c:?}"))),
        None => Ok(()),
    }
}

/// Refuses what would not arrive as the one line it is.
pub(crate) fn check_said(line: &str) -> Result<(), Error> {
    if line.len() > MAX_SAID || line.chars().any(char::is_control) {
        return Err(Error::Unsendable(format!("not one short line: {:.40}", line.escape_debug())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// Runs a wrapped script in `shell -c` with `input` on its stdin and reads its frames.
    fn frames(shell: &[&str], mark: &Mark, word: &str, input: &str) -> Vec<Frame> {
        let mut child = Command::new(shell[0])
            .args(&shell[1..])
            .arg("-c")
            .arg(word)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{shell:?} is needed: {e}"));
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        String::from_utf8(out.stdout)
            .unwrap()
            .lines()
            .map(|line| mark.read(line))
            .filter(|f| *f != Frame::Noise)
            .collect()
    }

    #[track_caller]
    fn check(script: &str, input: &str, lines: &[&str], status: i32) {
        let mut expected = vec![Frame::Hello];
        expected.extend(lines.iter().map(|l| Frame::Line((*l).to_owned())));
        expected.push(Frame::End(status));
        for shell in [&["sh"][..], &["bash"], &["bash", "--posix"], &["bash", "-v"]] {
            let mark = Mark::draw().unwrap();
            let word = mark.wrap(script).unwrap();
            assert_eq!(frames(shell, &mark, &word, input), expected, "in {shell:?}");
            let mark = Mark::draw().unwrap();
            let Split { command, told } = mark.split(script).unwrap();
            let mut said = frames(shell, &mark, &command, &format!("{told}{input}"));
            // What is told everything at once says hello never, or often.
            said.retain(|frame| *frame != Frame::Hello);
            assert_eq!(said, expected[1..], "in two parts, in {shell:?}");
        }
    }

    #[test]
    fn a_script_speaks_and_listens() {
        check("tell one; tell 'two  words'", "", &["one", "two  words"], 0);
        check("while read -r x; do tell \"got $x\"; done", "a\nb c\n", &["got a", "got b c"], 0);
        check("echo noise; echo more >&2; tell clean; exit 7", "", &["clean"], 7);
        check("printf 'half a line'; tell after", "", &["after"], 0);
    }

    #[test]
    fn quotes_and_dollars_arrive_as_they_are() {
        check(r#"x='it'"'"'s'; tell "$x" '$HOME' "\\" '`id`' '"'"#, "", &[r#"it's $HOME \ `id` ""#], 0);
    }

    #[test]
    fn a_long_script_arrives_whole() {
        let filler = format!("# {}\n", "x'\"$ \\".repeat(12)).repeat(60);
        assert!(filler.len() > 4000);
        check(&format!("{filler}tell end"), "", &["end"], 0);
    }

    #[test]
    fn what_carries_no_mark_is_noise() {
        let mark = Mark::draw().unwrap();
        for line in ["", "motd", ".x.", "deadbeef.x.deadbeef", "\r"] {
            assert_eq!(mark.read(line), Frame::Noise, "{line:?}");
        }
        // A line that was cut, or that lost its end to an echo, is no line.
        assert_eq!(mark.read(&format!("{}.half", mark.0)), Frame::Noise);
        assert_eq!(mark.read(&format!("{}.x.{}\r", mark.0, mark.0)), Frame::Line("x".into()));
    }

    #[test]
    fn what_cannot_arrive_is_not_sent() {
        let mark = Mark::draw().unwrap();
        assert!(mark.wrap("tell \u{4}").is_err());
        assert!(mark.wrap(&"x".repeat(MAX_SCRIPT)).is_err());
        assert!(mark.split("tell \u{4}").is_err());
        assert!(mark.split(&"x".repeat(MAX_SAID + 1)).is_err());
        assert!(mark.split(&"x\n".repeat(MAX_SCRIPT)).unwrap().command.len() < 700);
        assert!(check_said("confirm 9229").is_ok());
        assert!(check_said("two\nlines").is_err());
        assert!(check_said(&"x".repeat(2000)).is_err());
    }
}
