//! What a script does with things: puts into them, takes out of them, gives them a value, stops, reads and closes them, hands
//! them on.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentExpression, AssignmentOperator, AssignmentTarget,
    CallExpression, Expression, ObjectPropertyKind, Statement, UnaryExpression,
};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::acts::{Act, act_of};
use super::expressions::{key_name, last_name, method, root_name};
use super::guards::Guards;
use super::names::Name;
use super::setting::{Setting, setting};
use super::things::{Naming, Root, Step, Thing};
use super::tree::Tree;

/// Functions that stop the timer which they are given.
const STOP: &[&str] = &["clearInterval", "clearTimeout", "clearImmediate"];
/// Functions of `Promise` that wait for all the promises which they are given.
const WAIT: &[&str] = &["all", "allSettled", "any", "race"];
/// What is given to a function of one of these is looked at and left as it is; Babel writes `_typeof(it)` for `typeof it`.
const LOOK: &[&str] = &[
    "Array",
    "Buffer",
    "Boolean",
    "Float32Array",
    "Float64Array",
    "Int32Array",
    "JSON",
    "Map",
    "Math",
    "Number",
    "Object",
    "Set",
    "String",
    "Uint8Array",
    "_typeof",
    "console",
    "util",
];

/// How the code of a use is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Form {
    /// A call of this.
    Call(Span),
    /// `delete` of an element of this.
    Delete(Span),
    /// An assignment to an element of this.
    Element(Span),
    /// An assignment to this.
    Assigned(Span),
    /// `await` of this.
    Awaited(Span),
}

/// A place where a script does something with a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Use {
    pub(super) thing: Thing,
    pub(in super::super) act: Act,
    pub(in super::super) at: u32,
    pub(in super::super) end: u32,
    pub(in super::super) form: Form,
    pub(in super::super) setting: Setting,
    /// The event, where it is about one that is written down.
    pub(super) event: Option<Name>,
    /// What is called, by its whole and its last name, where the result of a call is what is put in.
    pub(super) put: Option<(Span, Name)>,
}

#[derive(Default)]
pub(super) struct Uses {
    pub(super) uses: Vec<Use>,
    /// What gets its first value where it is declared or in a constructor.
    pub(super) begun: Vec<Thing>,
    /// What is handed to somebody who may do anything with it under another name.
    pub(super) handed_on: Vec<Thing>,
    guards: Guards,
}

