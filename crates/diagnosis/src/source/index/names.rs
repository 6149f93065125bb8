//! The names in a script, each kept once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// A name, by its number in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in super::super) struct Name(u32);

#[derive(Default)]
pub(super) struct Names {
    known: FxHashMap<Arc<str>, Name>,
    texts: Vec<Arc<str>>,
}

impl Names {
    pub(super) fn add(&mut self, text: &str) -> Name {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let (name, text) = (Name(self.texts.len() as u32), Arc::<str>::from(text));
        self.texts.push(text.clone());
        self.known.insert(text, name);
        name
    }

    /// `None` if nothing in the script is called so.
    pub(super) fn find(&self, text: &str) -> Option<Name> {
        self.known.get(text).copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (Name, &str)> {
        self.texts.iter().zip(0..).map(|(text, at)| (Name(at), &**text))
    }

    pub(super) fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }
}
