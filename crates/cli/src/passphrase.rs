//! The passphrase of a private key, typed at the terminal by whoever is there.

use std::io::{IsTerminal as _, Read};
use std::path::Path;
use std::sync::Arc;

use leakhunt_host::ssh::Passphrases;
use leakhunt_text::Line;
use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::terminal;

/// What Ctrl-C types.
const INTERRUPT: u8 = 3;
const LONGEST: usize = 1024;

/// Those that are asked for where somebody can be asked: a script gets an error that names the key.
pub(crate) fn at_the_terminal() -> Passphrases {
    let somebody = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if somebody { Passphrases::asked_of(Arc::new(ask)) } else { Passphrases::default() }
}

fn ask(key: &Path, again: bool) -> Option<Zeroizing<String>> {
    let mut stdin = std::io::stdin().lock();
    let before = tcgetattr(&stdin).ok()?;
    let mut silent = before.clone();
    // Ctrl-C ends the line instead of this process, which would leave the terminal silent.
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    silent.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
    tcsetattr(&stdin, OptionalActions::Flush, &silent).ok()?;
    let what = if again { "That is not it. Passphrase" } else { "Passphrase" };
    terminal::ask_silently(&Line::of(what).and(" of ").text(key.display()).and(":"));
    let typed = line(&mut stdin);
    let _ = tcsetattr(&stdin, OptionalActions::Now, &before);
    terminal::end_line();
    if typed.as_ref().is_some_and(|typed| typed.ends_with(char::from(INTERRUPT))) {
        let _ = kill_process(getpid(), Signal::INT);
        return None;
    }
    typed
}

/// Up to its end, which is not part of it, unless that is Ctrl-C. `None` where the terminal is gone, or what was typed is no text.
fn line(stdin: &mut impl Read) -> Option<Zeroizing<String>> {
    let mut typed = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0];
    while typed.len() < LONGEST {
        stdin.read_exact(&mut byte).ok()?;
        match byte[0] {
            b'\n' | b'\r' => break,
            other => typed.push(other),
        }
        if byte[0] == INTERRUPT {
            break;
        }
    }
    std::str::from_utf8(&typed).ok().map(|text| Zeroizing::new(text.to_owned()))
}
