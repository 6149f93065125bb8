//! What the platform is asked with.

use std::fmt;
use std::time::Duration;

use super::api::Api;

/// A client of the API, with the token there is.
#[derive(Clone)]
pub(super) struct Token {
    /// `None` when the CLI keeps its token to itself.
    pub(super) api: Option<Api>,
    /// How long it took the CLI to give its own.
    pub(super) of_the_cli: Option<Duration>,
}

/// Of a secret no more is shown than that there is one.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("is_there", &self.api.is_some()).finish_non_exhaustive()
    }
}
