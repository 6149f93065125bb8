//! What is wrong with a runbook, and where.

use crate::source::Span;

/// Mistakes that are listed; a file with more is no runbook.
const MOST: usize = 100;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the runbook can be run all the same.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where: what is underlined.
    pub span: Span,
    /// What to do about it.
    pub help: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It is not run.
    Error,
    /// It is run, and likely does something else than was meant.
    Warning,
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub(crate) fn error(&mut self, span: &Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.push(Severity::Error, span, message.into(), help.into());
    }

    pub(crate) fn warning(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.push(Severity::Warning, span, message.into(), help.into());
    }

    fn push(&mut self, severity: Severity, span: &Span, message: String, help: Option<String>) {
        let diagnostic = Diagnostic { severity, message, span: span.clone(), help };
        if self.0.len() < MOST && !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// All of them, from the top of the file to its end.
    pub(crate) fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort_by_key(|diagnostic| diagnostic.span.start);
        self.0
    }
}

/// `did you mean …?`, where one of the names is likely meant; else which names there are.
pub(crate) fn did_you_mean<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let alike = |name: &&str| strsim::jaro_winkler(written, name);
    let best = names.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    Some(if alike(&best) > 0.8 {
        format!("did you mean `{best}`?")
    } else {
        format!("one of: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_likely_meant() {
        let names = ["samples", "growth"];
        assert_eq!(did_you_mean("sample", names).as_deref(), Some("did you mean `samples`?"));
        assert_eq!(did_you_mean("zzz", names).as_deref(), Some("one of: samples, growth"));
        assert_eq!(did_you_mean("zzz", []), None);
    }

    #[test]
    fn a_file_of_mistakes_fills_no_screen_without_end() {
        let mut found = Diagnostics::default();
        (0..1_000).for_each(|at| found.error(&(at..at), "wrong", None));
        assert_eq!(found.sorted().len(), MOST);
    }
}
