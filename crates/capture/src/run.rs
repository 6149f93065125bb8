//! One hunt, from the first look to the receipt.
//!
//! [`run`] is the only orchestrator of the house. It goes through the phases in order and, on whatever way it came out
//! of them (done, an error, an interrupt that drops the phase where it stands, a panic), through the teardown. What was
//! acquired lies in [`Holdings`] and what was taken in [`Evidence`], outside the phases, so that dropping a phase loses nothing
//! that must be undone or kept.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use leakhunt_host::Host;
use tokio::sync::watch::Receiver;

use crate::attach::{self, Attached};
use crate::data::{
    AppTime, Error, Event, Fallback, Interrupt, Judged, Plan, Profile, Profiled, Receipt, Resident, Snapshot,
};
use crate::evidence::Evidence;
use crate::hold;
use crate::holdings::Holdings;
use crate::hunt::Hunt;
use crate::preflight::preflight;
use crate::reach;
use crate::record::Record;
use crate::sample::{self, Sampled};
use crate::teardown::{loss, teardown};
use crate::threads;

/// How a hunt ended, and what there is to show for it.
#[derive(Debug)]
pub struct Hunted {
    /// The reason for an early end.
    pub result: Result<(), Error>,
    /// The session folder, once there is one.
    pub folder: Option<PathBuf>,
    /// The complete snapshots.
    pub snapshots: Vec<Snapshot>,
    /// The complete profiles.
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

/// Hunts. Never ends before everything is undone; `watch` is told of each event as it happens. A `judge`, if there is one,
/// analyses each snapshot once it is told of it, and the next is taken when the answer is not certain by then.
pub async fn run(
    plan: &Plan,
    host: &Host,
    watch: &(dyn Fn(&Event) + Send + Sync),
    judge: Option<Receiver<Judged>>,
    interrupt: &Interrupt,
) -> Hunted {
    let mut hunt = Hunt { judge, ..Hunt::new(plan, host, Record::new(watch)) };
    hunt.begin_journal();
    let (mut holdings, mut evidence) = (Holdings::default(), None);
    let phases = AssertUnwindSafe(phases(&mut hunt, &mut holdings, &mut evidence)).catch_unwind();
    let ended = tokio::select! {
        biased;
        () = interrupt.stop.cancelled() => None,
        ended = phases => Some(ended),
    };
    let result = match ended {
        Some(Ok(Ok(()))) => Ok(()),
        Some(Ok(Err(error))) => {
            loss::look(&mut hunt, &mut holdings, &error, interrupt).await;
            Err(error)
        }
        Some(Err(panic)) => Err(Error::Internal(message_of(&*panic))),
        None => Err(Error::interrupted(hunt.record.when())),
    };
    let when = hunt.record.when();
    let mut untaken = AppTime::default();
    let app_time = evidence.as_mut().map_or(&mut untaken, |evidence| &mut evidence.app_time);
    let receipt = teardown(&mut hunt, &mut holdings, app_time, &interrupt.hurry).await;
    let mut death = None;
    if let Some(subject) = &mut holdings.subject {
        if result.is_err() {
            loss::ask_why(&hunt, subject, interrupt).await;
        }
        death = subject.death.take();
    }
    let kept = evidence.as_ref().map_or(0, |evidence| evidence.snapshots.len());
    let result = loss::explain(result, death, when).map_err(|error| error.with_kept(kept));
    end(hunt, evidence, result, receipt)
}

/// Each phase hands on what it has come to.
async fn phases(
    hunt: &mut Hunt<'_>,
    holdings: &mut Holdings,
    evidence: &mut Option<Evidence>,
) -> Result<(), Error> {
    hold::is_admitted(hunt.plan)?;
    sample::is_admitted(hunt.plan)?;
    reach::begin(hunt, holdings).await;
    let evidence = preflight(hunt, evidence).await?;
    let reached = reach::reach(hunt, holdings, &evidence.folder).await?;
    let mut attached = attach::attach(hunt, reached, evidence).await?;
    if hunt.plan.takes_evidence() {
        threads::choose(hunt, &attached, evidence).await?;
        sample::note_packages(&attached.session, evidence).await;
        attached = gather(hunt, attached, evidence).await?;
        sample::fetch(hunt, &attached.session, evidence).await;
    }
    match &hunt.plan.hold {
        Some(hold) => hold::hold(hunt, hold, attached, evidence).await,
        None => Ok(()),
    }
}

/// The kinds of evidence that were asked for, the lightest first: what a heavier one is refused for leaves the others whole.
async fn gather<'h>(
    hunt: &mut Hunt<'_>,
    attached: Attached<'h>,
    evidence: &mut Evidence,
) -> Result<Attached<'h>, Error> {
    let mut in_doubt = hunt.plan.takes(Profile::Heap);
    if hunt.plan.takes(Profile::Auto) {
        in_doubt |= sample::observe(hunt, &attached, evidence).await?;
    }
    if hunt.plan.takes(Profile::Sampling) {
        sample::sampling(hunt, &attached, evidence).await?;
    }
    if hunt.plan.takes(Profile::Cpu) {
        sample::cpu(hunt, &attached, evidence).await?;
    }
    let attached = match in_doubt {
        true => snapshots(hunt, attached, evidence).await?,
        false => attached,
    };
    if hunt.plan.takes(Profile::Timeline) {
        sample::timeline(hunt, &attached, evidence).await?;
    }
    Ok(attached)
}

