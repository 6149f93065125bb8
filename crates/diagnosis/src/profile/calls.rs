//! A profile as people read it: every function where it was written, with its package, and Node's own calls taken together.
//!
//! What happens between two functions of the program inside of Node.js says nothing to whoever looks for a line of the program, so
//! each run of such calls is one. Where two functions of a bundle are one of the program's, or two paths inside of Node.js lead to
//! one function, what was apart is added up.

use leakhunt_profile::FrameId;
use leakhunt_text::cut_tokens;
use rustc_hash::FxHashMap;

use super::functions::Functions;
use crate::findings::{Location, Package};
use crate::packages::Packages;
use crate::source::{Author, Sources};

/// Calls that cost less than this share of all are not shown one by one.
const LEAST_SHOWN: f64 = 0.001;
/// So many calls are shown.
const MOST_SHOWN: usize = 5_000;
/// So many go into a file for another tool.
const MOST_EXPORTED: usize = 50_000;
/// V8 looks at 255 frames of a stack at most. What a file has below this is added to what calls it.
const DEEPEST: usize = 512;

/// What stands for a run of Node's own calls.
const NODE: &str = "(Node.js internals)";
/// What stands for the calls that are not shown one by one.
const OTHER: &str = "(other)";

/// The calls of profiles, by what they cost.
#[derive(Clone, Debug, Default)]
pub struct CallTrees {
    /// Bytes that were allocated and live.
    pub heap: Option<CallTree>,
    /// CPU time.
    pub cpu: Option<CallTree>,
}

/// What a call costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Millionths of a second.
    Microseconds,
}

/// Whose a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The program's.
    Program,
    /// A package's.
    Package,
    /// Node's own, or V8's.
    Node,
}

/// A function of a tree of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name; empty for the program's top level and functions without a name.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// Where it begins, before bundling if a source map tells; none for what is no function of a script.
    pub location: Option<Location>,
    /// Its package.
    pub package: Option<Package>,
}

/// A function where it was called by one chain of callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its place among the tree's functions.
    pub function: usize,
    /// What it cost by itself.
    pub own: u64,
    /// What it cost with all that it called.
    pub total: u64,
    /// The place of what called it among the calls: one before it. The first call has none.
    pub caller: Option<usize>,
}

/// Who called whom, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallTree {
    /// What is counted.
    pub unit: Unit,
    /// All functions, each once.
    pub functions: Vec<Function>,
    /// All calls, callers before whom they call.
    pub calls: Vec<Call>,
}

impl CallTrees {
    /// What a page shows of them.
    #[must_use]
    pub fn shown(&self) -> Self {
        self.each(|tree| tree.pruned(LEAST_SHOWN, MOST_SHOWN))
    }

    /// What goes into a file for another tool.
    #[must_use]
    pub fn exported(&self) -> Self {
        self.each(|tree| tree.pruned(0.0, MOST_EXPORTED))
    }

    fn each(&self, prune: impl Fn(&CallTree) -> CallTree) -> Self {
        Self { heap: self.heap.as_ref().map(&prune), cpu: self.cpu.as_ref().map(&prune) }
    }
}

impl CallTree {
    pub(crate) fn of(
        functions: &Functions<'_>,
        unit: Unit,
        packages: &Packages<'_>,
        sources: &Sources<'_>,
    ) -> Self {
        let mut tree = Growing::of(unit);
        let mut known: Vec<Option<usize>> = vec![None; functions.tree.frames().len()];
        let mut placed: Vec<usize> = Vec::with_capacity(functions.tree.nodes().len());
        for node in functions.tree.nodes() {
            let caller = node.caller.map(|caller| placed[caller]);
            let is_called_by_node = caller.is_some_and(|caller| tree.is_nodes(caller));
            let folds = match functions.written(node.frame) {
                Some(written) => written.author() == Author::Node,
                // V8's own function, or one of Node's bindings.
                None => is_called_by_node,
            };
            placed.push(if folds {
                tree.call_of_node(node.own, caller)
            } else {
                let known = &mut known[node.frame.index()];
                let function = *known.get_or_insert_with(|| {
                    tree.function(described(functions, node.frame, packages, sources))
                });
                tree.call(function, node.own, caller)
            });
        }
        tree.whole()
    }

