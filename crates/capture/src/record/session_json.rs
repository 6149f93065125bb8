//! `session.json`: what the folder is about, for people, scripts and the analysis.

use leakhunt_inspector::{Package, ProcessFacts};
use serde::Serialize;

use crate::data::{
    AppTime, Numbers, Observation, Plan, Profiled, Reading, Receipt, Resident, Snapshot, WorkerThread,
};

/// Raised when a reader of the old form would misread the new one.
const SCHEMA_VERSION: u32 = 1;

/// The process under study.
#[derive(Serialize)]
pub(crate) struct Process<'a> {
    pid: u32,
    /// Clock ticks since boot: with the pid, the process's identity.
    start_time: Option<u64>,
    node_version: &'a str,
    v8_version: &'a str,
    arch: &'a str,
    platform: &'a str,
    /// The command line, unless the program has set another; without secrets.
    title: String,
    cwd: Option<&'a str>,
    main_script: Option<&'a str>,
    dyno: Option<&'a str>,
    uptime_seconds: u64,
}

impl<'a> From<&'a ProcessFacts> for Process<'a> {
    fn from(facts: &'a ProcessFacts) -> Self {
        Self {
            pid: facts.pid,
            start_time: facts.start_ticks,
            node_version: &facts.node_version,
            v8_version: &facts.v8_version,
            arch: &facts.arch,
            platform: &facts.platform,
            title: leakhunt_text::cut(&facts.title),
            cwd: facts.cwd.as_deref(),
            main_script: facts.main_script.as_deref(),
            dyno: facts.dyno.as_deref(),
            uptime_seconds: facts.uptime.as_secs(),
        }
    }
}

/// The document.
#[derive(Serialize)]
pub(crate) struct SessionJson<'a> {
    pub(crate) schema_version: u32,
    pub(crate) tool_version: &'a str,
    pub(crate) target: &'a str,
    pub(crate) process: Option<Process<'a>>,
    /// The worker thread whose heap was hunted; none where it was the main thread's.
    pub(crate) worker: Option<&'a WorkerThread>,
    /// The packages that it has loaded: names and versions, and nothing else of their package.json.
    pub(crate) packages: &'a [Package],
    pub(crate) options: &'a Plan,
    /// What was read before snapshots, by which it was decided whether they are needed.
    pub(crate) observations: &'a [Observation],
    pub(crate) snapshots: &'a [Snapshot],
    pub(crate) profiles: &'a [Profiled],
    /// The profile of what was allocated between the first snapshot and the last, and lived then.
    pub(crate) allocations: Option<&'a Profiled>,
    /// Numbers that snapshots leave out, such as the limit of a cache, where the analysis asked for them.
    pub(crate) numbers: &'a [Numbers],
    pub(crate) readings: &'a [Reading],
    pub(crate) warnings: &'a [String],
    /// What the hunt took of the app's time.
    pub(crate) app_time: AppTime,
    /// What the snapshots took of the app's memory, and what it keeps of that.
    pub(crate) resident: Option<Resident>,
    /// Empty while the hunt is under way.
    pub(crate) outcome: Option<&'a str>,
    pub(crate) teardown: Option<&'a Receipt>,
}

