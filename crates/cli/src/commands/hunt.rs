//! What every kind of hunt shares: options into a plan, signals into an interrupt, the end into words and an exit code.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use leakhunt_capture::{Fallback, Hunted, Interrupt, Plan, Profile, Route, Seen, Snapshot};
use leakhunt_diagnosis::{Allocation, Verdict};
use leakhunt_host::Host;
use leakhunt_report::text;
use leakhunt_text::Line;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use super::analysis::{self, Analysis, Input, Wishes};
use super::{analyze, compare, files};
use crate::args;
use crate::failure::{Failure, exit};
use crate::progress::{Progress, Waits};
use crate::{state, terminal};

/// Suspects that a hunt ends with.
const FIRST_SUSPECTS: usize = 3;

/// Rows of the Comparison that a hunt ends with: they fit a screen together with the steps above them.
const FIRST_ANSWER: usize = 12;

/// The plan of these options.
pub(crate) fn plan(options: &args::Hunt, name: String) -> Result<Plan, Failure> {
    let out = writable(&options.out)?;
    Ok(Plan {
        profile: options.profile.into(),
        fallback: options.fallback.map(|args::Fallback::Sampling| Fallback::Sampling),
        duration: options.duration,
        samples: options.samples,
        growth: options.growth,
        max_wait: options.max_wait,
        route: options.route.into(),
        max_pause: options.max_pause,
        fetch_source_maps: options.fetch_source_maps,
        accept: options.accept.iter().copied().filter_map(args::Risk::of_a_hunt).collect(),
        pid: options.pid,
        unproven_too: options.yes && options.pid.is_some(),
        own_only: false,
        out,
        name,
        tool_version: env!("CARGO_PKG_VERSION"),
        journals: state::journals(),
        destination: None,
    })
}

impl From<args::Route> for Route {
    fn from(route: args::Route) -> Self {
        match route {
            args::Route::Auto => Self::Auto,
            args::Route::File => Self::File,
            args::Route::Stream => Self::Stream,
        }
    }
}

impl From<args::Profile> for Profile {
    fn from(profile: args::Profile) -> Self {
        match profile {
            args::Profile::Heap => Self::Heap,
            args::Profile::Sampling => Self::Sampling,
        }
    }
}

/// A folder that cannot be written is learned of before anything is started; one that is not there yet is made. Gives its
/// full path, which is what a script can use from anywhere.
fn writable(out: &Path) -> Result<PathBuf, Failure> {
    // One level only: a longer path that is not there is more likely a slip. What fails here, fails in the next line too.
    let _ = std::fs::create_dir(out);
    // A full disk takes a file, and no byte in it.
    let tried = tempfile::tempfile_in(out).and_then(|mut file| file.write_all(&[0; 1 << 16]));
    tried.and_then(|()| out.canonicalize()).map_err(|error| {
        Failure::new(exit::USAGE, format!("--out {} cannot be written: {error}", out.display()))
    })
}

/// Where everything that crosses a process or a socket runs.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit::INTERNAL, format!("the runtime could not be started: {error}")))
}

/// Hunts, and says how it ended.
pub(crate) fn hunt(
    options: &args::Hunt,
    plan: &Plan,
    host: &Host,
    runtime: &tokio::runtime::Runtime,
) -> Result<u8, Failure> {
    let waits = Waits { samples: plan.samples, growth: plan.growth, longest: plan.max_wait };
    let progress =
        Progress::new(std::io::stderr().is_terminal(), options.quiet, options.verbose).with_waits(waits);
    let interrupt = Interrupt::default();
    let listening = Listening::start(runtime, &interrupt);
    let watch = |event: &leakhunt_capture::Event| {
        injected_panic(event);
        progress.event(event);
    };
    let hunted = runtime.block_on(leakhunt_capture::run(plan, host, &watch, &interrupt));
    let signalled = listening.signalled();
    drop(listening);
    progress.finish();
    progress.resident(hunted.resident.as_ref());
    progress.app_time(&hunted.app_time);
    end(options, &hunted, signalled)
}

/// Only in debug builds: a defect at a given moment, for the tests of the teardown. Nothing real can be made to panic from
/// outside at a moment of one's choice, and a teardown that a panic has never met is not one to rely on.
fn injected_panic(event: &leakhunt_capture::Event) {
    #[cfg(debug_assertions)]
    if let Some(at) = std::env::var_os("LEAKHUNT_TEST_PANIC_AT")
        && let mut text = Vec::new()
        && leakhunt_text::json::line(&mut text, event).is_ok()
        && String::from_utf8_lossy(&text).contains(&*at.to_string_lossy())
    {
        panic!("asked for by LEAKHUNT_TEST_PANIC_AT");
    }
    #[cfg(not(debug_assertions))]
    let _ = event;
}

