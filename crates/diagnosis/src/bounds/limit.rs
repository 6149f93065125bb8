//! A limit of the holder's own that can be seen, where it holds less.

use leakhunt_heap::{EdgeType, NodeType};

use crate::evidence::ReadNumbers;
use crate::facts::{Facts, Undoing};
use crate::findings::{Bound, Unread};
use crate::graph::{Edge, Node};
use crate::held::Held;
use crate::naming::{names_of, pick};
use crate::source::{Author, OfField, Place, Sources};
use crate::suspects::Suspect;
use crate::view::View;

/// What packages call the field that says how many entries there may be (lru-cache, quick-lru, tiny-lru, lru_map, mnemonist,
/// node-cache), and people their own; as [`plain`] has them.
const LIMITS: [&str; 10] = [
    "max",
    "maxsize",
    "maxitems",
    "maxentries",
    "maxlength",
    "maxkeys",
    "maxcount",
    "limit",
    "capacity",
    "sizelimit",
];
/// Options of lru-cache (`length` before its version 7) by which entries are weighed: its limit is then not one of their number.
const WEIGHS: [&str; 2] = ["sizeCalculation", "length"];
/// What they may weigh together.
const HEAVIEST: &str = "maxSize";
/// Lists of links, and how many bytes each link has.
const LINKS: [(&str, u64); 3] = [("Uint8Array", 1), ("Uint16Array", 2), ("Uint32Array", 4)];
/// Shorter lists than this are as long as another by chance.
const SHORTEST: u64 = 32;
/// What V8 calls `undefined`: until 12.4 (Node 22), and later (13.6, Node 24).
const UNDEFINED: [&str; 2] = ["system / Oddball", "undefined"];
/// An array without its elements, and their header, in bytes, on 64 bits without compressed pointers, as Node.js is built.
const BARE: u64 = 32 + 16;

/// The limit of the holder, or of the object whose field it is.
pub(super) fn bound(
    suspect: &Suspect,
    facts: &Facts,
    view: &View<'_>,
    sources: &Sources<'_>,
    numbers: &[ReadNumbers],
) -> Option<Bound> {
    let holds = matches!(facts.held, Held::Collection { .. } | Held::Object | Held::List);
    let held = *suspect.cluster.counts.last().filter(|_| holds && !suspect.is_in_place())?;
    let bytes = *suspect.cluster.bytes.last()?;
    let of_owner = owners(suspect, facts, view).find_map(|owner| {
        let room = || room(owner, view).or_else(|| prepared(suspect.holder, view)).map(Most::Entries);
        let numbers = if limits_entries(owner, facts, view) { numbers } else { &[] };
        let told = number(owner, view, numbers).or_else(room).map(|limit| (limit, None));
        let handed_on = || handed_on(owner, facts, view, sources);
        let (most, place) = told.or_else(|| written(owner, view, sources)).or_else(handed_on)?;
        let location = place.map(|place| place.best().clone());
        let bound = match most {
            Most::Entries(limit) => Some(Bound::Limit { held, limit, location }).filter(|_| held <= limit),
            // Counted, or measured in characters, bytes or kilobytes, as is usual, entries weigh no more than their bytes.
            Most::Weight(limit) => {
                Some(Bound::Weight { bytes, limit, location }).filter(|_| held.max(bytes) <= limit)
            }
        };
        Some(bound)
    });
    let known = |field: &OfField| {
        owners(suspect, facts, view).find_map(|owner| {
            numbers_of(owner, view, numbers)
                .find(|(name, _)| *name == field.name)
                .map(|(_, number)| field.of(number))
        })
    };
    of_owner.unwrap_or_else(|| checked(held, facts, known))
}

/// The number that the code compares the size with before it puts something in, or takes something out; of a field `known` has it.
fn checked(held: u64, facts: &Facts, known: impl Fn(&OfField) -> Option<u64>) -> Option<Bound> {
    let Undoing::Limit(trace) = &facts.done.undoing else { return None };
    let check = trace.check.as_ref()?;
    let compared = check.limit.as_ref()?;
    let limit = compared.number.or_else(|| known(compared.field.as_ref()?)).filter(|limit| held <= *limit)?;
    Some(Bound::Limit { held, limit, location: Some(check.place.best().clone()) })
}

/// The field whose number the code compares the size with.
fn compared_with(facts: &Facts) -> Option<&str> {
    let Undoing::Limit(trace) = &facts.done.undoing else { return None };
    Some(&trace.check.as_ref()?.limit.as_ref()?.field.as_ref()?.name)
}

/// What may have the limit: the holder, or what it is a field or a variable of.
fn owners<'v>(suspect: &Suspect, facts: &Facts, view: &'v View<'_>) -> impl Iterator<Item = Node> + use<'v> {
    let (holder, identity) = (suspect.holder, facts.holder.identity);
    let is_owner = move |edge: &Edge| match edge.kind {
        EdgeType::Property => edge.from != holder && view.graph.spot(edge.from).is_some(),
        kind => kind == EdgeType::Context,
    };
    let above = view.retainers(holder).find(is_owner).map(|edge| edge.from);
    std::iter::once(identity).chain(above.filter(|above| *above != identity))
}

