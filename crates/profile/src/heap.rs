//! A sampling heap profile, `.heapprofile`: a tree in which a node's `selfSize` is what its own frame allocated while the profiler
//! ran and was still alive at its end, scaled up from the samples.
//!
//! Stacks are as deep as 128 frames, which is deeper than `serde_json` descends: the tree is walked a level at a time.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::BadProfile;
use crate::frame;
use crate::frame::Frame;
use crate::tree::{Growing, MOST_NODES, Tree};

const KIND: &str = "sampling heap profile";
const UNHEARD_OF: &str = "it has sizes that no heap has";
/// V8 keeps 128 frames of a stack; a file that is deeper is not its.
const DEEPEST: usize = 300;
/// Whole numbers of JavaScript's end here; sums of such sizes stay finite.
const LARGEST_SIZE: f64 = 9_007_199_254_740_992.0;

#[derive(Deserialize)]
struct Profile<'p> {
    #[serde(borrow)]
    head: &'p RawValue,
}

#[derive(Deserialize)]
struct Sampled {
    samples: Vec<Sample>,
}

/// What V8 knows of a sampled object: its allocation has this number among all of the profile's run.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    size: f64,
    node_id: f64,
    ordinal: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'p> {
    call_frame: frame::Raw,
    self_size: f64,
    /// Not every tool writes it.
    #[serde(default)]
    id: f64,
    #[serde(borrow, default)]
    children: Vec<&'p RawValue>,
}

/// Reads a `.heapprofile`: what each call allocated, in bytes.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn read(profile: &str) -> Result<Tree, BadProfile> {
    numbered(profile).map(|(tree, _)| tree)
}

/// Two cuts of one run of the profiler: what each call had allocated that lived at the second, and what of the first lived on.
#[derive(Clone, Debug)]
pub struct Cuts {
    /// The calls, as [`read`] gives those of the second cut.
    pub tree: Tree,
    /// What there was of each at the first cut, in the order of [`Tree::nodes`].
    pub earlier: Vec<Earlier>,
    /// How many of the sampled objects were there at both cuts: V8 gives each a number. None where these are not two cuts of one
    /// run, or where nothing of the first has lived on.
    pub kept: usize,
}

/// What a call had allocated by the first of two cuts, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Earlier {
    /// What lived then.
    pub alive: f64,
    /// What of that lived at the second cut as well.
    pub kept: f64,
}

/// Reads two cuts of one run, the earlier one first.
///
/// # Errors
/// [`BadProfile`] where one of the texts is something else, or cut short.
pub fn read_cuts(first: &str, second: &str) -> Result<Cuts, BadProfile> {
    let before: FxHashMap<u64, f64> = {
        let (tree, ids) = numbered(first)?;
        ids.into_iter().zip(tree.nodes()).map(|(id, node)| (id, node.own)).collect()
    };
    let (tree, ids) = numbered(second)?;
    let there = samples(first)?;
    let mut kept: FxHashMap<u64, (f64, usize)> = FxHashMap::default();
    for (sample, (id, size)) in samples(second)? {
        if there.get(&sample) == Some(&(id, size)) {
            let of = kept.entry(id).or_default();
            *of = (of.0 + f64::from_bits(size), of.1 + 1);
        }
    }
    let earlier = |id: &u64| Earlier {
        alive: before.get(id).copied().unwrap_or_default(),
        kept: kept.get(id).map_or(0.0, |(size, _)| *size),
    };
    let (earlier, kept) = (ids.iter().map(earlier).collect(), kept.values().map(|(_, count)| count).sum());
    Ok(Cuts { tree, earlier, kept })
}

/// Each sample's call and size, by its number.
fn samples(profile: &str) -> Result<FxHashMap<u64, (u64, u64)>, BadProfile> {
    let Sampled { samples } = serde_json::from_str(profile).map_err(BadProfile::json(KIND))?;
    if samples.iter().any(|sample| !(0.0..=LARGEST_SIZE).contains(&sample.size)) {
        return Err(BadProfile::new(KIND, UNHEARD_OF));
    }
    let of = |sample: Sample| (sample.ordinal.to_bits(), (sample.node_id.to_bits(), sample.size.to_bits()));
    Ok(samples.into_iter().map(of).collect())
}

