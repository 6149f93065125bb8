//! How deep a text may lead a recursive parser, and whatever walks its tree, told before it is parsed.
//!
//! A parser calls itself once or a few times a token, at most, and so does who walks the tree: no thing in it lies below
//! more others than there are tokens from which those were made. So the number of tokens is a bound on the depth, and for
//! the files that people write it is a low one. A bundle has more tokens, but nearly all of them are in statements that
//! have ended. There the tokens are read one by one, and only those count that can still be above another: of each pair of
//! brackets that is open those since the last `;`, since a `,` that ends an expression, or since the end of a block.
//!
//! The bound must hold for a text that was made to break it, so the tokens must be those that the parser will see. Where
//! that takes more than a look at what came before (`}` and then `/`: a division, or a regular expression?), or where the
//! text has tags in it, there is a bound for short texts only.
//!
//! What is in parentheses may be read twice, as the parameters of an arrow function and as an expression, and then what is
//! in parentheses in it. How much is read once more is counted as well.

mod tokens;

pub(super) use tokens::Language;
use tokens::{Bracket, Token, Tokens, Unclear};

/// How many tokens a text may have that cannot be followed.
const MOST_UNCLEAR: usize = 10_000;
/// So much may be read once more, and so many times the text.
const MOST_AGAIN: usize = 256 << 10;
const MOST_TIMES: usize = 8;

/// An upper bound on the levels of a text; `None` if it may have more than `most`, or would be read too often.
pub(super) fn levels(text: &str, language: Language, most: usize) -> Option<usize> {
    match open_levels(text, language, most) {
        Ok(levels) => levels,
        Err(Unclear) => Some(most_tokens(text)).filter(|tokens| *tokens <= MOST_UNCLEAR),
    }
}

/// No text has more tokens than runs of letters and digits, and other characters; those in comments and strings included.
fn most_tokens(text: &str) -> usize {
    let (mut count, mut in_word) = (0, false);
    for byte in text.bytes() {
        let word = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
        let goes_on = byte.is_ascii_whitespace() || (word && in_word);
        count += usize::from(!goes_on);
        in_word = word;
    }
    count
}

/// The levels by the tokens that are open at a time.
fn open_levels(text: &str, language: Language, most: usize) -> Result<Option<usize>, Unclear> {
    if language == Language::Tags {
        return Err(Unclear);
    }
    let mut tokens = Tokens::new(text, language);
    let mut nest = Nest::new(language, most, MOST_AGAIN + text.len().saturating_mul(MOST_TIMES));
    while let Some((at, token)) = tokens.next(nest.innermost())? {
        if nest.take(at, token).is_none() {
            return Ok(None);
        }
    }
    Ok(nest.end(text.len()))
}

/// What can be above what follows, of one pair of brackets.
struct Level {
    bracket: Bracket,
    /// Where it begins, if it may be read twice.
    twice_from: Option<usize>,
    /// Tokens of what may be above the expression: `if (…)`, `else`, labels.
    held: usize,
    /// Tokens of the expression so far.
    run: usize,
    /// The deepest of the brackets in it.
    inner: usize,
    /// The deepest of all that has ended here.
    peak: usize,
    /// An `else` or `while` has gone on with a statement that had seemed to have ended.
    chained: bool,
    ended: Ended,
    /// How many lists of types may have begun, and the sum of where.
    lists: (usize, usize),
}

/// What the last token has ended, if the next one does not go on with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Nothing,
    /// By `;`.
    Statement,
    /// By `}`.
    Block,
}

impl Level {
    fn new(bracket: Bracket, twice_from: Option<usize>) -> Self {
        Self {
            bracket,
            twice_from,
            held: 0,
            run: 0,
            inner: 0,
            peak: 0,
            chained: false,
            ended: Ended::Nothing,
            lists: (0, 0),
        }
    }

    fn deepest(&self) -> usize {
        self.peak.max(self.held + self.run + self.inner)
    }

    /// Whether this token ends what the one before seemed to end, by not going on with it.
    fn is_ended_by(&mut self, token: Token<'_>) -> bool {
        let ended = std::mem::replace(&mut self.ended, Ended::Nothing);
        let Token::Word { text, .. } = token else { return ended == Ended::Statement };
        match ended {
            Ended::Nothing => false,
            Ended::Statement => !matches!(text, "else" | "while"),
            // Behind the `}` of an expression or a type only these words can stand, or a line has ended, and it with it.
            Ended::Block => !matches!(
                text,
                "else"
                    | "while"
                    | "catch"
                    | "finally"
                    | "in"
                    | "of"
                    | "instanceof"
                    | "from"
                    | "with"
                    | "as"
                    | "satisfies"
                    | "extends"
                    | "implements"
                    | "is"
            ),
        }
    }

    /// A statement, or an element of a list, has ended; how much of it may have been read once more.
    fn end(&mut self, at: usize) -> usize {
        let (lists, begun) = self.lists;
        *self = Self { peak: self.deepest(), ..Self::new(self.bracket, self.twice_from) };
        lists.saturating_mul(at).saturating_sub(begun)
    }

