//! Room for snapshots on this machine's disk.

use std::io;
use std::path::Path;

use super::events::Record;
use super::session_folder::SessionFolder;
use crate::data::{Error, Plan, Profile};

/// A snapshot's file, on the app's disk and on ours, is at most this many times the used heap (2.1 was seen), with room to spare.
pub(crate) const DISK_PER_HEAP: u64 = 3;
/// And this much more, for what else the disk is there for.
pub(crate) const DISK_SPARE: u64 = 64 << 20;
/// No snapshot is larger than so many times what its heap and its buffers take, and so much beside: four times what was seen.
const MOST_PER_HEAP: u64 = 8;
const MOST_BESIDE: u64 = 256 << 20;

/// Is there room for a snapshot of a heap of `used_heap` bytes, and of `used` with its external memory? The app must not pay
/// the pause for a file that cannot be kept. Gives how large that file may become.
pub(crate) fn room_for(folder: &SessionFolder, used_heap: u64, used: u64) -> Result<u64, Error> {
    let expected = MOST_BESIDE.saturating_add(used.saturating_mul(MOST_PER_HEAP));
    let free = free_in(folder.path()).map_err(|error| folder.failed(error))?;
    let Some(free) = free else { return Ok(expected) };
    let need = used_heap.saturating_mul(DISK_PER_HEAP);
    if free >= need {
        // Whoever tells the size of the heap tells that of the file too: the disk is not filled up for either.
        return Ok(expected.min(need.max(free.saturating_sub(DISK_SPARE))));
    }
    let (free, need) = (free as f64 / 1e6, need as f64 / 1e6);
    Err(folder.failed(io::Error::other(format!(
        "{free:.0} MB are free, and a snapshot may need {need:.0} MB; it was not taken"
    ))))
}

/// Looks at the disk before anything is done to the process. Of its heap nothing is known yet but that it is no larger
/// than all of its memory, so only a disk that could hold no snapshot at all refuses.
pub(crate) fn look(
    folder: &SessionFolder,
    plan: &Plan,
    record: &mut Record<'_>,
    resident: u64,
) -> Result<(), Error> {
    let Some(free) = free_in(folder.path()).map_err(|error| folder.failed(error))? else { return Ok(()) };
    let all = resident.saturating_mul(plan.samples.into());
    if free < DISK_SPARE {
        return Err(folder.failed(io::Error::other(format!(
            "{:.0} MB are free, which is no room for a snapshot; nothing was done to the process",
            free as f64 / 1e6
        ))));
    }
    if free < all && plan.takes(Profile::Heap) {
        record.warn(format!(
            "{:.0} MB are free in {}, and {} snapshots of a process of {:.0} MB may need {:.0} MB: the last ones may not be \
             taken (--out puts them on another disk)",
            free as f64 / 1e6,
            folder.path().display(),
            plan.samples,
            resident as f64 / 1e6,
            all as f64 / 1e6
        ));
    }
    Ok(())
}

/// The bytes that are free for this user in a folder; none where the file system does not tell.
fn free_in(folder: &Path) -> io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(folder)?;
    // Some network ones say zero of zero.
    Ok((disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize)))
}
