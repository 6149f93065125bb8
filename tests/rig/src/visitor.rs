//! A visitor of the app: requests its front page all the while, and records every time it had to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::dyno::APP_PORT;
use crate::namespace::Dialer;

/// How a visitor visits.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The page it asks for.
    pub path: &'static str,
    /// The pause between an answer and the next request.
    pub every: Duration,
    /// A time without an answer longer than this is a gap.
    pub gap: Duration,
}

impl Default for Pace {
    /// The health check, 20 times a second; 200 ms without an answer are a gap.
    fn default() -> Self {
        Self { path: "/healthz", every: Duration::from_millis(50), gap: Duration::from_millis(200) }
    }
}

/// A time in which the app answered nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// When it began, counted from the visitor's start.
    pub at: Duration,
    /// How long it lasted.
    pub lasted: Duration,
}

/// What a visitor saw.
#[derive(Debug, Clone, Default)]
pub struct Visits {
    /// The requests that were answered with a status below 500.
    pub answered: u64,
    /// Every request that was not, with the reason.
    pub failed: Vec<String>,
    /// Every time without an answer, in order.
    pub gaps: Vec<Gap>,
}

impl Visits {
    /// The longest time without an answer.
    pub fn longest_gap(&self) -> Duration {
        self.gaps.iter().map(|gap| gap.lasted).max().unwrap_or_default()
    }
}

/// A visitor at work; it stops when dropped.
#[derive(Debug)]
pub struct Visitor {
    seen: Arc<Mutex<Visits>>,
    leaving: Arc<AtomicBool>,
    // Dropped to end the visitor's pause between two requests.
    _wake: mpsc::Sender<()>,
}

impl Visitor {
    pub(crate) fn start(dialer: Dialer, pace: Pace) -> Self {
        let (seen, leaving) = (Arc::new(Mutex::new(Visits::default())), Arc::new(AtomicBool::new(false)));
        let (wake, woken) = mpsc::channel();
        let visitor = Self { seen: Arc::clone(&seen), leaving: Arc::clone(&leaving), _wake: wake };
        std::thread::spawn(move || {
            let start = Instant::now();
            let mut last_answer = start;
            while !leaving.load(Ordering::Relaxed) {
                let answer = dialer.get(APP_PORT, pace.path, Duration::from_secs(120));
                let now = Instant::now();
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                match answer {
                    Ok(answer) if answer.status < 500 => {
                        seen.answered += 1;
                        let lasted = now - last_answer;
                        if lasted > pace.gap + pace.every {
                            seen.gaps.push(Gap { at: last_answer - start, lasted });
                        }
                        last_answer = now;
                    }
                    Ok(answer) => seen.failed.push(format!("status {}", answer.status)),
                    Err(error) => seen.failed.push(error.to_string()),
                }
                drop(seen);
                if woken.recv_timeout(pace.every) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
        });
        visitor
    }

    /// What it saw so far.
    pub fn seen(&self) -> Visits {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.leaving.store(true, Ordering::Relaxed);
    }
}
