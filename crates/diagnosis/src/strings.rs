//! The strings in what grows, which often tell what it is about: by length, and quoted only where that was asked for.

use leakhunt_heap::EdgeType;

use crate::findings::Text;
use crate::graph::{Edge, Node};
use crate::shown::{edge_name, is_dictionary};
use crate::view::View;

/// No more strings of an object are told of.
const MOST_STRINGS: usize = 6;
/// A quoted string is cut at this many UTF-16 units.
const LONGEST_VALUE: usize = 60;

/// The key by which the growing object is found, and the strings in its properties.
pub(crate) fn of(example: Node, between: &[Edge], view: &View<'_>) -> Vec<Text> {
    let graph = view.graph;
    let mut texts: Vec<Text> = key(between, view).into_iter().collect();
    if graph.kind(example).is_string() && own_key(between, view).is_none() {
        texts.push(text(String::new(), example, view));
    }
    for edge in graph.edges(example) {
        if edge.kind == EdgeType::Property && graph.kind(edge.to).is_string() && texts.len() < MOST_STRINGS {
            texts.push(text(edge_name(view, edge), edge.to, view));
        }
    }
    texts
}

/// The name of a dictionary's entry, or the key of the entry of a `Map` through which the way leads: its table has key,
/// value and the next entry's number, of which the last is no object.
pub(crate) fn key(between: &[Edge], view: &View<'_>) -> Option<Text> {
    let graph = view.graph;
    let at = "key".to_owned();
    if let Some(own) = own_key(between, view) {
        return Some(text(at, own, view));
    }
    if let Some(entry) = between.last().filter(|edge| edge.kind == EdgeType::Property) {
        let name = is_dictionary(view, entry.from).then(|| graph.edge_name(*entry))?;
        let beginning: String = name.chars().take(LONGEST_VALUE).collect();
        let is_cut = beginning.len() < name.len();
        return Some(Text {
            at,
            length: name.chars().count(),
            value: view.quotes.then(|| shown(beginning, is_cut)),
        });
    }
    let entry = between.iter().rev().find(|edge| view.is_part(edge.from))?;
    let place: u32 = graph.edge_name(*entry).parse().ok()?;
    let part = |place: u32| {
        graph.edges(entry.from).find(|edge| graph.edge_name(*edge).parse() == Ok(place)).map(|edge| edge.to)
    };
    let is_map = between.iter().any(|edge| edge.to == entry.from && graph.name(edge.from) == "Map");
    let key = part(place.checked_sub(1)?).filter(|_| is_map && part(place + 1).is_none())?;
    graph.kind(key).is_string().then(|| text(at, key, view))
}

/// The growing string itself, where it is the name of a dictionary's entry: what has such a value is reached by that name, and
/// a name by the dictionary's table alone.
fn own_key(between: &[Edge], view: &View<'_>) -> Option<Node> {
    let edge = between.first().filter(|edge| view.graph.kind(edge.to).is_string())?;
    (view.is_part(edge.from) && view.graph.name(edge.from) == "(object properties)").then_some(edge.to)
}

/// A string, its parts joined.
fn text(at: String, string: Node, view: &View<'_>) -> Text {
    let text = view.graph.snapshot().text(string, LONGEST_VALUE);
    let length = usize::try_from(text.length).unwrap_or(usize::MAX);
    Text { at, length, value: view.quotes.then(|| shown(text.head, !text.tail.is_empty())) }
}

fn shown(mut beginning: String, is_cut: bool) -> String {
    if is_cut {
        beginning.push('…');
    }
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suspects::Suspect;
    use crate::testing::Heap;

    /// What is told of a string that grows below an object.
    fn told(heap: &Heap, object: Node, string: Node) -> Vec<(String, usize)> {
        let texts =
            heap.view(object, |view| of(string, Suspect::below(object, string, view).between(), view));
        texts.into_iter().map(|text| (text.at, text.length)).collect()
    }

    #[test]
    fn the_name_of_an_entry_is_a_key_where_its_value_says_nothing() {
        let mut heap = Heap::new();
        let (files, rule) = (heap.global("files", "Object"), heap.string("rules/autumn.js"));
        heap.properties(files, &[rule]);
        assert_eq!(told(&heap, files, rule), [("key".to_owned(), 15)]);
        let (list, text) = (heap.global("list", "Array"), heap.string("autumn"));
        heap.table(list, &[text]);
        assert_eq!(told(&heap, list, text), [(String::new(), 6)]);
    }
}