/// The calls, and the number that V8 has given to each.
fn numbered(profile: &str) -> Result<(Tree, Vec<u64>), BadProfile> {
    let bad = BadProfile::json(KIND);
    let head = serde_json::from_str::<Profile<'_>>(profile).map_err(&bad)?.head;
    let (mut tree, mut ids) = (Growing::default(), Vec::new());
    let mut open: Vec<(&RawValue, usize, Option<usize>)> = vec![(head, 0, None)];
    while let Some((raw, depth, caller)) = open.pop() {
        if depth > DEEPEST {
            return Err(BadProfile::new(KIND, "its stacks are deeper than V8's"));
        }
        let node: Raw<'_> = serde_json::from_str(raw.get()).map_err(&bad)?;
        let frame = Frame::from(node.call_frame);
        if frame.is_ours() {
            continue;
        }
        if !(0.0..=LARGEST_SIZE).contains(&node.self_size) || tree.len() == MOST_NODES {
            return Err(BadProfile::new(KIND, UNHEARD_OF));
        }
        let at = tree.push(frame, node.self_size, caller);
        ids.push(node.id.to_bits());
        open.extend(node.children.into_iter().map(|child| (child, depth + 1, Some(at))));
    }
    Ok((tree.whole(), ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(function: &str, line: i64, size: &str, children: &[String]) -> String {
        format!(
            r#"{{"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{}","lineNumber":{line},"columnNumber":-1}},
                "selfSize":{size},"id":1,"children":[{}]}}"#,
            if line < 0 { "" } else { "/app/shop.js" },
            children.join(",")
        )
    }

    fn tree(head: &str) -> Result<Tree, BadProfile> {
        read(&format!(r#"{{"head":{head},"samples":[]}}"#))
    }

    #[test]
    fn a_line_that_no_script_has_is_no_place() {
        for (line, begins) in [(11, Some((12, 1))), (-1, None), (4_294_967_294, None), (i64::MAX, None)] {
            let tree = tree(&node("render", line, "600", &[])).unwrap();
            assert_eq!(tree.frames().next().unwrap().1.begins, begins, "{line}");
        }
    }

    /// Of each call its name, what lived at the second cut, and of the first what lived then and on.
    #[track_caller]
    fn check_cuts(first: &str, second: &str, calls: &[(&str, f64, f64, f64)], kept: usize) {
        let cuts = read_cuts(first, second).unwrap();
        let told: Vec<_> = cuts
            .tree
            .nodes()
            .iter()
            .zip(&cuts.earlier)
            .map(|(node, earlier)| {
                (cuts.tree.frame(node.frame).function.as_str(), node.own, earlier.alive, earlier.kept)
            })
            .collect();
        assert_eq!((told.as_slice(), cuts.kept), (calls, kept));
    }

    #[test]
    fn of_two_cuts_each_call_tells_what_of_the_first_has_lived_on() {
        let call = |name: &str, id: u32, size: u32| {
            node(name, 1, &size.to_string(), &[]).replace("\"id\":1", &format!("\"id\":{id}"))
        };
        let cut = |calls: &[String], samples: &str| {
            format!(r#"{{"head":{},"samples":[{samples}]}}"#, node("(root)", -1, "0", calls))
        };
        let sample = |id: u32, size: u32, ordinal: u32| {
            format!(r#"{{"nodeId":{id},"size":{size},"ordinal":{ordinal}}}"#)
        };
        let first = cut(
            &[call("leak", 2, 200), call("work", 3, 100), call("init", 4, 100)],
            &[sample(2, 100, 1), sample(2, 100, 2), sample(3, 100, 3), sample(4, 100, 4)].join(","),
        );
        let second = cut(
            &[call("leak", 2, 400), call("work", 3, 100), call("init", 4, 100), call("new", 5, 100)],
            &[
                [(2, 1), (2, 2), (2, 7), (2, 8)].map(|(id, ordinal)| sample(id, 100, ordinal)).join(","),
                [(3, 9), (4, 4), (5, 10)].map(|(id, ordinal)| sample(id, 100, ordinal)).join(","),
            ]
            .join(","),
        );
        let calls = [
            ("(root)", 0.0, 0.0, 0.0),
            ("new", 100.0, 0.0, 0.0),
            ("init", 100.0, 100.0, 100.0),
            ("work", 100.0, 100.0, 0.0),
            ("leak", 400.0, 200.0, 200.0),
        ];
        check_cuts(&first, &second, &calls, 3);
        let another_run = cut(&[call("leak", 2, 100)], &sample(2, 104, 1));
        assert_eq!(read_cuts(&another_run, &second).unwrap().kept, 0);
        assert!(read_cuts(&first, r#"{"head":{}}"#).is_err() && read_cuts("[]", &second).is_err());
    }

    #[test]
    fn sizes_that_no_heap_has_are_no_profile() {
        for size in ["1e308", "-1"] {
            assert!(tree(&node("render", 1, size, &[])).is_err(), "{size}");
        }
    }

    #[test]
    fn stacks_are_as_deep_as_v8s_and_no_deeper() {
        let deep = |depth| (0..depth).fold(node("f", 1, "1", &[]), |inner, _| node("f", 1, "1", &[inner]));
        assert_eq!(tree(&deep(DEEPEST)).unwrap().nodes().len(), DEEPEST + 1);
        assert!(tree(&deep(DEEPEST + 1)).is_err());
    }

    #[test]
    fn what_the_agent_did_is_left_out_with_all_that_it_called() {
        let agent = node("leakhunt", -1, "500", &[node("stringify", -1, "70", &[])]);
        let tree = tree(&node("(root)", -1, "0", &[agent, node("render", 4, "600", &[])])).unwrap();
        let names: Vec<_> = tree.frames().map(|(_, frame)| frame.function.as_str()).collect();
        assert_eq!((names, tree.with_callees()[0]), (vec!["(root)", "render"], 600.0));
    }
}
