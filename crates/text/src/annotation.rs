//! Workflow commands of GitHub, one a line.
//!
//! Syntax and escapes: "Workflow commands for GitHub Actions" and `@actions/core`'s `command.ts`.

use std::fmt::Display;

use crate::spelled::one_line;

/// `::COMMAND NAME=VALUE,…::MESSAGE`, with its newline. Nothing in a value or in the message can end it.
#[must_use]
pub fn annotation(
    command: &'static str,
    properties: &[(&'static str, &dyn Display)],
    message: impl Display,
) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{command} {}::{}\n", properties.join(","), data(message))
}

fn data(text: impl Display) -> String {
    one_line(&text.to_string()).replace('%', "%25")
}

fn property(text: impl Display) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_neither_itself_nor_the_command() {
        let title = "a,b::c\n::stop-commands::x 5 %";
        assert_eq!(
            annotation("error", &[("line", &1), ("title", &title)], title),
            "::error line=1,title=a%2Cb%3A%3Ac\\n%3A%3Astop-commands%3A%3Ax 5 %25::a,b::c\\n::stop-commands::x 5 %25\n"
        );
    }
}
