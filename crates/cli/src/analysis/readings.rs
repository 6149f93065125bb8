//! What a hunt read of the process beside its evidence, as an analysis wants it.

use leakhunt_diagnosis::{Descriptors, Mappings, Memory, WorkerHeap, WorkerThread};
use leakhunt_report::{Beside, Session, Taken};

/// The readings that belong to these snapshots: of each the last one, after a garbage collection, before it.
pub(super) fn at_snapshots(session: &Session, snapshots: &[&Taken]) -> Memory {
    let mut memory = Memory::default();
    let mut first = None;
    // None where the clock was set back meanwhile: then no time is known.
    let mut at_ms: Vec<Option<u64>> = Vec::new();
    let mut left = Some(0);
    for taken in snapshots {
        let at = taken.taken_at;
        let before = session.readings.iter().rfind(|reading| reading.collected && reading.at <= at);
        let Some(reading) = before else { return Memory::default() };
        let since = at.duration_since(*first.get_or_insert(at));
        at_ms.push(u64::try_from(since.as_millis()).ok());
        memory.used.push(reading.heap_used);
        memory.external.push(reading.external);
        memory.array_buffers.push(reading.array_buffers);
        memory.rss.push(reading.rss);
        memory.left.extend(left);
        let more = taken.rss_after.map(|after| after.saturating_sub(taken.rss));
        left = left.zip(more).map(|(left, more)| left.saturating_add(more));
    }
    memory.at_ms = at_ms.into_iter().collect::<Option<_>>().unwrap_or_default();
    let beside: Vec<&Beside> = snapshots.iter().map(|taken| &taken.beside).collect();
    with(memory, &beside)
}

/// The observations, before which no snapshot has left anything.
pub(super) fn at_observations(session: &Session) -> Memory {
    let observed = &session.observations;
    let first = observed.first().map(|first| first.reading.at);
    let since = |at: jiff::Timestamp| u64::try_from(at.duration_since(first?).as_millis()).ok();
    let memory = Memory {
        at_ms: observed.iter().map(|one| since(one.reading.at)).collect::<Option<_>>().unwrap_or_default(),
        used: observed.iter().map(|one| one.reading.heap_used).collect(),
        external: observed.iter().map(|one| one.reading.external).collect(),
        array_buffers: observed.iter().map(|one| one.reading.array_buffers).collect(),
        rss: observed.iter().map(|one| one.reading.rss).collect(),
        left: vec![0; observed.len()],
        ..Memory::default()
    };
    let beside: Vec<&Beside> = observed.iter().map(|one| &one.beside).collect();
    with(memory, &beside)
}

/// The worker thread whose heap was hunted, if it was one's.
pub(super) fn worker(session: &Session) -> Option<WorkerThread> {
    let leakhunt_report::WorkerThread { thread, name, script } = session.worker.clone()?;
    Some(WorkerThread { thread, name, script })
}

/// How old the process was at the first snapshot: it was observed before, where there are observations.
pub(super) fn age_ms(session: &Session) -> Option<u64> {
    let attached = session.process.as_ref()?.uptime_seconds?.saturating_mul(1_000);
    let observed = session.observations.first().zip(session.snapshots.first()).map_or(0, |(first, taken)| {
        u64::try_from(taken.taken_at.duration_since(first.reading.at).as_millis()).unwrap_or(0)
    });
    Some(attached.saturating_add(observed))
}

/// With what was read beside each.
fn with(memory: Memory, beside: &[&Beside]) -> Memory {
    let workers = |beside: &Beside| Some(beside.workers.as_ref()?.iter().map(worker_heap).collect());
    Memory {
        descriptors: at_each(beside, |beside| beside.descriptors.map(descriptors)),
        resources: at_each(beside, |beside| beside.resources.clone()),
        workers: at_each(beside, workers),
        mappings: at_each(beside, |beside| beside.mappings.clone().map(mappings)),
        ..memory
    }
}

/// Nothing where it is not known of all.
fn at_each<T>(beside: &[&Beside], read: impl Fn(&Beside) -> Option<T>) -> Vec<T> {
    let all: Option<Vec<T>> = beside.iter().map(|one| read(one)).collect();
    all.unwrap_or_default()
}

fn descriptors(open: leakhunt_report::Descriptors) -> Descriptors {
    let leakhunt_report::Descriptors { all, sockets, pipes, files, others } = open;
    Descriptors { all, sockets, pipes, files, others }
}

fn worker_heap(heap: &leakhunt_report::WorkerHeap) -> WorkerHeap {
    let leakhunt_report::WorkerHeap { thread, name, script, used } = heap.clone();
    WorkerHeap { thread, name, script, used }
}

fn mappings(resident: leakhunt_report::Mappings) -> Mappings {
    let leakhunt_report::Mappings { main_arena, arenas, arena_count, stacks, files, others, .. } = resident;
    let leakhunt_report::Mappings { allocator, arena_max, .. } = resident;
    Mappings { main_arena, arenas, arena_count, stacks, files, others, allocator, arena_max }
}
