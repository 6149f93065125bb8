//! Small heaps made by hand, for the tests of rules: objects of V8's own classes, of classes that a script has written, and
//! functions.

use leakhunt_heap::testing::Builder;
use leakhunt_heap::{EdgeType, Location, NodeType, Snapshot};
use rustc_hash::FxHashMap;

use crate::graph::Node;
use crate::held::{Held, recognise};
use crate::series::classes::Classes;
use crate::series::columns::Columns;
use crate::series::draft::Walked;
use crate::source::{Resolve, Sources};
use crate::suspects::Suspect;
use crate::view::View;

/// A script of the program's own.
pub(crate) const APP: &str = "/app/shop.js";
/// Two of Node's.
pub(crate) const TIMERS: &str = "node:internal/timers";
pub(crate) const EVENTS: &str = "node:events";

/// A heap that grows by one object at a time, below a global object.
pub(crate) struct Heap {
    builder: Builder,
    global: Node,
    /// By path: the number of a script and its node.
    scripts: FxHashMap<String, (u32, Node)>,
    /// By name and script: the place of a class and its prototype.
    classes: FxHashMap<(String, String), (Location, Node)>,
}

impl Heap {
    pub(crate) fn new() -> Self {
        let mut builder = Builder::default();
        let global = builder.node(NodeType::Object, "global");
        builder.edge(EdgeType::Element, Builder::ROOT, "1", global);
        Self { builder, global, scripts: FxHashMap::default(), classes: FxHashMap::default() }
    }

    /// The root of V8's own handles, such as that of an open port.
    pub(crate) fn handles(&mut self) -> Node {
        let handles = self.builder.node(NodeType::Synthetic, "(Global handles)");
        self.builder.edge(EdgeType::Element, Builder::ROOT, "2", handles);
        handles
    }

    /// An object of Node's own C++, which V8's roots keep.
    pub(crate) fn native(&mut self, class: &str) -> Node {
        let native = self.builder.node(NodeType::Native, class);
        self.builder.edge(EdgeType::Element, Builder::ROOT, "3", native);
        native
    }

    /// An object of a class that no script has written, such as `Map`.
    pub(crate) fn builtin(&mut self, class: &str) -> Node {
        self.builder.node(NodeType::Object, class)
    }

    /// The same, under a global variable.
    pub(crate) fn global(&mut self, name: &str, class: &str) -> Node {
        let object = self.builtin(class);
        self.keep(name, object);
        object
    }

    /// Puts an object under a global variable.
    pub(crate) fn keep(&mut self, name: &str, object: Node) {
        let global = self.global;
        self.property(global, name, object);
    }

    /// An instance of a class that a script has written.
    pub(crate) fn instance(&mut self, class: &str, script: &str) -> Node {
        let (place, prototype) = self.class(class, script);
        let object = self.builtin(class);
        self.builder.location(object, place);
        self.property(object, "__proto__", prototype);
        object
    }

    /// Gives the prototype of a class a property.
    pub(crate) fn on_prototype(&mut self, class: &str, script: &str, name: &str, value: Node) {
        let (_, prototype) = self.class(class, script);
        self.property(prototype, name, value);
    }

    /// Makes one class extend another, both by name and script.
    pub(crate) fn extend(&mut self, class: (&str, &str), base: (&str, &str)) {
        let (_, prototype) = self.class(class.0, class.1);
        let (_, base) = self.class(base.0, base.1);
        self.property(prototype, "__proto__", base);
    }

    /// A function on a line of its own.
    pub(crate) fn function(&mut self, name: &str, script: &str) -> Node {
        self.closure(name, script, None)
    }

    /// A function on the line with this number, from 1: one of several closures of it.
    pub(crate) fn function_at(&mut self, name: &str, script: &str, line: u32) -> Node {
        self.closure(name, script, Some(line - 1))
    }

