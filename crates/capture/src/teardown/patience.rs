//! How long a step of the way out may take.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What is left of every deadline once a person is in a hurry.
const HURRIED: Duration = Duration::from_secs(2);

/// The deadline, or two seconds once somebody is in a hurry.
pub(super) async fn within<T>(
    deadline: Duration,
    hurry: &CancellationToken,
    work: impl Future<Output = T>,
) -> Option<T> {
    let hurried = async {
        hurry.cancelled().await;
        tokio::time::sleep(HURRIED).await;
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = tokio::time::sleep(deadline) => None,
        () = hurried => None,
    }
}
