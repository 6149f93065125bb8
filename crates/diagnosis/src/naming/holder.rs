//! Under which name the program knows the holder, and where that name is declared.

use leakhunt_heap::{Location as Spot, NodeType};

use super::candidates::{Above, Named, Scope, name_of_key, names_above, names_of};
use super::declared::{fields_of, is_import, is_whole_export, original_name, pick};
use super::ways::{Anchored, anchored, user_names_above};
use crate::graph::Node;
use crate::held::Held;
use crate::packages::written_in;
use crate::shown::{SOME_KEY, class_name, cut, original_class};
use crate::source::{Author, Place, Sources, display_path, package_folder, package_name};
use crate::suspects::{Cluster, Suspect};
use crate::view::View;

/// How far up the class of what has no name of its own is looked for.
const CLASS_DEPTH: usize = 8;

/// The holder of a suspect, by its class and its names.
pub(crate) struct Holder {
    /// The object that carries the name: suspects that share it may be one. The instance for its fields, so that a cache's list
    /// of keys and list of values are one thing.
    pub(crate) identity: Node,
    pub(crate) class: String,
    /// The name the program has for it; a timer has none.
    pub(crate) name: Option<Name>,
    /// A file of the package whose code it is, if it is a package's.
    pub(crate) package_file: Option<String>,
    /// Node.js itself declares it, and no package and no program.
    pub(crate) is_nodes: bool,
    /// The name in the program itself, where the holder is a library's.
    pub(crate) reached_through: Option<Reached>,
}

/// How the program gets at a library's object.
pub(crate) struct Reached {
    /// The variable, or the call: `session(…)`.
    pub(crate) name: String,
    pub(crate) place: Option<Place>,
    pub(crate) by: By,
}

/// By what the program gets at a library's object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// By a variable that leads to it.
    Variable,
    /// A call of what the library exports, of several.
    Call,
    /// The only one that the program does.
    OnlyCall,
}

impl Holder {
    /// The last name of what the program reaches it through, if that is something that it could call.
    pub(crate) fn reached_by(&self) -> Option<&str> {
        let reached = self.reached_through.as_ref()?;
        reached
            .name
            .rsplit('.')
            .next()
            .filter(|name| name.chars().all(|char| char.is_alphanumeric() || "_$".contains(char)))
    }
}

/// A name, and where it is declared.
pub(crate) struct Name {
    named: Named,
    /// The whole way from a variable, for a field of a plain object.
    path: Option<String>,
    /// The holder is an element of what has the name, or of an element, so many times.
    elements: usize,
    pub(crate) declared: Option<Place>,
}

impl Name {
    /// Whose code declares it.
    pub(crate) fn author(&self) -> Author {
        self.named.author
    }

    /// The variable or field alone, as it stands in the script that ran.
    pub(crate) fn bare(&self) -> &str {
        &self.named.name
    }

    pub(super) fn named(&self) -> &Named {
        &self.named
    }

    /// It is a field of something, not a variable.
    pub(crate) fn is_field(&self) -> bool {
        matches!(self.named.scope, Scope::Field { .. } | Scope::Function { .. })
    }

    /// A global variable, and no line is known that gives it its value.
    pub(crate) fn is_anybodys(&self) -> bool {
        matches!(self.named.scope, Scope::Global) && self.declared.is_none()
    }

    /// The program itself declares it.
    pub(crate) fn is_of_program(&self) -> bool {
        self.author() == Author::User
    }

    /// The variable or field alone, as people wrote it.
    pub(crate) fn original(&self) -> String {
        original_name(&self.named, self.declared.as_ref())
    }

    /// The whole of it: `cache`, `Store.sessions`, `state.users.byId`.
    pub(crate) fn full(&self) -> String {
        let name = self.path.clone().unwrap_or_else(|| match &self.named.scope {
            Scope::Context(_) if !self.named.is_entry => self.original(),
            _ => self.named.qualified(),
        });
        format!("{name}{}", SOME_KEY.repeat(self.elements))
    }

    /// The modules that a CommonJS module has required.
    pub(crate) fn is_children_of_module(&self) -> bool {
        matches!(&self.named.scope, Scope::Field { class, .. } if class == "Module")
            && self.named.name == "children"
    }

    /// The holder is an element of what has the name.
    pub(crate) fn is_element(&self) -> bool {
        self.elements > 0
    }

    pub(super) fn elements(&self) -> usize {
        self.elements
    }
}

