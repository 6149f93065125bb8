//! Small findings for the tests of the formats.

use leakhunt_diagnosis::{
    Allocation, Call, CallTree, CallTrees, Cpu, EventLoop, Findings, Function, Growth, Holder, Hop, Hot,
    KeepingLine, Kind, Location, Memory, Owner, Package, SCHEMA_VERSION, Suspect, Text, Through, Unit,
    Verdict,
};

fn at(file: &str, line: u32) -> Location {
    Location {
        file: file.to_owned(),
        line,
        column: 5,
        function: Some("DiscountBanner".to_owned()),
        from: None,
    }
}

fn hop(edge: &str, class: &str, repeats: usize) -> Hop {
    Hop { edge: edge.to_owned(), class: class.to_owned(), id: 7, location: None, repeats }
}

fn growth() -> Growth {
    Growth {
        counts: vec![300, 600, 900],
        bytes: vec![1_000_000, 2_000_000, 3_000_000],
        per_step: 1_000_000,
        per_minute: Some(2_000_000),
    }
}

pub(crate) fn leak() -> Findings {
    let sentence = "setInterval callback in DiscountBanner (components/DiscountBanner.js:12) gained 300 \
                    DiscountBanner per snapshot, 1.0 MB. No line of DiscountBanner.js clears \
                    this.timer: call clearInterval when done.";
    Findings {
        schema_version: SCHEMA_VERSION,
        verdict: Verdict::Leak,
        sentence: format!("leak: {sentence}"),
        worker: None,
        memory: Memory {
            at_ms: vec![0, 30_000, 60_000],
            used: vec![10_000_000, 11_000_000, 12_000_000],
            external: vec![1_000_000, 1_000_000, 1_100_000],
            array_buffers: vec![80_000, 80_000, 80_000],
            rss: vec![50_000_000, 60_000_000, 65_000_000],
            left: vec![0, 9_000_000, 13_000_000],
            snapshot: vec![9_000_000, 10_000_000, 11_000_000],
            ..Memory::default()
        },
        outside: None,
        suspects: vec![Suspect {
            rank: 1,
            confidence: 0.95,
            share: 0.9,
            class: "DiscountBanner".to_owned(),
            key: "12,4,2,DiscountBanner".to_owned(),
            kind: Kind::Timer,
            sentence: sentence.to_owned(),
            location: Some(at("/app/components/DiscountBanner.js", 12)),
            original_location: None,
            holder: Some(Holder {
                kind: Kind::Timer,
                class: "Timeout".to_owned(),
                variable: None,
                location: None,
            }),
            package: None,
            known: None,
            path: vec![
                hop("", "(GC roots)", 1),
                hop("._idlePrev", "Timeout", 290),
                hop("._onTimeout", "Function", 1),
                hop(".this", "DiscountBanner", 1),
            ],
            strings: vec![Text { at: "countdown".to_owned(), length: 1024, value: None }],
            content: None,
            remedy: None,
            growth: growth(),
            bound: None,
            unread: Vec::new(),
        }],
        allocations: Vec::new(),
        cpu: None,
        warnings: Vec::new(),
        baseline: None,
    }
}

/// What a sampling profile of the same program tells.
pub(crate) fn allocations() -> Findings {
    let site = |rank, function: &str, location, called_from, self_size, share| Allocation {
        rank,
        function: function.to_owned(),
        location,
        original_location: None,
        called_from,
        line: None,
        self_size,
        grown: None,
        share,
    };
    let banner = || Some(at("/app/components/DiscountBanner.js", 12));
    let location = at("/app/components/DiscountBanner.js", 18);
    let line = KeepingLine { location, code: "text.join".to_owned(), is_seen: false };
    Findings {
        verdict: Verdict::Inconclusive,
        sentence:
            "of what was allocated while the profile lasted, most of what lives on comes from DiscountBanner"
                .to_owned(),
        memory: Memory::default(),
        outside: None,
        suspects: Vec::new(),
        allocations: vec![
            Allocation { line: Some(line), ..site(1, "slice", None, banner(), 6_000_000, 0.6) },
            site(2, "DiscountBanner", banner(), None, 4_000_000, 0.4),
        ],
        ..leak()
    }
}

/// What a CPU profile tells of a program that has one name for everything.
pub(crate) fn cpu(name: &str) -> Cpu {
    Cpu {
        lasted_ms: 60_000,
        busy: 0.5,
        garbage_collection: 0.2,
        native: 0.1,
        event_loop: Some(EventLoop {
            mean_delay_ms: 1.2,
            p99_delay_ms: 20.0,
            max_delay_ms: 31.0,
            utilization: 0.5,
        }),
        functions: vec![Hot {
            rank: 1,
            function: name.to_owned(),
            location: Some(at(name, 12)),
            original_location: None,
            called_from: Some(at(name, 4)),
            package: Some(Package { name: name.to_owned(), version: Some(name.to_owned()), through: None }),
            self_ms: 900.0,
            total_ms: 1_200.0,
            share: 0.4,
        }],
    }
}

/// The calls of a program that has one name for everything.
pub(crate) fn calls(name: &str) -> CallTrees {
    let function =
        |name: &str, owner, location, package| Function { name: name.to_owned(), owner, location, package };
    let package = Package { name: name.to_owned(), version: Some("6.19.2".to_owned()), through: None };
    let file = format!("/app/node_modules/{name}/index.js");
    let inner = Location { function: None, ..at(&file, 7) };
    let tree = |unit| CallTree {
        unit,
        functions: vec![
            function("(root)", Owner::Node, None, None),
            function(name, Owner::Program, Some(at("/app/shop.js", 12)), None),
            function("request", Owner::Package, Some(inner.clone()), Some(package.clone())),
        ],
        calls: vec![
            Call { function: 0, own: 0, total: 1_000, caller: None },
            Call { function: 1, own: 600, total: 1_000, caller: Some(0) },
            Call { function: 2, own: 400, total: 400, caller: Some(1) },
        ],
    };
    CallTrees { heap: Some(tree(Unit::Bytes)), cpu: Some(tree(Unit::Microseconds)) }
}

/// Names that try to steer the terminal, to become markup, to turn the text around and to fill the screen.
pub(crate) fn hostile() -> Findings {
    named(&format!(
        "<script>alert(1)</script>\u{1b}[2J\u{202e}\u{9b}31m|`*_[x](y)\n::error::x\" onload=\"{}",
        "A".repeat(1000)
    ))
}

/// A leak of a program that has one name for everything.
pub(crate) fn named(name: &str) -> Findings {
    let name = name.to_owned();
    let mut findings = leak();
    findings.sentence = format!("leak: {name}");
    findings.warnings = vec![name.clone()];
    let suspect = &mut findings.suspects[0];
    suspect.sentence = format!("{name} grew");
    suspect.class.clone_from(&name);
    suspect.location = Some(at(&name, 1));
    suspect.holder =
        Some(Holder { kind: Kind::Map, class: name.clone(), variable: Some(name.clone()), location: None });
    let through = Some(Through { name: name.clone(), version: Some(name.clone()) });
    suspect.package = Some(Package { name: name.clone(), version: Some(name.clone()), through });
    suspect.path = vec![hop(&name, &name, 2)];
    suspect.strings = vec![Text { at: name.clone(), length: 9, value: Some(name) }];
    let before = findings.clone();
    findings.compare_with(&before);
    findings
}
