//! What the variables of a script stand for.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, AssignmentTarget, BindingIdentifier, BindingPattern, BindingPatternKind, CallExpression,
    Expression, ForStatementLeft, IdentifierReference, ImportDeclaration, ImportDeclarationSpecifier,
    VariableDeclarator,
};
use oxc_semantic::SymbolId;
use oxc_span::GetSpan;
use rustc_hash::FxHashMap;

use super::expressions::{given, key_name, makes};
use super::names::{Name, Names};
use super::receivers::Receivers;
use super::tree::Tree;

/// Variables that get more values than this stand for themselves.
const MOST_VALUES: usize = 16;
/// Methods that hand each element of a container to a function.
const EACH: &[&str] = &["forEach", "map", "filter", "some", "every", "find"];

/// The variables of a script, with what they are given, and whose `this` is where.
pub(super) struct Bindings<'a> {
    pub(super) tree: &'a Tree<'a>,
    values: FxHashMap<SymbolId, Vec<Value<'a>>>,
    by_place: FxHashMap<u32, SymbolId>,
    pub(super) receivers: Receivers<'a>,
}

/// What a variable is given.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// This.
    Is(&'a Expression<'a>),
    /// A field of this: `const { field } = it`.
    Field(&'a Expression<'a>, Name),
    /// Each of the elements of this, one after the other.
    ElementOf(&'a Expression<'a>),
    /// What a module exports, as a whole or under a name.
    Imported(Name, Option<Name>),
    /// It is the name of the function or class that begins here.
    Code(u32),
}

impl<'a> Bindings<'a> {
    pub(super) fn of(tree: &'a Tree<'a>, names: &mut Names) -> Self {
        let scoping = tree.semantic.scoping();
        let by_place =
            scoping.symbol_ids().map(|symbol| (scoping.symbol_span(symbol).start, symbol)).collect();
        let mut bindings =
            Self { tree, values: FxHashMap::default(), by_place, receivers: Receivers::default() };
        for node in tree.semantic.nodes() {
            bindings.see(node.kind(), names);
        }
        bindings.receivers = Receivers::of(tree);
        bindings
    }

    /// The variable that code names; none if it is not declared in this script.
    pub(super) fn symbol(&self, variable: &IdentifierReference<'_>) -> Option<SymbolId> {
        self.tree.symbol(variable)
    }

    pub(super) fn symbol_at(&self, at: u32) -> Option<SymbolId> {
        self.by_place.get(&at).copied()
    }

    pub(super) fn declared_at(&self, symbol: SymbolId) -> u32 {
        self.tree.semantic.scoping().symbol_span(symbol).start
    }

    pub(super) fn values(&self, symbol: SymbolId) -> &[Value<'a>] {
        self.values
            .get(&symbol)
            .map(Vec::as_slice)
            .filter(|values| values.len() <= MOST_VALUES)
            .unwrap_or_default()
    }

    /// Whether what is called is what another call returns, or one of several values.
    pub(super) fn is_indirect(&self, callee: &Expression<'_>) -> bool {
        match callee {
            Expression::CallExpression(_) => true,
            Expression::Identifier(variable) => {
                let values = self.symbol(variable).map(|symbol| self.values(symbol)).unwrap_or_default();
                !values.is_empty() && values.iter().all(|value| matches!(value, Value::ElementOf(_)))
            }
            _ => false,
        }
    }

    /// The one expression that a variable is given.
    pub(super) fn only_value(&self, variable: &IdentifierReference<'_>) -> Option<&'a Expression<'a>> {
        match self.values(self.symbol(variable)?) {
            [Value::Is(value)] => Some(value),
            _ => None,
        }
    }

