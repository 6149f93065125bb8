//! Questions about a piece of JavaScript or TypeScript, answered by its syntax tree. Offsets are bytes of the text.
//!
//! A file that does not parse answers nothing: the diagnosis then falls back on what the snapshot says.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, AssignmentTarget, CallExpression, Expression, ObjectPropertyKind};
use oxc_semantic::{AstNode, Semantic};
use oxc_span::{GetSpan, Span};

use super::expressions::{
    assigns, class_name, contains, function_name, is_called, key_is, last_name, makes, names, required,
    root_name,
};

/// A call with a function as its argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// What is called, as written: `setInterval`, `bus.on`.
    pub(crate) callee: String,
    pub(crate) start: u32,
    /// The call stands for itself: nobody keeps what it returns.
    pub(crate) result_dropped: bool,
}

/// A parsed text.
pub(crate) struct Syntax<'a> {
    pub(super) semantic: &'a Semantic<'a>,
    pub(super) text: &'a str,
    /// As many levels as its tree was told to have, at most.
    #[cfg(any(test, fuzzing))]
    pub(super) levels: usize,
}

impl<'a> Syntax<'a> {
    fn nodes(&self) -> impl Iterator<Item = &'a AstNode<'a>> {
        self.semantic.nodes().iter()
    }

    /// Where the variable that code at `inside` sees under this name is declared.
    ///
    /// The flag says that it only stands there for something that another file declares.
    pub(crate) fn declaration(&self, name: &str, inside: &[u32]) -> Option<(u32, bool)> {
        let scoping = self.semantic.scoping();
        let inside: &[u32] = if inside.is_empty() { &[0] } else { inside };
        scoping
            .symbol_ids()
            .filter(|symbol| scoping.symbol_name(*symbol) == name)
            .filter_map(|symbol| {
                let scope = scoping.get_node_id(scoping.symbol_scope_id(symbol));
                let span = self.semantic.nodes().get_node(scope).kind().span();
                let seen = inside.iter().filter(|at| contains(span, **at)).count();
                (seen > 0).then_some((
                    seen,
                    std::cmp::Reverse(span.size()),
                    scoping.symbol_span(symbol).start,
                    symbol,
                ))
            })
            .max_by_key(|(seen, size, start, _)| (*seen, *size, *start))
            .map(|(.., start, symbol)| {
                let imported = scoping.symbol_flags(symbol).is_import()
                    || self.is_required(scoping.symbol_declaration(symbol));
                (start, imported)
            })
    }

    fn is_required(&self, declaration: oxc_semantic::NodeId) -> bool {
        let nodes = self.semantic.nodes();
        std::iter::once(nodes.get_node(declaration)).chain(nodes.ancestors(declaration)).take(4).any(|node| {
            match node.kind() {
                AstKind::VariableDeclarator(declarator) => {
                    declarator.init.as_ref().is_some_and(|init| required(init).is_some())
                }
                _ => false,
            }
        })
    }

    /// The first use of what a package exports, `session({…})` after `const session = require('express-session')`; one
    /// that is called like `class` before all others.
    pub(crate) fn package_use(&self, package: &str, class: &str) -> Option<(u32, String)> {
        let of_package = |from: &str| {
            from == package || from.strip_prefix(package).is_some_and(|rest| rest.starts_with('/'))
        };
        let mut names: Vec<&str> = Vec::new();
        for node in self.nodes() {
            match node.kind() {
                AstKind::ImportDeclaration(import) if of_package(&import.source.value) => {
                    for specifier in import.specifiers.iter().flatten() {
                        names.push(self.slice(specifier.local().span));
                    }
                }
                AstKind::VariableDeclarator(declarator)
                    if declarator.init.as_ref().and_then(required).is_some_and(of_package) =>
                {
                    names
                        .extend(declarator.id.get_binding_identifiers().iter().map(|id| self.slice(id.span)));
                }
                _ => {}
            }
        }
        self.nodes()
            .filter_map(|node| match node.kind() {
                AstKind::CallExpression(call) => Some((call.span.start, &call.callee)),
                AstKind::NewExpression(new) => Some((new.span.start, &new.callee)),
                _ => None,
            })
            .filter(|(_, callee)| root_name(callee).is_some_and(|root| names.contains(&root)))
            .map(|(start, callee)| (start, self.slice(callee.span()).to_owned()))
            .min_by_key(|(start, callee)| (callee.rsplit('.').next() != Some(class), *start))
    }

