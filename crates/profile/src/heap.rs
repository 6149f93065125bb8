//! A sampling heap profile, `.heapprofile`: a tree in which a node's `selfSize` is what its own frame allocated while the profiler
//! ran and was still alive at its end, scaled up from the samples.
//!
//! Stacks are as deep as 128 frames, which is deeper than `serde_json` descends: the tree is walked a level at a time.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::BadProfile;
use crate::frame;
use crate::frame::Frame;
use crate::tree::{Growing, MOST_NODES, Tree};

const KIND: &str = "sampling heap profile";
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
#[serde(rename_all = "camelCase")]
struct Raw<'p> {
    call_frame: frame::Raw,
    self_size: f64,
    #[serde(borrow, default)]
    children: Vec<&'p RawValue>,
}

/// Reads a `.heapprofile`: what each call allocated, in bytes.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn read(profile: &str) -> Result<Tree, BadProfile> {
    let bad = BadProfile::json(KIND);
    let head = serde_json::from_str::<Profile<'_>>(profile).map_err(&bad)?.head;
    let mut tree = Growing::default();
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
            return Err(BadProfile::new(KIND, "it has sizes that no heap has"));
        }
        let at = tree.push(frame, node.self_size, caller);
        open.extend(node.children.into_iter().map(|child| (child, depth + 1, Some(at))));
    }
    Ok(tree.whole())
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
