//! Text of the analysed program, made harmless for a terminal. The formats escape further for their own syntax.

/// The longest word that is shown whole: V8 cuts names at 1,024 characters, people stop reading earlier.
const LONGEST_WORD: usize = 120;

/// Spells out what would steer a terminal or turn the direction of the text; line breaks stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_hostile(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Control characters, and the marks by which a name can be made to read as another: those that turn the direction of
/// what follows, and those that show nothing at all.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text in one line, its longest words cut in the middle.
pub(crate) fn line(text: &str) -> String {
    let whole = printable(text).replace('\n', "\\n");
    if whole.len() <= LONGEST_WORD {
        return whole;
    }
    whole.split(' ').map(cut_word).collect::<Vec<_>>().join(" ")
}

fn cut_word(word: &str) -> String {
    let count = word.chars().count();
    if count <= LONGEST_WORD {
        return word.to_owned();
    }
    let half = LONGEST_WORD / 2;
    let head: String = word.chars().take(half).collect();
    let tail: String = word.chars().skip(count - half).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_the_other_side_are_shown_not_obeyed() {
        assert_eq!(printable("a\u{1b}[2Jb\r\u{202e}c\u{9b}\nd"), "a\\u{1b}[2Jb\\u{d}\\u{202e}c\\u{9b}\nd");
    }

    #[test]
    fn a_name_stays_in_its_line() {
        assert_eq!(line("a\nb"), "a\\nb");
        let long = line(&format!("class {} grew", "x".repeat(1000)));
        assert!(
            long.chars().count() < 140 && long.starts_with("class xxx") && long.ends_with("xxx grew"),
            "{long}"
        );
    }

    #[test]
    fn names_of_any_script_stay_as_they_are() {
        assert_eq!(line("Größe 中文 עברית"), "Größe 中文 עברית");
    }
}
