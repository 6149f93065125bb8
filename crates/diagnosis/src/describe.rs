//! A cluster of growth becomes a suspect: what kind of thing holds it, under which name, where in the source.

use leakhunt_heap::NodeType;

use crate::code::{Code, code};
use crate::findings::{Growth, Holder, Kind, Suspect, Text};
use crate::graph::Node;
use crate::held::{between, event, kind};
use crate::naming::candidates::{Named, Scope, anchored, names_of};
use crate::naming::holder::{
    constructors, holder_class, holder_names, is_import, is_whole_export, pick, user,
};
use crate::scripts::Author;
use crate::series::growth::{What, baseline};
use crate::shown::{self, cut, original_class};
use crate::source::{Place, Sources};
use crate::strings;
use crate::suspects::chain::{Chain, running_above, user_code_below};
use crate::suspects::cluster::{Cluster, is_collection};
use crate::view::View;
use crate::wording;

/// What is known of a suspect before it is put into words.
pub(crate) struct Portrait {
    pub(crate) kind: Kind,
    pub(crate) class: String,
    pub(crate) container_class: String,
    /// The name the program has for the container.
    pub(crate) named: Option<Named>,
    /// The whole way from a variable, for a field of a plain object.
    pub(crate) full_name: Option<String>,
    /// Where that name is declared.
    pub(crate) declared: Option<Place>,
    /// The name in the program itself, where the container is a library's.
    pub(crate) user: Option<(String, Option<Place>)>,
    /// The function that a timer calls, a listener is, or a promise waits in.
    pub(crate) code: Option<Code>,
    /// The event of a listener.
    pub(crate) event: Option<String>,
    /// Where something is put in, and by which call.
    pub(crate) insertion: Option<(Place, String)>,
    /// The constructor of the class of what grows.
    pub(crate) made: Option<Place>,
    /// The function whose result a promise without a name is.
    pub(crate) result_of: Option<(String, Place)>,
    /// The program's own code in what a library or Node keeps.
    pub(crate) leads_to: Option<(Option<String>, Place)>,
    /// Where the program makes what Node keeps, as far as names tell, and by which call.
    pub(crate) maker: Option<(Place, String)>,
    pub(crate) in_place: bool,
    pub(crate) slot_only: bool,
    /// The stream is piped into ever more others.
    pub(crate) piped: bool,
    pub(crate) chain: Option<Chain>,
    /// What makes each of the growing objects larger as well, and where that is declared.
    pub(crate) inner: Option<(String, Option<Place>)>,
    /// The key by which one of the growing objects is found.
    pub(crate) key: Option<Text>,
    /// Strings in one of the growing objects, its key first.
    pub(crate) strings: Vec<Text>,
    /// The object that carries the holder's name: suspects that share it may be one.
    pub(crate) identity: Node,
}

/// A suspect, with what tells whether another is the same.
pub(crate) struct Described {
    pub(crate) identity: Node,
    pub(crate) event: Option<String>,
    /// The holder is Node's own, or nobody's.
    pub(crate) by_node: bool,
    pub(crate) suspect: Suspect,
}

/// Puts a cluster into words.
pub(crate) fn describe(
    cluster: &Cluster,
    view: &View<'_>,
    sources: &Sources<'_>,
    minutes: Option<f64>,
) -> Described {
    let portrait = portrait(cluster, view, sources);
    let suspect = suspect(cluster, &portrait, view, minutes);
    let by_node = portrait.named.as_ref().is_none_or(|named| named.author == Author::Node);
    Described { identity: portrait.identity, event: portrait.event, by_node, suspect }
}

