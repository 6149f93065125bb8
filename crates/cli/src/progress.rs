//! The hunt as it is seen: a line a step with its time, and on a terminal one live line below them.

use std::sync::Mutex;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use leakhunt_capture::{AppTime, Event, Resident, Seen, Step};

use leakhunt_text::{Line, cut_tokens};

use crate::human;
use crate::terminal;

const DONE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const WARN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const DIM: Style = Style::new().dimmed();

/// Draws events on stderr.
pub(crate) struct Progress {
    live: ProgressBar,
    terminal: bool,
    quiet: bool,
    verbose: bool,
    state: Mutex<State>,
}

/// What the live line needs to remember between two events.
#[derive(Default)]
struct State {
    sample: u32,
    of: u32,
    last_plain: Option<std::time::Instant>,
}

impl Progress {
    pub(crate) fn new(terminal: bool, quiet: bool, verbose: bool) -> Self {
        let target =
            if terminal && !quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let live = ProgressBar::with_draw_target(None, target);
        Self { live, terminal, quiet, verbose, state: Mutex::default() }
    }

    pub(crate) fn event(&self, event: &Event) {
        if self.quiet {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::StepStarted { step } => self.busy(doing(*step)),
            Event::StepDone { step: Step::Sample | Step::Profile | Step::Leave, .. } => {}
            Event::StepDone { step, took, detail } => self.step(name(*step), *took, detail),
            Event::Started { folder, .. } => {
                if self.verbose {
                    self.aside("writing to ", folder);
                }
            }
            Event::Chosen { pid, command, directory, user, age_s, .. } => {
                let process = human::process(*pid, command, directory, user, *age_s);
                self.line(&Line::own("    ").text(cut_tokens(&process)));
            }
            // The step says it with the rest.
            Event::Planted { .. } => {}
            Event::Command { argv } => {
                if self.verbose {
                    let shown: Vec<String> =
                        argv.iter().map(|word| word.chars().take(60).collect()).collect();
                    self.aside("$ ", &shown.join(" ").replace('\n', " "));
                }
            }
            Event::Order { order, answer } => {
                if self.verbose {
                    self.aside("> ", &format!("{order}: {answer}"));
                }
            }
            Event::Reading { sample, used, settled, due_at, .. } => {
                (state.sample, state.of) = (*sample, state.of.max(*sample));
                self.waiting(&mut state, *used, *settled, *due_at);
            }
            Event::Weighed { prediction, sample, .. } => {
                // The first is what a person may still stop.
                if self.verbose || *sample == 1 {
                    let left = human::bytes(prediction.left);
                    self.aside("predicted: ", &format!("{prediction}; some {left} stay resident afterwards"));
                }
            }
            Event::Counted { objects, bytes, pause } => {
                if self.verbose {
                    let (bytes, pause) = (human::bytes(*bytes), human::duration(*pause));
                    self.aside("counted: ", &format!("{objects} objects of {bytes}, app paused {pause}"));
                }
            }
            Event::Sampling { elapsed, of, used, .. } => self.sampling(&mut state, *elapsed, *of, *used),
            Event::ProfileDone { file, bytes, took } => {
                self.step("profile", *took, &format!("{file}, {}", human::bytes(*bytes)));
            }
            Event::SnapshotStarted { sample, of, used } => {
                (state.sample, state.of) = (*sample, *of);
                self.busy(&format!(
                    "snapshot {sample}/{of} of {} in use: the app stands still",
                    human::bytes(*used)
                ));
            }
            Event::SnapshotProgress { percent } => self.message(&format!(
                "snapshot {}/{}: the app stands still, {percent} % written",
                state.sample, state.of
            )),
            Event::SnapshotArriving { .. } => {}
            Event::Download { bytes, of } => self.download(&state, *bytes, *of),
            Event::SnapshotDone { sample, of, file, bytes, wire_bytes, pause, took } => {
                let detail = format!(
                    "{file}, {} ({} sent), app paused {}",
                    human::bytes(*bytes),
                    human::bytes(*wire_bytes),
                    human::duration(*pause)
                );
                self.step(&format!("snapshot {sample}/{of}"), *took, &detail);
            }
            Event::Warning { text } => {
                self.line(&Line::own("  ").styled(WARN, "!").and(" ").text(cut_tokens(text)));
            }
            Event::Undone { undone } => {
                let (style, mark) = if undone.seen == Seen::Verified { (DONE, "✓") } else { (WARN, "!") };
                let line = Line::own("  ").styled(style, mark).and(" ").text(&undone.what).padded(23);
                self.line(&line.and(" ").text(cut_tokens(&undone.how)));
            }
        }
    }