    fn closure(&mut self, name: &str, script: &str, line: Option<u32>) -> Node {
        let (number, node) = self.script(script);
        let function = self.builder.node(NodeType::Closure, name);
        let shared = self.builder.node(NodeType::Code, "(shared function info)");
        self.builder.edge(EdgeType::Internal, function, "shared", shared);
        self.builder.edge(EdgeType::Internal, shared, "script", node);
        let line = line.unwrap_or(function.0);
        self.builder.location(function, Location { script_id: number, line, column: 0 });
        function
    }

    /// Gives an object an id of its own, where it is another one in each snapshot.
    pub(crate) fn number(&mut self, object: Node, id: u32) {
        self.builder.id(object, id);
    }

    /// Gives an object so many bytes.
    pub(crate) fn size(&mut self, object: Node, bytes: u32) {
        self.builder.size(object, bytes);
    }

    /// The file.
    pub(crate) fn text(&self) -> String {
        self.builder.text()
    }

    pub(crate) fn string(&mut self, text: &str) -> Node {
        self.builder.node(NodeType::String, text)
    }

    /// A part of a string of so many bytes.
    pub(crate) fn slice(&mut self, parent: u32) -> Node {
        let (whole, slice) =
            (self.string("whole"), self.builder.node(NodeType::SlicedString, "(sliced string)"));
        self.size(whole, parent);
        self.internal(slice, "parent", whole);
        slice
    }

    /// A Buffer on memory of so many bytes.
    pub(crate) fn buffer(&mut self, bytes: u32) -> Node {
        let (buffer, memory) = (self.builtin("Buffer"), self.builtin("ArrayBuffer"));
        let data = self.builder.node(NodeType::Native, "system / JSArrayBufferData");
        self.size(data, bytes);
        self.internal(buffer, "buffer", memory);
        self.internal(memory, "backing_store", data);
        buffer
    }

    /// An object of V8's own that a program does not see.
    pub(crate) fn hidden(&mut self, name: &str) -> Node {
        self.builder.node(NodeType::Hidden, name)
    }

    /// A number in a field of an object: V8 writes no reference for it, but the object's shape has the name.
    pub(crate) fn keeps_number(&mut self, object: Node, field: &str) {
        let (shape, fields, name) = (self.hidden("system / Map"), self.hidden("fields"), self.string(field));
        self.internal(object, "map", shape);
        self.internal(shape, "descriptors", fields);
        self.internal(fields, "0", name);
    }

    /// Compiled code.
    pub(crate) fn code(&mut self) -> Node {
        self.builder.node(NodeType::Code, "(instruction stream)")
    }

    /// An array of V8's own.
    pub(crate) fn array(&mut self) -> Node {
        self.builder.node(NodeType::Array, "")
    }

    /// An instance of a class that no script has written, as one that extends another of these.
    pub(crate) fn builtin_extending(&mut self, class: &str, base: &str) -> Node {
        let object = self.builtin(class);
        let (prototype, constructor) = (self.builtin("Object"), self.builder.node(NodeType::Closure, base));
        self.property(object, "__proto__", prototype);
        self.property(prototype, "constructor", constructor);
        object
    }

    /// The table of a plain object's properties, where it is a dictionary, with these for names.
    pub(crate) fn properties(&mut self, of: Node, names: &[Node]) {
        let table = self.builder.node(NodeType::Array, "(object properties)");
        self.builder.edge(EdgeType::Internal, of, "properties", table);
        for (name, at) in names.iter().zip(1..) {
            self.builder.edge(EdgeType::Internal, table, &(3 * at).to_string(), *name);
        }
    }

    /// The table of a `Map`, a `Set` or an array, with these in it.
    pub(crate) fn table(&mut self, of: Node, entries: &[Node]) {
        let table = self.builder.node(NodeType::Array, "");
        self.builder.edge(EdgeType::Internal, of, "table", table);
        for (entry, at) in entries.iter().zip(1..) {
            self.builder.edge(EdgeType::Internal, table, &at.to_string(), *entry);
        }
    }

    pub(crate) fn property(&mut self, from: Node, name: &str, to: Node) {
        self.builder.edge(EdgeType::Property, from, name, to);
    }

    pub(crate) fn element(&mut self, array: Node, at: usize, value: Node) {
        self.builder.edge(EdgeType::Element, array, &at.to_string(), value);
    }

