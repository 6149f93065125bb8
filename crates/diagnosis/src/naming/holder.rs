//! Under which name the program knows the holder, and where that name is declared.

use leakhunt_heap::{EdgeType, Location as Spot, NodeType};

use crate::describe::original_name;
use crate::findings::Kind;
use crate::graph::Node;
use crate::held::stream_above;
use crate::naming::candidates::{
    Named, Scope, anchored, exporting_module, module_file, names_above, names_of, user_names_above,
};
use crate::scripts::{Author, author_of, display_path};
use crate::shown::{MOST_FIELDS, class_name, cut};
use crate::source::{Place, Sources};
use crate::suspects::cluster::Cluster;
use crate::view::View;

/// Classes that extend each other in a longer row are nobody's.
const MOST_CLASSES: usize = 16;

pub(crate) fn holder_names(
    cluster: &Cluster,
    container: Node,
    kind: Kind,
    event: &Option<(String, Node)>,
    view: &View<'_>,
) -> Option<(Node, Vec<Named>)> {
    if let Some((_, emitter)) = event {
        return names_above(view, *emitter);
    }
    match kind {
        Kind::Timer => None,
        Kind::Stream => names_above(view, stream_above(container, view)?),
        _ => {
            let slot = cluster.slot.as_ref().filter(|_| container == cluster.container);
            slot.and_then(|slot| slot_names(cluster, slot, view)).or_else(|| names_above(view, container))
        }
    }
}

pub(crate) fn holder_class(
    kind: Kind,
    named: Node,
    container: Node,
    event: &Option<(String, Node)>,
    view: &View<'_>,
) -> String {
    let node = match (kind, event) {
        (Kind::Listener, Some((_, emitter))) => *emitter,
        (Kind::Stream, _) => stream_above(container, view).unwrap_or(named),
        _ => container,
    };
    // Of V8's roots the name says more than their class: `(Global handles)`.
    if view.graph.kind(node) == NodeType::Synthetic {
        let name = view.graph.name(node);
        return if name.is_empty() { "(GC roots)".to_owned() } else { name.into_owned() };
    }
    class_name(view, node)
}

