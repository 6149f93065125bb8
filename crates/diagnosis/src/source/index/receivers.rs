//! Whose `this` is where.

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentExpression, AssignmentTarget, BindingPatternKind, Class, Expression, Function};
use oxc_semantic::{AstNode, SymbolId};
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashMap;

use super::expressions::last_name;
use super::tree::Tree;

/// What `this` is in a function.
#[derive(Clone, Copy)]
pub(super) enum Receiver<'a> {
    /// An instance of the class that begins here.
    Instance(u32),
    /// The class whose variable is declared here.
    Class(u32),
    /// An instance of the class that this names.
    InstanceOf(&'a Expression<'a>),
    /// The object whose property the function becomes.
    Object(&'a Expression<'a>),
    /// The object written down for this.
    Target(&'a AssignmentTarget<'a>),
    /// The object that the variable declared here is given.
    Variable(u32),
    /// What the module exports.
    Exports,
    /// It is made by `new`, as far as is known, or called with the `this` of another place.
    Function {
        start: u32,
        called_at: Option<u32>,
    },
    Unknown,
}

/// The parts of a script that have a `this` of their own.
#[derive(Default)]
pub(super) struct Receivers<'a> {
    /// By where they begin; those that contain others before them.
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    span: Span,
    receiver: Receiver<'a>,
    /// The part around it.
    above: Option<usize>,
}

impl<'a> Receivers<'a> {
    pub(super) fn of(tree: &'a Tree<'a>) -> Self {
        let called = called_with_this(tree);
        let nodes = tree.semantic.nodes().iter();
        let mut found: Vec<(Span, Receiver<'a>)> =
            nodes.filter_map(|node| Some((node.kind().span(), of_node(node, tree, &called)?))).collect();
        found.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let mut parts: Vec<Part<'a>> = Vec::with_capacity(found.len());
        let mut around: Vec<usize> = Vec::new();
        for (span, receiver) in found {
            while around.last().is_some_and(|at| parts[*at].span.end <= span.start) {
                around.pop();
            }
            parts.push(Part { span, receiver, above: around.last().copied() });
            around.push(parts.len() - 1);
        }
        Self { parts }
    }

    /// What `this` is at an offset.
    pub(super) fn around(&self, at: u32) -> Option<&Receiver<'a>> {
        let mut part = self.parts.partition_point(|part| part.span.start <= at).checked_sub(1);
        while let Some(index) = part {
            let known = &self.parts[index];
            if at < known.span.end {
                return Some(&known.receiver);
            }
            part = known.above;
        }
        None
    }
}

/// The functions that are called by `name.call(this, …)`, each with the first place that does so.
fn called_with_this(tree: &Tree<'_>) -> FxHashMap<SymbolId, u32> {
    let mut called = FxHashMap::default();
    for node in tree.semantic.nodes() {
        let AstKind::CallExpression(call) = node.kind() else { continue };
        if let Expression::StaticMemberExpression(member) = &call.callee
            && matches!(&*member.property.name, "call" | "apply" | "bind")
            && let Expression::Identifier(function) = &member.object
            && let Some(this) = call.arguments.first().and_then(|argument| argument.as_expression())
            && matches!(this, Expression::ThisExpression(_))
            && let Some(symbol) = tree.symbol(function)
        {
            called.entry(symbol).or_insert(this.span().start);
        }
    }
    called
}

