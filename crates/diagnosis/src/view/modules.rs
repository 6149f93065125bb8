//! CommonJS modules, which Node keeps as objects of its own.

use leakhunt_heap::EdgeType;

use super::View;
use crate::graph::Node;

impl View<'_> {
    /// The CommonJS module whose exports an object is.
    pub(crate) fn exporting_module(&self, object: Node) -> Option<Node> {
        self.retainers(object)
            .take(20)
            .find(|edge| edge.kind == EdgeType::Property && self.graph.edge_name(*edge) == "exports")
            .map(|edge| edge.from)
            .filter(|module| self.graph.name(*module) == "Module")
    }

    /// The file of a CommonJS module object.
    pub(crate) fn module_file(&self, module: Node) -> Option<String> {
        let name = self.graph.property(module, "filename").or_else(|| self.graph.property(module, "id"))?;
        self.graph.kind(name).is_string().then(|| self.graph.name(name).into_owned())
    }
}
