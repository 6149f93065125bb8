//! The hunt as it is seen: a line a step with its time, and on a terminal one live line below them.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use leakhunt_capture::{AppTime, Event, Profile, Resident, Seen, Step};

use leakhunt_text::{Line, cut_tokens, paragraph};

use crate::table::stderr_width;
use crate::{held, human, terminal};

const DONE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const WARN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const DIM: Style = Style::new().dimmed();

/// Draws events on stderr.
pub(crate) struct Progress {
    live: ProgressBar,
    terminal: bool,
    quiet: bool,
    verbose: bool,
    waits: Option<Waits>,
    state: Mutex<State>,
}

/// What the live line needs to remember between two events.
#[derive(Default)]
struct State {
    sample: u32,
    of: u32,
    /// What arrives is the timeline, which is taken last.
    tracked: bool,
    last_plain: Option<Instant>,
    wait: Option<Wait>,
}

/// A wait for a snapshot, from its first reading on.
struct Wait {
    sample: u32,
    began: Instant,
    /// After GC, bytes.
    base: u64,
}

/// How long a hunt waits for its snapshots, as planned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    pub(crate) samples: u32,
    /// Growth after GC, bytes.
    pub(crate) growth: u64,
    /// For one snapshot.
    pub(crate) longest: Duration,
}

impl Progress {
    pub(crate) fn new(terminal: bool, quiet: bool, verbose: bool) -> Self {
        let target =
            if terminal && !quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let live = ProgressBar::with_draw_target(None, target);
        Self { live, terminal, quiet, verbose, waits: None, state: Mutex::default() }
    }

    /// Says before the first wait how long they all may last.
    pub(crate) fn with_waits(self, waits: Waits) -> Self {
        Self { waits: Some(waits), ..self }
    }