fn of_node<'a>(
    node: &'a AstNode<'a>,
    tree: &'a Tree<'a>,
    called: &FxHashMap<SymbolId, u32>,
) -> Option<Receiver<'a>> {
    match node.kind() {
        AstKind::Function(function) => Some(of_function(function, node, tree, called)),
        AstKind::PropertyDefinition(field) => Some(of_member(class_around(node, tree)?, field.r#static)),
        AstKind::StaticBlock(_) => Some(of_member(class_around(node, tree)?, true)),
        _ => None,
    }
}

fn of_function<'a>(
    function: &'a Function<'a>,
    node: &'a AstNode<'a>,
    tree: &'a Tree<'a>,
    called: &FxHashMap<SymbolId, u32>,
) -> Receiver<'a> {
    let start = function.span.start;
    let own = |symbol: Option<SymbolId>| Receiver::Function {
        start,
        called_at: symbol.and_then(|symbol| called.get(&symbol).copied()),
    };
    let Some(above) = tree.ancestors(node).next() else { return Receiver::Unknown };
    match above.kind() {
        AstKind::MethodDefinition(method) => match class_around(above, tree) {
            Some(class) => of_member(class, method.r#static),
            None => Receiver::Unknown,
        },
        AstKind::PropertyDefinition(field) => match class_around(above, tree) {
            Some(class) => of_member(class, field.r#static),
            None => Receiver::Unknown,
        },
        AstKind::ObjectProperty(_) => of_compiled(above, tree).unwrap_or_else(|| of_literal(above, tree)),
        AstKind::AssignmentExpression(assignment) => of_assigned(assignment).unwrap_or_else(|| own(None)),
        AstKind::StaticMemberExpression(member) if member.property.name == "bind" => {
            bound_to(above, tree).unwrap_or_else(|| own(None))
        }
        AstKind::VariableDeclarator(declarator) => match &declarator.id.kind {
            BindingPatternKind::BindingIdentifier(id) => own(id.symbol_id.get()),
            _ => own(None),
        },
        _ => own(function.id.as_ref().and_then(|id| id.symbol_id.get())),
    }
}

/// `Store.prototype.get = function …`, `exports.get = function …`: a method of that object.
fn of_assigned<'a>(assignment: &'a AssignmentExpression<'a>) -> Option<Receiver<'a>> {
    match &assignment.left {
        AssignmentTarget::StaticMemberExpression(member) => Some(Receiver::Object(&member.object)),
        _ => None,
    }
}

/// `function () { … }.bind(log)`: a method of that object.
fn bound_to<'a>(bind: &'a AstNode<'a>, tree: &'a Tree<'a>) -> Option<Receiver<'a>> {
    let AstKind::CallExpression(call) = tree.ancestors(bind).next()?.kind() else { return None };
    let this = call.arguments.first()?.as_expression()?;
    call.callee.span().contains_inclusive(bind.kind().span()).then_some(Receiver::Object(this))
}

/// `_createClass(Store, [{ key: 'get', value: function get() { … } }])`, as Babel compiles classes: a method of the instances.
fn of_compiled<'a>(property: &'a AstNode<'a>, tree: &'a Tree<'a>) -> Option<Receiver<'a>> {
    let is_between = |kind: AstKind<'_>| {
        matches!(kind, AstKind::ObjectExpression(_) | AstKind::ArrayExpression(_) | AstKind::Argument(_))
    };
    let call = tree.ancestors(property).find(|node| !is_between(node.kind()))?;
    let AstKind::CallExpression(call) = call.kind() else { return None };
    let is_compiled = last_name(&call.callee).is_some_and(|callee| callee.ends_with("createClass"));
    let [class, methods, ..] = call.arguments.as_slice() else { return None };
    let is_method = methods.span().contains_inclusive(property.kind().span());
    class.as_expression().filter(|_| is_compiled && is_method).map(Receiver::InstanceOf)
}

/// The object that is written down around a method.
fn of_literal<'a>(property: &'a AstNode<'a>, tree: &'a Tree<'a>) -> Receiver<'a> {
    let is_wrapping = |kind: AstKind<'_>| {
        matches!(kind, AstKind::ObjectExpression(_) | AstKind::ParenthesizedExpression(_))
    };
    match tree.ancestors(property).find(|node| !is_wrapping(node.kind())).map(AstNode::kind) {
        Some(AstKind::VariableDeclarator(declarator)) => match &declarator.id.kind {
            BindingPatternKind::BindingIdentifier(id) => Receiver::Variable(id.span.start),
            _ => Receiver::Unknown,
        },
        Some(AstKind::AssignmentExpression(assignment)) => Receiver::Target(&assignment.left),
        Some(AstKind::ExportDefaultDeclaration(_)) => Receiver::Exports,
        _ => Receiver::Unknown,
    }
}

fn class_around<'a>(node: &'a AstNode<'a>, tree: &'a Tree<'a>) -> Option<&'a Class<'a>> {
    tree.ancestors(node).take(3).find_map(|node| match node.kind() {
        AstKind::Class(class) => Some(class),
        _ => None,
    })
}

fn of_member<'a>(class: &'a Class<'a>, is_static: bool) -> Receiver<'a> {
    match (&class.id, is_static) {
        (_, false) => Receiver::Instance(class.span.start),
        (Some(id), true) => Receiver::Class(id.span.start),
        (None, true) => Receiver::Unknown,
    }
}
