//! What a hunt has taken and learned so far, and what it takes of the app for it. It is there from the moment at which the session
//! folder is, outlives the phases, and becomes `session.json`.

use leakhunt_inspector::{Count, Memory, Package, ProcessFacts};

use crate::data::{
    AppTime, Beside, Error, Numbers, Observation, Past, Profiled, Reading, Snapshot, WorkerThread,
};
use crate::hunt::Hunt;
use crate::record::{Clock, SessionFolder, SessionJson};

/// Readings kept for the chart; at two a second this is more than an hour, after that every other one is dropped.
const MOST_READINGS: usize = 8192;

/// What there is so far.
pub(crate) struct Evidence {
    pub(crate) folder: SessionFolder,
    clock: Clock,
    /// Who the process says it is.
    pub(crate) process: Option<ProcessFacts>,
    /// The worker thread whose heap is hunted, if it is not the main thread's.
    pub(crate) worker: Option<WorkerThread>,
    /// The packages that it has loaded, as far as that could be read.
    pub(crate) packages: Vec<Package>,
    /// How many objects the heap held, where they were counted.
    pub(crate) count: Option<Count>,
    /// What the snapshots so far have cost.
    pub(crate) past: Past,
    pub(crate) observations: Vec<Observation>,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) profiles: Vec<Profiled>,
    /// The allocation profile between the snapshots.
    pub(crate) allocations: Option<Profiled>,
    /// What snapshots leave out, where it was asked for.
    pub(crate) numbers: Vec<Numbers>,
    pub(crate) app_time: AppTime,
    readings: Vec<Reading>,
}

impl Evidence {
    pub(crate) fn new(folder: SessionFolder) -> Self {
        Self {
            folder,
            clock: Clock::start(),
            process: None,
            worker: None,
            packages: Vec::new(),
            count: None,
            past: Past::default(),
            observations: Vec::new(),
            snapshots: Vec::new(),
            profiles: Vec::new(),
            allocations: None,
            numbers: Vec::new(),
            app_time: AppTime::default(),
            readings: Vec::new(),
        }
    }

    /// The time, by a clock that nobody sets.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The version of Node.js; empty where the process did not tell it.
    pub(crate) fn node_version(&self) -> &str {
        self.process.as_ref().map_or("", |facts| facts.node_version.as_str())
    }

    /// Keeps a reading.
    pub(crate) fn note(&mut self, memory: &Memory, collected: bool) {
        self.app_time.evaluated(memory.spent);
        if self.readings.len() == MOST_READINGS {
            let mut keep = false;
            self.readings.retain(|reading| {
                keep = !keep;
                keep || reading.collected
            });
        }
        self.readings.push(Reading {
            at: self.now(),
            heap_used: memory.used_size,
            external: memory.external,
            array_buffers: memory.array_buffers,
            rss: memory.rss,
            collected,
        });
    }

    /// Makes the last reading an observation.
    pub(crate) fn observe(&mut self, beside: Beside) {
        if let Some(reading) = self.readings.last().cloned() {
            self.observations.push(Observation { reading, beside });
        }
    }

    /// Heap and external memory together, and the resident set, as they were read last.
    pub(crate) fn last_reading(&self) -> (u64, u64) {
        let last = self.readings.last();
        last.map_or((0, 0), |reading| (reading.heap_used.saturating_add(reading.external), reading.rss))
    }

    /// Writes `session.json` as things stand, so that a killed hunt leaves a folder that can be analysed.
    pub(crate) fn save(&self, hunt: &Hunt<'_>) -> Result<(), Error> {
        self.write(&self.document(hunt))
    }

    pub(crate) fn write(&self, document: &SessionJson<'_>) -> Result<(), Error> {
        self.folder.document("session.json", document).map_err(|error| self.folder.failed(error))
    }

    /// The document, before the end of the hunt is known.
    pub(crate) fn document<'e>(&'e self, hunt: &'e Hunt<'_>) -> SessionJson<'e> {
        SessionJson {
            process: self.process.as_ref().map(Into::into),
            worker: self.worker.as_ref(),
            packages: &self.packages,
            observations: &self.observations,
            snapshots: &self.snapshots,
            profiles: &self.profiles,
            allocations: self.allocations.as_ref(),
            numbers: &self.numbers,
            readings: &self.readings,
            warnings: hunt.record.warnings(),
            app_time: self.app_time,
            resident: self.past.resident(),
            ..SessionJson::new(hunt.plan, &hunt.target)
        }
    }
}
