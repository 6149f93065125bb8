//! What a script calls, and the functions that it hands on by that.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, CallExpression, Expression, NewExpression, VariableDeclarator};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::acts::LISTEN;
use super::expressions::{
    function_name, imported, instance_of, is_of_this, is_once, last_name, own_field, root_name,
};
use super::names::{Name, Names};
use super::things::{Naming, Thing};
use super::tree::{Tree, contains};

/// From a package to what does its work: `metrics`, its meter, a counter of that.
pub(super) const MOST_STEPS: usize = 4;
/// Functions that start a timer.
const TIMERS: &[&str] = &["setInterval", "setTimeout", "setImmediate"];
mod fate;

pub(in super::super) use fate::Fate;
use fate::{fate, is_dropped};

#[derive(Default)]
pub(super) struct Calls {
    pub(super) calls: Vec<Call>,
    /// Where the stack of an error is read: what runs by that is called nowhere.
    stacks: Vec<Call>,
    pub(super) functions: Vec<Function>,
    /// What a variable of the script's own is called, and the variable at which the call begins whose result it has.
    pub(super) results: Vec<(Name, Name)>,
    /// What the script's variables are called, and the class that each is an instance of where it is declared.
    pub(super) made: Vec<(Name, Option<Name>)>,
    /// Methods that a decorator may have put a function of its own around.
    decorated: Vec<Name>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Call {
    pub(in super::super) start: u32,
    /// What is called, as written: `setInterval`, `bus.on`.
    pub(in super::super) callee: Span,
    /// By `new`.
    pub(in super::super) is_new: bool,
    pub(in super::super) result: Fate,
    /// What a listener is added to, or a handle is made of.
    object: Option<Thing>,
    /// The first argument, if it is a name that is written down: an event.
    event: Option<Name>,
    /// An option says `once: true`.
    is_once: bool,
    /// What is called is a value that the function has got from somewhere: `rule(…)` of a list of rules, `rule()(…)`.
    is_indirect: bool,
    /// Where the callee begins and ends, if it is a chain of names: `bus` and `on`.
    root: Option<Name>,
    last: Option<Name>,
    /// The field at which it begins: `connection` of `this.connection.get`.
    own_field: Option<Name>,
    /// It is a method of `this`: `this.poll`.
    pub(super) is_of_this: bool,
    /// Its result is waited for.
    is_awaited: bool,
    /// Nobody takes its result.
    pub(super) is_dropped: bool,
    /// The innermost function around it.
    pub(super) within: Option<Span>,
    /// Functions among the arguments, by name, bound or not.
    pub(super) hands: Vec<Name>,
}

/// A function, and the call that it is handed to where it is written.
pub(super) struct Function {
    /// Where its parameters begin, and an arrow function itself.
    starts: [u32; 2],
    pub(super) span: Span,
    handed_to: Option<Call>,
}

impl Calls {
    pub(super) fn see<'a>(&mut self, node: &AstNode<'a>, tree: &'a Tree<'a>, naming: &mut Naming<'a, '_>) {
        match node.kind() {
            AstKind::CallExpression(call) => {
                let within = function_around(node, tree);
                self.calls.push(Call { within, ..of_call(call, node, tree, naming) });
                self.decorated.extend(decorated(call).map(|method| naming.names.add(method)));
            }
            AstKind::NewExpression(new) => {
                let within = function_around(node, tree);
                self.calls.push(Call { within, ..of_new(new, node, tree, naming) });
            }
            // The first that reads it has it made: V8 calls back for that.
            AstKind::StaticMemberExpression(member) if member.property.name == "stack" => {
                let within = function_around(node, tree);
                self.stacks.push(Call { within, ..Call::written(member.span, member.span) });
            }
            AstKind::VariableDeclarator(declarator) => {
                self.made.extend(instance_of(declarator).map(|(variable, class)| {
                    (naming.names.add(variable), class.map(|class| naming.names.add(class)))
                }));
                if function_around(node, tree).is_none() {
                    self.results.extend(result(declarator, naming.names));
                }
            }
            AstKind::Function(function) => {
                let params = function.params.span.start;
                self.function(node, [params; 2], tree, naming);
            }
            AstKind::ArrowFunctionExpression(function) => {
                self.function(node, [function.params.span.start, function.span.start], tree, naming);
            }
            _ => {}
        }
    }

