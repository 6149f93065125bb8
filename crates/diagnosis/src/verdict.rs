//! The judgement over everything: is it a leak, and how sure is that?

use crate::analysis::Basis;
use crate::findings::{Kind, Memory, Suspect, Verdict};
use crate::series::columns::Columns;
use crate::series::growth::{Site, baseline};
use crate::series::trend::{Trend, trend};
use crate::suspects::cluster::Cluster;
use crate::wording::size;

/// A suspect gains at least this many bytes a step, and this share of what the whole heap gains: V8's own housekeeping
/// stays below either.
const LEAST_STEP: u64 = 1_500;
const LEAST_SHARE: f64 = 0.03;

/// Whether a cluster is more than noise beside the growth of the whole.
pub(crate) fn is_material(cluster: &Cluster, columns: &[Columns]) -> bool {
    let base = baseline(columns.len());
    let steps = (columns.len() - 1 - base).max(1) as u64;
    let gain = cluster.gain();
    let total = columns[columns.len() - 1].total.saturating_sub(columns[base].total);
    gain / steps >= LEAST_STEP && gain as f64 >= total as f64 * LEAST_SHARE
}

/// How sure a suspect is, from 0 to 1: a long series, survivors, a large share of the growth, a name.
pub(crate) fn confidence(cluster: &Cluster, suspect: &Suspect, columns: &[Columns]) -> f64 {
    let base = baseline(columns.len());
    let steps = columns.len().saturating_sub(1 + base);
    let total = columns[columns.len() - 1].total.saturating_sub(columns[base].total).max(1);
    let share = (cluster.gain() as f64 / total as f64).min(1.0);
    let length = [0.0, 0.3, 0.6, 0.85, 1.0][steps.min(4)];
    let survival = cluster.first_site().survival;
    let named = if suspect.location.is_some() { 1.0 } else { 0.6 };
    let own = if suspect.kind == Kind::Native { 0.4 } else { 1.0 };
    let confidence: f64 = length * survival * named * own * (0.5 + 0.5 * share.sqrt());
    (confidence * 100.0).round() / 100.0
}

/// The verdict and its sentence.
pub(crate) fn verdict(
    suspects: &[Suspect],
    sites: &[Site],
    columns: &[Columns],
    memory: &Memory,
    basis: Basis,
) -> (Verdict, String) {
    match columns.len() {
        0 => return (Verdict::Inconclusive, "there is no snapshot to judge".to_owned()),
        1 => {
            return (
                Verdict::Inconclusive,
                "one snapshot shows what is there, not what grows; the largest holders are listed".to_owned(),
            );
        }
        2 if !suspects.is_empty() => {
            let text = format!("between two snapshots grew first of all: {}", suspects[0].sentence);
            return (
                Verdict::Inconclusive,
                format!("{text} Two snapshots cannot tell a leak from a warm-up"),
            );
        }
        2 => {
            let (first, last) = (size(columns[0].total), size(columns[1].total));
            return (
                Verdict::Inconclusive,
                format!(
                    "the heap went from {first} to {last}, and no one object holds what grew; two snapshots cannot tell \
                     whether that goes on"
                ),
            );
        }
        _ => {}
    }
    if let Some(first) = suspects.first().filter(|_| basis == Basis::Classes) {
        let text = format!("by class, for want of one id space, this grew: {}", first.sentence);
        return (Verdict::Inconclusive, text);
    }
    if let Some(first) = suspects.first() {
        let more = match suspects.len() {
            1 => String::new(),
            2 => " (and one other suspect)".to_owned(),
            n => format!(" (and {} other suspects)", n - 1),
        };
        return (Verdict::Leak, format!("leak{more}: {}", first.sentence));
    }
    if basis == Basis::Classes {
        let text = "nothing can be said without one id space: no class with a telling name grew at every snapshot, and \
                    others cannot be followed";
        return (Verdict::Inconclusive, text.to_owned());
    }
    if let Some(outside) = outside(memory) {
        return (Verdict::NotHeap, outside);
    }
    if let Some(diffuse) = diffuse(columns) {
        return (Verdict::Inconclusive, diffuse);
    }
    let (first, last) = (columns[0].total, columns[columns.len() - 1].total);
    let levelled = sites.iter().filter(|site| site.trend == Trend::Plateau).count();
    let text = if levelled > 0 {
        format!(
            "no leak: the heap went from {} to {}, and what grew has levelled off",
            size(first),
            size(last)
        )
    } else {
        format!(
            "no leak: the heap went from {} to {}, and nothing grew at every step",
            size(first),
            size(last)
        )
    };
    (Verdict::Healthy, text)
}

/// Growth of the whole heap that no holder explains.
fn diffuse(columns: &[Columns]) -> Option<String> {
    let base = baseline(columns.len());
    let totals: Vec<u64> = columns[base..].iter().map(|columns| columns.total).collect();
    let (first, steps) = (totals[0], totals.len() as u64 - 1);
    let gain = totals[totals.len() - 1].saturating_sub(first);
    let much = gain >= steps * (first / 50).max(200_000);
    (trend(&totals) == Trend::Growing && much).then(|| {
        format!("the heap grew by {} per snapshot, but no one object holds what grew", size(gain / steps))
    })
}

/// Growth that the snapshots do not show.
///
/// The resident set rises with each snapshot that is taken and hardly falls again: what is known to be left by them is taken
/// off, and only a rise well above what a reading swings by counts. Where it is not known what they left, nothing is said.
fn outside(memory: &Memory) -> Option<String> {
    let grew = |series: &[u64], least: u64| {
        let series = series.get(baseline(series.len())..)?;
        let (first, steps) = (*series.first()?, series.len() as u64 - 1);
        let gain = series.last()?.saturating_sub(first);
        let much = gain >= steps * least.max(first / 25);
        (series.len() >= 3 && trend(series) == Trend::Growing && much).then_some(gain)
    };
    if let Some(gain) = grew(&memory.external, 500_000) {
        return Some(format!(
            "memory grew by {} outside of the JavaScript heap, in array buffers or native objects, while the heap did not",
            size(gain)
        ));
    }
    let own: Vec<u64> =
        memory.rss.iter().zip(&memory.left).map(|(resident, left)| resident.saturating_sub(*left)).collect();
    grew(&own, 4_000_000).map(|gain| {
        format!(
            "the process grew by {} while the JavaScript heap of its main thread did not: look at worker threads, native \
             addons and buffers",
            size(gain)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rss: &[u64], left: &[u64], grows: bool) {
        let bytes = |series: &[u64]| series.iter().map(|megabytes| megabytes * 1_000_000).collect();
        let memory = Memory { rss: bytes(rss), left: bytes(left), ..Memory::default() };
        assert_eq!(outside(&memory).is_some(), grows, "{rss:?} {left:?}");
    }

    #[test]
    fn what_snapshots_leave_resident_is_no_growth_of_the_program() {
        // A heap of 77 MB that does not grow, Node 22.
        check(&[137, 631, 690, 720], &[0, 492, 550, 581], false);
        check(&[137, 631, 786], &[0, 492, 640], false);
        // Sessions of before did not tell what was left.
        check(&[137, 631, 690, 720], &[], false);
        check(&[137, 631, 690, 720], &[0, 492], false);
    }

    #[test]
    fn what_grows_besides_is() {
        // A worker thread's own heap, Node 20.
        check(&[76, 121, 134, 153, 178, 191], &[0, 33, 41, 41, 54, 55], true);
    }
}
