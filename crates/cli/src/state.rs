//! Where leakhunt keeps what outlives a run.

use std::path::PathBuf;

/// The folder of the hunts' journals: `$XDG_STATE_HOME/leakhunt/hunts`, else `~/.local/state/leakhunt/hunts`, on macOS
/// `~/Library/Application Support/leakhunt/hunts`. `None` where there is no HOME.
pub(crate) fn journals() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME");
    let base = absolute("XDG_STATE_HOME").or_else(|| {
        let below = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/state" };
        Some(home()?.join(below))
    })?;
    Some(base.join("leakhunt/hunts"))
}
