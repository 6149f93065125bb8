//! The name by which a program knows an object: a variable, or a field of something that has a name.

use std::borrow::Cow;

use leakhunt_heap::{EdgeType, Location as Spot, NodeType};

use super::rank::{Form, Rank};
use crate::graph::{Edge, Node};
use crate::shown::{SOME_KEY, is_key, weak_table};
use crate::source::{Author, author_of};
use crate::view::View;

/// How far up a name still says what an object is.
pub(super) const DEPTH: usize = 5;
/// Objects with more retainers than this are known all over; the first of those that last say enough.
const RETAINERS: usize = 200;

/// A name and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The variable or field itself.
    pub(crate) name: String,
    pub(crate) scope: Scope,
    /// Whose code declares it.
    pub(crate) author: Author,
    /// The object is an entry of the `WeakMap` that has this name.
    pub(crate) is_entry: bool,
    rank: Rank,
}

/// Where a name is declared.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    /// A variable of a context; the functions that share it.
    Context(Vec<Spot>),
    /// A field of an instance of a class, made by the constructor at the spot.
    Field { object: Node, class: String, constructor: Option<Spot> },
    /// A property of the global object.
    Global,
    /// An export of an ES module: the spot is the module's beginning.
    Module(Spot),
    /// A property of a function.
    Function { function: String, spot: Option<Spot> },
}

impl Named {
    /// `Class.field` or the variable.
    pub(crate) fn qualified(&self) -> String {
        let name = match &self.scope {
            Scope::Field { class, .. } if is_class_name(class) => join(class, &self.name),
            Scope::Field { class, .. } if class == "Module" && self.name == "children" => {
                join(class, &self.name)
            }
            Scope::Function { function, .. } => join(function, &self.name),
            _ => self.name.clone(),
        };
        if self.is_entry { join(&name, SOME_KEY) } else { name }
    }

    /// It stands on a class's prototype, as methods do.
    pub(super) fn is_on_class(&self) -> bool {
        matches!(&self.scope, Scope::Function { function, .. } if function.ends_with(".prototype"))
    }
}

/// `state.users`, `state[…]`.
pub(super) fn join(above: &str, name: &str) -> String {
    if name.starts_with('[') { format!("{above}{name}") } else { format!("{above}.{name}") }
}

fn is_class_name(class: &str) -> bool {
    class != "Object" && class != "Module" && !class.starts_with("global") && !class.starts_with("system /")
}

/// The names of an object, the best first.
pub(crate) fn names_of(view: &View<'_>, node: Node) -> Vec<Named> {
    // What came later, such as the contexts of a thousand waiting functions, knows the object by names that say less.
    let retainers = |lasting| {
        let lasts = move |edge: &Edge| (view.is_permanent(edge.from) || is_cell(view, edge.from)) == lasting;
        view.retainers(node).filter(|edge| edge.kind != EdgeType::Element).filter(lasts)
    };
    // And whatever else has it, what the shortest path leads through does.
    let on_path = view.reached_by(node).filter(|edge| edge.kind != EdgeType::Element);
    let mut names: Vec<(u32, Named)> = on_path
        .into_iter()
        .chain(retainers(true).chain(retainers(false)).take(RETAINERS))
        .filter_map(|edge| Some((view.graph.id(edge.from), by_edge(view, edge)?)))
        .collect();
    // Of equals the name that what was there first has for it; then by name, so that it is always the same.
    names.sort_by(|(id, one), (other_id, other)| {
        other.rank.cmp(&one.rank).then_with(|| (id, &one.name).cmp(&(other_id, &other.name)))
    });
    names.dedup_by(|(id, one), (other_id, other)| id == other_id && one.name == other.name);
    names.truncate(8);
    names.into_iter().map(|(_, named)| named).collect()
}

/// The names of what holds an object, or of itself.
pub(crate) struct Above {
    /// What the names are for.
    pub(crate) node: Node,
    pub(crate) names: Vec<Named>,
    /// The object is an element of it, or of an element, so many times.
    pub(crate) elements: usize,
}

