//! Chains whose newest link takes the place of the one before: nothing becomes more where it hangs.

use super::{BYTES, first, judge};
use crate::findings::{Kind, Verdict};
use crate::graph::Node;
use crate::testing::{APP, Heap, TIMERS};

/// So many states, each of which holds the one before; the last of them.
fn states(heap: &mut Heap, count: u32, before: Option<Node>) -> Node {
    let after = |heap: &mut Heap, before: Option<Node>| {
        let state = heap.instance("State", APP);
        heap.size(state, BYTES);
        if let Some(before) = before {
            heap.property(state, "history", before);
        }
        state
    };
    (1..count).fold(after(heap, before), |newest, _| after(heap, Some(newest)))
}

/// A machine whose newest state is the last of so many, and beside them the first, which stays: the machine's own, or its settings'.
fn machine(count: u32, is_own: bool) -> Heap {
    let mut heap = Heap::new();
    let (machine, first) = (heap.instance("Machine", APP), heap.instance("State", APP));
    heap.keep("machine", machine);
    heap.size(first, BYTES);
    let mut keeper = machine;
    if !is_own {
        keeper = heap.instance("Settings", APP);
        heap.property(machine, "settings", keeper);
    }
    heap.property(keeper, "initial", first);
    let newest = states(&mut heap, count, None);
    heap.property(machine, "current", newest);
    heap
}

#[test]
fn a_chain_is_one_beside_what_stays() {
    let found = judge(&[10, 20, 30, 40, 50].map(|count| machine(count, true)));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    let sentence = &first(&found).sentence;
    assert!(sentence.contains("50 are chained, each holding the one before through history"), "{sentence}");
    assert!(
        sentence.ends_with("Cut the chain: set history to null when it is no longer needed."),
        "{sentence}"
    );
}

/// Of a chain that is long when the hunt begins, the newest state alone would look like something that grew once.
#[test]
fn a_chain_is_one_beside_what_stays_further_down() {
    let found = judge(&[100, 110, 120, 130, 140].map(|count| machine(count, false)));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
}

/// A list of Node's with two timers that are set again each time; what the callback of each sees is the last of so many states.
fn polls(count: u32) -> Heap {
    let mut heap = Heap::new();
    let list = heap.instance("TimersList", TIMERS);
    heap.keep("lists", list);
    let timers = [0, 10].map(|at| {
        let (timer, poll) = (heap.instance("Timeout", TIMERS), heap.function_at("poll", APP, 7));
        let context = heap.builtin("system / Context");
        for (part, id) in [timer, poll, context].into_iter().zip(10_000 + 100 * count + at..) {
            heap.number(part, id);
        }
        heap.property(list, &format!("timer{at}"), timer);
        heap.property(timer, "_onTimeout", poll);
        heap.internal(poll, "context", context);
        context
    });
    // By turns, so that they have the same ids in each snapshot.
    let mut newest = [None; 2];
    for _ in 0..count {
        newest = newest.map(|state| Some(states(&mut heap, 1, state)));
    }
    for (context, state) in timers.into_iter().zip(newest.into_iter().flatten()) {
        heap.variable(context, "state", state);
    }
    heap
}

#[test]
fn a_timer_that_is_set_again_each_time_only_leads_to_a_chain() {
    let found = judge(&[10, 20, 30, 40, 50].map(polls));
    let suspect = first(&found);
    assert_eq!((found.verdict, suspect.kind), (Verdict::Leak, Kind::List), "{}", found.sentence);
    assert_eq!(suspect.class, "State", "{}", found.sentence);
    assert!(suspect.sentence.contains("are chained, each holding the one before"), "{}", suspect.sentence);
}

/// A store whose state is another object after each change, made of the entries of the one before and one more.
fn store(count: u32, is_copied: bool) -> Heap {
    let mut heap = Heap::new();
    let (store, state, queries) =
        (heap.instance("Store", APP), heap.instance("State", APP), heap.builtin("Object"));
    heap.keep("store", store);
    heap.property(store, "current", state);
    heap.property(state, "queries", queries);
    // The table of the copy is more than what is in it.
    heap.size(queries, BYTES * count * 3);
    // New after each change, which an id beyond all others tells.
    for (object, id) in [(state, 3_000_000), (queries, 3_500_000)] {
        heap.number(object, id + 2 * count);
    }
    for at in 0..count {
        let answer = heap.instance("Answer", APP);
        heap.size(answer, BYTES);
        let age = if is_copied { 0 } else { 10_000 * count };
        heap.number(answer, 1_000_001 + 2 * at + age);
        heap.property(queries, &format!("answer {at}"), answer);
    }
    heap
}

#[test]
fn what_stays_in_a_state_that_is_copied_at_each_change_grows() {
    let found = judge(&[10, 20, 30, 40, 50].map(|count| store(count, true)));
    assert_eq!(found.verdict, Verdict::Leak, "{}", found.sentence);
    // All of it made anew, and more of it by chance.
    let found = judge(&[10, 20, 30, 40, 50].map(|count| store(count, false)));
    assert_ne!(found.verdict, Verdict::Leak, "{}", found.sentence);
}
