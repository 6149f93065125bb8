//! The line within a function, or within one that it calls, by which what is allocated for it is allocated or kept.

use leakhunt_profile::FrameId;
use leakhunt_text::cut_tokens;
use rustc_hash::FxHashMap;

use super::sizes::Sizes;
use crate::findings::KeepingLine;
use crate::profile::{Functions, Written};
use crate::source::{Author, Below, Line, Sources, package_name};

/// So many functions up a stack one may keep what one below has allocated.
const MOST_CALLERS: usize = 3;
/// What a package, or V8, has allocated for a function counts from this share of all on.
const LEAST_BELOW: f64 = 1.0 / 3.0;

/// What the stacks tell of each of the program's own functions.
#[derive(Default)]
pub(super) struct Lines {
    /// What the function calls, nothing for itself, with what that allocates for it.
    below: FxHashMap<FrameId, FxHashMap<Option<FrameId>, f64>>,
    /// The next one of the program's that has called it, with the same.
    above: FxHashMap<FrameId, FxHashMap<FrameId, f64>>,
}

/// Where a call of the tree stands among those of the program's own functions.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// The nearest of them, itself included.
    own: Option<FrameId>,
    /// What that has called on the way.
    below: Option<FrameId>,
    /// Another one above it.
    above: Option<FrameId>,
}

impl Lines {
    pub(super) fn of(functions: &Functions<'_>, sizes: &[Sizes]) -> Self {
        let mut lines = Self::default();
        let nodes = functions.tree.nodes();
        let mut standings: Vec<Standing> = Vec::with_capacity(nodes.len());
        for (node, size) in nodes.iter().zip(sizes) {
            let caller = node.caller.map_or_else(Standing::default, |caller| standings[caller]);
            let standing = if functions.is_programs(node.frame) {
                let above = if caller.own == Some(node.frame) { caller.above } else { caller.own };
                Standing { own: Some(node.frame), below: None, above }
            } else {
                let is_first = node.caller.is_some_and(|caller| functions.is_programs(nodes[caller].frame));
                Standing { below: if is_first { Some(node.frame) } else { caller.below }, ..caller }
            };
            standings.push(standing);
            let Some(own) = standing.own else { continue };
            *lines.below.entry(own).or_default().entry(standing.below).or_default() += size.alive;
            if let Some(above) = standing.above {
                *lines.above.entry(own).or_default().entry(above).or_default() += size.alive;
            }
        }
        lines
    }

    /// The line by which most of what is allocated for a function is allocated or kept, where the source tells one.
    pub(super) fn line(
        &self,
        function: FrameId,
        functions: &Functions<'_>,
        sources: &Sources<'_>,
    ) -> Option<KeepingLine> {
        let of = |function: FrameId, below: Below<'_>| {
            sources.keeping_line(&functions.written(function)?.place.location, below)
        };
        let callers = std::iter::successors(Some(function), |at| self.caller(*at, functions));
        let above = || callers.skip(1).take(MOST_CALLERS).find_map(|caller| of(caller, Below::Unknown));
        let Line { place, code, is_seen } = of(function, self.below(function, functions)).or_else(above)?;
        let mut location = place.best().clone();
        location.cut_tokens();
        Some(KeepingLine { location, code: cut_tokens(&code).into_owned(), is_seen })
    }

    /// What most of it is allocated by, below a function.
    fn below<'f>(&self, function: FrameId, functions: &'f Functions<'_>) -> Below<'f> {
        let Some(below) = self.below.get(&function) else { return Below::Itself };
        let least = below.values().sum::<f64>() * LEAST_BELOW;
        let frame = |id: FrameId| functions.tree.frame(id);
        let package = |id: FrameId| functions.written(id).and_then(|written| package_name(written.file()));
        let mut packages: FxHashMap<&str, f64> = FxHashMap::default();
        for (id, size) in below.iter().filter_map(|(id, size)| Some(((*id)?, *size))) {
            if let Some(package) = package(id) {
                *packages.entry(package).or_default() += size;
            }
        }
        let most = |is_wanted: &dyn Fn(FrameId) -> bool| {
            let wanted =
                below.iter().filter_map(|(id, size)| Some(((*id)?, *size))).filter(|(id, _)| is_wanted(*id));
            wanted.max_by(|(one, size), (other, more)| {
                size.total_cmp(more).then(frame(*other).cmp(frame(*one)))
            })
        };
        let leading = packages
            .into_iter()
            .max_by(|(one, size), (other, more)| size.total_cmp(more).then(other.cmp(one)));
        if let Some((name, _)) = leading.filter(|(_, size)| *size >= least)
            && let Some((callee, _)) = most(&|id| package(id) == Some(name))
        {
            return Below::Package { callee: &frame(callee).function, package: name };
        }
        let is_built_in =
            |id| functions.written(id).is_none_or(|written: &Written| written.author() == Author::Node);
        match most(&is_built_in).filter(|(_, size)| *size >= least) {
            Some((callee, _)) => Below::BuiltIn(&frame(callee).function),
            None => Below::Itself,
        }
    }

    /// The function of the program's that has called one for most of what that allocates.
    fn caller(&self, function: FrameId, functions: &Functions<'_>) -> Option<FrameId> {
        let frame = |id: FrameId| functions.tree.frame(id);
        let callers = self.above.get(&function)?.iter();
        let most = callers
            .max_by(|(one, size), (other, more)| size.total_cmp(more).then(frame(**other).cmp(frame(**one))));
        most.map(|(caller, _)| *caller)
    }
}
