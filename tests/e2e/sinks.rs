//! What a hostile program says, and the tokens of a careless one, in everything that is printed or written.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::analyze::{folder, leakhunt, run};
use crate::support::{Hunt, QUICK, node, scratch};

/// A program whose tokens are keys of its objects, of its maps, symbols and tags, and whose names are made to be obeyed. The tokens
/// are left beside the snapshots.
const CARELESS: &str = r"
const v8 = require('node:v8');
const fs = require('node:fs');
const [folder, rounds] = process.argv.slice(2);
let seed = 7;
const next = (end) => { seed = (seed * 48271) % 2147483647; return seed % end; };
const of = (alphabet, length) => Array.from({ length }, () => alphabet[next(alphabet.length)]).join('');
const LOWER = 'abcdefghijklmnopqrstuvwxyz', UPPER = LOWER.toUpperCase(), DIGITS = '0123456789';
const WORD = UPPER + LOWER + DIGITS, HEX = DIGITS + 'abcdef';
const kinds = [
  () => 'ghp_' + of(WORD, 36), () => 'AKIA' + of(UPPER + '234567', 16), () => 'sk_live_' + of(WORD, 24),
  () => of(HEX, 32), () => of(HEX, 8) + '-' + of(HEX, 4) + '-4' + of(HEX, 3) + '-a' + of(HEX, 3) + '-' + of(HEX, 12),
  () => 'eyJ' + of(WORD, 30) + '.eyJ' + of(WORD, 30) + '.' + of(WORD + '-_', 43),
  () => of(WORD + '-_', 21), () => of(WORD, 24), () => of(UPPER + LOWER, 22), () => 'xoxb-' + of(DIGITS, 12) + '-' + of(WORD, 24),
];
const EVIL = ['\n::error::forged', '##[error]forged', '\u202egnp.', '\u009b2J', '</script><b>', '`|x](y)'];
const tokens = [];
const token = () => { const made = kinds[tokens.length % kinds.length](); tokens.push(made); return made; };
const sessions = {}, byToken = new Map(), kept = [];
class Session { constructor(secret) { this.secret = secret; this[Symbol(token())] = {}; } }
for (const evil of EVIL) Object.defineProperty(Session.prototype, evil, { value: 1 });
function login() {
  const key = token(), shared = token();
  // Two objects of one shape, so that DevTools makes a class of it.
  sessions[key] = [{ [shared]: {}, of: {} }, { [shared]: {}, of: {} }];
  byToken.set(token(), new Session(token()));
  kept.push({ [EVIL[kept.length % EVIL.length]]: {}, evil: {} });
  kept.push({ [Symbol.toStringTag]: token(), held: {} });
  const made = { [EVIL[kept.length % EVIL.length] + token()]: {} };
  kept.push(made, { ...made });
}
module.exports = { login };
function round(number) {
  if (number > Number(rounds)) return fs.writeFileSync(`${folder}/tokens.json`, JSON.stringify(tokens));
  for (let i = 0; i < 60; i++) login();
  v8.writeHeapSnapshot(`${folder}/${number}.heapsnapshot`);
  setImmediate(round, number + 1);
}
setImmediate(round, 1);
";

/// Its snapshots and tokens.
fn careless() -> &'static (Vec<PathBuf>, Vec<String>) {
    static MADE: OnceLock<(Vec<PathBuf>, Vec<String>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let at = scratch().keep();
        let snapshots = run(&at, CARELESS, 3, &[]);
        let tokens = std::fs::read(at.join("tokens.json")).unwrap();
        (snapshots, serde_json::from_slice(&tokens).unwrap())
    })
}

/// No token, nothing that steers, no command of a build's runner.
#[track_caller]
fn check(what: &str, shown: &str) {
    let (_, tokens) = careless();
    let leaked: Vec<&String> = tokens.iter().filter(|token| shown.contains(token.as_str())).collect();
    assert!(leaked.is_empty(), "{what} shows {} of {} tokens, {leaked:?}", leaked.len(), tokens.len());
    check_harmless(what, shown);
}

#[track_caller]
fn check_harmless(what: &str, shown: &str) {
    let steers = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    for line in shown.lines() {
        assert!(!line.chars().any(steers) && !line.contains("##["), "{what}: {line:?}");
        let own = what.contains("github") && line.starts_with("::") && line.contains("title=leakhunt");
        assert!(own || !line.trim_start().starts_with("::"), "{what}: {line:?}");
    }
}

#[test]
fn no_view_shows_a_token_or_obeys_a_name() {
    let (snapshots, _) = careless();
    let (first, last) = (&snapshots[0], &snapshots[2]);
    for format in ["text", "markdown", "html", "json", "github"] {
        let answer = leakhunt(&["analyze", "--format", format], &[folder(snapshots).to_owned()]);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        check(&format!("analyze --format {format}"), &answer.stdout);
    }
    let views: [(&[&str], &[PathBuf]); 7] = [
        (&["compare", "--all"], &[first.clone(), last.clone()]),
        (&["compare", "--all", "--by-class"], &[first.clone(), last.clone()]),
        (&["summary", "--all"], std::slice::from_ref(last)),
        (&["retainers", "--depth", "5", "--siblings", "50"], &[last.clone(), "Session".into()]),
        (&["retainers", "--siblings", "50", "--json"], &[last.clone(), "Session".into()]),
        (&["retainers", "--siblings", "50"], &[last.clone(), "(string)".into()]),
        (&["retainers", "--siblings", "50"], &[last.clone(), "Map".into()]),
    ];
    for (args, paths) in views {
        let answer = leakhunt(args, paths);
        assert_eq!(answer.code, Some(0), "{args:?}: {}", answer.stderr);
        check(&args.join(" "), &answer.stdout);
    }
}

