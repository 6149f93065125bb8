//! What a script declares, takes from other modules, and exports.

use std::cmp::Reverse;

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, BindingPatternKind, Expression, FormalParameter, VariableDeclarator};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashSet;

use super::expressions::{called_name, made_by_module, required};
use super::names::{Name, Names};
use super::tree::{Tree, contains};

#[derive(Default)]
pub(super) struct Declarations {
    variables: Vec<Variable>,
    imports: Vec<Import>,
    exports: Vec<Export>,
    /// Where modules are loaded again, the surest sign of it first.
    reload: Option<(Reload, u32)>,
    /// Where `import()` is asked for what is no literal.
    computed: Vec<u32>,
}

struct Variable {
    name: Name,
    at: u32,
    /// Where it can be seen.
    scope: Span,
    stands_for: StandsFor,
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandsFor {
    /// What is put into it where it is declared, or later.
    Itself,
    /// Something that another file declares.
    Import,
    /// What its function is called with.
    Argument,
}

/// What is taken from one module.
struct Import {
    module: Name,
    locals: Vec<Name>,
}

/// The one thing that a module exports: a variable, or something that has no name.
struct Export {
    at: u32,
    variable: Option<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reload {
    /// `require.cache` is touched.
    Cache,
    /// `require` is called with what is not a literal.
    Computed,
}

impl Declarations {
    /// Takes the variables of all scopes.
    pub(super) fn variables(&mut self, tree: &Tree<'_>, names: &mut Names) {
        let (scoping, nodes) = (tree.semantic.scoping(), tree.semantic.nodes());
        self.variables.extend(scoping.symbol_ids().map(|symbol| {
            let scope = scoping.get_node_id(scoping.symbol_scope_id(symbol));
            let declaration = nodes.get_node(scoping.symbol_declaration(symbol));
            let is_imported = scoping.symbol_flags(symbol).is_import()
                || std::iter::once(declaration).chain(tree.ancestors(declaration)).take(4).any(is_required);
            let stands_for = match declaration.kind() {
                _ if is_imported => StandsFor::Import,
                AstKind::FormalParameter(parameter) if !has_default(parameter) => StandsFor::Argument,
                _ => StandsFor::Itself,
            };
            Variable {
                name: names.add(scoping.symbol_name(symbol)),
                at: scoping.symbol_span(symbol).start,
                scope: nodes.get_node(scope).kind().span(),
                stands_for,
            }
        }));
    }

    pub(super) fn see(&mut self, node: &AstNode<'_>, tree: &Tree<'_>, names: &mut Names) {
        match node.kind() {
            AstKind::ImportDeclaration(import) => {
                let locals = import.specifiers.iter().flatten();
                let locals = locals.map(|specifier| names.add(&specifier.local().name)).collect();
                self.imports.push(Import { module: names.add(&import.source.value), locals });
            }
            AstKind::VariableDeclarator(declarator) => self.imports.extend(import(declarator, names)),
            AstKind::ExportDefaultDeclaration(export) => {
                if let Some(exported) = export.declaration.as_expression() {
                    self.export(export.span.start, exported, names);
                }
            }
            AstKind::AssignmentExpression(assignment)
                if tree.slice(assignment.left.span()) == "module.exports" =>
            {
                self.export(assignment.span.start, &assignment.right, names);
            }
            AstKind::StaticMemberExpression(member)
                if member.property.name == "cache" && called_name(&member.object) == Some("require") =>
            {
                self.reloads(Reload::Cache, member.span.start);
            }
            AstKind::ImportExpression(import) if !matches!(import.source, Expression::StringLiteral(_)) => {
                self.computed.push(import.span.start);
            }
            AstKind::CallExpression(call)
                if called_name(&call.callee) == Some("require")
                    && !matches!(call.arguments.first(), Some(Argument::StringLiteral(_))) =>
            {
                self.reloads(Reload::Computed, call.span.start);
            }
            _ => {}
        }
    }

    fn export(&mut self, at: u32, exported: &Expression<'_>, names: &mut Names) {
        let variable = match exported {
            Expression::Identifier(variable) => Some(names.add(&variable.name)),
            _ => None,
        };
        self.exports.push(Export { at, variable });
    }

    fn reloads(&mut self, sign: Reload, at: u32) {
        self.reload = Some(self.reload.map_or((sign, at), |known| known.min((sign, at))));
    }

    /// Where the variable of a name that code at `inside` sees is declared, and what it stands for.
    pub(super) fn declaration(&self, name: Name, inside: &[u32]) -> Option<(u32, StandsFor)> {
        let inside: &[u32] = if inside.is_empty() { &[0] } else { inside };
        let seen = |variable: &Variable| inside.iter().filter(|at| contains(variable.scope, **at)).count();
        let named = self.variables.iter().filter(|variable| variable.name == name);
        named
            .map(|variable| (seen(variable), variable))
            .filter(|(seen, _)| *seen > 0)
            .max_by_key(|(seen, variable)| (*seen, Reverse(variable.scope.size()), variable.at))
            .map(|(_, variable)| (variable.at, variable.stands_for))
    }

