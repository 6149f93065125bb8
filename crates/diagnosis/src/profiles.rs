//! Findings where there are profiles and no snapshot: what they can say, and what they cannot.

use crate::findings::{Allocation, Cpu, Findings, Memory, SCHEMA_VERSION, Verdict};
use crate::wording;

/// What a sampling profile and a CPU profile say, of which there is at least one.
#[must_use]
pub fn judge_profiles(allocations: Option<Vec<Allocation>>, cpu: Option<Cpu>) -> Findings {
    let said = [allocations.as_deref().map(wording::allocations), cpu.as_ref().map(wording::cpu)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    Findings {
        schema_version: SCHEMA_VERSION,
        verdict: Verdict::Inconclusive,
        sentence: said.join("; CPU: "),
        memory: Memory::default(),
        outside: None,
        suspects: Vec::new(),
        allocations: allocations.unwrap_or_default(),
        cpu,
        warnings: Vec::new(),
        baseline: None,
    }
}
