//! The tunnel to the inspector's port.

use leakhunt_host::Forward;

use crate::data::{Error, TeardownStep};
use crate::holdings::Held;
use crate::hunt::Hunt;
use crate::undo::Undo;

/// Starts it. It connects to nothing by itself.
pub(crate) async fn start_tunnel<'h>(
    hunt: &mut Hunt<'_>,
    place: &'h mut Option<Forward>,
    port: u16,
) -> Result<Held<'h, Forward>, Error> {
    let forward = hunt.host.forward(port).await?;
    hunt.undo.push(Undo::Tunnel);
    hunt.note_child(TeardownStep::Tunnel, forward.footprint());
    if let Some(command) = forward.command() {
        hunt.record.command(&command);
    }
    Ok(Held::put(place, forward))
}

/// The port is not the one that was guessed, or the tunnel is no longer what it was.
pub(crate) async fn restart_tunnel<'h>(
    hunt: &mut Hunt<'_>,
    place: &'h mut Option<Forward>,
    port: u16,
) -> Result<Held<'h, Forward>, Error> {
    if let Some(forward) = place.take() {
        let stopped = forward.stop().await;
        if !stopped.gone {
            hunt.record.warn("the tunnel that was no longer needed did not end");
        }
    }
    start_tunnel(hunt, place, port).await
}