    fn function<'a>(
        &mut self,
        node: &AstNode<'a>,
        starts: [u32; 2],
        tree: &'a Tree<'a>,
        naming: &mut Naming<'a, '_>,
    ) {
        let handed_to = handed_to(node, tree, naming);
        self.functions.push(Function { starts, span: node.kind().span(), handed_to });
    }

    /// The calls of these variables, or of a member of one; those of what is called like `class` before all others.
    pub(super) fn all_of(&self, variables: &[Name], class: Option<Name>) -> Vec<&Call> {
        let of_variable = |call: &&Call| call.root.is_some_and(|root| variables.contains(&root));
        let is_other = |call: &Call| call.last.is_none() || call.last != class;
        let mut calls: Vec<&Call> = self.calls.iter().filter(of_variable).collect();
        calls.sort_by_key(|call| (is_other(call), call.start));
        calls
    }

    /// The first call that is called like a class.
    pub(super) fn maker(&self, class: &str, names: &Names) -> Option<&Call> {
        let lower = class.to_lowercase();
        let makes = |call: &&Call| {
            let text = |name: Option<Name>| name.map(|name| names.text(name));
            let Some(last) = text(call.last) else { return false };
            if call.is_new {
                return last == class;
            }
            text(call.root).is_some_and(|first| {
                first == class
                    || last.strip_prefix("create") == Some(class)
                    || format!("{first}{last}").to_lowercase() == lower
            })
        };
        self.calls.iter().filter(makes).min_by_key(|call| call.start)
    }

    /// Whether a function that is written in a span has this in it.
    pub(super) fn has_function_around(&self, span: Span, at: u32) -> bool {
        let functions = self.functions.iter().map(|function| function.span);
        functions.filter(|function| contains(span, function.start)).any(|function| contains(function, at))
    }

    /// The call that the function is handed to whose parameters begin at `at`.
    pub(super) fn with(&self, at: u32) -> Option<&Call> {
        self.function_at(at)?.handed_to.as_ref()
    }

    /// The calls that the function whose parameters begin at `at` does itself.
    pub(super) fn done_by(&self, at: u32) -> Vec<&Call> {
        let Some(function) = self.function_at(at) else { return Vec::new() };
        self.calls.iter().filter(|call| call.within == Some(function.span)).collect()
    }

    /// Of these calls, those of methods that are decorated.
    pub(super) fn of_decorated<'c>(&self, calls: Vec<&'c Call>) -> Vec<&'c Call> {
        let is_decorated = |call: &&Call| call.last.is_some_and(|last| self.decorated.contains(&last));
        calls.into_iter().filter(is_decorated).collect()
    }

    /// The calls of a method of this name, of whatever object.
    pub(super) fn of_method(&self, name: Name) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.last == Some(name) && call.root != Some(name)).collect()
    }

    /// The calls whose results the function whose parameters begin at `at` waits for.
    pub(super) fn awaited_by(&self, at: u32) -> Vec<&Call> {
        self.done_by(at).into_iter().filter(|call| call.is_awaited).collect()
    }

    /// Of these calls, those of what one of these fields of `this` has.
    pub(super) fn of_own<'c>(&self, fields: &[Name], calls: Vec<&'c Call>) -> Vec<&'c Call> {
        let of_field = |call: &&Call| call.own_field.is_some_and(|field| fields.contains(&field));
        calls.into_iter().filter(of_field).collect()
    }

    /// Where the function whose parameters begin at `at` reads the stack of an error.
    pub(super) fn stacks_of(&self, at: u32) -> Vec<&Call> {
        let Some(function) = self.function_at(at) else { return Vec::new() };
        self.stacks.iter().filter(|read| read.within == Some(function.span)).collect()
    }

    /// Where that is read within a span.
    pub(super) fn stacks_within(&self, span: Span) -> Vec<&Call> {
        self.stacks.iter().filter(|read| contains(span, read.start)).collect()
    }

    /// The calls that functions do: not those by which the script begins.
    pub(super) fn in_functions(&self) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.within.is_some()).collect()
    }

    /// The calls written within a span.
    pub(super) fn all_within(&self, span: Span) -> Vec<&Call> {
        self.calls.iter().filter(|call| contains(span, call.start)).collect()
    }

    /// Of these calls, those of one of these variables or of what a call of one returned, of these that are the furthest from it:
    /// `views.add` does the work that `metrics.getMeter` has prepared. Or else those that are handed one: `h(Helmet, null)`.
    pub(super) fn rooted_in<'c>(&self, variables: &[Name], calls: Vec<&'c Call>) -> Vec<&'c Call> {
        let mut steps: Vec<Vec<Name>> = vec![variables.to_vec()];
        while steps.len() < MOST_STEPS {
            let known = |name: &Name| steps.iter().flatten().any(|known| known == name);
            let returned = self.results.iter().filter(|(variable, by)| known(by) && !known(variable));
            let returned: Vec<Name> = returned.map(|(variable, _)| *variable).collect();
            if returned.is_empty() {
                break;
            }
            steps.push(returned);
        }
        let step =
            |call: &Call| steps.iter().rposition(|names| call.root.is_some_and(|root| names.contains(&root)));
        let furthest = calls.iter().filter_map(|call| step(call)).max();
        let is_handed = |call: &Call| variables.iter().any(|variable| call.hands.contains(variable));
        let counts = |call: &&Call| match furthest {
            Some(furthest) => step(call) == Some(furthest),
            None => is_handed(call),
        };
        let mut found: Vec<&Call> = calls.into_iter().filter(counts).collect();
        found.sort_by_key(|call| call.start);
        found
    }

    /// Of these calls, those of one of these variables, and where there are any those by which the function may call something else
    /// of theirs: of values that it has got.
    pub(super) fn perhaps_of<'c>(&self, variables: &[Name], calls: Vec<&'c Call>) -> Vec<&'c Call> {
        let indirect: Vec<&Call> = calls.iter().copied().filter(|call| call.is_indirect).collect();
        let mut found = self.rooted_in(variables, calls);
        if !found.is_empty() {
            found.extend(indirect);
            found.sort_by_key(|call| call.start);
            found.dedup_by_key(|call| call.start);
        }
        found
    }

    /// Of these calls, those of what is called like this.
    pub(super) fn called<'c>(calls: &[&'c Call], name: Name) -> Vec<&'c Call> {
        calls.iter().copied().filter(|call| call.last == Some(name)).collect()
    }

    /// The whole of the function whose parameters begin at `at`.
    pub(super) fn span_at(&self, at: u32) -> Option<Span> {
        Some(self.function_at(at)?.span)
    }

    fn function_at(&self, at: u32) -> Option<&Function> {
        let here = self.functions.iter().filter(|function| function.starts.contains(&at));
        here.min_by_key(|function| function.span.size())
    }

    /// The first call of one of `callees` that is handed the function of this name.
    pub(super) fn naming(&self, function: Name, callees: &[Name]) -> Option<&Call> {
        self.of(callees).find(|call| call.hands.contains(&function))
    }

    /// The first call of one of `callees` within a span.
    pub(super) fn within(&self, whole: Span, callees: &[Name]) -> Option<&Call> {
        self.of(callees).find(|call| contains(whole, call.start))
    }

    fn of(&self, callees: &[Name]) -> impl Iterator<Item = &Call> {
        let calls = self.calls.iter().filter(|call| !call.is_new);
        calls.filter(|call| call.last.is_some_and(|last| callees.contains(&last)))
    }
}

