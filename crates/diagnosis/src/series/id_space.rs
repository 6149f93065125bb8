//! Which snapshots can be compared object by object: those of one id space, in the order they were taken.
//!
//! V8 gives ids out upwards, so that the largest id tells the order. When an inspector session ends, ids are given out
//! anew from the start: nearly all numbers then occur in both snapshots, for different objects. What agrees is the test:
//! of the ids in both, the share whose type and name are the same (1.00 in one id space, 0.1 to 0.4 across two). A hunt
//! knows when its session ended, and says so by numbers; those count as well.

use crate::series::classes::Classes;
use crate::series::columns::Columns;

/// Below this share of agreement two snapshots are of different id spaces.
const SAME_SPACE: f64 = 0.95;

/// The places of snapshots in the order of their largest ids, if that differs from the order given.
pub(crate) fn order(columns: &[Columns]) -> Option<Vec<usize>> {
    let newest: Vec<u32> = columns.iter().map(Columns::newest_id).collect();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| newest[*at]);
    (order.iter().enumerate().any(|(at, place)| at != *place)).then_some(order)
}

/// The longest stretch of snapshots that share one id space; of equals the last.
pub(crate) fn longest_run(
    columns: &[&Columns],
    told: &[Option<u32>],
    classes: &Classes,
) -> std::ops::Range<usize> {
    let mut best = 0..columns.len().min(1);
    let mut from = 0;
    for at in 1..columns.len() {
        if is_lost(told[at - 1], told[at]) || agreement(columns[at - 1], columns[at], classes) < SAME_SPACE {
            from = at;
        }
        if at + 1 - from >= best.len() {
            best = from..at + 1;
        }
    }
    best
}

/// Whether the hunt saw that ids mean something else from one snapshot to another.
pub(crate) fn is_lost(before: Option<u32>, after: Option<u32>) -> bool {
    matches!((before, after), (Some(before), Some(after)) if before != after)
}

/// Of the ids in both, the share whose type and name agree.
fn agreement(a: &Columns, b: &Columns, classes: &Classes) -> f64 {
    let (mut common, mut same) = (0_u64, 0_u64);
    let mut others = b.rows.iter().peekable();
    for row in &a.rows {
        while others.next_if(|other| other.id < row.id).is_some() {}
        if let Some(other) = others.peek().filter(|other| other.id == row.id) {
            common += 1;
            same += u64::from(classes.coarse(row.class) == classes.coarse(other.class));
        }
    }
    if common == 0 { 0.0 } else { same as f64 / common as f64 }
}
