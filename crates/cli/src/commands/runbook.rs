//! `leakhunt runbook`: check, describe, begin one.

use std::io::Write as _;
use std::path::PathBuf;

use leakhunt_incident::{self as incident, SHIPPED, Severity, Source};
use leakhunt_text::Line;
use serde::Serialize;

use crate::exit::{self, help};
use crate::failure::Failure;
use crate::runbooks::{InJson, described, drawn, in_json};
use crate::terminal;

#[derive(clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) act: Act,
}

#[derive(clap::Subcommand)]
pub(crate) enum Act {
    /// What is wrong with a runbook: every mistake with its line, and what to do; nothing is run
    #[command(after_help = help(&["leakhunt runbook lint runbooks/*.yaml"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    Lint {
        /// The runbooks
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,

        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Write a runbook to begin with: NAME.yaml, which must not be there yet
    #[command(after_help = help(&["leakhunt runbook new r14-web"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    New {
        /// Which one
        #[arg(value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(SHIPPED.map(|one| one.name)))]
        name: String,
    },
    /// The JSON Schema of a runbook, on stdout
    ///
    /// An editor that knows YAML completes a runbook whose first line names it, as in `# yaml-language-server: $schema=FILE`.
    #[command(after_help = help(&["leakhunt runbook schema > runbook.schema.json"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    Schema,
}

pub(crate) fn run(args: &Args, root: clap::Command) -> Result<u8, Failure> {
    match &args.act {
        Act::Lint { files, json } => lint(files, *json, root),
        Act::New { name } => new(name, root),
        Act::Schema => {
            terminal::print_json(&incident::schema(&described(root)))?;
            Ok(exit::DONE)
        }
    }
}

/// `leakhunt runbook lint --json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<InJson<'a>>,
}

fn lint(files: &[PathBuf], json: bool, root: clap::Command) -> Result<u8, Failure> {
    let commands = described(root);
    let mut read = Vec::new();
    for file in files {
        let source = Source::read(file).map_err(|error| {
            Failure::new(exit::USAGE, format!("{} cannot be read: {error}", file.display()))
        })?;
        let diagnostics = incident::read(&source, &commands).diagnostics;
        read.push((source, diagnostics));
    }
    let all = || read.iter().flat_map(|(source, found)| found.iter().map(move |one| (source, one)));
    let count = |severity| all().filter(|(_, one)| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if json {
        let diagnostics = all().map(|(source, one)| in_json(source, one)).collect();
        terminal::print_json(&Document { schema_version: 1, errors, warnings, diagnostics })?;
    } else {
        let mut lines: Vec<Line> = all().flat_map(|(source, one)| drawn(source, one)).collect();
        lines.push(Line::of(format!(
            "{}: {}, {}",
            counted(files.len(), "runbook"),
            counted(errors, "error"),
            counted(warnings, "warning")
        )));
        terminal::answer(&lines)?;
    }
    Ok(if errors == 0 { exit::DONE } else { exit::USAGE })
}

fn new(name: &str, root: clap::Command) -> Result<u8, Failure> {
    let path = PathBuf::from(format!("{name}.yaml"));
    let text = SHIPPED.iter().find(|one| one.name == name).map(|one| one.text).unwrap_or_default();
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let failure = Failure::new(exit::USAGE, format!("{} cannot be written: {error}", path.display()));
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => failure.hint("rename it, or work in another folder"),
            _ => failure,
        }
    })?;
    let source = Source { name: path.display().to_string(), text: text.to_owned() };
    let runbook = incident::read(&source, &described(root)).runbook;
    let inputs = runbook.map(|runbook| runbook.inputs).unwrap_or_default();
    let needed = inputs.iter().filter(|input| input.required);
    let given: String = needed.map(|input| format!(" --input {}=…", input.name.value)).collect();
    let file = path.display();
    terminal::answer(&[
        Line::of(format!("{file} is written; read it, and rehearse it:")),
        Line::own("  ").text(format!("leakhunt run {file}{given} --dry-run")),
    ])?;
    Ok(exit::DONE)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
