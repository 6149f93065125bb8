//! A CPU profile, `.cpuprofile`: what V8 saw on the stack every so often.
//!
//! A sample stands for the time until the next one, the last for the time until the profile's end. V8 says on a node of its own,
//! right below the root, that the program was idle, that garbage was collected, or that no JavaScript was on the stack.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::error::BadProfile;
use crate::frame::{self, Frame};
use crate::tree::{FrameId, Growing, MOST_NODES, Tree};

const KIND: &str = "CPU profile";
/// So many samples are a day of them, one a millisecond.
const MOST_SAMPLES: usize = 100_000_000;
/// A year in microseconds: no profile lasts so long.
const LONGEST: f64 = 3.2e13;

/// Where the time of a program went. All times are microseconds.
#[derive(Clone, Debug)]
pub struct CpuProfile {
    /// What each call took. Idle time is not in it.
    pub tree: Tree,
    /// How long it lasted, from the first sample to its end, without what leakhunt's own agent took.
    pub lasted: f64,
    /// For how long the program had nothing to do.
    pub idle: f64,
    /// For how long V8 collected garbage.
    pub garbage_collection: f64,
    /// For how long something was done outside of JavaScript: in V8, Node, the system.
    pub native: f64,
}

impl CpuProfile {
    /// Does V8 say by this that no function was called?
    #[must_use]
    pub fn is_no_function(&self, id: FrameId) -> bool {
        let frame = self.tree.frame(id);
        frame.url.is_empty() && [ROOT, PROGRAM, GARBAGE_COLLECTOR].contains(&frame.function.as_str())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    nodes: Vec<RawNode>,
    start_time: f64,
    end_time: f64,
    samples: Vec<u64>,
    time_deltas: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawNode {
    id: u64,
    call_frame: frame::Raw,
    #[serde(default)]
    children: Vec<u64>,
    /// Chrome's own recordings name the caller instead of the callees.
    parent: Option<u64>,
}

/// Reads a `.cpuprofile`.
///
/// # Errors
/// [`BadProfile`] where the text is something else, or cut.
pub fn read(profile: &str) -> Result<CpuProfile, BadProfile> {
    let bad = |why: &str| BadProfile::new(KIND, why);
    let raw: Raw = serde_json::from_str(profile).map_err(BadProfile::json(KIND))?;
    if raw.samples.len() != raw.time_deltas.len() || raw.samples.len() > MOST_SAMPLES {
        return Err(bad("it does not have one time for each sample"));
    }
    let places: FxHashMap<u64, usize> =
        raw.nodes.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
    if places.len() != raw.nodes.len() || places.len() > MOST_NODES {
        return Err(bad("two of its nodes have one id"));
    }
    let own = times(&raw, &places)?;
    let (order, caller) = callers_first(&raw.nodes, &places).ok_or_else(|| bad("its nodes are no tree"))?;
    let mut profile =
        CpuProfile { tree: Tree::default(), lasted: 0.0, idle: 0.0, garbage_collection: 0.0, native: 0.0 };
    let mut tree = Growing::default();
    let mut nodes: Vec<Option<RawNode>> = raw.nodes.into_iter().map(Some).collect();
    let mut placed: Vec<Option<usize>> = vec![None; nodes.len()];
    for at in order {
        let above = caller[at].map(|caller| placed[caller]);
        // Below one that was left out.
        if above == Some(None) {
            continue;
        }
        let Some(node) = nodes[at].take() else { continue };
        let frame = Frame::from(node.call_frame);
        if frame.is_ours() {
            continue;
        }
        profile.lasted += own[at];
        match frame.function.as_str() {
            IDLE if frame.url.is_empty() => {
                profile.idle += own[at];
                continue;
            }
            GARBAGE_COLLECTOR if frame.url.is_empty() => profile.garbage_collection += own[at],
            PROGRAM if frame.url.is_empty() => profile.native += own[at],
            _ => {}
        }
        placed[at] = Some(tree.push(frame, own[at], above.flatten()));
    }
    profile.tree = tree.whole();
    Ok(profile)
}

/// How V8 names what is no function.
const ROOT: &str = "(root)";
const IDLE: &str = "(idle)";
const GARBAGE_COLLECTOR: &str = "(garbage collector)";
const PROGRAM: &str = "(program)";

/// How long each node was on top of the stack.
fn times(raw: &Raw, places: &FxHashMap<u64, usize>) -> Result<Vec<f64>, BadProfile> {
    let bad = |why: &str| BadProfile::new(KIND, why);
    let mut samples = Vec::with_capacity(raw.samples.len());
    let mut time = raw.start_time;
    for (id, delta) in raw.samples.iter().zip(&raw.time_deltas) {
        time += delta;
        let at = places.get(id).ok_or_else(|| bad("a sample is of no node"))?;
        samples.push((time, *at));
    }
    let lasts = |from: f64, to: f64| to - from <= LONGEST;
    // V8 writes samples of several threads' clocks a little out of order.
    samples.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut own = vec![0.0; raw.nodes.len()];
    let ends = samples.iter().skip(1).map(|(time, _)| *time).chain([raw.end_time]);
    for ((time, at), end) in samples.iter().zip(ends) {
        if !lasts(*time, end) {
            return Err(bad("it lasts longer than any"));
        }
        own[*at] += (end - time).max(0.0);
    }
    Ok(own)
}

/// The nodes, callers before whom they call, and who calls each; nothing where they are no tree.
fn callers_first(
    nodes: &[RawNode],
    places: &FxHashMap<u64, usize>,
) -> Option<(Vec<usize>, Vec<Option<usize>>)> {
    let mut caller: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut callees: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let links = nodes.iter().enumerate().flat_map(|(at, node)| {
        let named = node.children.iter().map(move |child| (Some(at), places.get(child).copied()));
        named.chain(node.parent.map(|parent| (places.get(&parent).copied(), Some(at))))
    });
    for (above, below) in links {
        let (above, below) = (above?, below?);
        match caller[below].replace(above) {
            None => callees[above].push(below),
            // Said twice, by the caller and by whom it calls.
            Some(known) if known == above => {}
            Some(_) => return None,
        }
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|at| caller[*at].is_none()).collect();
    if order.len() != 1 {
        return None;
    }
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        order.extend(&callees[at]);
        next += 1;
    }
    // Those of a circle are reached from no root.
    (order.len() == nodes.len()).then_some((order, caller))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: u64, function: &str, url: &str, children: &[u64]) -> String {
        format!(
            r#"{{"id":{id},"callFrame":{{"functionName":"{function}","scriptId":"1","url":"{url}","lineNumber":3,
                "columnNumber":4}},"hitCount":1,"children":{children:?}}}"#
        )
    }

    fn profile(
        nodes: &[String],
        samples: &[u64],
        deltas: &[i64],
        end: i64,
    ) -> Result<CpuProfile, BadProfile> {
        read(&format!(
            r#"{{"nodes":[{}],"startTime":1000,"endTime":{end},"samples":{samples:?},"timeDeltas":{deltas:?}}}"#,
            nodes.join(",")
        ))
    }

    fn shop() -> Vec<String> {
        vec![
            node(1, "(root)", "", &[2, 3, 4, 5, 7]),
            node(2, "(idle)", "", &[]),
            node(3, "(garbage collector)", "", &[]),
            node(4, "(program)", "", &[]),
            node(5, "render", "/app/shop.js", &[6]),
            node(6, "price", "/app/shop.js", &[]),
            node(7, "leakhuntLook", "", &[8]),
            node(8, "stringify", "", &[]),
        ]
    }

    #[track_caller]
    fn own(profile: &CpuProfile, function: &str) -> f64 {
        let tree = &profile.tree;
        let of = tree.totals().into_iter().find(|total| tree.frame(total.frame).function == function);
        of.map_or(f64::NAN, |total| total.own)
    }

    #[test]
    fn a_sample_stands_for_the_time_until_the_next() {
        let read = profile(&shop(), &[5, 6, 6, 3, 4, 2, 8], &[100, 10, 20, 30, 40, 50, 60], 1_380).unwrap();
        let CpuProfile { lasted, idle, garbage_collection, native, .. } = read;
        assert_eq!((own(&read, "render"), own(&read, "price")), (10.0, 50.0));
        assert_eq!((garbage_collection, native, idle), (40.0, 50.0, 60.0));
        // 70 µs of it were the agent's.
        assert_eq!(lasted, 210.0);
        assert!(own(&read, "(idle)").is_nan() && own(&read, "stringify").is_nan());
    }

    #[test]
    fn samples_that_are_out_of_order_are_put_in_order() {
        let read = profile(&shop(), &[5, 6, 5], &[100, 20, -10], 1_200).unwrap();
        assert_eq!((own(&read, "render"), own(&read, "price")), (20.0, 80.0));
    }

    #[test]
    fn a_caller_may_be_named_by_whom_it_calls() {
        let of =
            |id: u64, parent: &str| node(id, "f", "/app/a.js", &[]).replacen('{', &format!("{{{parent}"), 1);
        let nodes = [of(1, ""), of(2, r#""parent":1,"#), of(3, r#""parent":2,"#)];
        let read = profile(&nodes, &[3], &[0], 1_050).unwrap();
        assert_eq!(read.tree.with_callees(), [50.0; 3]);
    }

    #[test]
    fn what_is_no_profile_is_an_error() {
        let fails = |nodes: &[String], samples: &[u64], deltas: &[i64], end| {
            profile(nodes, samples, deltas, end).unwrap_err().to_string()
        };
        let one = || node(1, "(root)", "", &[]);
        let circle = [one(), node(2, "f", "", &[3]), node(3, "f", "", &[2])];
        assert!(fails(&circle, &[], &[], 1_000).contains("no tree"));
        assert!(fails(&[node(1, "f", "", &[1])], &[], &[], 1_000).contains("no tree"));
        assert!(fails(&[node(1, "f", "", &[9])], &[], &[], 1_000).contains("no tree"));
        let twice = [node(1, "f", "", &[2, 3]), node(2, "f", "", &[3]), node(3, "f", "", &[])];
        assert!(fails(&twice, &[], &[], 1_000).contains("no tree"));
        assert!(fails(&[one(), one()], &[], &[], 1_000).contains("have one id"));
        assert!(fails(&[one()], &[7], &[1], 2_000).contains("of no node"));
        assert!(fails(&[one()], &[1, 1], &[1], 2_000).contains("one time for each"));
        assert!(fails(&[one()], &[1], &[1], i64::MAX).contains("lasts longer"));
        assert!(read("{}").is_err() && read(r#"{"head":{}}"#).is_err());
    }
}
