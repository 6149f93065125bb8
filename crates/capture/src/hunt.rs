//! One hunt, from the first look to the receipt.
//!
//! [`run`] is the only orchestrator of the house. It goes through the phases in order and, on whatever way it came out
//! of them (done, an error, an interrupt that drops the phase where it stands, a panic), through `leave`. What was
//! acquired lives in [`Hunt`], outside the phases, so that dropping a phase loses nothing that must be undone.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use leakhunt_host::{Footprint, Forward, Host, Platform};
use leakhunt_inspector::{Count, ProcessFacts, Session};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::data::{
    AppTime, Death, Error, Event, Fallback, Interrupt, Past, Plan, Profile, Profiled, Reading, Receipt,
    Resident, Snapshot, Step,
};
use crate::journal::{self, Act, Journal};
use crate::reach::{Far, Reached};
use crate::record::Record;
use crate::session_file::SessionFile;
use crate::signal::Signal;
use crate::store::Store;
use crate::undo::{Stack, Undo};
use crate::{attach, leave, loss, reach, sample, sampling, sources, work_tree};

/// How a hunt ended, and what there is to show for it.
#[derive(Debug)]
pub struct Hunted {
    /// The reason for an early end.
    pub result: Result<(), Error>,
    /// The session folder, once there is one.
    pub folder: Option<PathBuf>,
    /// The whole snapshots.
    pub snapshots: Vec<Snapshot>,
    /// The whole sampling profiles.
    pub profiles: Vec<Profiled>,
    /// What the hunt took of the app's time.
    pub app_time: AppTime,
    /// What the snapshots took of the app's memory, and what it keeps of that.
    pub resident: Option<Resident>,
    /// Where the program's own files are on this machine, if the process runs on it.
    pub sources: Vec<PathBuf>,
    /// What the reader of the evidence must know.
    pub warnings: Vec<String>,
    /// What was undone, and whether that was seen.
    pub receipt: Receipt,
}

/// What a hunt has acquired and found so far.
pub(crate) struct Hunt<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) host: &'a Host,
    pub(crate) target: String,
    pub(crate) platform: Option<Platform>,
    /// No other hunt has this name; by it the agents of this one know each other.
    pub(crate) name: String,
    pub(crate) clock: Clock,
    pub(crate) record: Record<'a>,
    pub(crate) journal: Option<Journal>,
    pub(crate) undo: Stack,
    pub(crate) far: Option<Far>,
    pub(crate) forward: Option<Forward>,
    pub(crate) session: Option<Session>,
    pub(crate) reached: Option<Reached>,
    pub(crate) planted: bool,
    /// What is known of SIGUSR1.
    pub(crate) signal: Signal,
    /// The process is known to be gone, and whatever it had open with it.
    pub(crate) death: Option<Death>,
    pub(crate) process: Option<ProcessFacts>,
    /// How many objects the heap held, where they were counted.
    pub(crate) count: Option<Count>,
    /// What the snapshots so far have cost.
    pub(crate) past: Past,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) profiles: Vec<Profiled>,
    pub(crate) app_time: AppTime,
    pub(crate) readings: Vec<Reading>,
    /// Since when a snapshot is under way: what breaks now has broken it.
    pub(crate) taking: Option<Instant>,
    /// The connection was lost and made again. There is no third one.
    pub(crate) reattached: bool,
}

/// Hunts. Never ends before everything is undone; `watch` is told of each event as it happens.
pub async fn run(
    plan: &Plan,
    host: &Host,
    watch: &(dyn Fn(&Event) + Send + Sync),
    interrupt: &Interrupt,
) -> Hunted {
    let mut hunt = Hunt::new(plan, host, Record::new(watch));
    match &plan.journals {
        Some(folder) => hunt.begin_journal(folder),
        None => hunt.no_journal("there is no folder for one: neither XDG_STATE_HOME nor HOME is set"),
    }
    let phases = AssertUnwindSafe(phases(&mut hunt)).catch_unwind();
    let ended = tokio::select! {
        biased;
        () = interrupt.stop.cancelled() => None,
        ended = phases => Some(ended),
    };
    let result = match ended {
        Some(Ok(Ok(()))) => Ok(()),
        Some(Ok(Err(error))) => {
            loss::look(&mut hunt, &error, interrupt).await;
            Err(error)
        }
        Some(Err(panic)) => Err(Error::Internal(message_of(&*panic))),
        None => Err(Error::interrupted(hunt.record.when().to_owned())),
    };
    let when = hunt.record.when();
    let receipt = leave::leave(&mut hunt, &interrupt.hurry).await;
    if result.is_err() {
        loss::ask_why(&mut hunt, interrupt).await;
    }
    let death = hunt.death.take();
    let result = loss::explain(result, death, when).map_err(|error| error.with_kept(hunt.snapshots.len()));
    hunt.end(result, receipt)
}

async fn phases(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    preflight(hunt).await?;
    reach::reach(hunt).await?;
    attach::attach(hunt).await?;
    evidence(hunt).await?;
    sources::fetch(hunt).await;
    Ok(())
}

