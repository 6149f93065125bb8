//! The stacks of an allocation profile that was taken between snapshots, asked for those by which something was made.
//!
//! A stack is known to be a suspect's by a function on it: the constructor of a class that grows, or a function of the script
//! that holds it, or of its package. The frame of the program's own that is nearest above is whose call it was. V8 samples, and
//! code that it has inlined is on no stack: where too few stacks are known, or where they name many functions, nothing is said.

use leakhunt_profile::{BadProfile, FrameId, Tree, heap};
use rustc_hash::{FxHashMap, FxHashSet};

use super::functions::{Functions, Written};
use crate::findings::Location;
use crate::source::{Sources, package_folder};

/// Of the bytes that the program's functions have had made, one of them must have this share to be named.
pub(crate) const MOSTLY: f64 = 0.6;
/// What nothing but the whole of a profile tells, or two that share it, must be nearly all of that.
pub(crate) const NEARLY_ALL: f64 = 0.85;
/// What a package makes by itself comes of what the program has given it, but not if it is nearly all.
const LEAST_CALLED: f64 = 1.0 / 3.0;

/// An allocation profile that was taken between the snapshots.
#[derive(Debug)]
pub struct Stacks(Tree);

impl Stacks {
    /// Reads a `.heapprofile`.
    ///
    /// # Errors
    /// [`BadProfile`] where the text is something else, or cut.
    pub fn parse(profile: &str) -> Result<Self, BadProfile> {
        heap::read(profile).map(Self)
    }

    /// Its calls.
    pub(crate) fn tree(&self) -> &Tree {
        let Self(tree) = self;
        tree
    }
}

/// By what a stack is known to be a suspect's, the surest first.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Where the constructors of what grows begin.
    pub(crate) constructors: FxHashSet<Beginning>,
    /// The script of a package that holds it.
    pub(crate) script: Option<String>,
}

/// Where a function begins: a path, and line and column from 1.
pub(crate) type Beginning = (String, u32, u32);

/// A function of the program's that had a suspect's objects made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Called {
    /// Where the function begins, and its name.
    pub(crate) at: Location,
    /// What it called.
    pub(crate) callee: String,
    /// The file of what it called.
    pub(crate) callee_file: Option<String>,
}

/// The stacks, and where people wrote the functions on them.
pub(crate) struct Calls<'s>(Functions<'s>);

impl<'s> Calls<'s> {
    pub(crate) fn of(Stacks(tree): &'s Stacks, sources: &Sources<'_>) -> Self {
        Self(Functions::of(tree, sources))
    }

    /// The function of the program's by whose call most of a suspect's objects were made; or the two by whose calls nearly all were.
    pub(crate) fn callers(&self, wanted: &Wanted) -> Vec<Called> {
        let is_made = |function: &Written| {
            let at = &function.place.location;
            wanted.constructors.contains(&(at.file.clone(), at.line, at.column))
        };
        let script = wanted.script.as_deref();
        let package = script.and_then(package_folder);
        let is_in_script = |function: &Written| script == Some(function.file());
        let is_in_package =
            |function: &Written| package.is_some() && package == package_folder(function.file());
        let mut two = None;
        for is_wanted in [&is_made as &dyn Fn(&Written) -> bool, &is_in_script, &is_in_package] {
            let callees = self.callees(is_wanted);
            if let Some(one) = callees.most() {
                return vec![one];
            }
            two = two.or_else(|| callees.two());
        }
        two.unwrap_or_default()
    }

    /// The function of the program's by whose calls most of all was made.
    pub(crate) fn caller_of_most(&self) -> Option<Called> {
        self.callees(|_| true).most()
    }

    /// The functions of the program's that have had something made, by themselves or by what they call, with its size.
    pub(crate) fn programs(&self) -> Vec<(&Location, f64)> {
        let Self(functions) = self;
        let mut totals: FxHashMap<FrameId, f64> = FxHashMap::default();
        for (node, above) in functions.tree.nodes().iter().zip(functions.programs_above()) {
            let own = Some(node.frame).filter(|own| functions.is_programs(*own));
            if let Some(function) = own.or(above) {
                *totals.entry(function).or_default() += node.own;
            }
        }
        let frame = |id: FrameId| functions.tree.frame(id);
        let mut programs: Vec<(FrameId, f64)> = totals.into_iter().collect();
        programs.sort_by(|(one, size), (other, more)| {
            more.total_cmp(size).then_with(|| frame(*one).cmp(frame(*other)))
        });
        let placed = programs
            .into_iter()
            .filter_map(|(function, size)| Some((&functions.written(function)?.place.location, size)));
        placed.collect()
    }

