//! An allocation timeline, `.heaptimeline`: a heap snapshot, taken when allocations had been tracked for a while, in which each
//! object knows by which stack it was allocated.
//!
//! What a call cost is bytes: those of the objects that it allocated itself and that are in the snapshot. Objects that are older
//! than the tracking have no stack. A file can have some hundred megabytes, so all but the stacks is read past, number by number;
//! V8 writes the sections in one order, of which the stacks come before the strings that name their functions.

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::BadProfile;
use crate::frame::{self, Frame};
use crate::tree::{Growing, MOST_NODES, Tree};

const KIND: &str = "timeline of allocations";
const WITHOUT_STACKS: &str = "it was recorded without allocation stacks";
/// No record is wider.
const MOST_FIELDS: usize = 32;

/// Reads a `.heaptimeline`.
///
/// # Errors
/// [`BadProfile`] where the bytes are something else, or cut, or were recorded without stacks.
pub fn read(file: &[u8]) -> Result<Tree, BadProfile> {
    let mut timeline = Timeline::default();
    let mut json = serde_json::Deserializer::from_slice(file);
    let whole = Sections(&mut timeline).deserialize(&mut json).and_then(|()| json.end());
    whole.map_err(BadProfile::json(KIND))?;
    if timeline.traces.is_empty() {
        return Err(BadProfile::new(KIND, WITHOUT_STACKS));
    }
    timeline.tree()
}

/// What is kept of a file.
#[derive(Default)]
struct Timeline {
    layout: Layout,
    /// Bytes that live, by the stack that allocated them.
    live: FxHashMap<u64, u64>,
    /// The functions, record after record.
    functions: Vec<u64>,
    traces: Vec<Trace>,
    /// The texts that functions are named by.
    strings: FxHashMap<u64, String>,
}

/// A node of the tree of stacks.
struct Trace {
    id: u64,
    function: u64,
    caller: Option<usize>,
}

/// How many fields records have, and where those stand that are read.
#[derive(Clone, Copy, Default)]
struct Layout {
    node: usize,
    self_size: usize,
    trace: usize,
    function: usize,
    name: usize,
    script: usize,
    line: usize,
    column: usize,
    stack: usize,
    stack_id: usize,
    stack_function: usize,
}

#[derive(Deserialize)]
struct Header {
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    node_fields: Vec<String>,
    trace_function_info_fields: Vec<String>,
    trace_node_fields: Vec<String>,
}

impl Layout {
    /// Nothing where a field is missing.
    fn of(meta: &Meta) -> Option<Self> {
        let Meta { node_fields, trace_function_info_fields, trace_node_fields } = meta;
        let at = |fields: &[String], name: &str| fields.iter().position(|field| field == name);
        let width = |fields: &[String]| Some(fields.len()).filter(|width| *width <= MOST_FIELDS);
        // Whom a stack calls is read when all else of it is known.
        at(trace_node_fields, "children").filter(|children| children + 1 == trace_node_fields.len())?;
        Some(Self {
            node: width(node_fields)?,
            self_size: at(node_fields, "self_size")?,
            trace: at(node_fields, "trace_node_id")?,
            function: width(trace_function_info_fields)?,
            name: at(trace_function_info_fields, "name")?,
            script: at(trace_function_info_fields, "script_name")?,
            line: at(trace_function_info_fields, "line")?,
            column: at(trace_function_info_fields, "column")?,
            stack: width(trace_node_fields)?,
            stack_id: at(trace_node_fields, "id")?,
            stack_function: at(trace_node_fields, "function_info_index")?,
        })
    }
}

impl Timeline {
    fn tree(mut self) -> Result<Tree, BadProfile> {
        let mut tree = Growing::default();
        let mut placed: Vec<Option<usize>> = Vec::with_capacity(self.traces.len());
        for Trace { id, function, caller } in std::mem::take(&mut self.traces) {
            let above = caller.map(|caller| placed[caller]);
            let frame =
                self.frame(function).ok_or_else(|| BadProfile::new(KIND, "a stack is of no function"))?;
            // Nor is what that called.
            if above == Some(None) || frame.is_ours() {
                placed.push(None);
                continue;
            }
            // Of two stacks with one id, which V8 never writes, the first has the bytes.
            let own = self.live.remove(&id).unwrap_or(0);
            placed.push(Some(tree.push(frame, own as f64, above.flatten())));
        }
        Ok(tree.whole())
    }

