//! What "equal to DevTools" means: every row of its Comparison, Summary and Statistics, every node's class, sizes, distance
//! and dominator, and the names and retainers of the nodes that the engine's answer lists.

use std::collections::BTreeMap;
use std::fmt;
use std::io::BufRead;

use leakhunt_heap::{
    Census, ClassSummary, Distances, Facts, Member, NodeId, NodeRow, Retainers, Snapshot, Statistics,
    compare, node_rows,
};
use serde_json::{Value, json};

/// The engine's answers, by the name of the file that holds each.
pub(crate) type Answers<'a> = dyn Fn(&str) -> Option<Box<dyn BufRead + 'a>> + 'a;

/// What is not equal, worded for whoever has to find out why.
#[derive(Default)]
pub(crate) struct Differences {
    lines: Vec<String>,
}

/// So many differences of each kind are worded, the others counted.
const WORDED: usize = 5;
/// Longer rows are cut when they are worded.
const LONGEST_ROW: usize = 400;

impl Differences {
    /// Whether both sides are equal.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Compares row by row, in order.
    fn rows(
        &mut self,
        what: &str,
        engine: impl Iterator<Item = Value>,
        mut ours: impl Iterator<Item = Value>,
    ) {
        let mut different = 0;
        let mut engine = engine.enumerate();
        loop {
            let (row, pair) = match (engine.next(), ours.next()) {
                (None, None) => break,
                (Some((row, engine)), ours) => (row.to_string(), (engine, ours.unwrap_or_default())),
                (None, Some(ours)) => ("beyond the last".to_owned(), (Value::Null, ours)),
            };
            if pair.0 != pair.1 {
                different += 1;
                if different <= WORDED {
                    self.lines.push(format!("  {what}, row {row}: {}", worded(&pair.0, &pair.1)));
                }
            }
        }
        self.count(what, different);
    }

    /// Compares rows that have a key, whatever their order.
    fn keyed(&mut self, what: &str, engine: Vec<Value>, ours: Vec<Value>) {
        let (mut engine, mut ours) = (by_key(engine), by_key(ours));
        let mut different = 0;
        while let Some((key, engine)) = engine.pop_first() {
            let ours = ours.remove(&key).unwrap_or_default();
            if engine != ours {
                different += 1;
                if different <= WORDED {
                    self.lines.push(format!("  {what}, class {key:?}: {}", worded(&engine, &ours)));
                }
            }
        }
        for (key, ours) in ours {
            different += 1;
            if different <= WORDED {
                self.lines.push(format!("  {what}, class {key:?}: {}", worded(&Value::Null, &ours)));
            }
        }
        self.count(what, different);
    }