    /// By whose calls how much was made on the stacks that have one of these functions.
    fn callees(&self, is_wanted: impl Fn(&Written) -> bool) -> Callees<'_> {
        let Self(functions) = self;
        let nodes = functions.tree.nodes();
        let mut known: Vec<Known> = Vec::with_capacity(nodes.len());
        let mut totals: FxHashMap<(FrameId, FrameId), f64> = FxHashMap::default();
        let mut all = 0.0;
        for node in nodes {
            let above = node.caller.map_or(Known::Nobody, |caller| match nodes[caller].frame {
                programs if functions.is_programs(programs) => Known::Program(programs, node.frame),
                _ => known[caller],
            });
            let is_wanted = || functions.written(node.frame).is_some_and(&is_wanted);
            let here = match above {
                Known::Program(caller, callee) if is_wanted() => Known::Made(caller, callee),
                Known::Nobody if is_wanted() => Known::MadeByNobody,
                above => above,
            };
            known.push(here);
            if let Known::Made(caller, callee) = here {
                *totals.entry((caller, callee)).or_default() += node.own;
            }
            if matches!(here, Known::Made(..) | Known::MadeByNobody) {
                all += node.own;
            }
        }
        Callees::of(functions, totals, all)
    }
}

/// The functions of the program's by whose calls something was made, those by which most was first.
struct Callees<'s> {
    functions: &'s Functions<'s>,
    /// Each with what it called mostly, and how much came of its calls.
    callers: Vec<(FrameId, FrameId, f64)>,
    /// What was made, and how much of it by calls of the program's.
    all: f64,
    called: f64,
}

impl<'s> Callees<'s> {
    fn of(functions: &'s Functions<'s>, totals: FxHashMap<(FrameId, FrameId), f64>, all: f64) -> Self {
        let frame = |id: FrameId| functions.tree.frame(id);
        let called: f64 = totals.values().sum();
        let mut by_caller: FxHashMap<FrameId, (f64, f64, FrameId)> = FxHashMap::default();
        for ((caller, callee), size) in totals {
            let entry = by_caller.entry(caller).or_insert((0.0, 0.0, callee));
            entry.0 += size;
            if (size, frame(entry.2)) > (entry.1, frame(callee)) {
                (entry.1, entry.2) = (size, callee);
            }
        }
        let mut callers: Vec<_> =
            by_caller.into_iter().map(|(caller, (size, _, callee))| (caller, callee, size)).collect();
        callers.sort_by(|(one, _, size), (other, _, more)| {
            more.total_cmp(size).then_with(|| frame(*one).cmp(frame(*other)))
        });
        Self { functions, callers, all, called }
    }

    /// The one that has most, if that is most of all.
    fn most(&self) -> Option<Called> {
        let (caller, callee, size) = *self.callers.first()?;
        self.are(size, MOSTLY).then(|| self.named(caller, callee))?
    }

    /// The two that have nearly all.
    fn two(&self) -> Option<Vec<Called>> {
        let two @ [(_, _, size), (_, _, other)] = self.callers.get(..2)? else { return None };
        let two = self.are(size + other, NEARLY_ALL).then(|| two.iter());
        two?.map(|(caller, callee, _)| self.named(*caller, *callee)).collect()
    }

    fn are(&self, size: f64, share: f64) -> bool {
        size >= 1.0 && size >= self.called * share && self.called >= self.all * LEAST_CALLED
    }

    fn named(&self, caller: FrameId, callee: FrameId) -> Option<Called> {
        let written = |id| self.functions.written(id);
        Some(Called {
            at: written(caller)?.place.location.clone(),
            callee: self.functions.tree.frame(callee).function.clone(),
            callee_file: written(callee).map(|written| written.file().to_owned()),
        })
    }
}

/// What is known of a node by those above it, down from the nearest frame of the program's.
#[derive(Clone, Copy)]
enum Known {
    /// There is no such frame.
    Nobody,
    /// That function, and whom it calls.
    Program(FrameId, FrameId),
    /// The same, with one of the functions that are wanted below it.
    Made(FrameId, FrameId),
    /// One of the functions that are wanted, called by nobody of the program's.
    MadeByNobody,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Beginnings;

    const AJV: &str = "/app/node_modules/ajv/core.js";