/// The innermost function around something.
fn function_around(node: &AstNode<'_>, tree: &Tree<'_>) -> Option<Span> {
    tree.ancestors(node).map(|above| above.kind()).find_map(|kind| match kind {
        AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => Some(kind.span()),
        _ => None,
    })
}

/// The method that is decorated by what compilers make of a decorator: `__decorate([…], Quote.prototype, "trips", null)` of
/// TypeScript, esbuild's `__decorateClass`, swc's `_ts_decorate`, Babel's `_applyDecoratedDescriptor`.
fn decorated<'a>(call: &'a CallExpression<'a>) -> Option<&'a str> {
    let callee = last_name(&call.callee)?;
    callee.to_ascii_lowercase().contains("decorat").then_some(())?;
    call.arguments.iter().find_map(|argument| match argument {
        Argument::StringLiteral(method) => Some(method.value.as_str()),
        _ => None,
    })
}

/// The variable that a call's result is put into, and where the call begins.
fn result(declarator: &VariableDeclarator<'_>, names: &mut Names) -> Option<(Name, Name)> {
    let variable = declarator.id.get_binding_identifier()?;
    let mut init = declarator.init.as_ref()?;
    while let Expression::AwaitExpression(awaited) = init {
        init = &awaited.argument;
    }
    let callee = match init {
        Expression::CallExpression(call) => &call.callee,
        Expression::NewExpression(new) => &new.callee,
        _ => return None,
    };
    Some((names.add(&variable.name), names.add(root_name(callee)?)))
}

