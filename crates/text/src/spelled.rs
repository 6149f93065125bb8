//! Characters that would do something other than stand there, spelled out.

/// A text in one line: what would steer a terminal, turn the text around or not be seen is spelled out, a newline too.
///
/// `##` is spelled out as well: GitHub's and Azure's runners obey `##[command]` wherever it stands in a line of a log, and
/// TeamCity `##teamcity[…]` (`actions/runner`, `ActionCommand.cs`: `message.IndexOf("##[")`).
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '#' if before == '#' => out.extend(c.escape_unicode()),
            c if is_unseen(c) => out.extend(c.escape_unicode()),
            // All other blanks look alike.
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Control characters (C0, C1), and the marks by which a text can be made to read as another: those that turn the direction
/// of what follows, and those that show nothing at all (Unicode's `Default_Ignorable_Code_Point`, and blanks that are no
/// `White_Space`).
#[must_use]
pub fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(one_line(text), expected);
        assert_eq!(one_line(expected), expected, "what is spelled out stays as it is");
    }

    #[test]
    fn what_would_steer_is_spelled_out() {
        check("a\u{1b}[2Jb\r\u{202e}c\u{9b}d", "a\\u{1b}[2Jb\\r\\u{202e}c\\u{9b}d");
        check("v22\n  ✓ inspector closed", "v22\\n  ✓ inspector closed");
        check("a\u{2028}b\u{ad}c\u{e0041}", "a\\u{2028}b\\u{ad}c\\u{e0041}");
        check("##[error]x", "#\\u{23}[error]x");
        check("###", "#\\u{23}\\u{23}");
    }

    #[test]
    fn names_of_any_script_stay_as_they_are() {
        check("Größe 中文 עברית #1 std::vector", "Größe 中文 עברית #1 std::vector");
        assert_eq!(one_line("a\u{a0}b\u{3000}c"), "a b c");
    }
}
