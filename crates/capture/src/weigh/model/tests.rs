//! The predictions against what was measured.

use leakhunt_inspector::Memory;

use super::*;
use crate::data::{Bound, Refusal, Risk};

const MB: u64 = 1_000_000;
const ALLOWED: Duration = Duration::from_secs(20);

fn room(limit: u64, charged: u64) -> Option<Room> {
    Some(Room { limit: limit * MB, charged: charged * MB, bound: Bound::Container })
}

/// `used` megabytes of small objects, counted or not.
fn objects(used: u64, limit: Option<u64>) -> Load {
    let rss = used + 60;
    Load { used: used * MB, rss: rss * MB, room: limit.and_then(|limit| room(limit, rss)) }
}

#[track_caller]
fn check(used: u64, limit: Option<u64>, node_major: u32, expected: Option<Refusal>) {
    let known = Known { node_major, count: None, past: &Past::default() };
    let prediction = predict(EvidenceKind::SnapshotByFile, &objects(used, limit), &known);
    assert_eq!(prediction.refused(ALLOWED), expected, "{prediction}");
}

#[test]
fn sixty_megabytes_of_objects_do_not_fit_a_small_dyno() {
    check(60, Some(537), 22, Some(Refusal::Memory));
    check(60, Some(2_500), 22, None);
    check(60, None, 22, None);
}

/// The rows of a table: Node's major, what the heap was full of, and the measures.
fn rows(table: &'static str) -> impl Iterator<Item = (u32, &'static str, Vec<f64>)> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        let node_major = words.next().unwrap().parse().unwrap();
        let kind = words.next().unwrap();
        (node_major, kind, words.map(|word| word.parse().unwrap()).collect())
    })
}

fn bytes(megabytes: f64) -> u64 {
    (megabytes * 1e6) as u64
}

