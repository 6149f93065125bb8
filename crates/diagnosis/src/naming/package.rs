//! The packages under `node_modules`.

/// The package that a script under `node_modules` belongs to.
pub(super) fn package(script: &str) -> Option<&str> {
    let at = script.rfind("node_modules/")? + "node_modules/".len();
    let path = &script[at..];
    let parts = if path.starts_with('@') { 2 } else { 1 };
    let end = path.match_indices('/').nth(parts - 1).map_or(path.len(), |(end, _)| end);
    Some(&path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_package_of_a_script_counts() {
        for (script, expected) in [
            ("/app/node_modules/lru-cache/dist/index.js", Some("lru-cache")),
            ("/app/node_modules/@scope/cache/index.js", Some("@scope/cache")),
            ("/app/node_modules/express/node_modules/qs/lib/parse.js", Some("qs")),
            ("/app/server.js", None),
        ] {
            assert_eq!(package(script), expected, "{script}");
        }
    }
}