    pub(crate) fn event(&self, event: &Event) {
        if let Event::Held { address, devtools, attach, limit } = event {
            // It is what was asked for, and no progress.
            self.held(address, &held::ways(address, devtools, attach, *limit, self.width()));
        }
        if self.quiet {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::StepStarted { step } => self.busy(doing(*step)),
            Event::StepDone { step: Step::Sample | Step::Profile | Step::Hold | Step::Leave, .. } => {}
            Event::StepDone { step, took, detail } => self.step(name(*step), *took, detail),
            Event::Started { folder, .. } => {
                if self.verbose {
                    self.aside("writing to ", folder);
                }
            }
            Event::Candidates { pids, look } => {
                let text = format!(
                    "{} processes could be the one: looking for {} which of them grows",
                    pids.len(),
                    human::duration(*look)
                );
                self.lines(&Line::own("    "), &text);
            }
            Event::Chosen { pid, command, directory, user, age_s, .. } => {
                let process = human::process(*pid, command, directory, user, *age_s);
                self.lines(&Line::own("    "), &cut_tokens(&process));
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
            Event::Warning { text } => {
                self.lines(&Line::own("  ").styled(WARN, "!").and(" "), &cut_tokens(text));
            }
            Event::Undone { undone } => {
                let (style, mark) = if undone.seen == Seen::Verified { (DONE, "✓") } else { (WARN, "!") };
                let line = Line::own("  ").styled(style, mark).and(" ").and(undone.what.words()).padded(23);
                self.lines(&line.and(" "), &cut_tokens(&undone.how));
            }
            event => match held::guests(event).or_else(|| chosen_thread(event)) {
                Some(text) => self.lines(&Line::own("    "), &text),
                None => self.evidence(&mut state, event),
            },
        }
    }

    /// The inspector is offered to DevTools.
    fn held(&self, address: &str, ways: &[Line]) {
        let line = Line::own("  ").styled(DONE, "✓").and(" hold").padded(24).and("  ");
        self.lines(&line, &format!("{address} leads to the inspector"));
        ways.iter().for_each(|way| self.line(way));
        self.busy(&format!("holding {address}"));
    }

    /// Snapshots and profiles: what is waited for, what is taken, what has come.
    fn evidence(&self, state: &mut State, event: &Event) {
        match event {
            Event::Reading { sample, settled, due_at, .. } => {
                (state.sample, state.of) = (*sample, state.of.max(*sample));
                self.waiting(state, *settled, *due_at);
            }
            // The first is what a person may still stop.
            Event::Weighed { prediction, sample, .. } if self.verbose || *sample == 1 => {
                let left = human::bytes(prediction.left);
                self.aside("predicted: ", &format!("{prediction}; about {left} stay resident afterwards"));
            }
            Event::Counted { objects, bytes, pause } if self.verbose => {
                let (bytes, pause) = (human::bytes(*bytes), human::duration(*pause));
                self.aside("counted: ", &format!("{objects} objects of {bytes}, app paused {pause}"));
            }
            Event::Sampling { profile, elapsed, of, used, .. } => {
                self.sampling(state, *profile, (*elapsed, *of), *used);
            }
            Event::Enough { snapshots, of } => self.aside("enough: ", &enough(*snapshots, *of)),
            Event::ProfileDone { file, bytes, took } => {
                self.step("profile", *took, &format!("{file}, {}", human::bytes(*bytes)));
            }
            Event::TimelineEnds { used, pause } => {
                state.tracked = true;
                self.busy(&format!(
                    "allocation timeline, {} in use: the app is paused, {} are predicted",
                    human::bytes(*used),
                    human::duration(*pause)
                ));
            }
            Event::SnapshotStarted { sample, of, used } => {
                (state.sample, state.of) = (*sample, *of);
                self.busy(&format!(
                    "snapshot {sample}/{of} of {} in use: the app is paused",
                    human::bytes(*used)
                ));
            }
            Event::SnapshotProgress { percent } => self.message(&format!(
                "snapshot {}/{}: the app is paused, {percent} % written",
                state.sample, state.of
            )),
            Event::Download { bytes, of } => self.download(state, *bytes, *of),
            Event::SnapshotDone { sample, of, file, bytes, wire_bytes, pause, took } => {
                let detail = format!(
                    "{file}, {} ({} sent), app paused {}",
                    human::bytes(*bytes),
                    human::bytes(*wire_bytes),
                    human::duration(*pause)
                );
                self.step(&format!("snapshot {sample}/{of}"), *took, &detail);
            }
            // Said in `event`, or only to who wants more; of a snapshot that arrives, its download says enough.
            _ => {}
        }
    }

    /// What the process keeps of the memory that the snapshots took.
    pub(crate) fn resident(&self, resident: Option<&Resident>) {
        let Some(resident) = resident.filter(|_| !self.quiet) else { return };
        let more = resident.after.saturating_sub(resident.before);
        let peak =
            resident.peak.map_or_else(String::new, |peak| format!(", {} at the peak", human::bytes(peak)));
        let text = format!(
            "app memory: {} resident before the snapshots{peak}, {} now; V8 and malloc keep the extra {} and reuse it",
            human::bytes(resident.before),
            human::bytes(resident.after),
            human::bytes(more)
        );
        self.lines(&Line::own("    "), &text);
    }

    /// What the hunt took of the app's own time, as the last line of the receipt.
    pub(crate) fn app_time(&self, time: &AppTime) {
        if self.quiet || *time == AppTime::default() {
            return;
        }
        let taking = [(time.snapshots_ms, "snapshots"), (time.profiles_ms, "profiles")];
        let taking = taking.into_iter().filter(|(ms, _)| *ms > 0.0);
        let snapshots: String = taking.map(|(ms, what)| format!("{} for {what}, ", seconds(ms))).collect();
        let all = time.snapshots_ms + time.profiles_ms + time.collections_ms + time.evaluated_ms;
        let unfinished = match time.unfinished_ms {
            _ if time.is_under_way() => {
                "; not counted: the snapshot that was being taken when the connection was lost".to_owned()
            }
            0.0 => String::new(),
            ms => format!("; at most {} more in a snapshot that was not finished", seconds(ms)),
        };
        let text = format!(
            "app event loop: leakhunt used {} ({snapshots}{} for GC, {} for its own code){unfinished}",
            seconds(all),
            seconds(time.collections_ms),
            seconds(time.evaluated_ms)
        );
        self.lines(&Line::own("    "), &text);
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        self.live.finish_and_clear();
    }

    fn step(&self, name: &str, took: Duration, detail: &str) {
        let line = Line::own("  ").styled(DONE, "✓").and(" ").text(name).padded(16).and(" ");
        self.lines(&line.right(human::duration(took), 6).and("  "), &cut_tokens(detail));
    }

    /// A detail, dimmed.
    fn aside(&self, what: &'static str, detail: &str) {
        let text = Line::own(what).text(cut_tokens(detail));
        for line in paragraph(&Line::own("    "), &text, self.width()) {
            let all = line.to_string().len();
            self.line(&line.in_style(DIM, all));
        }
    }

    fn busy(&self, doing: &str) {
        self.live.set_style(style("  {spinner} {msg} {elapsed:.dim}"));
        self.live.reset_elapsed();
        self.message(doing);
        self.live.enable_steady_tick(Duration::from_millis(120));
    }

    fn waiting(&self, state: &mut State, settled: u64, due_at: u64) {
        if state.wait.is_none()
            && let Some(waits) = self.waits
        {
            self.announce(&waits);
        }
        let sample = state.sample;
        let wait = match state.wait.take() {
            Some(wait) if wait.sample == sample => wait,
            _ => Wait { sample, began: Instant::now(), base: settled },
        };
        let expected = expected(wait.began.elapsed(), wait.base, settled, due_at);
        state.wait = Some(wait);
        let of = self.waits.map_or_else(String::new, |waits| format!("/{}", waits.samples));
        let text = format!(
            "waiting for snapshot {sample}{of}: heap {} after GC, taken at {}{expected}",
            human::bytes(settled),
            human::bytes(due_at)
        );
        self.still(state, &text);
    }

    /// What is waited for, and for how long at most.
    fn announce(&self, waits: &Waits) {
        let all = waits.longest.saturating_mul(waits.samples.saturating_sub(1));
        let (growth, longest) = (human::bytes(waits.growth), human::duration(waits.longest));
        self.aside(
            "next: ",
            &format!(
                "a snapshot after each {growth} of growth, or after {longest}; all of them within {} at the longest",
                human::duration(all)
            ),
        );
    }

    fn sampling(&self, state: &mut State, profile: Profile, (elapsed, of): (Duration, Duration), used: u64) {
        let what = match profile {
            Profile::Cpu => "sampling CPU time",
            Profile::Timeline => "tracking allocations",
            Profile::Auto => "observing memory, sampling allocations",
            Profile::Heap | Profile::Sampling => "sampling allocations",
        };
        let text = format!(
            "{what}: {} of {}, {} in use",
            human::duration(elapsed),
            human::duration(of),
            human::bytes(used)
        );
        self.still(state, &text);
    }

    /// A live line, or a plain one now and then.
    fn still(&self, state: &mut State, text: &str) {
        if self.terminal {
            self.live.set_style(style("  {spinner} {wide_msg}"));
            self.message(text);
            return;
        }
        // A log wants to know that it is alive, not every reading.
        if state.last_plain.is_none_or(|last| last.elapsed() > Duration::from_secs(30)) {
            state.last_plain = Some(Instant::now());
            self.lines(&Line::own("    "), text);
        }
    }

    fn download(&self, state: &State, bytes: u64, of: Option<u64>) {
        let label = if state.tracked {
            "allocation timeline".to_owned()
        } else {
            format!("snapshot {}/{}", state.sample, state.of)
        };
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

    /// A paragraph that begins with `mark`, broken between words where the terminal ends.
    fn lines(&self, mark: &Line, text: &str) {
        for line in paragraph(mark, text, self.width()) {
            self.line(&line);
        }
    }

    /// A log has lines of any length.
    fn width(&self) -> usize {
        let columns = if self.terminal { stderr_width() } else { None };
        columns.unwrap_or(usize::MAX)
    }

    fn line(&self, line: &Line) {
        // A bar that is hidden swallows what is printed through it.
        self.live.suspend(|| terminal::say([line]));
    }
}

/// Which thread is hunted, and how it is found.
fn chosen_thread(event: &Event) -> Option<String> {
    match event {
        Event::Threads { threads, look } => {
            let threads = match threads.len() {
                1 => "a worker thread".to_owned(),
                several => format!("{several} worker threads"),
            };
            Some(format!("{threads}: looking for {} which heap grows", human::duration(*look)))
        }
        Event::Entered { thread, name, why, .. } => {
            let name = name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
            Some(cut_tokens(&format!("worker thread {thread}{name} {why}: it is hunted")).into_owned())
        }
        _ => None,
    }
}

/// Why no more evidence is taken.
fn enough(snapshots: usize, of: u32) -> String {
    if snapshots == 0 {
        return "no snapshot would tell more, so none is taken (--profile heap takes them)".to_owned();
    }
    format!(
        "the answer is certain after {snapshots} of {of} snapshots, so no more are taken (--all-samples takes all)"
    )
}

/// How fast the heap has grown since the wait began, and when the snapshot is to be expected at that speed.
fn expected(elapsed: Duration, base: u64, settled: u64, due_at: u64) -> String {
    let grown = settled.saturating_sub(base) as f64;
    // Nothing has been collected yet, or it is too early for a speed.
    if grown <= 0.0 || elapsed < Duration::from_secs(1) {
        return String::new();
    }
    let per_second = grown / elapsed.as_secs_f64();
    let left = due_at.saturating_sub(settled) as f64 / per_second;
    let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
    format!(
        "; growing {} a minute, expected in {}",
        human::bytes((per_second * 60.0) as u64),
        human::duration(left)
    )
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
        Step::Hold => "hold",
        Step::Leave => "leave",
    }
}

fn doing(step: Step) -> &'static str {
    match step {
        Step::Preflight => "looking at the app",
        Step::Reach => "reaching the process",
        Step::Attach => "attaching",
        Step::Sample => "collecting garbage",
        Step::Profile => "starting the profiler",
        Step::Sources => "fetching source maps",
        Step::Hold => "offering the inspector to DevTools",
        Step::Leave => "cleaning up",
    }
}