impl Uses {
    pub(super) fn see<'a>(&mut self, node: &AstNode<'a>, tree: &'a Tree<'a>, naming: &mut Naming<'a, '_>) {
        match node.kind() {
            AstKind::CallExpression(call) => self.see_call(call, node, tree, naming),
            AstKind::NewExpression(new) => self.see_handed(&new.callee, &new.arguments, naming),
            AstKind::UnaryExpression(unary) if unary.operator.is_delete() => {
                self.see_delete(unary, node, tree, naming);
            }
            AstKind::AssignmentExpression(assignment) => self.see_assignment(assignment, node, tree, naming),
            AstKind::VariableDeclarator(declarator) => {
                if let (Some(init), Some(id)) = (&declarator.init, declarator.id.get_binding_identifier()) {
                    self.begun.push(Thing::of(Root::Variable(id.span.start), Vec::new()));
                    let stands_for = naming.declared(id.span.start);
                    let given = naming.thing(init);
                    self.hands_on_unless(stands_for.as_ref() == Some(&given), given);
                }
            }
            AstKind::PropertyDefinition(field) if field.value.is_some() => {
                if let Some((class, name)) = class_start(node, tree).zip(key_name(&field.key)) {
                    let name = naming.names.add(name);
                    self.begun.push(Thing::of(Root::Instance(class), vec![Step::Field(name)]));
                }
            }
            AstKind::AwaitExpression(awaited) => {
                let thing = naming.thing(&awaited.argument);
                self.add(thing, Act::Wait, Form::Awaited(awaited.argument.span()), node, tree, naming);
            }
            AstKind::ForOfStatement(each) if each.r#await => {
                let thing = naming.thing(&each.right);
                self.add(thing, Act::Read, Form::Assigned(each.right.span()), node, tree, naming);
            }
            AstKind::ReturnStatement(returned) => {
                if let Some(argument) = &returned.argument {
                    self.see_given(argument, naming);
                }
            }
            AstKind::ArrowFunctionExpression(function) if function.expression => {
                if let Some(Statement::ExpressionStatement(result)) = function.body.statements.first() {
                    self.see_given(&result.expression, naming);
                }
            }
            AstKind::ObjectProperty(property) if !is_exported(node, tree) => {
                self.see_given(&property.value, naming);
            }
            AstKind::ArrayExpression(array) => {
                for element in array.elements.iter().filter_map(ArrayExpressionElement::as_expression) {
                    self.see_given(element, naming);
                }
            }
            AstKind::IfStatement(choice) => {
                self.guards.see(&choice.test, &choice.consequent, node, tree, naming);
            }
            AstKind::WhileStatement(repeat) => {
                self.guards.see(&repeat.test, &repeat.body, node, tree, naming);
            }
            _ => {}
        }
    }

    /// All calls of functions are known: what takes something out in one that is called only beyond a limit has that limit.
    pub(super) fn with_guards(mut self) -> Self {
        for found in &mut self.uses {
            let is_limited = found.setting.check.is_some_and(|check| check.limit.is_some());
            if matches!(found.act, Act::Remove | Act::Assign) && !is_limited {
                found.setting.check = self.guards.of(&found.thing, &found.setting).or(found.setting.check);
            }
        }
        self
    }

    fn add<'a>(
        &mut self,
        thing: Thing,
        act: Act,
        form: Form,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        // Of what nobody can ask for by a name.
        if thing.is_unknown() {
            return;
        }
        let setting = setting(node, &thing, tree, naming);
        let Span { start: at, end, .. } = node.kind().span();
        self.uses.push(Use { thing, act, at, end, form, setting, event: None, put: None });
    }

    fn see_call<'a>(
        &mut self,
        call: &'a CallExpression<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let form = Form::Call(call.callee.span());
        if last_name(&call.callee).is_some_and(|callee| STOP.contains(&callee)) {
            if let Some(timer) = call.arguments.first().and_then(Argument::as_expression) {
                let timer = naming.thing(timer);
                self.add(timer, Act::Stop, form, node, tree, naming);
            }
            return;
        }
        self.see_listening(call, node, tree, naming);
        if let Some((object, name)) = method(&call.callee) {
            if let Some(act) = act_of(name, call) {
                let thing = naming.thing(object);
                self.add(thing, act, form, node, tree, naming);
                self.names_event(call, naming);
                let value = call.arguments.last().and_then(Argument::as_expression);
                self.names_put(act, value, naming);
            }
            self.see_elements_stopped(object, call, node, tree, naming);
            if WAIT.contains(&name) && root_name(object) == Some("Promise") {
                self.see_waiting(call, node, tree, naming);
            }
        }
        self.see_handed(&call.callee, &call.arguments, naming);
    }

    /// The event that the last use is about.
    fn names_event<'a>(&mut self, call: &'a CallExpression<'a>, naming: &mut Naming<'a, '_>) {
        if let (Some(added), Some(Argument::StringLiteral(event))) =
            (self.uses.last_mut(), call.arguments.first())
            && added.at == call.span.start
        {
            added.event = Some(naming.names.add(&event.value));
        }
    }

    /// What the last use puts in, if that is the result of a call.
    fn names_put<'a>(&mut self, act: Act, value: Option<&'a Expression<'a>>, naming: &mut Naming<'a, '_>) {
        if let (Act::Insert, Some(last), Some(Expression::CallExpression(call))) =
            (act, self.uses.last_mut(), value)
            && let Some(name) = last_name(&call.callee)
        {
            last.put = Some((call.callee.span(), naming.names.add(name)));
        }
    }

    /// `once(socket, 'drain')`, `events.on(socket, 'data')`
    fn see_listening<'a>(
        &mut self,
        call: &'a CallExpression<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let [emitter, Argument::StringLiteral(event), ..] = call.arguments.as_slice() else { return };
        let is_nodes = last_name(&call.callee).is_some_and(|callee| ["on", "once"].contains(&callee));
        if let Some(emitter) = emitter.as_expression().filter(|_| is_nodes) {
            let thing = naming.thing(emitter);
            self.add(thing, Act::Listen, Form::Call(call.callee.span()), node, tree, naming);
            if let Some(added) = self.uses.last_mut().filter(|added| added.at == call.span.start) {
                added.event = Some(naming.names.add(&event.value));
            }
        }
    }

    /// `timers.forEach(clearInterval)`
    fn see_elements_stopped<'a>(
        &mut self,
        object: &'a Expression<'a>,
        call: &'a CallExpression<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let handed = call.arguments.first().and_then(Argument::as_expression).and_then(last_name);
        if handed.is_some_and(|function| STOP.contains(&function)) {
            let thing = naming.thing(object).with(Step::Element);
            self.add(thing, Act::Stop, Form::Call(call.callee.span()), node, tree, naming);
        }
    }

    /// `Promise.race([shutdown, answer])`
    fn see_waiting<'a>(
        &mut self,
        call: &'a CallExpression<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let Some(Argument::ArrayExpression(promises)) = call.arguments.first() else { return };
        for promise in promises.elements.iter().filter_map(ArrayExpressionElement::as_expression) {
            let thing = naming.thing(promise);
            self.add(thing, Act::Wait, Form::Call(call.callee.span()), node, tree, naming);
        }
    }

    fn see_handed<'a>(
        &mut self,
        callee: &'a Expression<'a>,
        arguments: &'a [Argument<'a>],
        naming: &mut Naming<'a, '_>,
    ) {
        let is_borrowed = matches!(last_name(callee), Some("call" | "apply"));
        if !is_borrowed && root_name(callee).is_some_and(|root| LOOK.contains(&root)) {
            return;
        }
        for argument in arguments.iter().filter_map(Argument::as_expression) {
            self.see_given(argument, naming);
        }
    }

    fn see_given<'a>(&mut self, given: &'a Expression<'a>, naming: &mut Naming<'a, '_>) {
        let thing = naming.thing(given);
        self.hands_on_unless(false, thing);
    }

    fn hands_on_unless(&mut self, is_known: bool, thing: Thing) {
        if !is_known && !thing.is_unknown() {
            self.handed_on.push(thing);
        }
    }

    fn see_delete<'a>(
        &mut self,
        unary: &'a UnaryExpression<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let object = match &unary.argument {
            Expression::ComputedMemberExpression(member) => &member.object,
            Expression::StaticMemberExpression(member) => &member.object,
            _ => return,
        };
        let thing = naming.thing(object);
        self.add(thing, Act::Remove, Form::Delete(object.span()), node, tree, naming);
    }

    fn see_assignment<'a>(
        &mut self,
        assignment: &'a AssignmentExpression<'a>,
        node: &AstNode<'a>,
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let (left, right) = (&assignment.left, &assignment.right);
        let form = Form::Assigned(left.span());
        match left {
            AssignmentTarget::ComputedMemberExpression(member) => {
                let thing = naming.thing(&member.object);
                let act = if is_nothing(right) { Act::Remove } else { Act::Insert };
                self.add(thing, act, Form::Element(member.object.span()), node, tree, naming);
                self.names_put(act, Some(right), naming);
            }
            AssignmentTarget::StaticMemberExpression(member) if member.property.name == "length" => {
                let thing = naming.thing(&member.object);
                self.add(thing, Act::Remove, form, node, tree, naming);
            }
            _ => {
                let thing = naming.target(left);
                let act = match assignment.operator {
                    AssignmentOperator::Assign if is_longer(right, &thing, naming) => Some(Act::Append),
                    AssignmentOperator::Assign => Some(Act::Assign),
                    AssignmentOperator::Addition => Some(Act::Append),
                    _ => None,
                };
                match act {
                    Some(act) => self.add(thing, act, form, node, tree, naming),
                    // `cache ??= new Map()`
                    None => self.begun.push(thing),
                }
                self.settle_beginning();
            }
        }
        let given = naming.thing(right);
        let is_export = matches!(naming.target(left).root, Root::Exports);
        let stands_for = match left {
            AssignmentTarget::AssignmentTargetIdentifier(variable) => naming
                .bindings
                .symbol(variable)
                .and_then(|symbol| naming.declared(naming.bindings.declared_at(symbol))),
            _ => None,
        };
        self.hands_on_unless(is_export || stands_for.as_ref() == Some(&given), given);
    }

    /// What a constructor gives a field is its first value, and so is what it gets if it has none.
    fn settle_beginning(&mut self) {
        let Some(last) = self.uses.last().filter(|last| last.act == Act::Assign) else { return };
        let constructs = match last.thing.root {
            Root::Instance(start) => {
                last.setting.is_constructor
                    || last.setting.function.is_some_and(|function| function.start == start)
            }
            _ => false,
        };
        if constructs && let Some(begun) = self.uses.pop() {
            self.begun.push(begun.thing);
        }
    }
}

