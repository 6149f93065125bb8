//! What is inside of what grows, where that is unusual and is most of its bytes: one recogniser a file. It tells why so little
//! keeps so much, and what to change where the holder is as it should be.

mod slices;
mod varying;

use crate::findings::Content;
use crate::suspects::Suspect;
use crate::view::View;
pub(crate) use slices::Slices;
pub(crate) use varying::Varying;

/// What is inside of what grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// Sliced strings, each of which keeps the whole string that it was cut from.
    Slices(Slices),
    /// Objects of which one field is different in each.
    Varying(Varying),
}

impl Contents {
    /// The same for the findings.
    pub(crate) fn found(&self) -> Content {
        match self {
            Self::Slices(Slices { each }) => Content::SlicedStrings { each: *each },
            Self::Varying(varying) => Content::VaryingField {
                class: varying.class.clone(),
                field: varying.field.clone(),
                compared: varying.compared,
                values: varying.values,
                other: varying.other.clone(),
                others: varying.others,
            },
        }
    }
}

/// What is unusual inside of what grows, if anything is.
pub(crate) fn contents(suspect: &Suspect, view: &View<'_>) -> Option<Contents> {
    let varying = || varying::recognise(suspect, view).map(Contents::Varying);
    slices::recognise(suspect, view).map(Contents::Slices).or_else(varying)
}
