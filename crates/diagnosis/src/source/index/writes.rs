//! Where a script declares what has no variable: fields of classes, properties of objects, global variables.

use std::cmp::Reverse;

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentExpression, AssignmentTarget, ObjectExpression, ObjectPropertyKind};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::expressions::{called_name, key_name, makes};
use super::names::{Name, Names};
use super::tree::{contains, slice};

#[derive(Default)]
pub(super) struct Writes {
    fields: Vec<Field>,
    /// Where something is declared or assigned.
    assigned: Vec<Span>,
    literals: Vec<Literal>,
    properties: Vec<Property>,
    globals: Vec<(Name, u32)>,
}

/// A field of a class, or a property of an object.
struct Field {
    name: Name,
    given: Given,
    /// Where its name stands, and where all of it begins.
    at: u32,
    start: u32,
}

/// How an object gets a field; the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Given {
    /// By its class, with a value.
    Defined,
    /// `this.field = …`
    Assigned,
    /// By its class, which only names it.
    Named,
    /// `{field: …}`
    Literal,
}

/// An object that is written down.
struct Literal {
    start: u32,
    /// Its properties, and where each begins.
    properties: Vec<(Name, u32)>,
    /// It has others, which the program works out.
    has_more: bool,
}

/// `object.name = …`
struct Property {
    name: Name,
    object: Span,
    at: u32,
    /// What it becomes is made there.
    is_made: bool,
}

impl Writes {
    pub(super) fn see(&mut self, node: &AstNode<'_>, names: &mut Names) {
        match node.kind() {
            AstKind::PropertyDefinition(field) => {
                if let Some(name) = key_name(&field.key) {
                    let (name, at) = (names.add(name), field.key.span().start);
                    let given = if field.value.is_some() { Given::Defined } else { Given::Named };
                    self.fields.push(Field { name, given, at, start: field.span.start });
                }
            }
            AstKind::ObjectProperty(property) => {
                if let Some(name) = key_name(&property.key) {
                    let (name, at) = (names.add(name), property.key.span().start);
                    self.fields.push(Field { name, given: Given::Literal, at, start: property.span.start });
                }
            }
            AstKind::AssignmentExpression(assignment) => self.see_assignment(assignment, names),
            AstKind::VariableDeclarator(declarator) => self.assigned.push(declarator.span),
            AstKind::ObjectExpression(object) => self.literals.push(literal(object, names)),
            _ => {}
        }
    }

    fn see_assignment(&mut self, assignment: &AssignmentExpression<'_>, names: &mut Names) {
        let start = assignment.span.start;
        self.assigned.push(assignment.span);
        let mut field = |name: &str| {
            let field = Field {
                name: names.add(name),
                given: Given::Assigned,
                at: assignment.left.span().start,
                start,
            };
            self.fields.push(field);
        };
        match &assignment.left {
            AssignmentTarget::AssignmentTargetIdentifier(target) => {
                self.globals.push((names.add(&target.name), start));
            }
            AssignmentTarget::StaticMemberExpression(member) => {
                field(&member.property.name);
                let name = names.add(&member.property.name);
                self.properties.push(Property {
                    name,
                    object: member.object.span(),
                    at: start,
                    is_made: makes(&assignment.right),
                });
                if matches!(called_name(&member.object), Some("global" | "globalThis" | "window" | "self")) {
                    self.globals.push((name, start));
                }
            }
            AssignmentTarget::PrivateFieldExpression(member) => field(&member.field.name),
            _ => {}
        }
    }

    /// Where a class gives itself a field; without a class, where anything gets it.
    pub(super) fn field(&self, name: Name, class: Option<Span>) -> Option<u32> {
        let counts = |field: &&Field| match class {
            Some(class) => field.given != Given::Literal && contains(class, field.start),
            None => true,
        };
        let named = self.fields.iter().filter(|field| field.name == name);
        named.filter(counts).map(|field| (field.given, field.at)).min().map(|(_, at)| at)
    }

    /// Where the object that is assigned around a place gets a property.
    pub(super) fn property_within(&self, declaration: u32, name: Name) -> Option<u32> {
        let around = self.assigned.iter().filter(|span| contains(**span, declaration));
        let whole = *around.min_by_key(|span| span.size())?;
        let fields = self.fields.iter().filter(|field| field.given == Given::Literal);
        fields.filter(|field| field.name == name).map(|field| field.start).find(|at| contains(whole, *at))
    }

    /// Of the objects written down with a property `name` the one with most of the others, and how many it has.
    pub(super) fn literal(&self, others: &[Name], name: Name) -> Option<(usize, u32)> {
        let known =
            |literal: &Literal| others.iter().filter(|name| literal.property(**name).is_some()).count();
        let named = self.literals.iter().filter_map(|literal| Some((literal, literal.property(name)?)));
        named.map(|(literal, at)| (known(literal), at)).max_by_key(|(known, at)| (*known, Reverse(*at)))
    }

