//! `v8-heap-parser-bench counts|retained 1|2 A B`: loads both files, with that many threads, and says by how much each
//! class grew.

use std::collections::HashMap;
use std::fs;

use v8_heap_parser::{Graph, decode_slice};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, threads, base, target] = &arguments[..] else { panic!("counts|retained 1|2 A B") };
    let load = |file: &String| decode_slice(&fs::read(file).expect("a file")).expect("a snapshot");
    let read = |file| classes(&load(file), mode == "retained");
    // A graph of this crate cannot cross threads, so each stays where it was made.
    let (base, target) = match &**threads {
        "1" => (read(base), read(target)),
        _ => std::thread::scope(|scope| {
            let base = scope.spawn(|| read(base));
            let target = read(target);
            (base.join().expect("the base was read"), target)
        }),
    };
    let mut grown = 0;
    for (class, (count, size)) in &target {
        let before = base.get(class).copied().unwrap_or_default();
        grown += usize::from((*count, *size) > before);
    }
    println!("{} classes, {grown} grown", target.len());
}

/// Count and size (own or retained) by name of class.
fn classes(graph: &Graph, retained: bool) -> HashMap<String, (usize, u64)> {
    let groups = graph.get_class_groups(!retained).iter();
    groups
        .map(|group| {
            let name = graph.nodes()[group.index].weight.class_name().to_owned();
            (name, (group.nodes.len(), if retained { group.retained_size } else { group.self_size }))
        })
        .collect()
}
