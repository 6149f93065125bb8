//! A report on stdout, in the format that is asked for.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use clap::ValueEnum;
use leakhunt_diagnosis::CallTrees;
use leakhunt_report::{Report, github, json, markdown, pprof, speedscope, text};

use super::judge::Analysis;
use crate::exit;
use crate::failure::Failure;
use crate::table::text_width;
use crate::terminal;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a script
    Json,
    /// For a ticket
    Markdown,
    /// For a browser: one file without remote parts
    Html,
    /// For a GitHub workflow
    Github,
    /// The calls of profiles, for `pprof`: a gzipped profile.proto
    Pprof,
    /// The calls of profiles, for speedscope: a file that its page opens
    Speedscope,
}

impl Format {
    /// Does it show whom profiles saw call whom?
    pub(crate) fn shows_calls(self) -> bool {
        matches!(self, Self::Html | Self::Pprof | Self::Speedscope)
    }
}

/// The report on stdout.
pub(crate) fn print_as(format: Format, analysis: &Analysis) -> Result<(), Failure> {
    let report = analysis.report();
    match format {
        Format::Text => terminal::answer(&text::render(&report, text_width(), usize::MAX))?,
        Format::Json => print(&json::render(report.findings))?,
        Format::Markdown => print(&markdown::render(&report))?,
        Format::Html => print(&analysis.page())?,
        Format::Github => print_github(&report)?,
        Format::Pprof => print_pprof(analysis)?,
        Format::Speedscope => print(&speedscope::render(&report, &exported(analysis)?))?,
    }
    Ok(())
}

/// Bytes, which a terminal would show as anything.
fn print_pprof(analysis: &Analysis) -> Result<(), Failure> {
    let bytes = pprof::render(&exported(analysis)?);
    if terminal::is_shown() {
        return Err(Failure::new(exit::USAGE, "--format pprof is binary, and is not written to a terminal")
            .hint("redirect it to a file: `leakhunt report SESSION --format pprof > profile.pb.gz`"));
    }
    Ok(terminal::document(|out| out.write_all(&bytes))?)
}

/// The calls for another tool.
fn exported(analysis: &Analysis) -> Result<CallTrees, Failure> {
    if analysis.calls.heap.is_none() && analysis.calls.cpu.is_none() {
        return Err(Failure::new(
            exit::UNREADABLE,
            "there is no profile here, and only its calls can be exported",
        )
        .hint("a profile is a .heapprofile or .cpuprofile file; `--profile sampling` has a hunt take one"));
    }
    Ok(analysis.calls.exported())
}

/// Annotations to stdout, where the runner reads them; the summary into the file that the runner names.
fn print_github(report: &Report<'_>) -> Result<(), Failure> {
    let checkout = std::env::current_dir().unwrap_or_default();
    let directory = report.session.and_then(|session| session.process.as_ref()?.cwd.as_deref());
    print(&github::annotations(report.findings, &|file| in_checkout(file, &checkout, directory)))?;
    let summary = markdown::render(report);
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return print(&summary);
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(summary.as_bytes()))
        .map_err(|error| Failure::new(exit::INTERNAL, format!("failed to write the step summary: {error}")))
}

/// The name from the top of a checkout of a file that the program knows by its own path, which on a dyno is below `/app`: the
/// longest tail of that path under which there is a file, but not less than what is below the program's working directory.
/// A file that is not found keeps what is below that directory, or its whole path.
fn in_checkout(file: &str, checkout: &Path, directory: Option<&str>) -> String {
    let path = Path::new(file);
    if let Ok(below) = path.strip_prefix(checkout) {
        return below.display().to_string();
    }
    let below = directory.and_then(|directory| path.strip_prefix(directory).ok());
    let parts: Vec<Component<'_>> =
        path.components().filter(|part| !matches!(part, Component::RootDir)).collect();
    if !parts.iter().all(|part| matches!(part, Component::Normal(_))) {
        return file.to_owned();
    }
    // One name alone, such as index.js, may be another file's.
    let least = below.map_or(parts.len().min(3).saturating_sub(1), |below| below.components().count());
    let tails = (0..parts.len()).map(|skipped| parts[skipped..].iter().collect::<PathBuf>());
    let mut long_enough = tails.filter(|tail| tail.components().count() >= least.max(1));
    let found = long_enough.find(|tail| checkout.join(tail).is_file());
    found.as_deref().or(below).unwrap_or(path).display().to_string()
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(terminal::document(|out| out.write_all(text.as_bytes()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_dyno_is_found_in_the_checkout() {
        let checkout = tempfile::tempdir().unwrap();
        for file in ["shop.js", "index.js", "packages/api/src/cart.js"] {
            let path = checkout.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        #[track_caller]
        fn check(checkout: &Path, file: &str, directory: Option<&str>, expected: &str) {
            assert_eq!(in_checkout(file, checkout, directory), expected, "{file} of {directory:?}");
        }
        let root = checkout.path();
        check(root, &root.join("shop.js").display().to_string(), None, "shop.js");
        check(root, "/app/shop.js", Some("/app"), "shop.js");
        check(root, "/app/shop.js", None, "shop.js");
        check(root, "/srv/packages/api/src/cart.js", Some("/srv/packages/api"), "packages/api/src/cart.js");
        check(root, "/app/built/only.js", Some("/app"), "built/only.js");
        check(root, "/app/node_modules/left/index.js", Some("/app"), "node_modules/left/index.js");
        check(root, "/app/node_modules/left/index.js", None, "/app/node_modules/left/index.js");
        check(root, "/app/../shop.js", None, "/app/../shop.js");
        check(root, "", None, "");
    }
}
