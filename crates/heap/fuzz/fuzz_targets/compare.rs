//! Two whole snapshots of any content: each can be read, all facts can be had of it, and they can be compared.
#![no_main]

use leakhunt_heap::{Census, Snapshot};
use leakhunt_heap_fuzz::{Heap, ask_everything, compare_both_ways};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|heaps: (Heap, Heap)| {
    let texts = [heaps.0.text(), heaps.1.text()];
    let censuses = texts.each_ref().map(|text| Census::parse(text.as_bytes()).expect("it is whole"));
    for (text, census) in texts.iter().zip(&censuses) {
        ask_everything(&Snapshot::parse(text.as_bytes(), 2).expect("it is whole"), census);
    }
    let [base, target] = &censuses;
    compare_both_ways(base, target);
});