    fn frame(function: &str, url: &str, line: u32, size: u32, children: &[String]) -> String {
        format!(
            r#"{{"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":{},
                "columnNumber":4}},"selfSize":{size},"id":1,"children":[{}]}}"#,
            line - 1,
            children.join(",")
        )
    }

    /// Who is named by stacks with the function at line 7 of the package, or by those with any function of it.
    #[track_caller]
    fn check(roots: &[String], by_constructor: Option<&str>, by_script: Option<&str>) {
        let profile = format!(r#"{{"head":{},"samples":[]}}"#, frame("(root)", "", 1, 0, roots));
        let stacks = Stacks::parse(&profile).expect("a profile");
        let constructors =
            Wanted { constructors: [(AJV.to_owned(), 7, 5)].into_iter().collect(), script: None };
        let script = Wanted { script: Some(AJV.to_owned()), ..Wanted::default() };
        let sources = Sources::new(&|_| None, Beginnings::default());
        let calls = Calls::of(&stacks, &sources);
        let told = |wanted| {
            let named = calls.callers(&wanted).into_iter().map(|called| {
                format!("{} in {}:{}", called.callee, called.at.function.unwrap_or_default(), called.at.line)
            });
            named.reduce(|one, other| format!("{one}, {other}"))
        };
        assert_eq!(told(constructors).as_deref(), by_constructor, "by the constructor");
        assert_eq!(told(script).as_deref(), by_script, "by the script");
    }

    fn compile(size: u32) -> String {
        frame("compile", AJV, 3, 0, &[frame("SchemaEnv", AJV, 7, size, &[])])
    }

    #[test]
    fn the_nearest_of_the_programs_own_functions_is_named() {
        let check_payload = frame("checkPayload", "/app/app.js", 14, 0, &[compile(500)]);
        let named = Some("compile in checkPayload:14");
        check(&[frame("onRequest", "file:///app/http.js", 2, 9000, &[check_payload])], named, named);
    }

    #[test]
    fn what_a_package_does_by_itself_is_nobodys() {
        let few = frame("checkPayload", "/app/app.js", 14, 0, &[compile(100)]);
        check(&[few, frame("processTimers", "node:internal/timers", 4, 0, &[compile(500)])], None, None);
    }

    #[test]
    fn what_comes_of_a_call_may_be_made_by_the_package_itself() {
        let check_payload = frame("checkPayload", "/app/app.js", 14, 0, &[compile(500)]);
        let cleaning = frame("processTimers", "node:internal/timers", 4, 0, &[compile(700)]);
        let named = Some("compile in checkPayload:14");
        check(&[check_payload, cleaning], named, named);
    }

    #[test]
    fn where_the_script_is_on_no_stack_its_package_may_be() {
        let validate = frame("validate", "/app/node_modules/ajv/validate.js", 7, 300, &[]);
        let other = frame("parse", "/app/node_modules/yaml/index.js", 7, 9000, &[]);
        let roots = [
            frame("checkPayload", "/app/app.js", 14, 0, &[validate]),
            frame("load", "/app/app.js", 30, 0, &[other]),
        ];
        check(&roots, None, Some("validate in checkPayload:14"));
    }

    #[test]
    fn where_many_functions_have_a_part_none_is_named() {
        let of = |line| frame("f", "/app/app.js", line, 0, &[compile(100)]);
        check(&[of(1), of(9), of(20)], None, None);
    }

    #[test]
    fn two_functions_that_share_nearly_all_are_named() {
        let of = |line, size| frame("f", "/app/app.js", line, 0, &[compile(size)]);
        let two = Some("compile in f:9, compile in f:1");
        check(&[of(1, 400), of(9, 500), of(20, 100)], two, two);
        check(&[of(1, 400), of(9, 500), of(20, 300)], None, None);
    }

    #[test]
    fn what_the_program_does_in_a_callback_is_not_the_packages() {
        let callback = frame("onError", "/app/errors.js", 5, 800, &[]);
        let emit = frame("emit", AJV, 30, 10, &[callback]);
        check(&[frame("checkPayload", "/app/app.js", 14, 0, &[emit])], None, Some("emit in checkPayload:14"));
        let within = frame("onError", "/app/errors.js", 5, 0, &[compile(300)]);
        let emit = frame("emit", AJV, 30, 0, &[within]);
        let named = Some("compile in onError:5");
        check(&[frame("checkPayload", "/app/app.js", 14, 0, &[emit])], named, named);
    }
}
