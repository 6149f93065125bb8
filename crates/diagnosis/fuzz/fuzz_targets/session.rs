//! What `leakhunt analyze` makes of a session folder: any snapshots, any scripts and maps that they name, any session.json,
//! events and profiles; and of the findings, every report.
#![no_main]

use arbitrary::Arbitrary;
use leakhunt_diagnosis::{
    CallTrees, Descriptors, Evidence, Mappings, Memory, WorkerHeap, allocations, cpu, diagnose,
    grown_allocations, judge_without_snapshots, timeline,
};
use leakhunt_heap::{Error, Snapshot};
use leakhunt_heap_fuzz::Heap;
use leakhunt_report::{Report, Session, github, html, json, markdown, pprof, speedscope, text};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Folder {
    heaps: Vec<Heap>,
    session: String,
    events: String,
    profile: String,
    later_profile: String,
    cpu_profile: String,
    timeline: String,
    findings: Vec<u8>,
    script: String,
    map: String,
    spaces: Vec<u32>,
    memory: Vec<u64>,
    show_strings: bool,
}

fuzz_target!(|folder: Folder| {
    let texts: Vec<String> = folder.heaps.iter().take(4).map(Heap::text).collect();
    let sources =
        |name: &str| Some(if name.ends_with(".map") { folder.map.clone() } else { folder.script.clone() });
    let memory = Memory {
        at_ms: folder.memory.clone(),
        used: folder.memory.clone(),
        external: folder.memory.clone(),
        array_buffers: folder.memory.clone(),
        rss: folder.memory.clone(),
        left: folder.memory.clone(),
        descriptors: folder
            .memory
            .iter()
            .map(|count| Descriptors { files: *count, ..Descriptors::default() })
            .collect(),
        resources: folder.memory.iter().map(|count| [(folder.script.clone(), *count)].into()).collect(),
        workers: folder
            .memory
            .iter()
            .map(|used| vec![WorkerHeap { used: *used, ..WorkerHeap::default() }])
            .collect(),
        mappings: folder
            .memory
            .iter()
            .map(|bytes| Mappings { arenas: *bytes, others: *bytes, ..Mappings::default() })
            .collect(),
        snapshot: Vec::new(),
    };
    let evidence = Evidence {
        observed: memory.clone(),
        memory,
        id_spaces: &folder.spaces,
        show_strings: folder.show_strings,
        ..Evidence::of_sources(&sources)
    };
    let load = |at: usize| Snapshot::parse(texts[at].as_bytes(), 1);
    let Ok(mut findings) = diagnose::<Error>(texts.len(), load, &evidence) else { panic!("they are whole") };
    let (allocations, heap) = allocations(&folder.profile, &evidence).ok().unzip();
    let _ = grown_allocations(&folder.profile, &folder.later_profile, true, &evidence);
    let (cpu, time) = cpu(&folder.cpu_profile, &evidence).ok().unzip();
    let tracked = timeline(folder.timeline.as_bytes(), &evidence).ok();
    let calls = CallTrees { heap: heap.or(tracked.map(|(_, calls)| calls)), cpu: time };
    let _ = judge_without_snapshots(evidence.observed.clone(), allocations.clone(), cpu.clone(), None);
    (findings.allocations, findings.cpu) = (allocations.unwrap_or_default(), cpu);
    let session = Session::parse(folder.session.as_bytes(), &folder.events);
    if let Some(earlier) = json::parse(&folder.findings) {
        findings.compare_with(&earlier);
    }
    let report = Report { findings: &findings, session: session.as_ref() };
    let _ = (text::render(&report, 80, usize::MAX), markdown::render(&report));
    let _ = (html::render(&report, &[], &calls.shown()), pprof::render(&calls.exported()));
    let _ = speedscope::render(&report, &calls.exported());
    let _ = github::annotations(&findings, &str::to_owned);
    assert!(json::parse(json::render(&findings).as_bytes()).is_some(), "findings can be read again");
});
