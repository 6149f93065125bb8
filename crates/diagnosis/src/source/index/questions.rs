//! What is asked about a script. Where a name is asked for that it does not have, nothing needs to be looked through.

use oxc_span::Span;

use super::Index;
use super::acts::Act;
use super::calls::{Call, Fate};
use super::declarations::StandsFor;
use super::names::Name;
use super::traces::{Target, Traces};
use super::tree::contains;
use super::uses::Use;

impl Index {
    /// Where the variable that code at `inside` sees under this name is declared, and what it stands for.
    pub(in super::super) fn declaration(&self, name: &str, inside: &[u32]) -> Option<(u32, StandsFor)> {
        self.declarations.declaration(self.names.find(name)?, inside)
    }

    /// The uses of what a package exports, `session({…})` after `const session = require('express-session')`; those that
    /// are called like `class` before all others.
    pub(in super::super) fn package_uses(&self, package: &str, class: &str) -> Vec<&Call> {
        let locals = self.declarations.locals_of(package, &self.names);
        self.calls.all_of(&locals, self.names.find(class))
    }

    /// The first call that is called like a class: `new Worker(…)`, `AbortSignal.any(…)`, `fs.createReadStream(…)` for
    /// `ReadStream`, `performance.mark(…)` for `PerformanceMark`.
    pub(in super::super) fn maker(&self, class: &str) -> Option<&Call> {
        self.calls.maker(class, &self.names)
    }

    /// What the thing named at an offset is made with: see [`Sizes::made_with`](super::Sizes::made_with).
    pub(in super::super) fn made_with(&self, at: u32) -> Vec<(Option<&str>, Option<u64>)> {
        let made = self.sizes.made_with(at).into_iter();
        made.map(|(key, number)| (key.map(|key| self.names.text(key)), number)).collect()
    }

    /// Where modules are loaded again: `require.cache` is touched, or `require` is called with what is not a literal.
    pub(in super::super) fn reload(&self) -> Option<u32> {
        self.declarations.reload()
    }

    /// Where modules are imported by what is no literal.
    pub(in super::super) fn computed_imports(&self) -> &[u32] {
        self.declarations.computed_imports()
    }

    /// Where the one thing that a module exports is declared (or exported, if it has no name), and its name.
    pub(in super::super) fn exported(&self) -> Option<(u32, Option<&str>)> {
        let (at, name) = self.declarations.exported()?;
        Some((at, name.map(|name| self.names.text(name))))
    }

    /// Where the class (or constructor function) whose parameters begin at `constructor` gives itself this field.
    pub(in super::super) fn field(&self, name: &str, constructor: Option<u32>) -> Option<u32> {
        let class = constructor.and_then(|at| self.parts.class_around(at));
        self.writes.field(self.names.find(plain(name))?, class)
    }

    /// The first place where something is put into a field of this name, of what nobody knows.
    pub(in super::super) fn insertion_named(&self, name: &str) -> Option<&Use> {
        self.identities.insertion_named(self.names.find(plain(name))?)
    }

    /// The variable that is declared at an offset.
    pub(in super::super) fn target_of_variable(&self, at: u32) -> Target {
        self.identities.variable(at)
    }

    /// A field of the instances of the class (or constructor function) whose parameters begin at `constructor`.
    pub(in super::super) fn target_of_field(&self, constructor: u32, name: &str) -> Option<Target> {
        let class = self.parts.class_around(constructor)?;
        Some(self.identities.field(class.start, self.names.find(plain(name))?))
    }

    /// What the module exports under a name.
    pub(in super::super) fn target_of_export(&self, name: &str) -> Target {
        self.names.find(name).map_or_else(Target::default, |name| self.identities.exported(name))
    }

    /// A global variable.
    pub(in super::super) fn target_of_global(&self, name: &str) -> Target {
        self.names.find(name).map_or_else(Target::default, |name| self.identities.global(name))
    }

    /// What modules, by how this script calls them, export by this way.
    pub(in super::super) fn imported(&self, is_module: impl Fn(&str) -> bool, way: &[&str]) -> Target {
        let modules: Vec<Name> =
            self.names.all().filter(|(_, text)| is_module(text)).map(|(name, _)| name).collect();
        let way: Option<Vec<Name>> = way.iter().map(|name| self.names.find(name)).collect();
        way.map_or_else(Target::default, |way| self.identities.imported(&modules, &way))
    }

