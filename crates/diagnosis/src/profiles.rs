//! What lighter evidence says where there is no snapshot: observations of memory, a sampling profile, a CPU profile.

use crate::findings::{Allocation, Cpu, Findings, Memory, SCHEMA_VERSION, WorkerThread};
use crate::grown::{Opened, Outside, Totals};
use crate::observed::HeapTrend;
use crate::series::growth::minutes;
use crate::verdict::Reason;
use crate::wording::{self, Beside};

/// What these say, of which there is at least one. What profiles say of memory follows what was observed of it.
#[must_use]
pub fn judge_without_snapshots(
    observed: Memory,
    allocations: Option<Vec<Allocation>>,
    cpu: Option<Cpu>,
    worker: Option<WorkerThread>,
) -> Findings {
    let (outside, opened) = (Outside::of(&observed), Opened::of(&observed));
    let reason = reason(&observed, outside, opened);
    let minutes = minutes(&observed.at_ms);
    let beside = Beside { hunted: worker.as_ref(), workers: None, memory: &observed, minutes };
    let said = [
        reason.map(|reason| wording::verdict(reason, &[], beside)),
        allocations.as_deref().filter(|_| reason.is_none_or(Reason::is_of_heap)).map(wording::allocations),
    ];
    let memory_says = said.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let said = [Some(memory_says).filter(|said| !said.is_empty()), cpu.as_ref().map(wording::cpu)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let outside = reason.filter(|reason| !reason.is_of_heap()).and(outside);
    Findings {
        schema_version: SCHEMA_VERSION,
        verdict: reason.map_or(Reason::NoSnapshot, |reason| reason).verdict(),
        sentence: said.join("; CPU: "),
        outside: outside.map(|outside| outside.found(None, &observed)).or(opened.map(Opened::found)),
        worker,
        memory: observed,
        suspects: Vec::new(),
        allocations: allocations.unwrap_or_default(),
        cpu,
        warnings: Vec::new(),
        baseline: None,
    }
}

/// What the observations come to, where there are enough.
fn reason(observed: &Memory, outside: Option<Outside>, opened: Option<Opened>) -> Option<Reason> {
    let trend = HeapTrend::of(observed)?;
    let totals = Totals { first: *observed.used.first()?, last: *observed.used.last()? };
    Some(match (trend, outside, opened) {
        (HeapTrend::Growing { gain, .. }, Some(outside), _) if outside.gain() / 4 > gain => {
            Reason::Outside { outside, totals }
        }
        (HeapTrend::Growing { .. }, ..) => Reason::HeapObservedToGrow { totals },
        (_, Some(outside), _) => Reason::Outside { outside, totals },
        (_, None, Some(opened)) => Reason::Opened { opened, totals },
        (HeapTrend::Unclear, ..) => Reason::HeapObservedToRise { totals },
        (HeapTrend::Still, ..) => Reason::NothingObservedToGrow { totals },
    })
}
