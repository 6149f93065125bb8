//! What is inside of what grows, where that is unusual and is most of its bytes: one recogniser a file. It tells why so little
//! keeps so much, and what to change where the holder is as it should be.

mod async_context;
mod errors;
mod reach;
mod slices;
mod storage;
mod varying;
mod views;

use crate::findings::Content;
use crate::source::{Sources, Written};
use crate::suspects::Suspect;
use crate::view::View;
pub(crate) use async_context::Stores;
pub(crate) use errors::Stacks;
pub(crate) use slices::Slices;
pub(crate) use storage::SetBy;
pub(crate) use varying::Varying;
pub(crate) use views::Views;

/// What is inside of what grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// Sliced strings, each of which keeps the whole string that it was cut from.
    Slices(Slices),
    /// Views of buffers, each of which keeps the whole buffer that it was cut from.
    Views(Views),
    /// Objects of which one field is different in each.
    Varying(Varying),
    /// Errors whose stack nobody has read.
    Stacks(Stacks),
    /// Stores of an `AsyncLocalStorage`.
    Stores(Stores),
}

impl Contents {
    /// The same for the findings.
    pub(crate) fn found(&self) -> Content {
        match self {
            Self::Slices(Slices { each }) => Content::SlicedStrings { each: *each },
            Self::Views(Views { each, .. }) => Content::BufferViews { each: *each },
            Self::Varying(varying) => Content::VaryingField {
                class: varying.class.clone(),
                field: varying.field.clone(),
                compared: varying.compared,
                values: varying.values,
                other: varying.other.clone(),
                others: varying.others,
            },
            Self::Stacks(Stacks { receiver, stores, each, .. }) => Content::UnreadStacks {
                each: *each,
                keeps: receiver.clone(),
                store: stores.as_ref().map(|stores| stores.class.clone()),
            },
            Self::Stores(Stores { captured_by, class, each, set_by, .. }) => Content::AsyncContext {
                each: *each,
                captured_by: captured_by.clone(),
                store: class.clone(),
                set_by: set_by
                    .iter()
                    .flat_map(|by| &by.calls)
                    .map(|call| call.place.best().clone())
                    .collect(),
            },
        }
    }
}

/// What is unusual inside of what grows, if anything is.
pub(crate) fn contents(suspect: &Suspect, view: &View<'_>, sources: &Sources<'_>) -> Option<Contents> {
    // By an error's stack more may be kept than a store.
    let stacks = || errors::recognise(suspect, view, sources).map(Contents::Stacks);
    let stores = || async_context::recognise(suspect, view, sources).map(Contents::Stores);
    let varying = || varying::recognise(suspect, view).map(Contents::Varying);
    slices::recognise(suspect, view).map(Contents::Slices).or_else(stacks).or_else(stores).or_else(varying)
}

/// The same, where it takes the call that puts it in to tell.
pub(crate) fn put_in(
    suspect: &Suspect,
    insertion: &Written,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Contents> {
    views::recognise(suspect, insertion, view, sources).map(Contents::Views)
}