/// The names of an object or, failing that, of what holds it.
pub(crate) fn names_above(view: &View<'_>, node: Node) -> Option<Above> {
    let mut at = node;
    // Of what is held by something else than a collection, nobody would know it by such a name.
    let mut elements = Some(0);
    for _ in 0..DEPTH {
        let names = names_of(view, at);
        let above = |names| Above { node: at, names, elements: elements.unwrap_or(0) };
        if !names.is_empty() {
            return Some(above(names));
        }
        // What is kept beside an object is not that object's.
        let beside = weak_map(view, at).map(|map| names_of(view, map)).unwrap_or_default();
        if !beside.is_empty() {
            return Some(above(beside.into_iter().map(|named| Named { is_entry: true, ..named }).collect()));
        }
        let edge = view.path_up(at).find(|edge| !view.is_part(edge.from))?;
        at = edge.from;
        elements = elements.filter(|_| view.is_builtin(at, &["Map", "Set", "Array"])).map(|count| count + 1);
        // Functions that share a context all lead to it, a queue's `push`, `pause` and `kill`: none of their names says more
        // than the others, but the object that has them does.
        if view.graph.kind(at) == NodeType::Closure && is_shared(view, edge) {
            at = view.path_up(at).find(|edge| !view.is_part(edge.from))?.from;
        }
    }
    None
}

/// The `WeakMap` of which an object is a value.
pub(super) fn weak_map(view: &View<'_>, value: Node) -> Option<Node> {
    let of_entry =
        |edge: Edge| weak_table(&view.graph.edge_name(edge)).filter(|_| edge.kind == EdgeType::Internal);
    let map = view.owner(view.node(view.retainers(value).find_map(of_entry)?)?);
    view.is_builtin(map, &["WeakMap"]).then_some(map)
}

/// Whether an edge leads from one of several functions to the context that they share.
fn is_shared(view: &View<'_>, edge: Edge) -> bool {
    let is_functions = |edge: &Edge| {
        edge.kind == EdgeType::Internal
            && view.graph.kind(edge.from) == NodeType::Closure
            && view.graph.edge_name(*edge) == "context"
    };
    is_functions(&edge) && view.retainers(edge.to).filter(is_functions).nth(1).is_some()
}

fn by_edge(view: &View<'_>, edge: Edge) -> Option<Named> {
    match edge.kind {
        EdgeType::Context => variable(view, edge),
        EdgeType::Property => field(view, edge),
        EdgeType::Internal | EdgeType::Hidden if is_cell(view, edge.from) => exported(view, edge.from),
        _ => None,
    }
}

/// Whether an object is the place of an exported variable.
fn is_cell(view: &View<'_>, node: Node) -> bool {
    view.is_part(node) && view.graph.name(node) == "system / Cell"
}

fn variable(view: &View<'_>, edge: Edge) -> Option<Named> {
    let name = view.graph.edge_name(edge);
    if name == "this" || name.starts_with('.') || name.is_empty() {
        return None;
    }
    let spots = view.scripts.of_context(edge.from);
    // In a bundle that all its code sees: whose it is, its declaration tells.
    let author = spots.first().map_or(Author::Node, |spot| view.scripts.author_of_script(spot.script_id));
    let rank = Rank::of(Form::Variable, author);
    Some(Named {
        name: name.into_owned(),
        scope: Scope::Context(spots.to_vec()),
        author,
        is_entry: false,
        rank,
    })
}

fn field(view: &View<'_>, edge: Edge) -> Option<Named> {
    let name = view.graph.edge_name(edge);
    if matches!(&*name, "__proto__" | "constructor" | "prototype" | "global" | "globalThis") {
        return None;
    }
    let name = if is_key(view, edge) { SOME_KEY.into() } else { name };
    let name = name_of_key(&name).into_owned();
    match view.graph.kind(edge.from) {
        NodeType::Closure => Some(of_function(view, &view.graph.name(edge.from), edge.from, name)),
        NodeType::Object => Some(of_object(view, edge, name)),
        _ => None,
    }
}

