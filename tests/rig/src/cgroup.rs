//! A dyno's memory limit.
//!
//! Where the rig may write the memory controller (root, cgroup v1 or a delegated v2), the limit is enforced by the kernel,
//! and the dyno sees its own group's files under `/sys/fs/cgroup/memory`, as on Heroku. Elsewhere the limit is only shown
//! there: a dyno that reads it finds the number, and nothing kills the dyno for passing it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::error::Named;

/// A memory limit in force (or shown) for one boot; removed when dropped.
pub(crate) struct Limited {
    folder: PathBuf,
    enforced: bool,
}

impl Limited {
    /// `scratch` is a folder of the boot, used where the limit can only be shown.
    pub(crate) fn new(scratch: &Path, dyno: &str, limit: u64) -> Result<Self, Error> {
        // The boot's own folder has a random part, so groups of rigs side by side do not meet.
        let unique = scratch.to_string_lossy().replace('/', "-");
        for (parent, file) in
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]
        {
            let folder = Path::new(parent).join(format!("leakhunt-rig{unique}"));
            if fs::create_dir(&folder).is_err() {
                continue;
            }
            if fs::write(folder.join(file), limit.to_string()).is_ok() {
                return Ok(Self { folder, enforced: true });
            }
            let _ = fs::remove_dir(&folder);
        }
        let folder = scratch.join("cgroup");
        fs::create_dir_all(&folder).named(format!("the memory limit of {dyno}"))?;
        for file in ["memory.limit_in_bytes", "memory.max"] {
            fs::write(folder.join(file), format!("{limit}\n")).named("the memory limit")?;
        }
        Ok(Self { folder, enforced: false })
    }

    /// The group's folder, which the dyno sees as `/sys/fs/cgroup/memory`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a process under the limit, and with it all that it starts.
    pub(crate) fn add(&self, pid: u32) -> Result<(), Error> {
        if self.enforced {
            fs::write(self.folder.join("cgroup.procs"), pid.to_string()).named("the memory limit's group")?;
        }
        Ok(())
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        if self.enforced {
            // The kernel may need a moment to see that the group is empty.
            for _ in 0..100 {
                if fs::remove_dir(&self.folder).is_ok() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }
    }
}