    /// A field of this name, of whatever object.
    pub(in super::super) fn any_field(&self, name: &str) -> Target {
        self.names.find(plain(name)).map_or_else(Target::default, |name| self.identities.any_field(name))
    }

    /// A field of what a target is.
    pub(in super::super) fn field_of(&self, target: &Target, name: &str) -> Target {
        match self.names.find(plain(name)) {
            Some(field) => self.identities.within(target, field),
            // Only the running program knows it: a key.
            None => self.identities.element_of(target),
        }
    }

    /// An element of what a target is.
    pub(in super::super) fn element_of(&self, target: &Target) -> Target {
        self.identities.element_of(target)
    }

    /// Where the handle is kept that a call returns.
    pub(in super::super) fn kept(&self, call: &Call) -> Option<Target> {
        match &call.result {
            Fate::Kept(thing, _) => Some(self.identities.only(thing)),
            Fate::Dropped | Fate::Unknown => None,
        }
    }

    /// What a listener is added to by a call.
    pub(in super::super) fn emitter(&self, call: &Call) -> Option<Target> {
        call.object().map(|thing| self.identities.only(thing))
    }

    /// The event that a call is about, if it is written down.
    pub(in super::super) fn event(&self, call: &Call) -> Option<&str> {
        Some(self.names.text(call.event()?))
    }

    /// The ways by which other modules get at it.
    pub(in super::super) fn ways_out(&self, target: &Target) -> Vec<Vec<&str>> {
        self.identities.ways_out(target, &self.names)
    }