/// A property's name; of a symbol its description, in brackets where a variable cannot be called so.
pub(crate) fn name_of_key(key: &str) -> Cow<'_, str> {
    match key.strip_prefix("<symbol ").and_then(|name| name.strip_suffix('>')) {
        Some(name) if name.chars().all(|char| char.is_alphanumeric() || "_$#".contains(char)) => name.into(),
        Some(name) => format!("[{name}]").into(),
        None => key.into(),
    }
}

fn of_object(view: &View<'_>, edge: Edge, name: String) -> Named {
    let object = edge.from;
    let class = view.graph.name(object).into_owned();
    if class.starts_with("global") {
        return of_global(view, edge.to, name);
    }
    if let Some(function) = constructor_of(view, object) {
        let prototype = format!("{}.prototype", view.graph.name(function));
        return of_function(view, &prototype, function, name);
    }
    let constructor = view.graph.spot(object);
    let of_file = |module| view.module_file(module).map_or(Author::Node, |file| author_of(&file));
    // What a module exports as a whole is its author's, though the module is Node's object.
    if class == "Module" && name == "exports" {
        let (author, scope) = (of_file(object), Scope::Field { object, class, constructor });
        return Named { name, scope, author, is_entry: false, rank: Rank::of(Form::WholeExport, author) };
    }
    let plain = !is_class_name(&class);
    // The exports of a module repeat what its own variable says better, if that is known; an instance has a class.
    if let Some(module) = view.exporting_module(object).filter(|_| plain) {
        let (author, scope) = (of_file(module), Scope::Field { object, class, constructor: None });
        return Named { name, scope, author, is_entry: false, rank: Rank::of(Form::Export, author) };
    }
    let author = constructor.map_or_else(|| name_author(view, object), |spot| view.scripts.author(spot));
    let form = if plain { Form::PlainField } else { Form::Field };
    Named {
        name,
        scope: Scope::Field { object, class, constructor },
        author,
        is_entry: false,
        rank: Rank::of(form, author),
    }
}

fn of_global(view: &View<'_>, held: Node, name: String) -> Named {
    // Functions that are there by themselves, such as `queueMicrotask`, are Node's.
    let own = view.graph.kind(held) != NodeType::Closure
        || view.graph.spot(held).is_some_and(|spot| view.scripts.author(spot) == Author::User);
    let author = if own && !name.starts_with("node:") { Author::User } else { Author::Node };
    Named { name, scope: Scope::Global, author, is_entry: false, rank: Rank::of(Form::Global, author) }
}

/// A property of a function, or of what a function is known by as well.
fn of_function(view: &View<'_>, known_as: &str, function: Node, name: String) -> Named {
    let spot = view.graph.spot(function);
    let author = spot.map_or(Author::Node, |spot| view.scripts.author(spot));
    let scope = Scope::Function { function: known_as.to_owned(), spot };
    Named { name, scope, author, is_entry: false, rank: Rank::of(Form::OfFunction, author) }
}

/// The function whose instances have this object for their prototype.
fn constructor_of(view: &View<'_>, object: Node) -> Option<Node> {
    let function = view.graph.property(object, "constructor")?;
    (view.graph.property(function, "prototype") == Some(object)).then_some(function)
}

/// Whose a plain object is: that of the variable which holds it.
fn name_author(view: &View<'_>, object: Node) -> Author {
    view.retainers(object)
        .take(20)
        .filter(|edge| edge.kind == EdgeType::Context || edge.kind == EdgeType::Property)
        .map(|edge| match edge.kind {
            EdgeType::Context => view
                .scripts
                .of_context(edge.from)
                .first()
                .map_or(Author::Node, |spot| view.scripts.author(*spot)),
            _ => view.graph.spot(edge.from).map_or(Author::Node, |spot| view.scripts.author(spot)),
        })
        .max()
        .unwrap_or(Author::Node)
}

