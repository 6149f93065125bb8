//! Which object a piece of code names: by the scope of its variables and the class of its `this`, not by its last name.

use oxc_ast::ast::{
    Argument, AssignmentTarget, CallExpression, ChainElement, Expression, IdentifierReference,
    StaticMemberExpression,
};
use oxc_semantic::SymbolId;
use oxc_span::Span;
use rustc_hash::FxHashMap;

use super::bindings::{Bindings, Value};
use super::expressions::called_name;
use super::names::{Name, Names};
use super::receivers::Receiver;

/// Longer ways are not followed.
const LONGEST: usize = 12;

/// An object that code names: the way to it from something that is the same wherever it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Thing {
    pub(super) root: Root,
    pub(super) path: Vec<Step>,
}

/// Where the way to an object begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// The variable that is declared here.
    Variable(u32),
    Global(Name),
    /// An instance of the class, or of the constructor function, that begins here.
    Instance(u32),
    /// What this module exports.
    Exports,
    /// What the module of this name exports.
    Import(Name),
    /// It is made there, or nobody knows.
    Unknown,
}

/// A step on that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(Name),
    /// Some element: `m.get(key)`, `list[at]`, what a loop goes through.
    Element,
}

impl Thing {
    pub(super) fn of(root: Root, path: Vec<Step>) -> Self {
        Self { root, path }
    }

    pub(super) fn unknown() -> Self {
        Self::of(Root::Unknown, Vec::new())
    }

    pub(super) fn with(mut self, step: Step) -> Self {
        if self.path.len() >= LONGEST {
            return Self::unknown();
        }
        self.path.push(step);
        self
    }

    /// It is a variable of this script, not something below one.
    pub(super) fn is_variable(&self) -> bool {
        matches!(self.root, Root::Variable(_)) && self.path.is_empty()
    }

    /// Nothing is known of where it is.
    pub(super) fn is_unknown(&self) -> bool {
        self.root == Root::Unknown && self.path.is_empty()
    }

    /// Whether it is one of the elements of another.
    pub(super) fn is_element_of(&self, other: &Self) -> bool {
        matches!(self.path.split_last(), Some((Step::Element, above)) if above == other.path)
            && self.root == other.root
    }

    /// Whether it is something below another.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        self.root == other.root && self.path.len() > other.path.len() && self.path.starts_with(&other.path)
    }

    /// Whether it is reached by the same way, of which steps go by a key that only the running program knows.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let is_step = |(one, two): (&Step, &Step)| one == two || *one == Step::Element;
        self.root == other.root
            && self.path.len() == other.path.len()
            && self.path.contains(&Step::Element)
            && self.path.iter().zip(&other.path).all(is_step)
    }

    /// The field that it is, or that has it as an element.
    pub(super) fn field(&self) -> Option<Name> {
        match self.path.iter().rev().find(|step| **step != Step::Element)? {
            Step::Field(name) => Some(*name),
            Step::Element => None,
        }
    }
}

/// What names things: the script's variables, whose `this` is where, and the names.
pub(super) struct Naming<'a, 't> {
    pub(super) bindings: &'t Bindings<'a>,
    pub(super) names: &'t mut Names,
    /// What the variables stand for that were asked about.
    pub(super) known: FxHashMap<SymbolId, Thing>,
}

