//! With which holder growth is counted where that is not the same in each snapshot, or not by its own bytes.

use leakhunt_heap::Snapshot;

use super::{BYTES, first, judge, shop};
use crate::diagnose;
use crate::evidence::Evidence;
use crate::findings::{Kind, Memory, Verdict};
use crate::testing::{APP, Heap};

#[test]
fn what_running_code_has_in_its_hands_is_still_of_its_holder() {
    // Quotes are in two maps of one exchange, which a function that runs may have got as well.
    let exchange = |(quotes, is_running): (u32, bool)| {
        let mut heap = Heap::new();
        let exchange = heap.global("exchange", "Object");
        let maps = ["bids", "asks"].map(|name| {
            let map = heap.builtin("Map");
            heap.property(exchange, name, map);
            map
        });
        let quotes: Vec<_> = (0..quotes)
            .map(|_| {
                let quote = heap.instance("Quote", APP);
                heap.size(quote, BYTES);
                quote
            })
            .collect();
        maps.into_iter().for_each(|map| heap.table(map, &quotes));
        if is_running {
            let pair = heap.global("pair", "Object");
            heap.number(pair, 2);
            maps.iter().zip(["bids", "asks"]).for_each(|(map, name)| heap.property(pair, name, *map));
        }
        heap
    };
    for running in 0..5 {
        let snapshots = [10, 20, 30, 40, 50].map(|quotes| exchange((quotes, quotes == 10 * (running + 1))));
        let found = judge(&snapshots);
        assert_eq!(found.verdict, Verdict::Leak, "{running}: {}", found.sentence);
        assert_eq!(first(&found).growth.counts, [10, 20, 30, 40, 50], "{running}");
    }
}

#[test]
fn what_lists_in_a_map_gain_is_the_maps_though_its_table_grows_as_well() {
    let wards = |count: u32| {
        let mut heap = Heap::new();
        let map = heap.global("wards", "Map");
        heap.size(map, 100 + 30 * count);
        let lists = [(); 3].map(|()| heap.builtin("Array"));
        let visits: Vec<_> = (0..3 * count)
            .map(|_| {
                let visit = heap.instance("Visit", APP);
                heap.size(visit, BYTES);
                visit
            })
            .collect();
        heap.table(map, &lists);
        for (at, list) in lists.iter().enumerate() {
            let visits: Vec<_> = visits.iter().copied().skip(at).step_by(3).collect();
            heap.table(*list, &visits);
        }
        heap
    };
    let found = judge(&[10, 20, 30, 40, 50].map(wards));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    let suspect = first(&found);
    assert_eq!(
        (suspect.class.as_str(), suspect.growth.per_step / 1_000),
        ("Visit", 30),
        "{}",
        found.sentence
    );
}

#[test]
fn handles_that_stay_open_are_the_leak_though_the_process_grows_by_more_than_the_heap() {
    let handles = |count: u32| {
        let mut heap = Heap::new();
        let handles = heap.handles();
        for at in 0..count {
            let session = heap.builtin("ClientHttp2Session");
            heap.size(session, BYTES);
            heap.internal(handles, &at.to_string(), session);
        }
        heap
    };
    let judge = |heap: &dyn Fn(u32) -> Heap| {
        let texts = [10, 20, 30, 40, 50].map(|count| heap(count).text());
        let memory = Memory {
            rss: [60, 80, 100, 120, 140].map(|megabytes| megabytes * 1_000_000).to_vec(),
            left: vec![0; 5],
            ..Memory::default()
        };
        let evidence = Evidence { memory, ..Evidence::of_sources(&|_| None) };
        let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
        diagnose(texts.len(), load, &evidence).expect("they are whole")
    };
    let found = judge(&handles);
    assert_eq!((found.verdict, first(&found).kind), (Verdict::Leak, Kind::Native), "{}", found.sentence);
    assert_eq!(judge(&shop).verdict, Verdict::NotHeap);
}