    /// What the process keeps of the memory that the snapshots took.
    pub(crate) fn resident(&self, resident: Option<&Resident>) {
        let Some(resident) = resident.filter(|_| !self.quiet) else { return };
        let more = resident.after.saturating_sub(resident.before);
        let peak =
            resident.peak.map_or_else(String::new, |peak| format!(", {} at the most", human::bytes(peak)));
        self.line(&Line::own("    ").text(format_args!(
            "the app's memory: {} resident before the snapshots{peak}, {} now; V8 and malloc keep the {} more, and use \
             them again",
            human::bytes(resident.before),
            human::bytes(resident.after),
            human::bytes(more)
        )));
    }

    /// What the hunt took of the app's own time, as the last line of the receipt.
    pub(crate) fn app_time(&self, time: &AppTime) {
        if self.quiet || *time == AppTime::default() {
            return;
        }
        let snapshots = match time.snapshots_ms {
            0.0 => String::new(),
            ms => format!("{} for snapshots, ", seconds(ms)),
        };
        let all = time.snapshots_ms + time.collections_ms + time.evaluated_ms;
        let unfinished = match time.unfinished_ms {
            0.0 => String::new(),
            ms => format!("; at most {} more in a snapshot that was not finished", seconds(ms)),
        };
        self.line(&Line::own("    ").text(format_args!(
            "the app's event loop: {} ours ({snapshots}{} for GC, {} for our code){unfinished}",
            seconds(all),
            seconds(time.collections_ms),
            seconds(time.evaluated_ms)
        )));
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        self.live.finish_and_clear();
    }

    fn step(&self, name: &str, took: Duration, detail: &str) {
        let line = Line::own("  ").styled(DONE, "✓").and(" ").text(name).padded(16).and(" ");
        self.line(&line.right(human::duration(took), 6).and("  ").text(cut_tokens(detail)));
    }

    /// What only who asks for more is told.
    fn aside(&self, what: &'static str, detail: &str) {
        let detail = Line::own(what).text(cut_tokens(detail)).to_string();
        self.line(&Line::own("    ").styled(DIM, detail));
    }

    fn busy(&self, doing: &str) {
        self.live.set_style(style("  {spinner} {msg} {elapsed:.dim}"));
        self.live.reset_elapsed();
        self.message(doing);
        self.live.enable_steady_tick(Duration::from_millis(120));
    }

    fn waiting(&self, state: &mut State, used: u64, settled: u64, due_at: u64) {
        let text = format!(
            "waiting for snapshot {}: {} in use ({} after GC), due at {}",
            state.sample,
            human::bytes(used),
            human::bytes(settled),
            human::bytes(due_at)
        );
        self.still(state, text);
    }

    fn sampling(&self, state: &mut State, elapsed: Duration, of: Duration, used: u64) {
        let text = format!(
            "sampling allocations: {} of {}, {} in use",
            human::duration(elapsed),
            human::duration(of),
            human::bytes(used)
        );
        self.still(state, text);
    }

    /// A live line, or a plain one now and then.
    fn still(&self, state: &mut State, text: String) {
        if self.terminal {
            self.live.set_style(style("  {spinner} {wide_msg}"));
            self.message(&text);
            return;
        }
        // A log wants to know that it is alive, not every reading.
        if state.last_plain.is_none_or(|last| last.elapsed() > Duration::from_secs(30)) {
            state.last_plain = Some(std::time::Instant::now());
            self.line(&Line::own("    ").text(text));
        }
    }

    fn download(&self, state: &State, bytes: u64, of: Option<u64>) {
        let label = format!("snapshot {}/{}", state.sample, state.of);
        if let Some(of) = of {
            self.live.set_style(style(
                "  {spinner} {msg}  {bar:24} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}",
            ));
            self.live.set_length(of);
        } else {
            self.live.set_style(style("  {spinner} {msg}  {decimal_bytes}  {decimal_bytes_per_sec}"));
        }
        self.message(&label);
        self.live.set_position(bytes);
    }

    fn message(&self, text: &str) {
        self.live.set_message(Line::of(text).to_string());
    }

    fn line(&self, line: &Line) {
        // A bar that is hidden swallows what is printed through it.
        self.live.suspend(|| terminal::say([line]));
    }
}

/// Of milliseconds.
fn seconds(ms: f64) -> String {
    human::duration(Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant").progress_chars("━╸─")
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Preflight => "preflight",
        Step::Reach => "reach",
        Step::Attach => "attach",
        Step::Sample => "sample",
        Step::Profile => "profile",
        Step::Sources => "sources",
        Step::Leave => "leave",
    }
}

fn doing(step: Step) -> &'static str {
    match step {
        Step::Preflight => "looking at the app",
        Step::Reach => "reaching the process",
        Step::Attach => "attaching",
        Step::Sample => "collecting garbage",
        Step::Profile => "starting the sampling profiler",
        Step::Sources => "fetching source maps",
        Step::Leave => "leaving as it was found",
    }
}
