//! The line of the program's own by which a package, or Node itself, makes what grows.
//!
//! An allocation profile that was taken between the snapshots shows it: a stack with the constructor of what grows, or with a
//! function of the package that holds it, leads to the program's function that called it.

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashSet;

use crate::findings::{Location, Package};
use crate::graph::Node;
use crate::profile::{Called, Calls, MOSTLY, NEARLY_ALL, Wanted};
use crate::source::{Ambiguous, Author, CallsWithin, Place, Sources, display_path, package_name};
use crate::suspects::Suspect;
use crate::view::View;

/// So many objects of what one growing object owns are looked at.
const MOST_OBJECTS: usize = 300;

/// What V8 calls a method that a class is given under a key that is computed.
const COMPUTED: &str = ".<computed>";

/// By which call of the program's something is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// What is called, if it has a name.
    pub(crate) call: Option<String>,
    /// The function that calls it, if it has one.
    pub(crate) function: Option<String>,
    /// The calls, of which any may be the one; or else where the function begins. At least one.
    pub(crate) places: Vec<Place>,
    /// The file of the package that is called.
    pub(crate) file: Option<String>,
    /// The source has the call. Where it has not, the function may be one that V8 has inlined another one into.
    pub(crate) is_found: bool,
    /// Another one, by which the rest is made.
    pub(crate) other: Option<Box<Caller>>,
}

impl Caller {
    fn of(calls: CallsWithin, function: &Location) -> Self {
        let on_stack = function.function.clone().filter(|_| !calls.is_inlined);
        // A minifier's `We` is `combine` in the source map.
        let original = calls.places.first().and_then(|place| place.original.as_ref()?.name.clone());
        Self {
            call: Some(original.filter(|_| !calls.callee.contains('.')).unwrap_or(calls.callee)),
            function: on_stack.or(calls.function),
            places: calls.places,
            file: None,
            is_found: true,
            other: None,
        }
    }

