//! The one way in which reading fails.

/// The text is not a profile of the kind that it was taken for.
#[derive(Debug, thiserror::Error)]
#[error("not a {kind}: {why}")]
pub struct BadProfile {
    kind: &'static str,
    why: String,
}

impl BadProfile {
    pub(crate) fn new(kind: &'static str, why: impl Into<String>) -> Self {
        Self { kind, why: why.into() }
    }

    /// Of a JSON reader.
    pub(crate) fn json(kind: &'static str) -> impl Fn(serde_json::Error) -> Self {
        move |error| Self::new(kind, error.to_string())
    }
}