    /// An expression has ended, but not the statement that it is in.
    fn end_expression(&mut self) {
        self.peak = self.deepest();
        self.held = if self.chained { self.held + self.run } else { self.held.max(self.run) };
        (self.run, self.inner) = (0, 0);
    }

    fn word(&mut self, text: &str) {
        self.run += 1;
        // The words that put a statement into another: what is behind a comma is still below them.
        if matches!(text, "if" | "else" | "for" | "while" | "do" | "with") {
            self.held += 1;
        }
        self.chained |= matches!(text, "else" | "while" | "catch" | "finally");
    }
}

struct Nest {
    language: Language,
    most: usize,
    /// How much may still be read once more.
    again: usize,
    /// The first is the text itself.
    levels: Vec<Level>,
}

impl Nest {
    fn new(language: Language, most: usize, again: usize) -> Self {
        Self { language, most, again, levels: vec![Level::new(Bracket::Curly, None)] }
    }

    fn innermost(&self) -> Bracket {
        self.levels.last().map_or(Bracket::Curly, |level| level.bracket)
    }

    /// `None` if it has become too deep, or too much; or if brackets do not match, where a parser gives up.
    fn take(&mut self, at: usize, token: Token<'_>) -> Option<()> {
        let depth = self.levels.len();
        let level = self.levels.last_mut()?;
        let mut again = if level.is_ended_by(token) { level.end(at) } else { 0 };
        match token {
            Token::Open { bracket, is_operand } => {
                level.run += 1;
                self.levels.push(Level::new(bracket, is_operand.then_some(at)));
            }
            Token::Close(bracket) => {
                if level.bracket != bracket || depth == 1 {
                    return None;
                }
                again += level.end(at) + level.twice_from.map_or(0, |from| at - from);
                let inner = level.peak + 1;
                self.levels.pop();
                let level = self.levels.last_mut()?;
                level.inner = level.inner.max(inner);
                if bracket == Bracket::Curly {
                    level.ended = Ended::Block;
                }
            }
            // Lists of types are no brackets that could be told: what is behind a comma may be in one.
            Token::Comma if self.language != Language::JavaScript => level.run += 1,
            Token::Comma if level.bracket == Bracket::Curly => level.end_expression(),
            Token::Comma => again += level.end(at),
            Token::Semicolon => level.ended = Ended::Statement,
            Token::Less => {
                level.run += 1;
                if self.language != Language::JavaScript {
                    level.lists = (level.lists.0 + 1, level.lists.1 + at);
                }
            }
            // `1.x` may have been taken for one.
            Token::Number => level.run += 3,
            Token::Word { text, .. } => level.word(text),
            Token::Literal | Token::Increment { .. } | Token::Other(_) => level.run += 1,
        }
        self.again = self.again.checked_sub(again)?;
        let level = self.levels.last()?;
        (depth <= self.most && level.deepest() <= self.most).then_some(())
    }

    fn end(mut self, at: usize) -> Option<usize> {
        let [level] = &mut self.levels[..] else { return None };
        self.again.checked_sub(level.end(at))?;
        Some(level.peak).filter(|deepest| *deepest <= self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 1_000;

    fn bound(text: &str, most: usize) -> Option<usize> {
        open_levels(text, Language::JavaScript, most).ok().flatten()
    }

    #[test]
    fn what_has_ended_does_not_count() {
        for (statement, most) in [
            ("a = b + c;\n", 10),
            ("function f(a, b) { return a }\n", 20),
            ("f(`a ${b} c`, /[/]'/, '}', \"{\"); // don't {\n", 20),
            ("if (a) b(); else if (c) d();\n", 30),
            ("x = {a: 1, b: [1, 2], c: y => y};", 30),
            ("a.b = 1 / 2 / c, d = e.return / 2;", 30),
            ("if (a) /}/.test(b);", 30),
            ("x = f(a)\n / b[1]\n / b.c\n / 2\n / c;\n", 30),
            ("class A extends B { c() {} static d = 1; }\n", 30),
        ] {
            let levels = bound(&statement.repeat(5_000), MOST);
            assert!(levels.is_some_and(|levels| levels <= most), "{statement}: {levels:?}");
        }
        let list = format!("x = [{}]; y = {{{}}};", "1, ".repeat(5_000), "a: 1, ".repeat(5_000));
        assert!(bound(&list, MOST).is_some_and(|levels| levels < 30));
    }

    #[test]
    fn what_the_parser_could_see_in_another_way_has_no_bound() {
        for text in [
            "x = {} / 2",
            "a\n/b/.test(c)",
            "yield /a/",
            "a ++ b --> c\n--> d",
            "<!-- a",
            "\\u0061",
            "a\u{200b}/b/",
            "'a\n'",
            "/a\n/",
            "`a",
            "/* a",
            "(]",
            ")",
            "((",
            "++ /a/",
        ] {
            assert_eq!(bound(text, MOST), None, "{text}");
        }
    }

    #[test]
    fn what_follows_an_operand_is_above_it() {
        // a + b + c is (a + b) + c: what came first lies deepest, and the brackets in it deeper still.
        let chain = " + 1".repeat(100);
        let text = format!("{}1{}", "(".repeat(10), format!("{chain})").repeat(10));
        assert!(bound(&text, 10_000).is_some_and(|levels| levels > 2_000));
    }
}
