//! Where a name is declared, and whether it only repeats what another file declares.

use leakhunt_heap::EdgeType;

use super::candidates::{Named, Scope};
use super::ways::anchored;
use crate::graph::Node;
use crate::shown::MOST_FIELDS;
use crate::source::{Author, Declared, Place, Sources, StandsFor, author_of, display_path};
use crate::view::View;

/// Of an object's names the first that is not just an import of another file's, with the place of its declaration. A parameter is
/// the name of whoever it is handed to: a field or variable of the same author's says more.
pub(crate) fn pick(
    names: Vec<Named>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<(Named, Option<Place>)> {
    let mut first = None;
    let mut parameter: Option<(Named, Option<Place>)> = None;
    for mut named in names {
        let place = declared(&named, view, sources);
        if let Some((place, _)) = &place {
            // Whoever declares it is its author: a bundle's variables are seen by the code of packages as well.
            let author = author_of(&place.best().file);
            named.author = if place.original.is_some() { author } else { named.author.max(author) };
        }
        if let Some((place, StandsFor::Argument)) = place {
            parameter.get_or_insert((named, Some(place)));
            continue;
        }
        if parameter.as_ref().is_some_and(|(parameter, _)| parameter.author != named.author) {
            continue;
        }
        if let Some((place, StandsFor::Itself)) = place {
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
    parameter.or(first)
}

/// Whether a name only says that a module exports nothing else.
pub(crate) fn is_whole_export(named: &Named) -> bool {
    match &named.scope {
        Scope::Field { class, .. } => class == "Module" && named.name == "exports",
        Scope::Module(_) => named.name == "default",
        _ => false,
    }
}

/// Whether a variable only repeats what another file exports.
pub(crate) fn is_import(named: &Named, view: &View<'_>, sources: &Sources<'_>) -> bool {
    matches!(&named.scope, Scope::Context(spots)
        if sources.declaration(&view.scripts, &named.name, spots).is_some_and(|declared| declared.stands_for == StandsFor::Import))
}

/// The name that people wrote: a minifier's `t` is `trail` in the source map.
pub(crate) fn original_name(named: &Named, declared: Option<&Place>) -> String {
    declared
        .and_then(|place| place.original.as_ref())
        .and_then(|original| original.name.clone())
        .unwrap_or_else(|| named.name.clone())
}

/// Where a name is declared, by the source if it is at hand, else as near as the snapshot knows; and what it stands for there.
fn declared(named: &Named, view: &View<'_>, sources: &Sources<'_>) -> Option<(Place, StandsFor)> {
    let scripts = &view.scripts;
    let here = |place: Option<Place>| place.map(|place| (place, StandsFor::Itself));
    let known = |declared: Declared| (declared.place, declared.stands_for);
    match &named.scope {
        Scope::Context(spots) => sources.declaration(scripts, &named.name, spots).map(known).or_else(|| {
            let nearest = spots.iter().min_by_key(|spot| (spot.line, spot.column))?;
            here(sources.place(scripts, *nearest, None))
        }),
        Scope::Field { object, class, .. } if class == "Module" => {
            let file = view.module_file(*object)?;
            let whole = || sources.exported(&file).filter(|_| named.name == "exports");
            here(whole().or_else(|| sources.reload(&file)))
        }
        Scope::Field { object, constructor: None, .. } if view.exporting_module(*object).is_some() => {
            here(sources.top_level(&view.exported_in(*object)?, &named.name))
        }
        Scope::Field { object, constructor: Some(spot), class } => here(
            view.constructors(*object)
                .filter_map(|constructor| view.graph.spot(constructor))
                .find_map(|spot| sources.field(scripts, &named.name, spot))
                .or_else(|| sources.top_level(&view.exported_in(*object)?, &named.name))
                .or_else(|| sources.assignment(scripts, None, &named.name))
                .or_else(|| sources.place(scripts, *spot, Some(class.clone()))),
        ),
        Scope::Field { object, constructor: None, .. } => {
            let above = anchored(view, named, |named| is_import(named, view, sources));
            // What the program hangs on an object of Node's or of a library, or hands to it, is declared in neither.
            let of_program = above.as_ref().is_none_or(|above| above.variable.author != Author::User);
            let own = of_program.then(|| {
                sources
                    .literal(scripts, &fields_of(view, *object), &named.name)
                    .or_else(|| sources.assignment(scripts, None, &named.name))
                    .or_else(|| Some(sources.insertion_elsewhere(scripts, &named.name)?.place))
            });
            let within = || {
                let (variable, imported) = declared(&above?.variable, view, sources)?;
                Some((sources.property_within(&variable, &named.name).unwrap_or(variable), imported))
            };
            here(own.flatten()).or_else(within)
        }
        Scope::Global => here(sources.global(scripts, &named.name)),
        Scope::Module(spot) => sources
            .declaration(scripts, &named.name, &[*spot])
            .map(known)
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

/// The names that a plain object has for what it holds.
pub(crate) fn fields_of(view: &View<'_>, object: Node) -> Vec<String> {
    let of_object = view.graph.edges(object).filter(|edge| edge.kind == EdgeType::Property);
    let names = of_object.map(|edge| view.graph.edge_name(edge).into_owned());
    names.filter(|name| name != "__proto__").take(MOST_FIELDS + 1).collect()
}