    /// What was counted in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        let outermost = self.calls.iter().filter(|call| call.caller.is_none());
        outermost.fold(0, |sum, call| sum.saturating_add(call.total))
    }

    /// The calls that cost most and have at least this share; for all others of a caller stands one.
    fn pruned(&self, least: f64, most: usize) -> Self {
        let least = self.total() as f64 * least;
        // Callers cost no less than whom they call, and come before them: the first so many are a tree again.
        let mut kept: Vec<usize> = (0..self.calls.len()).collect();
        kept.sort_by_key(|at| (std::cmp::Reverse(self.calls[*at].total), *at));
        kept.truncate(most);
        kept.retain(|at| self.calls[*at].total as f64 >= least && self.calls[*at].total > 0);
        kept.sort_unstable();
        let mut tree = Growing::of(self.unit);
        let mut placed: Vec<Option<usize>> = vec![None; self.calls.len()];
        let mut functions: Vec<Option<usize>> = vec![None; self.functions.len()];
        for at in kept {
            let call = self.calls[at];
            let function = *functions[call.function]
                .get_or_insert_with(|| tree.function(self.functions[call.function].clone()));
            placed[at] =
                Some(tree.call(function, call.own as f64, call.caller.and_then(|caller| placed[caller])));
        }
        let left_out =
            self.calls.iter().enumerate().filter(|(at, call)| placed[*at].is_none() && call.total > 0);
        for (_, call) in left_out {
            if let Some(caller) = call.caller.and_then(|caller| placed[caller]) {
                let other = tree.function(of_no_script(OTHER));
                tree.call(other, call.total as f64, Some(caller));
            }
        }
        tree.whole()
    }
}

/// A function as it is shown.
fn described(
    functions: &Functions<'_>,
    id: FrameId,
    packages: &Packages<'_>,
    sources: &Sources<'_>,
) -> Function {
    let name = cut_tokens(&functions.tree.frame(id).function).into_owned();
    let Some(written) = functions.written(id) else { return of_no_script(&name) };
    let mut location = written.place.best().clone();
    location.cut_tokens();
    let owner = match written.author() {
        Author::User => Owner::Program,
        Author::Library => Owner::Package,
        Author::Node => Owner::Node,
    };
    Function { name, owner, location: Some(location), package: packages.alone(written.file(), sources) }
}

fn of_no_script(name: &str) -> Function {
    Function { name: name.to_owned(), owner: Owner::Node, location: None, package: None }
}

/// A tree of calls that is being made.
struct Growing {
    tree: CallTree,
    /// What each costs by itself, before it is rounded.
    own: Vec<f64>,
    depth: Vec<usize>,
    functions: FxHashMap<(String, Option<Location>), usize>,
    calls: FxHashMap<(Option<usize>, usize), usize>,
    /// The function that stands for Node's own.
    nodes_own: Option<usize>,
}

impl Growing {
    fn of(unit: Unit) -> Self {
        Self {
            tree: CallTree { unit, functions: Vec::new(), calls: Vec::new() },
            own: Vec::new(),
            depth: Vec::new(),
            functions: FxHashMap::default(),
            calls: FxHashMap::default(),
            nodes_own: None,
        }
    }

    fn function(&mut self, function: Function) -> usize {
        let Self { tree: CallTree { functions, .. }, functions: known, .. } = self;
        *known.entry((function.name.clone(), function.location.clone())).or_insert_with(|| {
            functions.push(function);
            functions.len() - 1
        })
    }

    fn is_nodes(&self, call: usize) -> bool {
        Some(self.tree.calls[call].function) == self.nodes_own
    }

    /// Adds what a call cost by itself, and gives its place: one for all calls of a function by one caller.
    fn call(&mut self, function: usize, own: f64, caller: Option<usize>) -> usize {
        let depth = caller.map_or(0, |caller| self.depth[caller] + 1);
        let at = match caller {
            Some(caller) if depth > DEEPEST => caller,
            _ => *self.calls.entry((caller, function)).or_insert_with(|| {
                self.tree.calls.push(Call { function, own: 0, total: 0, caller });
                self.own.push(0.0);
                self.depth.push(depth);
                self.own.len() - 1
            }),
        };
        self.own[at] += own;
        at
    }

    /// The same inside of Node.js: a call that is one with that of its caller if that is inside as well.
    fn call_of_node(&mut self, own: f64, caller: Option<usize>) -> usize {
        if let Some(caller) = caller.filter(|caller| self.is_nodes(*caller)) {
            self.own[caller] += own;
            return caller;
        }
        let function = self.function(of_no_script(NODE));
        self.nodes_own = Some(function);
        self.call(function, own, caller)
    }

