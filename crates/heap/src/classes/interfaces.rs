//! Classes of plain objects (`inferInterfaceDefinitions`, `applyInterfaceDefinitions`).
//!
//! All plain objects have the constructor `Object`, so DevTools tells them apart by the properties they have:
//! frequent lists of properties become *interfaces*, and an object is of the interface with most properties that it
//! has all of. In a comparison, the interfaces of the shown snapshot are applied to its base too.
//!
//! Millions of objects share a few lists of properties. Each distinct list is one [`Shape`], and all work is done
//! once a shape.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use crate::read::strings::{Strings, Tag};

/// Longest name of an interface, in UTF-16 units, that another property may be added to.
const MAX_NAME: usize = 120;
/// An interface must fit at least this many objects, and one in [`MIN_SHARE`].
const MIN_OBJECTS: u64 = 2;
const MIN_SHARE: u64 = 1000;

/// A distinct list of properties, in the order of the edges, `__proto__` included.
#[derive(Debug)]
pub(crate) struct Shape {
    properties: Box<[u32]>,
    /// How many plain objects have it.
    objects: u64,
}

/// The shapes of a snapshot's plain objects, in the order of their first object.
#[derive(Debug, Default)]
pub(crate) struct Shapes(Vec<Shape>);

impl Shapes {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Collects shapes while the edges of plain objects go by.
#[derive(Default)]
pub(crate) struct ShapeCollector {
    known: FxHashMap<Box<[u32]>, u32>,
    objects: Vec<u64>,
    current: Vec<u32>,
    /// The properties and the shape of the object before: neighbours are often alike.
    last: Vec<u32>,
    last_shape: u32,
}

impl ShapeCollector {
    #[inline(always)]
    pub(crate) fn property(&mut self, name: u32) {
        self.current.push(name);
    }

    /// The object whose properties were given is over; returns its shape.
    pub(crate) fn finish_object(&mut self) -> u32 {
        if self.last == self.current
            && let Some(objects) = self.objects.get_mut(self.last_shape as usize)
        {
            *objects += 1;
            self.current.clear();
            return self.last_shape;
        }
        let shape = match self.known.get(&self.current[..]) {
            Some(&shape) => shape,
            None => {
                let shape = self.objects.len() as u32;
                self.known.insert(self.current.as_slice().into(), shape);
                self.objects.push(0);
                shape
            }
        };
        self.objects[shape as usize] += 1;
        self.last_shape = shape;
        std::mem::swap(&mut self.last, &mut self.current);
        self.current.clear();
        shape
    }

    pub(crate) fn finish(self) -> Shapes {
        let mut shapes: Vec<Shape> =
            self.objects.iter().map(|&objects| Shape { properties: Box::default(), objects }).collect();
        for (properties, shape) in self.known {
            shapes[shape as usize].properties = properties;
        }
        Shapes(shapes)
    }
}

/// An interface: whoever has all these properties may be of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    pub(crate) name: String,
    properties: Vec<String>,
}

/// Finds the interfaces of a snapshot, most frequent first.
pub(crate) fn infer(shapes: &Shapes, strings: &Strings<'_>) -> Vec<Interface> {
    let mut candidates: Vec<(Interface, u64)> = Vec::new();
    let mut by_name: FxHashMap<String, usize> = FxHashMap::default();
    let mut total = 0;
    for shape in &shapes.0 {
        total += shape.objects;
        let Some(interface) = interface_of(&shape.properties, strings) else { continue };
        match by_name.get(&interface.name) {
            Some(&at) => candidates[at].1 += shape.objects,
            None => {
                by_name.insert(interface.name.clone(), candidates.len());
                candidates.push((interface, shape.objects));
            }
        }
    }
    candidates.sort_by_key(|(_, objects)| std::cmp::Reverse(*objects));
    candidates
        .into_iter()
        .take_while(|(_, objects)| *objects >= MIN_OBJECTS && objects * MIN_SHARE >= total)
        .map(|(interface, _)| interface)
        .collect()
}

/// The interface that objects of this shape would like to be of; none without properties.
fn interface_of(shape: &[u32], strings: &Strings<'_>) -> Option<Interface> {
    let mut name = "{".to_owned();
    let mut length = 1;
    let mut properties = Vec::new();
    for &property in shape {
        if strings.tag(property) == Tag::Proto {
            continue;
        }
        let property = strings.get(property).into_owned();
        let formatted = format_property(&property);
        let added = utf16_len(&formatted);
        if length > 1 && length + added > MAX_NAME {
            break;
        }
        if length != 1 {
            name.push_str(", ");
            length += 2;
        }
        name.push_str(&formatted);
        length += added;
        properties.push(property);
    }
    if properties.is_empty() {
        return None;
    }
    name.push('}');
    Some(Interface { name, properties })
}

/// Quotes a name that would be mistaken for several.
pub(crate) fn format_property(name: &str) -> String {
    if !name.contains([',', '\'', '"', '{', '}']) {
        return name.to_owned();
    }
    serde_json::to_string(name).expect("a string can always be written as JSON")
}

pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Orders texts as JavaScript does, by UTF-16 units: not the order of `str` where a pair of surrogates is met.
pub(crate) fn cmp_utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.cmp(b);
    }
    a.encode_utf16().cmp(b.encode_utf16())
}

