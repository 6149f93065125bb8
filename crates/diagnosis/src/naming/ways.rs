//! The ways to an object: from a variable down through plain objects and collections, and from the program's own names down to
//! what a library keeps.

use leakhunt_heap::EdgeType;

use super::candidates::{DEPTH, Named, Scope, join, names_of, weak_map};
use crate::graph::Node;
use crate::shown::{SOME_KEY, weak_table};
use crate::source::Author;
use crate::view::View;

/// So far up a way is followed.
const FARTHEST: usize = 8;

/// The way from a variable to a plain object's field.
pub(crate) struct Anchored {
    /// All of it: `state.users.byId`.
    pub(crate) path: String,
    /// The fields, one below the other.
    pub(crate) fields: Vec<String>,
    /// No collection lies between them.
    pub(crate) is_direct: bool,
    pub(crate) variable: Named,
}

/// The way from a variable to a plain object's field, such as `state.users.byId`.
pub(crate) fn anchored(
    view: &View<'_>,
    named: &Named,
    is_import: impl Fn(&Named) -> bool,
) -> Option<Anchored> {
    let mut path = named.name.clone();
    let mut fields = Vec::new();
    let mut is_direct = true;
    let mut at = named.clone();
    for _ in 0..FARTHEST {
        let Scope::Field { object, constructor: None, .. } = at.scope else {
            fields.reverse();
            return Some(Anchored { path, fields, is_direct, variable: at });
        };
        fields.push(at.name.clone());
        let (names, elements) = names_through_collections(view, object);
        let is_plain = |named: &Named| matches!(named.scope, Scope::Field { constructor: None, .. });
        // An import's name says where it is used, the variable itself where it is made.
        let own = names.iter().find(|named| !is_plain(named) && !is_import(named));
        at = own.or(names.iter().find(|named| !is_plain(named))).or(names.first())?.clone();
        is_direct &= elements == 0;
        let key = SOME_KEY.repeat(elements);
        path = join(&at.qualified(), &if elements == 0 { path } else { join(&key, &path) });
    }
    None
}

/// The names of an object, or else those of the collection of which it is an element, or of the collection that has that, and
/// how many lie between.
fn names_through_collections(view: &View<'_>, object: Node) -> (Vec<Named>, usize) {
    let mut at = object;
    for elements in 0..DEPTH {
        let names = names_of(view, at);
        if !names.is_empty() {
            return (names, elements);
        }
        if let Some(map) = weak_map(view, at) {
            at = map;
            continue;
        }
        let above = view.path_up(at).map(|edge| edge.from).find(|node| !view.is_part(*node));
        match above.filter(|above| view.is_builtin(*above, &["Map", "Set", "Array"])) {
            Some(collection) => at = collection,
            None => break,
        }
    }
    (Vec::new(), 0)
}

/// The names in the program itself by which something of a library is reached (`app` for a router's stack), those of the
/// nearest object first.
pub(crate) fn user_names_above(view: &View<'_>, node: Node) -> impl Iterator<Item = Vec<Named>> {
    // What comes and goes, such as a request under way, leads to it as well, but is not how the program gets there.
    let is_lasting = view.is_permanent(node);
    let users = move |named: &Named| named.author == Author::User && !named.is_on_class();
    std::iter::successors(Some(node), |at| above(view, *at))
        .take(FARTHEST)
        .filter(move |at| !is_lasting || view.is_part(*at) || view.is_permanent(*at))
        .map(move |at| names_of(view, at).into_iter().filter(users).collect())
}

/// What leads to an object on the shortest path: of an entry of a `WeakMap` the map, not the key. What hangs on a class's
/// prototype is reached through no instance, and the class is nothing that the program does with it.
fn above(view: &View<'_>, node: Node) -> Option<Node> {
    let edge = view.reached_by(node)?;
    if edge.kind == EdgeType::Property && view.graph.edge_name(edge) == "prototype" {
        return None;
    }
    let map = weak_table(&view.graph.edge_name(edge)).filter(|_| edge.kind == EdgeType::Internal);
    map.and_then(|table| view.node(table)).or(Some(edge.from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    const PACKAGE: &str = "/app/node_modules/cache/index.js";

    /// What the program reaches a package's map by, that has been there all along.
    fn reached(of: impl FnOnce(&mut Heap, Node)) -> Vec<String> {
        let mut heap = Heap::new();
        let (store, map) = (heap.instance("Store", PACKAGE), heap.builtin("Map"));
        heap.property(store, "known", map);
        of(&mut heap, store);
        heap.view(map, |view| user_names_above(view, map).flatten().map(|named| named.qualified()).collect())
    }

    #[test]
    fn what_comes_and_goes_is_no_way_to_what_lasts() {
        assert!(reached(|heap, store| heap.known_as("request", APP, store)).is_empty());
        let on_a_class = |heap: &mut Heap, store| {
            heap.instance("Reading", APP);
            heap.on_prototype("Reading", APP, "store", store);
        };
        assert!(reached(on_a_class).is_empty());
    }

    #[test]
    fn the_way_from_a_variable_leads_through_collections() {
        let mut heap = Heap::new();
        let (nodes, node, map) = (heap.builtin("Map"), heap.builtin("Object"), heap.builtin("Map"));
        heap.known_as("nodes", PACKAGE, nodes);
        heap.table(nodes, &[node]);
        heap.property(node, "next", map);
        let anchor = heap.view(map, |view| anchored(view, &names_of(view, map).remove(0), |_| false));
        let anchor = anchor.expect("a variable leads to it");
        assert_eq!((anchor.path.as_str(), anchor.is_direct), ("nodes[…].next", false));
    }

    #[test]
    fn the_way_from_a_variable_leads_through_plain_objects() {
        let mut heap = Heap::new();
        let (state, users, map) = (heap.builtin("Object"), heap.builtin("Object"), heap.builtin("Map"));
        heap.known_as("state", APP, state);
        heap.property(state, "users", users);
        heap.property(users, "byId", map);
        let path = heap.view(map, |view| {
            let named = names_of(view, map).remove(0);
            anchored(view, &named, |_| false).map(|anchor| anchor.path)
        });
        assert_eq!(path.as_deref(), Some("state.users.byId"));
    }
}
