//! What the next evidence would cost the app, how much room it has, and whether that is too much.

mod afford;
mod model;
mod room;

pub(crate) use self::afford::{ahead, count, has_room_to_sample, remember, wanted, weigh};
pub(crate) use self::model::{Load, from_outside, heap_behind, major};
pub(crate) use self::room::{Room, quota};