    fn frame(&self, function: u64) -> Option<Frame> {
        let Layout { function: width, name, script, line, column, .. } = self.layout;
        let record = self.functions.chunks_exact(width).nth(usize::try_from(function).ok()?)?;
        let text = |at: usize| self.strings.get(&record[at]).cloned().unwrap_or_default();
        // Here V8 counts from 1, and 0 is no place.
        let from_zero = |at: usize| i64::try_from(record[at]).map_or(-1, |number| number - 1);
        Some(Frame {
            url: text(script),
            begins: frame::begins(from_zero(line), from_zero(column)),
            function: text(name),
        })
    }

    /// Takes the numbers of the nodes, one after the other.
    fn nodes(&mut self) -> impl FnMut(u64) -> Result<(), &'static str> {
        let Self { layout: Layout { node: width, self_size, trace, .. }, live, .. } = self;
        let (width, self_size, trace) = (*width, *self_size, *trace);
        let mut record = [0; MOST_FIELDS];
        let mut at = 0;
        move |number| {
            record[at] = number;
            at = (at + 1) % width;
            if at == 0 && record[trace] != 0 {
                let bytes = live.entry(record[trace]).or_default();
                *bytes = bytes.saturating_add(record[self_size]);
                if live.len() > MOST_NODES {
                    return Err("its objects were allocated by more stacks than any program has");
                }
            }
            Ok(())
        }
    }

    /// Takes the numbers of the functions.
    fn functions(&mut self) -> impl FnMut(u64) -> Result<(), &'static str> {
        |number| {
            self.functions.push(number);
            if self.functions.len() > MOST_NODES * 8 {
                Err("it has more functions than any program")
            } else {
                Ok(())
            }
        }
    }
}

/// The sections of a file.
struct Sections<'t>(&'t mut Timeline);

impl<'de> DeserializeSeed<'de> for Sections<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, file: D) -> Result<(), D::Error> {
        file.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Sections<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sections of a heap snapshot")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut sections: A) -> Result<(), A::Error> {
        let Self(timeline) = self;
        while let Some(name) = sections.next_key::<String>()? {
            match name.as_str() {
                "snapshot" => {
                    let Header { meta } = sections.next_value()?;
                    let layout = Layout::of(&meta);
                    timeline.layout = layout.ok_or_else(|| A::Error::custom(WITHOUT_STACKS))?;
                }
                _ if timeline.layout.node == 0 => {
                    return Err(A::Error::custom("it does not begin with its header"));
                }
                "nodes" => sections.next_value_seed(Numbers(timeline.nodes()))?,
                "trace_function_infos" => sections.next_value_seed(Numbers(timeline.functions()))?,
                "trace_tree" => sections.next_value_seed(Traces { timeline, caller: None })?,
                "strings" => sections.next_value_seed(Strings(timeline))?,
                _ => {
                    sections.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// An array of numbers, and what takes them.
struct Numbers<T>(T);

impl<'de, T: FnMut(u64) -> Result<(), &'static str>> DeserializeSeed<'de> for Numbers<T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, array: D) -> Result<(), D::Error> {
        array.deserialize_seq(self)
    }
}

impl<'de, T: FnMut(u64) -> Result<(), &'static str>> Visitor<'de> for Numbers<T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut numbers: A) -> Result<(), A::Error> {
        while let Some(number) = numbers.next_element()? {
            (self.0)(number).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// Stacks that one caller has: records, each of which ends with those that it calls. `serde_json` descends 128 levels, and a stack
/// of V8's has 64.
struct Traces<'t> {
    timeline: &'t mut Timeline,
    caller: Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Traces<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, array: D) -> Result<(), D::Error> {
        array.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Traces<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stacks")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let Self { timeline, caller } = self;
        let Layout { stack: width, stack_id, stack_function, .. } = timeline.layout;
        let cut = || A::Error::custom("a stack is cut");
        while let Some(first) = fields.next_element()? {
            let mut record = [0; MOST_FIELDS];
            record[0] = first;
            for field in &mut record[1..width - 1] {
                *field = fields.next_element()?.ok_or_else(cut)?;
            }
            if timeline.traces.len() == MOST_NODES {
                return Err(A::Error::custom("it has more stacks than any program"));
            }
            timeline.traces.push(Trace { id: record[stack_id], function: record[stack_function], caller });
            let caller = Some(timeline.traces.len() - 1);
            fields.next_element_seed(Traces { timeline: &mut *timeline, caller })?.ok_or_else(cut)?;
        }
        Ok(())
    }
}

/// The strings, of which those are kept that functions are named by.
struct Strings<'t>(&'t mut Timeline);

