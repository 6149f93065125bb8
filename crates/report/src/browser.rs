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
    html::render(&Report { findings: &findings, session: None }, &[compared], &example::calls("render"))
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

/// What a script finds that runs beside a page in a frame of this width, when the page is there: its answer, as text.
#[track_caller]
fn beside(page: &str, width: u32, script: &str) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let around = format!(
        "<!doctype html><body><iframe id=\"it\" width=\"{width}\" height=\"800\" style=\"border: 0\" srcdoc=\"{page}\"></iframe>\
         <pre id=\"answer\"></pre><script>it.onload = () => {{\
         const page = it.contentDocument; answer.textContent = (() => {{ {script} }})();\
         }}</script>"
    );
    let dom = browsed(&around, "");
    let answer = dom.split("<pre id=\"answer\">").nth(1).expect("there is a place for it");
    answer.split("</pre>").next().unwrap().to_owned()
}

/// The names in a flame graph, and of each its row and how wide it is, in percent of the graph.
const DRAWN: &str = "\
    const graph = page.getElementById('heap-graph');\
    const drawn = () => [...graph.querySelectorAll('.call')].map((it) => {\
      const wide = Math.round(100 * it.offsetWidth / graph.clientWidth);\
      return `${it.textContent}${it.classList.contains('above') ? ' above' : ''} ${it.getAttribute('aria-level')} ${wide}`;\
    }).join(', ');\
    const press = (key) => it.contentDocument.activeElement.dispatchEvent(\
      new it.contentWindow.KeyboardEvent('keydown', { key, bubbles: true }));";

#[test]
fn a_flame_graph_is_zoomed_by_a_click_and_by_the_keyboard() {
    let answer = |acts: &str| beside(&of_one(), 390, &format!("{DRAWN} {acts}; return drawn();"));
    let whole = "(root) 1 100, render 2 100, request 3 40";
    assert_eq!(answer(""), whole);
    let zoomed = "(root) above 1 100, render above 2 100, request 3 100";
    assert_eq!(answer("graph.querySelectorAll('.call')[2].click()"), zoomed);
    assert_eq!(
        answer(
            "graph.querySelector('[tabindex=\"0\"]').focus(); press('ArrowDown'); press('ArrowDown'); press('Enter')"
        ),
        zoomed
    );
    assert_eq!(answer("graph.querySelectorAll('.call')[2].click(); press('Escape')"), whole);
    assert_eq!(
        answer("graph.querySelectorAll('.call')[2].click(); page.getElementById('heap-whole').click()"),
        whole
    );
}

#[test]
fn what_is_looked_for_in_a_flame_graph_is_marked_and_summed() {
    let dom = opened("heap-find=%20REQUEST&cpu=2");
    assert!(dom.contains("1 function, 400 B, 40.0 %"), "{dom}");
    assert_eq!(dom.matches("call package found").count(), 1, "{dom}");
    // A link shows what was zoomed to as well, and all that is known of it.
    let told = dom.split("id=\"cpu-facts\">").nth(1).unwrap().split("</p>").next().unwrap();
    let place = "<code>/app/node_modules/render/index.js:7</code>";
    assert_eq!(
        told,
        format!("<b>request</b> render 6.19.2 {place}<span>0.4 ms, 40.0 %; all by itself</span>")
    );
    // What is in another one that was found is part of that.
    assert!(opened("heap-find=render").contains("2 functions, 1.0 kB, 100.0 %"));
    assert!(opened("heap-find=nobody").contains("nothing found"));
}
