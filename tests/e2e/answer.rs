//! What is made of an answer afterwards: before and after a fix, a report once more, and what must never be in one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::analyze::{analyze, check_warns, findings, folder, leak, leakhunt, run, shop};

/// Five snapshots of the same shop, in which nothing is sold any more.
fn mended() -> &'static [PathBuf] {
    static MENDED: OnceLock<Vec<PathBuf>> = OnceLock::new();
    MENDED.get_or_init(|| shop("mended", 5, &["idle"]))
}

/// A session folder with these snapshots, one a minute, as a hunt leaves it.
fn session(snapshots: &[PathBuf], id_spaces: &[u32]) -> tempfile::TempDir {
    let session = tempfile::tempdir().expect("a temporary folder");
    let mut taken = Vec::new();
    let mut readings = Vec::new();
    for (at, (path, id_space)) in snapshots.iter().zip(id_spaces).enumerate() {
        let name = format!("{}.heapsnapshot", at + 1);
        std::fs::copy(path, session.path().join(&name)).expect("it is copied");
        let time = |second: u32| format!("2026-11-22T10:{at:02}:{second:02}Z");
        taken.push(json!({ "file": name, "taken_at": time(1), "id_space": id_space, "pause_ms": 3 }));
        readings.push(json!({ "at": time(0), "heap_used": 4_000_000 + at, "collected": true }));
    }
    let document =
        json!({ "schema_version": 1, "target": "web.1 of shop", "snapshots": taken, "readings": readings });
    std::fs::write(session.path().join("session.json"), document.to_string()).expect("it is written");
    session
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_fix_is_seen_to_have_worked() {
    let before = folder(leak());
    let now = findings(&["--fail-on-leak", "--baseline", text(before)], mended(), 0);
    assert_eq!(now["verdict"], "healthy", "{now:#}");
    assert_eq!(
        (&now["baseline"]["verdict"], &now["baseline"]["changes"][0]["state"]),
        (&json!("leak"), &json!("gone"))
    );
    for (format, expected) in
        [("text", "gone"), ("markdown", "| gone |"), ("html", "<td class=\"down\">gone</td>")]
    {
        let answer = analyze(&["--format", format, "--baseline", text(before)], mended());
        assert!(answer.stdout.contains(expected) && answer.stdout.contains("tickets"), "{}", answer.stdout);
    }
}

#[test]
fn what_a_fix_did_not_reach_fails_the_build_and_what_is_new_as_well() {
    let still = findings(&["--fail-on-leak", "--baseline", text(folder(leak()))], leak(), 10);
    assert_eq!(still["baseline"]["changes"][0]["state"], "same", "{still:#}");
    let new = findings(&["--fail-on-leak", "--baseline", text(folder(mended()))], leak(), 10);
    assert_eq!(new["baseline"]["changes"][0]["state"], "new", "{new:#}");
    assert!(
        new["baseline"]["sentence"].as_str().expect("a sentence").starts_with("new: Map tickets"),
        "{new:#}"
    );
}

#[test]
fn findings_that_were_kept_are_a_baseline_without_their_snapshots() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let kept = scratch.path().join("findings.json");
    std::fs::write(&kept, analyze(&["--json"], leak()).stdout).expect("it is written");
    let now = findings(&["--baseline", text(&kept)], mended(), 0);
    assert_eq!(now["baseline"]["changes"][0]["state"], "gone", "{now:#}");

    std::fs::write(&kept, "{}").expect("it is written");
    let answer = analyze(&["--baseline", text(&kept)], mended());
    assert_eq!(answer.code, Some(35), "{}", answer.stderr);
    assert!(answer.stderr.contains("hint: --baseline takes"), "{}", answer.stderr);
}

#[test]
fn growth_is_told_a_minute_where_the_times_are_known() {
    let session = session(leak(), &[1; 5]);
    let findings = findings(&[], &[path(&session)], 0);
    let growth = &findings["suspects"][0]["growth"];
    // A snapshot a minute: the two are the same.
    assert!(
        growth["per_step"].as_u64() > Some(0) && growth["per_step"] == growth["per_minute"],
        "{growth:#}"
    );
    assert!(findings["sentence"].as_str().expect("a sentence").contains(" a minute)"), "{findings:#}");
}

#[test]
fn an_id_space_that_the_hunt_saw_lost_is_not_trusted() {
    let session = session(leak(), &[1, 1, 2, 2, 2]);
    let findings = findings(&[], &[path(&session)], 0);
    check_warns(&findings, "after snapshot 2");
    check_warns(&findings, "only across snapshots 3 to 5");
    assert_eq!(findings["suspects"][0]["growth"]["counts"].as_array().map(Vec::len), Some(3), "{findings:#}");
    let page = analyze(&["--format", "html"], &[path(&session)]).stdout;
    assert_eq!(page.matches("\"left_out\"").count(), 1 + 3, "pairs before the loss and after it");
}

/// Two runs of one program agree as far as two snapshots of one process that has changed much: nobody but the hunt knows.
#[test]
fn what_the_hunt_saw_to_be_one_process_is_compared_as_one() {
    let snapshots = [&leak()[..1], &shop("again", 1, &[])].concat();
    let pairs =
        |given: &[PathBuf]| analyze(&["--format", "html"], given).stdout.matches("\"left_out\"").count();
    assert_eq!(pairs(&snapshots), 0);
    assert_eq!(pairs(&[path(&session(&snapshots, &[1, 1]))]), 1);
}