    /// What the variables are called that stand for what a package exports.
    pub(super) fn locals_of(&self, package: &str, names: &Names) -> Vec<Name> {
        let is_of_package = |import: &&Import| {
            let from = names.text(import.module);
            from.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.imports.iter().filter(is_of_package).flat_map(|import| import.locals.iter().copied()).collect()
    }

    /// What the variables are called that stand for what such modules export.
    pub(super) fn locals(&self, is_wanted: impl Fn(Name) -> bool) -> FxHashSet<Name> {
        let wanted = self.imports.iter().filter(|import| is_wanted(import.module));
        wanted.flat_map(|import| import.locals.iter().copied()).collect()
    }

    /// The module from which a variable takes what it stands for.
    pub(super) fn module_of(&self, variable: Name) -> Option<Name> {
        self.imports.iter().find(|import| import.locals.contains(&variable)).map(|import| import.module)
    }

    pub(super) fn reload(&self) -> Option<u32> {
        self.reload.map(|(_, at)| at)
    }

    pub(super) fn computed_imports(&self) -> &[u32] {
        &self.computed
    }

    pub(super) fn exported(&self) -> Option<(u32, Option<Name>)> {
        self.exports.iter().find_map(|export| match export.variable {
            Some(variable) => Some((self.declaration(variable, &[])?.0, Some(variable))),
            None => Some((export.at, None)),
        })
    }
}

/// Whether a parameter has a value where none is given.
fn has_default(parameter: &FormalParameter<'_>) -> bool {
    matches!(parameter.pattern.kind, BindingPatternKind::AssignmentPattern(_))
}

/// What a variable takes from a module by `require`, or has made by what it takes.
fn import(declarator: &VariableDeclarator<'_>, names: &mut Names) -> Option<Import> {
    let module = declarator.init.as_ref().and_then(|init| required(init).or_else(|| made_by_module(init)))?;
    let locals = declarator.id.get_binding_identifiers();
    Some(Import {
        module: names.add(module),
        locals: locals.iter().map(|local| names.add(&local.name)).collect(),
    })
}

fn is_required(node: &AstNode<'_>) -> bool {
    match node.kind() {
        AstKind::VariableDeclarator(declarator) => declarator.init.as_ref().and_then(required).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, indexed};
    use super::StandsFor;

    #[test]
    fn the_innermost_variable_of_a_name_counts() {
        let text =
            "const cache = 1;\nfunction f() {\n  const cache = new Map();\n  return /*here*/() => cache;\n}";
        check(text, "cache = new Map()", |index, at| index.declaration("cache", &[at]).map(|(at, _)| at));
        let outer =
            "const cache = 1;\nfunction f() { const cache = 2; }\nfunction g() { /*here*/ return cache; }";
        check(outer, "cache = 1", |index, at| index.declaration("cache", &[at]).map(|(at, _)| at));
    }

    #[test]
    fn an_import_and_a_parameter_are_told_from_a_declaration() {
        for (text, expected) in [
            ("const { bus } = require('./bus');", StandsFor::Import),
            ("const bus = require('./bus').bus;", StandsFor::Import),
            ("import { bus } from './bus.js';", StandsFor::Import),
            ("const bus = new EventEmitter();", StandsFor::Itself),
            ("const open = (bus) => () => { /*here*/ bus.emit('open'); };", StandsFor::Argument),
            ("function open(bus = new EventEmitter()) { /*here*/ bus.emit('open'); }", StandsFor::Itself),
        ] {
            let (index, here) = indexed(text);
            let found = index.declaration("bus", &[here]);
            assert_eq!(found.map(|(_, stands_for)| stands_for), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_a_module_exports_is_found() {
        check("const c = new Map();\nmodule.exports = c;", "c = new Map()", |index, _| {
            index.exported().map(|(at, _)| at)
        });
        check("export default new Map();", "export default", |index, _| index.exported().map(|(at, _)| at));
    }

    #[test]
    fn what_touches_the_cache_of_modules_comes_before_what_loads_them() {
        let text = "require('./a');\nrequire(name);\ndelete require.cache[name];";
        check(text, "require.cache", |index, _| index.reload());
        check("require('./a');\nrequire(name);", "require(name)", |index, _| index.reload());
        assert_eq!(indexed("require('./a');").0.reload(), None);
    }

    #[test]
    fn imports_of_what_is_no_literal_are_found() {
        let text = "import './a.js';\nawait import('./b.js');\nawait import(`./c.js?v=${version}`);";
        check(text, "import(`", |index, _| index.computed_imports().first().copied());
        assert_eq!(indexed(text).0.computed_imports().len(), 1);
    }
}
