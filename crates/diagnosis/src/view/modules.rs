//! CommonJS modules, which Node keeps as objects of its own.

use std::collections::VecDeque;

use leakhunt_heap::EdgeType;
use rustc_hash::FxHashSet;

use super::View;
use crate::graph::Node;
use crate::source::{Author, author_of, package_folder};

impl View<'_> {
    /// The CommonJS module whose exports an object is.
    pub(crate) fn exporting_module(&self, object: Node) -> Option<Node> {
        self.retainers(object)
            .take(20)
            .find(|edge| edge.kind == EdgeType::Property && self.graph.edge_name(*edge) == "exports")
            .map(|edge| edge.from)
            .filter(|module| self.graph.name(*module) == "Module")
    }

    /// The file of that module.
    pub(crate) fn exported_in(&self, object: Node) -> Option<String> {
        self.module_file(self.exporting_module(object)?)
    }

    /// A file of the package that the program itself requires and that, by others or by itself, requires the package in this
    /// folder; none where the program requires that one itself, or where no module tells.
    pub(crate) fn required_through(&self, folder: &str) -> Option<String> {
        let modules = self.scripts.modules();
        let inside = modules.iter().filter(|(file, _)| package_folder(file) == Some(folder));
        let mut open: VecDeque<(Node, Option<String>)> = inside.map(|(_, module)| (*module, None)).collect();
        let mut seen: FxHashSet<Node> = open.iter().map(|(module, _)| *module).collect();
        while let Some((module, through)) = open.pop_front() {
            for parent in self.requiring(module).filter(|parent| seen.insert(*parent)).collect::<Vec<_>>() {
                let Some(file) = self.module_file(parent) else { continue };
                match author_of(&file) {
                    Author::User => return through,
                    _ if package_folder(&file) == Some(folder) => open.push_back((parent, through.clone())),
                    _ => open.push_back((parent, Some(file))),
                }
            }
        }
        None
    }

    /// The modules that have required one: it is among their children.
    fn requiring(&self, module: Node) -> impl Iterator<Item = Node> + '_ {
        let lists = self.retainers(module).filter(|edge| edge.kind == EdgeType::Element);
        let lists = lists.flat_map(|edge| self.retainers(edge.from));
        lists
            .filter(|edge| edge.kind == EdgeType::Property && self.graph.edge_name(*edge) == "children")
            .map(|edge| edge.from)
    }

    /// The file of a CommonJS module object.
    pub(crate) fn module_file(&self, module: Node) -> Option<String> {
        let name = self.graph.property(module, "filename").or_else(|| self.graph.property(module, "id"))?;
        self.graph.kind(name).is_string().then(|| self.graph.name(name).into_owned())
    }
}
