//! What a hunt has on the far side, and what leads there. It outlives the phases, which borrow from it.
//!
//! A phase may be dropped where it stands, by an interrupt or a panic, and nothing that must be undone may be lost with it. So
//! what is acquired lies in [`Holdings`], and the phases hand each other a [`Held`] of it: whoever has one has the thing.

use std::ops::{Deref, DerefMut};

use leakhunt_host::{Browser, Forward};
use leakhunt_inspector::{Identity, Session};

use crate::data::{Death, Machine, NodeProcess};
use crate::local_port::LocalPort;
use crate::shell::{RemoteShell, Signal};

/// Each thing, if the hunt has it.
#[derive(Default)]
pub(crate) struct Holdings {
    pub(crate) shell: Option<RemoteShell>,
    pub(crate) tunnel: Option<Forward>,
    pub(crate) session: Option<Session>,
    pub(crate) subject: Option<Subject>,
    pub(crate) local_port: Option<LocalPort>,
    pub(crate) browser: Option<Browser>,
}

/// The process under study, from the moment at which its inspector is about to be opened, or was found open.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) process: NodeProcess,
    /// The machine it runs on, as it was when the process was chosen.
    pub(crate) machine: Machine,
    /// Its inspector's.
    pub(crate) port: u16,
    /// Did we open the inspector? Then we close it.
    pub(crate) ours: bool,
    /// What is known of SIGUSR1.
    pub(crate) signal: Signal,
    /// A dead-man watches in it.
    pub(crate) planted: bool,
    /// It is known to be gone, and whatever it had open with it.
    pub(crate) death: Option<Death>,
}

impl Subject {
    /// By what the process is told from any other.
    pub(crate) fn identity(&self) -> Identity {
        Identity { pid: self.process.pid, start: Some(self.process.start) }
    }

    /// The same, as the remote shell is asked for it.
    pub(crate) fn pid_and_start(&self) -> (u32, u64) {
        (self.process.pid, self.process.start)
    }
}

/// Something that lies in [`Holdings`], for as long as this lives.
#[derive(Debug)]
pub(crate) struct Held<'h, T> {
    /// Filled: both ways to make a `Held` see to it, and what empties it takes the `Held`.
    place: &'h mut Option<T>,
}

impl<'h, T> Held<'h, T> {
    /// Puts a thing into its place.
    pub(crate) fn put(place: &'h mut Option<T>, thing: T) -> Self {
        *place = Some(thing);
        Self { place }
    }

    /// What is in its place already, or else the place.
    pub(crate) fn of(place: &'h mut Option<T>) -> Result<Self, &'h mut Option<T>> {
        if place.is_some() { Ok(Self { place }) } else { Err(place) }
    }

    /// Takes the thing out of its place, which is free then.
    pub(crate) fn release(self) -> (&'h mut Option<T>, Option<T>) {
        let thing = self.place.take();
        (self.place, thing)
    }

    /// The place, with the thing in it.
    pub(crate) fn into_place(self) -> &'h mut Option<T> {
        self.place
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.place.as_ref().expect("filled when this was made, and nobody else has the place")
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.place.as_mut().expect("filled when this was made, and nobody else has the place")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn what_was_acquired_stays_in_its_place_when_its_phase_is_dropped() {
        let mut place = None;
        let phase = async {
            let held = Held::put(&mut place, 7);
            std::future::pending::<()>().await;
            assert_eq!(*held, 7);
        };
        assert!(phase.now_or_never().is_none(), "it was dropped where it stood");
        assert_eq!(place, Some(7));
    }

    #[test]
    fn a_place_is_empty_only_for_who_gave_the_thing_up() {
        let mut place = Some(1);
        let (place, thing) = Held::of(&mut place).expect("it is filled").release();
        assert_eq!(thing, Some(1));
        assert!(Held::of(place).is_err());
    }
}
