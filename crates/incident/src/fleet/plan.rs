//! Which dynos there are, and which of them are hunted.

use std::path::PathBuf;

use leakhunt_host::Environment;

use crate::log::Logged;

/// Dynos of one app, or machines.
#[derive(Debug)]
pub struct Fleet {
    /// The app, or how many machines.
    pub name: String,
    /// Each of them.
    pub members: Vec<Member>,
    /// Which are hunted.
    pub choice: Choice,
    /// So many at once.
    pub parallel: usize,
    /// This program.
    pub program: PathBuf,
    /// What it inherits.
    pub environment: Environment,
    /// Where the fleet's folder is made.
    pub out: PathBuf,
    /// For the record.
    pub tool_version: &'static str,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, such as `web.1`.
    pub name: String,
    /// What is known of it before anything is started, such as its release, by name.
    pub facts: Vec<(&'static str, String)>,
    /// How much memory it has by the log of its app.
    pub logged: Option<Logged>,
    /// How many requests a minute it gets by the log of its app.
    pub requests_per_minute: Option<u64>,
    /// The words of the command that looks at it and changes nothing.
    pub look: Vec<String>,
    /// The words of the command that hunts it.
    pub hunt: Vec<String>,
}

/// Which are hunted, of those that can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// All of them.
    All,
    /// Those with the most memory, so many.
    Worst(usize),
}

impl Choice {
    /// The places of those that are hunted, by the memory of each; nothing for one that cannot be. The most memory comes first, and
    /// of equals the earlier one.
    pub(super) fn of(self, memory: &[Option<u64>]) -> Vec<usize> {
        let mut able: Vec<(usize, u64)> =
            memory.iter().enumerate().filter_map(|(at, memory)| Some((at, (*memory)?))).collect();
        able.sort_by_key(|(at, memory)| (std::cmp::Reverse(*memory), *at));
        let most = match self {
            Self::All => usize::MAX,
            Self::Worst(most) => most,
        };
        able.into_iter().take(most).map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_memory_comes_first_and_what_cannot_be_hunted_is_not_chosen() {
        let memory = [Some(300), None, Some(500), Some(300), Some(100)];
        assert_eq!(Choice::Worst(2).of(&memory), [2, 0]);
        assert_eq!(Choice::Worst(9).of(&memory), [2, 0, 3, 4]);
        assert_eq!(Choice::All.of(&memory), [2, 0, 3, 4]);
        assert_eq!(Choice::All.of(&[None]), [] as [usize; 0]);
    }
}
