//! How a snapshot is transferred: through a file of the app's, or streamed.
//!
//! Node writes to a connection that it has just seen closed (nodejs/node#64209, mended in 24.19): of 60 connections that were
//! reset within a bare `takeHeapSnapshot`, one took Node 22 along by a SIGSEGV. By a file the app writes a few small answers
//! and none that nobody waits for, so that on those versions any writable place is better than the stream, memory included,
//! where there is enough of it.

use leakhunt_inspector::{Memory, Session};

use crate::data::{Error, Prediction, Route};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::record::disk::{DISK_PER_HEAP, DISK_SPARE};

/// `Some` folder of the app's, or the stream.
pub(super) async fn route(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &Evidence,
    base: &Memory,
    prediction: &Prediction,
) -> Result<Option<String>, Error> {
    if hunt.plan.route == Route::Stream {
        return Ok(None);
    }
    let file = base.used_size.saturating_mul(DISK_PER_HEAP);
    let need = file.saturating_add(DISK_SPARE);
    let disk = session.disk().await.map_err(|error| Error::lost("looking at the app's disk", &error))?;
    if let Some(directory) = disk.room_for(need) {
        return Ok(Some(directory.path.clone()));
    }
    let none = if disk.is_partly_unknown() {
        "this Node.js cannot tell how much room a disk has".to_owned()
    } else {
        format!("no real disk of the app has {:.0} MB free", need as f64 / 1e6)
    };
    if hunt.plan.route == Route::File {
        return Err(Error::incomplete(format!("--route file cannot be taken: {none}")));
    }
    if survives_resets(evidence.node_version()) {
        return Ok(None);
    }
    let fits = |limit| prediction.peak.saturating_add(file) <= limit;
    let memory = disk.memory_for(file).filter(|_| prediction.limit.is_none_or(fits));
    if evidence.snapshots.is_empty() {
        hunt.record.warn(match memory {
            Some(directory) => {
                format!("{none}: snapshots go through {}, which is memory of the app's", directory.path)
            }
            None => format!(
                "{none}, so snapshots are streamed: if the tunnel breaks within one, Node.js itself may crash \
                 (nodejs/node#64209)"
            ),
        });
    }
    Ok(memory.map(|directory| directory.path.clone()))
}

/// Does this Node survive a connection that is reset while it writes to it? One that does not tell its version may not.
fn survives_resets(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    match (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) {
        (24, minor) => minor >= 19,
        (major, _) => major >= 26,
    }
}

#[cfg(test)]
mod tests {
    use super::survives_resets;

    #[test]
    fn versions_that_survive() {
        for version in ["24.19.0", "24.21.0", "26.0.0", "27.1.0"] {
            assert!(survives_resets(version), "{version}");
        }
        for version in ["18.20.8", "20.20.2", "22.23.3", "24.18.0", "25.9.0", "unknown", ""] {
            assert!(!survives_resets(version), "{version}");
        }
    }
}
