//! Profiles as `pprof` reads them: `profile.proto`, compressed by gzip.
//!
//! <https://github.com/google/pprof/blob/main/proto/profile.proto>, of which only the parts stand here that are written. Where a
//! session has two profiles, each sample has two values, of which one is zero: `pprof` shows one at a time.

use std::collections::HashMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use leakhunt_diagnosis::{CallTree, CallTrees, Function, Unit};
use leakhunt_text::one_line;
use prost::Message;

use crate::stack::{name, stack};

/// Texts are numbers in the table of strings, the first of which is empty.
#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Described>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

/// A stack by the ids of its locations, the innermost first, and a value of each type.
#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

/// `Function` in the schema.
#[derive(Clone, PartialEq, Message)]
struct Described {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
    #[prost(int64, tag = "5")]
    start_line: i64,
}

/// The bytes of the file.
#[must_use]
pub fn render(calls: &CallTrees) -> Vec<u8> {
    // What is asked for first stands last: `pprof` shows the last type unless it is asked for another.
    let trees: Vec<&CallTree> = [&calls.cpu, &calls.heap].into_iter().flatten().collect();
    let mut writing = Writing::default();
    writing.string("");
    for tree in &trees {
        let (kind, unit) = match tree.unit {
            Unit::Bytes => ("inuse_space", "bytes"),
            Unit::Microseconds => ("cpu", "microseconds"),
        };
        let value_type = ValueType { kind: writing.string(kind), unit: writing.string(unit) };
        writing.profile.sample_type.push(value_type);
    }
    for (at, tree) in trees.iter().enumerate() {
        writing.samples(tree, at);
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let written = packed.write_all(&writing.profile.encode_to_vec()).and_then(|()| packed.finish());
    written.expect("a Vec takes all")
}

/// A profile that is being written.
#[derive(Default)]
struct Writing {
    profile: Profile,
    strings: HashMap<String, i64>,
    /// By name, file and line, in the table of strings.
    functions: HashMap<[i64; 3], u64>,
}

impl Writing {
    fn string(&mut self, text: &str) -> i64 {
        if let Some(known) = self.strings.get(text) {
            return *known;
        }
        let number = self.profile.string_table.len() as i64;
        self.profile.string_table.push(text.to_owned());
        self.strings.insert(text.to_owned(), number);
        number
    }

    /// The id of a function, which is that of its one location as well.
    fn function(&mut self, function: &Function) -> u64 {
        let name = self.string(&name(function));
        let file = function.location.as_ref().map_or_else(String::new, |at| one_line(&at.file));
        let filename = self.string(&file);
        let start_line = function.location.as_ref().map_or(0, |at| i64::from(at.line));
        let id = self.profile.function.len() as u64 + 1;
        let known = *self.functions.entry([name, filename, start_line]).or_insert(id);
        if known == id {
            self.profile.function.push(Described { id, name, system_name: name, filename, start_line });
            let line = vec![Line { function_id: id, line: start_line }];
            self.profile.location.push(Location { id, line });
        }
        known
    }

    /// What costs something by itself is a sample, whose value is in this place.
    fn samples(&mut self, tree: &CallTree, at: usize) {
        let ids: Vec<u64> = tree.functions.iter().map(|function| self.function(function)).collect();
        let types = self.profile.sample_type.len();
        for (call, cost) in tree.calls.iter().enumerate().filter(|(_, call)| call.own > 0) {
            let mut value = vec![0; types];
            value[at] = i64::try_from(cost.own).unwrap_or(i64::MAX);
            let location_id = stack(tree, call).into_iter().map(|function| ids[function]).collect();
            self.profile.sample.push(Sample { location_id, value });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::example;

    fn read(bytes: &[u8]) -> Profile {
        let mut plain = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        Profile::decode(plain.as_slice()).unwrap()
    }

    /// The stacks of a profile, the innermost function first, with their values.
    fn stacks(profile: &Profile) -> Vec<(Vec<String>, Vec<i64>)> {
        let text = |at: i64| profile.string_table[at as usize].as_str();
        let named = |id: &u64| {
            let location = profile.location.iter().find(|location| location.id == *id).unwrap();
            let function =
                profile.function.iter().find(|one| one.id == location.line[0].function_id).unwrap();
            assert_eq!(function.start_line, location.line[0].line);
            format!("{} {}:{}", text(function.name), text(function.filename), function.start_line)
        };
        profile
            .sample
            .iter()
            .map(|one| (one.location_id.iter().map(named).collect(), one.value.clone()))
            .collect()
    }

    #[test]
    fn every_stack_is_there_with_a_value_of_each_type() {
        let profile = read(&render(&example::calls("shop")));
        let types: Vec<[&str; 2]> = profile
            .sample_type
            .iter()
            .map(|one| [one.kind, one.unit].map(|at| profile.string_table[at as usize].as_str()))
            .collect();
        assert_eq!(types, [["cpu", "microseconds"], ["inuse_space", "bytes"]]);
        assert_eq!(profile.string_table[0], "");
        let shop = || "shop /app/shop.js:12".to_owned();
        let request = || "request (shop 6.19.2) /app/node_modules/shop/index.js:7".to_owned();
        assert_eq!(
            stacks(&profile),
            [
                (vec![shop()], vec![600, 0]),
                (vec![request(), shop()], vec![400, 0]),
                (vec![shop()], vec![0, 600]),
                (vec![request(), shop()], vec![0, 400]),
            ]
        );
    }

    #[test]
    fn of_one_profile_there_is_one_value() {
        let calls = CallTrees { cpu: None, ..example::calls("shop") };
        assert_eq!(stacks(&read(&render(&calls)))[0].1, [600]);
    }
}
