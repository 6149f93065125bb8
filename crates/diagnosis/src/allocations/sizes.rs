//! How much a call has allocated that lives, and how much of it has grown.

use std::cmp::Ordering;

/// What a place has, bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    /// At the end.
    pub(super) alive: f64,
    /// How much more than at the first cut.
    pub(super) more: f64,
    /// What of the first cut lives on.
    pub(super) kept: f64,
}

impl Sizes {
    /// Of one cut: what lives is what has grown since the profiler was started.
    pub(super) fn alive(size: f64) -> Self {
        Self { alive: size, more: size, kept: size }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.alive += other.alive;
        self.more += other.more;
        self.kept += other.kept;
    }

    pub(super) fn grown(self) -> f64 {
        self.more.min(self.kept).max(0.0)
    }

    /// How much more has come than lives on of the first cut; below zero how much more lives on than has come.
    pub(super) fn uneven_by(self) -> f64 {
        self.more.max(0.0) - self.kept
    }

    /// Hands so much of what has come, or else of what lives on, to another.
    pub(super) fn hand(&mut self, other: &mut Self, size: f64, is_new: bool) {
        if is_new {
            self.more -= size;
            other.more = other.more.max(0.0) + size;
        } else {
            self.kept -= size;
            other.kept += size;
        }
        self.alive -= size;
        other.alive += size;
    }
}

/// What has grown most comes first, then what there is most of.
pub(super) fn most(one: &Sizes, other: &Sizes) -> Ordering {
    other.grown().total_cmp(&one.grown()).then(other.alive.total_cmp(&one.alive))
}
