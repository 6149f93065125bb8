//! A timer that takes out again and again what has become too old.

use leakhunt_heap::{EdgeType, NodeType};

use crate::facts::{Facts, Undoing};
use crate::findings::Bound;
use crate::graph::Node;
use crate::held::{Held, again};
use crate::source::Sources;
use crate::suspects::Suspect;
use crate::view::View;

/// Who sees nothing grow old for so many milliseconds waits no longer.
const LONGEST: u64 = 600_000;

/// The bound by a sweep.
pub(super) fn bound(
    suspect: &Suspect,
    facts: &Facts,
    at_ms: &[u64],
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Bound> {
    let holds = matches!(facts.held, Held::Collection { .. } | Held::Object) && !suspect.is_in_place();
    let Undoing::There { places, .. } = &facts.done.undoing else { return None };
    let watched = at_ms.first().zip(at_ms.last()).map_or(0, |(first, last)| last.saturating_sub(*first));
    if !holds || watched > LONGEST {
        return None;
    }
    let mut closures =
        view.graph.spots().filter(|(node, _)| view.graph.kind(*node) == NodeType::Closure).filter_map(
            |(function, spot)| Some((spot, handed(function, view).find_map(|timer| again(timer, view))?)),
        );
    closures.find_map(|(spot, again)| {
        let swept = places.iter().find_map(|trace| sources.swept_by(&view.scripts, spot, trace))?;
        (again.repeats || sources.starts_timers(&view.scripts, spot))
            .then(|| Bound::Sweep { every_ms: again.delay_ms, location: swept.best().clone() })
    })
}

/// What has a function to call, bound or not.
fn handed<'v>(function: Node, view: &'v View<'_>) -> impl Iterator<Item = Node> + 'v {
    let bound = view
        .retainers(function)
        .filter(|edge| edge.kind == EdgeType::Internal && view.graph.edge_name(*edge) == "bound_function");
    let functions = std::iter::once(function).chain(bound.map(|edge| edge.from));
    functions.flat_map(|function| view.retainers(function)).map(|edge| edge.from)
}