    fn whole(self) -> CallTree {
        let Self { mut tree, own, .. } = self;
        for (call, own) in tree.calls.iter_mut().zip(own) {
            call.own = own.round() as u64;
            call.total = call.own;
        }
        for at in (0..tree.calls.len()).rev() {
            if let Call { total, caller: Some(caller), .. } = tree.calls[at] {
                let of_caller = &mut tree.calls[caller].total;
                *of_caller = of_caller.saturating_add(total);
            }
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use leakhunt_profile::heap;

    use super::*;
    use crate::packages::LoadedPackage;
    use crate::source::Beginnings;

    const TIMERS: &str = "node:internal/timers";
    const UNDICI: &str = "/app/node_modules/undici/lib/client.js";

    fn node(function: &str, url: &str, size: u64, callees: &[String]) -> String {
        let line = if url.is_empty() { -1 } else { 11 };
        format!(
            r#"{{"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":{line},
                "columnNumber":4}},"selfSize":{size},"id":1,"children":[{}]}}"#,
            callees.join(",")
        )
    }

    fn tree(callees: &[String]) -> CallTree {
        let profile = format!(r#"{{"head":{},"samples":[]}}"#, node("(root)", "", 0, callees));
        let undici = LoadedPackage {
            name: "undici".to_owned(),
            version: "6.19.2".to_owned(),
            folder: "/app/node_modules/undici".to_owned(),
        };
        let packages = [undici];
        let sources = Sources::new(&|_| None, Beginnings::default());
        let tree = heap::read(&profile).unwrap();
        CallTree::of(&Functions::of(&tree, &sources), Unit::Bytes, &Packages::of(&packages), &sources)
    }

    /// Each call by the names on its stack, with what it cost by itself and in all.
    fn told(tree: &CallTree) -> Vec<(String, u64, u64)> {
        let mut stacks: Vec<String> = Vec::new();
        let mut told = Vec::new();
        for call in &tree.calls {
            let Function { name, package, .. } = &tree.functions[call.function];
            let package = package.as_ref().map_or_else(String::new, |package| format!(" of {package}"));
            let above = call.caller.map_or_else(String::new, |caller| format!("{} > ", stacks[caller]));
            stacks.push(format!("{above}{name}{package}"));
            told.push((stacks[stacks.len() - 1].clone(), call.own, call.total));
        }
        told.sort();
        told
    }

    #[test]
    fn what_happens_inside_of_node_is_one_call_and_packages_are_named() {
        let tick = |size, callees: &[String]| node("tick", "/app/tick.js", size, callees);
        let write = node("writeUtf8String", "", 7, &[]);
        let timers = |callees: &[String]| {
            node("processTimers", TIMERS, 1, &[node("listOnTimeout", TIMERS, 2, callees)])
        };
        let tree = tree(&[
            timers(&[tick(10, &[node("request", UNDICI, 20, &[]), node("slice", "", 5, &[])])]),
            node("run", "node:internal/timers", 3, &[write, tick(100, &[])]),
        ]);
        let inner = "(root) > (Node.js internals)";
        let tick = format!("{inner} > tick");
        assert_eq!(
            told(&tree),
            [
                ("(root)".to_owned(), 0, 148),
                (inner.to_owned(), 13, 148),
                (tick.clone(), 110, 135),
                (format!("{tick} > request of undici 6.19.2"), 20, 20),
                // V8's own function, which the program calls.
                (format!("{tick} > slice"), 5, 5),
            ]
        );
        let owners: Vec<Owner> = tree.functions.iter().map(|function| function.owner).collect();
        assert_eq!(owners, [Owner::Node, Owner::Node, Owner::Program, Owner::Node, Owner::Package]);
    }

    #[test]
    fn calls_that_cost_little_stand_together_and_nothing_is_lost() {
        let leaf = |name: &str, size| node(name, "/app/shop.js", size, &[]);
        let small = node("small", "/app/shop.js", 1, &[leaf("inner", 2)]);
        let tree = tree(&[node("big", "/app/shop.js", 10_000, &[leaf("a", 4), leaf("b", 5), small])]);
        let shown = tree.pruned(LEAST_SHOWN, MOST_SHOWN);
        assert_eq!(
            told(&shown),
            [
                ("(root)".to_owned(), 0, 10_012),
                ("(root) > big".to_owned(), 10_000, 10_012),
                ("(root) > big > (other)".to_owned(), 12, 12),
            ]
        );
        assert_eq!(told(&tree.pruned(0.0, MOST_EXPORTED)), told(&tree));
        // The callers of what costs most are among them.
        assert_eq!(told(&tree.pruned(0.0, 3))[2].0, "(root) > big > (other)");
        assert_eq!(tree.pruned(0.0, 3).total(), tree.total());
    }

    #[test]
    fn tokens_in_names_are_cut_out() {
        let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        let tree = tree(&[node(token, &format!("/app/{token}/shop.js"), 10, &[])]);
        assert!(!format!("{:?}", tree.functions).contains(token), "{:?}", tree.functions);
    }
}
