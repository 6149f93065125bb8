//! `leakhunt retainers`: who holds an object, who holds those, and what would have to go for it to go.

use leakhunt_heap::{End, Holder, Limits, NodeId, ObjectId, Retainers};
use serde::Serialize;

use super::files::{self, Facts};
use super::summary::distance;
use crate::args;
use crate::failure::{Failure, exit};
use crate::human;
use crate::table::{count, cut, one_line, terminal_width};

/// Holders shown in all.
const MOST_HOLDERS: usize = 500;
/// Names of objects can be whole texts.
const NAME: usize = 60;

pub(crate) fn run(args: &args::Retainers) -> Result<u8, Failure> {
    let file = files::open(&args.file)?;
    let facts = files::facts(&args.file, &file)?;
    let node = find(&facts, &args.what)?;
    let retainers = Retainers::compute(&facts.snapshot);
    let limits = Limits { depth: args.depth, siblings: args.siblings, holders: MOST_HOLDERS };
    let forest = retainers.forest(&facts.snapshot, &facts.distances, node, limits);
    if args.json {
        files::print_json(&JsonRetainers::of(&facts, node, &forest))?;
    } else {
        let text = text(&facts, node, &forest);
        files::print(|out| out.write_all(text.as_bytes()))?;
    }
    Ok(exit::DONE)
}

/// The node that is meant by `@ID`, or by the key or name of a class.
fn find(facts: &Facts<'_>, what: &str) -> Result<NodeId, Failure> {
    let unknown = |message: String| Failure::new(exit::USAGE, message);
    if let Some(id) = what.strip_prefix('@') {
        let id = id
            .parse()
            .map_err(|_| unknown(format!("`{what}` is no object: an id is a number, as in @12345")))?;
        return facts
            .snapshot
            .node_with_id(ObjectId(id))
            .ok_or_else(|| unknown(format!("there is no object {what} in this snapshot")));
    }
    let of_class = |node: &NodeId| {
        let class = facts.classes.of(*node);
        facts.classes.name(class) == what || facts.classes.key(class) == what
    };
    facts
        .snapshot
        .nodes()
        .filter(of_class)
        // Of equal ones, the first.
        .max_by_key(|node| (facts.dominators.retained_size(*node), std::cmp::Reverse(*node)))
        .ok_or_else(|| {
            unknown(format!("there is no class `{what}` in this snapshot"))
                .hint("`leakhunt summary FILE` lists the classes")
        })
}

fn text(facts: &Facts<'_>, node: NodeId, forest: &[Holder]) -> String {
    let width = terminal_width().unwrap_or(usize::MAX);
    let mut lines = vec![format!("{}: {}", named(facts, node), sizes(facts, node)), "held by".to_owned()];
    let mut deeper_than = None;
    for holder in forest {
        let indent = "  ".repeat(holder.depth + 1);
        if holder.hidden_siblings > 0 && deeper_than < Some(holder.depth) {
            lines.push(format!("{indent}({} more, farther away)", count(holder.hidden_siblings as u64)));
        }
        deeper_than = Some(holder.depth);
        let from = holder.retainer.from;
        let edge = edge(facts, holder);
        let end = match holder.end {
            End::Held => String::new(),
            End::Root => " · a global object".to_owned(),
            End::MetBefore => " · see above".to_owned(),
            End::Limit => " · …".to_owned(),
        };
        let away = distance(holder.distance);
        lines.push(format!("{indent}{} in {} · distance {away}{end}", one_line(&edge), named(facts, from)));
    }
    if forest.is_empty() {
        lines.push("  nothing but the root".to_owned());
    } else if forest.len() == MOST_HOLDERS {
        lines.push("  …".to_owned());
    }
    lines.push("goes when any of these goes".to_owned());
    for dominator in facts.dominators.chain(node).skip(1).take(20) {
        lines.push(format!("  {}: {}", named(facts, dominator), sizes(facts, dominator)));
    }
    lines.iter().map(|line| cut(line, width) + "\n").collect()
}

fn named(facts: &Facts<'_>, node: NodeId) -> String {
    let class = facts.classes.name(facts.classes.of(node));
    let name = facts.snapshot.display_name(node);
    let id = facts.snapshot.object_id(node);
    let name = cut(&one_line(&name), NAME);
    if name == class || name.is_empty() {
        format!("{} {id}", one_line(class))
    } else {
        format!("{} {name} {id}", one_line(class))
    }
}

fn sizes(facts: &Facts<'_>, node: NodeId) -> String {
    format!(
        "{} shallow, {} retained, distance {}",
        human::bytes(facts.snapshot.self_size(node).into()),
        human::bytes(facts.dominators.retained_size(node)),
        distance(facts.distances.get(node)),
    )
}

/// The edge as DevTools writes it.
fn edge(facts: &Facts<'_>, holder: &Holder) -> String {
    let edge = holder.retainer.edge;
    edge.kind.display(&facts.snapshot.edge_name(edge).to_string())
}

#[derive(Serialize)]
struct JsonRetainers {
    #[serde(flatten)]
    node: JsonNode,
    self_size: u32,
    retained_size: u64,
    dominators: Vec<JsonNode>,
    holders: Vec<JsonHolder>,
}

#[derive(Serialize)]
struct JsonNode {
    id: u32,
    class_key: String,
    name: String,
    distance: i32,
}

/// A holder, followed by those who hold it, one deeper.
#[derive(Serialize)]
struct JsonHolder {
    depth: usize,
    edge: String,
    #[serde(flatten)]
    node: JsonNode,
    /// `held`, `root`, `met-before` or `limit`.
    end: &'static str,
    hidden_siblings: usize,
}

impl JsonRetainers {
    fn of(facts: &Facts<'_>, node: NodeId, forest: &[Holder]) -> Self {
        let holder = |holder: &Holder| JsonHolder {
            depth: holder.depth,
            edge: edge(facts, holder),
            node: JsonNode::of(facts, holder.retainer.from),
            end: match holder.end {
                End::Held => "held",
                End::Root => "root",
                End::MetBefore => "met-before",
                End::Limit => "limit",
            },
            hidden_siblings: holder.hidden_siblings,
        };
        Self {
            node: JsonNode::of(facts, node),
            self_size: facts.snapshot.self_size(node),
            retained_size: facts.dominators.retained_size(node),
            dominators: facts.dominators.chain(node).skip(1).map(|node| JsonNode::of(facts, node)).collect(),
            holders: forest.iter().map(holder).collect(),
        }
    }
}

impl JsonNode {
    fn of(facts: &Facts<'_>, node: NodeId) -> Self {
        Self {
            id: facts.snapshot.object_id(node).0,
            class_key: facts.classes.key(facts.classes.of(node)).to_owned(),
            name: facts.snapshot.display_name(node).into_owned(),
            distance: facts.distances.get(node),
        }
    }
}
