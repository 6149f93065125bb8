//! A hunt, or a run, that a watch has started: what happens in it, and its answer.
//!
//! Its events are read while it writes them, for whoever reads along, and for the folder that it makes: an answer may be lost, as with
//! a hunt that is killed or a disk that is full, and the folder is there all the same.

use std::cell::Cell;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use leakhunt_host::{CommandLine, Environment};
use serde_json::Value;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::event::OfHunt;
use crate::child::{Answered, Files, Follow, Wishes, answered};

/// Between two looks at its events.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// A hunt under way.
pub(super) struct Hunting {
    pub(super) dyno: String,
    /// The folder of its session, or of the run, as soon as it is there.
    pub(super) folder: Option<PathBuf>,
    result: Pin<Box<dyn Future<Output = Answered> + Send>>,
    events: PathBuf,
    follow: Follow,
    look: Interval,
}

/// What comes of it.
pub(super) enum Came {
    /// It has made its folder.
    Folder(PathBuf),
    /// It has ended.
    End(Answered),
}

impl Hunting {
    /// Starts it. Beside `state` lie its answer and its events for as long as it lasts; what lies there now is of a watch that was killed.
    pub(super) fn start(
        dyno: String,
        mut command: CommandLine,
        environment: Environment,
        wishes: Wishes,
        state: &Path,
    ) -> Self {
        let (answer, events) = (state.with_extension("answer.json"), state.with_extension("events.ndjson"));
        for file in [&answer, &events] {
            let _ = fs::remove_file(file);
        }
        command.args.push(format!("--events={}", events.display()));
        let result = Box::pin(async move {
            let files = Files { document: &answer, log: None };
            let result = answered(&command, &environment, files, None, &wishes).await;
            let _ = fs::remove_file(&answer);
            result
        });
        let mut look = interval(BETWEEN_LOOKS);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let follow = Follow::new(events.clone());
        Self { dyno, folder: None, result, events, follow, look }
    }

    /// What comes next. It may be dropped at any time, and asked again.
    pub(super) async fn next(&mut self, told: &OfHunt<'_>) -> Came {
        loop {
            tokio::select! {
                result = self.result.as_mut() => {
                    self.read_on(told);
                    let _ = fs::remove_file(&self.events);
                    return Came::End(result);
                }
                _ = self.look.tick() => {
                    if let Some(folder) = self.read_on(told) {
                        return Came::Folder(folder);
                    }
                }
            }
        }
    }

    /// Hands on what it wrote; gives its folder, where that is news.
    fn read_on(&mut self, told: &OfHunt<'_>) -> Option<PathBuf> {
        let (dyno, known) = (&self.dyno, self.folder.is_some());
        let made = Cell::new(None);
        self.follow.look(&|line| {
            told(dyno, line);
            let folder = (!known).then(|| folder_in(line)).flatten();
            // The first: of a run that is its own, and others are those of hunts in it.
            made.set(made.take().or(folder));
        });
        let made = made.into_inner();
        if made.is_some() {
            self.folder.clone_from(&made);
        }
        made
    }
}

fn folder_in(line: &str) -> Option<PathBuf> {
    let event: Value = serde_json::from_str(line).ok()?;
    ["started", "run_started"].contains(&event["event"].as_str()?).then_some(())?;
    event["folder"].as_str().map(Into::into)
}
