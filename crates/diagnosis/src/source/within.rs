//! The calls by which a function of the program's has a package do its work.

use std::rc::Rc;

use leakhunt_heap::Location as Spot;
use rustc_hash::FxHashSet;

use super::callee::short_callee;
use super::index::{Call, Index};
use super::text::Text;
use super::traces::{Around, Trace, trace};
use super::{Author, MOST_SCRIPTS, Place, Scripts, Sources, Written, author_of, display_path, package_name};
use crate::findings::Location;

/// What Node has V8 call where the stack of an error is first read (lib/internal/errors.js).
const FORMATS_STACKS: &str = "prepareStackTraceCallback";
/// So many calls of one function are told.
const MOST_CALLS: usize = 3;

/// There are several, and nothing tells which of them it is.
#[derive(Debug)]
pub(crate) struct Ambiguous;

/// Calls in one function, of which any may be the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallsWithin {
    /// What is called, as written: `ajv.compile`, or `ajv.addSchema or ajv.compile`.
    pub(crate) callee: String,
    /// The function they are in, if it has a name.
    pub(crate) function: Option<String>,
    /// That is not the function that was asked about, but one that V8 may have inlined into it.
    pub(crate) is_inlined: bool,
    /// At least one.
    pub(crate) places: Vec<Place>,
}