/// The holder's name, class and place.
pub(crate) fn holder(suspect: &Suspect, held: &Held, view: &View<'_>, sources: &Sources<'_>) -> Holder {
    let nothing = || Above { node: suspect.holder, names: Vec::new(), elements: 0 };
    let Above { node, names, elements } = names(suspect, held, view).unwrap_or_else(nothing);
    let mut picked = pick(names, view, sources);
    if let Some((Named { scope: Scope::Field { object, class, .. }, .. }, _)) = &mut picked {
        *class = original_class(view, sources, *object);
    }
    let mut holder = Holder {
        identity: identity(picked.as_ref().map(|(named, _)| named), node),
        class: class(suspect, held, view),
        package_file: None,
        is_nodes: false,
        name: None,
        reached_through: None,
    };
    let Some((mut named, mut declared)) = picked else {
        holder.package_file = class_file(bearer(suspect, held), view);
        return holder;
    };
    let is_plain = matches!(named.scope, Scope::Field { constructor: None, .. });
    let anchor = is_plain.then(|| anchored(view, &named, |named| is_import(named, view, sources))).flatten();
    let in_package = match declared {
        None => in_package(suspect, &named, anchor.as_ref(), view, sources),
        Some(_) => None,
    };
    let is_of_package = in_package.is_some();
    if is_of_package {
        (declared, named.author) = (in_package, Author::Library);
    }
    // Nobody writes a class for a plain object: whose it is, the variable tells that leads to it.
    if let Some(anchor) = anchor.as_ref().filter(|_| named.author == Author::Node) {
        named.author = anchor.variable.author;
    }
    if named.author == Author::Library {
        holder.package_file = library_file(&named, anchor.as_ref(), declared.as_ref(), view);
    }
    let by_user =
        !is_of_package && anchor.as_ref().is_some_and(|anchor| anchor.variable.author == Author::User);
    let is_users = named.author == Author::User;
    if !is_users && !by_user {
        holder.package_file = holder.package_file.or_else(|| class_file(node, view));
        let of = anchor.as_ref().map_or(&named, |anchor| &anchor.variable);
        holder.reached_through = reached_through(node, of, declared.as_ref(), view, sources);
    }
    // What the program has a name for, a package may have written.
    if matches!(held, Held::Object) {
        let spot =
            view.graph.spot(suspect.holder).filter(|spot| view.scripts.author(*spot) == Author::Library);
        holder.package_file = holder.package_file.or_else(|| file_of(spot?, view));
    }
    holder.is_nodes = is_nodes(&named, suspect, view);
    // The way to an object of the program's through Node's own says nothing to a reader.
    let path = anchor.filter(|anchor| by_user || is_whole_export(&anchor.variable) || !is_users);
    let path = path.map(|anchor| cut(&original_path(&anchor, view, sources)));
    holder.name = Some(Name { named, path, elements, declared });
    holder
}

/// Whether Node.js declares what has a name: on an object of Node's the program may have hung something of its own.
fn is_nodes(named: &Named, suspect: &Suspect, view: &View<'_>) -> bool {
    let written = match &named.scope {
        Scope::Context(spots) => spots.first().copied(),
        _ => view.graph.spot(suspect.holder),
    };
    named.author == Author::Node && written.is_some_and(|spot| view.scripts.is_nodes(spot.script_id))
}

/// The file of a package's that has a name.
fn library_file(
    named: &Named,
    anchor: Option<&Anchored>,
    declared: Option<&Place>,
    view: &View<'_>,
) -> Option<String> {
    let declared = declared.map(|place| place.best().file.clone());
    let spot = || first_spot(named).or_else(|| first_spot(&anchor?.variable));
    declared.filter(|file| package_folder(file).is_some()).or_else(|| file_of(spot()?, view))
}

/// The way to a field, from the name that people wrote for the variable: a minifier's `t.rooms` is `state.rooms` in the source map.
fn original_path(anchor: &Anchored, view: &View<'_>, sources: &Sources<'_>) -> String {
    let Anchored { variable, path, .. } = anchor;
    let original = || {
        let Scope::Context(spots) = &variable.scope else { return None };
        let declared = sources.declaration(&view.scripts, &variable.name, spots)?.place;
        let rest = path.strip_prefix(&variable.name)?;
        Some(format!("{}{rest}", original_name(variable, Some(&declared))))
    };
    original().unwrap_or_else(|| path.clone())
}

fn identity(named: Option<&Named>, node: Node) -> Node {
    match named.map(|named| &named.scope) {
        Some(Scope::Field { object, class, constructor: Some(_) }) if class != "Object" => *object,
        _ => node,
    }
}

/// The candidates for the holder's name, and the object that has them.
fn names(suspect: &Suspect, held: &Held, view: &View<'_>) -> Option<Above> {
    match held {
        Held::Timer { .. } => None,
        Held::Listener { emitter, .. } => names_above(view, *emitter),
        Held::Stream { stream, .. } => names_above(view, *stream),
        // Of a chain that others only lead to, its first link.
        Held::List if bearer(suspect, held) != suspect.holder => names_above(view, bearer(suspect, held)),
        _ => {
            let cluster = &suspect.cluster;
            let slot = cluster.slot.as_ref().filter(|_| suspect.holder == cluster.container);
            slot.and_then(|slot| slot_names(cluster, slot, view))
                .or_else(|| names_above(view, suspect.holder))
        }
    }
}

