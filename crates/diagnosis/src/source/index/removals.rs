//! What a script takes out of containers, and which timers it stops.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, AssignmentTarget, CallExpression, Expression, UnaryExpression};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::expressions::called_name;
use super::names::{Name, Names};

/// Methods that take something out of a container.
const REMOVE: &[&str] = &["delete", "clear", "pop", "shift", "splice"];
/// Functions that stop a timer.
pub(in super::super) const STOP: &[&str] = &["clearInterval", "clearTimeout", "clearImmediate"];

#[derive(Default)]
pub(super) struct Removals {
    removals: Vec<Removal>,
    /// Where a variable or a field gets its value.
    values: Vec<Removal>,
    /// What is handed to a function, which may take out of it under another name.
    handed: Vec<Name>,
    stops_timers: bool,
}

/// Where something is taken out of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Removal {
    container: Name,
    pub(in super::super) at: u32,
    pub(in super::super) by: Taking,
}

/// By what something is taken out of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Taking {
    /// The call of this.
    Call(Span),
    /// `delete` of an element of this.
    Delete(Span),
    /// An assignment to this: the container itself, or its length.
    Assigned(Span),
}

impl Removals {
    pub(super) fn see(&mut self, node: &AstNode<'_>, names: &mut Names) {
        match node.kind() {
            AstKind::CallExpression(call) => self.see_call(call, names),
            AstKind::NewExpression(new) => self.see_handed(&new.arguments, names),
            AstKind::UnaryExpression(unary) if unary.operator.is_delete() => self.see_delete(unary, names),
            AstKind::VariableDeclarator(declarator) if declarator.init.is_some() => {
                if let Some(name) = declarator.id.get_identifier_name() {
                    self.see_value(&name, declarator.span, declarator.id.span(), names);
                }
            }
            AstKind::PropertyDefinition(field) if field.value.is_some() => {
                if let Some(name) = super::expressions::key_name(&field.key) {
                    self.see_value(name, field.span, field.key.span(), names);
                }
            }
            AstKind::AssignmentExpression(assignment) => {
                self.see_assigned(&assignment.left, assignment.span, names);
            }
            _ => {}
        }
    }

    /// The first place where something is taken out of a container. The first value that it gets is no such place.
    pub(super) fn first_of(&self, container: Name) -> Option<Removal> {
        let of_container = |removal: &&Removal| removal.container == container;
        let anew = self.values.iter().filter(of_container).skip(1);
        self.removals.iter().filter(of_container).chain(anew).min_by_key(|removal| removal.at).copied()
    }

    pub(super) fn is_handed_on(&self, container: Name) -> bool {
        self.handed.contains(&container)
    }

    pub(super) fn stops_timers(&self) -> bool {
        self.stops_timers
    }

    fn see_call(&mut self, call: &CallExpression<'_>, names: &mut Names) {
        self.stops_timers |= called_name(&call.callee).is_some_and(|callee| STOP.contains(&callee));
        if let Expression::StaticMemberExpression(member) = &call.callee
            && REMOVE.contains(&member.property.name.as_str())
            && let Some(container) = called_name(&member.object)
        {
            let (container, by) = (names.add(container), Taking::Call(call.callee.span()));
            self.removals.push(Removal { container, at: call.span.start, by });
        }
        self.see_handed(&call.arguments, names);
    }

    fn see_handed(&mut self, arguments: &[Argument<'_>], names: &mut Names) {
        let handed = arguments.iter().filter_map(Argument::as_expression).filter_map(called_name);
        self.handed.extend(handed.map(|name| names.add(name)));
    }

    fn see_delete(&mut self, unary: &UnaryExpression<'_>, names: &mut Names) {
        let object = match &unary.argument {
            Expression::ComputedMemberExpression(member) => &member.object,
            Expression::StaticMemberExpression(member) => &member.object,
            _ => return,
        };
        if let Some(container) = called_name(object) {
            let (container, by) = (names.add(container), Taking::Delete(object.span()));
            self.removals.push(Removal { container, at: unary.span.start, by });
        }
    }

    fn see_assigned(&mut self, target: &AssignmentTarget<'_>, whole: Span, names: &mut Names) {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(variable) => {
                self.see_value(&variable.name, whole, variable.span, names);
            }
            AssignmentTarget::StaticMemberExpression(member) if member.property.name == "length" => {
                if let Some(container) = called_name(&member.object) {
                    let (container, by) = (names.add(container), Taking::Assigned(member.span));
                    self.removals.push(Removal { container, at: whole.start, by });
                }
            }
            AssignmentTarget::StaticMemberExpression(member) => {
                self.see_value(&member.property.name, whole, member.span, names);
            }
            AssignmentTarget::PrivateFieldExpression(member) => {
                self.see_value(&member.field.name, whole, member.span, names);
            }
            _ => {}
        }
    }

    fn see_value(&mut self, name: &str, whole: Span, written: Span, names: &mut Names) {
        let (container, by) = (names.add(name), Taking::Assigned(written));
        self.values.push(Removal { container, at: whole.start, by });
    }
}

#[cfg(test)]
mod tests {
    use super::super::slice;
    use super::super::tests::indexed;
    use super::*;

    #[test]
    fn what_takes_out_of_a_container_is_found() {
        for (text, by) in [
            ("const m = new Map();\nm.set(1, 2);\nm.delete(1);", Some(("m.delete", "call"))),
            ("class A { #m = []; next() { return this.#m.shift(); } }", Some(("this.#m.shift", "call"))),
            ("const m = {};\nm.a = 1;\ndelete m[key];", Some(("m", "delete"))),
            ("const m = [];\nm.length = 0;", Some(("m.length", "assigned"))),
            ("let m = [];\nm.push(1);\nm = m.filter(isOpen);", Some(("m", "assigned"))),
            (
                "class A { constructor() { this.m = []; } reset() { this.m = []; } }",
                Some(("this.m", "assigned")),
            ),
            ("const m = new Map();\nm.set(1, 2);\nother.delete(1);", None),
            ("class A { constructor() { this.m = []; } }", None),
        ] {
            let (index, _) = indexed(text);
            let found = index.removal("m").map(|removal| match removal.by {
                Taking::Call(span) => (slice(text, span), "call"),
                Taking::Delete(span) => (slice(text, span), "delete"),
                Taking::Assigned(span) => (slice(text, span), "assigned"),
            });
            assert_eq!(found, by, "{text}");
        }
    }

    #[test]
    fn a_container_that_a_function_is_given_may_be_emptied_by_it() {
        assert!(indexed("const m = new Map();\nprune(m, 10);").0.is_handed_on("m"));
        assert!(indexed("const m = new Map();\nnew Janitor({}, this.m);").0.is_handed_on("m"));
        assert!(!indexed("const m = new Map();\nm.set(1, m.size);").0.is_handed_on("m"));
    }

    #[test]
    fn timers_that_are_stopped_are_seen() {
        assert!(indexed("clearInterval(this.timer);").0.stops_timers());
        assert!(!indexed("setInterval(f, 10);").0.stops_timers());
    }
}
