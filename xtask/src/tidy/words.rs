//! Words that no user shall read, each with what says it plainly.
//!
//! Looked for in the string literals of `crates/`, tests apart, and in the doc comments that clap prints as help. Case does not
//! matter; a phrase begins and ends where a word does.

use super::source::File;

const PLAINLY: &[(&str, &str)] = &[
    ("once more to wait for nothing", "press Ctrl-C again to skip waiting"),
    ("tearing down", "cleaning up"),
    ("torn down", "cleaned up"),
    ("waiting no longer", "no longer waiting for …"),
    ("left when asked", "exited"),
    ("closes behind us", "inspector closing"),
    ("were ours", "leakhunt used …"),
    ("takes no key", "SSH authentication to … failed"),
    ("is whole", "is complete"),
    ("was whole", "was complete"),
    ("not whole", "incomplete"),
    ("whole snapshot", "complete snapshot"),
    ("whole snapshots", "complete snapshots"),
    ("way home", "route"),
    ("come home", "downloaded"),
    ("comes home", "is downloaded"),
    ("judge for", "assume"),
    ("for want of", "without"),
    ("of one id space", "object ids that are comparable across the snapshots"),
    ("come to its end", "a promise that never settles"),
    ("anew", "again, reassigned"),
    ("told", "reported"),
    ("held by", "retained by, or say what it is"),
    ("grows through", "each instance also grows in …"),
];

pub(super) fn check(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    if file.product().is_none() {
        return found;
    }
    for (text, line) in &file.code.texts {
        for (phrase, plainly) in PLAINLY.iter().filter(|(phrase, _)| says(text, phrase)) {
            found.push(format!("{}:{line}: says \"{phrase}\"; plainly: {plainly}", file.path));
        }
    }
    found
}

fn says(text: &str, phrase: &str) -> bool {
    let text = text.to_lowercase();
    let letter = |other: Option<char>| other.is_some_and(char::is_alphanumeric);
    text.match_indices(phrase).any(|(at, _)| {
        !letter(text[..at].chars().next_back()) && !letter(text[at + phrase.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        check(&File::parse("crates/a/src/b.rs", text).expect("it is Rust"))
    }

    #[test]
    fn a_word_on_the_screen() {
        let found = of("fn a() {\n  print(\"Tearing down\") }");
        assert_eq!(found, ["crates/a/src/b.rs:2: says \"tearing down\"; plainly: cleaning up"]);
        assert_eq!(of("fn a() { println!(\"{group}left when asked\") }").len(), 1);
        assert_eq!(of("#[error(\"{host} takes no key of {detail}\")] struct E;").len(), 1);
        assert_eq!(of("#[derive(Parser)] struct A { /// Torn down\n a: u8 }").len(), 1);
    }

    #[test]
    fn a_word_that_nobody_reads_and_one_in_another() {
        assert!(of("/// Told by the host.\nfn told() { print(\"retold\") }").is_empty());
        assert!(of("#[cfg(test)] mod tests { fn a() { print(\"told\") } }").is_empty());
        assert!(of("fn a() { print(\"open files of the whole machine\") }").is_empty());
    }
}