    /// Of a function nothing is known but that what is made comes of what it does.
    fn below(function: &Location, sources: &Sources<'_>) -> Self {
        Self {
            call: None,
            function: function.function.clone(),
            places: vec![sources.beginning(function)],
            file: None,
            is_found: false,
            other: None,
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.places[0]
    }
}

/// The caller that the allocation profile shows. What a package has made of a function of the program's is called by the program's
/// name for it, `reached_by`.
pub(crate) fn profiled(
    suspect: &Suspect,
    (package_file, package): (Option<&str>, Option<&Package>),
    reached_by: Option<&str>,
    calls: &Calls<'_>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Caller> {
    let wanted =
        Wanted { constructors: constructors(suspect, view), script: package_file.map(str::to_owned) };
    let of = |called| of_called(called, package, reached_by, view, sources);
    let mut callers = calls.callers(&wanted).into_iter().map(of);
    match (callers.next(), callers.next()) {
        (Some(one), None) => Some(one),
        (Some(one), Some(other)) if one.is_found && other.is_found => {
            Some(Caller { other: Some(Box::new(other)), ..one })
        }
        _ => calling(calls, &names(package).collect::<Vec<_>>(), sources),
    }
}

fn of_called(
    Called { at, callee, callee_file }: Called,
    package: Option<&Package>,
    reached_by: Option<&str>,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Caller {
    // A method's name, of `get size` or `Ajv.compile`.
    let name = callee.rsplit(['.', ' ']).next().unwrap_or_default();
    let called = callee_file.as_deref().and_then(package_name);
    let packages: Vec<&str> = names(package).chain(called).collect();
    let file = callee_file.clone().filter(|file| package_name(file).is_some());
    let of_variable = || {
        let calls = sources.calls_of_variable(&at, reached_by?);
        // V8 may have inlined the function that is handed to `forEach`.
        calls.or_else(|| sources.calls_of_variable_below(&at, reached_by?))
    };
    let within = |name: &str| sources.calls_within(&view.scripts, &at, name, &packages);
    // Methods that are made one by one, as loggers make those of their levels, have no name of their own.
    let of_class = || sources.calls_of_class(&at, callee.strip_suffix(COMPUTED)?);
    let found =
        of_class().or_else(|| within(name)).or_else(|| within(unnumbered(name)?)).or_else(of_variable);
    match found.or_else(|| sources.only_call_within(&at)) {
        Some(calls) => Caller { file, ..Caller::of(calls, &at) },
        None => Caller {
            call: Some(name.to_owned()).filter(|name| !name.is_empty() && !name.starts_with('(')),
            file,
            ..Caller::below(&at, sources)
        },
    }
}

/// The caller by whose calls of a package nearly all was made that lives on. Asked for what the program holds by its own name, and
/// no line of it puts there.
pub(crate) fn of_most(calls: &Calls<'_>, sources: &Sources<'_>) -> Option<Caller> {
    let programs = calls.programs();
    let all: f64 = programs.iter().map(|(_, size)| size).sum();
    let (first, _) = programs.first().filter(|(_, size)| *size >= all * NEARLY_ALL)?;
    let Called { at, callee_file, .. } = calls.caller_of_most().filter(|called| called.at == **first)?;
    let package = callee_file.as_deref().and_then(package_name)?.to_owned();
    let caller = match sources.calls_of_packages_within(&at, &[&package])? {
        Ok(calls) => Caller::of(calls, &at),
        Err(Ambiguous) => Caller::below(&at, sources),
    };
    Some(Caller { file: callee_file, ..caller })
}

/// The name that people wrote, where a bundler has numbered it because another file has the same: `render2` (esbuild) and `render$1`
/// (Rollup).
fn unnumbered(name: &str) -> Option<&str> {
    let plain = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let plain = plain.strip_suffix('$').unwrap_or(plain);
    (plain != name && !plain.is_empty()).then_some(plain)
}

/// Where V8 has inlined the package's own code: of the functions on the stacks, the one that calls the package.
fn calling(calls: &Calls<'_>, packages: &[&str], sources: &Sources<'_>) -> Option<Caller> {
    let programs = calls.programs().into_iter();
    let calling: Vec<(Caller, f64)> = programs
        .filter_map(|(at, size)| {
            let caller = match sources.calls_of_packages_within(at, packages)? {
                Ok(calls) => Caller::of(calls, at),
                Err(Ambiguous) => Caller::below(at, sources),
            };
            Some((caller, size))
        })
        .collect();
    let all: f64 = calling.iter().map(|(_, size)| size).sum();
    let (caller, size) = calling.into_iter().next()?;
    (size >= all * MOSTLY).then_some(caller)
}

/// The names under which the program may require a package.
fn names(package: Option<&Package>) -> impl Iterator<Item = &str> {
    let through = package.and_then(|package| package.through.as_ref()).map(|through| through.name.as_str());
    package.map(|package| package.name.as_str()).into_iter().chain(through)
}

/// Where the constructors begin of the growing objects and of what they own.
fn constructors(suspect: &Suspect, view: &View<'_>) -> FxHashSet<(String, u32, u32)> {
    let graph = view.graph;
    let mut open: Vec<Node> = suspect.objects().filter(|node| !view.is_permanent(*node)).collect();
    let roots: FxHashSet<Node> = open.iter().copied().collect();
    let mut seen = roots.clone();
    let mut found = FxHashSet::default();
    while let Some(node) = open.pop() {
        if graph.kind(node) == NodeType::Object
            && let Some(spot) = graph.spot(node)
            && view.scripts.author(spot) != Author::User
            && let Some((line, column)) = spot.from_one()
            && let Some(script) = view.scripts.name(spot.script_id)
        {
            found.insert((display_path(script), line, column));
        }
        for edge in graph.edges(node).filter(|edge| edge.kind != EdgeType::Weak) {
            let is_owned = || {
                std::iter::successors(Some(edge.to), |at| {
                    let owner = view.owner(*at);
                    (owner != *at).then_some(owner)
                })
                .take(8)
                .any(|owner| roots.contains(&owner))
            };
            if seen.len() < MOST_OBJECTS && !view.is_permanent(edge.to) && is_owned() && seen.insert(edge.to)
            {
                open.push(edge.to);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
