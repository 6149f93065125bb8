//! A JSON string's content becomes bytes, without a tree in between.
//!
//! 96 % of what crosses the wire in a hunt are JSON strings that hold a JSON file, one escape every twenty bytes. The
//! bytes between escapes are copied in one piece. V8 writes snapshots in ASCII (measured on Node 18 to 26: other
//! characters are `\uXXXX` in the file itself, hence `\\uXXXX` on the wire), so the Unicode branch is for completeness;
//! a lone surrogate becomes U+FFFD, as DevTools' own `TextEncoder` makes it.

use memchr::memchr;

/// Why text is not the inside of a JSON string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the inside of a JSON string, at byte {offset}")]
pub(crate) struct Malformed {
    pub(crate) offset: usize,
}

/// Appends to `out` what `escaped` (without its quotes) stands for.
pub(crate) fn unescape(escaped: &str, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let bytes = escaped.as_bytes();
    out.reserve(bytes.len());
    let mut at = 0;
    while let Some(plain) = memchr(b'\\', &bytes[at..]) {
        copy(bytes, at, at + plain, out)?;
        at += plain;
        at += escape(bytes, at, out)?;
    }
    copy(bytes, at, bytes.len(), out)
}

fn copy(bytes: &[u8], from: usize, to: usize, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let plain = &bytes[from..to];
    match plain.iter().position(|byte| *byte < 0x20 || *byte == b'"') {
        Some(bad) => Err(Malformed { offset: from + bad }),
        None => {
            out.extend_from_slice(plain);
            Ok(())
        }
    }
}

/// Resolves the escape at `at`; returns its length.
fn escape(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
    let plain = match bytes.get(at + 1) {
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(b'u') => return unicode(bytes, at, out),
        _ => return Err(Malformed { offset: at }),
    };
    out.push(plain);
    Ok(2)
}

fn unicode(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
    let first = hex(bytes, at)?;
    let is_high = (0xd800..0xdc00).contains(&first);
    let pair =
        if is_high && bytes.get(at + 6..at + 8) == Some(b"\\u") { Some(hex(bytes, at + 6)?) } else { None };
    let (code, length) = match pair {
        Some(second @ 0xdc00..0xe000) => (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12),
        _ => (first, 6),
    };
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(length)
}

fn hex(bytes: &[u8], at: usize) -> Result<u32, Malformed> {
    let malformed = Malformed { offset: at };
    let digits = bytes.get(at + 2..at + 6).ok_or(malformed)?;
    digits.iter().try_fold(0, |code, digit| {
        let digit = char::from(*digit).to_digit(16).ok_or(malformed)?;
        Ok(code << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(escaped: &str, expected: Result<&str, usize>) {
        let mut out = Vec::new();
        let got = unescape(escaped, &mut out).map(|()| String::from_utf8(out).expect("UTF-8"));
        assert_eq!(got, expected.map(str::to_owned).map_err(|offset| Malformed { offset }), "{escaped}");
    }

    #[test]
    fn escapes() {
        check("", Ok(""));
        check(r#"9,1,1,0\n,9,2,\"a\\u00e9\""#, Ok("9,1,1,0\n,9,2,\"a\\u00e9\""));
        check(r"\b\f\n\r\t\/\\", Ok("\u{8}\u{c}\n\r\t/\\"));
        check(r"é\u00e9\u0000", Ok("éé\0"));
        check(r"\ud83d\ude00\uD83D\uDE00", Ok("😀😀"));
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        check(r"\ud83d", Ok("\u{fffd}"));
        check(r"\ude00x", Ok("\u{fffd}x"));
        check(r"\ud83d\ud83d\ude00", Ok("\u{fffd}😀"));
        check(r"\ud83d\n", Ok("\u{fffd}\n"));
    }

    #[test]
    fn what_no_json_string_holds_is_refused() {
        check("ab\"c", Err(2));
        check("ab\nc", Err(2));
        check("ab\\", Err(2));
        check(r"ab\x41", Err(2));
        check(r"ab\u12", Err(2));
        check(r"ab\u12g4", Err(2));
        check(r"\ud83d\u12", Err(6));
        check(r"\u+123", Err(0));
    }

    fn agrees_with_serde_json(escaped: &str) -> Result<(), TestCaseError> {
        let mut out = Vec::new();
        let ours = unescape(escaped, &mut out);
        match serde_json::from_str::<String>(&format!("\"{escaped}\"")) {
            Ok(theirs) => prop_assert_eq!((ours, out), (Ok(()), theirs.into_bytes())),
            // serde_json refuses lone surrogates, V8 writes them and so we take them.
            Err(error) => {
                let surrogate = escaped.to_ascii_lowercase().contains("\\ud");
                prop_assert!(ours.is_err() || surrogate, "{escaped:?}: {error}");
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn any_string_comes_back(text in ".*") {
            let json = serde_json::to_string(&text).expect("a string");
            agrees_with_serde_json(&json[1..json.len() - 1])?;
        }

        #[test]
        fn any_escapes_mean_what_they_mean_to_serde_json(text in r#"([0-9,]{0,9}|\\["\\/bfnrtux]|[0-9a-fA-F]{4}|\\u[dD][89a-fA-F][0-9a-f]{2}|.)*"#) {
            agrees_with_serde_json(&text)?;
        }
    }
}
