//! What the classes, functions and methods of a script are called.

use oxc_ast::AstKind;
use oxc_ast::ast::Expression;
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::expressions::key_name;
use super::names::{Name, Names};
use super::tree::contains;

#[derive(Default)]
pub(super) struct Parts(Vec<Part>);

struct Part {
    kind: Kind,
    name: Option<Name>,
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Class,
    Function,
    /// What is only looked for by its name: a method, or a variable that a function or a class is given to.
    Named,
}

impl Parts {
    pub(super) fn see(&mut self, node: &AstNode<'_>, names: &mut Names) {
        let (kind, name) = match node.kind() {
            AstKind::Class(class) => (Kind::Class, class.id.as_ref().map(|id| id.name.as_str())),
            AstKind::Function(function) => (Kind::Function, function.id.as_ref().map(|id| id.name.as_str())),
            AstKind::MethodDefinition(method) => (Kind::Named, key_name(&method.key)),
            AstKind::VariableDeclarator(declarator) => {
                let is_function = matches!(
                    declarator.init,
                    Some(
                        Expression::ArrowFunctionExpression(_)
                            | Expression::FunctionExpression(_)
                            | Expression::ClassExpression(_)
                    )
                );
                let name = declarator.id.get_identifier_name().filter(|_| is_function);
                (Kind::Named, name.map(|name| name.as_str()))
            }
            _ => return,
        };
        let name = name.map(|name| names.add(name));
        if name.is_some() || kind != Kind::Named {
            self.0.push(Part { kind, name, span: node.kind().span() });
        }
    }

    /// The innermost class or function around an offset that has a name.
    pub(super) fn name_around(&self, at: u32) -> Option<Name> {
        self.innermost(at, |kind| kind != Kind::Named)
    }

    pub(super) fn class_name_around(&self, at: u32) -> Option<Name> {
        self.innermost(at, |kind| kind == Kind::Class)
    }

    fn innermost(&self, at: u32, counts: impl Fn(Kind) -> bool) -> Option<Name> {
        let around = self.0.iter().filter(|part| counts(part.kind) && contains(part.span, at));
        let named = around.filter_map(|part| Some((part.span.size(), part.name?)));
        named.min_by_key(|(size, _)| *size).map(|(_, name)| name)
    }

    /// The first class, function or method of a name.
    pub(super) fn span_of(&self, name: Name) -> Option<Span> {
        self.0.iter().find(|part| part.name == Some(name)).map(|part| part.span)
    }

    /// The first class, function or method of a name, and whether it is a class.
    pub(super) fn named(&self, name: Name) -> Option<(Span, bool)> {
        let part = self.0.iter().find(|part| part.name == Some(name))?;
        // `const Room = class { … }` ends where its class does.
        let ends_with = |inner: &Part| inner.kind == Kind::Class && inner.span.end == part.span.end;
        let is_class = self.0.iter().any(|inner| ends_with(inner) && contains(part.span, inner.span.start));
        Some((part.span, is_class))
    }

    /// The functions and methods of a name.
    pub(super) fn functions(&self, name: Name) -> impl Iterator<Item = Span> + '_ {
        let called = move |part: &&Part| part.name == Some(name) && part.kind != Kind::Class;
        self.0.iter().filter(called).map(|part| part.span)
    }

    /// The function or method of a name within a span.
    pub(super) fn named_in(&self, within: Span, name: Name) -> Option<Span> {
        let is_there = |part: &&Part| part.name == Some(name) && contains(within, part.span.start);
        self.0.iter().find(is_there).map(|part| part.span)
    }

    /// The class around an offset, or else the function.
    pub(super) fn class_around(&self, at: u32) -> Option<Span> {
        let around = self.0.iter().filter(|part| part.kind != Kind::Named && contains(part.span, at));
        around.min_by_key(|part| (part.kind, part.span.size())).map(|part| part.span)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, indexed};

    #[test]
    fn parts_are_found_by_name() {
        check("const run = () => 1;\nclass C { stop() {} }", "stop()", |index, _| index.named("stop"));
        check("const run = () => 1;\nclass C { stop() {} }", "run =", |index, _| index.named("run"));
        check("var Room = class { stop() {} }", "Room =", |index, _| index.named("Room"));
        assert_eq!(indexed("const run = 1;").0.named("run"), None);
    }

    #[test]
    fn the_innermost_name_around_a_place_counts() {
        let (index, at) = indexed("class A {\n  start() {\n    function tick() { /*here*/ }\n  }\n}");
        assert_eq!(index.name_around(at), Some("tick"));
        assert_eq!(index.class_name_around(at), Some("A"));
        assert_eq!(index.name_around(0), Some("A"));
    }
}
