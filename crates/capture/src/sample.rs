//! The snapshots: wait for growth, check the id space, take one, keep it whole.

use std::path::Path;
use std::time::Duration;

use leakhunt_inspector::{FileRoute, Marker, Memory, Progress, Session, Taken};
use tokio::time::Instant;

use crate::afford;
use crate::data::{Error, Event, Prediction, Profile, Reading, Route, Snapshot, Step};
use crate::growth::{Next, Watch};
use crate::hunt::Hunt;
use crate::reattach;
use crate::record::Record;
use crate::route;
use crate::store::Incoming;

/// Between two raw readings: often enough for a live line, a thousandth of the app's time at the most.
const POLL: Duration = Duration::from_millis(500);
/// A snapshot's file, on the app's disk and on ours, is at most this many times the used heap (2.1 was seen), with room to spare.
pub(crate) const DISK_PER_HEAP: u64 = 3;
/// Snapshots that are taken beyond what was asked for, where a reset left the last one alone: each costs the app its pause.
const MOST_EXTRA: u32 = 2;
/// And this much more, for what else the disk is there for.
const DISK_SPARE: u64 = 64 << 20;
/// No snapshot is larger than so many times what its heap and its buffers take, and so much beside: four times what was seen.
const MOST_PER_HEAP: u64 = 8;
const MOST_BESIDE: u64 = 256 << 20;
/// Readings kept for the chart; at two a second this is more than an hour, after that every other one is dropped.
const MOST_READINGS: usize = 8192;

pub(crate) async fn sample(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = hunt.record.begin(Step::Sample);
    let mut number = 1;
    loop {
        match series(hunt, &mut number).await {
            Err(error) if reattach::is_due(hunt, &error) => reattach::reattach(hunt, error).await?,
            Err(error) => return Err(error),
            Ok(()) => break,
        }
        number += 1;
    }
    hunt.record.done(since, format!("{} snapshots", hunt.snapshots.len()));
    Ok(())
}

/// The snapshots that are still to be taken, on one connection. A second series begins with a snapshot at once, and has at
/// least two: one alone could be compared with nothing. So has one that begins because the object ids were reset.
async fn series(hunt: &mut Hunt<'_>, number: &mut u32) -> Result<(), Error> {
    let mut base = settled(hunt).await?;
    if hunt.snapshots.is_empty() {
        afford::count(hunt, &base).await?;
        afford::ahead(hunt, &base)?;
    }
    let mut space = IdSpace::open(session(hunt), *number).await?;
    let first = hunt.snapshots.len() as u32 + 1;
    let mut last = if first == 1 { hunt.plan.samples } else { hunt.plan.samples.max(first + 1) };
    let mut extra = MOST_EXTRA;
    let mut sample = first;
    while sample <= last {
        if sample > first {
            base = grown(hunt, sample, &base).await?;
        }
        let prediction = afford::weigh(hunt, afford::wanted(hunt.plan.route), sample, &base)?;
        let most = room_for(hunt, &base)?;
        let mut lost = space.is_lost(session(hunt)).await?;
        hunt.taking = Some(Instant::now());
        take(hunt, Taking { sample, of: last, id_space: space.number, prediction, most }, &base).await?;
        hunt.taking = None;
        lost |= space.was_lost_within(hunt).await?;
        if lost {
            // The snapshot is the first of a new series, and alone in it if it was to be the last one.
            let more = sample == last && extra > 0;
            (last, extra) = (last + u32::from(more), extra - u32::from(more));
            warn_of_reset(hunt, sample, more);
        }
        sample += 1;
        *number = space.number;
        hunt.save()?;
        // What the snapshot itself left behind must not count as the next one's growth.
        let before = base;
        base = settled(hunt).await?;
        afford::remember(hunt, &before, &base);
    }
    Ok(())
}

fn warn_of_reset(hunt: &mut Hunt<'_>, sample: u32, more: bool) {
    let more = if more { ", and one snapshot more is taken" } else { "" };
    hunt.record.warn(format!(
        "the object ids were reset before snapshot {sample} (another debugger came or went): snapshots before it cannot \
         be compared with it object by object; a new series begins{more}"
    ));
}