#[test]
fn two_snapshots_prove_nothing() {
    for snapshots in [&leak()[..2], &mended()[..2]] {
        let findings = findings(&["--fail-on-leak"], snapshots, 11);
        assert!(
            findings["sentence"].as_str().expect("a sentence").contains("wo snapshots cannot"),
            "{findings:#}"
        );
    }
}

#[test]
fn a_report_is_made_again_from_what_was_found() {
    let session = session(leak(), &[1; 5]);
    let report = |format: &str| leakhunt(&["report", "--format", format], &[path(&session)]);
    let analysed: Value = serde_json::from_str(&report("json").stdout).expect("one JSON document");
    assert_eq!(analysed["verdict"], "leak", "nothing is stored yet: it is analysed");

    let mut stored = analysed;
    stored["sentence"] = json!("leak: as it was stored");
    std::fs::write(session.path().join("findings.json"), stored.to_string()).expect("it is written");
    for format in ["text", "json", "markdown", "html", "github"] {
        let answer = report(format);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        assert!(
            format == "github" || answer.stdout.contains("as it was stored"),
            "{format}: {}",
            answer.stdout
        );
    }
    assert!(report("html").stdout.contains("id=\"comparison\""));

    // Snapshots are large and are thrown away first.
    for k in 1..=5 {
        std::fs::remove_file(session.path().join(format!("{k}.heapsnapshot"))).expect("it is there");
    }
    assert!(report("html").stdout.contains("as it was stored"));

    stored["schema_version"] = json!(99);
    std::fs::write(session.path().join("findings.json"), stored.to_string()).expect("it is written");
    let answer = report("text");
    assert_eq!(answer.code, Some(35), "{}", answer.stdout);
}

/// Secrets wherever a program may have them: keys and values of maps and dictionaries, names of events, variables.
const VAULT: &str = "\
const v8 = require('node:v8');
const { EventEmitter } = require('node:events');
const word = (n) => 'TOPSECRET' + n.toString(26).replace(/[0-9]/g, (d) => 'qrstuvwxyz'[d]);
const byToken = new Map(), byName = {}, notes = [], seen = new Set(), bus = new EventEmitter().setMaxListeners(0);
const attached = new WeakMap();
const [folder, rounds] = process.argv.slice(2);
let n = 0, last = word(0);
function keep() {
  const secret = word(++n);
  const user = { secret, address: `${secret}@example.org` };
  byToken.set(secret, { user });
  byName[secret] = { items: [{ secret }] };
  notes.push(`${last}/${secret}`);
  seen.add(`${secret}.`);
  bus.on(secret, () => secret + user.address);
  attached.set(user, secret + '!');
  last = secret;
}
function round(number) {
  if (number > Number(rounds)) return;
  for (let i = 0; i < 300; i++) keep();
  v8.writeHeapSnapshot(`${folder}/${number}.heapsnapshot`);
  setImmediate(round, number + 1);
}
setImmediate(round, 1);
module.exports = { keep, byToken, byName, notes, seen, bus, attached };
";

#[test]
fn no_secret_of_the_program_is_in_any_report_unless_asked_for() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let snapshots = run(scratch.path(), VAULT, 5, &[]);
    for format in ["text", "json", "markdown", "html", "github"] {
        let answer = analyze(&["--format", format], &snapshots);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        let told = answer.stdout + &answer.stderr;
        let secret =
            told.find("TOPSECRET").map(|at| &told[at.saturating_sub(200)..(at + 40).min(told.len())]);
        assert_eq!(secret, None, "in {format}");
        assert!(told.contains("byToken"), "{format}: {told}");
    }
    let asked = analyze(&["--show-strings"], &snapshots).stdout;
    assert!(asked.contains("TOPSECRET"), "{asked}");
}

/// A journal that is one string, put together from many. Only the timer that is set again each time leads to it.
const JOURNAL: &str = "\
const v8 = require('node:v8');
const [folder, rounds] = process.argv.slice(2);
class Journal {
  text = '';
  note(n) { this.text += `${n} came and went, as so many did before it; `; }
}
const journal = new Journal();
let n = 0;
function round(number) {
  if (number > Number(rounds)) return;
  for (let i = 0; i < 3000; i++) journal.note(n++);
  v8.writeHeapSnapshot(`${folder}/${number}.heapsnapshot`);
  setTimeout(round, 5, number + 1);
}
round(1);
";

#[test]
fn a_string_put_together_from_many_is_as_long_as_all_of_them() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let snapshots = run(scratch.path(), JOURNAL, 5, &[]);
    let found = findings(&["--show-strings"], &snapshots, 0);
    let suspect = &found["suspects"][0];
    assert_eq!(suspect["class"], "(concatenated string)", "{found:#}");
    let sentence = suspect["sentence"].as_str().expect("a sentence");
    assert!(sentence.starts_with("Journal.text (") && sentence.contains("shop.js:4)"), "{sentence}");
    assert!(sentence.contains("rite it out, or cut it"), "{sentence}");
    let text = &suspect["strings"][0];
    assert!(text["length"].as_u64() > Some(600_000), "{text:#}");
    assert!(text["value"].as_str().is_some_and(|value| value.starts_with("0 came and went")), "{text:#}");
}
