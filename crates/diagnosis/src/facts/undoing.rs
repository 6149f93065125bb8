//! What the program does against the growth: takes out of the collection, clears the timer, removes the listener; as far as its
//! source and the heap tell.

use super::code::Code;
use crate::held::Held;
use crate::naming::{Holder, Name, known, known_whole, name_of_key};
use crate::source::{Act, Kept, Known, Place, Runs, Sources, Trace, Traces, Written};
use crate::suspects::Suspect;
use crate::view::View;

/// What the program does against the growth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undoing {
    /// Nobody knows: the source is not at hand, or what is done there is done under other names.
    Unknown,
    /// Nothing in the heap keeps the handle that it would take; where it is made, if the source tells.
    Impossible(Option<Place>),
    /// The line that makes the handle drops it; whether something else keeps it nobody knows.
    Dropped(Place),
    /// No line of this file does, nor of any other.
    Nowhere { file: String },
    /// These places do, and no other if `is_all`.
    There { places: Vec<Trace>, is_all: bool },
    /// What is put in or taken out depends on the size.
    Limit(Box<Trace>),
}

/// What is done with the thing that grows, or with the handle of what does.
pub(crate) struct Done {
    /// Where something is put in.
    pub(crate) insertion: Option<Written>,
    /// Where a promise is waited for.
    pub(crate) waits: Vec<Written>,
    pub(crate) undoing: Undoing,
    /// What the handle is kept in, as it is written.
    pub(crate) handle: Option<String>,
}

impl Done {
    fn undone(undoing: Undoing) -> Self {
        Self { insertion: None, waits: Vec::new(), undoing, handle: None }
    }
}

