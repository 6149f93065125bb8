//! Two snapshots of a process that was observed before them.

use super::*;

/// A minute between two snapshots, before which the heap grew by `then` bytes a minute.
fn judge_observed(snapshots: &[Heap; 2], then: u64) -> Findings {
    let texts: Vec<String> = snapshots.iter().map(Heap::text).collect();
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let at_ms = |times: u64| (0..times).map(|at| at * 60_000).collect();
    let used = (0..5).map(|at| 5_000_000 + at * then).collect();
    let observed = findings::Memory { at_ms: at_ms(5), used, ..findings::Memory::default() };
    let memory = findings::Memory { at_ms: at_ms(2), ..findings::Memory::default() };
    let sources = |_: &str| None;
    let evidence = Evidence { memory, observed, ..Evidence::of_sources(&sources) };
    diagnose(texts.len(), load, &evidence).expect("they are whole")
}

#[test]
fn what_explains_the_growth_that_was_observed_is_a_leak() {
    let found = judge_observed(&[10, 110].map(shop), 100_000);
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    assert_eq!(first(&found).class, "Session");
}

#[test]
fn what_grows_by_far_less_than_was_observed_or_after_nothing_was_does_not() {
    for then in [0, 100_000_000] {
        let found = judge_observed(&[10, 110].map(shop), then);
        assert_eq!(found.verdict, Verdict::Inconclusive, "{then}: {}", found.sentence);
    }
}

#[test]
fn of_two_that_grow_alike_neither_explains_it() {
    let twice = |sessions: u32| {
        let mut heap = shop(sessions);
        let map = heap.global("drafts", "Map");
        let drafts: Vec<_> = (0..sessions)
            .map(|_| {
                let draft = heap.instance("Draft", APP);
                heap.size(draft, BYTES);
                draft
            })
            .collect();
        heap.table(map, &drafts);
        heap
    };
    let found = judge_observed(&[10, 110].map(twice), 100_000);
    assert_eq!(found.verdict, Verdict::Inconclusive, "{}", found.sentence);
}
