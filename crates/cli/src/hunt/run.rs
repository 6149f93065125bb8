//! A hunt under way: events to the screen, signals into an interrupt.

use std::io::IsTerminal as _;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use leakhunt_capture::{Interrupt, Plan};
use leakhunt_host::{Host, LIFELINE};
use leakhunt_text::Line;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::signal::unix::{SignalKind, signal};

use super::end;
use super::judging::Judging;
use super::options::Options;
use crate::events::Events;
use crate::failure::Failure;
use crate::progress::{Progress, Waits};
use crate::{exit, terminal};

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
    options: &Options,
    plan: &Plan,
    host: &Host,
    runtime: &tokio::runtime::Runtime,
) -> Result<u8, Failure> {
    let waits = Waits { samples: plan.samples, growth: plan.growth, longest: plan.max_wait };
    let progress =
        Progress::new(std::io::stderr().is_terminal(), options.quiet, options.verbose).with_waits(waits);
    let events = options.events.as_ref().map(Events::open).transpose()?;
    let interrupt = Interrupt::default();
    let listening = Listening::start(runtime, &interrupt);
    let judging = Judging::start(options, plan, host);
    let watch = |event: &leakhunt_capture::Event| {
        injected_panic(event);
        progress.event(event);
        if let Some(judging) = &judging {
            judging.event(event);
        }
        if let Some(events) = &events {
            events.hunt(event);
        }
    };
    let judged = judging.as_ref().map(Judging::judged);
    let hunted = runtime.block_on(leakhunt_capture::run(plan, host, &watch, judged, &interrupt));
    let signalled = listening.signalled();
    drop(listening);
    progress.finish();
    progress.resident(hunted.resident.as_ref());
    progress.app_time(&hunted.app_time);
    let series = judging.map(Judging::end).unwrap_or_default();
    end::end(options, &hunted, series, signalled, events)
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

/// Signals become an interrupt for as long as this lives, and so does the end of whoever started this.
pub(crate) struct Listening {
    task: tokio::task::JoinHandle<()>,
    signalled: Arc<AtomicU8>,
}

impl Listening {
    pub(crate) fn start(runtime: &tokio::runtime::Runtime, interrupt: &Interrupt) -> Self {
        let signalled = Arc::new(AtomicU8::new(0));
        let (interrupt, of_task) = (interrupt.clone(), Arc::clone(&signalled));
        let task = runtime.spawn(async move {
            tokio::join!(listen(&interrupt, &of_task), end_with_its_parent(&interrupt, &of_task));
        });
        Self { task, signalled }
    }

    /// The exit code of the first signal; 0 where there was none.
    pub(crate) fn signalled(&self) -> u8 {
        self.signalled.load(Ordering::Relaxed)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The first signal tears down, the second shortens every wait.
async fn listen(interrupt: &Interrupt, signalled: &AtomicU8) {
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

/// What a run or a watch started has it to see to it: with that gone, nobody would know of this any more.
async fn end_with_its_parent(interrupt: &Interrupt, signalled: &AtomicU8) {
    if std::env::var_os(LIFELINE).is_none() {
        return;
    }
    let stdin = std::io::stdin().as_fd().try_clone_to_owned().and_then(pipe::Receiver::from_owned_fd);
    let Ok(mut stdin) = stdin else { return };
    while stdin.read_u8().await.is_ok() {}
    if !interrupt.stop.is_cancelled() {
        signalled.store(exit::TERMINATED, Ordering::Relaxed);
        interrupt.stop.cancel();
        terminal::say(&[Line::own("  the leakhunt that started this is gone; cleaning up")]);
    }
}
