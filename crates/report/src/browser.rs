//! The page in a real Chromium, which `cargo xtask setup` provides.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::compared::Changed;
use crate::words::line;
use crate::{Compared, Report, example, html};

/// What the page has become after its script ran, opened with this behind the `#` of its address.
#[track_caller]
fn opened(address: &str) -> String {
    let findings = example::hostile();
    let row =
        |name: &str, new, deleted, allocated| Changed { name: line(name), new, deleted, allocated, freed: 0 };
    let rows = vec![
        row(&findings.suspects[0].class, 9, 0, 10),
        row("Banner", 5, 1, 30),
        row("Timeout", 5, 3, 20),
        row("BannerSlot", 1, 1, 5),
    ];
    let compared = Compared { base: "1".into(), target: "2".into(), rows, left_out: 0 };
    let scratch = tempfile::tempdir().unwrap();
    let page = scratch.path().join("report.html");
    std::fs::write(&page, html::render(&Report { findings: &findings, session: None }, &[compared])).unwrap();
    let (dom, log) = (scratch.path().join("dom"), scratch.path().join("log"));
    let file = |path: &Path| Stdio::from(std::fs::File::create(path).unwrap());
    let browser = Command::new(chromium())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", scratch.path().join("profile").display()))
        .args(["--dump-dom", &format!("file://{}#{address}", page.display())])
        .stdin(Stdio::null())
        .stdout(file(&dom))
        .stderr(file(&log))
        .spawn()
        .expect("chromium starts");
    let ended = ended(browser);
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    assert!(ended, "{log}");
    assert!(!log.contains("CONSOLE"), "the page complained: {log}");
    std::fs::read_to_string(dom).unwrap()
}

#[track_caller]
fn chromium() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/chromium/chromium");
    assert!(path.exists(), "{} is missing: run `cargo xtask setup`", path.display());
    path
}

/// Whether the browser came to a good end: one that hangs must not hang the tests.
fn ended(mut browser: Child) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = browser.try_wait().unwrap() {
            return status.success();
        }
        if Instant::now() > deadline {
            browser.kill().unwrap();
            browser.wait().unwrap();
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The names in the first column of the Comparison.
fn shown(dom: &str) -> Vec<&str> {
    let table = dom.split("id=\"rows\"").nth(1).unwrap().split("</table>").next().unwrap();
    let cells = table.split("<tr><td>").skip(1);
    cells.map(|cell| cell.split("</td>").next().unwrap()).collect()
}

#[test]
fn a_real_browser_sorts_filters_and_obeys_no_name() {
    let dom = opened("");
    let by_delta = shown(&dom);
    assert!(by_delta[0].starts_with("&lt;script&gt;alert(1)"), "{by_delta:?}");
    assert_eq!(by_delta[1..], ["Banner", "Timeout", "BannerSlot"]);
    assert_eq!(shown(&opened("by=4&up="))[..2], ["BannerSlot", by_delta[0]]);
    assert_eq!(shown(&opened("only=banner&by=0&up=")), ["Banner", "BannerSlot"]);
    // The other way round, what was new is deleted.
    let back = opened("from=2&to=1&only=timeout");
    assert!(back.contains("<td>Timeout</td><td>3</td><td>5</td><td class=\"down\">−2</td>"), "{back}");
    assert!(dom.contains("<details open=\"\"><summary>What keeps it alive"), "a path can be folded");
}
