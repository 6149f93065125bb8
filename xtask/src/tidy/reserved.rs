//! What only some places may use: the environment, the terminal, processes, files.

use super::source::{Code, File};

/// A rule about paths, as they are once `use` is followed, or about methods by their name.
struct Reserved {
    /// Beginnings of paths, or names of methods with a dot before them.
    what: &'static [&'static str],
    /// The folders for which the rule holds.
    within: &'static [&'static str],
    /// The places within them that may.
    allowed: &'static [&'static str],
    why: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        what: &["std::env"],
        within: &["crates/"],
        allowed: &["crates/cli/src/"],
        why: "only cli reads the environment",
    },
    Reserved {
        what: &["std::process::exit", "std::process::abort"],
        within: &["crates/"],
        allowed: &["crates/cli/src/main.rs"],
        why: "only main ends the process",
    },
    Reserved {
        what: &["anstream", "std::io::stdout"],
        within: &["crates/"],
        allowed: &["crates/cli/src/terminal.rs"],
        why: "what is printed goes through terminal.rs",
    },
    Reserved {
        what: &[".set_message"],
        within: &["crates/"],
        allowed: &["crates/cli/src/progress.rs"],
        why: "the live line is written in one place",
    },
    Reserved {
        what: &["serde_json::to_"],
        within: &["crates/"],
        allowed: &["crates/inspector/src/wire.rs", "crates/heap/src/classes/interfaces.rs"],
        why: "JSON that somebody may look at is written by leakhunt_text::json",
    },
    Reserved {
        what: &["std::process::Command", "tokio::process"],
        within: &["crates/"],
        allowed: &["crates/host/src/"],
        why: "only host starts processes",
    },
    Reserved {
        what: &["std::fs", "tokio::fs", "memmap2"],
        within: &["crates/heap/", "crates/diagnosis/", "crates/report/", "crates/text/"],
        // A snapshot is mapped where it lies: 300 MB are not read into memory first.
        allowed: &["crates/heap/src/file/mod.rs"],
        why: "heap, diagnosis, report and text are given bytes and give bytes",
    },
];

pub(super) fn check(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for rule in RESERVED {
        let in_any = |places: &[&str]| places.iter().any(|place| file.path.starts_with(place));
        if !in_any(rule.within) || in_any(rule.allowed) {
            continue;
        }
        for (name, line) in names(&file.code) {
            if let Some(what) = rule.what.iter().find(|what| begins(&name, what)) {
                found.push(format!("{}:{line}: uses {what}: {}", file.path, rule.why));
            }
        }
    }
    found.dedup();
    found
}

/// `std::fs` begins `std::fs::read`, not `std::fsync`; `serde_json::to_` begins all that it is written before.
fn begins(name: &str, what: &str) -> bool {
    name.strip_prefix(what)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || what.ends_with('_'))
}

/// Every path with its first name written out, and every method.
fn names(code: &Code) -> impl Iterator<Item = (String, usize)> {
    let imports = code.imports.iter().map(|import| (import.path.segments.join("::"), import.path.line));
    let paths = code.paths.iter().map(|path| {
        let first = path.segments.first();
        let import = code.imports.iter().find(|import| import.name.as_ref() == first);
        let written_out = match import {
            Some(import) => [&import.path.segments, path.segments.get(1..).unwrap_or_default()].concat(),
            None => path.segments.clone(),
        };
        (written_out.join("::"), path.line)
    });
    let methods = code.methods.iter().map(|(name, line)| (format!(".{name}"), *line));
    imports.chain(paths).chain(methods)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(path: &str, text: &str, why: &str) {
        let found = check(&File::parse(path, text).expect("it is Rust"));
        assert!(found.iter().any(|found| found.contains(why)), "{found:?}");
    }

    #[track_caller]
    fn passes(path: &str, text: &str) {
        let found = check(&File::parse(path, text).expect("it is Rust"));
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn files_where_there_is_no_io() {
        let why = "are given bytes";
        finds("crates/diagnosis/src/a.rs", "fn a() { std::fs::read(b) }", why);
        finds("crates/report/src/a.rs", "use std::fs; fn a() { fs::read(b) }", why);
        finds("crates/heap/src/a.rs", "use std::{fs::File, io}; fn a() { File::open(b) }", why);
        passes("crates/heap/src/file/mod.rs", "use std::fs::File;");
        passes("crates/capture/src/a.rs", "fn a() { std::fs::read(b) }");
        passes("crates/diagnosis/src/a.rs", "#[cfg(test)] mod tests { fn a() { std::fs::read(b) } }");
    }

    #[test]
    fn code_behind_a_test() {
        finds(
            "crates/report/src/a.rs",
            "#[cfg(test)] mod browser; fn a() { std::env::var(b) }",
            "environment",
        );
    }

    #[test]
    fn processes_and_their_end() {
        finds(
            "crates/capture/src/a.rs",
            "use std::process::{self, Stdio}; fn a() { process::Command::new(b) }",
            "starts",
        );
        finds("crates/capture/src/a.rs", "use tokio::process::Command;", "starts");
        finds("crates/cli/src/a.rs", "fn a() { std::process::exit(1) }", "ends the process");
        passes("crates/cli/src/main.rs", "use std::process::ExitCode; fn main() { std::process::exit(1) }");
        passes("crates/host/src/a.rs", "use tokio::process::Command;");
    }

    #[test]
    fn what_is_printed() {
        finds("crates/cli/src/a.rs", "fn a() { anstream::println!(\"{}\", b) }", "terminal.rs");
        finds("crates/cli/src/a.rs", "fn a() { bar.set_message(b) }", "one place");
        finds("crates/capture/src/a.rs", "fn a() { serde_json::to_string(b) }", "leakhunt_text::json");
        passes("crates/inspector/src/wire.rs", "fn a() { serde_json::to_string(b) }");
    }
}