/// The numbers that would tell the limit, and that snapshots leave out.
pub(crate) fn unread(
    suspect: &Suspect,
    facts: &Facts,
    view: &View<'_>,
    numbers: &[ReadNumbers],
) -> Vec<Unread> {
    if !matches!(facts.held, Held::Collection { .. } | Held::Object | Held::List) || suspect.is_in_place() {
        return Vec::new();
    }
    let compared = compared_with(facts);
    let unread = owners(suspect, facts, view).filter_map(|owner| {
        let object = view.graph.id(owner);
        let mut asked: Vec<String> =
            numbers_kept(owner, view).into_iter().filter(|name| is_limit(name)).collect();
        // The shape of an object that has many fields has not their names.
        let is_object = |name: &str| fields(owner, view).any(|edge| view.graph.edge_name(edge) == name);
        let compared = compared.filter(|name| !asked.iter().any(|asked| asked == name) && !is_object(name));
        asked.extend(compared.map(str::to_owned));
        let is_known = asked.is_empty() || numbers.iter().any(|known| known.object == object);
        (!is_known && limits_entries(owner, facts, view)).then_some(Unread { object, fields: asked })
    });
    unread.collect()
}

/// Whether a field that is called like a limit is one of the entries: in a class of the program's own it is where the source
/// compares their number with something. That of a limiter is one of requests.
fn limits_entries(owner: Node, facts: &Facts, view: &View<'_>) -> bool {
    let is_own = view.graph.spot(owner).is_some_and(|spot| view.scripts.author(spot) == Author::User);
    !is_own || matches!(facts.done.undoing, Undoing::Limit(_))
}

/// How much a holder takes.
enum Most {
    Entries(u64),
    /// By a measure of the program's own.
    Weight(u64),
}

/// The number in a field, which only snapshots with `exposeNumericValues` have, or else the process has told.
fn number(owner: Node, view: &View<'_>, numbers: &[ReadNumbers]) -> Option<Most> {
    let mut limits =
        numbers_of(owner, view, numbers).filter(|(field, limit)| is_limit(field) && *limit >= 1.0);
    limits.next().map(|(field, limit)| {
        // The maxSize of a class that can weigh is a weight; quick-lru's is a number of entries.
        let weighs = plain(&field) == plain(HEAVIEST) && can_weigh(owner, view);
        if weighs { Most::Weight(limit as u64) } else { Most::Entries(limit as u64) }
    })
}

/// The fields that have a number, as far as that is known.
fn numbers_of<'v>(
    owner: Node,
    view: &'v View<'_>,
    numbers: &'v [ReadNumbers],
) -> impl Iterator<Item = (String, f64)> + 'v {
    let shown = fields(owner, view).filter_map(|edge| {
        let value = view.graph.internal(edge.to, "value")?;
        let number = view.graph.name(value).parse::<f64>().ok()?;
        let is_number = view.graph.kind(edge.to) == NodeType::Number;
        is_number.then(|| (view.graph.edge_name(edge).into_owned(), number))
    });
    let object = view.graph.id(owner);
    let of_object = numbers.iter().filter(move |known| known.object == object);
    shown.chain(of_object.flat_map(|known| known.fields.clone()))
}

fn can_weigh(owner: Node, view: &View<'_>) -> bool {
    fields(owner, view).any(|edge| view.graph.edge_name(edge) == WEIGHS[0])
}

/// The room of a cache that has made all of it beforehand, as lru-cache and mnemonist do: an array beside lists of links of the
/// same length, which cannot grow.
fn room(owner: Node, view: &View<'_>) -> Option<u64> {
    let fields: Vec<Node> = fields(owner, view).map(|edge| edge.to).collect();
    let links = fields.iter().find_map(|node| {
        let (_, width) = LINKS.iter().find(|(class, _)| view.is_builtin(*node, &[class]))?;
        let data = view.graph.internal(view.graph.internal(*node, "buffer")?, "backing_store")?;
        Some(u64::from(view.graph.size(data)) / width)
    })?;
    let is_as_long = |node: &&Node| {
        let elements = view.graph.internal(**node, "elements");
        let bytes =
            u64::from(view.graph.size(**node)) + elements.map_or(0, |node| view.graph.size(node).into());
        view.is_builtin(**node, &["Array"]) && bytes.saturating_sub(BARE) / 8 == links
    };
    fields.iter().find(is_as_long).map(|_| links).filter(|links| *links >= SHORTEST)
}

