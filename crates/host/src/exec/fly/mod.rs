//! A machine of Fly.io, through the flyctl of whoever hunts.
//!
//! A command is run by `flyctl ssh console -C`: what stands behind `-C` is split into words there, and no shell sees it. So it is
//! `sh -c` and one quoted word. `choose` settles the machine before anything else is asked; the journal names the same.

mod choose;
mod end;
mod machine;
mod names;
mod words;

pub(super) use choose::survey;
pub use choose::{Asked, choose};
pub(super) use end::ended;
pub use names::{FlyName, FlyProgram};

use super::template::ExecTemplate;
use crate::output::Recognise;

/// One machine of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fly {
    /// The app.
    pub app: FlyName,
    /// The machine, by its id.
    pub machine: FlyName,
    /// The command line by which it is reached.
    pub program: FlyProgram,
}

impl Fly {
    /// How a command is run in it.
    #[must_use]
    pub fn template(&self) -> ExecTemplate {
        let mut words: Vec<String> = [self.program.program(), "ssh", "console"].map(str::to_owned).into();
        words.extend(self.options());
        words.extend(["--quiet", "--command", "sh -c {}"].map(str::to_owned));
        ExecTemplate::of(words)
    }

    /// The options that lead to it, flyctl's and our own.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        vec![format!("--app={}", self.app), format!("--machine={}", self.machine)]
    }

    pub(super) fn describe(&self) -> String {
        format!("machine {} of the Fly.io app {}", self.machine, self.app)
    }
}

/// Recognises a refusal in a line of what flyctl prints.
pub(super) fn recognise(fly: &Fly) -> Recognise {
    words::recognise_of(fly.app.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_one_word_in_which_sh_gets_one_word() {
        let fly = Fly {
            app: "shop".parse().unwrap(),
            machine: "3d8d9014b32d68".parse().unwrap(),
            program: FlyProgram::Flyctl,
        };
        let line = "exec sh -c 'it'\\''s $HOME {}'";
        let filled = fly.template().fill(line);
        assert_eq!(
            filled.args[..6],
            ["ssh", "console", "--app=shop", "--machine=3d8d9014b32d68", "--quiet", "--command"]
        );
        assert_eq!(shell_words::split(&filled.args[6]).unwrap(), ["sh", "-c", line]);
        assert_eq!(filled.args.len(), 7);
    }
}
