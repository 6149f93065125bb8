//! The packages that the program has loaded, with their versions: by these an answer names what is to be upgraded.
//!
//! They are asked for before the first snapshot, so that what the looking leaves behind in the heap is there from the start,
//! and so that a hunt that is cut short has them.

use std::time::Duration;

use leakhunt_inspector::Session;
use tokio::time::timeout;

use crate::evidence::Evidence;

/// The agent ends by itself after three seconds, unless the app's disk does not answer at all.
const LONGEST: Duration = Duration::from_secs(10);

/// Notes them. The evidence is worth as much without: what cannot be read is left out.
pub(crate) async fn note_packages(session: &Session, evidence: &mut Evidence) {
    match timeout(LONGEST, session.packages()).await {
        Ok(Ok(packages)) => evidence.packages = packages,
        Ok(Err(error)) => tracing::info!("the versions of packages are not known: {error}"),
        Err(_) => tracing::info!("the versions of packages did not come within {} s", LONGEST.as_secs()),
    }
}
