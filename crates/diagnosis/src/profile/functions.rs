//! The functions of a profile, and where people wrote them.

use leakhunt_profile::{Frame, FrameId, Tree};

use crate::findings::Location;
use crate::source::{Author, Place, Sources, display_path};

/// A profile's calls, and where people wrote the functions.
pub(crate) struct Functions<'t> {
    pub(crate) tree: &'t Tree,
    /// Of each function of the tree.
    written: Vec<Option<Written>>,
}

/// Where people wrote a function.
pub(crate) struct Written {
    pub(crate) place: Place,
    author: Author,
}

impl Written {
    /// Where it was before bundling, if a source map tells.
    pub(crate) fn original(&self) -> Option<Location> {
        Some(self.place.original.as_ref()?.location.clone())
    }

    /// Who wrote it.
    pub(crate) fn author(&self) -> Author {
        self.author
    }

    /// The file, before bundling.
    pub(crate) fn file(&self) -> &str {
        &self.place.best().file
    }
}

impl<'t> Functions<'t> {
    pub(crate) fn of(tree: &'t Tree, sources: &Sources<'_>) -> Self {
        let written = tree.frames().map(|(_, frame)| {
            let (author, place) = sources.written(location(frame)?);
            Some(Written { place, author })
        });
        Self { tree, written: written.collect() }
    }

    /// Where a function was written; nothing for V8's own.
    pub(crate) fn written(&self, function: FrameId) -> Option<&Written> {
        self.written[function.index()].as_ref()
    }

    /// Not Node's, not V8's, not a package's.
    pub(crate) fn is_programs(&self, function: FrameId) -> bool {
        self.written(function).is_some_and(|written| written.author == Author::User)
    }

    /// Of each call, in the order of the tree's, the nearest function of the program's own above it.
    pub(crate) fn programs_above(&self) -> Vec<Option<FrameId>> {
        let nodes = self.tree.nodes();
        let mut above: Vec<Option<FrameId>> = Vec::with_capacity(nodes.len());
        for node in nodes {
            above.push(node.caller.and_then(|caller| match nodes[caller].frame {
                own if self.is_programs(own) => Some(own),
                _ => above[caller],
            }));
        }
        above
    }
}

/// Where V8 has a function begin.
fn location(frame: &Frame) -> Option<Location> {
    let (line, column) = frame.begins?;
    Some(Location {
        file: Some(display_path(&frame.url)).filter(|file| !file.is_empty())?,
        line,
        column,
        function: Some(frame.function.clone()).filter(|name| !name.is_empty()),
        from: None,
    })
}
