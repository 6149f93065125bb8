//! Folders, files and snapshots that somebody else has made: nothing of them hangs a command, ends it without a word, or has
//! it read what nobody allowed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;

use crate::analyze::{analyze, check_warns, findings, folder, leak};

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// Runs a command that must come to an end by itself.
#[track_caller]
fn ends(state: &Path, args: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_leakhunt"))
        .args(args)
        .env("XDG_STATE_HOME", state)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("leakhunt starts");
    let deadline = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("{args:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn no_command_waits_for_a_pipe_or_reads_a_device() {
    let scratch = tempfile::tempdir().unwrap();
    let session = scratch.path().join("leakhunt-session");
    std::fs::create_dir(&session).unwrap();
    for name in [
        "1.heapsnapshot",
        "2.heapsnapshot",
        "1.heapprofile",
        "session.json",
        "events.ndjson",
        "findings.json",
    ] {
        pipe(&session.join(name));
    }
    let journals = scratch.path().join("leakhunt/hunts");
    std::fs::create_dir_all(&journals).unwrap();
    pipe(&journals.join("20260101T000000Z-1.ndjson"));
    let file = session.join("1.heapsnapshot").display().to_string();
    let session = session.display().to_string();
    for (args, code) in [
        (vec!["analyze", &session], 35),
        (vec!["analyze", &file], 35),
        (vec!["analyze", "/dev/zero"], 35),
        (vec!["analyze", "/proc/self/pagemap"], 35),
        (vec!["report", &session], 35),
        (vec!["compare", &file, &file], 35),
        (vec!["summary", &file], 35),
        (vec!["retainers", &file, "@1"], 35),
        (vec!["export", &file], 35),
        (vec!["analyze", &session, "--baseline", &session], 35),
        (vec!["cleanup"], 40),
    ] {
        let output = ends(scratch.path(), &args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(told.contains("error: "), "{args:?}: {told}");
    }
}

/// Copies the snapshots of the leak into a session folder.
fn session_of(snapshots: &[PathBuf]) -> tempfile::TempDir {
    let session = tempfile::tempdir().unwrap();
    for snapshot in snapshots {
        std::fs::copy(snapshot, session.path().join(snapshot.file_name().unwrap())).unwrap();
    }
    session
}

#[test]
fn what_is_wrong_with_a_session_folder_is_said() {
    let session = session_of(&leak()[..3]);
    let path = session.path().to_owned();
    let told = r#"{"schema_version":1,"target":"web.1 of shop","readings":[],"warnings":[],"snapshots":[
        {"file":"1.heapsnapshot","taken_at":"2026-01-01T00:00:00Z"},{"file":"9.heapsnapshot","taken_at":"2026-01-01T00:00:00Z"}]}"#;
    std::fs::write(path.join("session.json"), told).unwrap();
    check_warns(&findings(&[], std::slice::from_ref(&path), 0), "9.heapsnapshot");
    std::fs::write(path.join("session.json"), "{\"schema_version\":").unwrap();
    check_warns(&findings(&[], std::slice::from_ref(&path), 0), "session.json is damaged");
    std::fs::write(path.join("findings.json"), "[]").unwrap();
    let output = ends(&path, &["report", path.to_str().unwrap(), "--format", "json"]);
    check_warns(&serde_json::from_slice(&output.stdout).unwrap(), "not the findings of this version");
    std::fs::remove_file(path.join("session.json")).unwrap();
    pipe(&path.join("session.json"));
    check_warns(&findings(&[], std::slice::from_ref(&path), 0), "it is not a regular file");

    std::fs::write(path.join("findings.json"), analyze(&["--json"], &leak()[..3]).stdout).unwrap();
    std::fs::remove_file(path.join("session.json")).unwrap();
    std::fs::write(path.join("session.json"), told).unwrap();
    std::fs::remove_file(path.join("1.heapsnapshot")).unwrap();
    let output = ends(&path, &["report", path.to_str().unwrap(), "--format", "json"]);
    check_warns(&serde_json::from_slice(&output.stdout).unwrap(), "1.heapsnapshot, 9.heapsnapshot");
    for left in [2, 3] {
        std::fs::remove_file(path.join(format!("{left}.heapsnapshot"))).unwrap();
    }
    let answer = analyze(&[], std::slice::from_ref(&path));
    assert!(answer.code == Some(35) && answer.stderr.contains("are gone"), "{}", answer.stderr);
}

#[test]
fn a_link_in_a_session_folder_leads_nowhere_else() {
    let session = session_of(&leak()[..2]);
    std::os::unix::fs::symlink(&leak()[2], session.path().join("3.heapsnapshot")).unwrap();
    check_warns(&findings(&[], &[session.path().to_owned()], 0), "a link leads out of the folder");
}

/// The script of the leak is on this machine, where the snapshots say that it is.
#[test]
fn sources_are_read_below_the_folders_that_were_allowed_and_nowhere_else() {
    let without = findings(&[], leak(), 0);
    check_warns(&without, "were not read: a snapshot may name any file");
    check_warns(&without, &format!("--sources {}", folder(leak()).display()));
    let allowed = folder(leak()).display().to_string();
    for flag in ["--sources", "--source-maps"] {
        let with = findings(&[flag, &allowed], leak(), 0);
        assert_eq!(with["warnings"], Value::Array(Vec::new()));
    }
    let answer = analyze(&["--sources", "/nowhere"], leak());
    assert!(answer.code == Some(2) && answer.stderr.contains("--sources"), "{}", answer.stderr);
}

/// A million levels of what opens none of its own brackets overflowed the parser's stack: SIGABRT, and no report.
#[test]
fn a_script_that_nests_without_an_end_is_left_out() {
    let scratch = tempfile::tempdir().unwrap();
    let sources = scratch.path().display().to_string();
    for nested in ["a=>", "if(a);else ", "new ", "for(;;)", "a?b:", "!"] {
        let text = std::fs::read_to_string(folder(leak()).join("shop.js")).unwrap()
            + &nested.repeat(1_000_000)
            + "1";
        std::fs::write(scratch.path().join("shop.js"), text).unwrap();
        let findings = findings(&["--sources", &sources], leak(), 0);
        assert_eq!(findings["verdict"], "leak");
        check_warns(&findings, "shop.js was not parsed");
    }
}

/// Whoever copies a snapshot here while it is analysed may start over.
#[test]
fn a_file_that_is_cut_short_while_it_is_read_is_an_error_with_its_name() {
    let session = session_of(&leak()[..1]);
    let file = session.path().join("1.heapsnapshot");
    let whole = std::fs::read(&file).unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        std::fs::write(&file, &whole).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_leakhunt"))
            .args(["summary".as_ref(), file.as_os_str()])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It is mapped, and then no longer there.
        let maps = PathBuf::from(format!("/proc/{}/maps", child.id()));
        while child.try_wait().unwrap().is_none() {
            if std::fs::read_to_string(&maps).is_ok_and(|maps| maps.contains("1.heapsnapshot")) {
                std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(100).unwrap();
                break;
            }
        }
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(35) if told.contains("cut short") && told.contains("1.heapsnapshot") => break,
            // It was too fast, or not begun with.
            Some(0 | 35) if Instant::now() < deadline => {}
            other => panic!("{other:?}: {told}"),
        }
    }
}
