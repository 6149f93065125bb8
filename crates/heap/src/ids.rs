//! What nodes, objects and places are told by.

use std::fmt;

/// The place of a node in its snapshot's table, which is the order V8 wrote it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// The id V8 gave an object. The same object keeps it from snapshot to snapshot, as long as they are of one id space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// Where a function or a constructor stands in the source; lines and columns begin at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// V8's number of the script.
    pub script_id: u32,
    /// The line, from 0.
    pub line: u32,
    /// The column, from 0.
    pub column: u32,
}

/// No script of V8's is longer: `v8::String::kMaxLength` is 2²⁹ − 24 characters.
const LONGEST_SCRIPT: u32 = 1 << 29;

impl Location {
    /// Line and column as people count them, from 1; `None` where no script has such a place, as where V8 knew none (−1) or a
    /// file was tampered with.
    #[must_use]
    pub fn from_one(&self) -> Option<(u32, u32)> {
        from_one(self.line, self.column)
    }
}

/// A line and a column that begin at 0 as people count them, from 1; `None` where no script has such a place.
#[must_use]
pub fn from_one(line: u32, column: u32) -> Option<(u32, u32)> {
    (line < LONGEST_SCRIPT && column < LONGEST_SCRIPT).then(|| (line + 1, column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_no_script_has_is_none() {
        let at = |line, column| Location { script_id: 1, line, column }.from_one();
        assert_eq!(at(0, 0), Some((1, 1)));
        assert_eq!(at((1 << 29) - 1, 7), Some((1 << 29, 8)));
        for (line, column) in [(u32::MAX, 0), (u32::MAX - 1, 3), (0, u32::MAX), (1 << 29, 0)] {
            assert_eq!(at(line, column), None);
        }
    }
}