impl Sources<'_> {
    /// In the function that begins at a place, the calls of what is called like `callee` or, if there is none, of what one of the
    /// packages exports, of a decorated method, or of what calls `callee` in turn.
    pub(crate) fn calls_within(
        &self,
        scripts: &Scripts,
        function: &Location,
        callee: &str,
        packages: &[&str],
    ) -> Option<CallsWithin> {
        let (text, at) = self.function(function)?;
        let index = text.index()?;
        let is_read = callee == FORMATS_STACKS;
        let mut calls = if is_read { index.stacks_of(at) } else { index.calls_of(at, callee) };
        if is_read && calls.is_empty() {
            return self.reading_stacks(scripts, &index.called_by(at));
        }
        if calls.is_empty() {
            calls = of_packages(&text, index, at, packages);
            // What has no name may come of any of them, or of none.
            if callee.is_empty() && callees(&text, &calls).len() > 1 {
                return None;
            }
        }
        // What a decorator of the package's has put around a method has no name either.
        if calls.is_empty() && callee.is_empty() {
            calls = index.calls_of_decorated(at);
        }
        if calls.is_empty() {
            let called = index.called_by(at);
            let own = self.own_between(scripts, &called, packages);
            let between = || self.between(scripts, &called, callee, packages);
            // What calls what is on the stack says more than what calls anything of the package.
            match (own, between().filter(|_| !callee.is_empty())) {
                (Some(own), between) if between.is_none_or(|name| own.function.as_deref() == Some(name)) => {
                    return Some(own);
                }
                (_, Some(between)) => calls = index.calls_of(at, between),
                (_, None) => {}
            }
        }
        of_text(&text, &calls, index.name_around(at))
    }

    /// The call of the function that begins at a place, if it does one and no more.
    pub(crate) fn only_call_within(&self, function: &Location) -> Option<CallsWithin> {
        let (text, at) = self.function(function)?;
        let index = text.index()?;
        of_text(&text, &[index.only_call(at)?], index.name_around(at))
    }

    /// In the function that begins at a place, the calls by which it may have one of the packages do something, if it calls any.
    pub(crate) fn calls_of_packages_within(
        &self,
        function: &Location,
        packages: &[&str],
    ) -> Option<Result<CallsWithin, Ambiguous>> {
        let (text, at) = self.function(function)?;
        let index = text.index()?;
        let mut calls = index.calls_perhaps_of_packages(at, packages);
        if calls.is_empty() {
            calls = bundled(&text, index, index.done_by(at), packages);
        }
        calls.first()?;
        Some(of_text(&text, &calls, index.name_around(at)).ok_or(Ambiguous))
    }

    /// The calls whose results the function at a spot waits for.
    pub(crate) fn awaited_by(&self, scripts: &Scripts, function: Spot) -> Option<CallsWithin> {
        let (text, at) = self.at(scripts, function).filter(|(text, _)| !text.is_transpiled)?;
        of_text(&text, &text.index()?.awaited_by(at), None)
    }

    /// In the function that begins at a place, the calls of a variable or of its methods by functions that are written in it.
    pub(crate) fn calls_of_variable_below(&self, function: &Location, name: &str) -> Option<CallsWithin> {
        let (text, at) = self.function(function)?;
        let index = text.index()?;
        of_text(&text, &index.calls_rooted_below(at, name), index.name_around(at))
    }

    /// In the function that begins at a place, the calls of methods of what is called like a class: `logger.debug` of `Logger`.
    pub(crate) fn calls_of_class(&self, function: &Location, class: &str) -> Option<CallsWithin> {
        let (text, at) = self.function(function)?;
        let index = text.index()?;
        let class = class.to_lowercase();
        let is_of_class = |call: &&Call| {
            let object = text.slice(call.callee).rsplit_once('.').map(|(object, _)| object);
            let name = object.and_then(|object| object.rsplit(['.', '#']).next()).unwrap_or_default();
            !name.is_empty() && class.ends_with(&name.to_lowercase())
        };
        let calls: Vec<&Call> = index.done_by(at).into_iter().filter(is_of_class).collect();
        of_text(&text, &calls, index.name_around(at))
    }

    /// In the function that begins at a place, the calls of a variable or of its methods.
    pub(crate) fn calls_of_variable(&self, function: &Location, name: &str) -> Option<CallsWithin> {
        let (text, at) = self.function(function)?;
        let index = text.index()?;
        of_text(&text, &index.calls_rooted_in(at, name), index.name_around(at))
    }

    /// The calls that functions of a file do of a variable which it declares, or of its methods.
    pub(crate) fn calls_of_declared(&self, declared: &Location, name: &str) -> Option<CallsWithin> {
        let text = self.text(&declared.file).filter(|text| !text.is_transpiled)?;
        of_text(&text, &text.index()?.all_calls_rooted_in(name), None)
    }

    /// Of these functions, the only one of the program's that calls what one of the packages exports, with these calls: V8 may
    /// have inlined it as well.
    fn own_between(&self, scripts: &Scripts, functions: &[&str], packages: &[&str]) -> Option<CallsWithin> {
        let texts: Vec<_> = self.of_user(scripts).collect();
        let found = texts.iter().flat_map(|text| {
            let is_there = text.is_bundled() || packages.iter().any(|package| text.text.contains(package));
            let index = text.index().filter(|_| is_there);
            let calls = functions.iter().filter_map(move |function| {
                let mut calls = index?.of_packages(packages, index?.done_in(function));
                if calls.is_empty() && is_programs_own(text, index?, function) {
                    calls = bundled(text, index?, index?.done_in(function), packages);
                }
                Some(CallsWithin { is_inlined: true, ..of_text(text, &calls, Some(function))? })
            });
            calls.collect::<Vec<_>>()
        });
        // A class has in it what its methods call.
        let mut found: Vec<CallsWithin> = found.collect();
        found.sort_by_key(|calls| calls.places.len());
        let whole = found.pop()?;
        let is_part = |calls: &CallsWithin| calls.places.iter().all(|place| whole.places.contains(place));
        found.iter().all(is_part).then_some(whole)
    }

    /// Of these functions, the only one of the program's that reads the stack of an error: V8 may have inlined it.
    fn reading_stacks(&self, scripts: &Scripts, functions: &[&str]) -> Option<CallsWithin> {
        let texts: Vec<_> = self.of_user(scripts).filter(|text| text.text.contains(".stack")).collect();
        let mut found = texts.iter().flat_map(|text| {
            let reads = functions.iter().filter_map(move |function| {
                let reads = text.index()?.stacks_in(function);
                Some(CallsWithin { is_inlined: true, ..of_text(text, &reads, Some(function))? })
            });
            reads.collect::<Vec<_>>()
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// Of these functions, the first that calls `callee` in a script of one of the packages: what V8 has inlined is on no stack.
    fn between<'c>(
        &self,
        scripts: &Scripts,
        functions: &[&'c str],
        callee: &str,
        packages: &[&str],
    ) -> Option<&'c str> {
        let names = scripts.of_packages(packages).take(MOST_SCRIPTS);
        let texts = names.filter_map(|name| self.text(&display_path(name)));
        texts.filter(|text| text.text.contains(callee)).find_map(|text| {
            let index = text.index()?;
            functions.iter().copied().find(|function| index.call_in(function, &[callee]).is_some())
        })
    }

    /// Whether the function at a spot does something itself, or calls the function of its script that does.
    pub(crate) fn is_done_by(&self, scripts: &Scripts, function: Spot, trace: &Trace) -> bool {
        let is_there = || {
            let (text, at) = self.at(scripts, function).filter(|(text, _)| !text.is_transpiled)?;
            let index = text.index().filter(|_| text.path == trace.place.location.file)?;
            let done = &trace.place.location;
            let itself = index.is_within(at, text.offset(done.line - 1, done.column - 1)?);
            let called = match &trace.within {
                Some(Around::Named(name)) => index.called_by(at).contains(&name.as_str()),
                _ => false,
            };
            Some(itself || called)
        };
        is_there().unwrap_or_default()
    }

    /// Where the function at a spot compares the age of what it, or what it calls in its script, takes out by a trace.
    pub(crate) fn swept_by(&self, scripts: &Scripts, function: Spot, trace: &Trace) -> Option<Place> {
        let (text, at) = self.at(scripts, function).filter(|(text, _)| !text.is_transpiled)?;
        let index = text.index().filter(|_| text.path == trace.place.location.file)?;
        let taken = &trace.place.location;
        let age = index.swept_by(at, text.offset(taken.line - 1, taken.column - 1)?)?;
        Some(text.place(age.start, None))
    }

    /// Whether the function at a spot starts a timer itself.
    pub(crate) fn starts_timers(&self, scripts: &Scripts, function: Spot) -> bool {
        let Some((text, at)) = self.at(scripts, function) else { return false };
        text.index().is_some_and(|index| index.called_by(at).contains(&"setTimeout"))
    }

    /// The one place of the program's where an object is written down that has all of these fields, if that is in one of
    /// these functions, and what puts it in something there.
    pub(crate) fn written_within(
        &self,
        scripts: &Scripts,
        fields: &[String],
        functions: &[&Location],
    ) -> Option<(Place, Option<Written>)> {
        let texts = self.of_user(scripts).filter(|text| fields.iter().all(|field| text.text.contains(field)));
        let mut written = texts.flat_map(|text| {
            let found = text.index().map(|index| index.literals_of(fields)).unwrap_or_default();
            found.into_iter().map(move |at| (text.clone(), at))
        });
        let (text, at) = written.next().filter(|_| written.next().is_none())?;
        let is_there = |function: &&Location| {
            let begins = self.function(function).filter(|(other, _)| other.path == text.path);
            begins.zip(text.index()).is_some_and(|((_, begins), index)| index.is_within(begins, at))
        };
        let place = text.place(at, None);
        let is_programs = author_of(&place.best().file) == Author::User;
        let put = || {
            let found = trace(&text, text.index()?, text.index()?.insertion_of(at)?);
            Some(Written { place: found.place, code: found.code })
        };
        (is_programs && functions.iter().any(is_there)).then(|| (place, put()))
    }

    /// The call whose result is a view of a buffer and is put in by an insertion.
    pub(crate) fn view_put_in(&self, insertion: &Place, callees: &[&str]) -> Option<Written> {
        let (text, at) = self.function(&insertion.location)?;
        let callee = text.index()?.call_put_in(at, callees)?;
        Some(Written { place: text.place(callee.start, None), code: text.slice(callee).to_owned() })
    }

    /// Where the parameters of the function begin that V8 has at a place.
    fn function(&self, at: &Location) -> Option<(Rc<Text>, u32)> {
        let text = self.text(&at.file).filter(|text| !text.is_transpiled)?;
        let offset = text.offset(at.line - 1, at.column - 1)?;
        Some((text, offset))
    }

    /// Who wrote the function that begins at a place, and where that is before bundling: of a package the file is enough.
    pub(crate) fn written(&self, at: Location) -> (Author, Place) {
        let place = match author_of(&at.file) {
            Author::User => self.beginning(&at),
            Author::Library | Author::Node => Place { location: at, original: None },
        };
        (author_of(&place.best().file), place)
    }

    /// Where a function begins, before bundling as well.
    pub(crate) fn beginning(&self, function: &Location) -> Place {
        let text = self.text(&function.file).filter(|text| !text.is_transpiled);
        let original = text.and_then(|text| text.original(function.line - 1, function.column - 1));
        Place { location: function.clone(), original }
    }
}

/// The calls of what one of the packages exports by the function whose parameters begin at `at`, or else by functions that are
/// written in it: V8 may have inlined them.
fn of_packages<'i>(text: &Text, index: &'i Index, at: u32, packages: &[&str]) -> Vec<&'i Call> {
    let of = |calls: Vec<&'i Call>| {
        let imported = index.of_packages(packages, calls.clone());
        if imported.is_empty() { bundled(text, index, calls, packages) } else { imported }
    };
    let done = of(index.done_by(at));
    if done.is_empty() { of(index.written_in(at)) } else { done }
}