pub(crate) fn session<'h>(hunt: &'h Hunt<'_>) -> &'h Session {
    hunt.session.as_ref().expect("attached before sampled")
}

/// The span in which V8's object ids mean the same objects, watched by two objects that are held for it.
///
/// V8 numbers an object when a snapshot meets it; before the first one there is nothing to lose. The *marker* is there from
/// the first snapshot on and must keep its number. That is looked at before each snapshot and after it, since a reset may
/// fall between the look and the snapshot. After a reset numbers are dealt out from the start, and the marker could get the
/// one it had (seen on Node 18). So a *newcomer* is held between two snapshots: in one space its number comes after those
/// of all objects of the earlier snapshot, and V8 counts in twos; after a reset it lies among the first, beside the marker's.
struct IdSpace {
    number: u32,
    marker: Marker,
    id: Option<u64>,
    newcomer: Option<Newcomer>,
}

struct Newcomer {
    marker: Marker,
    /// Its number will be higher, if the space lives.
    above: u64,
}

impl IdSpace {
    async fn open(session: &Session, number: u32) -> Result<Self, Error> {
        let marker =
            session.hold_marker().await.map_err(|error| Error::lost("holding a marker object", &error))?;
        Ok(Self { number, marker, id: None, newcomer: None })
    }

    /// Have the ids been handed out anew since the last snapshot? Then a new space begins here.
    async fn is_lost(&mut self, session: &Session) -> Result<bool, Error> {
        let Some(before) = self.id else { return Ok(false) };
        let lost = look(session, &self.marker).await? != before;
        if lost {
            (self.number, self.id, self.newcomer) = (self.number + 1, None, None);
        }
        Ok(lost)
    }

    /// A snapshot has met the objects that are held: was the space lost between the look before it and the snapshot? Then
    /// the snapshot is the first of a new one.
    async fn was_lost_within(&mut self, hunt: &mut Hunt<'_>) -> Result<bool, Error> {
        let session = hunt.session.as_ref().expect("attached before sampled");
        let taken = hunt.snapshots.last_mut().expect("a snapshot was just taken");
        let id = look(session, &self.marker).await?;
        let mut lost = self.id.is_some_and(|before| id != 0 && id != before);
        if let Some(newcomer) = self.newcomer.take() {
            let number = look(session, &newcomer.marker).await?;
            lost |= number != 0 && number <= newcomer.above;
            session.release_marker(newcomer.marker).await.map_err(|error| loss_of_ids(&error))?;
        }
        self.number += u32::from(lost);
        taken.id_space = self.number;
        // No number at all: the space was lost after the snapshot, and the look before the next one must see that.
        self.id = Some(if id == 0 { u64::MAX } else { id });
        let marker = session.hold_newcomer().await.map_err(|error| loss_of_ids(&error))?;
        self.newcomer = Some(Newcomer { marker, above: id.saturating_add(taken.nodes / 2) });
        Ok(lost)
    }
}

async fn look(session: &Session, marker: &Marker) -> Result<u64, Error> {
    session.marker_id(marker).await.map_err(|error| loss_of_ids(&error))
}

fn loss_of_ids(error: &leakhunt_inspector::Error) -> Error {
    Error::lost("checking the object ids", error)
}

/// Is there room for the snapshot here? The app must not pay the pause for a file that cannot be kept. Gives how large that
/// file may become.
fn room_for(hunt: &Hunt<'_>, base: &Memory) -> Result<u64, Error> {
    let folder = hunt.record.store().expect("the folder was made before").folder();
    let failed = |source| Error::Store { path: folder.to_owned(), source };
    let expected = MOST_BESIDE.saturating_add(used(base).saturating_mul(MOST_PER_HEAP));
    let Some(free) = free_in(folder).map_err(failed)? else { return Ok(expected) };
    let need = base.used_size.saturating_mul(DISK_PER_HEAP);
    if free >= need {
        // Whoever tells the size of the heap tells that of the file too: the disk is not filled up for either.
        return Ok(expected.min(need.max(free.saturating_sub(DISK_SPARE))));
    }
    let (free, need) = (free as f64 / 1e6, need as f64 / 1e6);
    Err(failed(std::io::Error::other(format!(
        "{free:.0} MB are free, and a snapshot may need {need:.0} MB; it was not taken"
    ))))
}

