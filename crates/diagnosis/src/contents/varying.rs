//! Objects of one shape of which one field is different in each, and another is not: something makes an entry for each value
//! of that field, such as a series of a metric for each session.

use leakhunt_heap::EdgeType;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::Node;
use crate::shown::{class_name, is_key};
use crate::suspects::Suspect;
use crate::view::View;

/// So many objects below a holder are looked at.
const MOST_MET: usize = 20_000;
/// Of so many objects of a shape the values are compared.
const MOST_COMPARED: usize = 500;
/// Of fewer nothing is said.
const LEAST_COMPARED: usize = 50;
/// Strings are told apart by their lengths and so many UTF-16 units.
const COMPARED_UNITS: usize = 80;

/// A field that is different in nearly all objects of a shape, beside one that is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Varying {
    /// The shape, as classes of plain objects are called.
    pub(crate) class: String,
    pub(crate) field: String,
    /// How many objects were compared.
    pub(crate) compared: u64,
    /// How many values of the field they have.
    pub(crate) values: u64,
    /// A field of which there are few values.
    pub(crate) other: String,
    /// How many.
    pub(crate) others: u64,
}

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Varying> {
    let mut by_shape: FxHashMap<Vec<u32>, Vec<Node>> = FxHashMap::default();
    for object in plain_objects_of(suspect.holder, view) {
        by_shape.entry(shape(object, view)).or_default().push(object);
    }
    let shapes = by_shape.into_values().filter(|objects| objects.len() >= LEAST_COMPARED);
    shapes
        .filter_map(|objects| varying(&objects, view))
        .max_by_key(|varying| (varying.compared, varying.class.clone()))
}

/// Plain objects that a holder owns, through whatever it owns.
fn plain_objects_of(holder: Node, view: &View<'_>) -> Vec<Node> {
    let graph = view.graph;
    let mut met = FxHashSet::from_iter([holder]);
    let (mut work, mut found) = (vec![holder], Vec::new());
    for _ in 0..MOST_MET {
        let Some(node) = work.pop() else { break };
        if graph.snapshot().is_plain_object(node) {
            found.push(node);
        }
        for edge in graph.edges(node) {
            if met.contains(&view.owner(edge.to)) && met.insert(edge.to) {
                work.push(edge.to);
            }
        }
    }
    found
}

/// The names of an object's fields.
fn shape(object: Node, view: &View<'_>) -> Vec<u32> {
    let fields = view.graph.edges(object).filter(|edge| edge.kind == EdgeType::Property);
    fields.map(|edge| edge.name_index()).collect()
}

/// The strings in one field of objects that are compared.
struct Field {
    name: String,
    values: FxHashSet<(u64, String)>,
    /// So many of the objects have one.
    count: usize,
}

/// The field that varies in objects of one shape, if it is the only one.
fn varying(objects: &[Node], view: &View<'_>) -> Option<Varying> {
    let graph = view.graph;
    let objects = &objects[..objects.len().min(MOST_COMPARED)];
    let mut fields: FxHashMap<u32, Field> = FxHashMap::default();
    for edge in objects.iter().flat_map(|object| graph.edges(*object)) {
        if edge.kind == EdgeType::Property && graph.kind(edge.to).is_string() && !is_key(view, edge) {
            let text = graph.snapshot().text(edge.to, COMPARED_UNITS);
            let field = fields.entry(edge.name_index()).or_insert_with(|| Field {
                name: graph.edge_name(edge).into_owned(),
                values: FxHashSet::default(),
                count: 0,
            });
            field.values.insert((text.length, text.head));
            field.count += 1;
        }
    }
    let everywhere = || fields.values().filter(|field| field.count == objects.len());
    let mut varies = everywhere().filter(|field| field.values.len() * 20 >= field.count * 19);
    let varying = varies.next().filter(|_| varies.next().is_none())?;
    let few = everywhere().filter(|field| field.values.len() * 4 <= field.count);
    let other = few.min_by_key(|field| (field.values.len(), &field.name))?;
    Some(Varying {
        class: class_name(view, objects[0]),
        field: varying.name.clone(),
        compared: objects.len() as u64,
        values: varying.values.len() as u64,
        other: other.name.clone(),
        others: other.values.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Heap;

    /// Objects with two fields, each of which has so many values.
    #[track_caller]
    fn check(objects: usize, baskets: usize, countries: usize, expected: Option<(&str, u64)>) {
        let mut heap = Heap::new();
        let series = heap.global("series", "Array");
        let mut all = Vec::new();
        for at in 0..objects {
            let attributes = heap.builtin("Object");
            let basket = heap.string(&format!("basket {}", at % baskets));
            let country = heap.string(&format!("country {}", at % countries));
            heap.property(attributes, "basket", basket);
            heap.property(attributes, "country", country);
            heap.element(series, at, attributes);
            all.push(attributes);
        }
        let found = heap.view(series, |view| varying(&all, view));
        assert_eq!(found.as_ref().map(|found| (found.field.as_str(), found.others)), expected, "{found:?}");
    }

    #[test]
    fn one_entry_for_each_value_of_a_field() {
        check(60, 60, 3, Some(("basket", 3)));
        check(60, 3, 60, Some(("country", 3)));
    }

    #[test]
    fn where_all_fields_are_different_or_none_is_nothing_is_unusual() {
        check(60, 60, 60, None);
        check(60, 3, 3, None);
        check(60, 30, 3, None);
    }
}