fn suspect(cluster: &Cluster, portrait: &Portrait, view: &View<'_>, minutes: Option<f64>) -> Suspect {
    let base = baseline(cluster.bytes.len());
    let steps = cluster.bytes.len().saturating_sub(1 + base).max(1) as u64;
    let growth = Growth {
        counts: cluster.counts.clone(),
        bytes: cluster.bytes.clone(),
        per_step: cluster.gain() / steps,
        per_minute: minutes.map(|minutes| (cluster.gain() as f64 / minutes) as u64),
    };
    let place = location(portrait);
    let variable = portrait.named.as_ref().map(|named| original_name(named, portrait.declared.as_ref()));
    let inner = portrait.inner.as_ref().filter(|_| portrait.kind == Kind::Timer);
    let holder = Holder {
        kind: portrait.kind,
        class: portrait.container_class.clone(),
        variable: variable
            .or_else(|| inner.map(|(name, _)| name.rsplit('.').next().unwrap_or(name).to_owned()))
            .map(|name| cut(&name)),
        location: portrait
            .declared
            .as_ref()
            .or_else(|| inner.and_then(|(_, place)| place.as_ref()))
            .map(|place| place.best().clone()),
    };
    Suspect {
        rank: 0,
        confidence: 0.0,
        class: cut(&portrait.class),
        key: shown::key(cluster, view),
        kind: portrait.kind,
        sentence: wording::of(portrait, &growth, cluster),
        location: place.as_ref().map(|place| place.location.clone()),
        original_location: place.and_then(|place| place.original.map(|original| original.location)),
        holder: Some(holder),
        path: shown::path(cluster, view),
        strings: portrait.strings.clone(),
        growth,
    }
}

/// The line to look at: the code that a timer or an event runs, else the class of what grows, else its holder; the
/// program's own lines before those of a library.
fn location(portrait: &Portrait) -> Option<Place> {
    let runs = |code: &&Code| {
        code.author == Author::User
            && !(code.awaited && portrait.named.is_some() && portrait.kind != Kind::Listener)
    };
    let code = portrait.code.as_ref().filter(runs).map(|code| code.place.clone());
    let user_holder = portrait.named.as_ref().is_some_and(|named| named.author == Author::User);
    let holder = portrait.declared.clone();
    code.or_else(|| portrait.result_of.as_ref().map(|(_, place)| place.clone()))
        .or_else(|| holder.clone().filter(|_| user_holder))
        .or_else(|| portrait.made.clone())
        .or_else(|| portrait.user.as_ref().and_then(|(_, place)| place.clone()))
        .or_else(|| portrait.leads_to.as_ref().map(|(_, place)| place.clone()))
        .or_else(|| portrait.maker.as_ref().map(|(place, _)| place.clone()))
        .or(holder)
        .or_else(|| portrait.code.as_ref().map(|code| code.place.clone()))
}