/// The bytes that are free for this user in a folder; none where the file system does not tell.
fn free_in(folder: &Path) -> std::io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(folder)?;
    // Some network ones say zero of zero.
    Ok((disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize)))
}

/// Looks at the disk here before anything is done to the process. Of its heap nothing is known yet but that it is no larger
/// than all of its memory, so only a disk that could hold no snapshot at all refuses.
pub(crate) fn look_at_disk(hunt: &mut Hunt<'_>, resident: u64) -> Result<(), Error> {
    let folder = hunt.record.store().expect("the folder was made before").folder().to_owned();
    let failed = |source| Error::Store { path: folder.clone(), source };
    let Some(free) = free_in(&folder).map_err(failed)? else { return Ok(()) };
    let all = resident.saturating_mul(hunt.plan.samples.into());
    if free < DISK_SPARE {
        return Err(failed(std::io::Error::other(format!(
            "{:.0} MB are free, which is no room for a snapshot; nothing was done to the process",
            free as f64 / 1e6
        ))));
    }
    if free < all && hunt.plan.profile == Profile::Heap {
        hunt.record.warn(format!(
            "{:.0} MB are free in {}, and {} snapshots of a process of {:.0} MB may need {:.0} MB: the last ones may not be \
             taken (--out puts them on another disk)",
            free as f64 / 1e6,
            folder.display(),
            hunt.plan.samples,
            resident as f64 / 1e6,
            all as f64 / 1e6
        ));
    }
    Ok(())
}

/// A post-GC reading.
async fn settled(hunt: &mut Hunt<'_>) -> Result<Memory, Error> {
    collect(hunt).await.map(|(memory, _)| memory)
}

pub(crate) async fn collect(hunt: &mut Hunt<'_>) -> Result<(Memory, Duration), Error> {
    let session = session(hunt);
    let pause = session.collect_garbage().await.map_err(|error| Error::lost("collecting garbage", &error))?;
    let memory = session.memory().await.map_err(|error| Error::lost("reading memory", &error))?;
    hunt.app_time.collected(pause);
    note(hunt, &memory, true);
    Ok((memory, pause))
}

/// Waits until post-GC memory has grown by the plan's step, or its time is up.
async fn grown(hunt: &mut Hunt<'_>, sample: u32, base: &Memory) -> Result<Memory, Error> {
    let mut watch = Watch::new(used(base), hunt.plan.growth, hunt.plan.max_wait);
    let since = Instant::now();
    loop {
        tokio::time::sleep(POLL).await;
        let mut memory =
            session(hunt).memory().await.map_err(|error| Error::lost("reading memory", &error))?;
        note(hunt, &memory, false);
        let mut next = watch.raw(used(&memory), since.elapsed());
        let collected = next != Next::Wait;
        if collected {
            let pause;
            (memory, pause) = collect(hunt).await?;
            let after = watch.collected(used(&memory), pause, since.elapsed());
            next = if next == Next::TimeUp { next } else { after };
        }
        hunt.record.tell(Event::Reading {
            sample,
            used: used(&memory),
            settled: watch.settled(),
            due_at: watch.due_at(),
            collected,
            rss: memory.rss,
        });
        match next {
            Next::Grown => return Ok(memory),
            Next::TimeUp => {
                if watch.settled() < watch.due_at() {
                    hunt.record.warn(format!(
                        "snapshot {sample} was due by time: memory grew by {:.1} MB, not by {:.1} MB, in {:.0} s",
                        (watch.settled() as f64 - used(base) as f64) / 1e6,
                        hunt.plan.growth as f64 / 1e6,
                        hunt.plan.max_wait.as_secs_f64()
                    ));
                }
                return Ok(memory);
            }
            Next::Wait | Next::Collect => {}
        }
    }
}

/// What the growth rule watches: the heap and what it holds outside.
pub(crate) fn used(memory: &Memory) -> u64 {
    memory.used_size.saturating_add(memory.external)
}

