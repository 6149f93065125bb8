//! Any bytes: an error, or a snapshot all of whose facts can be had. Never a panic, a hang, or memory out of proportion.
#![no_main]

use leakhunt_heap::{Census, Snapshot};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let snapshot = Snapshot::parse(bytes, 2);
    let census = Census::parse(bytes);
    assert_eq!(snapshot.is_ok(), census.is_ok(), "the two readers disagree whether this is a snapshot");
    if let (Ok(snapshot), Ok(census)) = (snapshot, census) {
        leakhunt_heap_fuzz::ask_everything(&snapshot, &census);
        leakhunt_heap_fuzz::compare_both_ways(&census, &census);
    }
});
