//! How a hunt ended: its analysis, its last words, its exit code.

use std::collections::BTreeSet;
use std::path::Path;

use leakhunt_capture::{Hunted, Profile, Seen, Snapshot};
use leakhunt_diagnosis::{Allocation, Series, Verdict};
use leakhunt_report::text;
use leakhunt_text::Line;
use serde::Serialize;

use super::options::Options;
use crate::analysis::{Analysis, Input, Wishes, analyse, write_reports};
use crate::events::{Destination, Events, Own};
use crate::failure::Failure;
use crate::table::text_width;
use crate::{comparison, exit, terminal};

/// Suspects that a hunt ends with.
const FIRST_SUSPECTS: usize = 3;

/// Rows of the Comparison that a hunt ends with: they fit a screen together with the steps above them.
const FIRST_ANSWER: usize = 12;

pub(super) fn end(
    options: &Options,
    hunted: &Hunted,
    series: Series,
    signalled: u8,
    events: Option<Events>,
) -> Result<u8, Failure> {
    let analysis = analysed(options, hunted, series);
    let unconfirmed = unconfirmed(hunted);
    let outcome = hunted.result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
    let ended = hunted.result.as_ref().err().map(|error| match signalled {
        0 => Failure::from(error),
        code => Failure::from(error).with_code(code),
    });
    // What ended the hunt is said too, but an inspector that may be open outranks it.
    let (first, last) = if unconfirmed.is_some() { (ended, unconfirmed) } else { (None, ended) };
    if let Some(events) = events {
        let findings = analysis.as_ref().map(|analysis| &analysis.findings);
        events.own(&Own::HuntEnded {
            exit_code: last.as_ref().map_or(exit::DONE, Failure::code),
            outcome: &outcome,
            session: hunted.folder.as_deref(),
            verdict: findings.map(|findings| findings.verdict),
            sentence: findings.map(|findings| findings.sentence.as_str()),
        });
        events.close();
    }
    if options.json {
        print_json(hunted, &outcome, last.as_ref(), analysis.as_ref())?;
    } else if options.events != Some(Destination::Stdout) {
        print_end(options, hunted, analysis.as_ref());
    }
    first.map(Failure::print);
    Ok(last.map_or(exit::DONE, Failure::print))
}

/// The analysis of what was captured, and its reports in the session folder. Whatever fails here, the hunt's own end and
/// its evidence stand.
fn analysed(options: &Options, hunted: &Hunted, mut series: Series) -> Option<Analysis> {
    let folder = hunted.folder.as_ref()?;
    if hunted.snapshots.is_empty() && hunted.profiles.is_empty() {
        return None;
    }
    let analysis = Input::of(std::slice::from_ref(folder)).and_then(|input| {
        let own_sources = &hunted.sources;
        let wishes = Wishes { sources: &options.sources, own_sources, ..Wishes::default() };
        analyse(input, wishes, &mut series)
    });
    let analysis = match analysis {
        Ok(analysis) => analysis,
        Err(failure) => {
            failure.print();
            return None;
        }
    };
    if !options.no_report
        && let Err(failure) = write_reports(folder, &analysis)
    {
        failure.print();
    }
    Some(analysis)
}

fn unconfirmed(hunted: &Hunted) -> Option<Failure> {
    if hunted.receipt.is_confirmed() {
        return None;
    }
    let open: Vec<String> = hunted
        .receipt
        .undone
        .iter()
        .filter(|line| line.seen == Seen::Unverified)
        .map(|line| format!("{}: {}", line.what.words(), line.how))
        .collect();
    let failure = Failure::new(exit::NOT_CONFIRMED, format!("teardown not confirmed: {}", open.join("; ")));
    Some(match &hunted.receipt.by_hand {
        Some(command) => failure.hint(command.clone()),
        None => failure,
    })
}