/// Of an object's names the first that is not just an import of another file's, with the place of its declaration.
pub(crate) fn pick(
    names: Vec<Named>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<(Named, Option<Place>)> {
    let mut first = None;
    for mut named in names {
        let place = declared(&named, view, sources);
        if let Some((place, _)) = &place {
            // Whoever declares it is its author: a bundle's variables are seen by the code of packages as well.
            let author = author_of(&place.best().file);
            named.author = if place.original.is_some() { author } else { named.author.max(author) };
        }
        if let Some((place, false)) = place {
            if is_whole_export(&named) {
                let import = first.map(|(named, _): (Named, _)| named.name);
                named.name = place.location.function.clone().or(import).unwrap_or(named.name);
            }
            return Some((named, Some(place)));
        }
        if first.is_none() {
            first = Some((named, place.map(|(place, _)| place)));
        }
    }
    first
}

/// Whether a name only says that a module exports nothing else.
pub(crate) fn is_whole_export(named: &Named) -> bool {
    match &named.scope {
        Scope::Field { class, .. } => class == "Module" && named.name == "exports",
        Scope::Module(_) => named.name == "default",
        _ => false,
    }
}

/// How the program itself reaches a library's object: by a variable near it, or by the call that made it.
pub(crate) fn user(
    node: Node,
    named: Option<&Named>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<(String, Option<Place>)> {
    let of_user = |names| pick(names, view, sources).filter(|(named, _)| named.author == Author::User);
    let variable = || {
        let (named, place) = user_names_above(view, node).find_map(of_user)?;
        let name = match &named.scope {
            Scope::Context(_) => original_name(&named, place.as_ref()),
            _ => anchored(view, &named, |named| is_import(named, view, sources))
                .map_or_else(|| named.qualified(), |(path, _)| path),
        };
        Some((cut(&name), place))
    };
    let call = || {
        let spot = first_spot(named?)?;
        let package = package(view.scripts.name(spot.script_id)?)?;
        let class = match &named?.scope {
            Scope::Field { class, .. } => class.as_str(),
            _ => "",
        };
        let (place, callee) = sources.package_use(&view.scripts, package, class)?;
        Some((format!("{callee}(…)"), Some(place)))
    };
    variable().or_else(call)
}

/// Whether a variable only repeats what another file exports.
pub(crate) fn is_import(named: &Named, view: &View<'_>, sources: &Sources<'_>) -> bool {
    matches!(&named.scope, Scope::Context(spots)
        if sources.declaration(&view.scripts, &named.name, spots).is_some_and(|(_, imported)| imported))
}

fn first_spot(named: &Named) -> Option<Spot> {
    match &named.scope {
        Scope::Context(spots) => spots.first().copied(),
        Scope::Field { constructor, .. } => *constructor,
        Scope::Module(spot) => Some(*spot),
        Scope::Global => None,
        Scope::Function { spot, .. } => *spot,
    }
}

/// The name of a slot: the variable of a context, or the field of an object.
fn slot_names(cluster: &Cluster, slot: &str, view: &View<'_>) -> Option<(Node, Vec<Named>)> {
    // What a variable leads to has more names than this one, but it is this one that grows.
    // A field of a class's that is set anew, to a longer buffer for one, says where; the head of a list does not.
    let is_field = cluster.chain.is_none()
        && cluster.first_site().is_replaced()
        && view.graph.spot(cluster.container).is_some();
    if view.graph.kind(cluster.container) == NodeType::Object
        && view.graph.name(cluster.container) != "system / Context"
        && !is_field
    {
        let own = names_above(view, cluster.container)?;
        if own.1.iter().any(|named| named.author == Author::User) {
            return Some(own);
        }
    }
    let target = view.graph.edges(cluster.container).find(|edge| view.graph.edge_name(*edge) == slot)?.to;
    let mut names = names_of(view, target);
    names.retain(|named| named.name == slot);
    (!names.is_empty()).then_some((cluster.container, names))
}

/// Where a name is declared, by the source if it is at hand, else as near as the snapshot knows; and whether that is
/// only an import.
fn declared(named: &Named, view: &View<'_>, sources: &Sources<'_>) -> Option<(Place, bool)> {
    let scripts = &view.scripts;
    let here = |place: Option<Place>| place.map(|place| (place, false));
    match &named.scope {
        Scope::Context(spots) => sources.declaration(scripts, &named.name, spots).or_else(|| {
            let nearest = spots.iter().min_by_key(|spot| (spot.line, spot.column))?;
            here(sources.place(scripts, *nearest, None))
        }),
        Scope::Field { object, class, .. } if class == "Module" => {
            let file = module_file(view, *object)?;
            let whole = || sources.exported(&file).filter(|_| named.name == "exports");
            here(whole().or_else(|| sources.reload(&file)))
        }
        Scope::Field { object, constructor: None, .. } if exporting_module(view, *object).is_some() => {
            let module = exporting_module(view, *object)?;
            here(sources.top_level(&module_file(view, module)?, &named.name))
        }
        Scope::Field { object, constructor: Some(spot), class } => here(
            constructors(view, *object)
                .find_map(|spot| sources.field(scripts, &named.name, spot))
                .or_else(|| sources.assignment(scripts, None, &named.name))
                .or_else(|| sources.place(scripts, *spot, Some(class.clone()))),
        ),
        Scope::Field { object, constructor: None, .. } => {
            let above = anchored(view, named, |named| is_import(named, view, sources));
            // What the program hangs on an object of Node's or of a library, or hands to it, is declared in neither.
            let of_program = above.as_ref().is_none_or(|(_, above)| above.author != Author::User);
            let own = of_program.then(|| {
                sources
                    .literal(scripts, &fields(view, *object), &named.name)
                    .or_else(|| sources.assignment(scripts, None, &named.name))
                    .or_else(|| Some(sources.insertion_elsewhere(scripts, &named.name)?.0))
            });
            let within = || {
                let (variable, imported) = declared(&above?.1, view, sources)?;
                Some((sources.property_within(&variable, &named.name).unwrap_or(variable), imported))
            };
            here(own.flatten()).or_else(within)
        }
        Scope::Global => here(sources.global(scripts, &named.name)),
        Scope::Module(spot) => sources
            .declaration(scripts, &named.name, &[*spot])
            .or_else(|| here(sources.exported(&display_path(scripts.name(spot.script_id)?))))
            .or_else(|| here(sources.place(scripts, *spot, None))),
        Scope::Function { function, spot } => here(
            sources
                .field(scripts, &named.name, (*spot)?)
                .or_else(|| sources.assignment(scripts, Some(function), &named.name))
                .or_else(|| sources.place(scripts, (*spot)?, Some(function.clone()))),
        ),
    }
}

/// The constructors of an object's class and of the classes that this one extends, its own first.
pub(crate) fn constructors<'l>(view: &'l View<'_>, object: Node) -> impl Iterator<Item = Spot> + 'l {
    let above = |at: &Node| view.graph.property(*at, "__proto__").filter(|above| above != at);
    std::iter::successors(above(&object), move |at| above(at))
        .take(MOST_CLASSES)
        .filter_map(|prototype| view.graph.property(prototype, "constructor"))
        .filter_map(|constructor| view.graph.spot(constructor))
}

/// The names that a plain object has for what it holds.
fn fields(view: &View<'_>, object: Node) -> Vec<String> {
    let of_object = view.graph.edges(object).filter(|edge| edge.kind == EdgeType::Property);
    let names = of_object.map(|edge| view.graph.edge_name(edge).into_owned());
    names.filter(|name| name != "__proto__").take(MOST_FIELDS + 1).collect()
}

/// The package that a script under `node_modules` belongs to.
fn package(script: &str) -> Option<&str> {
    let at = script.rfind("node_modules/")? + "node_modules/".len();
    let path = &script[at..];
    let parts = if path.starts_with('@') { 2 } else { 1 };
    let end = path.match_indices('/').nth(parts - 1).map_or(path.len(), |(end, _)| end);
    Some(&path[..end])
}
