//! Growth that no one place shows: spread over many objects, or inside of what is made again and again.

use super::{BYTES, first, judge};
use crate::findings::{Kind, Verdict};
use crate::testing::{APP, Heap, TIMERS};

/// So many words has an index, a quarter of which become more from each snapshot to the next.
const WORDS: usize = 64;

/// An index of words, each with a map of its own, after so many steps; in each step other words are found twice more.
fn index(steps: usize) -> Heap {
    let mut heap = Heap::new();
    let index = heap.global("index", "Map");
    let words: Vec<_> = (0..WORDS).map(|_| heap.builtin("Map")).collect();
    heap.table(index, &words);
    let mut found = vec![Vec::new(); WORDS];
    for step in 0..steps {
        for word in (0..WORDS).filter(|word| word % 4 == step % 4) {
            for _ in 0..2 {
                let place = heap.builtin("Place");
                heap.size(place, BYTES);
                found[word].push(place);
            }
        }
    }
    words.iter().zip(&found).for_each(|(word, places)| heap.table(*word, places));
    heap
}

#[test]
fn what_grows_all_over_an_index_is_held_by_the_index() {
    let found = judge(&[4, 5, 6, 7, 8].map(index));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    let suspect = first(&found);
    let holder = suspect.holder.as_ref().and_then(|holder| holder.variable.as_deref());
    assert_eq!((suspect.kind, holder), (Kind::Map, Some("index")), "{}", found.sentence);
    assert!(suspect.growth.per_step >= 30_000, "{}", found.sentence);
    let still = judge(&[8, 8, 8, 8, 8].map(index));
    assert_eq!(still.verdict, Verdict::Healthy, "{}", still.sentence);
}

/// Operations that are tried again and again, each after a timeout that is a new one every time, and keep their errors.
fn operations(tries: u32) -> Heap {
    let mut heap = Heap::new();
    let list = heap.instance("TimersList", TIMERS);
    heap.keep("lists", list);
    let operations: Vec<_> =
        (0..2).map(|_| (heap.instance("Operation", APP), heap.builtin("Array"))).collect();
    let tick = heap.function("tick", APP);
    for (at, (operation, errors)) in (0..).zip(&operations) {
        let timer = heap.instance("Timeout", TIMERS);
        heap.number(timer, 1_000_001 + 20 * tries + 2 * at);
        heap.property(list, &format!("timer{at}"), timer);
        heap.property(timer, "_onTimeout", tick);
        heap.property(timer, "operation", *operation);
        heap.property(*operation, "errors", *errors);
    }
    for (_, errors) in &operations {
        let of: Vec<_> = (0..tries).map(|_| heap.builtin("Error")).collect();
        of.iter().zip(0..).for_each(|(error, at)| {
            heap.size(*error, BYTES);
            // Those that came first are the same in all snapshots.
            heap.number(*error, 2_000_001 + 2 * (2 * at + errors.0 % 2));
        });
        heap.table(*errors, &of);
    }
    heap
}

#[test]
fn what_timers_that_are_set_again_lead_to_is_held_by_the_programs_own() {
    let found = judge(&[10, 20, 30, 40, 50].map(operations));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    let suspect = first(&found);
    assert_eq!(suspect.kind, Kind::Array, "{}", found.sentence);
    assert!(suspect.sentence.contains("Operation.errors"), "{}", found.sentence);
}

#[test]
fn what_work_under_way_has_in_its_hands_is_of_who_keeps_it() {
    // A request that runs goes through all handlers, by functions that see what each of them sees.
    let stack = |(handlers, is_running): (u32, bool)| {
        let mut heap = Heap::new();
        let list = heap.global("handlers", "Array");
        let running = heap.builtin(if is_running { "Request" } else { "Object" });
        heap.number(running, 9_000_001 + 2 * handlers);
        heap.keep("running", running);
        let mut entries = Vec::new();
        for at in 0..handlers {
            let (upload, entry) = (heap.instance("Upload", APP), heap.builtin("Object"));
            heap.size(upload, 100 * BYTES);
            heap.property(entry, "upload", upload);
            if is_running {
                heap.property(running, &format!("next{at}"), upload);
            }
            entries.push(entry);
        }
        heap.table(list, &entries);
        heap
    };
    let found = judge(&[(10, true), (20, true), (30, false), (40, true), (50, false)].map(stack));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    assert!(found.sentence.contains("handlers"), "{}", found.sentence);
    assert_eq!(found.suspects[0].growth.counts, [10, 20, 30, 40, 50], "{}", found.sentence);
}
