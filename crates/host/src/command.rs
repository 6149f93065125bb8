//! A child's command line as it goes into the audit.

use std::fmt;
use std::path::PathBuf;

/// A program and its arguments, exactly as they were run. Secrets travel in the environment, never here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The program.
    pub program: PathBuf,
    /// Its arguments, without the program itself.
    pub args: Vec<String>,
}

impl CommandLine {
    pub(crate) fn new<S: Into<String>>(
        program: impl Into<PathBuf>,
        args: impl IntoIterator<Item = S>,
    ) -> Self {
        Self { program: program.into(), args: args.into_iter().map(Into::into).collect() }
    }

    /// The command in a line: as [`Display`](fmt::Display) gives it, but every argument of more than 60 characters or
    /// several lines (a script) is shortened to its length.
    pub fn short(&self) -> String {
        let program = self.program.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let args = self.args.iter().map(|arg| {
            if arg.len() > 60 || arg.contains('\n') { format!("<{} bytes>", arg.len()) } else { quoted(arg) }
        });
        std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
    }
}

/// The command as one could paste it into a POSIX shell.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.program.to_string_lossy()))?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", quoted(arg)))
    }
}

/// `text` as one word of a POSIX shell: as it is where that is safe, else in single quotes.
pub(crate) fn quoted(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_survives_a_shell() {
        let nasty = ["plain", "", "a b", "it's", "$HOME `x` \"q\"", "line\nline", "-l"];
        let command = CommandLine::new("printf", std::iter::once("%s|").chain(nasty));
        let out = std::process::Command::new("sh").arg("-c").arg(command.to_string()).output().unwrap();
        assert_eq!(String::from_utf8(out.stdout).unwrap(), nasty.map(|s| format!("{s}|")).concat());
    }

    #[test]
    fn a_script_is_shortened() {
        let command = CommandLine::new("/usr/bin/heroku", ["ps:exec", "-a", "my app", "--", "a\nb"]);
        assert_eq!(command.short(), "heroku ps:exec -a 'my app' -- <3 bytes>");
    }
}