fn class(suspect: &Suspect, held: &Held, view: &View<'_>) -> String {
    let node = bearer(suspect, held);
    // Of V8's roots the name says more than their class: `(Global handles)`.
    if view.graph.kind(node) == NodeType::Synthetic {
        let name = view.graph.name(node);
        return if name.is_empty() { "(GC roots)".to_owned() } else { name.into_owned() };
    }
    class_name(view, node)
}

/// The file of the class of an object, or else of the first above it that has one, where that is a package's.
fn class_file(node: Node, view: &View<'_>) -> Option<String> {
    // Of a chain, the one that has its first link.
    let is_link = |above: &Node| view.graph.name(*above) == view.graph.name(node);
    let above = std::iter::once(node).chain(view.path_up(node).map(|edge| edge.from).skip_while(is_link));
    let objects = above.take(CLASS_DEPTH).filter(|node| view.graph.kind(*node) == NodeType::Object);
    let spot = objects.filter_map(|node| view.graph.spot(node)).next()?;
    file_of(spot, view).filter(|_| view.scripts.author(spot) == Author::Library)
}

/// Where a package declares the global variable in which objects of its own classes grow, or writes down the object that hangs
/// on one.
fn in_package(
    suspect: &Suspect,
    named: &Named,
    anchor: Option<&Anchored>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Place> {
    let (scripts, name) = (&view.scripts, named.name.as_str());
    let files = || suspect.objects().filter_map(|node| written_in(node, view, sources));
    match &named.scope {
        Scope::Global => files().find_map(|file| sources.global_of_package(scripts, &file, name)),
        Scope::Field { object, constructor: None, .. }
            if anchor.is_some_and(|anchor| matches!(anchor.variable.scope, Scope::Global)) =>
        {
            let fields = fields_of(view, *object);
            files().find_map(|file| sources.literal_of_package(scripts, &file, (&fields, name)))
        }
        _ => None,
    }
}

fn file_of(spot: Spot, view: &View<'_>) -> Option<String> {
    view.scripts.name(spot.script_id).map(display_path)
}

/// The object that is spoken of: an emitter rather than its list of listeners.
fn bearer(suspect: &Suspect, held: &Held) -> Node {
    match held {
        Held::Listener { emitter, .. } => *emitter,
        Held::Stream { stream, .. } => *stream,
        Held::List => {
            let chain = suspect.cluster.chain.as_ref().filter(|chain| chain.is_led_to);
            chain.map_or(suspect.holder, |chain| chain.link)
        }
        _ => suspect.holder,
    }
}

/// The name of a slot: the variable of a context, or the field of an object.
fn slot_names(cluster: &Cluster, slot: &str, view: &View<'_>) -> Option<Above> {
    // What a variable leads to has more names than this one, but it is this one that grows.
    // A field of a class's that is reassigned, to a longer buffer for one, says where; the head of a list does not.
    let is_field = cluster.chain.is_none()
        && cluster.first_site().is_replaced()
        && view.graph.spot(cluster.container).is_some();
    if view.graph.kind(cluster.container) == NodeType::Object
        && view.graph.name(cluster.container) != "system / Context"
        && !is_field
    {
        let own = names_above(view, cluster.container)?;
        if own.names.iter().any(|named| named.author == Author::User) {
            return Some(own);
        }
    }
    let target = view.graph.edges(cluster.container).find(|edge| view.graph.edge_name(*edge) == slot)?.to;
    let mut names = names_of(view, target);
    names.retain(|named| named.name == name_of_key(slot));
    (!names.is_empty()).then_some(Above { node: cluster.container, names, elements: 0 })
}

/// How the program itself reaches a library's object: by a variable near it, or by the call that made it.
fn reached_through(
    node: Node,
    named: &Named,
    declared: Option<&Place>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Reached> {
    let is_itself = |other: &Named| {
        matches!((&named.scope, &other.scope), (Scope::Global, Scope::Global)) && other.name == named.name
    };
    let of_user = |mut names: Vec<Named>| {
        names.retain(|other| !is_itself(other));
        // What stands under some key of something says nothing.
        pick(names, view, sources).filter(|(named, _)| named.author == Author::User && named.name != SOME_KEY)
    };
    let variable = || {
        let (named, place) = user_names_above(view, node).find_map(of_user)?;
        let name = match &named.scope {
            Scope::Context(_) => original_name(&named, place.as_ref()),
            _ => anchored(view, &named, |named| is_import(named, view, sources))
                .map_or_else(|| named.qualified(), |anchor| original_path(&anchor, view, sources)),
        };
        Some(Reached { name: cut(&name), place, by: By::Variable })
    };
    let call = || {
        let script = first_spot(named).and_then(|spot| view.scripts.name(spot.script_id));
        let package = package_name(script.or_else(|| Some(&declared?.location.file))?)?;
        let class = match &named.scope {
            Scope::Field { class, .. } => class.as_str(),
            _ => "",
        };
        let (first, is_only) = sources.package_use(&view.scripts, package, class)?;
        let by = if is_only { By::OnlyCall } else { By::Call };
        Some(Reached { name: format!("{}(…)", first.code), place: Some(first.place), by })
    };
    variable().or_else(call)
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
