//! A hunt under way: what it was asked to do, where it tells, and what it has still to undo. Every phase is passed it; what a
//! phase finds or acquires it hands on to the next as a result of its own type.

use std::path::Path;

use leakhunt_host::{Footprint, Host, Platform};
use tokio::sync::watch;

use crate::data::{Judged, Plan, TeardownStep};
use crate::record::{Act, Journal, Record, journals};
use crate::undo::Stack;

/// What every phase needs, whatever it is about.
pub(crate) struct Hunt<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) host: &'a Host,
    /// The target in words.
    pub(crate) target: String,
    /// What the platform has answered, since it was asked.
    pub(crate) platform: Option<Platform>,
    /// No other hunt has this name; by it the agents of this one know each other.
    pub(crate) name: String,
    pub(crate) record: Record<'a>,
    pub(crate) journal: Option<Journal>,
    pub(crate) undo: Stack,
    /// Whoever analyses the snapshots as they are taken.
    pub(crate) judge: Option<watch::Receiver<Judged>>,
}

impl<'a> Hunt<'a> {
    pub(crate) fn new(plan: &'a Plan, host: &'a Host, record: Record<'a>) -> Self {
        let now = jiff::Timestamp::now().as_nanosecond();
        Self {
            plan,
            host,
            target: host.describe(),
            platform: None,
            name: format!("{}-{now}", std::process::id()),
            record,
            journal: None,
            undo: Stack::default(),
            judge: None,
        }
    }

    /// Begins a journal for this hunt, where there is a folder for one.
    pub(crate) fn begin_journal(&mut self) {
        match &self.plan.journals {
            Some(folder) => self.begin_journal_in(folder),
            None => self.no_journal("there is no folder for one: neither XDG_STATE_HOME nor HOME is set"),
        }
    }

    /// Says what earlier hunts have left, too.
    fn begin_journal_in(&mut self, folder: &Path) {
        for left in journals(folder).unwrap_or_default().unfinished {
            self.record.warn(format!(
                "the hunt on {} of {} ended without having torn everything down: `leakhunt cleanup` finishes that",
                left.target,
                left.at.strftime("%Y-%m-%d %H:%M UTC")
            ));
        }
        match Journal::begin(folder, &self.target, self.plan.destination.as_ref()) {
            Ok(journal) => self.journal = Some(journal),
            Err(error) => self.no_journal(&error.to_string()),
        }
        self.note_private();
    }

    pub(crate) fn note_private(&mut self) {
        if let Some(folders) = self.host.private_folders() {
            self.note(&Act::Private { folders: folders.clone() });
        }
    }

    /// Writes down what is about to be done. A journal that cannot be written is no reason to let a leak go on.
    pub(crate) fn note(&mut self, act: &Act) {
        let Some(Err(error)) = self.journal.as_mut().map(|journal| journal.note(act)) else { return };
        self.no_journal(&error.to_string());
        self.journal = None;
    }

    pub(crate) fn note_child(&mut self, what: TeardownStep, footprint: Option<Footprint>) {
        if let Some(footprint) = footprint {
            self.note(&Act::Child { what, footprint });
        }
    }

    fn no_journal(&mut self, why: &str) {
        self.record.warn(format!(
            "no journal can be kept ({why}): if leakhunt is killed, `leakhunt cleanup` will know nothing of this hunt"
        ));
    }
}