/// The kind that was asked for; where a snapshot is refused, the lighter one that was agreed to.
async fn evidence(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    match hunt.plan.profile {
        Profile::Sampling => sampling::sampling(hunt).await,
        Profile::Heap => match (sample::sample(hunt).await, hunt.plan.fallback) {
            (Err(refused @ Error::Refused { .. }), Some(Fallback::Sampling)) => {
                sampling::instead(hunt, &refused.with_kept(hunt.snapshots.len())).await
            }
            (ended, _) => ended,
        },
    }
}

async fn preflight(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = hunt.record.begin(Step::Preflight);
    let found = hunt.host.preflight().await?;
    let store = Store::create(&hunt.plan.out, &hunt.plan.name)
        .map_err(|source| Error::Store { path: hunt.plan.out.clone(), source })?;
    let folder = store.folder().display().to_string();
    if let Some(tree) = work_tree::around(store.folder()) {
        hunt.record.warn(format!(
            "the session folder lies in the git work tree {}, and snapshots hold the app's secrets: add `{}` to its \
             .gitignore, or name another folder with --out",
            tree.display(),
            work_tree::PATTERN
        ));
    }
    hunt.undo.push(Undo::Partials);
    hunt.note(&Act::Folder { path: store.folder().to_owned() });
    hunt.record.keep_in(store);
    found.warnings.into_iter().for_each(|warning| hunt.record.warn(warning));
    hunt.record.done(since, summary(&found.platform));
    hunt.platform = Some(found.platform);
    hunt.record.tell(Event::Started { target: hunt.target.clone(), folder });
    Ok(())
}

fn summary(platform: &Platform) -> String {
    match platform {
        Platform::Heroku(facts) => {
            let size = facts.dyno_size.as_deref().unwrap_or("size unknown");
            format!("{} is up, {size}, exec on, heroku {}", facts.dyno, facts.cli_version)
        }
        Platform::Local => "this machine".to_owned(),
        Platform::Ssh { server } => server.clone(),
    }
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
            clock: Clock::start(),
            record,
            journal: None,
            undo: Stack::default(),
            far: None,
            forward: None,
            session: None,
            reached: None,
            planted: false,
            signal: Signal::NotSent,
            death: None,
            process: None,
            count: None,
            past: Past::default(),
            snapshots: Vec::new(),
            profiles: Vec::new(),
            app_time: AppTime::default(),
            readings: Vec::new(),
            taking: None,
            reattached: false,
        }
    }

    /// Says what earlier hunts have left, and begins a journal for this one.
    fn begin_journal(&mut self, folder: &Path) {
        for left in journal::journals(folder).unwrap_or_default().unfinished {
            self.record.warn(format!(
                "the hunt on {} of {} ended without having torn everything down: `leakhunt cleanup` finishes that",
                left.target,
                left.at.strftime("%Y-%m-%d %H:%M UTC")
            ));
        }
        match Journal::begin(folder, &self.target, &self.plan.way) {
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

    pub(crate) fn note_child(&mut self, what: &str, footprint: Option<Footprint>) {
        if let Some(footprint) = footprint {
            self.note(&Act::Child { what: what.to_owned(), footprint });
        }
    }

    fn no_journal(&mut self, why: &str) {
        self.record.warn(format!(
            "no journal can be kept ({why}): if leakhunt is killed, `leakhunt cleanup` will know nothing of this hunt"
        ));
    }

    /// Writes `session.json` as things stand, so that a killed hunt leaves a folder that can be analysed.
    pub(crate) fn save(&self) -> Result<(), Error> {
        let Some(store) = self.record.store() else { return Ok(()) };
        store
            .document("session.json", &self.document())
            .map_err(|source| Error::Store { path: store.folder().to_owned(), source })
    }

    fn document(&self) -> SessionFile<'_> {
        SessionFile::new(self.plan, &self.target)
            .evidence(self.process.as_ref(), &self.snapshots, &self.readings, self.record.warnings())
            .profiles(&self.profiles)
            .app_time(self.app_time)
            .resident(self.past.resident())
    }

    /// The folders of a program on this machine: where it was started, and where its script is. All of the disk is no folder
    /// of a program.
    fn sources(&self) -> Vec<PathBuf> {
        let Some(process) = self.process.as_ref().filter(|_| matches!(self.host, Host::Local(_))) else {
            return Vec::new();
        };
        let script = process.main_script.as_deref().and_then(|script| Path::new(script).parent());
        let folders = process.cwd.as_deref().map(Path::new).into_iter().chain(script);
        folders
            .filter(|folder| folder.is_absolute() && folder.parent().is_some())
            .map(Path::to_owned)
            .collect()
    }

    fn end(mut self, result: Result<(), Error>, receipt: Receipt) -> Hunted {
        if let Some(journal) = self.journal.take().filter(|_| receipt.is_confirmed())
            && let Err(error) = journal.finish()
        {
            tracing::warn!("the journal could not be removed: {error}");
        }
        let outcome = result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
        let saved = match self.record.store() {
            Some(store) => store
                .document("session.json", &self.document().ended(&outcome, &receipt))
                .map_err(|source| Error::Store { path: store.folder().to_owned(), source }),
            None => Ok(()),
        };
        Hunted {
            folder: self.record.store().map(|store| store.folder().to_owned()),
            warnings: self.record.warnings().to_vec(),
            sources: self.sources(),
            result: result.and(saved),
            snapshots: self.snapshots,
            profiles: self.profiles,
            app_time: self.app_time,
            resident: self.past.resident(),
            receipt,
        }
    }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