    fn count(&mut self, what: &str, different: usize) {
        if different > WORDED {
            self.lines.push(format!("  {what}: {} more rows differ", different - WORDED));
        }
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

fn by_key(rows: Vec<Value>) -> BTreeMap<String, Value> {
    rows.into_iter().map(|row| (row["key"].as_str().unwrap_or_default().to_owned(), row)).collect()
}

/// The fields in which two rows differ, or both rows.
fn worded(engine: &Value, ours: &Value) -> String {
    let cut = |value: &Value| {
        let text = value.to_string();
        let end = text.char_indices().nth(LONGEST_ROW).map_or(text.len(), |(at, _)| at);
        text[..end].to_owned()
    };
    match (engine, ours) {
        (Value::Null, ours) => format!("DevTools has none, leakhunt {}", cut(ours)),
        (engine, Value::Null) => format!("leakhunt has none, DevTools {}", cut(engine)),
        (Value::Object(fields), ours) => fields
            .iter()
            .filter(|(field, value)| **value != ours[field.as_str()])
            .map(|(field, value)| {
                format!("{field}: DevTools {}, leakhunt {}", cut(value), cut(&ours[field.as_str()]))
            })
            .collect::<Vec<_>>()
            .join("; "),
        (engine, ours) => format!("DevTools {}\n{:>30} {}", cut(engine), "leakhunt", cut(ours)),
    }
}

fn lines(text: Box<dyn BufRead + '_>) -> impl Iterator<Item = Value> {
    text.lines().map(|line| {
        serde_json::from_str(&line.expect("the engine's answer can be read")).expect("the engine writes JSON")
    })
}

/// Compares what leakhunt says of one or two snapshots, each read in both ways, with the engine's answers.
pub(crate) fn differences(
    censuses: &[Census<'_>],
    snapshots: &[Snapshot<'_>],
    answers: &Answers<'_>,
) -> Differences {
    let mut found = Differences::default();
    if let [base, target] = censuses {
        let engine = answers("compare.ndjson").expect("two snapshots were compared");
        found.keyed("comparison", lines(engine).collect(), comparison(base, target));
    }
    for (number, snapshot) in (1..).zip(snapshots) {
        let answer = |name: &str| {
            answers(&format!("{number}.{name}"))
                .unwrap_or_else(|| panic!("the engine gave no {number}.{name}"))
        };
        let of = |what: &str| format!("{what} of snapshot {number}");
        let Facts { classes, dominators, distances, summary } = Facts::compute(snapshot);
        let rows = node_rows(snapshot, &classes, &dominators, &distances).map(node);
        found.rows(
            &of("nodes [id, key, self, retained, distance, dominator]"),
            lines(answer("nodes.ndjson")),
            rows,
        );

        let engine: Value = serde_json::from_reader(answer("summary.json")).expect("the engine writes JSON");
        let classes = summary.classes.iter().map(class).collect();
        found.keyed(&of("summary"), rows_of(&engine["classes"]), classes);
        let totals = json!([engine["total_size"], engine["statistics"]]);
        let ours = json!([summary.total_size, statistics(&summary.statistics)]);
        found.rows(&of("total and statistics"), [totals].into_iter(), [ours].into_iter());

        let holders = Retainers::compute(snapshot);
        let listed = snapshot.node_count().div_ceil(LISTED_NODES).max(1);
        let ours =
            snapshot.nodes().step_by(listed).map(|node| retained(snapshot, &holders, &distances, node));
        found.rows(&of("retainers [id, name, [[edge, holder], …]]"), lines(answer("retainers.ndjson")), ours);
    }
    found
}

/// As many nodes, and as many holders of each, does the engine's answer list: see `xtask/oracle/engine.mjs`.
const LISTED_NODES: usize = 1000;
const LISTED_RETAINERS: usize = 40;

fn node(row: NodeRow<'_>) -> Value {
    json!([row.id.0, row.class_key, row.self_size, row.retained_size, row.distance, row.dominator.0])
}

fn class(row: &ClassSummary) -> Value {
    json!({
        "key": row.key,
        "name": row.name,
        "count": row.count,
        "self_size": row.self_size,
        "retained_size": row.retained_size,
        "distance": row.distance,
    })
}

fn statistics(ours: &Statistics) -> Value {
    json!({
        "total": ours.total,
        "native": { "total": ours.native, "typedArrays": ours.typed_arrays },
        "v8heap": {
            "total": ours.v8_heap,
            "code": ours.code,
            "jsArrays": ours.js_arrays,
            "strings": ours.strings,
            "system": ours.system,
        },
    })
}

fn retained(snapshot: &Snapshot<'_>, holders: &Retainers, distances: &Distances, node: NodeId) -> Value {
    let shown = holders.shown(snapshot, distances, node);
    let edges: Vec<Value> = shown
        .into_iter()
        .take(LISTED_RETAINERS)
        .map(|holder| {
            let name = snapshot.edge_name(holder.edge).to_string();
            json!([holder.edge.kind.display(&name), snapshot.object_id(holder.from).0])
        })
        .collect();
    json!([snapshot.object_id(node).0, snapshot.display_name(node), edges])
}

fn rows_of(table: &Value) -> Vec<Value> {
    table.as_array().cloned().unwrap_or_default()
}

fn comparison(base: &Census<'_>, target: &Census<'_>) -> Vec<Value> {
    let ids = |members: &[Member]| members.iter().map(|member| member.id.0).collect::<Vec<_>>();
    let rows = compare(base, target).rows;
    rows.iter()
        .map(|row| {
            json!({
                "key": row.key,
                "name": row.name,
                "added_count": row.added_count(),
                "removed_count": row.removed_count(),
                "count_delta": row.count_delta(),
                "added_size": row.added_size,
                "removed_size": row.removed_size,
                "size_delta": row.size_delta(),
                "added_ids": ids(&row.added),
                "deleted_ids": ids(&row.removed),
            })
        })
        .collect()
}