/// An exported variable of an ES module lives in a cell; the module's export table has the name before the cell.
fn exported(view: &View<'_>, cell: Node) -> Option<Named> {
    let graph = view.graph;
    for entry in view.retainers(cell) {
        let table = entry.from;
        let edges: Vec<Edge> = graph.edges(table).filter(|edge| edge.kind == EdgeType::Internal).collect();
        let Some(at) = edges.iter().position(|edge| edge.to == cell) else { continue };
        let Some(name) = at.checked_sub(1).map(|before| edges[before].to) else { continue };
        if !graph.kind(name).is_string() {
            continue;
        }
        let module = view
            .retainers(table)
            .map(|edge| edge.from)
            .find(|node| graph.name(*node) == "system / SourceTextModule");
        let spot = module.and_then(|module| graph.edges(module).find_map(|edge| graph.spot(edge.to)));
        let Some(spot) = spot else { continue };
        let author = view.scripts.author(spot);
        return Some(Named {
            name: graph.name(name).into_owned(),
            scope: Scope::Module(spot),
            author,
            is_entry: false,
            rank: Rank::of(Form::ModuleVariable, author),
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    const PACKAGE: &str = "/app/node_modules/cache/index.js";

    /// The names of an object, the best first, and whose they are.
    fn names(heap: &Heap, object: Node) -> Vec<(String, Author)> {
        heap.view(object, |view| {
            names_of(view, object).into_iter().map(|named| (named.qualified(), named.author)).collect()
        })
    }

    #[test]
    fn what_very_many_have_keeps_the_name_that_leads_to_it() {
        let mut heap = Heap::new();
        let lock = heap.instance("Lock", PACKAGE);
        for _ in 0..2 * RETAINERS {
            let (waiting, context) = (heap.function_at("run", PACKAGE, 7), heap.builtin("system / Context"));
            heap.internal(waiting, "context", context);
            heap.variable(context, "self", lock);
            heap.property(lock, "waiting", waiting);
        }
        heap.known_as("ledger", APP, lock);
        assert_eq!(names(&heap, lock)[0], ("ledger".to_owned(), Author::User));
    }

    #[test]
    fn a_variable_of_the_program_comes_before_its_fields_and_before_packages() {
        let mut heap = Heap::new();
        let (map, store) = (heap.builtin("Map"), heap.instance("Store", APP));
        heap.keep("store", store);
        heap.property(store, "sessions", map);
        heap.known_as("known", PACKAGE, map);
        heap.known_as("sessions", APP, map);
        let expected = [
            ("sessions".to_owned(), Author::User),
            ("Store.sessions".to_owned(), Author::User),
            ("known".to_owned(), Author::Library),
        ];
        assert_eq!(names(&heap, map), expected);
    }

    #[test]
    fn what_hangs_on_a_prototype_is_called_so() {
        let mut heap = Heap::new();
        let items = heap.builtin("Array");
        heap.instance("Cart", APP);
        heap.on_prototype("Cart", APP, "items", items);
        assert_eq!(names(&heap, items), [("Cart.prototype.items".to_owned(), Author::User)]);
    }

    #[test]
    fn exports_are_their_files_author() {
        let mut heap = Heap::new();
        let (module, exports, cache) = (heap.builtin("Module"), heap.builtin("Object"), heap.builtin("Map"));
        let file = heap.string(PACKAGE);
        heap.keep("module", module);
        heap.property(module, "filename", file);
        heap.property(module, "exports", exports);
        heap.property(exports, "cache", cache);
        assert_eq!(names(&heap, cache), [("cache".to_owned(), Author::Library)]);
        assert_eq!(names(&heap, exports), [("exports".to_owned(), Author::Library)]);
    }

    #[test]
    fn the_keys_of_a_dictionary_are_data() {
        let mut heap = Heap::new();
        let (accounts, entry) = (heap.global("accounts", "Object"), heap.builtin("Map"));
        for at in 0..=crate::shown::MOST_FIELDS {
            let other = heap.builtin("Map");
            heap.property(accounts, &format!("account{at}"), other);
        }
        heap.property(accounts, "smith", entry);
        assert_eq!(names(&heap, entry)[0].0, SOME_KEY);
    }

    #[test]
    fn symbols_are_called_by_their_description() {
        for (key, name) in
            [("cache", "cache"), ("<symbol kCache>", "kCache"), ("<symbol log.lines>", "[log.lines]")]
        {
            assert_eq!(name_of_key(key), name);
        }
    }
}
