//! Profiles for other tools, opened by one: speedscope's own page, from npm, in a real Chromium. What V8 has written opens there as
//! it is; what leakhunt exports must open as well.

use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;

use crate::{check, inputs, leakhunt};

/// What speedscope lists of a file, a line a function: in all, by itself, its name, its file.
#[track_caller]
fn opened(name: &str, bytes: &[u8]) -> String {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    let page = tools.join("speedscope/node_modules/speedscope/dist/release/index.html");
    assert!(page.exists(), "{} is missing: run `cargo xtask setup`", page.display());
    let scratch = tempfile::tempdir().unwrap();
    // As speedscope's own command hands a file to its page.
    let door = scratch.path().join("door.js");
    let packed = base64::engine::general_purpose::STANDARD.encode(bytes);
    std::fs::write(&door, format!("speedscope.loadFileFromBase64({name:?}, \"{packed}\")")).unwrap();
    let address = format!("file://{}#localProfilePath={}&view=sandwich", page.display(), door.display());
    let (mut rows, mut said) = (Vec::new(), String::new());
    // The page reads the file when it is there itself, in time that passes as fast as the page has nothing to do; on a machine that
    // is slow to start its worker and its canvas that may be over first.
    for (at, budget) in ["20000", "100000", "500000"].into_iter().enumerate() {
        let browser = Command::new(tools.join("chromium/chromium"))
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--window-size=1600,2000",
            ])
            .args([&format!("--virtual-time-budget={budget}"), "--timeout=60000"])
            .arg(format!("--user-data-dir={}", scratch.path().join(at.to_string()).display()))
            .args(["--dump-dom", &address])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let dom = String::from_utf8(browser.stdout).unwrap();
        rows = dom.split("<tr").skip(2).filter_map(|row| Some(cells(row.split("</tr>").next()?))).collect();
        said = String::from_utf8_lossy(&browser.stderr).into_owned();
        if !rows.is_empty() {
            break;
        }
    }
    assert!(!rows.is_empty(), "speedscope shows nothing of {name}: {said}");
    rows.sort();
    rows.join("\n")
}

/// The texts of a row's cells, and what is shown where the pointer rests.
fn cells(row: &str) -> String {
    let file = row.split("title=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let texts = row.split("<td").skip(1).map(|cell| {
        let texts = cell.split('<').filter_map(|piece| piece.split_once('>'));
        texts.map(|(_, text)| text).collect::<String>()
    });
    let mut texts: Vec<String> = texts.collect();
    // The first piece of a cell ends its own tag.
    texts.push(file.to_owned());
    texts.join("  ").replace("&lt;", "<").trim_end().to_owned()
}

#[track_caller]
fn check_opened(name: &str, file: &str, bytes: &[u8]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, opened(file, bytes)));
}

#[test]
fn speedscope_opens_what_v8_has_written() {
    let inputs = inputs();
    for kind in ["heapprofile", "cpuprofile"] {
        let file = format!("orders.{kind}");
        check_opened(
            &format!("speedscope-{kind}"),
            &file,
            &std::fs::read(inputs.path().join(&file)).unwrap(),
        );
    }
}

#[test]
fn speedscope_opens_what_is_exported() {
    let inputs = inputs();
    for (kind, extension) in [("heap", "heapprofile"), ("cpu", "cpuprofile")] {
        let exported = |format: &str| {
            let output =
                leakhunt(inputs.path(), &["analyze", &format!("orders.{extension}"), "--format", format]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let (pprof, own) = (exported("pprof"), exported("speedscope"));
        check_opened(&format!("speedscope-exported-{kind}"), "orders.json", &own);
        // The one says what the other does.
        assert_eq!(opened("orders.pb.gz", &pprof), opened("orders.json", &own));
    }
}

#[test]
fn a_document_with_both_and_one_with_none() {
    check(
        "analyze-speedscope",
        &["analyze", "orders.heapprofile", "orders.cpuprofile", "--format", "speedscope"],
    );
    check("analyze-pprof-none", &["analyze", "shop", "--format", "pprof"]);
    check("report-speedscope-none", &["report", "session", "--format", "speedscope"]);
}
