//! The page in a real Chromium, which `cargo xtask setup` provides.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::compared::Changed;
use crate::fleet::html::render as fleet;
use crate::fleet::tests::{example as example_of_fleet, named};
use crate::words::line;
use crate::{Compared, Report, example, html};

/// What the page has become after its script ran, opened with this behind the `#` of its address.
#[track_caller]
fn opened(address: &str) -> String {
    browsed(&of_one(), address)
}

fn of_one() -> String {
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
    html::render(&Report { findings: &findings, session: None }, &[compared])
}

/// What a page has become.
#[track_caller]
fn browsed(text: &str, address: &str) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let page = scratch.path().join("report.html");
    std::fs::write(&page, text).unwrap();
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

/// By how many px a page is wider than a window of 390 px, as on a phone.
#[track_caller]
fn too_wide_for_a_phone(page: &str) -> u32 {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let around = format!(
        "<!doctype html><body><iframe id=\"it\" width=\"390\" height=\"800\" style=\"border: 0\" srcdoc=\"{page}\"></iframe>\
         <script>it.onload = () => {{\
         const page = it.contentDocument.documentElement; document.body.id = `over-${{page.scrollWidth - page.clientWidth}}`;\
         }}</script>"
    );
    let dom = browsed(&around, "");
    let over = dom.split("id=\"over-").nth(1).expect("it was measured");
    over.split('"').next().unwrap().parse().unwrap()
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
fn no_page_is_wider_than_a_phone() {
    for page in [of_one(), fleet(&example_of_fleet()), fleet(&named(&"A".repeat(1000)))] {
        assert_eq!(too_wide_for_a_phone(&page), 0);
    }
}

#[test]
fn a_report_over_several_leads_to_that_of_each() {
    let dom = browsed(&fleet(&example_of_fleet()), "");
    for link in ["./leakhunt-shop-web.2/report.html\">web.2", "./leakhunt-shop-web.3/report.html\">web.3"] {
        assert!(dom.contains(&format!("<a href=\"{link}</a>")), "{link}: {dom}");
    }
    assert!(dom.contains("<td>web.4</td>"), "one that failed has no report: {dom}");
    browsed(&fleet(&named("<script>alert(1)</script>\"javascript:alert(1)")), "");
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
