//! Commands with a place for another: `docker exec -i shop sh -c {}`, and `ssh -W 127.0.0.1:{} shop`.
//!
//! They are split into words as a shell would, and no shell ever sees them here: what stands in `{}` is one argument, or part of
//! one, whatever it holds.

use std::fmt;
use std::str::FromStr;

use super::streams;
use crate::CommandLine;
use crate::command::quoted;

const PLACE: &str = "{}";
/// For what splits a text into words there and runs them without a shell. No template that a person gives has it.
const WITHIN: &str = "sh -c {}";
/// No command line that a person types is longer.
const LONGEST: usize = 4000;

/// Why a template cannot be used; what to do about it is part of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadTemplate(String);

impl BadTemplate {
    fn because(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// Runs a command there. `{}`, a word by itself, is a command line for a shell there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecTemplate(Vec<String>);

/// Makes one connection to a port there, whose bytes are its stdin and stdout. `{}` is the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardTemplate(Vec<String>);

impl ExecTemplate {
    /// Of words that this crate has put together.
    pub(super) fn of<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// The command that runs `line` there.
    #[must_use]
    pub fn fill(&self, line: &str) -> CommandLine {
        let word = |word: &String| match word.as_str() {
            PLACE => line.to_owned(),
            WITHIN => WITHIN.replace(PLACE, &quoted(line)),
            _ => word.clone(),
        };
        CommandLine::new(self.program(), self.0[1..].iter().map(word))
    }

    /// The program that is started here.
    pub(super) fn program(&self) -> &str {
        &self.0[0]
    }
}

impl ForwardTemplate {
    /// The command that connects to `port` there.
    #[must_use]
    pub fn fill(&self, port: u16) -> CommandLine {
        let port = port.to_string();
        CommandLine::new(self.program(), self.0[1..].iter().map(|word| word.replace(PLACE, &port)))
    }

    /// The program that is started here.
    pub(super) fn program(&self) -> &str {
        &self.0[0]
    }
}

impl FromStr for ExecTemplate {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        const EXAMPLE: &str = "such as in 'docker exec -i shop sh -c {}'";
        let words = words(text)?;
        let place = match words.iter().position(|word| word == PLACE) {
            Some(0) => return Err(BadTemplate::because("{} is the command there: name a program before it")),
            Some(place) => place,
            None if text.contains(PLACE) => {
                return Err(BadTemplate::because(
                    "{} is a whole command line, and cannot be part of a word: it must stand by itself",
                ));
            }
            None => {
                return Err(BadTemplate::because(format!(
                    "it has no {{}}, which is where the command for a shell there goes, {EXAMPLE}"
                )));
            }
        };
        once(text)?;
        match streams::unfit(&words[..place]) {
            Some(why) => Err(BadTemplate(why)),
            None => Ok(Self(words)),
        }
    }
}

impl FromStr for ForwardTemplate {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let words = words(text)?;
        if !text.contains(PLACE) {
            return Err(BadTemplate::because(
                "it has no {}, which is where the port goes, such as in 'ssh -W 127.0.0.1:{} shop'",
            ));
        }
        if words[0].contains(PLACE) {
            return Err(BadTemplate::because("{} is the port: name a program before it"));
        }
        once(text)?;
        match streams::unfit(&words) {
            Some(why) => Err(BadTemplate(why)),
            None => Ok(Self(words)),
        }
    }
}

fn words(text: &str) -> Result<Vec<String>, BadTemplate> {
    if text.len() > LONGEST {
        return Err(BadTemplate::because(format!("it is longer than {LONGEST} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(BadTemplate::because("it holds a control character"));
    }
    match shell_words::split(text) {
        Err(_) => Err(BadTemplate::because("a quote is opened and not closed")),
        Ok(words) if words.first().is_none_or(String::is_empty) => {
            Err(BadTemplate::because("it names no program"))
        }
        Ok(words) => Ok(words),
    }
}

fn once(text: &str) -> Result<(), BadTemplate> {
    match text.matches(PLACE).count() {
        1 => Ok(()),
        _ => Err(BadTemplate::because("{} stands in it more than once")),
    }
}

/// As one can give it again.
fn join(words: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, word) in words.iter().enumerate() {
        let blank = if at == 0 { "" } else { " " };
        let plain = word.contains(PLACE) && quoted(&word.replace(PLACE, "x")) == word.replace(PLACE, "x");
        match plain {
            true => write!(f, "{blank}{word}")?,
            false => write!(f, "{blank}{}", quoted(word))?,
        }
    }
    Ok(())
}

impl fmt::Display for ExecTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(&self.0, f)
    }
}

impl fmt::Display for ForwardTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, line: &str, expected: &[&str]) {
        let template: ExecTemplate = text.parse().unwrap();
        let filled = template.fill(line);
        assert_eq!(filled.program.to_str(), Some(expected[0]));
        assert_eq!(filled.args, expected[1..]);
        assert_eq!(template.to_string().parse(), Ok(template), "what is shown can be given again");
    }

    #[track_caller]
    fn refuse(text: &str, expected: &str) {
        let why = text.parse::<ExecTemplate>().unwrap_err().to_string();
        assert!(why.contains(expected), "{text}: {why}");
    }

    #[test]
    fn the_command_is_one_argument() {
        let line = r#"exec sh -c 'it'\''s {} $HOME `x`'"#;
        check("sh -c {}", line, &["sh", "-c", line]);
        check(
            "docker exec -i 'my shop' sh -c {}",
            line,
            &["docker", "exec", "-i", "my shop", "sh", "-c", line],
        );
        check(r#"ssh -T "a\"b" '' {}"#, line, &["ssh", "-T", "a\"b", "", line]);
        check("sudo -u app sh -c '{}'", line, &["sudo", "-u", "app", "sh", "-c", line]);
    }

    #[test]
    fn what_cannot_work_is_no_template() {
        refuse("", "no program");
        refuse("''", "no program");
        refuse("{}", "name a program");
        refuse("docker exec -i shop", "no {}");
        refuse("ssh shop 'cd /app && {}'", "part of a word");
        refuse("ssh shop {} {}", "more than once");
        refuse("ssh shop x{} {}", "more than once");
        refuse("sh -c '{}", "not closed");
        refuse("sh -c {}\n", "control character");
        refuse(&format!("sh {} {{}}", "x".repeat(LONGEST)), "longer");
        refuse("docker exec -it shop sh -c {}", "terminal");
    }

    #[test]
    fn a_port_may_be_part_of_a_word() {
        let forward: ForwardTemplate = "ssh -W 127.0.0.1:{} shop".parse().unwrap();
        assert_eq!(forward.fill(9229).to_string(), "ssh -W 127.0.0.1:9229 shop");
        assert_eq!(forward.to_string(), "ssh -W 127.0.0.1:{} shop");
        for (text, expected) in [
            ("nc shop 9229", "no {}"),
            ("{} shop", "name a program"),
            ("nc {} {}", "more than once"),
            ("nc '{}", "not closed"),
            ("ssh -tt shop nc 127.0.0.1 {}", "terminal"),
        ] {
            let why = text.parse::<ForwardTemplate>().unwrap_err().to_string();
            assert!(why.contains(expected), "{text}: {why}");
        }
    }
}