/// The length of a list that was filled with `undefined` beforehand, as lru.min does: V8 fills up with something else where it makes
/// room itself.
fn prepared(list: Node, view: &View<'_>) -> Option<u64> {
    if !view.is_builtin(list, &["Array"]) {
        return None;
    }
    let is_undefined = |edge: &Edge| UNDEFINED.contains(&&*view.graph.name(edge.to));
    let elements = || view.graph.edges(list).filter(|edge| edge.kind == EdgeType::Element);
    let left = elements().filter(is_undefined).count() as u64;
    (left >= SHORTEST).then(|| elements().count() as u64)
}

/// The number that the program makes it with, where the heap shows that it keeps one.
fn written(owner: Node, view: &View<'_>, sources: &Sources<'_>) -> Option<(Most, Option<Place>)> {
    if !keeps_a_limit(owner, view) {
        return None;
    }
    let (_, place) = pick(names_of(view, owner), view, sources)?;
    let place = place?;
    let options = sources.made_with(&place);
    let option = |name: &str| options.iter().find(|(key, _)| key.as_deref() == Some(name));
    if let Some((_, heaviest)) = option(HEAVIEST).filter(|_| can_weigh(owner, view)) {
        return heaviest.map(|limit| (Most::Weight(limit), Some(place)));
    }
    if WEIGHS.iter().any(|key| option(key).is_some()) {
        return None;
    }
    let named = options.iter().find(|(key, _)| key.as_deref().is_some_and(is_limit));
    let (_, limit) = named.or_else(|| options.iter().find(|(key, _)| key.is_none()))?;
    limit.map(|limit| (Most::Entries(limit), Some(place)))
}

/// The number that the program makes with what it reaches a package's cache through, where that cache keeps a limit and lies in a field
/// of the option's name: `new Liquid({ cache: 3000 })` has an LRU in `cache`.
fn handed_on(
    owner: Node,
    facts: &Facts,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<(Most, Option<Place>)> {
    if !keeps_a_limit(owner, view) {
        return None;
    }
    let place = facts.holder.reached_through.as_ref()?.place.as_ref()?;
    let options = sources.made_with(place);
    let kept = view.retainers(owner).filter(|edge| edge.kind == EdgeType::Property);
    let fields: Vec<String> = kept.map(|edge| plain(&view.graph.edge_name(edge))).collect();
    let is_meant = |key: &str| fields.iter().any(|field| limits(&plain(key), field));
    let (_, limit) = options.iter().find(|(key, _)| key.as_deref().is_some_and(is_meant))?;
    limit.map(|limit| (Most::Entries(limit), Some(place.clone())))
}

/// Does an option limit what lies in a field: `cache`, `cacheSize`, `maxCache` that in `cache`?
fn limits(option: &str, field: &str) -> bool {
    let Some((before, behind)) = option.split_once(field).filter(|_| !field.is_empty()) else { return false };
    let is_word = |word: &str| word.is_empty() || word == "size" || LIMITS.contains(&word);
    is_word(before) && is_word(behind)
}

fn keeps_a_limit(owner: Node, view: &View<'_>) -> bool {
    numbers_kept(owner, view).iter().any(|name| is_limit(name))
}

/// The names of an object's fields that hold a number: V8 writes no reference for a number, but the shape of the object has the
/// names of all fields.
fn numbers_kept(owner: Node, view: &View<'_>) -> Vec<String> {
    let graph = view.graph;
    let shape = || graph.internal(graph.internal(owner, "map")?, "descriptors");
    let Some(descriptors) = shape() else { return Vec::new() };
    let references: Vec<_> = fields(owner, view).map(|edge| graph.edge_name(edge)).collect();
    let names = graph.edges(descriptors).filter(|edge| edge.kind == EdgeType::Internal).filter_map(|edge| {
        // A private field is a symbol with a name.
        let name = graph.internal(edge.to, "name").unwrap_or(edge.to);
        graph.kind(name).is_string().then(|| graph.name(name))
    });
    names.filter(|name| !references.contains(name)).map(std::borrow::Cow::into_owned).collect()
}

fn fields<'v>(owner: Node, view: &'v View<'_>) -> impl Iterator<Item = Edge> + 'v {
    view.graph.edges(owner).filter(|edge| matches!(edge.kind, EdgeType::Property | EdgeType::Context))
}

fn is_limit(field: &str) -> bool {
    LIMITS.contains(&plain(field).as_str())
}

/// Without case, `#` and `_`.
fn plain(field: &str) -> String {
    field.trim_start_matches(['#', '_']).replace('_', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_limits_the_field_that_it_names() {
        for (option, field) in
            [("cache", "cache"), ("cachesize", "cache"), ("maxcache", "cache"), ("cachemaxsize", "cache")]
        {
            assert!(limits(option, field), "{option} {field}");
        }
        for (option, field) in [("cachettl", "cache"), ("max", "cache"), ("nocache", "cache"), ("cache", "")]
        {
            assert!(!limits(option, field), "{option} {field}");
        }
    }
}
