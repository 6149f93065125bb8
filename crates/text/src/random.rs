//! Words of a language, told from random letters.
//!
//! Words are made of few of the possible runs of three letters; of a run of random letters most are in no word.

use std::sync::OnceLock;

/// In shorter names three letters in a row say too little.
const LEAST_TELLING: usize = 8;

/// Which runs of three letters are in words, `^` at a word's beginning and `$` at its end: a line a pair of letters, then what
/// follows it. Written by `cargo test -p leakhunt-text --test names -- --ignored`, which says of what.
const LETTERS: &str = include_str!("letters.txt");

/// Whether a word of running text is random: long, and not made of words.
pub(crate) fn is_random(word: &str) -> bool {
    const LEAST: usize = 16;
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') && digits > 3;
    let letters = word.len() - digits;
    word.len() >= LEAST
        && word.is_ascii()
        && (is_strange(word) || (hex && letters > 0 && word.len() >= 2 * LEAST))
}

/// Whether a name is hardly made of words.
pub(crate) fn is_strange(name: &str) -> bool {
    let (mut length, mut words, mut strange, mut digits) = (0, 0, 0, 0_usize);
    for word in words_of(name) {
        words += 1;
        length += word.len();
        if word.as_bytes()[0].is_ascii_digit() {
            digits += word.len();
        } else {
            strange += runs(word).filter(|run| !letters().has(*run)).count();
        }
    }
    if length < LEAST_TELLING {
        return false;
    }
    // People's words are seldom shorter than three or four letters on average, and have few numbers among them.
    let length = length as f64;
    let chopped = (f64::from(words) - length / 3.5).max(0.0);
    strange as f64 + digits.saturating_sub(1) as f64 + chopped >= 1.5 * length / 8.0
}

/// `HTTPServer2` is `HTTP`, `Server` and `2`. What is no ASCII letter or digit parts words.
fn words_of(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let bytes = rest.as_bytes();
        let run = |is: fn(&u8) -> bool| bytes.iter().take_while(|byte| is(byte)).count();
        let first = *bytes.first()?;
        let end = if first.is_ascii_digit() {
            run(u8::is_ascii_digit)
        } else {
            let upper = run(u8::is_ascii_uppercase);
            let lower = bytes[upper..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
            match (upper, lower) {
                (0 | 1, lower) => upper + lower,
                (upper, 0) => upper,
                // The last capital begins the next word.
                (upper, _) => upper - 1,
            }
        };
        let (word, tail) = rest.split_at(end);
        rest = tail;
        Some(word)
    })
}

/// Three letters in a row, as numbers from 0 (a word's end) to 26.
fn runs(word: &str) -> impl Iterator<Item = [u8; 3]> {
    let number = |byte: u8| byte.to_ascii_lowercase() - b'a' + 1;
    let letters: Vec<u8> =
        std::iter::once(0).chain(word.bytes().map(number)).chain(std::iter::once(0)).collect();
    (0..letters.len() - 2).map(move |at| [letters[at], letters[at + 1], letters[at + 2]])
}

struct Letters([u64; (27 * 27 * 27_usize).div_ceil(64)]);

impl Letters {
    fn place([a, b, c]: [u8; 3]) -> (usize, u64) {
        let at = (usize::from(a) * 27 + usize::from(b)) * 27 + usize::from(c);
        (at / 64, 1 << (at % 64))
    }

    fn has(&self, run: [u8; 3]) -> bool {
        let (at, bit) = Self::place(run);
        self.0[at] & bit != 0
    }
}

fn letters() -> &'static Letters {
    static READ: OnceLock<Letters> = OnceLock::new();
    READ.get_or_init(|| {
        let mut letters = Letters([0; (27 * 27 * 27_usize).div_ceil(64)]);
        let number = |byte: u8| if byte.is_ascii_lowercase() { byte - b'a' + 1 } else { 0 };
        for line in LETTERS.lines() {
            let Some((&[a, b], rest)) = line
                .split_once(' ')
                .and_then(|(pair, rest)| Some((<&[u8; 2]>::try_from(pair.as_bytes()).ok()?, rest)))
            else {
                continue;
            };
            for c in rest.bytes() {
                let (at, bit) = Letters::place([number(a), number(b), number(c)]);
                letters.0[at] |= bit;
            }
        }
        letters
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_where_people_part_them() {
        let words: Vec<&str> = words_of("_HTTPServer2kResource-usage_").collect();
        assert_eq!(words, ["HTTP", "Server", "2", "k", "Resource", "usage"]);
    }
}
