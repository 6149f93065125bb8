//! `leakhunt analyze` on snapshots that a real Node.js wrote: of a leak, and of everything that can be wrong with them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use leakhunt_rig::Options;
use serde_json::Value;

use crate::support::{QUICK, hunt, node, rig};

/// A shop that keeps every ticket, and a snapshot after each round. With `reset`, an inspector comes and goes half-way;
/// with `idle`, nothing is sold.
const SHOP: &str = "\
const v8 = require('node:v8');
const inspector = require('node:inspector');
class Ticket {
  constructor(number) { this.number = number; this.lines = new Array(20).fill(number); }
}
const tickets = new Map();
function sell(count) {
  for (let i = 0; i < count; i++) tickets.set(tickets.size, new Ticket(tickets.size));
}
module.exports = { sell };
const [folder, rounds, reset] = process.argv.slice(2);
function round(number) {
  if (number > Number(rounds)) return;
  if (reset === 'reset' && number === 3) {
    const session = new inspector.Session();
    session.connect();
    session.disconnect();
  }
  sell(reset === 'idle' ? 0 : 500);
  v8.writeHeapSnapshot(`${folder}/${number}.heapsnapshot`);
  setImmediate(round, number + 1);
}
setImmediate(round, 1);
";

const DECLARED: u64 = 6;

/// Runs the shop in a folder of its own; gives its snapshots.
#[track_caller]
pub(crate) fn shop(name: &str, rounds: usize, more: &[&str]) -> Vec<PathBuf> {
    static SCRATCH: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = SCRATCH.get_or_init(|| tempfile::tempdir().expect("a temporary folder")).path().join(name);
    std::fs::create_dir(&folder).expect("a folder of its own");
    run(&folder, SHOP, rounds, more)
}

/// Runs a script that takes a folder and a number of rounds, and leaves a snapshot of each there.
#[track_caller]
pub(crate) fn run(folder: &Path, text: &str, rounds: usize, more: &[&str]) -> Vec<PathBuf> {
    let script = folder.join("shop.js");
    std::fs::write(&script, text).expect("the script is written");
    let status = Command::new(node(22)).arg(&script).arg(folder).arg(rounds.to_string()).args(more).status();
    assert!(status.expect("node runs").success());
    (1..=rounds).map(|number| folder.join(format!("{number}.heapsnapshot"))).collect()
}

/// The five snapshots of a leak.
pub(crate) fn leak() -> &'static [PathBuf] {
    static LEAK: OnceLock<Vec<PathBuf>> = OnceLock::new();
    LEAK.get_or_init(|| shop("leak", 5, &[]))
}

pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn analyze(args: &[&str], paths: &[PathBuf]) -> Answer {
    leakhunt(&[&["analyze"], args].concat(), paths)
}