    /// What is done with it of these acts.
    pub(in super::super) fn traces(&self, target: &Target, acts: &[Act]) -> Traces<'_> {
        self.identities.traces(target, acts)
    }

    /// Where something is done that may be about any object, by its method alone.
    pub(in super::super) fn any(&self, act: Act) -> impl Iterator<Item = &Use> {
        self.identities.any(act)
    }

    /// The places where listeners for an event are added to a target.
    pub(in super::super) fn listens(&self, target: &Target, event: &str) -> Vec<&Use> {
        let is_of_event = |found: &&Use| found.event.is_some_and(|known| self.names.text(known) == event);
        self.traces(target, &[Act::Listen]).uses.into_iter().filter(is_of_event).collect()
    }

    /// Whether a use may be about an event.
    pub(in super::super) fn may_be_of_event(&self, found: &Use, event: Option<&str>) -> bool {
        match (found.event, event) {
            (Some(known), Some(event)) => self.names.text(known) == event,
            _ => true,
        }
    }

    /// The text of a name that a use has.
    pub(in super::super) fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// The call to which the function whose parameters begin at `at` is handed.
    pub(in super::super) fn call_with(&self, at: u32) -> Option<&Call> {
        self.calls.with(at)
    }

    /// The first call of one of `callees` that is handed the function of this name, bound or not.
    pub(in super::super) fn call_naming(&self, function: &str, callees: &[&str]) -> Option<&Call> {
        self.calls.naming(self.names.find(function)?, &self.all_of(callees))
    }

    /// The call that is handed the function of this name whose parameters begin at `at`, if one alone is where the name is seen.
    pub(in super::super) fn only_call_naming(&self, at: u32, function: &str) -> Option<&Call> {
        self.calls.naming_once(at, self.names.find(function)?)
    }

    /// The first call of one of `callees` in the class or function of this name.
    pub(in super::super) fn call_in(&self, part: &str, callees: &[&str]) -> Option<&Call> {
        self.calls.within(self.parts.span_of(self.names.find(part)?)?, &self.all_of(callees))
    }

    /// The calls of what is called like `callee` by the function whose parameters begin at `at`.
    pub(in super::super) fn calls_of(&self, at: u32, callee: &str) -> Vec<&Call> {
        let done = self.calls.done_by(at);
        self.names.find(callee).map_or_else(Vec::new, |name| super::calls::Calls::called(&done, name))
    }

    /// The calls of a method of this name.
    pub(in super::super) fn all_calls_of(&self, method: &str) -> Vec<&Call> {
        self.names.find(method).map_or_else(Vec::new, |name| self.calls.of_method(name))
    }

    /// Where the function whose parameters begin at `at` reads the stack of an error.
    pub(in super::super) fn stacks_of(&self, at: u32) -> Vec<&Call> {
        self.calls.stacks_of(at)
    }

    /// The same in the function or method of this name.
    pub(in super::super) fn stacks_in(&self, function: &str) -> Vec<&Call> {
        let span = self.names.find(function).and_then(|name| self.parts.span_of(name));
        span.map_or_else(Vec::new, |span| self.calls.stacks_within(span))
    }

    /// What the function calls whose parameters begin at `at`, by name: the last one of `bus.on`.
    pub(in super::super) fn called_by(&self, at: u32) -> Vec<&str> {
        let last = |call: &Call| call.last().map(|name| self.names.text(name));
        self.calls.done_by(at).into_iter().filter_map(last).collect()
    }

    /// Where the function whose parameters begin at `at` compares ages, if it takes something out at `taken`, by itself or by what it
    /// calls.
    pub(in super::super) fn swept_by(&self, at: u32, taken: u32) -> Option<Span> {
        let taken = self.identities.use_at(taken)?;
        self.ages.swept_by(self.calls.span_at(at)?, taken, &self.calls, &self.parts)
    }

    /// Of these calls, those of what one of the packages exports, or of what that has returned.
    pub(in super::super) fn of_packages<'i>(
        &'i self,
        packages: &[&str],
        calls: Vec<&'i Call>,
    ) -> Vec<&'i Call> {
        let locals: Vec<Name> =
            packages.iter().flat_map(|package| self.declarations.locals_of(package, &self.names)).collect();
        self.calls.rooted_in(&locals, calls)
    }

    /// Those of the function whose parameters begin at `at`, and where there are any those that may be of them as well: see [`Calls::perhaps_of`](super::calls::Calls::perhaps_of).
    pub(in super::super) fn calls_perhaps_of_packages(&self, at: u32, packages: &[&str]) -> Vec<&Call> {
        let locals: Vec<Name> =
            packages.iter().flat_map(|package| self.declarations.locals_of(package, &self.names)).collect();
        self.calls.perhaps_of(&locals, self.calls.done_by(at))
    }

    /// The calls of a variable of this name, or of its methods, by the function whose parameters begin at `at`.
    pub(in super::super) fn calls_rooted_in(&self, at: u32, variable: &str) -> Vec<&Call> {
        self.rooted_in_or_own(variable, self.calls.done_by(at))
    }

    /// The same by functions that are written in it as well.
    pub(in super::super) fn calls_rooted_below(&self, at: u32, variable: &str) -> Vec<&Call> {
        self.rooted_in_or_own(variable, self.written_in(at))
    }

    /// The calls whose results the function whose parameters begin at `at` waits for.
    pub(in super::super) fn awaited_by(&self, at: u32) -> Vec<&Call> {
        self.calls.awaited_by(at)
    }

    /// The calls of a variable of this name, or of its methods, in any function.
    pub(in super::super) fn all_calls_rooted_in(&self, variable: &str) -> Vec<&Call> {
        self.rooted_in_or_own(variable, self.calls.in_functions())
    }

    /// Of these calls, those of a variable of this name, or else those of a field of `this` that is called so.
    fn rooted_in_or_own<'i>(&'i self, name: &str, calls: Vec<&'i Call>) -> Vec<&'i Call> {
        let name: Vec<Name> = self.names.find(plain(name)).into_iter().collect();
        let rooted = self.calls.rooted_in(&name, calls.clone());
        if rooted.is_empty() { self.calls.of_own(&name, calls) } else { rooted }
    }

    /// Whether something is written in the function whose parameters begin at `at`.
    pub(in super::super) fn is_within(&self, at: u32, other: u32) -> bool {
        self.calls.span_at(at).is_some_and(|span| contains(span, other))
    }

    /// The calls that the function does whose parameters begin at `at`.
    pub(in super::super) fn done_by(&self, at: u32) -> Vec<&Call> {
        self.calls.done_by(at)
    }

    /// The calls that are written in it, in functions of their own as well.
    pub(in super::super) fn written_in(&self, at: u32) -> Vec<&Call> {
        self.calls.span_at(at).map_or_else(Vec::new, |span| self.calls.all_within(span))
    }

    /// The calls in the class, function or method of this name.
    pub(in super::super) fn done_in(&self, part: &str) -> Vec<&Call> {
        let span = self.names.find(part).and_then(|name| self.parts.span_of(name));
        span.map_or_else(Vec::new, |span| self.calls.all_within(span))
    }

    /// Where the variable is declared at which a call begins.
    pub(in super::super) fn root_declared(&self, call: &Call) -> Option<u32> {
        Some(self.declarations.declaration(call.root()?, &[call.start])?.0)
    }

    /// The calls of decorated methods by the function whose parameters begin at `at`.
    pub(in super::super) fn calls_of_decorated(&self, at: u32) -> Vec<&Call> {
        self.calls.of_decorated(self.calls.done_by(at))
    }

    /// The call of the function whose parameters begin at `at`, if it does one and no more.
    pub(in super::super) fn only_call(&self, at: u32) -> Option<&Call> {
        let done = self.calls.done_by(at);
        (done.len() == 1).then(|| done[0])
    }

    /// Where the class, function or method of this name is written.
    pub(in super::super) fn named(&self, name: &str) -> Option<u32> {
        Some(self.parts.span_of(self.names.find(name)?)?.start)
    }

    /// Where the object that is assigned at a declaration gets this property.
    pub(in super::super) fn property_within(&self, declaration: u32, name: &str) -> Option<u32> {
        self.writes.property_within(declaration, self.names.find(name)?)
    }

    /// Where an object is written down that has most of these fields, `name` among them, and how many it has.
    pub(in super::super) fn literal(&self, fields: &[String], name: &str) -> Option<(usize, u32)> {
        let known: Vec<Name> = fields.iter().filter_map(|field| self.names.find(field)).collect();
        let most_of = |known: usize| known * 3 >= fields.len() * 2;
        self.writes.literal(&known, self.names.find(name)?).filter(|(known, _)| most_of(*known))
    }

    /// Where objects are written down that have all of these fields, in this order.
    pub(in super::super) fn literals_of(&self, fields: &[String]) -> Vec<u32> {
        let names: Option<Vec<Name>> = fields.iter().map(|field| self.names.find(field)).collect();
        names.map_or_else(Vec::new, |names| self.writes.literals_of(&names).collect())
    }

    /// Where what is written at `at` is put into something.
    pub(in super::super) fn insertion_of(&self, at: u32) -> Option<&Use> {
        let around = self.any(Act::Insert).filter(|found| {
            let span = Span::new(found.at, found.end);
            contains(span, at) && !self.calls.has_function_around(span, at)
        });
        around.max_by_key(|found| found.at)
    }

    /// What the insertion at `at` calls for what it puts in, if that is one of `callees`.
    pub(in super::super) fn call_put_in(&self, at: u32, callees: &[&str]) -> Option<Span> {
        let callees = self.all_of(callees);
        let mut insertions = self.any(Act::Insert).filter(|found| found.at == at);
        insertions
            .find_map(|found| found.put.filter(|(_, name)| callees.contains(name)).map(|(callee, _)| callee))
    }

    /// Where something other than `this` is given a property: `owner`, if that is known, such as `Cart.prototype`; else
    /// the property is what is made there, for a name alone says little.
    pub(in super::super) fn assignment(&self, text: &str, owner: Option<&str>, name: &str) -> Option<u32> {
        self.writes.assignment(text, owner, self.names.find(name)?)
    }

    /// Where a global variable gets its value, by its name alone or as a property of the global object.
    pub(in super::super) fn global(&self, name: &str) -> Option<u32> {
        self.writes.global(self.names.find(name)?)
    }

    /// The class or function around an offset, by name: what people call that part of the program.
    pub(in super::super) fn name_around(&self, at: u32) -> Option<&str> {
        Some(self.names.text(self.parts.name_around(at)?))
    }

    /// The class around an offset, by name.
    pub(in super::super) fn class_name_around(&self, at: u32) -> Option<&str> {
        Some(self.names.text(self.parts.class_name_around(at)?))
    }

    fn all_of(&self, names: &[&str]) -> Vec<Name> {
        names.iter().filter_map(|name| self.names.find(name)).collect()
    }
}

/// A private field is called like one that is not.
fn plain(name: &str) -> &str {
    name.trim_start_matches('#')
}
