//! The verdict in one sentence.

use super::size;
use crate::findings::Suspect;
use crate::verdict::{Outside, Reason, Totals};

/// The verdict in one sentence, with that of the first suspect where there is one.
pub(crate) fn verdict(reason: Reason, suspects: &[Suspect]) -> String {
    let first = suspects.first().map_or("", |suspect| suspect.sentence.as_str());
    match reason {
        Reason::NoSnapshot => "there is no snapshot to judge".to_owned(),
        Reason::OneSnapshot => {
            "one snapshot shows what is there, not what grows; the largest holders are listed".to_owned()
        }
        Reason::TwoSnapshots => {
            format!(
                "between two snapshots grew first of all: {first} Two snapshots cannot tell a leak from a warm-up"
            )
        }
        Reason::TwoWithoutSuspect { totals } => format!(
            "the heap went {}, and no one object holds what grew; two snapshots cannot tell whether that goes on",
            from_to(totals)
        ),
        Reason::Suspects { count } => {
            let more = match count {
                1 => String::new(),
                2 => " (and one other suspect)".to_owned(),
                n => format!(" (and {} other suspects)", n - 1),
            };
            format!("leak{more}: {first}")
        }
        Reason::SuspectsByClass => format!("object ids are not comparable across these snapshots; by class, this grew: {first}"),
        Reason::NothingByClass => {
            "object ids are not comparable across these snapshots, and by class nothing can be said: no class with a telling \
             name grew at every snapshot"
                .to_owned()
        }
        Reason::Outside { gain, seen_in: Outside::External } => format!(
            "memory grew by {} outside of the JavaScript heap, in array buffers or native objects, while the heap did not",
            size(gain)
        ),
        Reason::Outside { gain, seen_in: Outside::Resident } => format!(
            "the process grew by {} while the JavaScript heap of its main thread did not: look at worker threads, native \
             addons and buffers",
            size(gain)
        ),
        Reason::Diffuse { per_step } => {
            format!("the heap grew by {} per snapshot, but no one object holds what grew", size(per_step))
        }
        Reason::LevelledOff { totals } => {
            format!("no leak: the heap went {}, and what grew has levelled off", from_to(totals))
        }
        Reason::Steady { totals } => {
            format!("no leak: the heap went {}, and nothing grew at every step", from_to(totals))
        }
    }
}

fn from_to(Totals { first, last }: Totals) -> String {
    format!("from {} to {}", size(first), size(last))
}
