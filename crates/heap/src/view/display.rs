//! The name DevTools shows for a plain object: its properties, from both ends, as many as fit.

use crate::classes::interfaces::{format_property, utf16_len};
use crate::ids::NodeId;
use crate::kinds::EdgeType;
use crate::read::snapshot::Snapshot;
use crate::read::strings::Tag;

/// How many UTF-16 units the two ends may have together before another property is left out.
const FITS: usize = 100;

/// `{first, third, …, fourth, second}` with the properties numbered in the order they are taken.
pub(crate) fn plain_object_name(snapshot: &Snapshot<'_>, node: NodeId) -> String {
    let mut edges = snapshot.edges(node);
    let (mut start, mut end) = ("{".to_owned(), "}".to_owned());
    let mut from_end = false;
    let mut left_out = false;
    while let Some(edge) = if from_end { edges.next_back() } else { edges.next() } {
        if edge.kind != EdgeType::Property || snapshot.strings.tag(edge.name_or_index) == Tag::Proto {
            continue;
        }
        let property = format_property(&snapshot.strings.get(edge.name_or_index));
        if start.len() > 1 && utf16_len(&start) + utf16_len(&end) + utf16_len(&property) > FITS {
            left_out = true;
            break;
        }
        if from_end {
            let comma = if end.len() > 1 { ", " } else { "" };
            end = format!("{property}{comma}{end}");
        } else {
            if start.len() > 1 {
                start.push_str(", ");
            }
            start.push_str(&property);
        }
        from_end = !from_end;
    }
    if left_out {
        start.push_str(", …");
    }
    if end.len() > 1 {
        start.push_str(", ");
    }
    start + &end
}