    /// Where objects are written down that have all of these properties, in this order.
    pub(super) fn literals_of(&self, properties: &[Name]) -> impl Iterator<Item = u32> {
        let has_all = |literal: &&Literal| {
            let mut names = literal.properties.iter().map(|(name, _)| name);
            !literal.has_more && properties.iter().all(|property| names.any(|name| name == property))
        };
        self.literals.iter().filter(has_all).map(|literal| literal.start)
    }

    /// Where an object, `owner` if that is known, is given a property.
    pub(super) fn assignment(&self, text: &str, owner: Option<&str>, name: Name) -> Option<u32> {
        let of_owner = |property: &&Property| {
            let object = slice(text, property.object);
            match owner {
                Some(owner) => object
                    .strip_suffix(owner)
                    .is_some_and(|rest| matches!(rest.chars().last(), None | Some('.'))),
                None => !matches!(object, "this" | "module" | "exports") && property.is_made,
            }
        };
        let mut named = self.properties.iter().filter(|property| property.name == name);
        named.find(of_owner).map(|property| property.at)
    }

    pub(super) fn global(&self, name: Name) -> Option<u32> {
        self.globals.iter().find(|(global, _)| *global == name).map(|(_, at)| *at)
    }
}

impl Literal {
    fn property(&self, name: Name) -> Option<u32> {
        self.properties.iter().find(|(known, _)| *known == name).map(|(_, at)| *at)
    }
}

fn literal(object: &ObjectExpression<'_>, names: &mut Names) -> Literal {
    let written = object.properties.iter().filter_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            Some((names.add(key_name(&property.key)?), property.span.start))
        }
        ObjectPropertyKind::SpreadProperty(_) => None,
    });
    let properties: Vec<_> = written.collect();
    Literal { start: object.span.start, has_more: properties.len() < object.properties.len(), properties }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, indexed};

    #[test]
    fn fields_are_found_in_classes_and_constructor_functions() {
        let class = "class A { items = 1 }\nclass B {\n  #items = new Map();\n  constructor/*here*/() {}\n}";
        check(class, "#items = new Map()", |index, at| index.field("#items", Some(at)));
        let named = "class C {\n  #http;\n  constructor/*here*/() { this.#http = make(); }\n}";
        check(named, "this.#http = make()", |index, at| index.field("#http", Some(at)));
        check("class D {\n  #http;\n  constructor/*here*/() {}\n}", "#http;", |index, at| {
            index.field("#http", Some(at))
        });
        let function = "function Store/*here*/() {\n  this.sessions = {};\n}";
        check(function, "this.sessions = {}", |index, at| index.field("sessions", Some(at)));
        check("module.exports = { sessions: {} };", "sessions: {}", |index, _| index.field("sessions", None));
    }

    #[test]
    fn what_a_program_hangs_on_another_object_is_found() {
        let text =
            "this.items = 1;\nrow.items = read();\nCart.prototype.items = [];\napp.context.items = {};";
        check(text, "Cart.prototype.items", |index, _| index.assignment(text, None, "items"));
        check(text, "Cart.prototype.items", |index, _| {
            index.assignment(text, Some("Cart.prototype"), "items")
        });
        let text = "f({ spans: 1 });\nstorage.enterWith({ name: 'root', more, spans: [] });";
        let fields = ["name".to_owned(), "spans".to_owned()];
        check(text, "spans: []", |index, _| index.literal(&fields, "spans").map(|(_, at)| at));
    }

    #[test]
    fn a_property_is_found_within_what_a_declaration_holds() {
        let text = "const a = { seen: 1 };\nconst /*here*/b = { list: [], seen: 2 };";
        check(text, "seen: 2", |index, at| index.property_within(at, "seen"));
    }

    #[test]
    fn objects_that_are_written_down_with_all_of_some_fields_are_found() {
        let fields = ["step".to_owned(), "free".to_owned()];
        let found = |text| indexed(text).0.literals_of(&fields).len();
        assert_eq!(found("f({ step, count: 1, free: 2 });\ng({ step: 1, free: 2 });"), 2);
        assert_eq!(found("f({ free, step });\ng({ step });\nh({ ...rest, step, free });"), 0);
    }

    #[test]
    fn a_global_variable_is_found_where_it_gets_its_value() {
        check("let a = 1;\nglobalThis.seen = [];", "globalThis.seen", |index, _| index.global("seen"));
        check("seen = [];", "seen = []", |index, _| index.global("seen"));
        assert_eq!(indexed("other.seen = [];").0.global("seen"), None);
    }
}
