//! What kind of thing holds what grows: one recogniser a file, each of which sees a suspect and the heap around it and knows no
//! other recogniser. The first of [`RECOGNISERS`] that knows the holder says what it is.
//!
//! To add one: a file with a `recognise`, a line in the array, and a variant of [`Held`] with what it has found out. Classes
//! are recognised by who wrote them and by their shape ([`View::is_nodes`], [`View::is_builtin`]), not by their name alone.

mod callback;
mod closure;
mod collection;
mod emitter;
mod event_target;
mod handle;
mod kinds;
mod list;
mod listeners;
mod object;
mod promise;
mod stream;
mod timer;

use crate::suspects::Suspect;
use crate::view::View;

pub(crate) use callback::{library_below, unbound, user_code_below};
pub(crate) use emitter::are_of_pipe;
pub(crate) use kinds::Held;
pub(crate) use timer::{again, timeout_of};

type Recogniser = fn(&Suspect, &View<'_>) -> Option<Held>;

/// All recognisers, those that say more before those that say less.
const RECOGNISERS: [Recogniser; 10] = [
    timer::recognise,
    emitter::recognise,
    event_target::recognise,
    stream::recognise,
    promise::recognise,
    collection::recognise,
    list::recognise,
    closure::recognise,
    object::recognise,
    handle::recognise,
];

/// What holds a suspect.
pub(crate) fn recognise(suspect: &Suspect, view: &View<'_>) -> Held {
    RECOGNISERS
        .iter()
        .find_map(|recognise| recognise(suspect, view))
        .unwrap_or(Held::Native { code: None, is_open: false })
}
