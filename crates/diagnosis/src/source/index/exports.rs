//! What a module exports, and under which names.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    AssignmentExpression, AssignmentTarget, Declaration, ExportNamedDeclaration, Expression,
    ObjectPropertyKind,
};
use oxc_span::GetSpan;

use super::expressions::key_name;
use super::names::Name;
use super::things::{Naming, Root, Thing};
use super::tree::Tree;

#[derive(Default)]
pub(super) struct Exports {
    /// What the module is as a whole.
    pub(super) whole: Vec<Thing>,
    pub(super) named: Vec<(Name, Thing)>,
}

impl Exports {
    pub(super) fn see<'a>(&mut self, kind: AstKind<'a>, tree: &'a Tree<'a>, naming: &mut Naming<'a, '_>) {
        match kind {
            AstKind::AssignmentExpression(assignment) => self.see_assignment(assignment, tree, naming),
            AstKind::ExportDefaultDeclaration(export) => {
                if let Some(exported) = export.declaration.as_expression() {
                    let (name, thing) = (naming.names.add("default"), naming.thing(exported));
                    self.named.push((name, thing));
                }
            }
            AstKind::ExportNamedDeclaration(export) => self.see_named(export, naming),
            _ => {}
        }
    }

    fn see_assignment<'a>(
        &mut self,
        assignment: &'a AssignmentExpression<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let AssignmentTarget::StaticMemberExpression(member) = &assignment.left else { return };
        if tree.slice(member.span) != "module.exports" {
            let is_exports = naming.thing(&member.object) == Thing::of(Root::Exports, Vec::new());
            if is_exports {
                let name = naming.names.add(&member.property.name);
                let thing = naming.thing(&assignment.right);
                self.named.push((name, thing));
            }
            return;
        }
        let Expression::ObjectExpression(object) = &assignment.right else {
            let thing = naming.thing(&assignment.right);
            self.whole.push(thing);
            return;
        };
        for property in &object.properties {
            if let ObjectPropertyKind::ObjectProperty(property) = property
                && let Some(name) = key_name(&property.key)
            {
                let (name, thing) = (naming.names.add(name), naming.thing(&property.value));
                self.named.push((name, thing));
            }
        }
    }

    fn see_named<'a>(&mut self, export: &'a ExportNamedDeclaration<'a>, naming: &mut Naming<'a, '_>) {
        if export.source.is_some() {
            return;
        }
        for specifier in &export.specifiers {
            let local = naming.bindings.named_at_top(&specifier.local.name());
            if let Some(thing) = local.and_then(|at| naming.declared(at)) {
                let name = naming.names.add(&specifier.exported.name());
                self.named.push((name, thing));
            }
        }
        if let Some(Declaration::VariableDeclaration(declared)) = &export.declaration {
            for id in
                declared.declarations.iter().filter_map(|declarator| declarator.id.get_binding_identifier())
            {
                let name = naming.names.add(&id.name);
                self.named.push((name, Thing::of(Root::Variable(id.span().start), Vec::new())));
            }
        }
    }
}
