//! What a snapshot does not show: read before each, and where no snapshot is taken.

use leakhunt_inspector::Session;

use crate::data::{Beside, Error};

/// Reads it.
pub(super) async fn beside(session: &Session) -> Result<Beside, Error> {
    let lost = |doing: &'static str| move |error| Error::lost(doing, &error);
    let descriptors = session.descriptors().await.map_err(lost("counting open files"))?;
    let resources = session.resources().await.map_err(lost("counting active resources"))?;
    let workers = session.workers().await.map_err(lost("reading the heaps of worker threads"))?;
    let mappings = session.mappings().await.map_err(lost("reading what is mapped"))?;
    Ok(Beside {
        descriptors: descriptors.map(Into::into),
        resources,
        workers: workers.map(|heaps| heaps.into_iter().map(Into::into).collect()),
        mappings: mappings.map(Into::into),
    })
}
