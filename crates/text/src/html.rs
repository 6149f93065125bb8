//! HTML in which text from outside is never markup.

use std::fmt::{self, Display, Write as _};

use crate::spelled::one_line;

/// A piece of a page: markup comes in as `&'static str`, everything else is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Begins with markup.
    #[must_use]
    pub fn markup(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Begins with text.
    #[must_use]
    pub fn of(text: impl Display) -> Self {
        Self::default().text(text)
    }

    /// Appends markup.
    #[must_use]
    pub fn and(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Appends text, fit to stand between tags or in a quoted attribute.
    #[must_use]
    pub fn text(mut self, text: impl Display) -> Self {
        for c in one_line(&text.to_string()).chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Appends another piece.
    #[must_use]
    pub fn html(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Appends a script element that holds JSON. In it nothing can end the element.
    #[must_use]
    pub fn json(mut self, opening: &'static str, value: &impl serde::Serialize) -> Self {
        let mut json = Vec::new();
        if crate::json::line(&mut json, value).is_ok() {
            let json = String::from_utf8_lossy(&json).replace('<', "\\u003c");
            let _ = write!(self.0, "{opening}{}</script>", json.trim_end());
        }
        self
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Html> for Html {
    fn extend<I: IntoIterator<Item = Html>>(&mut self, pieces: I) {
        pieces.into_iter().for_each(|piece| self.0.push_str(&piece.0));
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(pieces: I) -> Self {
        let mut all = Self::default();
        all.extend(pieces);
        all
    }
}

impl Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        let html = Html::markup("<b title=\"").text("a\"><script>\u{202e}").and("\">").text('&').and("</b>");
        assert_eq!(html.to_string(), "<b title=\"a&quot;&gt;&lt;script&gt;\\u{202e}\">&amp;</b>");
    }

    #[test]
    fn json_ends_no_script() {
        let html = Html::default().json("<script type=\"application/json\">", &["</script><b>"]);
        assert_eq!(
            html.to_string(),
            "<script type=\"application/json\">[\"\\u003c/script>\\u003cb>\"]</script>"
        );
    }
}
