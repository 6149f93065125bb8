//! The calls of a profile.

use rustc_hash::FxHashMap;

use crate::frame::Frame;

/// No program has so many call sites; a file that has is made to fill the memory.
pub(crate) const MOST_NODES: usize = 2_000_000;

/// Which function of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(u32);

impl FrameId {
    /// Its place among [`Tree::frames`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function where it was called from one place of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The function.
    pub frame: FrameId,
    /// What it cost by itself, without what it called.
    pub own: f64,
    /// Which node called it: one that comes before it.
    pub caller: Option<usize>,
}

/// Calls, callers before whom they call.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    frames: Vec<Frame>,
    nodes: Vec<Node>,
}

/// What a function cost, wherever it was called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// The function.
    pub frame: FrameId,
    /// By itself.
    pub own: f64,
    /// With all that it called; of a function that calls itself, once.
    pub total: f64,
}

impl Tree {
    /// All calls.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All functions, each once.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = (FrameId, &Frame)> {
        self.frames.iter().enumerate().map(|(at, frame)| (FrameId(at as u32), frame))
    }

    /// A function.
    #[must_use]
    pub fn frame(&self, id: FrameId) -> &Frame {
        &self.frames[id.index()]
    }

    /// What each call cost with all that it called, in the order of [`Tree::nodes`].
    #[must_use]
    pub fn with_callees(&self) -> Vec<f64> {
        let mut costs: Vec<f64> = self.nodes.iter().map(|node| node.own).collect();
        for (at, node) in self.nodes.iter().enumerate().rev() {
            if let Some(caller) = node.caller {
                costs[caller] += costs[at];
            }
        }
        costs
    }

    /// What each function cost, most by itself first.
    #[must_use]
    pub fn totals(&self) -> Vec<Total> {
        let of = |(at, _)| Total { frame: FrameId(at as u32), own: 0.0, total: 0.0 };
        let mut totals: Vec<Total> = self.frames.iter().enumerate().map(of).collect();
        let outermost = self.outermost();
        for ((node, cost), outermost) in self.nodes.iter().zip(self.with_callees()).zip(outermost) {
            let of = &mut totals[node.frame.index()];
            of.own += node.own;
            if outermost {
                of.total += cost;
            }
        }
        let name = |total: &Total| self.frame(total.frame);
        totals.sort_by(|one, other| {
            let by_cost = other.own.total_cmp(&one.own).then_with(|| other.total.total_cmp(&one.total));
            by_cost.then_with(|| name(one).cmp(name(other)))
        });
        totals
    }

    /// Of each call, whether no caller above it is of the same function.
    fn outermost(&self) -> Vec<bool> {
        let mut callees: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut open: Vec<(usize, bool)> = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            match node.caller {
                Some(caller) => callees[caller].push(at),
                None => open.push((at, true)),
            }
        }
        // How often a function stands on the stack of the call that is looked at.
        let mut standing = vec![0_u32; self.frames.len()];
        let mut outermost = vec![false; self.nodes.len()];
        while let Some((at, is_entered)) = open.pop() {
            let stands = &mut standing[self.nodes[at].frame.index()];
            if !is_entered {
                *stands -= 1;
                continue;
            }
            outermost[at] = *stands == 0;
            *stands += 1;
            open.push((at, false));
            open.extend(callees[at].iter().map(|callee| (*callee, true)));
        }
        outermost
    }
}

/// A tree that is being read.
#[derive(Default)]
pub(crate) struct Growing {
    tree: Tree,
    known: FxHashMap<Frame, FrameId>,
}

impl Growing {
    /// Adds a call by one that is there, and gives its place.
    pub(crate) fn push(&mut self, frame: Frame, own: f64, caller: Option<usize>) -> usize {
        let Tree { frames, nodes } = &mut self.tree;
        let frame = *self.known.entry(frame).or_insert_with_key(|frame| {
            frames.push(frame.clone());
            FrameId(frames.len() as u32 - 1)
        });
        nodes.push(Node { frame, own, caller });
        nodes.len() - 1
    }

    pub(crate) fn len(&self) -> usize {
        self.tree.nodes.len()
    }

    pub(crate) fn whole(self) -> Tree {
        self.tree
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(name: &str) -> Frame {
        Frame { url: "/app/shop.js".to_owned(), begins: Some((1, 1)), function: name.to_owned() }
    }

    fn tree(calls: &[(&str, f64, Option<usize>)]) -> Tree {
        let mut growing = Growing::default();
        for (name, own, caller) in calls {
            growing.push(frame(name), *own, *caller);
        }
        growing.whole()
    }

    #[test]
    fn a_function_that_calls_itself_is_counted_once() {
        let tree = tree(&[
            ("root", 0.0, None),
            ("walk", 1.0, Some(0)),
            ("walk", 2.0, Some(1)),
            ("leaf", 4.0, Some(2)),
            ("walk", 8.0, Some(0)),
            ("leaf", 16.0, Some(0)),
        ]);
        let told: Vec<_> = tree
            .totals()
            .iter()
            .map(|total| (tree.frame(total.frame).function.as_str(), total.own, total.total))
            .collect();
        assert_eq!(told, [("leaf", 20.0, 20.0), ("walk", 11.0, 15.0), ("root", 0.0, 31.0)]);
    }

    proptest! {
        /// Whoever calls whom: by themselves all functions cost what the roots cost with all that they call, and none costs more
        /// than that.
        #[test]
        fn nothing_is_lost_and_nothing_counted_twice(
            calls in prop::collection::vec((0_u8..6, 0_u32..1_000, any::<prop::sample::Index>()), 1..200),
        ) {
            let mut growing = Growing::default();
            for (at, (name, own, caller)) in calls.iter().enumerate() {
                let caller = (at > 0).then(|| caller.index(at));
                growing.push(frame(&name.to_string()), f64::from(*own), caller);
            }
            let tree = growing.whole();
            let whole = tree.with_callees()[0];
            let totals = tree.totals();
            prop_assert_eq!(totals.iter().map(|total| total.own).sum::<f64>(), whole);
            for total in totals {
                prop_assert!(total.own <= total.total && total.total <= whole, "{total:?} of {whole}");
            }
        }
    }
}
