//! Intervals, timeouts and immediates, which Node keeps in lists of its own until they have run out.

use leakhunt_heap::{EdgeType, NodeType};

use super::callback::Callback;
use super::kinds::Held;
use crate::graph::Node;
use crate::suspects::Suspect;
use crate::view::View;

/// What a timer has its function in.
const CALLBACKS: [&str; 2] = ["_onTimeout", "_onImmediate"];
/// What V8 calls `null`: until 12.4 (Node 22), and later (13.6, Node 24).
const NULL: [&str; 2] = ["system / Oddball", "null"];
/// Of the growing timers so many are asked for their delay.
const ASKED: usize = 16;
/// A list has no more timers than this between one of them and its head, or is not walked to the end.
const LONGEST_WALK: usize = 20_000;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let is_timer = |node: Node| is_timer(node, view) || is_list(node, view);
    if !is_timer(suspect.holder) && !suspect.new_objects(view).any(is_timer) {
        return None;
    }
    // What a timer leads to that is set again each time is no matter of the timer's.
    if suspect.cluster.chain.as_ref().is_some_and(|chain| chain.is_led_to) {
        return Some(Held::List);
    }
    let function = |node: Node| CALLBACKS.iter().find_map(|name| view.graph.property(node, name));
    let timer = suspect.objects().find(|node| is_timeout(*node, view));
    let handed = suspect.objects().chain([suspect.cluster.container]).find_map(function);
    Some(Held::Timer {
        callback: handed.map(|handed| Callback::of(handed, suspect, view)),
        repeats: timer.map(|timer| repeats(timer, view)),
        delay_ms: timer.and_then(|timer| longest_delay(timer, suspect, view)),
        is_kept: timer.is_none_or(|timer| is_kept(timer, view)),
    })
}

fn is_timer(node: Node, view: &View<'_>) -> bool {
    view.is_nodes(node, &["Timeout", "Immediate"])
        && CALLBACKS.iter().any(|name| view.graph.property(node, name).is_some())
}

fn is_list(node: Node, view: &View<'_>) -> bool {
    view.is_nodes(node, &["TimersList", "ImmediateList"])
}

fn is_timeout(node: Node, view: &View<'_>) -> bool {
    is_timer(node, view) && view.graph.property(node, "_onTimeout").is_some()
}

/// A timer that does not repeat has `null` for its interval; a number is written nowhere.
fn repeats(timer: Node, view: &View<'_>) -> bool {
    view.graph.property(timer, "_repeat").is_none_or(|repeat| !NULL.contains(&&*view.graph.name(repeat)))
}

/// The longest delay among the growing timers, of which `timer` is one.
fn longest_delay(timer: Node, suspect: &Suspect, view: &View<'_>) -> Option<u64> {
    let members = suspect.cluster.members().iter().rev().filter_map(|id| view.node(*id));
    let others = members.filter(|node| is_timeout(*node, view)).take(ASKED);
    std::iter::once(timer).chain(others).filter_map(|timer| delay(timer, view)).max()
}

/// After how many milliseconds a timer runs out. The number itself is in no snapshot, but Node keeps timers in a list for each
/// delay, and these by the delay in a plain object (`timerListMap` of lib/internal/timers.js, Node 11 and later).
fn delay(timer: Node, view: &View<'_>) -> Option<u64> {
    let before = |node: &Node| view.graph.property(*node, "_idlePrev");
    let list = std::iter::successors(Some(timer), before).take(LONGEST_WALK).find(|at| is_list(*at, view))?;
    view.retainers(list)
        .filter(|edge| view.graph.kind(edge.from) == NodeType::Object && !view.is_collection(edge.from))
        .find(|edge| edge.kind == EdgeType::Element)
        .map(|edge| edge.name_index().into())
}

/// The timeout, not set again and again, that something keeps beside itself, and after how many milliseconds it runs out: the
/// one that ends it, if its function does.
pub(crate) fn timeout_of(node: Node, view: &View<'_>) -> Option<(Node, u64)> {
    let fields = view.graph.edges(node).filter(|edge| edge.kind == EdgeType::Property);
    let timers = fields.map(|edge| edge.to).filter(|at| is_timeout(*at, view) && !repeats(*at, view));
    timers.filter_map(|timer| Some((view.graph.property(timer, "_onTimeout")?, delay(timer, view)?))).next()
}

/// When a timer runs.
#[derive(Clone, Copy)]
pub(crate) struct Again {
    pub(crate) repeats: bool,
    pub(crate) delay_ms: Option<u64>,
}