/// Of these calls, those of what a bundler took from one of the packages, by the source map.
pub(super) fn bundled<'i>(
    text: &Text,
    index: &Index,
    calls: Vec<&'i Call>,
    packages: &[&str],
) -> Vec<&'i Call> {
    let is_of_package = |call: &&Call| {
        let original = index.root_declared(call).and_then(|at| text.place(at, None).original);
        let package = original.as_ref().and_then(|original| package_name(&original.location.file));
        package.is_some_and(|package| packages.contains(&package))
    };
    if text.is_bundled() { calls.into_iter().filter(is_of_package).collect() } else { Vec::new() }
}

/// Whether what has this name in a bundle is not a package's.
fn is_programs_own(text: &Text, index: &Index, name: &str) -> bool {
    index.named(name).is_some_and(|at| author_of(&text.place(at, None).best().file) == Author::User)
}

/// What is called by these, each once.
fn callees<'t>(text: &'t Text, calls: &[&Call]) -> Vec<&'t str> {
    let mut callees: Vec<&str> = calls.iter().map(|call| text.slice(call.callee)).collect();
    let mut seen = FxHashSet::default();
    callees.retain(|callee| seen.insert(*callee));
    callees
}

/// The method that all of these call, each of something else.
fn common_method<'c>(callees: &[&'c str]) -> Option<&'c str> {
    let mut methods = callees.iter().map(|callee| callee.rsplit_once('.').map(|(_, method)| method));
    let first = methods.next()??;
    methods.all(|method| method == Some(first)).then_some(first)
}

/// Calls of more than these are none that help.
const MOST_CALLEES: usize = 3;

fn of_text(text: &Text, calls: &[&Call], function: Option<&str>) -> Option<CallsWithin> {
    let callees = callees(text, calls);
    if callees.is_empty() || (callees.len() > MOST_CALLEES && common_method(&callees).is_none()) {
        return None;
    }
    let callee = match (callees.as_slice(), common_method(&callees)) {
        // Schemas of several kinds that are all described.
        ([_, _, ..], Some(method)) => method.to_owned(),
        _ => callees.into_iter().map(short_callee).collect::<Vec<_>>().join(" or "),
    };
    let mut places: Vec<Place> = calls.iter().map(|call| text.place(call.start, None)).collect();
    places.dedup_by_key(|place| place.best().line);
    places.truncate(MOST_CALLS);
    Some(CallsWithin { callee, function: function.map(str::to_owned), is_inlined: false, places })
}
