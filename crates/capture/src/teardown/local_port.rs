//! The end of the port at which DevTools found the inspector.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::patience::within;
use crate::data::{Line, TeardownStep};
use crate::holdings::Holdings;

/// A snapshot that DevTools is taking has some seconds to arrive, so that nothing is reset that the app is writing to.
const CONNECTIONS: Duration = Duration::from_secs(10);

pub(super) async fn local_port(holdings: &mut Holdings, hurry: &CancellationToken) -> Line {
    let what = TeardownStep::LocalPort;
    let Some(port) = holdings.local_port.take() else {
        return Line::verified(what, "it was never opened");
    };
    let address = port.address();
    let connections = match within(CONNECTIONS, hurry, port.close()).await {
        Some(0) => "nobody was connected".to_owned(),
        Some(1) => "1 connection ended".to_owned(),
        Some(ended) => format!("{ended} connections ended"),
        // What carries them ends with them.
        None => "its connections were dropped".to_owned(),
    };
    Line::verified(what, format!("{address} is closed; {connections}"))
}