/// `leakhunt heroku --json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    session: Option<&'a Path>,
    /// What ended the hunt, `done` where nothing did: as in `session.json`.
    outcome: &'a str,
    /// What the exit code stands for.
    error: Option<&'a str>,
    hint: Option<&'a str>,
    exit_code: u8,
    verdict: Option<Verdict>,
    sentence: Option<&'a str>,
    snapshots: &'a [leakhunt_capture::Snapshot],
    profiles: &'a [leakhunt_capture::Profiled],
    allocations: &'a [Allocation],
    app_time: leakhunt_capture::AppTime,
    resident: Option<leakhunt_capture::Resident>,
    warnings: &'a [String],
    teardown: &'a leakhunt_capture::Receipt,
}

fn print_json(
    hunted: &Hunted,
    outcome: &str,
    failure: Option<&Failure>,
    analysis: Option<&Analysis>,
) -> Result<(), Failure> {
    let findings = analysis.map(|analysis| &analysis.findings);
    let document = Document {
        schema_version: 1,
        session: hunted.folder.as_deref(),
        outcome,
        error: failure.map(Failure::message),
        hint: failure.and_then(Failure::advice),
        exit_code: failure.map_or(exit::DONE, Failure::code),
        verdict: findings.map(|findings| findings.verdict),
        sentence: findings.map(|findings| findings.sentence.as_str()),
        snapshots: &hunted.snapshots,
        profiles: &hunted.profiles,
        allocations: findings.map_or(&[], |findings| findings.allocations.as_slice()),
        app_time: hunted.app_time,
        resident: hunted.resident,
        warnings: &hunted.warnings,
        teardown: &hunted.receipt,
    };
    Ok(terminal::print_json(&document)?)
}

fn print_end(options: &Options, hunted: &Hunted, analysis: Option<&Analysis>) {
    let Some(folder) = &hunted.folder else { return };
    let (snapshots, profiles) = (hunted.snapshots.len(), hunted.profiles.len());
    if snapshots + profiles == 0 {
        return;
    }
    // The terminal may be gone; the evidence is in the folder all the same.
    let mut out = vec![Line::default()];
    if let Some(analysis) = analysis {
        out.extend(text::render(&analysis.report(), text_width(), FIRST_SUSPECTS));
        out.push(Line::default());
    }
    if let Some((first, last)) = widest_series(&hunted.snapshots) {
        let title = Line::own("Comparison of ").text(&first.file).and(" and ").text(&last.file);
        out.push(title.and(", by # Delta"));
        match comparison::first_answer(&folder.join(&first.file), &folder.join(&last.file), FIRST_ANSWER) {
            Ok(table) => out.extend(table),
            Err(failure) => {
                failure.print();
            }
        }
        out.push(Line::default());
    }
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    // Cuts of one run are one profile.
    let of = |kind: Profile| {
        let taken = hunted.profiles.iter().filter(|profiled| profiled.profile == kind);
        taken.map(|profiled| profiled.taken_at).collect::<BTreeSet<_>>().len()
    };
    let evidence = [
        counted(snapshots, "snapshot"),
        counted(of(Profile::Sampling), "sampling profile"),
        counted(of(Profile::Cpu), "CPU profile"),
        counted(of(Profile::Timeline), "allocation timeline"),
    ];
    let evidence: Vec<String> = evidence.into_iter().flatten().collect();
    let reports = if options.no_report || analysis.is_none() { "" } else { ", report.html and summary.md" };
    out.push(Line::of(evidence.join(", ")).and(reports).and(" in ").text(folder.display()));
    let _ = terminal::answer(&out);
}

/// First and last of the longest run of snapshots whose object ids mean the same; the later run where two are as long.
fn widest_series(snapshots: &[Snapshot]) -> Option<(&Snapshot, &Snapshot)> {
    snapshots
        .chunk_by(|one, next| one.id_space == next.id_space)
        .filter(|run| run.len() > 1)
        .max_by_key(|run| run.len())
        .and_then(|run| Some((run.first()?, run.last()?)))
}