impl<'a> Naming<'a, '_> {
    /// What an expression names.
    pub(super) fn thing(&mut self, expression: &'a Expression<'a>) -> Thing {
        self.at_depth(expression, 0)
    }

    /// What an assignment gives a value: the variable itself, whatever it stood for before.
    pub(super) fn target(&mut self, target: &'a AssignmentTarget<'a>) -> Thing {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(variable) => self.variable(variable),
            AssignmentTarget::StaticMemberExpression(member) => self.member(member, 0),
            AssignmentTarget::PrivateFieldExpression(member) => {
                let name = self.names.add(&member.field.name);
                self.at_depth(&member.object, 1).with(Step::Field(name))
            }
            AssignmentTarget::ComputedMemberExpression(member) => {
                self.element(&member.object, &member.expression, 0)
            }
            _ => Thing::unknown(),
        }
    }

    /// The variable itself, or the global one.
    pub(super) fn variable(&mut self, variable: &IdentifierReference<'a>) -> Thing {
        let root = match self.bindings.symbol(variable) {
            Some(symbol) => Root::Variable(self.bindings.declared_at(symbol)),
            None if variable.name == "exports" => Root::Exports,
            None => Root::Global(self.names.add(&variable.name)),
        };
        Thing::of(root, Vec::new())
    }

    /// What the variable declared at an offset stands for.
    pub(super) fn declared(&mut self, at: u32) -> Option<Thing> {
        let symbol = self.bindings.symbol_at(at)?;
        Some(self.value(symbol, 0))
    }

    fn at_depth(&mut self, expression: &'a Expression<'a>, depth: usize) -> Thing {
        if depth > LONGEST {
            return Thing::unknown();
        }
        match expression {
            Expression::Identifier(variable) => match self.bindings.symbol(variable) {
                Some(symbol) => self.value(symbol, depth),
                None => self.variable(variable),
            },
            Expression::ThisExpression(this) => self.this(this.span, depth),
            Expression::StaticMemberExpression(member) => self.member(member, depth),
            Expression::PrivateFieldExpression(member) => {
                let name = self.names.add(&member.field.name);
                self.at_depth(&member.object, depth + 1).with(Step::Field(name))
            }
            Expression::ComputedMemberExpression(member) => {
                self.element(&member.object, &member.expression, depth)
            }
            Expression::CallExpression(call) => self.result(call, depth),
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.result(call, depth),
                ChainElement::StaticMemberExpression(member) => self.member(member, depth),
                ChainElement::ComputedMemberExpression(member) => {
                    self.element(&member.object, &member.expression, depth)
                }
                ChainElement::PrivateFieldExpression(member) => {
                    let name = self.names.add(&member.field.name);
                    self.at_depth(&member.object, depth + 1).with(Step::Field(name))
                }
                ChainElement::TSNonNullExpression(inner) => self.at_depth(&inner.expression, depth + 1),
            },
            Expression::ParenthesizedExpression(inner) => self.at_depth(&inner.expression, depth + 1),
            Expression::AwaitExpression(inner) => self.at_depth(&inner.argument, depth + 1),
            Expression::TSAsExpression(inner) => self.at_depth(&inner.expression, depth + 1),
            Expression::TSSatisfiesExpression(inner) => self.at_depth(&inner.expression, depth + 1),
            Expression::TSNonNullExpression(inner) => self.at_depth(&inner.expression, depth + 1),
            Expression::TSTypeAssertion(inner) => self.at_depth(&inner.expression, depth + 1),
            // `a ?? (a = [])` is `a`.
            Expression::LogicalExpression(either) => self.at_depth(&either.left, depth + 1),
            Expression::AssignmentExpression(assignment) => self.target(&assignment.left),
            _ => Thing::unknown(),
        }
    }

    /// What a variable stands for: itself, or the one thing that it is another name for.
    fn value(&mut self, symbol: SymbolId, depth: usize) -> Thing {
        let itself = Thing::of(Root::Variable(self.bindings.declared_at(symbol)), Vec::new());
        // While its values are looked at, it stands for itself.
        if let Some(known) = self.known.get(&symbol) {
            return known.clone();
        }
        if depth > LONGEST {
            return itself;
        }
        self.known.insert(symbol, itself.clone());
        let thing = self.other_name(symbol, &itself, depth).unwrap_or(itself);
        self.known.insert(symbol, thing.clone());
        thing
    }

    fn other_name(&mut self, symbol: SymbolId, itself: &Thing, depth: usize) -> Option<Thing> {
        let mut found: Option<Thing> = None;
        for value in self.bindings.values(symbol) {
            let thing = match value {
                Value::Is(value) => self.at_depth(value, depth + 1),
                Value::Field(of, name) => self.at_depth(of, depth + 1).with(Step::Field(*name)),
                Value::ElementOf(of) => self.elements(of, depth + 1),
                Value::Imported(module, None) => Thing::of(Root::Import(*module), Vec::new()),
                Value::Imported(module, Some(name)) => {
                    Thing::of(Root::Import(*module), vec![Step::Field(*name)])
                }
                Value::Code(_) => return None,
            };
            // What is made there, `members = new Set()`, is no other name; nor is what leads to itself, `node = node.next`.
            if thing.root == Root::Unknown || thing.root == itself.root {
                continue;
            }
            if found.as_ref().is_some_and(|known| *known != thing) {
                return None;
            }
            found = Some(thing);
        }
        found
    }

    fn this(&mut self, span: Span, depth: usize) -> Thing {
        let Some(receiver) = self.bindings.receivers.around(span.start) else { return Thing::unknown() };
        match receiver {
            Receiver::Instance(class) => Thing::of(Root::Instance(*class), Vec::new()),
            Receiver::Class(at) => Thing::of(Root::Variable(*at), Vec::new()),
            Receiver::InstanceOf(class) => self.instance_of(class, depth),
            Receiver::Object(object) => self.at_depth(object, depth + 1),
            Receiver::Target(target) => self.target(target),
            Receiver::Variable(at) => Thing::of(Root::Variable(*at), Vec::new()),
            Receiver::Exports => Thing::of(Root::Exports, Vec::new()),
            // `getSession.call(this, id)`: it is the caller's.
            Receiver::Function { start, called_at: Some(at) } if depth < LONGEST && at != start => {
                self.this(Span::sized(*at, 0), depth + 4)
            }
            Receiver::Function { start, .. } => Thing::of(Root::Instance(*start), Vec::new()),
            Receiver::Unknown => Thing::unknown(),
        }
    }

    /// An instance of the class that an expression names, if that is a variable of this script, whatever else has the class as well.
    fn instance_of(&mut self, class: &'a Expression<'a>, depth: usize) -> Thing {
        let symbol = match class {
            Expression::Identifier(variable) => self.bindings.symbol(variable),
            _ => None,
        };
        let own = symbol.and_then(|symbol| self.bindings.code_of(self.bindings.declared_at(symbol)));
        let code = own.or_else(|| match self.at_depth(class, depth + 1) {
            Thing { root: Root::Variable(at), path } if path.is_empty() => self.bindings.code_of(at),
            _ => None,
        });
        code.map_or_else(Thing::unknown, |class| Thing::of(Root::Instance(class), Vec::new()))
    }

    fn member(&mut self, member: &'a StaticMemberExpression<'a>, depth: usize) -> Thing {
        let name = member.property.name.as_str();
        let instance = (name == "prototype").then(|| self.instance_of(&member.object, depth));
        if let Some(instance) = instance.filter(|instance| !instance.is_unknown()) {
            return instance;
        }
        let object = self.at_depth(&member.object, depth + 1);
        match (object.root, object.path.as_slice()) {
            (Root::Variable(_), []) if name == "prototype" => return Thing::unknown(),
            (Root::Global(global), []) => match (self.names.text(global), name) {
                ("module", "exports") => return Thing::of(Root::Exports, Vec::new()),
                ("globalThis" | "global" | "window" | "self", _) => {
                    return Thing::of(Root::Global(self.names.add(name)), Vec::new());
                }
                _ => {}
            },
            (Root::Variable(at), []) => {
                // The variable of an instance: its fields are those of its class.
                if let Some(class) = self.bindings.class_of(at) {
                    return Thing::of(Root::Instance(class), vec![Step::Field(self.names.add(name))]);
                }
            }
            _ => {}
        }
        object.with(Step::Field(self.names.add(name)))
    }

    fn element(&mut self, object: &'a Expression<'a>, key: &'a Expression<'a>, depth: usize) -> Thing {
        let step = match key {
            Expression::StringLiteral(name) => Step::Field(self.names.add(&name.value)),
            _ => Step::Element,
        };
        self.at_depth(object, depth + 1).with(step)
    }

    /// What a call gives back, if that is part of something known.
    fn result(&mut self, call: &'a CallExpression<'a>, depth: usize) -> Thing {
        if called_name(&call.callee) == Some("require") {
            return match call.arguments.first() {
                Some(Argument::StringLiteral(module)) => {
                    Thing::of(Root::Import(self.names.add(&module.value)), Vec::new())
                }
                _ => Thing::unknown(),
            };
        }
        match &call.callee {
            Expression::StaticMemberExpression(member) if matches!(&*member.property.name, "get" | "at") => {
                self.at_depth(&member.object, depth + 1).with(Step::Element)
            }
            _ => Thing::unknown(),
        }
    }

    /// An element of what a loop goes through: `of m`, `of m.values()`, `of Object.values(m)`, `of [...m]`.
    fn elements(&mut self, of: &'a Expression<'a>, depth: usize) -> Thing {
        let inner = match of {
            Expression::CallExpression(call) => match &call.callee {
                Expression::StaticMemberExpression(member) => match &*member.property.name {
                    "values" | "entries" if call.arguments.is_empty() => &member.object,
                    "values" | "entries" | "from" => {
                        match call.arguments.first().and_then(Argument::as_expression) {
                            Some(argument) => argument,
                            None => return Thing::unknown(),
                        }
                    }
                    _ => return Thing::unknown(),
                },
                _ => return Thing::unknown(),
            },
            _ => of,
        };
        self.at_depth(inner, depth).with(Step::Element)
    }

    /// Whether a test only asks about this thing: whether it is there, has a key, is empty.
    pub(super) fn is_about(&mut self, test: &'a Expression<'a>, thing: &Thing) -> bool {
        self.is_only_about(test, thing, LONGEST)
    }

    fn is_only_about(&mut self, test: &'a Expression<'a>, thing: &Thing, deeper: usize) -> bool {
        let mut at = test;
        for _ in 0..LONGEST {
            let known = self.thing(at);
            if known == *thing || known.is_element_of(thing) {
                return true;
            }
            at = match at {
                Expression::UnaryExpression(unary) => &unary.argument,
                Expression::ParenthesizedExpression(inner) => &inner.expression,
                Expression::BinaryExpression(binary) if is_plain(&binary.right) => &binary.left,
                Expression::BinaryExpression(binary) if is_plain(&binary.left) => &binary.right,
                Expression::LogicalExpression(both) => {
                    let mut is_about = |side| deeper > 0 && self.is_only_about(side, thing, deeper - 1);
                    return is_about(&both.left) && is_about(&both.right);
                }
                Expression::CallExpression(call) => match &call.callee {
                    Expression::StaticMemberExpression(member) => &member.object,
                    _ => return false,
                },
                Expression::StaticMemberExpression(member) => &member.object,
                Expression::ChainExpression(chain) => match &chain.expression {
                    ChainElement::StaticMemberExpression(member) => &member.object,
                    _ => return false,
                },
                Expression::Identifier(variable) => match self.bindings.only_value(variable) {
                    Some(value) => value,
                    None => return false,
                },
                _ => return false,
            };
        }
        false
    }
}

/// What is compared with to see whether something is there: `null`, `undefined`, `0`, `-1`, `'string'`.
fn is_plain(expression: &Expression<'_>) -> bool {
    match expression {
        Expression::NumericLiteral(number) => number.value == 0.0,
        Expression::UnaryExpression(unary) => matches!(&unary.argument, Expression::NumericLiteral(_)),
        Expression::Identifier(name) => name.name == "undefined",
        Expression::NullLiteral(_) | Expression::StringLiteral(_) | Expression::BooleanLiteral(_) => true,
        _ => false,
    }
}