impl<'a> SessionJson<'a> {
    pub(crate) fn new(plan: &'a Plan, target: &'a str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool_version: plan.tool_version,
            target,
            process: None,
            worker: None,
            packages: &[],
            options: plan,
            observations: &[],
            snapshots: &[],
            profiles: &[],
            allocations: None,
            app_time: AppTime::default(),
            resident: None,
            numbers: &[],
            readings: &[],
            warnings: &[],
            outcome: None,
            teardown: None,
        }
    }

    pub(crate) fn ended(mut self, outcome: &'a str, receipt: &'a Receipt) -> Self {
        (self.outcome, self.teardown) = (Some(outcome), Some(receipt));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::data::{
        Beside, Bound, Descriptors, EventLoop, Fallback, Hold, HoldWhen, Mappings, Prediction, Profile, Risk,
        Route, Seen, TeardownStep, Undone, WhichThread, WorkerHeap,
    };
    use crate::record::SessionFolder;

    /// `session.json` as it is written, every field with a value. The report's reader is held against the same file.
    const CONTRACT: &str = include_str!("../../../../tests/contracts/session.json");

    fn at(second: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_769_860_800 + second).unwrap()
    }

    fn plan() -> Plan {
        Plan {
            profile: vec![Profile::Sampling, Profile::Cpu, Profile::Heap],
            fallback: Some(Fallback::Sampling),
            route: Route::Auto,
            fetch_source_maps: true,
            accept: vec![Risk::Memory, Risk::Pause, Risk::Exposure],
            pid: Some(42),
            worker: Some(WhichThread::from("resize")),
            named: Some("server.js".into()),
            name: "shop-web.1".into(),
            tool_version: "0.1.0",
            hold: Some(Hold { when: HoldWhen::After, longest: Duration::from_secs(3600), browser: None }),
            ..Plan::default()
        }
    }

    fn process() -> ProcessFacts {
        ProcessFacts {
            pid: 42,
            start_ticks: Some(1234),
            node_version: "22.23.3".into(),
            v8_version: "12.4.254.21-node.33".into(),
            arch: "x64".into(),
            platform: "linux".into(),
            title: "node server.js".into(),
            cwd: Some("/app".into()),
            main_script: Some("/app/server.js".into()),
            uptime: Duration::from_secs(3600),
            dyno: Some("web.1".into()),
            untold: Vec::new(),
        }
    }

    fn package() -> Package {
        Package {
            name: "socket.io-adapter".into(),
            version: "2.4.0".into(),
            folder: "/app/node_modules/socket.io-adapter".into(),
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            file: "1.heapsnapshot".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            bytes: 30_000_000,
            nodes: 300_000,
            edges: 1_200_000,
            taken_at: at(10),
            used_size: 15_000_000,
            rss: 80_000_000,
            rss_after: Some(230_000_000),
            predicted: Prediction {
                peak: 250_000_000,
                limit: Some(512_000_000),
                limit_of: Some(Bound::Container),
                memory: 150_000_000,
                left: 140_000_000,
                pause: Duration::from_millis(900),
            },
            pause_ms: 850,
            wall_ms: 2100,
            wire_bytes: 4_000_000,
            route: Route::File,
            beside: beside(),
            id_space: 1,
        }
    }

    fn beside() -> Beside {
        Beside {
            descriptors: Some(Descriptors { all: 31, sockets: 6, pipes: 4, files: 12, others: 9 }),
            resources: Some(BTreeMap::from([("TCPSocketWrap".into(), 5), ("Timeout".into(), 2)])),
            workers: Some(vec![WorkerHeap {
                thread: 3,
                name: Some("resize".into()),
                script: Some("file:///app/worker.js".into()),
                used: 21_000_000,
            }]),
            mappings: Some(Mappings {
                main_arena: 12_000_000,
                arenas: 9_000_000,
                arena_count: 4,
                stacks: 300_000,
                files: 30_000_000,
                others: 28_000_000,
                allocator: Some("jemalloc".into()),
                arena_max: Some(2),
            }),
        }
    }

    fn profile() -> Profiled {
        Profiled {
            profile: Profile::Sampling,
            file: "1.heapprofile".into(),
            sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into(),
            bytes: 50_000,
            taken_at: at(20),
            duration_ms: 60_000,
            interval: 131_072,
            used_size: 16_000_000,
            rss: 81_000_000,
            event_loop: None,
        }
    }

    fn cpu_profile() -> Profiled {
        let (mean_delay_ms, p99_delay_ms, max_delay_ms, utilization) = (1.2, 20.5, 31.0, 0.42);
        Profiled {
            profile: Profile::Cpu,
            file: "1.cpuprofile".into(),
            interval: 1000,
            event_loop: Some(EventLoop { mean_delay_ms, p99_delay_ms, max_delay_ms, utilization }),
            ..profile()
        }
    }

    fn receipt() -> Receipt {
        Receipt {
            undone: vec![Undone {
                what: TeardownStep::Inspector,
                seen: Seen::Unverified,
                how: "process 42 still listens on port 9229".into(),
                ms: 12,
            }],
            by_hand: Some("`leakhunt cleanup` looks again".into()),
        }
    }

    #[test]
    fn what_is_written_is_the_contract() {
        let (plan, process, receipt) = (plan(), process(), receipt());
        let reading = Reading {
            at: at(5),
            heap_used: 14_000_000,
            external: 1_000_000,
            array_buffers: 20_000,
            rss: 80_000_000,
            collected: true,
        };
        let app_time = r#"{"evaluated_ms":1.5,"collections_ms":20.5,"collections":2,"profiles_ms":30.5,"snapshots_ms":850.5,"unfinished_ms":0.5}"#;
        let allocations = Profiled { file: "allocations.heapprofile".into(), interval: 524_288, ..profile() };
        let worker = WorkerThread {
            thread: 4,
            name: Some("resize".into()),
            script: Some("file:///app/resize.js".into()),
        };
        let document = SessionJson {
            process: Some((&process).into()),
            worker: Some(&worker),
            packages: &[package()],
            observations: &[Observation { reading: reading.clone(), beside: beside() }],
            snapshots: &[snapshot()],
            profiles: &[profile(), cpu_profile()],
            allocations: Some(&allocations),
            numbers: &[Numbers { object: 228_743, fields: BTreeMap::from([("max".to_owned(), 20_000.0)]) }],
            readings: &[reading],
            warnings: &["another debugger is attached".to_owned()],
            app_time: serde_json::from_str(app_time).unwrap(),
            resident: Some(Resident { before: 80_000_000, peak: Some(231_000_000), after: 230_000_000 }),
            ..SessionJson::new(&plan, "web.1 of shop")
        };
        let scratch = tempfile::tempdir().unwrap();
        let (folder, _) = SessionFolder::create(scratch.path(), "shop").unwrap();
        folder.document("session.json", &document.ended("done", &receipt)).unwrap();
        let written = std::fs::read_to_string(folder.path().join("session.json")).unwrap();
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(
            value(&written),
            value(CONTRACT),
            "tests/contracts/session.json is not what is written:\n{written}"
        );
    }
}