    /// Where the function or class begins that the variable declared at an offset is.
    pub(super) fn code_of(&self, at: u32) -> Option<u32> {
        let values = self.values(self.symbol_at(at)?);
        values.iter().find_map(|value| match value {
            Value::Code(start) => Some(*start),
            Value::Is(value) => match given(value) {
                code @ (Expression::ClassExpression(_) | Expression::FunctionExpression(_)) => {
                    Some(code.span().start)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// Where the class begins of which the variable declared at an offset is an instance, if that is in this script.
    pub(super) fn class_of(&self, at: u32) -> Option<u32> {
        let [Value::Is(Expression::NewExpression(new))] = self.values(self.symbol_at(at)?) else {
            return None;
        };
        let Expression::Identifier(class) = &new.callee else { return None };
        self.code_of(self.declared_at(self.symbol(class)?))
    }

    /// Where the script's variables are declared.
    pub(super) fn declared(&self) -> impl Iterator<Item = u32> + '_ {
        self.by_place.keys().copied()
    }

    /// Where the variable is declared that the whole script sees under a name.
    pub(super) fn named_at_top(&self, name: &str) -> Option<u32> {
        Some(self.declared_at(self.tree.semantic.scoping().get_root_binding(name)?))
    }

    /// Whether all that the variable declared at an offset ever is is made in this script.
    pub(super) fn is_made(&self, at: u32) -> bool {
        let values = self.symbol_at(at).map(|symbol| self.values(symbol)).unwrap_or_default();
        let makes = |value: &Value<'_>| matches!(value, Value::Is(value) if makes(value));
        !values.is_empty() && values.iter().all(makes)
    }

    fn see(&mut self, kind: AstKind<'a>, names: &mut Names) {
        match kind {
            AstKind::VariableDeclarator(declarator) => self.see_declarator(declarator, names),
            AstKind::AssignmentExpression(assignment) => {
                if let AssignmentTarget::AssignmentTargetIdentifier(variable) = &assignment.left
                    && let Some(symbol) = self.symbol(variable)
                {
                    self.values.entry(symbol).or_default().push(Value::Is(&assignment.right));
                }
            }
            AstKind::ForOfStatement(each) => {
                if let ForStatementLeft::VariableDeclaration(declaration) = &each.left
                    && let Some(declarator) = declaration.declarations.first()
                {
                    self.see_element(&declarator.id, &each.right);
                }
            }
            AstKind::CallExpression(call) => self.see_callback(call),
            AstKind::ImportDeclaration(import) => self.see_import(import, names),
            AstKind::Function(function) => self.see_code(function.id.as_ref(), function.span.start),
            AstKind::Class(class) => self.see_code(class.id.as_ref(), class.span.start),
            _ => {}
        }
    }

    fn see_code(&mut self, id: Option<&BindingIdentifier<'a>>, start: u32) {
        if let Some(id) = id {
            self.add(id, Value::Code(start));
        }
    }

    fn see_declarator(&mut self, declarator: &'a VariableDeclarator<'a>, names: &mut Names) {
        let Some(init) = &declarator.init else { return };
        match &declarator.id.kind {
            BindingPatternKind::BindingIdentifier(id) => self.add(id, Value::Is(init)),
            BindingPatternKind::ObjectPattern(pattern) => {
                for property in &pattern.properties {
                    if let (Some(key), Some(id)) = (key_name(&property.key), identifier(&property.value)) {
                        self.add(id, Value::Field(init, names.add(key)));
                    }
                }
            }
            _ => {}
        }
    }

    /// `for (const it of m)`, `for (const [key, it] of m)`.
    fn see_element(&mut self, pattern: &'a BindingPattern<'a>, of: &'a Expression<'a>) {
        let id = match &pattern.kind {
            BindingPatternKind::ArrayPattern(entry) => {
                entry.elements.get(1).and_then(Option::as_ref).and_then(identifier)
            }
            _ => identifier(pattern),
        };
        if let Some(id) = id {
            self.add(id, Value::ElementOf(of));
        }
    }

    /// `m.forEach((it) => …)`
    fn see_callback(&mut self, call: &'a CallExpression<'a>) {
        let Expression::StaticMemberExpression(member) = &call.callee else { return };
        if !EACH.contains(&&*member.property.name) {
            return;
        }
        let params = match call.arguments.first().and_then(Argument::as_expression) {
            Some(Expression::ArrowFunctionExpression(function)) => &function.params,
            Some(Expression::FunctionExpression(function)) => &function.params,
            _ => return,
        };
        if let Some(id) = params.items.first().and_then(|param| identifier(&param.pattern)) {
            self.add(id, Value::ElementOf(&member.object));
        }
    }

    fn see_import(&mut self, import: &'a ImportDeclaration<'a>, names: &mut Names) {
        let module = names.add(&import.source.value);
        for specifier in import.specifiers.iter().flatten() {
            let name = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                    Some(names.add(&specifier.imported.name()))
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => Some(names.add("default")),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => None,
            };
            self.add(specifier.local(), Value::Imported(module, name));
        }
    }

    fn add(&mut self, id: &BindingIdentifier<'a>, value: Value<'a>) {
        if let Some(symbol) = id.symbol_id.get() {
            self.values.entry(symbol).or_default().push(value);
        }
    }
}

/// The variable that a pattern declares, with a default or without.
fn identifier<'p, 'a>(pattern: &'p BindingPattern<'a>) -> Option<&'p BindingIdentifier<'a>> {
    match &pattern.kind {
        BindingPatternKind::BindingIdentifier(id) => Some(id),
        BindingPatternKind::AssignmentPattern(with_default) => match &with_default.left.kind {
            BindingPatternKind::BindingIdentifier(id) => Some(id),
            _ => None,
        },
        _ => None,
    }
}
