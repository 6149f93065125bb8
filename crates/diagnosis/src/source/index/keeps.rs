//! What a function may leave behind when it has run: what it puts where it outlives the function, and what it has packages do.

use oxc_span::Span;
use rustc_hash::FxHashSet;

use super::Index;
use super::acts::Act;
use super::calls::Call;
use super::declarations::StandsFor;
use super::names::Name;
use super::things::{Root, Thing};
use super::tree::contains;
use super::uses::{Form, Use};

/// Something that a function does by which something may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Deed {
    pub(in super::super) kind: Keeping,
    pub(in super::super) at: u32,
    pub(in super::super) form: Form,
}

/// How it may be kept by that, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Keeping {
    /// In what belongs to no function: a variable of the module or of another one, a timer that goes on.
    InModule,
    /// In a field of an object, or in a variable of a function around: nobody knows how long these live.
    InObject,
    /// By a package, of which nothing is wanted but what it does.
    ByPackage,
    /// By a package, or in what it has returned.
    OfPackage,
    /// In what the function was handed, or has got by a call.
    InReceived,
}

/// A function that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Called<'i> {
    /// One of this script.
    Here(Span),
    /// One of another module, by how this script calls that: a function, the constructor of a class, or one of its methods.
    There { module: &'i str, name: &'i str, method: Option<&'i str> },
}

impl Index {
    /// The whole of the function whose parameters begin at `at`.
    pub(in super::super) fn body(&self, at: u32) -> Option<Span> {
        self.calls.span_at(at)
    }

    /// What the function that is written there does itself by which something may be kept, in the order in which it is written.
    pub(in super::super) fn deeds(&self, body: Span) -> Vec<Deed> {
        let acts = [Act::Insert, Act::Listen];
        let uses = acts.into_iter().flat_map(|act| self.any(act)).filter(|found| contains(body, found.at));
        let kept = uses.filter(|found| self.calls.innermost(found.at) == Some(body)).filter_map(|found| {
            Some(Deed { kind: self.keeping(found, body)?, at: found.at, form: found.form })
        });
        let mut deeds: Vec<Deed> = kept.collect();
        let (packages, interval) = (self.of_any_package(), self.names.find("setInterval"));
        for call in self.calls.by(body) {
            let is_of_package = call.root().is_some_and(|root| packages.contains(&root));
            let kind = match call.is_dropped {
                _ if interval.is_some() && call.root() == interval => Keeping::InModule,
                true if is_of_package => Keeping::ByPackage,
                false if is_of_package => Keeping::OfPackage,
                _ => continue,
            };
            deeds.push(Deed { kind, at: call.start, form: Form::Call(call.callee) });
        }
        deeds.sort_by_key(|deed| deed.at);
        // A package's object that something is put into.
        deeds.dedup_by_key(|deed| deed.at);
        deeds
    }

    /// The calls that the function which is written there does itself.
    pub(in super::super) fn calls_by(&self, body: Span) -> Vec<&Call> {
        self.calls.by(body)
    }

    /// Of these, those of what is called like this.
    pub(in super::super) fn named_calls<'i>(&self, calls: &[&'i Call], callee: &str) -> Vec<&'i Call> {
        self.names.find(callee).map_or_else(Vec::new, |name| super::calls::Calls::called(calls, name))
    }

    /// The functions of the program's that the function which is written there calls.
    pub(in super::super) fn functions_called(&self, body: Span) -> Vec<Called<'_>> {
        let mut called: Vec<Called<'_>> = Vec::new();
        for call in self.calls.by(body) {
            if let Some(one) = self.called(call).filter(|one| !called.contains(one)) {
                called.push(one);
            }
        }
        called
    }

    /// The function, or the constructor of the class, or the method of it, of this name.
    pub(in super::super) fn function_named(&self, name: &str, method: Option<&str>) -> Option<Span> {
        self.function_of(self.parts.named(self.names.find(name)?)?, method)
    }

    fn function_of(&self, (part, is_class): (Span, bool), method: Option<&str>) -> Option<Span> {
        let span = match (is_class, method) {
            (true, method) => self.parts.named_in(part, self.names.find(method.unwrap_or("constructor"))?)?,
            (false, None) => part,
            (false, Some(_)) => return None,
        };
        self.calls.outermost(span)
    }

    fn called<'i>(&'i self, call: &Call) -> Option<Called<'i>> {
        let last = call.last()?;
        let Some(root) = call.root() else {
            // `this.line(…)`, of the class around.
            let class = self.parts.class_around(call.start).filter(|_| call.is_of_this)?;
            return Some(Called::Here(self.calls.outermost(self.parts.named_in(class, last)?)?));
        };
        if root == last {
            return self.called_by_name(call, root, None);
        }
        // `notices.send(…)`, where `notices` was made by `new Notices(…)`.
        if let Some(class) = self.calls.class_of(root) {
            return self.called_by_name(call, class, Some(last));
        }
        let module = self.own_module(root)?;
        Some(Called::There { module, name: self.names.text(last), method: None })
    }

    fn called_by_name<'i>(&'i self, call: &Call, name: Name, method: Option<Name>) -> Option<Called<'i>> {
        let method = method.map(|method| self.names.text(method));
        if let Some(module) = self.own_module(name) {
            return Some(Called::There { module, name: self.names.text(name), method });
        }
        self.declarations.declaration(name, &[call.start]).filter(|(_, of)| *of == StandsFor::Itself)?;
        Some(Called::Here(self.function_of(self.parts.named(name)?, method)?))
    }

    /// The module of the program's own from which a variable takes what it stands for.
    fn own_module(&self, variable: Name) -> Option<&str> {
        let module = self.names.text(self.declarations.module_of(variable)?);
        module.starts_with(['.', '/']).then_some(module)
    }

    /// The variables that stand for what a package exports, or for what a call of that has returned.
    fn of_any_package(&self) -> FxHashSet<Name> {
        let is_package = |module: Name| is_package(self.names.text(module));
        self.calls.with_results(self.declarations.locals(is_package))
    }

    /// How something may be kept by what is done with a thing; not at all, where the function has the thing for itself.
    fn keeping(&self, found: &Use, body: Span) -> Option<Keeping> {
        let Thing { root, .. } = &found.thing;
        match root {
            Root::Variable(at) if contains(body, *at) => {
                (!self.identities.is_made(*at)).then_some(Keeping::InReceived)
            }
            Root::Variable(at) if self.calls.innermost(*at).is_some() => Some(Keeping::InObject),
            Root::Variable(_) | Root::Global(_) | Root::Exports | Root::Import(_) => Some(Keeping::InModule),
            Root::Instance(_) => Some(Keeping::InObject),
            Root::Unknown => None,
        }
    }
}

/// Whether a module is neither the program's own nor Node's.
fn is_package(module: &str) -> bool {
    let first = module.split('/').next().unwrap_or_default();
    !module.starts_with(['.', '/', '#']) && !module.starts_with("node:") && !NODES.contains(&first)
}

/// The modules of Node's that a program may load without `node:`.
const NODES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "timers",
    "tls",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];
