//! A hunt that ends as soon as the answer is certain: it says then what it would say with all snapshots.

use leakhunt_diagnosis::{Series, Verdict};

use crate::corpus;
use crate::programs;
use crate::replayed::{PROGRAMS, recorded};

#[test]
fn a_certain_answer_is_the_true_one() {
    let names: Vec<String> = PROGRAMS.iter().map(|name| name.replace('_', "-")).collect();
    let mut early = 0;
    for name in &names {
        if let Some((count, is_right)) = corpus::certain(&programs().join(name), &recorded(name)) {
            assert!(is_right, "{name} was certain with {count} snapshots");
            early += 1;
        }
    }
    assert!(early * 2 > names.len(), "{early} of {} were certain early", names.len());
}

#[test]
fn snapshots_that_come_one_by_one_are_judged_as_if_they_had_come_together() {
    for name in ["banner-interval", "response-cache", "healthy-lru"] {
        let recording = recorded(name);
        let mut series = Series::going_on();
        for count in 1..=recording.snapshots.len() {
            let now = serde_json::to_value(recording.judge(&mut series, count)).unwrap();
            let together = serde_json::to_value(recording.diagnose_some(0..count)).unwrap();
            assert_eq!(now, together, "{name}, {count}");
        }
        series.forget(2);
        let ended = recording.judge(&mut series.ended(), recording.snapshots.len());
        assert_eq!(ended.verdict == Verdict::Leak, name != "healthy-lru");
    }
}
