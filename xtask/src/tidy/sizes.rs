//! Files and functions that one can read at a sitting.
//!
//! A file is counted with its tests. A function is counted from `fn` to its closing brace, with what is nested in it, comments
//! and blank lines; functions that only tests compile are not counted.

use super::source::File;

/// In `crates/`, where the product and its tests are.
const LONGEST_FILE: usize = 450;
const LONGEST_FUNCTION: usize = 60;

/// Elsewhere: the end-to-end tests and the tasks.
const LONGEST_FILE_ELSEWHERE: usize = 700;

pub(super) fn check(file: &File) -> Vec<String> {
    let File { path, lines, code } = file;
    let mut found = Vec::new();
    let most = if path.starts_with("crates/") { LONGEST_FILE } else { LONGEST_FILE_ELSEWHERE };
    if *lines > most {
        found.push(format!("{path}: {lines} lines, {most} are allowed; split it by what it is about"));
    }
    if file.product().is_some() {
        for function in code.functions.iter().filter(|function| function.lines > LONGEST_FUNCTION) {
            found.push(format!(
                "{path}:{}: {} has {} lines, {LONGEST_FUNCTION} are allowed",
                function.line, function.name, function.lines
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> usize {
        check(&File::parse(path, text).expect("it is Rust")).len()
    }

    #[test]
    fn a_long_file() {
        let blank = "\n".repeat(LONGEST_FILE);
        assert_eq!(of("crates/a/src/b.rs", &blank), 0);
        assert_eq!(of("crates/a/src/b.rs", &format!("{blank}\n")), 1);
        assert_eq!(of("crates/a/tests/b.rs", &format!("{blank}\n")), 1);
        assert_eq!(of("tests/e2e/b.rs", &format!("{blank}\n")), 0);
    }

    #[test]
    fn a_long_function() {
        let function = |lines: usize| format!("fn a() {{{}}}", "\n".repeat(lines - 1));
        assert_eq!(of("crates/a/src/b.rs", &function(LONGEST_FUNCTION)), 0);
        assert_eq!(of("crates/a/src/b.rs", &function(LONGEST_FUNCTION + 1)), 1);
        assert_eq!(of("crates/a/src/b.rs", &format!("impl A {{ {} }}", function(LONGEST_FUNCTION + 1))), 1);
        assert_eq!(of("crates/a/src/b.rs", &format!("#[test] {}", function(LONGEST_FUNCTION + 1))), 0);
    }
}
