//! The environment a child gets. This crate never reads its own: the caller hands it in.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The variable that tells a program of ours that its stdin ends when whoever started it is gone
/// ([`Stdin::Lifeline`](crate::Stdin::Lifeline)).
pub const LIFELINE: &str = "LEAKHUNT_LIFELINE";

/// The caller's environment: where tools are looked for, which credentials and proxies there are, and what children
/// inherit.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// Takes the variables, as `std::env::vars_os()` gives them, but for [`LIFELINE`]: whoever is started has another stdin.
    pub fn new<K: Into<OsString>, V: Into<OsString>>(vars: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut all = Self(vars.into_iter().map(|(k, v)| (k.into(), v.into())).collect());
        all.remove(LIFELINE);
        all
    }

    /// A variable's value; an empty one counts as absent, as every tool here takes it.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|v| !v.is_empty())
    }

    /// A variable's value when it is UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }

    /// The same with more variables, which take the place of those of the same name.
    #[must_use]
    pub fn with<K: Into<OsString>, V: Into<OsString>>(&self, vars: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut extended = self.clone();
        extended.0.extend(vars.into_iter().map(|(k, v)| (k.into(), v.into())));
        extended
    }

    /// The values that are secrets by their variables' names, such as HEROKU_API_KEY's. Shorter ones would be found in any text.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let named =
            self.0.iter().filter(|(name, _)| name.to_str().is_some_and(leakhunt_text::names_a_secret));
        named.filter_map(|(_, value)| value.to_str()).filter(|value| value.len() >= 8)
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.remove(OsStr::new(name));
    }

    pub(crate) fn vars(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.0.iter()
    }

    /// Where a private folder can be made: the user's runtime folder where there is one, else the temporary one.
    pub(crate) fn runtime_folder(&self) -> PathBuf {
        // A Unix socket's path holds 104 bytes at most (macOS; Linux 108), so a long folder is of no use.
        let fits = |path: &&Path| path.is_absolute() && path.as_os_str().len() <= 70 && path.is_dir();
        ["XDG_RUNTIME_DIR", "TMPDIR"]
            .into_iter()
            .filter_map(|name| self.get(name).map(Path::new))
            .find(fits)
            .unwrap_or(Path::new("/tmp"))
            .to_owned()
    }
}