/// Snapshots; where one is refused, the lighter evidence that was agreed to, or was taken before.
async fn snapshots<'h>(
    hunt: &mut Hunt<'_>,
    attached: Attached<'h>,
    evidence: &mut Evidence,
) -> Result<Attached<'h>, Error> {
    match (sample::sample(hunt, attached, evidence).await?, hunt.plan.fallback) {
        (Sampled::Whole(attached), _) => Ok(attached),
        (Sampled::Refused(attached, refused), Some(Fallback::Sampling)) => {
            sample::instead(hunt, &attached, evidence, refused).await?;
            Ok(attached)
        }
        (Sampled::Refused(attached, refused), None) if hunt.plan.takes(Profile::Auto) => {
            let kept = refused.with_kept(evidence.snapshots.len());
            hunt.record.warn(format!("{kept}; the answer rests on what there is"));
            Ok(attached)
        }
        (Sampled::Refused(_, refused), None) => Err(refused),
    }
}

/// The last documents, and what there is to show.
fn end(
    mut hunt: Hunt<'_>,
    evidence: Option<Evidence>,
    result: Result<(), Error>,
    receipt: Receipt,
) -> Hunted {
    if let Some(journal) = hunt.journal.take().filter(|_| receipt.is_confirmed())
        && let Err(error) = journal.finish()
    {
        tracing::warn!("the journal could not be removed: {error}");
    }
    let outcome = result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
    let warnings = hunt.record.warnings().to_vec();
    let Some(evidence) = evidence else {
        return Hunted {
            result,
            folder: None,
            snapshots: Vec::new(),
            profiles: Vec::new(),
            app_time: AppTime::default(),
            resident: None,
            sources: Vec::new(),
            warnings,
            receipt,
        };
    };
    let saved = evidence.write(&evidence.document(&hunt).ended(&outcome, &receipt));
    Hunted {
        result: result.and(saved),
        folder: Some(evidence.folder.path().to_owned()),
        sources: sources(hunt.host, &evidence),
        resident: evidence.past.resident(),
        snapshots: evidence.snapshots,
        profiles: evidence.profiles,
        app_time: evidence.app_time,
        warnings,
        receipt,
    }
}

/// The folders of a program on this machine: where it was started, and where its script is. All of the disk is no folder
/// of a program.
fn sources(host: &Host, evidence: &Evidence) -> Vec<PathBuf> {
    let Some(process) = evidence.process.as_ref().filter(|_| matches!(host, Host::Local(_))) else {
        return Vec::new();
    };
    let script = process.main_script.as_deref().and_then(|script| Path::new(script).parent());
    let folders = process.cwd.as_deref().map(Path::new).into_iter().chain(script);
    folders.filter(|folder| folder.is_absolute() && folder.parent().is_some()).map(Path::to_owned).collect()
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
