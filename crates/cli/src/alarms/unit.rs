//! `leakhunt watch … --install systemd`: a unit that keeps this very watch at work.
//!
//! How words stand in a unit: systemd.syntax(7), *Quoting*; systemd.service(5), *Command lines*; systemd.unit(5), *Specifiers*.

use std::any::TypeId;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgAction;
use clap::parser::ValueSource;
use leakhunt_host::heroku::AppName;

use crate::exit;
use crate::failure::Failure;

/// What the unit is made of.
pub(crate) struct Unit<'u> {
    pub(crate) app: &'u AppName,
    /// This program.
    pub(crate) program: &'u Path,
    /// What stands behind it on the command line.
    pub(crate) words: &'u [String],
    /// The folder in which it is at work.
    pub(crate) folder: &'u Path,
    /// Where the Heroku CLI is looked for.
    pub(crate) path: Option<&'u str>,
    /// Whose it is.
    pub(crate) user: u32,
    /// What a hunt that is under way gets to end in order.
    pub(crate) patience: Duration,
}

/// Beyond a hunt's own: the connection to the log has to end as well.
const BESIDES: Duration = Duration::from_secs(60);

impl Unit<'_> {
    /// The unit file.
    pub(crate) fn text(&self) -> Result<String, Failure> {
        let (app, user) = (self.app, self.user);
        let stop = (self.patience + BESIDES).as_secs();
        let program = quoted(plain(self.program)?, Dollar::Literal);
        let command = self.words.iter().fold(program, |mut command, word| {
            command.push(' ');
            command + &quoted(word, Dollar::Doubled)
        });
        // Here nothing is unquoted; only specifiers are filled in.
        let folder = plain(self.folder)?.replace('%', "%%");
        let mut environment = String::from("Environment=XDG_STATE_HOME=%S\n");
        if let Some(path) = self.path {
            // Writing to a string cannot fail.
            let _ = writeln!(environment, "Environment={}", quoted(&format!("PATH={path}"), Dollar::Literal));
        }
        Ok(format!(
            "# Hunts on the dynos of {app} that complain, as the user who had this printed. Save it as
# /etc/systemd/system/leakhunt-{app}.service; then, as root:
#   systemctl daemon-reload && systemctl enable --now leakhunt-{app}
#
# The Heroku CLI needs a login. No secret stands in a unit, which everybody can read: put HEROKU_API_KEY=… into
# /etc/leakhunt/{app}.env, which is root's own (chmod 600). `heroku authorizations:create` makes a key.
#
# Which hunts were begun, and what a killed one left to be undone, is kept in /var/lib/leakhunt: finish that with
#   XDG_STATE_HOME=/var/lib leakhunt cleanup

[Unit]
Description=leakhunt: watch of the Heroku app {app}
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User={user}
UMask=0077
WorkingDirectory={folder}
StateDirectory=leakhunt
StateDirectoryMode=0700
{environment}EnvironmentFile=/etc/leakhunt/{app}.env
ExecStart={command}
# 2: it cannot be meant so. 40: an inspector may be open, and a person has to look before another hunt.
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2 40
SuccessExitStatus=143
# The watch ends its hunt in order, and is waited for.
KillMode=mixed
TimeoutStopSec={stop}

[Install]
WantedBy=multi-user.target
"
        ))
    }
}

/// The words of this very watch behind the program's name: what was typed, as clap read it, with the app by its name, and paths of its own
/// from the root on.
pub(crate) fn words(root: &clap::Command, typed: &[OsString], app: &AppName) -> Result<Vec<String>, Failure> {
    const WATCH: [&str; 2] = ["watch", "heroku"];
    let mut root = root.clone();
    root.build();
    let internal = || Failure::new(exit::INTERNAL, "the command line is none of a watch");
    let matches = root.clone().try_get_matches_from(typed).map_err(|_| internal())?;
    let found = WATCH.iter().try_fold((&root, &matches), |(command, matches), name| {
        Some((command.find_subcommand(name)?, matches.subcommand_matches(name)?))
    });
    let (command, matches) = found.ok_or_else(internal)?;
    let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let mut words = WATCH.map(str::to_owned).to_vec();
    words.push(format!("--app={app}"));
    let mut behind = Vec::new();
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        if !given(id) || ["app", "remote", "install"].contains(&id) {
            continue;
        }
        let Some(name) = arg.get_long() else {
            for value in matches.get_raw(id).into_iter().flatten() {
                behind.push(plain(Path::new(value))?.to_owned());
            }
            continue;
        };
        if matches!(arg.get_action(), ArgAction::SetTrue) {
            words.push(format!("--{name}"));
            continue;
        }
        for value in matches.get_raw(id).into_iter().flatten() {
            let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
            let value = if is_path {
                std::path::absolute(value).unwrap_or_else(|_| value.into())
            } else {
                value.into()
            };
            words.push(format!("--{name}={}", plain(&value)?));
        }
    }
    if !behind.is_empty() {
        words.push("--".to_owned());
        words.extend(behind);
    }
    Ok(words)
}