pub(crate) fn note(hunt: &mut Hunt<'_>, memory: &Memory, collected: bool) {
    hunt.app_time.evaluated(memory.spent);
    let readings = &mut hunt.readings;
    if readings.len() == MOST_READINGS {
        let mut keep = false;
        readings.retain(|reading| {
            keep = !keep;
            keep || reading.collected
        });
    }
    readings.push(Reading {
        at: hunt.clock.now(),
        used_size: memory.used_size,
        external: memory.external,
        array_buffers: memory.array_buffers,
        rss: memory.rss,
        collected,
    });
}

/// Which snapshot, and what is expected of it.
struct Taking {
    sample: u32,
    of: u32,
    id_space: u32,
    prediction: Prediction,
    /// Its file is no larger.
    most: u64,
}

async fn take(hunt: &mut Hunt<'_>, taking: Taking, base: &Memory) -> Result<(), Error> {
    let Taking { sample, of, id_space, prediction, most } = taking;
    hunt.record.tell(Event::SnapshotStarted { sample, of, used: used(base) });
    let taken_at = hunt.clock.now();
    let since = Instant::now();
    let store = hunt.record.store().expect("the folder was made before");
    let folder = store.folder().to_owned();
    let failed = |source| Error::Store { path: folder.clone(), source };
    let mut incoming = store.incoming(&format!("{sample}.heapsnapshot"), most).map_err(failed)?;
    let route = route::route(hunt, base, &prediction).await?;
    let session = hunt.session.as_ref().expect("attached before sampled");
    let route = route.map(|directory| FileRoute {
        most,
        patience: prediction.patience(),
        ..FileRoute::new(directory)
    });
    let taken = bring_home(session, sample, route, &mut incoming, &mut hunt.record)
        .await
        .map_err(|error| Error::lost(&format!("snapshot {sample}"), &error))?;
    let bytes = incoming.bytes();
    let kept = incoming.keep().map_err(|error| {
        Error::incomplete(format!("snapshot {sample} is incomplete after {bytes} bytes: {error}"))
    })?;
    let took = since.elapsed();
    match taken.route {
        leakhunt_inspector::Route::Stream => hunt.app_time.snapshot(taken.pause),
        leakhunt_inspector::Route::File { .. } => hunt.app_time.snapshot_by_file(taken.pause),
    }
    hunt.snapshots.push(Snapshot {
        file: kept.file.clone(),
        sha256: kept.sha256,
        bytes: kept.bytes,
        nodes: kept.whole.nodes,
        edges: kept.whole.edges,
        taken_at,
        used_size: used(base),
        rss: base.rss,
        rss_after: None,
        predicted: prediction,
        pause_ms: millis(taken.pause),
        wall_ms: millis(took),
        wire_bytes: taken.wire_bytes,
        route: match taken.route {
            leakhunt_inspector::Route::Stream => Route::Stream,
            leakhunt_inspector::Route::File { .. } => Route::File,
        },
        id_space,
    });
    hunt.record.tell(Event::SnapshotDone {
        sample,
        of,
        file: kept.file,
        bytes: kept.bytes,
        wire_bytes: taken.wire_bytes,
        pause: taken.pause,
        took,
    });
    Ok(())
}

async fn bring_home(
    session: &Session,
    sample: u32,
    route: Option<FileRoute>,
    incoming: &mut Incoming,
    record: &mut Record<'_>,
) -> Result<Taken, leakhunt_inspector::Error> {
    let mut percent = None;
    let mut arriving = false;
    let progress = |progress| match progress {
        Progress::Taking { done, total } => {
            let now = (done.saturating_mul(100) / total.max(1)).min(100) as u8;
            if percent != Some(now) {
                percent = Some(now);
                record.tell(Event::SnapshotProgress { percent: now });
            }
        }
        Progress::Receiving { bytes, total } => {
            if !std::mem::replace(&mut arriving, true) {
                record.tell(Event::SnapshotArriving { sample });
            }
            record.tell(Event::Download { bytes, of: total });
        }
    };
    match route {
        Some(route) => session.snapshot_file(incoming, route, progress).await,
        None => session.snapshot_stream(incoming, progress).await,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
