//! Where leakhunt keeps what outlives a run.

use std::path::PathBuf;

/// The folder of the hunts' journals; `None` where there is no HOME.
pub(crate) fn journals() -> Option<PathBuf> {
    Some(folder()?.join("hunts"))
}

/// The folder in which it is kept which hunts the watches began.
pub(crate) fn watches() -> Option<PathBuf> {
    Some(folder()?.join("watches"))
}

/// `$XDG_STATE_HOME/leakhunt`, else `~/.local/state/leakhunt`, on macOS `~/Library/Application Support/leakhunt`.
fn folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME");
    let base = absolute("XDG_STATE_HOME").or_else(|| {
        let below = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/state" };
        Some(home()?.join(below))
    })?;
    Some(base.join("leakhunt"))
}