/// A path or another word that can stand in a unit.
fn plain(path: &Path) -> Result<&str, Failure> {
    path.to_str().filter(|text| !text.contains(char::is_control)).ok_or_else(|| {
        let message = format!("{} cannot stand in a unit of systemd", path.display());
        Failure::new(exit::USAGE, message).hint("there it has to be UTF-8 text without line breaks")
    })
}

/// Whether systemd puts variables in place of `$NAME` there.
#[derive(Clone, Copy, PartialEq)]
enum Dollar {
    Doubled,
    Literal,
}

/// One word, whatever is in it.
fn quoted(word: &str, dollar: Dollar) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%".contains(c);
    let quotes = word.is_empty() || !word.chars().all(bare);
    let mut text = String::new();
    for c in word.chars() {
        match c {
            '%' => text.push_str("%%"),
            '$' if dollar == Dollar::Doubled => text.push_str("$$"),
            '"' | '\\' => text.extend(['\\', c]),
            // Writing to a string cannot fail.
            c if c.is_control() || !(c.is_ascii() || c.is_alphanumeric()) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            c => text.push(c),
        }
    }
    if quotes { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What systemd starts: words apart, quotes and escapes gone (`extract_first_word`), specifiers (`unit_full_printf`), and but for
    /// the program variables (`replace_env_argv`), none of which is set.
    fn read(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = line.chars().peekable();
        while rest.peek().is_some() {
            let (mut word, mut open) = (Vec::new(), false);
            while let Some(c) = rest.next_if(|c| open || *c != ' ') {
                match c {
                    '"' => open = !open,
                    '\\' if rest.peek() == Some(&'x') => {
                        let hex: String = rest.by_ref().skip(1).take(2).collect();
                        word.push(u8::from_str_radix(&hex, 16).unwrap());
                    }
                    c => {
                        let c = if c == '\\' { rest.next().unwrap() } else { c };
                        word.extend(c.encode_utf8(&mut [0; 4]).bytes());
                    }
                }
            }
            assert!(!open, "{line}");
            let text = String::from_utf8(word).unwrap().replace("%%", "\u{1}");
            assert!(!text.contains('%'), "a specifier in {line}");
            let text = text.replace('\u{1}', "%");
            words.push(if words.is_empty() { text } else { without_variables(&text) });
            rest.next();
        }
        words
    }

    fn without_variables(text: &str) -> String {
        let halves = text.replace("$$", "\u{1}");
        assert!(!halves.contains('$'), "a variable in {text}");
        halves.replace('\u{1}', "$")
    }

    fn unit(program: &str, words: &[String]) -> String {
        let unit = Unit {
            app: &"shop".parse().unwrap(),
            program: Path::new(program),
            words,
            folder: Path::new("/srv/100% shop"),
            path: Some("/opt/a b/bin:/usr/bin"),
            user: 1000,
            patience: Duration::from_secs(120),
        };
        unit.text().unwrap()
    }

    fn value<'t>(text: &'t str, key: &str) -> &'t str {
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap()
    }

    #[test]
    fn what_is_plain_stands_there_as_it_is_typed() {
        let words = ["watch", "heroku", "--app=shop", "--on=mem>80% for 5m", "--out=/var/$x", ";"];
        let text = unit("/usr/bin/leakhunt", &words.map(str::to_owned));
        assert_eq!(
            value(&text, "ExecStart"),
            "/usr/bin/leakhunt watch heroku --app=shop \"--on=mem>80%% for 5m\" \"--out=/var/$$x\" \";\""
        );
        assert_eq!(value(&text, "WorkingDirectory"), "/srv/100%% shop");
        assert!(text.contains("\nEnvironment=\"PATH=/opt/a b/bin:/usr/bin\"\n"), "{text}");
        assert_eq!(value(&text, "TimeoutStopSec"), "180");
    }

    #[test]
    fn systemd_reads_the_words_that_were_given() {
        let all: Vec<char> = "a %$\"'\\;#{}x0\n\t\u{7}\u{1f}\u{9b}ä\u{2028}=".chars().collect();
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut any = |most: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % most) as usize
        };
        for _ in 0..20_000 {
            let words: Vec<String> = (0..any(4))
                .map(|_| (0..any(9)).map(|_| all[any(all.len() as u64)]).filter(|c| *c != '\u{1}').collect())
                .collect();
            let text = unit("/opt/100% $HOME \"x\"/leakhunt", &words);
            let read = read(value(&text, "ExecStart"));
            assert_eq!((read[0].as_str(), &read[1..]), ("/opt/100% $HOME \"x\"/leakhunt", &words[..]));
        }
    }
}