fn portrait(cluster: &Cluster, view: &View<'_>, sources: &Sources<'_>) -> Portrait {
    let between = between(cluster, view);
    let graph = view.graph;
    let mut container = cluster.container;
    let in_place = cluster.first_site().what == What::Itself;
    // A list that is replaced by a longer one at each step: the variable is the holder, the list what it holds.
    let slot_target = cluster.slot.as_ref().and_then(|_| between.last()).map(|edge| edge.to);
    if let Some(target) = slot_target.filter(|target| is_collection(view, *target)) {
        container = target;
    }
    let kind = kind(cluster, container, &between, view);
    let event = (kind == Kind::Listener).then(|| event(cluster, &between, view)).flatten();
    let (named_node, names) =
        holder_names(cluster, container, kind, &event, view).unwrap_or((container, Vec::new()));
    let (mut named, declared) =
        pick(names, view, sources).map_or((None, None), |(named, place)| (Some(named), place));
    if let Some(Scope::Field { object, class, .. }) = named.as_mut().map(|named| &mut named.scope) {
        *class = original_class(view, sources, *object);
    }
    let plain = named.as_ref().filter(|named| matches!(named.scope, Scope::Field { constructor: None, .. }));
    let anchor = plain.and_then(|named| anchored(view, named, |named| is_import(named, view, sources)));
    let by_user = anchor.as_ref().is_some_and(|(_, variable)| variable.author == Author::User);
    let is_users = |named: &Named| named.author == Author::User;
    // The way to an object of the program's through Node's own says nothing to a reader.
    let full_name = anchor
        .filter(|(_, variable)| by_user || is_whole_export(variable) || !named.as_ref().is_some_and(is_users))
        .map(|(path, _)| cut(&path));
    let user = named
        .as_ref()
        .is_some_and(|named| !is_users(named) && !by_user)
        .then(|| user(named_node, named.as_ref(), view, sources))
        .flatten();
    let insertion = named.as_ref().and_then(|named| {
        let (place, call) =
            sources.insertion(&declared.as_ref()?.location.file, &named.name).or_else(|| {
                sources.insertion_elsewhere(&view.scripts, &named.name).filter(|_| is_users(named))
            })?;
        let call = match call.strip_prefix(&named.name) {
            Some(rest) => format!("{}{rest}", original_name(named, declared.as_ref())),
            None => call,
        };
        matches!(kind, Kind::Map | Kind::Set | Kind::Array | Kind::Object).then_some((place, call))
    });
    let example = cluster.example;
    let made = graph
        .spot(example)
        .filter(|spot| graph.kind(example) == NodeType::Object && view.scripts.author(*spot) == Author::User)
        .and_then(|spot| sources.place(&view.scripts, spot, Some(graph.name(example).into_owned())));
    let result_of = running_above(view, container)
        .filter(|_| kind == Kind::Promise && named.is_none())
        .and_then(|function| graph.spot(function))
        .and_then(|spot| {
            Some((sources.name_around(&view.scripts, spot)?, sources.place(&view.scripts, spot, None)?))
        });
    let code = code(kind, cluster, &between, view, sources);
    let is_foreign = !named.as_ref().is_some_and(is_users)
        && made.is_none()
        && code.as_ref().is_none_or(|code| code.author != Author::User);
    let leads_to = user_code_below(view, example)
        .filter(|_| is_foreign && !in_place)
        .and_then(|code| graph.spot(code))
        .and_then(|spot| {
            Some((sources.part_around(&view.scripts, spot), sources.place(&view.scripts, spot, None)?))
        });
    let maker = || {
        let new = std::iter::once(example).chain(between.iter().map(|edge| edge.to));
        // V8's own classes, such as Array, are written nowhere.
        new.filter(|node| graph.kind(*node) == NodeType::Object && !view.is_permanent(*node))
            .filter(|node| constructors(view, *node).next().is_some())
            .find_map(|node| sources.maker(&view.scripts, &graph.name(node)))
    };
    let maker = if is_foreign && user.is_none() && leads_to.is_none() { maker() } else { None };
    Portrait {
        result_of,
        leads_to,
        maker,
        kind,
        class: original_class(view, sources, example),
        identity: identity(named.as_ref(), named_node),
        container_class: holder_class(kind, named_node, container, &event, view),
        named,
        full_name,
        declared,
        user,
        code,
        event: event.map(|(event, _)| event),
        insertion,
        made,
        in_place,
        slot_only: cluster.slot.is_some(),
        key: strings::key(&between, view),
        strings: strings::of(cluster, &between, view),
        piped: view.retainers(container).take(50).any(|edge| graph.edge_name(edge) == "pipes"),
        chain: cluster.chain.clone(),
        inner: cluster.inner.filter(|inner| *inner != example).and_then(|inner| {
            let (named, place) = pick(names_of(view, inner), view, sources)?;
            (named.author == Author::User).then(|| (named.qualified(), place))
        }),
    }
}

/// What carries the name: the instance for its fields, so that a cache's list of keys and list of values are one thing.
fn identity(named: Option<&Named>, node: Node) -> Node {
    match named.map(|named| &named.scope) {
        Some(Scope::Field { object, class, constructor: Some(_) }) if class != "Object" => *object,
        _ => node,
    }
}

/// The name that people wrote: a minifier's `t` is `trail` in the source map.
pub(crate) fn original_name(named: &Named, declared: Option<&Place>) -> String {
    declared
        .and_then(|place| place.original.as_ref())
        .and_then(|original| original.name.clone())
        .unwrap_or_else(|| named.name.clone())
}
