//! Each test that SECURITY.md names, as `file::test`, is there.

/// What is missing, given the document and the Rust files with their texts.
pub(super) fn check(document: &str, files: &[(String, String)]) -> Vec<String> {
    // What stands between two backticks is every second part.
    let named = document.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::"));
    named
        .filter(|(module, test)| {
            let file = format!("/{module}.rs");
            let test = format!("fn {test}(");
            !files.iter().any(|(path, text)| path.ends_with(&file) && text.contains(&test))
        })
        .map(|(module, test)| format!("SECURITY.md: no file {module}.rs has a test {test}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_not_there() {
        let files = [("tests/e2e/hostile.rs".to_owned(), "fn bytes() {}".to_owned())];
        assert!(check("kept by `hostile::bytes`", &files).is_empty());
        assert_eq!(check("kept by `hostile::names`", &files).len(), 1);
        assert_eq!(check("kept by `hostile::bytes` and `other::bytes`", &files).len(), 1);
    }
}
