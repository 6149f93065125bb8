//! The passphrases of private keys: asked for once, and kept as long as this process lives, for every connection logs in anew.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

/// Somebody who may know one: asked for the key in this file, and told whether it is asked again because the last was wrong.
pub type AskPassphrase = dyn Fn(&Path, bool) -> Option<Zeroizing<String>> + Send + Sync;

/// As a person does.
const MOST_TRIES: u32 = 3;

/// What is known of them, and who can be asked. Cheap to clone; clones know the same.
#[derive(Clone, Default)]
pub struct Passphrases {
    ask: Option<Arc<AskPassphrase>>,
    known: Arc<Mutex<HashMap<PathBuf, Zeroizing<String>>>>,
}

/// What came of trying one.
pub(super) enum Tried<T> {
    /// It was right.
    Right(T),
    /// It does not open the key.
    Wrong,
}

impl Passphrases {
    /// Nothing is known yet, and this one can be asked.
    pub fn asked_of(ask: Arc<AskPassphrase>) -> Self {
        Self { ask: Some(ask), known: Arc::default() }
    }

    /// Tries the one that is known, or those that are given; `None` where there is none that is right.
    pub(super) fn open<T, E>(
        &self,
        key: &Path,
        mut attempt: impl FnMut(&str) -> Result<Tried<T>, E>,
    ) -> Result<Option<T>, E> {
        // Held while somebody types, so that nobody is asked twice at once.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(passphrase) = known.get(key)
            && let Tried::Right(value) = attempt(passphrase)?
        {
            return Ok(Some(value));
        }
        let Some(ask) = &self.ask else { return Ok(None) };
        for turn in 0..MOST_TRIES {
            let Some(passphrase) = ask(key, turn > 0) else { return Ok(None) };
            if let Tried::Right(value) = attempt(&passphrase)? {
                known.insert(key.to_owned(), passphrase);
                return Ok(Some(value));
            }
        }
        Ok(None)
    }
}

impl fmt::Debug for Passphrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrases").field("can_ask", &self.ask.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn try_on(known: &Passphrases, right: &str) -> Option<String> {
        let attempt = |given: &str| {
            Ok::<_, ()>(if given == right { Tried::Right(given.to_owned()) } else { Tried::Wrong })
        };
        known.open(Path::new("key"), attempt).unwrap()
    }

    #[test]
    fn it_is_asked_for_until_it_is_right_and_kept_then() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let ask = move |_: &Path, again: bool| {
            let turn = count.fetch_add(1, Ordering::SeqCst);
            assert_eq!(again, turn > 0);
            Some(Zeroizing::new(format!("{turn}")))
        };
        let known = Passphrases::asked_of(Arc::new(ask));
        let other = known.clone();
        assert_eq!(try_on(&known, "2").as_deref(), Some("2"));
        assert_eq!(try_on(&other, "2").as_deref(), Some("2"));
        assert_eq!(asked.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn three_wrong_ones_are_enough_and_without_anybody_there_is_none() {
        let ask = |_: &Path, _: bool| Some(Zeroizing::new("wrong".to_owned()));
        assert_eq!(try_on(&Passphrases::asked_of(Arc::new(ask)), "right"), None);
        assert_eq!(try_on(&Passphrases::default(), "right"), None);
    }
}