/// One state of the search: the properties met so far lead here. Edges are properties in ascending order.
#[derive(Default)]
struct TreeNode {
    next: FxHashMap<u32, usize>,
    greatest_next: Option<u32>,
    /// How many properties the interface that ends here has, and its place in the list.
    interface: Option<(usize, usize)>,
}

/// For each shape, the place of its interface in `interfaces`.
pub(crate) fn apply(interfaces: &[Interface], shapes: &Shapes, strings: &Strings<'_>) -> Vec<Option<usize>> {
    let ranks = rank_properties(interfaces);
    let tree = property_tree(interfaces, &ranks);
    let mut rank_of_string: FxHashMap<u32, Option<u32>> = FxHashMap::default();
    let mut properties = Vec::new();
    shapes
        .0
        .iter()
        .map(|shape| {
            properties.clear();
            // A property that no interface has moves no state.
            properties.extend(shape.properties.iter().filter_map(|&name| {
                *rank_of_string.entry(name).or_insert_with(|| ranks.get(&*strings.get(name)).copied())
            }));
            properties.sort_unstable();
            best_match(&tree, &properties)
        })
        .collect()
}

/// Numbers all properties of all interfaces in ascending order.
fn rank_properties(interfaces: &[Interface]) -> FxHashMap<&str, u32> {
    let mut all: Vec<&str> =
        interfaces.iter().flat_map(|interface| &interface.properties).map(String::as_str).collect();
    all.sort_unstable_by(|a, b| cmp_utf16(a, b));
    all.dedup();
    all.into_iter().zip(0..).collect()
}

fn property_tree(interfaces: &[Interface], ranks: &FxHashMap<&str, u32>) -> Vec<TreeNode> {
    let mut tree = vec![TreeNode::default()];
    for (index, interface) in interfaces.iter().enumerate() {
        let mut properties: Vec<u32> = interface.properties.iter().map(|name| ranks[&**name]).collect();
        properties.sort_unstable();
        let mut at = 0;
        for &property in &properties {
            let new = tree.len();
            let node = &mut tree[at];
            node.greatest_next = node.greatest_next.max(Some(property));
            at = *node.next.entry(property).or_insert(new);
            if at == new {
                tree.push(TreeNode::default());
            }
        }
        // Of two interfaces with the same properties the first one counts.
        tree[at].interface.get_or_insert((properties.len(), index));
    }
    tree
}

/// Follows all paths through the tree that these ascending properties allow.
fn best_match(tree: &[TreeNode], properties: &[u32]) -> Option<usize> {
    let mut states = vec![0];
    let mut best: Option<(usize, usize)> = None;
    for &property in properties {
        for state in states.clone() {
            let node = &tree[state];
            if node.greatest_next.is_none_or(|greatest| property >= greatest) {
                // Nothing leads on from here.
                states.retain(|other| *other != state);
            }
            let Some(&next) = node.next.get(&property) else { continue };
            if !states.contains(&next) {
                states.push(next);
            }
            best = better(best, tree[next].interface);
        }
    }
    best.map(|(_, index)| index)
}

/// The one with more properties, else the one that comes first.
fn better(a: Option<(usize, usize)>, b: Option<(usize, usize)>) -> Option<(usize, usize)> {
    let (Some(x), Some(y)) = (a, b) else { return a.or(b) };
    match x.0.cmp(&y.0) {
        Ordering::Greater => a,
        Ordering::Less => b,
        Ordering::Equal if x.1 <= y.1 => a,
        Ordering::Equal => b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(properties: &[&str]) -> Interface {
        let properties: Vec<String> = properties.iter().map(|&p| p.to_owned()).collect();
        Interface { name: format!("{{{}}}", properties.join(", ")), properties }
    }

    #[track_caller]
    fn check(interfaces: &[&[&str]], object: &[&str], expected: Option<usize>) {
        let interfaces: Vec<Interface> = interfaces.iter().map(|p| interface(p)).collect();
        let ranks = rank_properties(&interfaces);
        let tree = property_tree(&interfaces, &ranks);
        let mut properties: Vec<u32> = object.iter().filter_map(|p| ranks.get(p).copied()).collect();
        properties.sort_unstable();
        assert_eq!(best_match(&tree, &properties), expected);
    }

    #[test]
    fn an_object_is_of_the_largest_interface_it_has_all_of() {
        check(&[&["a"], &["a", "b"]], &["a"], Some(0));
        check(&[&["a"], &["a", "b"]], &["c", "b", "a"], Some(1));
        check(&[&["a", "b"], &["b", "a"]], &["a", "b"], Some(0));
        check(&[&["a"], &["b"]], &["a", "b"], Some(0));
        check(&[&["b", "d"], &["a", "c"]], &["a", "b", "c", "d"], Some(0));
        check(&[&["a"]], &["b"], None);
        check(&[], &["b"], None);
    }

    #[test]
    fn texts_are_ordered_as_in_javascript() {
        // U+FF5E is one unit above all surrogates, U+1F600 begins with a lower one.
        assert_eq!(cmp_utf16("\u{ff5e}", "\u{1f600}"), Ordering::Greater);
        assert_eq!(cmp_utf16("a", "b"), Ordering::Less);
        assert_eq!(cmp_utf16("a", "é"), Ordering::Less);
    }
}