/// What the program does with what a suspect is held by.
pub(super) fn done(
    suspect: &Suspect,
    held: &Held,
    holder: &Holder,
    code: Option<&Code>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Done {
    let call = code.and_then(|code| code.call.as_ref());
    let traces = |known: &Known, acts: &[Act]| sources.traces(&view.scripts, known, acts);
    let holder_known = || known(holder.name.as_ref()?, view, sources);
    match held {
        Held::Timer { is_kept, .. } => match call.map(|call| (&call.result, &call.place)) {
            Some((Kept::Nowhere, place)) if *is_kept => Done::undone(Undoing::Dropped(place.clone())),
            Some((Kept::Nowhere, place)) => Done::undone(Undoing::Impossible(Some(place.clone()))),
            Some((Kept::In(known, written), _)) => {
                let undoing = undoing(traces(known, &[Act::Stop, Act::Close]));
                Done { handle: Some(written.clone()), ..Done::undone(undoing) }
            }
            _ if !is_kept => Done::undone(Undoing::Impossible(None)),
            _ => Done::undone(Undoing::Unknown),
        },
        Held::Listener { event, .. } => {
            let Some((call, emitter)) = call.and_then(|call| Some((call, call.emitter.as_ref()?))) else {
                return Done::undone(Undoing::Unknown);
            };
            let event = call.event.as_deref().or(event.as_deref());
            Done::undone(undoing(sources.removals_of_listener(&view.scripts, emitter, event)))
        }
        Held::Collection { .. } | Held::Object | Held::Closure { .. } => {
            let known = slot_known(suspect, holder.name.as_ref(), view, sources).or_else(holder_known);
            let done = known.map(|known| of_known(&known, holder, view, sources));
            let mut done = done.unwrap_or_else(|| Done::undone(Undoing::Unknown));
            done.insertion = done.insertion.or_else(|| elsewhere(held, holder, view, sources));
            done
        }
        // Who reads a stream of the Web's does so by a reader of its.
        Held::Stream { is_web: false, .. } => {
            let Some(known) = holder_known() else { return Done::undone(Undoing::Unknown) };
            Done::undone(undoing(traces(&known, &[Act::Read])))
        }
        Held::Native { .. } => {
            let Some(handle) = call.and_then(|call| call.emitter.as_ref()) else {
                return Done::undone(Undoing::Unknown);
            };
            Done::undone(undoing(traces(handle, &[Act::Close])))
        }
        Held::Promise { is_pending: true, .. } => {
            let waits = holder_known().map(|known| traces(&known, &[Act::Wait]));
            Done { waits: waits.map_or_else(Vec::new, again_and_again), ..Done::undone(Undoing::Unknown) }
        }
        Held::Stream { .. } | Held::Promise { .. } | Held::List => Done::undone(Undoing::Unknown),
    }
}

/// The variable or field that grows, where that is one of several of the container's.
fn slot_known(
    suspect: &Suspect,
    name: Option<&Name>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Known> {
    let cluster = &suspect.cluster;
    let slot =
        cluster.slot.as_ref().filter(|slot| name.is_some_and(|name| name.bare() != name_of_key(slot)))?;
    let constructors = view.constructors(cluster.container).filter_map(|at| view.graph.spot(at));
    let of_class = constructors.into_iter().find_map(|spot| sources.known_field(&view.scripts, slot, spot));
    of_class.or_else(|| known(name?, view, sources)?.field(slot))
}

fn undoing(traces: Traces) -> Undoing {
    match (traces.found.is_empty(), traces.is_all) {
        (true, true) => Undoing::Nowhere { file: traces.file },
        (true, false) => Undoing::Unknown,
        (false, is_all) => Undoing::There { places: traces.found, is_all },
    }
}

/// The places in functions, which may run again; or else all of them.
fn again_and_again(traces: Traces) -> Vec<Written> {
    let (inside, outside): (Vec<Trace>, Vec<Trace>) =
        traces.found.into_iter().partition(|trace| trace.within.is_some());
    let places = if inside.is_empty() { outside } else { inside };
    places.into_iter().map(|trace| Written { place: trace.place, code: trace.code }).collect()
}

fn of_known(known: &Known, holder: &Holder, view: &View<'_>, sources: &Sources<'_>) -> Done {
    let traces = |known: &Known, acts: &[Act]| sources.traces(&view.scripts, known, acts);
    let put = traces(known, &[Act::Insert, Act::Append]);
    let taken = |known: &Known| traces(known, &[Act::Remove, Act::Assign]);
    // What takes an element out of the whole takes all that is in the element.
    let whole = holder.name.as_ref().filter(|name| name.is_element());
    let whole = whole.and_then(|name| known_whole(name, view, sources));
    let all = whole.map_or_else(|| taken(known), |whole| taken(known).and(taken(&whole)));
    of_container(&put, all, holder.name.as_ref())
}

/// What is put into a container, and taken out of it or limited.
fn of_container(put: &Traces, taken: Traces, name: Option<&Name>) -> Done {
    let limit = |trace: &Trace| trace.check.as_ref().and_then(|check| check.limit.clone());
    let has_limit = |trace: &&Trace, not: Runs| limit(trace).is_some_and(|limit| limit.runs != not);
    let insertion = put
        .found
        .first()
        .map(|first| Written { place: first.place.clone(), code: in_words(&first.code, name) });
    // One place that puts in whatever the size is makes the limit of the others none.
    let is_limited = !put.found.is_empty() && put.found.iter().all(|trace| has_limit(&trace, Runs::Beyond));
    let of_put = put.found.first().filter(|_| is_limited);
    let of_taken = || taken.found.iter().find(|trace| has_limit(trace, Runs::Below));
    let limit = of_put.or_else(of_taken).cloned();
    let mut undoing = limit.map_or_else(|| undoing(taken), |trace| Undoing::Limit(Box::new(trace)));
    if let Undoing::There { places, .. } = &mut undoing {
        places.iter_mut().for_each(|trace| trace.code = in_words(&trace.code, name));
    }
    // Of what a bundler has put together, the part in which people look.
    if let Undoing::Nowhere { file } = &mut undoing
        && let Some(original) = name.and_then(|name| name.declared.as_ref()?.original.as_ref())
    {
        file.clone_from(&original.location.file);
    }
    Done { insertion, waits: Vec::new(), undoing, handle: None }
}

/// A call as people wrote it, where a bundler has made the name shorter.
fn in_words(code: &str, name: Option<&Name>) -> String {
    let of_name = name.and_then(|name| Some((name, code.strip_prefix(name.bare())?)));
    of_name.map_or_else(|| code.to_owned(), |(name, rest)| format!("{}{rest}", name.original()))
}

/// Where something is put into a field of what no variable leads to, if there is one field of that name.
fn elsewhere(held: &Held, holder: &Holder, view: &View<'_>, sources: &Sources<'_>) -> Option<Written> {
    let is_container = matches!(held, Held::Collection { .. } | Held::Object);
    let name = holder.name.as_ref().filter(|name| is_container && name.is_field())?;
    let file = &name.declared.as_ref()?.location.file;
    let anywhere =
        || sources.insertion_elsewhere(&view.scripts, name.bare()).filter(|_| name.is_of_program());
    sources.insertion_in(file, name.bare()).or_else(anywhere)
}