impl<'de> DeserializeSeed<'de> for Strings<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, array: D) -> Result<(), D::Error> {
        array.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Strings<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut strings: A) -> Result<(), A::Error> {
        let Self(Timeline { layout, functions, strings: kept, .. }) = self;
        let named = functions
            .chunks_exact(layout.function)
            .flat_map(|record| [record[layout.name], record[layout.script]]);
        let wanted: FxHashSet<u64> = named.collect();
        for at in 0.. {
            let is_there = if wanted.contains(&at) {
                let text: Option<String> = strings.next_element()?;
                text.map(|text| kept.insert(at, text)).is_some()
            } else {
                strings.next_element::<IgnoredAny>()?.is_some()
            };
            if !is_there {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = r#""node_fields":["type","name","id","self_size","edge_count","trace_node_id"],"edge_fields":[],
        "trace_function_info_fields":["function_id","name","script_name","script_id","line","column"],
        "trace_node_fields":["id","function_info_index","count","size","children"]"#;

    /// Five objects, of which one is older than the tracking; `render` is called by `tick`, and by the agent.
    fn timeline(nodes: &str, stacks: &str) -> String {
        format!(
            r#"{{"snapshot":{{"meta":{{{META}}},"trace_function_count":1}},"nodes":[{nodes}],"edges":[1,2,3],
            "trace_function_infos":[0,1,0,0,0,0, 7,2,3,9,12,5, 8,4,3,9,20,1, 9,5,0,0,0,0],
            "trace_tree":[{stacks}],"samples":[],"locations":[0,1,2,3],
            "strings":["","(root)","render","file:///app/shop.js","tick","leakhunt","\ud800 of no function"]}}"#
        )
    }

    const NODES: &str = "3,0,1,16,0,0, 3,0,3,100,0,3, 3,0,5,50,0,3, 3,0,7,7,0,2, 3,0,9,1000,0,5";
    const STACKS: &str = "1,0,0,0,[2,2,1,7,[3,1,3,400,[]],4,3,0,0,[5,1,1,1000,[]]]";

    fn told(text: &str) -> Vec<(String, f64, Option<usize>)> {
        let tree = read(text.as_bytes()).unwrap();
        let calls = tree.nodes().iter();
        calls.map(|node| (tree.frame(node.frame).function.clone(), node.own, node.caller)).collect()
    }

    #[test]
    fn what_lives_is_told_by_the_stack_that_allocated_it() {
        let text = timeline(NODES, STACKS);
        let expected = [("(root)", 0.0, None), ("tick", 7.0, Some(0)), ("render", 150.0, Some(1))];
        assert_eq!(told(&text), expected.map(|(name, own, caller)| (name.to_owned(), own, caller)));
        let tree = read(text.as_bytes()).unwrap();
        let render = tree.frames().find(|(_, frame)| frame.function == "render").unwrap().1;
        assert_eq!((render.url.as_str(), render.begins), ("file:///app/shop.js", Some((12, 5))));
        assert_eq!(tree.frames().next().unwrap().1.begins, None);
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = read(text.as_bytes()).expect_err("it is no timeline").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn what_is_no_timeline_is_an_error() {
        let whole = timeline(NODES, STACKS);
        check(&whole[..whole.len() / 2], "EOF");
        check("{}", "without allocation stacks");
        check(&whole.replace("trace_node_id", "detachedness"), "without allocation stacks");
        check(&timeline(NODES, ""), "without allocation stacks");
        check(&timeline(NODES, "1,0,0,0,[2,77,1,7,[]]"), "of no function");
        check(&timeline(NODES, "1,0,0,0,[2,2,1]"), "cut");
        check(&timeline("-1", STACKS), "invalid");
        check(&format!("{{\"nodes\":[],{}", &whole[1..]), "does not begin with its header");
        let deep = "1,0,0,0,[".repeat(10_000);
        check(&timeline(NODES, &deep), "recursion");
    }

    #[test]
    fn stacks_are_as_deep_as_v8s() {
        let deep = (0..64).fold("1,1,0,0,[]".to_owned(), |inner, at| format!("{},1,0,0,[{inner}]", at + 2));
        assert_eq!(read(timeline(NODES, &deep).as_bytes()).unwrap().nodes().len(), 65);
    }
}