#[test]
fn first_snapshots_are_within_three_tenths_and_never_a_tenth_too_low() {
    let mut wrong = Vec::new();
    for (node_major, kind, row) in rows(include_str!("first.txt")) {
        let [nodes, used, before, peak] = row[..] else { panic!("{row:?}") };
        let count = Count { objects: (nodes * 1e3) as u64, bytes: bytes(used), pause: Duration::ZERO };
        let load = Load { used: bytes(used), rss: bytes(before), room: None };
        let known = Known { node_major, count: Some(count), past: &Past::default() };
        let ratio = predict(EvidenceKind::SnapshotByFile, &load, &known).peak as f64 / (peak * 1e6);
        // Of the others it is only not to be too low: a count does not tell maps from closures, nor from short strings.
        let most = if ["objects", "strings", "buffers"].contains(&kind) { 1.3 } else { 3.2 };
        if !(0.9..=most).contains(&ratio) {
            wrong.push(format!("Node {node_major}, {used} MB of {kind}: {ratio:.2}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn what_lies_outside_of_the_heap_makes_no_object_larger() {
    // 30 MB of small objects on Node 24: 476 MB at the peak.
    let count = Count { objects: 771_258, bytes: 36_135_451, pause: Duration::ZERO };
    let load = Load { used: 32_121_912, rss: 99_774_464, room: None };
    let known = Known { node_major: 24, count: Some(count), past: &Past::default() };
    let ratio = predict(EvidenceKind::SnapshotByFile, &load, &known).peak as f64 / 476e6;
    assert!((0.97..1.1).contains(&ratio), "{ratio:.2}");
}

#[test]
fn what_the_first_left_is_no_cost_of_the_next() {
    let mut wrong = Vec::new();
    for (node_major, kind, row) in rows(include_str!("in_a_row.txt")) {
        let mut past = Past::default();
        for (at, snapshot) in row.chunks(5).enumerate() {
            let &[nodes, used, before, peak, after] = snapshot else { panic!("{row:?}") };
            let load = Load { used: bytes(used), rss: bytes(before), room: None };
            let known = Known { node_major, count: None, past: &past };
            let prediction = predict(EvidenceKind::SnapshotByFile, &load, &known);
            let ratio = prediction.peak as f64 / (peak * 1e6);
            if at > 0 && !(0.9..=1.3).contains(&ratio) {
                wrong
                    .push(format!("Node {node_major}, {used} MB of {kind}, snapshot {}: {ratio:.2}", at + 1));
            }
            let (before, after) = (reading(used, before, before), reading(used, after, peak));
            past.taken(&before, &after, (nodes * 1e3) as u64, 0, Duration::ZERO);
        }
    }
    assert_eq!(wrong, [""; 0]);
}

fn reading(used: f64, rss: f64, peak: f64) -> Memory {
    Memory {
        used_size: bytes(used),
        total_size: bytes(used),
        external: 0,
        array_buffers: 0,
        rss: bytes(rss),
        peak_rss: bytes(peak),
        heap_limit: u64::MAX,
        constrained: None,
        taken_at_uptime: Duration::ZERO,
        spent: Duration::ZERO,
    }
}

#[test]
fn nobody_waits_for_ever_and_a_slow_machine_is_waited_for() {
    let known = Known { node_major: 22, count: None, past: &Past::default() };
    let prediction = predict(EvidenceKind::SnapshotByFile, &objects(4, None), &known);
    let patience = |seconds| Prediction { pause: Duration::from_secs(seconds), ..prediction }.patience();
    assert_eq!(patience(1), Duration::from_secs(60));
    assert_eq!(patience(20), Duration::from_secs(200));
}

#[test]
fn a_long_pause_is_refused() {
    assert_eq!((major("v22.23.3"), major("v4.0.0-pre"), major("")), (22, 4, 0));
    check(150, None, 18, Some(Refusal::Pause));
    check(150, None, 26, None);
}

#[test]
fn the_pause_goes_by_how_fast_this_machine_counts() {
    let pause = |count: u64| {
        let count = Count { objects: 1_000_000, bytes: 40 * MB, pause: Duration::from_millis(count) };
        let known = Known { node_major: 22, count: Some(count), past: &Past::default() };
        predict(EvidenceKind::SnapshotByFile, &objects(40, None), &known).pause
    };
    assert!(pause(400) < pause(2_000) && pause(2_000) < pause(400) * 6);
}

#[test]
fn on_node_18_the_pause_goes_with_the_square_of_the_objects() {
    let pause = |objects: u64| {
        let count = Count { objects, bytes: objects * 40, pause: Duration::from_nanos(objects * 500) };
        let known = Known { node_major: 18, count: Some(count), past: &Past::default() };
        predict(
            EvidenceKind::SnapshotByFile,
            &Load { used: objects * 40, rss: objects * 40, room: None },
            &known,
        )
        .pause
        .as_secs_f64()
    };
    // Measured: 1.3 s, 7.2 s.
    assert!((1.0..3.0).contains(&pause(350_000)), "{}", pause(350_000));
    assert!((6.0..10.0).contains(&pause(740_000)), "{}", pause(740_000));
}

#[test]
fn consent_to_one_risk_lifts_no_other() {
    let known = Known { node_major: 18, count: None, past: &Past::default() };
    let both = predict(EvidenceKind::SnapshotByFile, &objects(150, Some(512)), &known);
    let refused = |accept: &[Risk]| {
        both.refused_by(&Plan { accept: accept.to_vec(), max_pause: ALLOWED, ..Plan::default() })
    };
    assert_eq!(refused(&[]), Some(Refusal::Memory));
    assert_eq!(refused(&[Risk::Memory]), Some(Refusal::Pause));
    assert_eq!(refused(&[Risk::Pause, Risk::Exposure]), Some(Refusal::Memory));
    assert_eq!(refused(&[Risk::Memory, Risk::Pause]), None);
}

#[test]
fn what_others_use_of_the_limit_counts() {
    let known = Known { node_major: 22, count: None, past: &Past::default() };
    let peak = |charged| {
        let load = Load { room: room(600, charged), ..objects(20, None) };
        predict(EvidenceKind::SnapshotByFile, &load, &known).peak
    };
    assert_eq!(peak(300) - peak(80), 220 * MB);
}

#[test]
fn the_lighter_evidence_fits_where_a_snapshot_does_not() {
    let known = Known { node_major: 22, count: None, past: &Past::default() };
    for (evidence, expected) in [
        (EvidenceKind::SnapshotByFile, Some(Refusal::Memory)),
        (EvidenceKind::SnapshotByStream, Some(Refusal::Memory)),
        (EvidenceKind::Sampling, None),
        (EvidenceKind::Cpu, None),
    ] {
        let prediction = predict(evidence, &objects(60, Some(512)), &known);
        assert_eq!(prediction.refused(ALLOWED), expected, "{evidence:?}: {prediction}");
    }
}

#[test]
fn how_many_will_fit_is_known_before_the_first() {
    let fitting = |limit, objects: u64, bytes| {
        let count = Count { objects, bytes, pause: Duration::ZERO };
        let known = Known { node_major: 22, count: Some(count), past: &Past::default() };
        let load = Load { used: bytes, rss: bytes + 60 * MB, room: room(limit, bytes / MB + 60) };
        fitting(&load, &known, &Plan { samples: 6, growth: 5 * MB, ..Plan::default() })
    };
    // 30 MB of small objects, 5 MB more of them each time: some 500, 570, 650 MB.
    assert_eq!(fitting(430, 750_000, 30 * MB), 0);
    assert_eq!(fitting(537, 750_000, 30 * MB), 1);
    assert_eq!(fitting(2_000, 750_000, 30 * MB), 6);
    // 30 MB of long strings.
    assert_eq!(fitting(537, 82_000, 30 * MB), 6);
}

#[test]
fn counting_is_not_tried_where_even_that_might_not_fit() {
    let with = |used, limit| Load { room: room(limit, used + 60), ..objects(used, None) };
    assert!(may_count(&with(60, 537)) && may_count(&objects(400, None)));
    assert!(!may_count(&with(150, 537)));
}

#[test]
fn from_outside_there_is_a_range() {
    for evidence in [EvidenceKind::SnapshotByFile, EvidenceKind::SnapshotByStream] {
        let (least, most) = from_outside(evidence, &objects(60, Some(537)));
        assert_eq!((least.refused(ALLOWED), most.refused(ALLOWED)), (None, Some(Refusal::Memory)));
    }
}
