//! The tokens of a text, as the parser will see them, or the word that it may see others.

/// The language of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Language {
    JavaScript,
    TypeScript,
    /// With tags: text that is not made of tokens.
    Tags,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Open {
        bracket: Bracket,
        /// It may be the parameters of an arrow function.
        is_operand: bool,
    },
    Close(Bracket),
    Word {
        text: &'t str,
        is_member: bool,
    },
    Number,
    /// A string, a template, or a regular expression.
    Literal,
    Increment {
        after_operand: bool,
    },
    Comma,
    Semicolon,
    /// `<` behind an operand: where there are types, it may begin a list of them.
    Less,
    Other(u8),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Round,
    /// `(` of `if (…)`, behind whose end a statement begins.
    Head,
    Square,
    Curly,
    /// `${` of a template.
    Template,
}

/// The parser may see something else than what is seen here.
#[derive(Debug)]
pub(super) struct Unclear;

pub(super) struct Tokens<'t> {
    text: &'t str,
    language: Language,
    at: usize,
    /// The last two tokens.
    last: Option<Token<'t>>,
    before: Option<Token<'t>>,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str, language: Language) -> Self {
        let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let first_line = text[begin..].find(is_line_end).map_or(text.len(), |end| begin + end);
        let at = if text[begin..].starts_with("#!") { first_line } else { begin };
        Self { text, language, at, last: None, before: None }
    }

    /// The next token within the innermost open bracket, and where it begins.
    pub(super) fn next(&mut self, within: Bracket) -> Result<Option<(usize, Token<'t>)>, Unclear> {
        let new_line = self.skip_blank()?;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let (begin, second) = (self.at, rest.as_bytes().get(1).copied());
        let token = match first {
            '\'' | '"' => self.quoted(first as u8)?,
            '`' => self.template()?,
            '}' if within == Bracket::Template => self.template()?,
            '/' if self.begins_regex(new_line)? => self.regex()?,
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            '+' | '-' if second == Some(first as u8) => {
                if first == '-' && rest.starts_with("-->") && (new_line || self.last.is_none()) {
                    return Err(Unclear);
                }
                self.at += 2;
                Token::Increment { after_operand: self.after_operand() && !new_line }
            }
            '<' if rest.starts_with("<!--") => return Err(Unclear),
            c if c == '#' || is_word(c) => self.word(),
            // An escape in a name, or a character of which not everybody knows whether it is a blank.
            c if c == '\\' || !c.is_ascii() => return Err(Unclear),
            c => {
                self.at += 1;
                self.punctuation(c as u8, within)
            }
        };
        self.before = self.last.replace(token);
        Ok(Some((begin, token)))
    }

    /// Steps over blanks and comments; the flag says that a line has ended on the way.
    fn skip_blank(&mut self) -> Result<bool, Unclear> {
        let mut new_line = false;
        loop {
            let rest = &self.text[self.at..];
            let Some(first) = rest.chars().next() else { return Ok(new_line) };
            if first.is_whitespace() || first == '\u{feff}' {
                new_line |= is_line_end(first);
                self.at += first.len_utf8();
            } else if rest.starts_with("//") {
                self.at += rest.find(is_line_end).unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let length = comment.find("*/").ok_or(Unclear)? + 4;
                new_line |= rest[..length].contains(is_line_end);
                self.at += length;
            } else {
                return Ok(new_line);
            }
        }
    }

    fn after_operand(&self) -> bool {
        match self.last {
            Some(Token::Word { text, is_member }) => is_member || !before_operand(text),
            Some(
                Token::Number
                | Token::Literal
                | Token::Close(Bracket::Round | Bracket::Square | Bracket::Template),
            ) => true,
            _ => false,
        }
    }

    fn begins_regex(&self, new_line: bool) -> Result<bool, Unclear> {
        match self.last {
            // What ends so goes on behind the end of the line, in JavaScript: types do not.
            Some(
                Token::Number
                | Token::Close(Bracket::Round | Bracket::Square)
                | Token::Word { is_member: true, .. },
            ) if self.language == Language::JavaScript => Ok(false),
            // An operand on the line before may have ended a statement.
            _ if self.after_operand() && new_line => Err(Unclear),
            Some(Token::Close(Bracket::Curly)) => Err(Unclear),
            // Operators here, variables there.
            Some(Token::Word { text: "yield" | "await" | "of", is_member: false }) => Err(Unclear),
            Some(Token::Increment { after_operand }) if new_line || !after_operand => Err(Unclear),
            Some(Token::Increment { .. }) => Ok(false),
            // The end of a list of types, or of `a!`.
            Some(Token::Other(b'>' | b'!')) if self.language != Language::JavaScript => Err(Unclear),
            _ => Ok(!self.after_operand()),
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<Token<'t>, Unclear> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        loop {
            match bytes.get(at).ok_or(Unclear)? {
                b'\\' => at += 2,
                b'\n' | b'\r' => return Err(Unclear),
                byte if *byte == quote => break,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Ok(Token::Literal)
    }

    /// From a backtick, or from the end of a substitution, to the next substitution or the end.
    fn template(&mut self) -> Result<Token<'t>, Unclear> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        loop {
            match bytes.get(at).ok_or(Unclear)? {
                b'\\' => at += 2,
                b'`' => break,
                b'$' if bytes.get(at + 1) == Some(&b'{') => {
                    let begins = bytes[self.at] == b'`';
                    self.at = at + 2;
                    // The parts of one template are beside each other: its brackets stay open until its end.
                    return Ok(if begins { open(Bracket::Template) } else { Token::Comma });
                }
                _ => at += 1,
            }
        }
        let begins = bytes[self.at] == b'`';
        self.at = at + 1;
        Ok(if begins { Token::Literal } else { Token::Close(Bracket::Template) })
    }

    fn regex(&mut self) -> Result<Token<'t>, Unclear> {
        let mut in_class = false;
        let mut chars = self.text[self.at..].char_indices().skip(1);
        loop {
            let (at, c) = chars.next().ok_or(Unclear)?;
            match c {
                c if is_line_end(c) => return Err(Unclear),
                '\\' => {
                    chars.next().filter(|(_, escaped)| !is_line_end(*escaped)).ok_or(Unclear)?;
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    self.at += at + 1;
                    break;
                }
                _ => {}
            }
        }
        let flags = self.text[self.at..]
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'_'))
            .count();
        self.at += flags;
        Ok(Token::Literal)
    }

    fn number(&mut self) -> Token<'t> {
        let digits =
            |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let rest = &self.text[self.at..];
        let whole = digits(rest);
        let length = if rest.as_bytes().get(whole) == Some(&b'.') {
            whole + 1 + digits(&rest[whole + 1..])
        } else {
            whole
        };
        self.at += length;
        Token::Number
    }

    fn word(&mut self) -> Token<'t> {
        let rest = &self.text[self.at..];
        let end = rest.char_indices().skip(1).find(|(_, c)| !is_word(*c)).map_or(rest.len(), |(at, _)| at);
        self.at += end;
        Token::Word { text: &rest[..end], is_member: self.last == Some(Token::Other(b'.')) }
    }

    fn punctuation(&self, c: u8, within: Bracket) -> Token<'t> {
        match c {
            b'(' if self.ends_with_head_word() => open(Bracket::Head),
            b'(' => {
                let is_async = matches!(self.last, Some(Token::Word { text: "async", .. }));
                Token::Open { bracket: Bracket::Round, is_operand: is_async || !self.after_operand() }
            }
            b'[' => open(Bracket::Square),
            b'{' => open(Bracket::Curly),
            b'<' if self.after_operand() => Token::Less,
            b')' if within == Bracket::Head => Token::Close(Bracket::Head),
            b')' => Token::Close(Bracket::Round),
            b']' => Token::Close(Bracket::Square),
            b'}' => Token::Close(Bracket::Curly),
            b',' => Token::Comma,
            b';' => Token::Semicolon,
            c => Token::Other(c),
        }
    }

    fn ends_with_head_word(&self) -> bool {
        let is = |token: Option<Token<'_>>, words: &[&str]| matches!(token, Some(Token::Word { text, is_member: false }) if words.contains(&text));
        is(self.last, &["if", "while", "for", "with"])
            || (is(self.last, &["await"]) && is(self.before, &["for"]))
    }
}

fn open(bracket: Bracket) -> Token<'static> {
    Token::Open { bracket, is_operand: false }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Words behind which an operand begins.
fn before_operand(word: &str) -> bool {
    matches!(
        word,
        "return"
            | "typeof"
            | "instanceof"
            | "in"
            | "new"
            | "delete"
            | "void"
            | "throw"
            | "case"
            | "do"
            | "else"
            | "default"
            | "extends"
    )
}
