//! Which object of the source a name is.

use super::candidates::{Named, Scope, names_of};
use super::declared::{is_import, pick};
use super::holder::Name;
use super::ways::anchored;
use crate::graph::Node;
use crate::source::{Known, Place, Sources};
use crate::view::View;

/// The object of the source that a name is; none if the source is not at hand, or does not tell.
pub(crate) fn known(name: &Name, view: &View<'_>, sources: &Sources<'_>) -> Option<Known> {
    let named = known_whole(name, view, sources)?;
    (0..name.elements()).try_fold(named, |known, _| known.element())
}

/// The object that has the name, where the holder is an element of it.
pub(crate) fn known_whole(name: &Name, view: &View<'_>, sources: &Sources<'_>) -> Option<Known> {
    of_declared(name.named(), name.declared.as_ref(), view, sources)
}

/// The same of an object, by the best of its names.
pub(crate) fn known_object(object: Node, view: &View<'_>, sources: &Sources<'_>) -> Option<Known> {
    let (named, declared) = pick(names_of(view, object), view, sources)?;
    of_declared(&named, declared.as_ref(), view, sources)
}

fn of_declared(
    named: &Named,
    declared: Option<&Place>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Known> {
    // Of a `WeakMap` the source has the map, not what one object has in it.
    if named.is_entry {
        return None;
    }
    // What a package declares is known by its declaration alone.
    if let (Scope::Global, Some(place)) = (&named.scope, declared) {
        return sources.known_global(&place.location.file, &named.name);
    }
    of_named(named, view, sources)
}

fn of_named(named: &Named, view: &View<'_>, sources: &Sources<'_>) -> Option<Known> {
    let scripts = &view.scripts;
    match &named.scope {
        Scope::Context(spots) => sources.known_variable(scripts, &named.name, spots),
        Scope::Module(spot) => sources.known_variable(scripts, &named.name, &[*spot]),
        // What Node keeps for its modules.
        Scope::Field { class, .. } if class == "Module" => None,
        Scope::Field { object, constructor: Some(_), .. } => view
            .constructors(*object)
            .filter_map(|constructor| view.graph.spot(constructor))
            .find_map(|spot| sources.known_field(scripts, &named.name, spot))
            .or_else(|| sources.known_export(&view.exported_in(*object)?, &named.name)),
        Scope::Field { object, constructor: None, .. } => {
            if view.exporting_module(*object).is_some() {
                return sources.known_export(&view.exported_in(*object)?, &named.name);
            }
            let anchor = anchored(view, named, |named| is_import(named, view, sources))?;
            if !anchor.is_direct {
                return None;
            }
            let variable = of_named(&anchor.variable, view, sources)?;
            anchor.fields.iter().try_fold(variable, |known, field| known.field(field))
        }
        Scope::Global => {
            let place = sources.global(scripts, &named.name)?;
            sources.known_global(&place.location.file, &named.name)
        }
        Scope::Function { function, spot } => {
            let spot = (*spot)?;
            if function.ends_with(".prototype") {
                return sources.known_of_prototype(scripts, &named.name, spot);
            }
            sources.known_variable(scripts, function, &[spot])?.field(&named.name)
        }
    }
}