    pub(crate) fn internal(&mut self, from: Node, name: &str, to: Node) {
        self.builder.edge(EdgeType::Internal, from, name, to);
    }

    pub(crate) fn variable(&mut self, context: Node, name: &str, value: Node) {
        self.builder.edge(EdgeType::Context, context, name, value);
    }

    /// Puts an object into a variable that a function of this script sees.
    pub(crate) fn known_as(&mut self, name: &str, script: &str, object: Node) {
        let (function, context) = (self.function("handler", script), self.builtin("system / Context"));
        self.keep(script, function);
        self.internal(function, "context", context);
        self.variable(context, name, object);
    }

    /// What holds one of the objects that grow below a container.
    pub(crate) fn held(&self, container: Node, example: Node) -> Held {
        self.view(container, |view| recognise(&Suspect::below(container, example, view), view))
    }

    /// Looks at the heap, of whose objects the container alone was there all along.
    pub(crate) fn view<R>(&self, container: Node, look: impl FnOnce(&View<'_>) -> R) -> R {
        self.view_mut(container, |view| look(view))
    }

    /// The same, with the sources that the snapshot itself has.
    pub(crate) fn view_with_sources<R>(
        &self,
        container: Node,
        look: impl FnOnce(&View<'_>, &Sources<'_>) -> R,
    ) -> R {
        self.view_with_files(container, &|_| None, look)
    }

    pub(crate) fn view_with_files<R>(
        &self,
        container: Node,
        files: &Resolve<'_>,
        look: impl FnOnce(&View<'_>, &Sources<'_>) -> R,
    ) -> R {
        self.view_mut(container, |view| {
            let sources = view.sources(files);
            look(view, &sources)
        })
    }

    fn view_mut<R>(&self, container: Node, look: impl FnOnce(&mut View<'_>) -> R) -> R {
        let text = self.text();
        let mut snapshot = Snapshot::parse(text.as_bytes(), 1).expect("it is whole");
        let view = View::of(&mut snapshot, false);
        let permanent = [view.graph.id(container)].into_iter().collect();
        look(&mut view.with_permanent(permanent))
    }

    fn class(&mut self, class: &str, script: &str) -> (Location, Node) {
        let key = (class.to_owned(), script.to_owned());
        if let Some(known) = self.classes.get(&key) {
            return *known;
        }
        let constructor = self.function(class, script);
        let place = Location { script_id: self.script(script).0, line: constructor.0, column: 0 };
        let prototype = self.builtin("Object");
        self.property(prototype, "constructor", constructor);
        self.property(constructor, "prototype", prototype);
        // Node and the program know their classes by variables.
        self.keep(&format!("{class} of {script}"), constructor);
        self.classes.insert(key, (place, prototype));
        (place, prototype)
    }

    fn script(&mut self, path: &str) -> (u32, Node) {
        if let Some(known) = self.scripts.get(path) {
            return *known;
        }
        let script = (self.scripts.len() as u32 + 1, self.builder.node(NodeType::Code, path));
        self.scripts.insert(path.to_owned(), script);
        script
    }
}

/// Snapshots in which the root holds these objects, by id and class.
pub(crate) fn series(snapshots: &[&[(u32, &str)]]) -> (Vec<Columns>, Classes) {
    let mut classes = Classes::default();
    let settle = |objects: &&[(u32, &str)]| {
        let mut builder = Builder::default();
        for (id, class) in *objects {
            let object = builder.node(NodeType::Object, class);
            builder.id(object, *id);
            builder.edge(EdgeType::Element, Builder::ROOT, "1", object);
        }
        let text = builder.text();
        let mut snapshot = Snapshot::parse(text.as_bytes(), 1).expect("it is whole");
        let walked = Walked::of(&mut snapshot);
        let (ids, sizes) = (snapshot.object_ids(), snapshot.self_sizes());
        walked.draft(ids, sizes).settle(&mut classes)
    };
    let columns = snapshots.iter().map(settle).collect();
    (columns, classes)
}