/// Signals become an interrupt for as long as this lives.
pub(crate) struct Listening {
    task: tokio::task::JoinHandle<()>,
    signalled: Arc<AtomicU8>,
}

impl Listening {
    pub(crate) fn start(runtime: &tokio::runtime::Runtime, interrupt: &Interrupt) -> Self {
        let signalled = Arc::new(AtomicU8::new(0));
        let task = runtime.spawn(listen(interrupt.clone(), Arc::clone(&signalled)));
        Self { task, signalled }
    }

    /// The exit code of the first signal; 0 where there was none.
    fn signalled(&self) -> u8 {
        self.signalled.load(Ordering::Relaxed)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The first signal tears down, the second shortens every wait.
async fn listen(interrupt: Interrupt, signalled: Arc<AtomicU8>) {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut int), Ok(mut term), Ok(mut hup)] = kinds.map(signal) else { return };
    loop {
        let code = tokio::select! {
            _ = int.recv() => exit::INTERRUPTED,
            _ = term.recv() => exit::TERMINATED,
            _ = hup.recv() => exit::TERMINATED,
        };
        // First the deed: after a hang-up there is no terminal to print to, and that must stop nothing.
        let said = if interrupt.stop.is_cancelled() {
            interrupt.hurry.cancel();
            "  no longer waiting for steps that do not answer"
        } else {
            signalled.store(code, Ordering::Relaxed);
            interrupt.stop.cancel();
            "  cleaning up; press Ctrl-C again to skip waiting"
        };
        terminal::say(&[Line::own(said)]);
    }
}

fn end(options: &args::Hunt, hunted: &Hunted, signalled: u8) -> Result<u8, Failure> {
    let analysis = analysed(options, hunted);
    let unconfirmed = unconfirmed(hunted);
    let outcome = hunted.result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
    let ended = hunted.result.as_ref().err().map(|error| match signalled {
        0 => Failure::from(error),
        code => Failure::from(error).with_code(code),
    });
    // What ended the hunt is said too, but an inspector that may be open outranks it.
    let (first, last) = if unconfirmed.is_some() { (ended, unconfirmed) } else { (None, ended) };
    if options.json {
        print_json(hunted, &outcome, last.as_ref(), analysis.as_ref())?;
    } else {
        print_end(options, hunted, analysis.as_ref());
    }
    first.map(Failure::print);
    Ok(last.map_or(exit::DONE, Failure::print))
}

/// The analysis of what was captured, and its reports in the session folder. Whatever fails here, the hunt's own end and
/// its evidence stand.
fn analysed(options: &args::Hunt, hunted: &Hunted) -> Option<Analysis> {
    let folder = hunted.folder.as_ref()?;
    if hunted.snapshots.is_empty() && hunted.profiles.is_empty() {
        return None;
    }
    let analysis = Input::of(std::slice::from_ref(folder)).and_then(|input| {
        let own_sources = &hunted.sources;
        analysis::analyse(input, Wishes { sources: &options.sources, own_sources, ..Wishes::default() })
    });
    let analysis = match analysis {
        Ok(analysis) => analysis,
        Err(failure) => {
            failure.print();
            return None;
        }
    };
    if !options.no_report
        && let Err(failure) = analysis::write_reports(folder, &analysis)
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
    files::print_json(&document)
}

fn print_end(options: &args::Hunt, hunted: &Hunted, analysis: Option<&Analysis>) {
    let Some(folder) = &hunted.folder else { return };
    let (snapshots, profiles) = (hunted.snapshots.len(), hunted.profiles.len());
    if snapshots + profiles == 0 {
        return;
    }
    // The terminal may be gone; the evidence is in the folder all the same.
    let mut out = vec![Line::default()];
    if let Some(analysis) = analysis {
        out.extend(text::render(&analysis.report(), analyze::width(), FIRST_SUSPECTS));
        out.push(Line::default());
    }
    if let Some((first, last)) = widest_series(&hunted.snapshots) {
        let title = Line::own("Comparison of ").text(&first.file).and(" and ").text(&last.file);
        out.push(title.and(", by # Delta"));
        match compare::first_answer(&folder.join(&first.file), &folder.join(&last.file), FIRST_ANSWER) {
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
    let evidence = [counted(snapshots, "snapshot"), counted(profiles, "sampling profile")];
    let evidence: Vec<String> = evidence.into_iter().flatten().collect();
    let reports = if options.no_report || analysis.is_none() { "" } else { ", report.html and summary.md" };
    out.push(Line::of(evidence.join(" and ")).and(reports).and(" in ").text(folder.display()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_made_and_a_longer_path_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let made = writable(&scratch.path().join("incident")).unwrap();
        assert!(made.is_absolute() && made.is_dir());
        assert!(writable(&scratch.path().join("a/slip/here")).is_err());
        assert!(!scratch.path().join("a").exists());
    }
}