pub(crate) fn leakhunt(args: &[&str], paths: &[PathBuf]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_leakhunt"))
        .args(args)
        .args(paths)
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .expect("leakhunt starts");
    Answer {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[track_caller]
pub(crate) fn findings(args: &[&str], paths: &[PathBuf], code: i32) -> Value {
    let answer = analyze(&[args, &["--json"]].concat(), paths);
    assert_eq!(answer.code, Some(code), "{}\n{}", answer.stdout, answer.stderr);
    serde_json::from_str(&answer.stdout).expect("one JSON document")
}

#[track_caller]
pub(crate) fn check_warns(findings: &Value, of: &str) {
    let warnings = findings["warnings"].as_array().expect("a list");
    let said = warnings.iter().filter_map(Value::as_str).any(|warning| warning.contains(of));
    assert!(said, "no \"{of}\" in {warnings:?}");
}

pub(crate) fn folder(snapshots: &[PathBuf]) -> &Path {
    snapshots[0].parent().expect("they are in a folder")
}

#[test]
fn a_leak_has_a_holder_and_a_line() {
    let folder = folder(leak()).to_owned();
    let sources = folder.display().to_string();
    let findings = findings(&["--fail-on-leak", "--sources", &sources], std::slice::from_ref(&folder), 10);
    assert_eq!(findings["verdict"], "leak", "{findings:#}");
    let first = &findings["suspects"][0];
    assert_eq!(first["holder"]["variable"], "tickets", "{first:#}");
    assert_eq!(first["location"]["line"], DECLARED, "{first:#}");
    assert_eq!(first["growth"]["counts"].as_array().expect("a series").len(), 5);
    assert_eq!(findings["warnings"], Value::Array(Vec::new()));
}

#[test]
fn text_fits_eighty_columns_and_is_plain_in_a_pipe() {
    let answer = analyze(&[], leak());
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert!(answer.stdout.starts_with("leak: "), "{}", answer.stdout);
    assert!(answer.stdout.contains("tickets") && answer.stdout.contains("▁"), "{}", answer.stdout);
    assert!(!answer.stdout.contains('\u{1b}'));
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{}", answer.stdout);
}

#[test]
fn a_workflow_gets_an_annotation_at_the_line_and_a_summary() {
    let answer = analyze(&["--format", "github"], leak());
    let script = folder(leak()).join("shop.js");
    let annotation = format!("::error file={},line={DECLARED},", script.display());
    assert!(answer.stdout.starts_with(&annotation), "{}", answer.stdout);
    assert!(answer.stdout.contains("\n# Heap: leak\n"), "{}", answer.stdout);
}

#[test]
fn a_page_stands_alone_and_compares_every_pair() {
    let page = analyze(&["--format", "html"], leak()).stdout;
    assert!(page.starts_with("<!doctype html>") && page.contains("default-src 'none'"));
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    assert_eq!(page.matches("\"left_out\"").count(), 10, "five snapshots have ten pairs");
}

#[test]
fn a_hunt_ends_with_the_answer() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let ran = hunt(&rig, &[&QUICK[..], &["--json"]].concat());
    ran.code(0).left_nothing();
    let told: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    for name in ["findings.json", "summary.md", "report.html"] {
        let told = std::fs::metadata(ran.session().join(name)).expect(name);
        assert_eq!(told.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let findings = std::fs::read(ran.session().join("findings.json")).expect("it is there");
    let findings: Value = serde_json::from_slice(&findings).expect("it is JSON");
    assert_eq!((&told["verdict"], &told["sentence"]), (&findings["verdict"], &findings["sentence"]));
    assert_eq!(findings["memory"]["rss"].as_array().map(Vec::len), Some(2), "a reading of each snapshot");
}

#[test]
fn the_wrong_order_is_found_out() {
    let backwards: Vec<PathBuf> = leak().iter().rev().cloned().collect();
    let findings = findings(&[], &backwards, 0);
    assert_eq!(findings["verdict"], "leak", "{findings:#}");
    check_warns(&findings, "order");
}

#[test]
fn one_snapshot_shows_no_growth() {
    let findings = findings(&["--fail-on-leak"], &leak()[4..], 11);
    assert_eq!(findings["verdict"], "inconclusive", "{findings:#}");
    assert!(findings["sentence"].as_str().expect("a sentence").contains("one snapshot"), "{findings:#}");
}

#[test]
fn a_damaged_file_is_left_out_as_long_as_others_can_be_read() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let cut = scratch.path().join("cut.heapsnapshot");
    let whole = std::fs::read(&leak()[2]).expect("it is there");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("it is written");
    let mut mixed = leak().to_vec();
    mixed.insert(2, cut.clone());
    mixed.push(scratch.path().join("missing.heapsnapshot"));
    let findings = findings(&[], &mixed, 0);
    assert_eq!(findings["verdict"], "leak", "{findings:#}");
    check_warns(&findings, "cut.heapsnapshot");
    check_warns(&findings, "missing.heapsnapshot");

    let answer = analyze(&["--json"], &[cut]);
    let document: Value = serde_json::from_str(&answer.stdout).expect("one JSON document");
    assert_eq!((answer.code, &document["exit_code"]), (Some(35), &Value::from(35)));
    assert!(
        answer.stderr.contains("cut.heapsnapshot") && answer.stderr.contains("hint:"),
        "{}",
        answer.stderr
    );
}

#[test]
fn an_empty_folder_says_so() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let answer = analyze(&["--json"], &[empty.path().to_owned()]);
    let document: Value = serde_json::from_str(&answer.stdout).expect("one JSON document");
    assert_eq!((answer.code, &document["exit_code"]), (Some(35), &Value::from(35)));
    assert!(
        answer.stderr.contains("no heap snapshot") && answer.stderr.contains("hint:"),
        "{}",
        answer.stderr
    );
}

#[test]
fn snapshots_of_two_processes_are_not_one_series() {
    let other = shop("other", 2, &[]);
    let mixed = [&leak()[..2], &other].concat();
    check_warns(&findings(&[], &mixed, 0), "process");
}

#[test]
fn a_lost_id_space_is_found_out() {
    let reset = shop("reset", 4, &["reset"]);
    check_warns(&findings(&[], &reset, 0), "object ids are not comparable");
}