/// What is put in place of what is taken out: `undefined`, `null`, `void 0`.
fn is_nothing(value: &Expression<'_>) -> bool {
    match value {
        Expression::NullLiteral(_) => true,
        Expression::Identifier(name) => name.name == "undefined",
        Expression::UnaryExpression(unary) => unary.operator.is_void(),
        _ => false,
    }
}

/// Whether a value is the thing with something added: `[...it, next]`, `it.concat(next)`, `it + next`.
fn is_longer<'a>(value: &'a Expression<'a>, thing: &Thing, naming: &mut Naming<'a, '_>) -> bool {
    let mut names = |expression: &'a Expression<'a>| naming.thing(expression) == *thing;
    match value {
        Expression::ArrayExpression(array) => array.elements.iter().any(|element| match element {
            ArrayExpressionElement::SpreadElement(spread) => names(&spread.argument),
            _ => false,
        }),
        Expression::ObjectExpression(object) => object.properties.iter().any(|property| match property {
            ObjectPropertyKind::SpreadProperty(spread) => names(&spread.argument),
            ObjectPropertyKind::ObjectProperty(_) => false,
        }),
        Expression::CallExpression(call) => match &call.callee {
            Expression::StaticMemberExpression(member) if member.property.name == "concat" => {
                names(&member.object)
            }
            _ => false,
        },
        Expression::BinaryExpression(sum) => names(&sum.left) || names(&sum.right),
        Expression::TemplateLiteral(template) => template.expressions.iter().any(names),
        _ => false,
    }
}

/// Where the class begins that has this member.
fn class_start(member: &AstNode<'_>, tree: &Tree<'_>) -> Option<u32> {
    tree.ancestors(member).take(2).find_map(|node| match node.kind() {
        AstKind::Class(class) => Some(class.span.start),
        _ => None,
    })
}

/// `module.exports = { it }`: other files know it by that, and are asked.
fn is_exported(property: &AstNode<'_>, tree: &Tree<'_>) -> bool {
    match tree.ancestors(property).nth(1).map(AstNode::kind) {
        Some(AstKind::AssignmentExpression(assignment)) => {
            tree.slice(assignment.left.span()) == "module.exports"
        }
        Some(AstKind::ExportDefaultDeclaration(_)) => true,
        _ => false,
    }
}
