//! How objects and the references between them are shown: classes and paths.
//!
//! Names of fields and variables are the program's own words. The names of a dictionary's entries are its data (a session's
//! id, a customer's address) and are not shown unless strings may be quoted.

use std::borrow::Cow;

use leakhunt_heap::{EdgeType, Location as Spot, NodeType};

use crate::clusters::Cluster;
use crate::findings::Hop;
use crate::graph::{Edge, Node};
use crate::last::Last;
use crate::naming::exporting_module;
use crate::source::Sources;

/// Names are cut at this many characters: they come from the program, and some are made by it.
const LONGEST_NAME: usize = 120;
/// A plain object with more properties is a dictionary.
pub(crate) const MOST_FIELDS: usize = 30;
/// A longer name was made by a program, not by a person.
const LONGEST_FIELD: usize = 40;
/// What stands for a name that is data.
pub(crate) const SOME_KEY: &str = "[…]";

/// DevTools' name for the class of a node; plain objects by their properties.
pub(crate) fn class_name(last: &Last<'_>, node: Node) -> String {
    let graph = last.graph;
    let name = graph.name(node);
    let class = match graph.kind(node) {
        NodeType::Closure => "Function".to_owned(),
        NodeType::RegExp => "RegExp".to_owned(),
        NodeType::Hidden if name == "system / PromiseReaction" => "PromiseReaction".to_owned(),
        NodeType::Hidden => "(system)".to_owned(),
        NodeType::Code => "(compiled code)".to_owned(),
        NodeType::String => "(string)".to_owned(),
        NodeType::ConcatenatedString => "(concatenated string)".to_owned(),
        NodeType::SlicedString => "(sliced string)".to_owned(),
        NodeType::Array => "(array)".to_owned(),
        NodeType::Synthetic => "(synthetic)".to_owned(),
        NodeType::Object if name == "Object" => plain_object(last, node),
        _ => name.into_owned(),
    };
    cut(&class)
}

/// The class's name, as it was before bundling.
pub(crate) fn original_class(last: &Last<'_>, sources: &Sources<'_>, node: Node) -> String {
    let spot = last.graph.spot(node).filter(|_| last.graph.kind(node) == NodeType::Object);
    let original = spot.and_then(|spot| sources.original_class(&last.scripts, spot));
    original.map_or_else(|| class_name(last, node), |class| cut(&class))
}

pub(crate) fn key(cluster: &Cluster, last: &Last<'_>) -> String {
    let class = class_name(last, cluster.example);
    match last.graph.spot(cluster.example).filter(|_| last.graph.kind(cluster.example) == NodeType::Object) {
        Some(Spot { script_id, line, column }) => format!("{script_id},{line},{column},{class}"),
        None => format!(",{class}"),
    }
}

/// The path from the roots, parts left out and repeats collapsed.
pub(crate) fn path(cluster: &Cluster, last: &Last<'_>) -> Vec<Hop> {
    let graph = last.graph;
    let mut hops: Vec<Hop> = Vec::new();
    let mut edges: Vec<Edge> = last.path_up(cluster.example).collect();
    edges.reverse();
    for edge in edges.into_iter().filter(|edge| !last.is_part(edge.to)) {
        let class = class_name(last, edge.to);
        let name = match edge_name(last, edge) {
            hidden if hidden == SOME_KEY => hidden,
            name => edge.kind.display(&name),
        };
        if let Some(before) = hops.last_mut()
            && before.class == class
            && before.edge == name
        {
            before.repeats += 1;
            before.id = graph.id(edge.to);
            continue;
        }
        let location = graph.spot(edge.to).and_then(|spot| last.scripts.location(spot, None));
        hops.push(Hop { edge: name, class, id: graph.id(edge.to), location, repeats: 1 });
        collapse_pair(&mut hops);
    }
    hops
}

/// Collapses the last two hops into the two before them where they are the same: promises wait by way of reactions.
fn collapse_pair(hops: &mut Vec<Hop>) {
    let Some(before) = hops.len().checked_sub(4) else { return };
    let same = |one: &Hop, other: &Hop| one.class == other.class && one.edge == other.edge;
    if same(&hops[before], &hops[before + 2]) && same(&hops[before + 1], &hops[before + 3]) {
        for (at, last) in hops.split_off(before + 2).into_iter().enumerate() {
            let first = &mut hops[before + at];
            first.repeats += last.repeats;
            first.id = last.id;
        }
    }
}

/// The name of a reference, unless that is data.
pub(crate) fn edge_name(last: &Last<'_>, edge: Edge) -> String {
    match last.graph.edge_name(edge) {
        name if name.contains(" pair in WeakMap (table @") => "entry of a WeakMap".to_owned(),
        _ if is_key(last, edge) => SOME_KEY.to_owned(),
        name => cut(&name),
    }
}

/// Whether a reference is an entry of a dictionary whose name must not be shown.
pub(crate) fn is_key(last: &Last<'_>, edge: Edge) -> bool {
    edge.kind == EdgeType::Property
        && !last.quotes
        && (is_data(&last.graph.edge_name(edge)) || is_dictionary(last, edge.from))
}

/// A plain object with more entries than people write down, and no module's exports.
pub(crate) fn is_dictionary(last: &Last<'_>, node: Node) -> bool {
    let graph = last.graph;
    graph.kind(node) == NodeType::Object
        && graph.name(node) == "Object"
        && graph.edges(node).filter(|edge| edge.kind == EdgeType::Property).nth(MOST_FIELDS).is_some()
        && exporting_module(last, node).is_none()
}

/// Whether a property's name is rather data than something a person named: an address, a token, a number with a prefix.
#[must_use]
pub fn is_data(name: &str) -> bool {
    let name: Cow<'_, str> = match name.strip_prefix("<symbol ").and_then(|name| name.strip_suffix('>')) {
        Some(symbol) => symbol.replace(' ', "").into(),
        None => name.into(),
    };
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | ':' | '#' | '(' | ')');
    name.chars().filter(char::is_ascii_digit).count() > 3
        || name.chars().count() > LONGEST_FIELD
        || !name.chars().all(named)
}

pub(crate) fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

fn plain_object(last: &Last<'_>, node: Node) -> String {
    let names: Vec<String> = last
        .graph
        .edges(node)
        .filter(|edge| edge.kind == EdgeType::Property)
        .map(|edge| last.graph.edge_name(edge).into_owned())
        .filter(|name| name != "__proto__")
        .take(12)
        .collect();
    let is_dictionary = !last.quotes && names.iter().any(|name| is_data(name));
    if names.is_empty() || names.len() == 12 || is_dictionary {
        "Object".to_owned()
    } else {
        format!("{{{}}}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        assert_eq!(is_data(name), expected, "{name}");
    }

    #[test]
    fn what_people_write_is_a_name_and_what_they_store_is_data() {
        for name in
            ["userId", "config-changed", "_idlePrev", "<symbol kResource usage>", "utf8", "a.b:c", "größe"]
        {
            check(name, false);
        }
        for name in [
            "ann@example.org",
            "/orders?id=7",
            "sess_20394857",
            "4111111111111111",
            "two words",
            &"x".repeat(41),
        ] {
            check(name, true);
        }
    }
}