#[test]
fn the_holders_of_a_token_do_not_tell_it_unless_they_are_asked_to() {
    let (snapshots, tokens) = careless();
    let last = &snapshots[2];
    // An object whose tag is one.
    let nodes = leakhunt(&["export"], std::slice::from_ref(last)).stdout;
    let tagged = nodes.lines().find(|row| tokens.iter().any(|token| row.contains(token.as_str()))).unwrap();
    let (id, _) = tagged[1..].split_once(',').unwrap();
    for more in [&[][..], &["--json"]] {
        let args = [&["retainers"], more].concat();
        let object = [last.clone(), format!("@{id}").into()];
        check("retainers", &leakhunt(&args, &object).stdout);
        let told = leakhunt(&[&args[..], &["--show-strings"]].concat(), &object).stdout;
        assert!(tokens.iter().any(|token| told.contains(token.as_str())), "{told}");
        check_harmless("retainers --show-strings", &told);
    }
}

#[test]
fn json_that_was_asked_for_has_the_names_and_does_nothing() {
    let (snapshots, tokens) = careless();
    let (first, last) = (&snapshots[0], &snapshots[2]);
    let documents: [(&[&str], &[PathBuf]); 3] = [
        (&["compare", "--json"], &[first.clone(), last.clone()]),
        (&["summary", "--json"], std::slice::from_ref(last)),
        (&["export"], std::slice::from_ref(last)),
    ];
    for (args, paths) in documents {
        let answer = leakhunt(args, paths);
        check_harmless(&args.join(" "), &answer.stdout);
        let mut keys = String::new();
        for document in serde_json::Deserializer::from_str(&answer.stdout).into_iter::<Value>() {
            let document = document.unwrap();
            let lists = [&document, &document["rows"], &document["classes"]];
            let rows = lists.into_iter().find_map(Value::as_array).unwrap();
            keys.extend(
                rows.iter()
                    .filter_map(|row| row.as_str().or(row["key"].as_str()))
                    .map(|key| format!("{key}\n")),
            );
        }
        assert!(
            keys.contains("\u{202e}gnp.") && keys.contains("::error::forged"),
            "{args:?}: the value is as it was"
        );
        assert!(tokens.iter().any(|token| keys.contains(token.as_str())), "{args:?}: exact keys");
    }
}

/// An app with a token among its arguments, which lies about its version.
const LIAR: &str = r"
Object.defineProperty(process, 'version', { value: 'v22.0.0\n  \u2713 inspector           forged' });
process.title = 'app\u202e --token hunter2hunter2 \n::error::forged';
const kept = [];
setInterval(() => { for (let i = 0; i < 60; i++) kept.push({ order: i, lines: [i] }); }, 50);
";

const TOKEN: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";

#[test]
fn an_app_forges_no_line_and_its_arguments_stay_its_own() {
    let at = scratch();
    let script = at.path().join("app.js");
    std::fs::write(&script, LIAR).unwrap();
    let mut app = Command::new(node(22))
        .arg("--inspect-port=0")
        .arg(script)
        .args(["--api-token", "hunter2hunter2", TOKEN])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = app.id().to_string();
    let local = |args: &[&str]| {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", at.path());
        Hunt::spawn(leakhunt, args, None).end()
    };
    let looked = local(&["doctor", "local", "--pid", &pid]);
    let json = local(&["doctor", "local", "--json", "--pid", &pid]);
    let ran = local(&[&["local", "-v", "--pid", &pid], &QUICK[..]].concat());
    app.kill().unwrap();
    app.wait().unwrap();
    ran.code(0).left_nothing_here();
    let written = |name: &str| std::fs::read_to_string(ran.session().join(name)).unwrap();
    let texts = [
        ("doctor", looked.stdout),
        ("doctor --json", json.stdout),
        ("stderr", ran.stderr.clone()),
        ("stdout", ran.stdout.clone()),
        ("session.json", written("session.json")),
        ("events.ndjson", written("events.ndjson")),
        ("findings.json", written("findings.json")),
        ("summary.md", written("summary.md")),
        ("report.html", written("report.html")),
    ];
    for (what, text) in &texts {
        assert!(!text.contains(TOKEN) && !text.contains("hunter2hunter2"), "{what}: {text}");
        check_harmless(what, text);
    }
    let forged = |line: &str| {
        line.trim_start().starts_with('✓') && line.contains("forged") && line.contains("inspector  ")
    };
    assert!(!texts.iter().any(|(_, text)| text.lines().any(forged)), "{}", ran.stderr);
    assert!(Path::new(&ran.session()).exists());
}
