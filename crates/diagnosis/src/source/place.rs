//! Places in scripts, and where a source map says that they came from.

use crate::findings::Location;

/// A place in a script and, by its source map, where that came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) location: Location,
    pub(crate) original: Option<Original>,
}

/// What is written at a place: a name, or what is called, such as `cache.set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) place: Place,
    pub(crate) code: String,
}

/// A place before bundling, with the name that the thing there had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) location: Location,
    pub(crate) name: Option<String>,
}

impl Place {
    /// The place before bundling, if it is known.
    pub(crate) fn best(&self) -> &Location {
        self.original.as_ref().map_or(&self.location, |original| &original.location)
    }
}

/// A path beside another file, `..` resolved; an absolute one or a URL as it is.
pub(super) fn join(beside: &str, path: &str) -> String {
    if path.starts_with('/') || path.contains("://") || path.get(1..3) == Some(":\\") {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = beside.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty()) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_urls_are() {
        for (beside, path, joined) in [
            ("/app/dist/server.js", "server.js.map", "/app/dist/server.js.map"),
            ("/app/dist/server.js", "../src/a.ts", "/app/src/a.ts"),
            ("/app/dist/server.js", "./a.ts", "/app/dist/a.ts"),
            ("/app/dist/server.js", "/src/a.ts", "/src/a.ts"),
            ("/a.js", "../../b.ts", "/b.ts"),
            ("dist/server.js", "webpack://x/a.ts", "webpack://x/a.ts"),
        ] {
            assert_eq!(join(beside, path), joined, "{path} beside {beside}");
        }
    }
}
