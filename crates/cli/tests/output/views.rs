//! DevTools' views of snapshots: `compare`, `summary`, `retainers`, `export`.

use crate::check;

const FIRST: &str = "shop/1.heapsnapshot";
const LAST: &str = "shop/4.heapsnapshot";

#[test]
fn compare() {
    check("compare", &["compare", FIRST, LAST]);
    check("compare-all", &["compare", FIRST, LAST, "--all"]);
    check("compare-json", &["compare", FIRST, LAST, "--json"]);
    check("compare-by-class", &["compare", FIRST, LAST, "--by-class"]);
    check("compare-same", &["compare", LAST, LAST]);
    check("compare-backwards", &["compare", LAST, FIRST]);
    check("compare-restarted", &["compare", "restarted/1.heapsnapshot", "restarted/2.heapsnapshot"]);
    check("compare-missing", &["compare", FIRST, "nosuch"]);
    check("compare-missing-json", &["compare", FIRST, "nosuch", "--json"]);
    check("compare-cut", &["compare", FIRST, "cut.heapsnapshot"]);
}

#[test]
fn summary() {
    check("summary", &["summary", LAST]);
    check("summary-all", &["summary", LAST, "--all"]);
    check("summary-json", &["summary", LAST, "--json"]);
    check("summary-other", &["summary", "other.heapsnapshot"]);
    check("summary-folder", &["summary", "shop"]);
    check("summary-packed", &["summary", "packed.heapsnapshot.gz"]);
    check("summary-cpu-profile", &["summary", "busy.cpuprofile"]);
    check("summary-profile", &["summary", "orders.heapprofile"]);
}

#[test]
fn retainers() {
    check("retainers", &["retainers", LAST, "Ticket"]);
    check("retainers-id", &["retainers", LAST, "@10001", "--depth", "2"]);
    check("retainers-siblings", &["retainers", LAST, "system / Context", "--siblings", "1"]);
    check("retainers-strings", &["retainers", LAST, "(string)", "--show-strings"]);
    check("retainers-json", &["retainers", LAST, "Ticket", "--depth", "3", "--json"]);
    check("retainers-no-class", &["retainers", LAST, "Ticked"]);
    check("retainers-no-id", &["retainers", LAST, "@999999999"]);
    check("retainers-bad-id", &["retainers", LAST, "@many"]);
    check("retainers-id-without-at", &["retainers", LAST, "10001"]);
    check("retainers-other-case", &["retainers", LAST, "ticket"]);
}

#[test]
fn export() {
    check("export", &["export", FIRST]);
    check("export-missing", &["export", "nosuch"]);
}