impl Call {
    /// Of which nothing is known but where it stands.
    fn written(span: Span, callee: Span) -> Self {
        Self {
            start: span.start,
            callee,
            is_new: false,
            within: None,
            result: Fate::Unknown,
            object: None,
            event: None,
            is_once: false,
            is_indirect: false,
            root: None,
            last: None,
            own_field: None,
            is_of_this: false,
            is_awaited: false,
            is_dropped: false,
            hands: Vec::new(),
        }
    }

    /// What a listener is added to, or a handle is made of.
    pub(super) fn object(&self) -> Option<&Thing> {
        self.object.as_ref()
    }

    pub(super) fn event(&self) -> Option<Name> {
        self.event
    }

    /// A listener that it adds goes when its event comes: an option says so.
    pub(in super::super) fn is_once(&self) -> bool {
        self.is_once
    }

    /// Nobody takes what it results in.
    pub(in super::super) fn is_dropped(&self) -> bool {
        self.is_dropped
    }

    /// The variable at which it begins.
    pub(super) fn root(&self) -> Option<Name> {
        self.root
    }

    /// The last name of what is called.
    pub(super) fn last(&self) -> Option<Name> {
        self.last
    }
}

fn of_call<'a>(
    call: &'a CallExpression<'a>,
    node: &AstNode<'a>,
    tree: &'a Tree<'a>,
    naming: &mut Naming<'a, '_>,
) -> Call {
    let mut made = made(&call.callee, &call.arguments, call.span, naming);
    made.is_dropped = is_dropped(node, tree);
    made.is_awaited =
        matches!(tree.ancestors(node).next().map(AstNode::kind), Some(AstKind::AwaitExpression(_)));
    let last = last_name(&call.callee).unwrap_or_default();
    if TIMERS.contains(&last) {
        made.result = fate(node, tree, naming);
    }
    if (LISTEN.contains(&last) || last == "subscribe")
        && let Expression::StaticMemberExpression(member) = &call.callee
    {
        made.object = Some(naming.thing(&member.object));
        made.event = match call.arguments.first() {
            Some(Argument::StringLiteral(event)) => Some(naming.names.add(&event.value)),
            _ => None,
        };
        made.is_once = call.arguments.iter().filter_map(Argument::as_expression).any(is_once);
    }
    made
}

fn of_new<'a>(
    new: &'a NewExpression<'a>,
    node: &AstNode<'a>,
    tree: &'a Tree<'a>,
    naming: &mut Naming<'a, '_>,
) -> Call {
    let result = fate(node, tree, naming);
    let is_dropped = is_dropped(node, tree);
    Call { is_new: true, result, is_dropped, ..made(&new.callee, &new.arguments, new.span, naming) }
}

fn made<'a>(
    callee: &'a Expression<'a>,
    arguments: &'a [Argument<'a>],
    span: Span,
    naming: &mut Naming<'a, '_>,
) -> Call {
    let (callee, at) = imported(callee).unwrap_or((callee, callee.span()));
    let is_indirect = naming.bindings.is_indirect(callee);
    let names = &mut *naming.names;
    let hands = arguments.iter().filter_map(Argument::as_expression).filter_map(function_name);
    let hands = hands.map(|name| names.add(name)).collect();
    Call {
        is_indirect,
        root: root_name(callee).map(|name| names.add(name)),
        last: last_name(callee).map(|name| names.add(name)),
        own_field: own_field(callee).map(|name| names.add(name)),
        is_of_this: is_of_this(callee),
        hands,
        ..Call::written(span, at)
    }
}

fn handed_to<'a>(function: &AstNode<'a>, tree: &'a Tree<'a>, naming: &mut Naming<'a, '_>) -> Option<Call> {
    let is_wrapping =
        |kind: AstKind<'_>| matches!(kind, AstKind::Argument(_) | AstKind::ParenthesizedExpression(_));
    let above = tree.ancestors(function).find(|node| !is_wrapping(node.kind()))?;
    let is_function = |argument: &Argument<'_>| argument.span() == function.kind().span();
    match above.kind() {
        AstKind::CallExpression(call) if call.arguments.iter().any(is_function) => {
            Some(of_call(call, above, tree, naming))
        }
        AstKind::NewExpression(new) if new.arguments.iter().any(is_function) => {
            Some(of_new(new, above, tree, naming))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
