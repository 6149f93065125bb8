//! The function that a growing object keeps, or runs in: the callback of a timer, a listener, an async function that waits.

use leakhunt_heap::EdgeType;

use crate::graph::Node;
use crate::held::Held;
use crate::packages::written_in;
use crate::shown::class_name;
use crate::source::{Author, Call, CallsWithin, Kept, Place, Sources};
use crate::view::View;

/// A function, and the call that was handed it.
pub(crate) struct Code {
    pub(crate) place: Place,
    pub(crate) author: Author,
    /// It is an async function that waits, not one that is called.
    pub(crate) awaited: bool,
    /// The calls of which it may be waiting for one.
    pub(crate) waits_for: Option<CallsWithin>,
    /// The class or function it is written in.
    pub(crate) part: Option<String>,
    pub(crate) call: Option<Call>,
    /// It is written where that call is handed it.
    pub(crate) is_inline: bool,
}

impl Code {
    /// The call that it waits for, if it is known which.
    pub(crate) fn only_wait(&self) -> Option<&Place> {
        match self.waits_for.as_ref()?.places.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// The function that runs, or would run, for a growing object, and the call that was handed it.
pub(crate) fn code(held: &Held, view: &View<'_>, sources: &Sources<'_>) -> Option<Code> {
    let callback = held.callback()?;
    let closure = callback.runs;
    let spot = view.graph.spot(closure)?;
    let function = view.scripts.function(spot).map(str::to_owned);
    let inline = sources.call_with(&view.scripts, spot);
    let part = sources.part_around(&view.scripts, spot).or_else(|| this_class(closure, view));
    let callees: &[&str] = match held {
        Held::Timer { .. } => &["setInterval", "setTimeout", "setImmediate"],
        Held::Listener { .. } => &[
            "on",
            "once",
            "addListener",
            "prependListener",
            "prependOnceListener",
            "addEventListener",
            "subscribe",
            "use",
        ],
        _ => &[],
    };
    let by_name = || sources.call_naming(&view.scripts, spot, function.as_deref()?, callees);
    let by_part = || sources.call_by_names(&view.scripts, spot, part.as_deref()?, callees);
    let inline = inline.filter(|_| callback.handed == closure);
    let is_inline = inline.is_some();
    let (place, call) = match inline {
        Some(call) => (sources.place(&view.scripts, spot, function)?, Some(call)),
        None => match by_name().or_else(by_part) {
            Some(call) => (call.place.clone(), Some(call)),
            None => {
                let place = sources.place(&view.scripts, spot, function)?;
                // What a package was asked for by, its own timer does not tell.
                let is_wrapped =
                    written_in(callback.handed, view, sources).is_some() && callback.handed != closure;
                (place.clone(), timer_call(held, place).filter(|_| !is_wrapped))
            }
        },
    };
    let awaited = callback.is_awaited(view);
    Some(Code {
        awaited,
        waits_for: sources.awaited_by(&view.scripts, spot).filter(|_| awaited),
        author: view.scripts.author(spot),
        part,
        call,
        is_inline,
        place,
    })
}

/// By which call a timer was made, as its object tells it.
fn timer_call(held: &Held, place: Place) -> Option<Call> {
    let Held::Timer { repeats: Some(repeats), .. } = held else { return None };
    let callee = if *repeats { "setInterval" } else { "setTimeout" };
    Some(Call {
        place,
        callee: callee.to_owned(),
        result: Kept::Unknown,
        emitter: None,
        event: None,
        is_once: false,
    })
}

/// The class whose method made a closure: that of its context's `this`.
fn this_class(closure: Node, view: &View<'_>) -> Option<String> {
    let mut context = view.graph.internal(closure, "context")?;
    for _ in 0..4 {
        let this = view
            .graph
            .edges(context)
            .find(|edge| edge.kind == EdgeType::Context && view.graph.edge_name(*edge) == "this");
        if let Some(this) = this {
            return Some(class_name(view, this.to)).filter(|class| class != "Object");
        }
        context = view.graph.internal(context, "previous")?;
    }
    None
}