/// When a timer runs, if that is one and runs at all.
pub(crate) fn again(node: Node, view: &View<'_>) -> Option<Again> {
    let is_timer = is_timeout(node, view);
    is_timer.then(|| Again { repeats: repeats(node, view), delay_ms: delay(node, view) })
}

/// Whether anything but Node's lists of timers knows this one: whoever wants to clear it has to.
fn is_kept(timer: Node, view: &View<'_>) -> bool {
    // A map or a set has it in a table.
    let is_table = |node| view.retainers(node).any(|edge| view.is_builtin(edge.from, &["Map", "Set"]));
    view.retainers(timer).any(|edge| {
        let by_v8 = (view.is_part(edge.from) && !is_table(edge.from))
            || view.graph.kind(edge.from) == NodeType::Synthetic;
        !by_v8 && !is_timer(edge.from, view) && !is_list(edge.from, view)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap, TIMERS};

    /// A list with one timer of the class that a script has written, and what it calls.
    fn list_with(heap: &mut Heap, class: &str, script: &str) -> (Node, Node, Node) {
        let list = heap.instance("TimersList", TIMERS);
        heap.keep("lists", list);
        let (timer, tick) = (heap.instance(class, script), heap.function("tick", APP));
        heap.property(list, "_idleNext", timer);
        heap.property(timer, "_onTimeout", tick);
        (list, timer, tick)
    }

    #[test]
    fn an_interval_is_told_from_a_timeout() {
        for (once, expected) in [(None, true), (Some("system / Oddball"), false), (Some("null"), false)] {
            let mut heap = Heap::new();
            let (list, timer, tick) = list_with(&mut heap, "Timeout", TIMERS);
            if let Some(null) = once {
                let null = heap.hidden(null);
                heap.property(timer, "_repeat", null);
            }
            let callback = Some(Callback { handed: tick, runs: tick });
            let expected = Held::Timer { callback, repeats: Some(expected), delay_ms: None, is_kept: false };
            assert_eq!(heap.held(list, timer), expected);
        }
    }

    #[test]
    fn a_delay_is_the_number_under_which_node_keeps_the_list() {
        let mut heap = Heap::new();
        let (list, timer, _) = list_with(&mut heap, "Timeout", TIMERS);
        let (queue, lists) = (heap.global("timerListQueue", "Array"), heap.global("timerListMap", "Object"));
        heap.element(queue, 1, list);
        heap.element(lists, 60_000, list);
        let second = heap.instance("Timeout", TIMERS);
        heap.property(second, "_idlePrev", timer);
        heap.property(timer, "_idlePrev", list);
        heap.property(timer, "_idleNext", second);
        let tick = heap.function("tock", APP);
        heap.property(second, "_onTimeout", tick);
        assert!(matches!(heap.held(list, second), Held::Timer { delay_ms: Some(60_000), .. }));
    }

    #[test]
    fn a_timer_that_the_program_keeps_could_be_cleared() {
        let mut heap = Heap::new();
        let (list, timer, _) = list_with(&mut heap, "Timeout", TIMERS);
        let banner = heap.instance("Banner", APP);
        heap.property(banner, "timer", timer);
        assert!(matches!(heap.held(list, timer), Held::Timer { is_kept: true, .. }));
        let (list, timer, _) = list_with(&mut heap, "Timeout", TIMERS);
        let active = heap.global("active", "Map");
        heap.table(active, &[timer]);
        assert!(matches!(heap.held(list, timer), Held::Timer { is_kept: true, .. }));
    }

    #[test]
    fn a_class_of_the_program_that_is_called_timeout_is_no_timer() {
        let mut heap = Heap::new();
        let errors = heap.global("errors", "Array");
        let (error, handler) = (heap.instance("Timeout", APP), heap.function("retry", APP));
        heap.table(errors, &[error]);
        heap.property(error, "_onTimeout", handler);
        assert!(matches!(heap.held(errors, error), Held::Collection { .. }));
        assert_eq!(heap.held(error, handler), Held::Object);
    }

    #[test]
    fn what_runs_is_found_behind_bind() {
        let mut heap = Heap::new();
        let (list, timer, bound) = list_with(&mut heap, "Timeout", TIMERS);
        let poll = heap.function("poll", APP);
        heap.internal(bound, "bound_function", poll);
        let Held::Timer { callback, .. } = heap.held(list, timer) else { panic!("it is a timer") };
        assert_eq!(callback, Some(Callback { handed: bound, runs: poll }));
    }
}
