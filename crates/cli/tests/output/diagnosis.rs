//! `analyze` and `report`: every format, every verdict, and what stands in the way of one.

use crate::check;

const FORMATS: [&str; 5] = ["text", "json", "markdown", "html", "github"];

#[test]
fn a_leak_in_every_format() {
    for format in FORMATS {
        check(&format!("analyze-{format}"), &["analyze", "shop", "--format", format]);
    }
    check("analyze-as-json", &["analyze", "shop", "--json"]);
}

#[test]
fn a_session_in_every_format() {
    check("analyze-session", &["analyze", "session"]);
    for format in FORMATS {
        check(&format!("report-{format}"), &["report", "session", "--format", format]);
    }
}

#[test]
fn every_verdict_for_a_script() {
    check("analyze-fail-leak", &["analyze", "shop", "--fail-on-leak"]);
    check("analyze-fail-healthy", &["analyze", "idle", "--fail-on-leak"]);
    check("analyze-fail-one", &["analyze", "shop/4.heapsnapshot", "--fail-on-leak"]);
    check("analyze-fail-two", &["analyze", "shop/1.heapsnapshot", "shop/4.heapsnapshot", "--fail-on-leak"]);
}

#[test]
fn a_sampling_profile() {
    check("analyze-profile", &["analyze", "orders.heapprofile"]);
    check("analyze-profile-json", &["analyze", "orders.heapprofile", "--json"]);
    check("analyze-profile-markdown", &["analyze", "orders.heapprofile", "--format", "markdown"]);
    check("analyze-profile-html", &["analyze", "orders.heapprofile", "--format", "html"]);
    check("analyze-both", &["analyze", "shop", "orders.heapprofile"]);
}

#[test]
fn a_cpu_profile() {
    check("analyze-cpu", &["analyze", "orders.cpuprofile"]);
    check("analyze-cpu-json", &["analyze", "orders.cpuprofile", "--json"]);
    check("analyze-cpu-markdown", &["analyze", "orders.cpuprofile", "--format", "markdown"]);
    check("analyze-cpu-html", &["analyze", "orders.cpuprofile", "--format", "html"]);
    check("analyze-cpu-and-heap", &["analyze", "orders.cpuprofile", "orders.heapprofile"]);
    check("analyze-cpu-broken", &["analyze", "busy.cpuprofile"]);
}

#[test]
fn before_and_after_a_fix() {
    check("baseline-slower", &["analyze", "mended", "--baseline", "shop", "--fail-on-leak"]);
    check("baseline-gone", &["analyze", "idle", "--baseline", "shop", "--fail-on-leak"]);
    check("baseline-new", &["analyze", "shop", "--baseline", "idle"]);
    check("baseline-json", &["analyze", "mended", "--baseline", "shop", "--json"]);
    check("baseline-markdown", &["analyze", "mended", "--baseline", "shop", "--format", "markdown"]);
    check("baseline-missing", &["analyze", "shop", "--baseline", "nosuch.json"]);
}

#[test]
fn with_more_of_the_program() {
    check("analyze-sources", &["analyze", "shop", "--sources", "app"]);
    check("analyze-sources-missing", &["analyze", "shop", "--sources", "nosuch"]);
    check("analyze-strings", &["analyze", "shop", "--show-strings"]);
}

#[test]
fn snapshots_that_are_no_series() {
    check("analyze-restarted", &["analyze", "restarted"]);
    check(
        "analyze-backwards",
        &["analyze", "shop/4.heapsnapshot", "shop/3.heapsnapshot", "shop/1.heapsnapshot"],
    );
    check("analyze-twice", &["analyze", "shop/1.heapsnapshot", "shop/1.heapsnapshot"]);
    check("analyze-one-cut", &["analyze", "shop", "cut.heapsnapshot", "nosuch.heapsnapshot"]);
}

#[test]
fn what_cannot_be_analysed() {
    check("analyze-missing", &["analyze", "nosuch.heapsnapshot"]);
    check("analyze-missing-json", &["analyze", "nosuch.heapsnapshot", "--json"]);
    check("analyze-cut", &["analyze", "cut.heapsnapshot"]);
    check("analyze-other", &["analyze", "other.heapsnapshot"]);
    check("analyze-empty", &["analyze", "empty"]);
    check("report-missing", &["report", "nosuch"]);
    check("report-file", &["report", "shop/1.heapsnapshot"]);
    check("report-empty-json", &["report", "empty", "--format", "json"]);
}