    /// The first call that is called like a class: `new Worker(…)`, `AbortSignal.any(…)`, `fs.createReadStream(…)` for
    /// `ReadStream`, `performance.mark(…)` for `PerformanceMark`.
    pub(crate) fn maker(&self, class: &str) -> Option<(u32, String)> {
        let called = |callee: &Expression<'_>| {
            let (first, last) = (root_name(callee)?, last_name(callee)?);
            let joined = format!("{first}{last}").to_lowercase();
            let makes = first == class
                || last.strip_prefix("create") == Some(class)
                || joined == class.to_lowercase();
            makes.then(|| self.slice(callee.span()).to_owned())
        };
        self.nodes()
            .filter_map(|node| match node.kind() {
                AstKind::CallExpression(call) => Some((call.span.start, called(&call.callee)?)),
                AstKind::NewExpression(new) if last_name(&new.callee) == Some(class) => {
                    Some((new.span.start, format!("new {}", self.slice(new.callee.span()))))
                }
                _ => None,
            })
            .min()
    }

    /// Where modules are loaded again: `require.cache` is touched, or `require` is called with what is not a literal.
    pub(crate) fn reload(&self) -> Option<u32> {
        self.nodes()
            .filter_map(|node| match node.kind() {
                AstKind::StaticMemberExpression(member)
                    if member.property.name == "cache" && is_called(&member.object, "require") =>
                {
                    Some((0, member.span.start))
                }
                AstKind::CallExpression(call) if is_called(&call.callee, "require") => {
                    let literal = matches!(call.arguments.first(), Some(Argument::StringLiteral(_)));
                    (!literal).then_some((1, call.span.start))
                }
                _ => None,
            })
            .min()
            .map(|(_, start)| start)
    }

    /// Where the one thing that a module exports is declared (or exported, if it has no name), and its name.
    pub(crate) fn exported(&self) -> Option<(u32, Option<String>)> {
        self.nodes().find_map(|node| {
            let (start, exported) = match node.kind() {
                AstKind::ExportDefaultDeclaration(export) => {
                    (export.span.start, export.declaration.as_expression()?)
                }
                AstKind::AssignmentExpression(assignment)
                    if self.slice(assignment.left.span()) == "module.exports" =>
                {
                    (assignment.span.start, &assignment.right)
                }
                _ => return None,
            };
            let Expression::Identifier(variable) = exported else { return Some((start, None)) };
            let declared = self.declaration(&variable.name, &[])?;
            Some((declared.0, Some(variable.name.to_string())))
        })
    }

    /// Where the class (or constructor function) whose parameters begin at `constructor` gives itself this field.
    pub(crate) fn field(&self, name: &str, constructor: Option<u32>) -> Option<u32> {
        let plain = name.trim_start_matches('#');
        let class = constructor.and_then(|at| self.class_around(at));
        let within = |span: Span| class.is_none_or(|class| contains(class, span.start));
        let mut best: Option<(u32, u32)> = None;
        for node in self.nodes() {
            let (rank, start) = match node.kind() {
                AstKind::PropertyDefinition(field) if key_is(&field.key, plain) => {
                    (0, field.key.span().start)
                }
                AstKind::AssignmentExpression(assignment) if assigns(&assignment.left, plain) => {
                    (1, assignment.left.span().start)
                }
                AstKind::ObjectProperty(property) if class.is_none() && key_is(&property.key, plain) => {
                    (2, property.key.span().start)
                }
                _ => continue,
            };
            if within(node.kind().span()) && best.is_none_or(|best| (rank, start) < best) {
                best = Some((rank, start));
            }
        }
        best.map(|(_, start)| start)
    }

    /// The first place where something is put into the container: `name.set(…)`, `this.name.push(…)`, `name[…] = …`.
    pub(crate) fn insertion(&self, name: &str) -> Option<(u32, String)> {
        let plain = name.trim_start_matches('#');
        self.nodes()
            .filter_map(|node| match node.kind() {
                AstKind::CallExpression(call) => self.inserting_call(call, plain),
                AstKind::AssignmentExpression(assignment) => match &assignment.left {
                    AssignmentTarget::ComputedMemberExpression(member)
                        if is_called(&member.object, plain) =>
                    {
                        Some((assignment.span.start, format!("{}[…] =", self.slice(member.object.span()))))
                    }
                    _ => None,
                },
                _ => None,
            })
            .min()
    }

    fn inserting_call(&self, call: &CallExpression<'_>, name: &str) -> Option<(u32, String)> {
        const INSERT: &[&str] = &[
            "set",
            "add",
            "push",
            "unshift",
            "append",
            "enqueue",
            "on",
            "once",
            "addListener",
            "addEventListener",
            "write",
            "splice",
            "concat",
        ];
        let Expression::StaticMemberExpression(member) = &call.callee else { return None };
        let method = member.property.name.as_str();
        (INSERT.contains(&method) && is_called(&member.object, name))
            .then(|| (call.span.start, self.slice(call.callee.span()).to_owned()))
    }

    /// The call to which the function whose parameters begin at `at` is handed.
    pub(crate) fn call_with(&self, at: u32) -> Option<Call> {
        let function = self.function_at(at)?;
        let nodes = self.semantic.nodes();
        let mut above = nodes.ancestors(function.id()).filter(|node| {
            !matches!(node.kind(), AstKind::Argument(_) | AstKind::ParenthesizedExpression(_))
        });
        let (call, parent) = (above.next()?, above.next());
        let span = function.kind().span();
        let (callee, arguments) = match call.kind() {
            AstKind::CallExpression(call) => (&call.callee, &call.arguments),
            AstKind::NewExpression(new) => (&new.callee, &new.arguments),
            _ => return None,
        };
        if !arguments.iter().any(|argument: &Argument<'_>| argument.span() == span) {
            return None;
        }
        let result_dropped =
            parent.is_some_and(|parent| matches!(parent.kind(), AstKind::ExpressionStatement(_)));
        Some(Call {
            callee: self.slice(callee.span()).chars().take(80).collect(),
            start: call.kind().span().start,
            result_dropped,
        })
    }

    /// The first call of one of `callees` that is handed the function of this name, bound or not.
    pub(crate) fn call_naming(&self, function: &str, callees: &[&str]) -> Option<Call> {
        let nodes = self.semantic.nodes();
        self.nodes().find_map(|node| {
            let AstKind::CallExpression(call) = node.kind() else { return None };
            let called = last_name(&call.callee)?;
            let handed = call
                .arguments
                .iter()
                .filter_map(Argument::as_expression)
                .any(|argument| names(argument, function));
            (callees.contains(&called) && handed).then(|| Call {
                callee: self.slice(call.callee.span()).chars().take(80).collect(),
                start: call.span.start,
                result_dropped: matches!(nodes.parent_kind(node.id()), AstKind::ExpressionStatement(_)),
            })
        })
    }

    /// The first call of one of `callees` in the class or function of this name.
    pub(crate) fn call_in(&self, part: &str, callees: &[&str]) -> Option<Call> {
        let whole = self.span_of(part)?;
        self.nodes().find_map(|node| {
            let AstKind::CallExpression(call) = node.kind() else { return None };
            let called = last_name(&call.callee).filter(|called| callees.contains(called));
            called.filter(|_| contains(whole, call.span.start)).map(|_| Call {
                callee: self.slice(call.callee.span()).chars().take(80).collect(),
                start: call.span.start,
                result_dropped: false,
            })
        })
    }

    /// Where the class, function or method of this name is written.
    pub(crate) fn named(&self, name: &str) -> Option<u32> {
        self.span_of(name).map(|span| span.start)
    }

    fn span_of(&self, name: &str) -> Option<Span> {
        self.nodes().find_map(|node| {
            let known = match node.kind() {
                AstKind::MethodDefinition(method) => key_is(&method.key, name),
                AstKind::VariableDeclarator(declarator) => {
                    let is_function = matches!(
                        declarator.init,
                        Some(Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_))
                    );
                    is_function && declarator.id.get_identifier_name().is_some_and(|known| known == name)
                }
                _ => class_name(node).or_else(|| function_name(node)).is_some_and(|known| known == name),
            };
            known.then(|| node.kind().span())
        })
    }

    /// Where the object that is assigned at a declaration gets this property.
    pub(crate) fn property_within(&self, declaration: u32, name: &str) -> Option<u32> {
        let whole = self
            .nodes()
            .filter(|node| {
                matches!(node.kind(), AstKind::VariableDeclarator(_) | AstKind::AssignmentExpression(_))
            })
            .map(|node| node.kind().span())
            .filter(|span| contains(*span, declaration))
            .min_by_key(|span| span.size())?;
        self.nodes().find_map(|node| match node.kind() {
            AstKind::ObjectProperty(property)
                if key_is(&property.key, name) && contains(whole, property.span.start) =>
            {
                Some(property.span.start)
            }
            _ => None,
        })
    }

    /// Where an object is written down that has most of these fields, `name` among them, and how many it has.
    pub(crate) fn literal(&self, fields: &[String], name: &str) -> Option<(usize, u32)> {
        self.nodes()
            .filter_map(|node| {
                let AstKind::ObjectExpression(object) = node.kind() else { return None };
                let key = |name: &str| {
                    object.properties.iter().find_map(|property| match property {
                        ObjectPropertyKind::ObjectProperty(property) if key_is(&property.key, name) => {
                            Some(property.span.start)
                        }
                        _ => None,
                    })
                };
                let known = fields.iter().filter(|field| key(field).is_some()).count();
                key(name).filter(|_| known * 3 >= fields.len() * 2).map(|at| (known, at))
            })
            .max_by_key(|(known, at)| (*known, std::cmp::Reverse(*at)))
    }

    /// Where something other than `this` is given a property: `owner`, if that is known, such as `Cart.prototype`; else
    /// the property is what is made there, for a name alone says little.
    pub(crate) fn assignment(&self, owner: Option<&str>, name: &str) -> Option<u32> {
        self.nodes().find_map(|node| {
            let AstKind::AssignmentExpression(assignment) = node.kind() else { return None };
            let AssignmentTarget::StaticMemberExpression(member) = &assignment.left else { return None };
            let object = self.slice(member.object.span());
            let of_owner = match owner {
                Some(owner) => object
                    .strip_suffix(owner)
                    .is_some_and(|rest| matches!(rest.chars().last(), None | Some('.'))),
                None => !matches!(object, "this" | "module" | "exports") && makes(&assignment.right),
            };
            (member.property.name == name && of_owner).then_some(assignment.span.start)
        })
    }

    /// Where a global variable gets its value, by its name alone or as a property of the global object.
    pub(crate) fn global(&self, name: &str) -> Option<u32> {
        self.nodes().find_map(|node| {
            let AstKind::AssignmentExpression(assignment) = node.kind() else { return None };
            let right = match &assignment.left {
                AssignmentTarget::AssignmentTargetIdentifier(target) => target.name == name,
                AssignmentTarget::StaticMemberExpression(member) => {
                    member.property.name == name
                        && ["global", "globalThis", "window", "self"]
                            .iter()
                            .any(|global| is_called(&member.object, global))
                }
                _ => false,
            };
            right.then_some(assignment.span.start)
        })
    }

    /// The class or function around an offset, by name: what people call that part of the program.
    pub(crate) fn name_around(&self, at: u32) -> Option<String> {
        let innermost = self
            .nodes()
            .filter(|node| contains(node.kind().span(), at))
            .filter_map(|node| {
                Some((node.kind().span().size(), class_name(node).or_else(|| function_name(node))?))
            })
            .min_by_key(|(size, _)| *size)?;
        Some(innermost.1)
    }

    /// The class around an offset, by name.
    pub(crate) fn class_name_around(&self, at: u32) -> Option<String> {
        self.nodes()
            .filter(|node| contains(node.kind().span(), at))
            .filter_map(|node| Some((node.kind().span().size(), class_name(node)?)))
            .min_by_key(|(size, _)| *size)
            .map(|(_, name)| name)
    }

    fn class_around(&self, at: u32) -> Option<Span> {
        self.nodes()
            .filter(|node| contains(node.kind().span(), at))
            .filter(|node| matches!(node.kind(), AstKind::Class(_) | AstKind::Function(_)))
            .map(|node| (matches!(node.kind(), AstKind::Function(_)), node.kind().span()))
            .min_by_key(|(function, span)| (*function, span.size()))
            .map(|(_, span)| span)
    }

    fn function_at(&self, at: u32) -> Option<&'a AstNode<'a>> {
        self.nodes()
            .filter(|node| match node.kind() {
                AstKind::Function(function) => function.params.span.start == at,
                AstKind::ArrowFunctionExpression(function) => {
                    function.params.span.start == at || function.span.start == at
                }
                _ => false,
            })
            .min_by_key(|node| node.kind().span().size())
    }

    /// Asks all that can be asked of a text of which nothing is known; its tree is no deeper than was told beforehand.
    #[cfg(any(test, fuzzing))]
    pub(super) fn ask_everything(&self) {
        let mut depths: Vec<usize> = Vec::new();
        for node in self.nodes() {
            let parent = self.semantic.nodes().parent_id(node.id()).index();
            depths.push(depths.get(parent).map_or(0, |depth| depth + 1));
        }
        // Two nodes a token are the most that any syntax makes.
        let deepest = depths.into_iter().max().unwrap_or(0);
        assert!(deepest <= 2 * self.levels + 20, "{deepest} deep, {} told", self.levels);
        let text = u32::try_from(self.text.len()).unwrap_or(0);
        for at in [0, text / 2, text] {
            let _ = (self.declaration("a", &[at]), self.field("a", Some(at)), self.call_with(at));
            let _ = (self.name_around(at), self.class_name_around(at), self.property_within(at, "a"));
        }
        let _ = (
            self.package_use("a", "A"),
            self.maker("A"),
            self.reload(),
            self.exported(),
            self.insertion("a"),
        );
        let _ = (self.call_naming("a", &["a"]), self.call_in("a", &["a"]), self.named("a"), self.global("a"));
        let _ = (
            self.literal(&["a".to_owned()], "a"),
            self.assignment(None, "a"),
            self.assignment(Some("a"), "a"),
        );
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::Parsable;
    use super::*;

    /// The text of the line on which the answer begins.
    #[track_caller]
    fn check(text: &str, expected: &str, ask: impl FnOnce(&Syntax<'_>, u32) -> Option<u32> + Send) {
        let here = text.find("/*here*/").map_or(0, |at| at + "/*here*/".len());
        let at = with_syntax("a.js", text, |syntax| ask(syntax, here as u32)).expect("it parses");
        let line = at.map(|at| text[at as usize..].lines().next().unwrap_or_default());
        assert!(line.is_some_and(|line| line.starts_with(expected)), "{line:?} is not {expected:?}");
    }

    #[test]
    fn the_innermost_variable_of_a_name_counts() {
        let text =
            "const cache = 1;\nfunction f() {\n  const cache = new Map();\n  return /*here*/() => cache;\n}";
        check(text, "cache = new Map()", |syntax, at| syntax.declaration("cache", &[at]).map(|(at, _)| at));
        let outer =
            "const cache = 1;\nfunction f() { const cache = 2; }\nfunction g() { /*here*/ return cache; }";
        check(outer, "cache = 1", |syntax, at| syntax.declaration("cache", &[at]).map(|(at, _)| at));
    }

    #[test]
    fn an_import_is_told_from_a_declaration() {
        for (text, imported) in [
            ("const { bus } = require('./bus');", true),
            ("const bus = require('./bus').bus;", true),
            ("import { bus } from './bus.js';", true),
            ("const bus = new EventEmitter();", false),
        ] {
            let found =
                with_syntax("a.js", text, |syntax| syntax.declaration("bus", &[])).expect("it parses");
            assert_eq!(found.map(|(_, imported)| imported), Some(imported), "{text}");
        }
    }

    #[test]
    fn fields_are_found_in_classes_and_constructor_functions() {
        let class = "class A { items = 1 }\nclass B {\n  #items = new Map();\n  constructor/*here*/() {}\n}";
        check(class, "#items = new Map()", |syntax, at| syntax.field("#items", Some(at)));
        let function = "function Store/*here*/() {\n  this.sessions = {};\n}";
        check(function, "this.sessions = {}", |syntax, at| syntax.field("sessions", Some(at)));
    }

    #[test]
    fn what_a_program_hangs_on_another_object_is_found() {
        let text =
            "this.items = 1;\nrow.items = read();\nCart.prototype.items = [];\napp.context.items = {};";
        check(text, "Cart.prototype.items", |syntax, _| syntax.assignment(None, "items"));
        check(text, "Cart.prototype.items", |syntax, _| syntax.assignment(Some("Cart.prototype"), "items"));
        let text = "f({ spans: 1 });\nstorage.enterWith({ name: 'root', more, spans: [] });";
        let fields = ["name".to_owned(), "spans".to_owned()];
        check(text, "spans: []", |syntax, _| syntax.literal(&fields, "spans").map(|(_, at)| at));
    }

    #[test]
    fn a_function_knows_the_call_that_it_is_handed_to() {
        let text = "setInterval(/*here*/() => tick(), 10);";
        let call =
            with_syntax("a.js", text, |syntax| syntax.call_with(20)).expect("it parses").expect("a call");
        assert_eq!(call, Call { callee: "setInterval".into(), start: 0, result_dropped: true });
        let kept =
            with_syntax("a.js", "this.t = setInterval(() => tick(), 10);", |syntax| syntax.call_with(21));
        assert!(!kept.flatten().expect("a call").result_dropped);
    }

    #[test]
    fn bound_functions_are_found_by_name() {
        let text = "class P {\n start() { setInterval(this.poll.bind(this), 5); }\n poll() {}\n}";
        check(text, "setInterval(this.poll", |syntax, _| {
            syntax.call_naming("poll", &["setInterval"]).map(|call| call.start)
        });
    }

    #[test]
    fn where_positions_say_nothing_names_do() {
        let text = "class A { start() { setInterval(f, 1); } }\nclass B { start() { setInterval(g, 2); } }";
        check(text, "setInterval(g", |syntax, _| {
            syntax.call_in("B", &["setInterval"]).map(|call| call.start)
        });
        check("const run = () => 1;\nclass C { stop() {} }", "stop()", |syntax, _| syntax.named("stop"));
    }

    #[test]
    fn calls_are_called_like_what_they_make() {
        for (text, class, call) in [
            ("const w = new Worker(file);", "Worker", "new Worker"),
            ("const s = AbortSignal.any([a, b]);", "AbortSignal", "AbortSignal.any"),
            ("const s = fs.createReadStream(file);", "ReadStream", "fs.createReadStream"),
            ("performance.mark('a');", "PerformanceMark", "performance.mark"),
        ] {
            let found = with_syntax("a.js", text, |syntax| syntax.maker(class)).expect("it parses");
            assert_eq!(found.map(|(_, call)| call).as_deref(), Some(call), "{text}");
        }
    }

    #[test]
    fn what_a_module_exports_is_found() {
        check("const c = new Map();\nmodule.exports = c;", "c = new Map()", |syntax, _| {
            syntax.exported().map(|(at, _)| at)
        });
        check("export default new Map();", "export default", |syntax, _| syntax.exported().map(|(at, _)| at));
    }

    #[test]
    fn what_fills_a_container_is_found() {
        for (text, call) in [
            ("const m = new Map();\nm.get(1);\nm.set(1, 2);", "m.set"),
            ("class A { add(x) { this.m.push(x); } }", "this.m.push"),
            ("const m = {};\nm[key] = value;", "m[…] ="),
        ] {
            let found = with_syntax("a.js", text, |syntax| syntax.insertion("m")).expect("it parses");
            assert_eq!(found.map(|(_, call)| call).as_deref(), Some(call), "{text}");
        }
    }

    #[test]
    fn the_use_of_a_package_that_makes_the_class_comes_first() {
        let text =
            "const client = require('prom-client');\nclient.setup();\nconst c = new client.Counter({});";
        check(text, "new client.Counter", |syntax, _| {
            syntax.package_use("prom-client", "Counter").map(|(at, _)| at)
        });
        check(text, "client.setup", |syntax, _| syntax.package_use("prom-client", "").map(|(at, _)| at));
    }

    #[test]
    fn long_chains_of_operators_do_not_overflow() {
        let text = format!("const a = {}1;", "1 + ".repeat(20_000));
        assert!(with_syntax("a.js", &text, |syntax| syntax.declaration("a", &[])).is_some());
    }

    fn with_syntax<R: Send>(path: &str, text: &str, ask: impl FnOnce(&Syntax<'_>) -> R + Send) -> Option<R> {
        Parsable::of(path, text)?.ask(text, ask)
    }
}
