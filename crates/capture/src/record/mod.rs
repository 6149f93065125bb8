//! What a hunt writes on this machine: the session folder with its evidence, documents and log, and the journal of what is
//! still to be undone.

mod clock;
pub(crate) mod disk;
mod events;
mod integrity;
mod journal;
mod session_folder;
mod session_json;
pub(crate) mod work_tree;

pub(crate) use self::clock::Clock;
pub(crate) use self::events::Record;
pub(crate) use self::journal::{Act, Journal, Target, inspector};
pub use self::journal::{Journals, Unfinished, journals};
pub(crate) use self::session_folder::{Incoming, Kept, SessionFolder, remove_partials};
pub(crate) use self::session_json::SessionJson;
