//! What a profile can say, and what it cannot.

use super::bound::time;
use super::size;
use crate::findings::{Allocation, Cpu, KeepingLine, Location};

/// The places of a profile, those of the function that is answerable for most first, in one sentence.
pub(crate) fn allocations(allocations: &[Allocation]) -> String {
    let Some(first) = allocations.first() else {
        return "nothing that was allocated while the profile lasted was still alive at its end".to_owned();
    };
    let lead = answerable(first);
    let of_lead = || allocations.iter().filter(|other| answerable(other) == lead);
    let place = lead.map_or_else(|| named(&first.function).to_owned(), at);
    let line = of_lead().find_map(|place| place.line.as_ref()).map_or_else(String::new, keeping);
    let ends = if line.is_empty() { "" } else { "," };
    let share = of_lead().map(|place| place.share).sum::<f64>().min(1.0) * 100.0;
    let grown: Option<u64> = of_lead().map(|place| place.grown).sum();
    match grown {
        None => format!(
            "of what was allocated while the profile lasted, most of what lives on comes from {place}{line}: {}, {share:.0} \
             %; a profile cannot tell a leak from a warm-up",
            size(of_lead().map(|place| place.self_size).sum())
        ),
        Some(0) => format!(
            "of what was allocated while the profile lasted {} lived at its end, and none of it had grown since half \
             time",
            size(allocations.iter().map(|place| place.self_size).sum())
        ),
        Some(grown) => format!(
            "what {place} allocates{line}{ends} lives on and grows: {} more at the end of the profile than at half time, {share:.0} \
             % of all that has grown; a profile cannot tell a leak from a warm-up, nor who holds it",
            size(grown)
        ),
    }
}

/// `, by ajv.compile (forms.js:13)`, or `, probably by …` where the source alone tells.
fn keeping(KeepingLine { location, code, is_seen }: &KeepingLine) -> String {
    let by = if *is_seen { "by" } else { "probably by" };
    format!(", {by} {code} ({}:{})", location.file, location.line)
}

/// The program's own function for which something is allocated; nothing where there is none, as far as the stack goes.
fn answerable(place: &Allocation) -> Option<&Location> {
    let own = place.original_location.as_ref().or(place.location.as_ref());
    place.called_from.as_ref().or(own)
}

/// Where the time went, in one sentence.
pub(crate) fn cpu(cpu: &Cpu) -> String {
    let lasted = time(cpu.lasted_ms);
    if cpu.lasted_ms == 0 {
        return "the CPU profile is too short to tell where time went".to_owned();
    }
    if cpu.busy == 0.0 {
        return format!("idle all the time, for {lasted}");
    }
    let garbage = format!("{:.0} % of that in garbage collection", cpu.garbage_collection * 100.0);
    let first = cpu.functions.first().map_or_else(String::new, |first| {
        let package = first.package.as_ref().map_or_else(String::new, |package| format!(" of {package}"));
        let best = first.original_location.as_ref().or(first.location.as_ref());
        let place = match (best, &first.called_from) {
            (_, Some(caller)) => format!(", for {}", at(caller)),
            (Some(best), None) => format!(" ({}:{})", best.file, best.line),
            (None, None) => String::new(),
        };
        format!(
            "; by itself {}{package}{place} takes most, {:.0} %",
            named(&first.function),
            first.share * 100.0
        )
    });
    format!("busy for {:.0} % of {lasted}, {garbage}{first}", cpu.busy * 100.0)
}

fn at(place: &Location) -> String {
    let function = place.function.as_deref().unwrap_or_default();
    format!("{} ({}:{})", named(function), place.file, place.line)
}

fn named(function: &str) -> &str {
    if function.is_empty() { "(anonymous)" } else { function }
}
