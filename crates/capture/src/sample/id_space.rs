//! Do V8's object ids still mean the same objects?
//!
//! The span in which they do is the *id space*. V8 numbers an object when a snapshot meets it; before the first one there is
//! nothing to lose. Two objects are held to watch it. The *marker* is there from the first snapshot on and must keep its
//! number. That is looked at before each snapshot and after it, since a reset may fall between the look and the snapshot.
//! After a reset numbers are dealt out from the start, and the marker could get the one it had (seen on Node 18). So a
//! *newcomer* is held between two snapshots: in one space its number comes after those of all objects of the earlier snapshot,
//! and V8 counts in twos; after a reset it lies among the first, beside the marker's.

use leakhunt_inspector::{Marker, Session};

use crate::data::Error;

/// The present id space.
pub(super) struct IdSpace {
    number: u32,
    marker: Marker,
    id: Option<u64>,
    newcomer: Option<Newcomer>,
}

struct Newcomer {
    marker: Marker,
    /// Its number will be higher, if the space lives.
    above: u64,
}

impl IdSpace {
    /// Begins to watch, before the first snapshot of a series.
    pub(super) async fn open(session: &Session, number: u32) -> Result<Self, Error> {
        let marker =
            session.hold_marker().await.map_err(|error| Error::lost("holding a marker object", &error))?;
        Ok(Self { number, marker, id: None, newcomer: None })
    }

    /// Which one it is: snapshots of one number share their ids.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Have the ids been handed out again since the last snapshot? Then a new space begins here.
    pub(super) async fn is_lost(&mut self, session: &Session) -> Result<bool, Error> {
        let Some(before) = self.id else { return Ok(false) };
        let lost = look(session, &self.marker).await? != before;
        if lost {
            (self.number, self.id, self.newcomer) = (self.number + 1, None, None);
        }
        Ok(lost)
    }

    /// A snapshot of `nodes` objects has met those that are held: was the space lost between the look before it and the snapshot?
    /// Then the snapshot is the first of a new one.
    pub(super) async fn was_lost_within(&mut self, session: &Session, nodes: u64) -> Result<bool, Error> {
        let id = look(session, &self.marker).await?;
        let mut lost = self.id.is_some_and(|before| id != 0 && id != before);
        if let Some(newcomer) = self.newcomer.take() {
            let number = look(session, &newcomer.marker).await?;
            lost |= number != 0 && number <= newcomer.above;
            session.release_marker(newcomer.marker).await.map_err(|error| failed(&error))?;
        }
        self.number += u32::from(lost);
        // No number at all: the space was lost after the snapshot, and the look before the next one must see that.
        self.id = Some(if id == 0 { u64::MAX } else { id });
        let marker = session.hold_newcomer().await.map_err(|error| failed(&error))?;
        self.newcomer = Some(Newcomer { marker, above: id.saturating_add(nodes / 2) });
        Ok(lost)
    }
}

async fn look(session: &Session, marker: &Marker) -> Result<u64, Error> {
    session.marker_id(marker).await.map_err(|error| failed(&error))
}

fn failed(error: &leakhunt_inspector::Error) -> Error {
    Error::lost("checking the object ids", error)
}
