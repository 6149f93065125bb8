//! `leakhunt retainers`: who holds an object, who holds those, and what would have to go for it to go.

use std::path::PathBuf;

use leakhunt_diagnosis::Shown;
use leakhunt_heap::{End, Holder, Limits, NodeId, ObjectId, Retainers};
use leakhunt_text::Line;
use serde::Serialize;

use super::summary::distance;
use crate::failure::Failure;
use crate::files::{self, Facts};
use crate::table::{count, terminal_width};
use crate::{exit, human, terminal};

/// Holders shown in all.
const MOST_HOLDERS: usize = 500;
/// Names of objects can be whole texts.
const NAME: usize = 60;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The snapshot
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// An object, as @ID, or a class, of which the object that retains most is taken
    #[arg(value_name = "@ID|CLASS")]
    pub(crate) what: String,

    /// Go this many steps away from the object
    #[arg(long, default_value_t = 12, value_name = "N")]
    pub(crate) depth: usize,

    /// Show this many holders of one object
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub(crate) siblings: usize,

    /// Quote strings and keys of the analysed program: they may be secrets
    #[arg(long)]
    pub(crate) show_strings: bool,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let file = files::open(&args.file)?;
    let facts = files::facts(&args.file, &file)?;
    let node = find(&facts, &args.what)?;
    let retainers = Retainers::compute(&facts.snapshot);
    let limits = Limits { depth: args.depth, siblings: args.siblings, holders: MOST_HOLDERS };
    let forest = retainers.forest(&facts.snapshot, &facts.distances, node, limits);
    let view = View { shown: Shown::new(&facts.snapshot, args.show_strings), facts: &facts };
    if args.json {
        let document = JsonRetainers::of(&view, node, &forest);
        files::check(&args.file, &file)?;
        terminal::print_exact_json(&document)?;
    } else {
        let text = text(&view, node, &forest);
        files::check(&args.file, &file)?;
        terminal::answer(&text)?;
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
            unknown(format!("there is no class `{what}` in this snapshot")).hint(suggestion(facts, what))
        })
}

/// What was probably meant by a class that is not there.
fn suggestion(facts: &Facts<'_>, what: &str) -> String {
    if what.parse::<u64>().is_ok() {
        return format!("an object is named with an @ before its id: `@{what}`");
    }
    let names = facts.snapshot.nodes().map(|node| facts.classes.name(facts.classes.of(node)));
    // Of several, always the same one.
    match names.filter(|name| name.to_lowercase() == what.to_lowercase()).min() {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`leakhunt summary FILE` lists the classes".to_owned(),
    }
}

/// What is known of a snapshot, and what of it may be shown.
struct View<'v> {
    facts: &'v Facts<'v>,
    shown: Shown<'v>,
}

fn text(view: &View<'_>, node: NodeId, forest: &[Holder]) -> Vec<Line> {
    let width = terminal_width().unwrap_or(usize::MAX);
    let mut lines = vec![view.named(node).and(": ").text(sizes(view.facts, node)), Line::own("retained by")];
    let mut deeper_than = None;
    for holder in forest {
        let indent = Line::default().padded(2 * (holder.depth + 1));
        if holder.hidden_siblings > 0 && deeper_than < Some(holder.depth) {
            let more = count(holder.hidden_siblings as u64);
            lines.push(indent.clone().and("(").text(more).and(" more, farther away)"));
        }
        deeper_than = Some(holder.depth);
        let end = match holder.end {
            End::Held => "",
            End::Root => " · a global object",
            End::MetBefore => " · see above",
            End::Limit => " · …",
        };
        let line = indent.text(view.edge(holder)).and(" in ").line(&view.named(holder.retainer.from));
        lines.push(line.and(" · distance ").text(distance(holder.distance)).and(end));
    }
    if forest.is_empty() {
        lines.push(Line::own("  nothing but the root"));
    } else if forest.len() == MOST_HOLDERS {
        lines.push(Line::own("  …"));
    }
    lines.push(Line::own("goes when any of these goes"));
    for dominator in view.facts.dominators.chain(node).skip(1).take(20) {
        lines.push(Line::own("  ").line(&view.named(dominator)).and(": ").text(sizes(view.facts, dominator)));
    }
    lines.into_iter().map(|line| line.cut(width)).collect()
}

impl View<'_> {
    fn class(&self, node: NodeId) -> String {
        self.shown.class(self.facts.classes.name(self.facts.classes.of(node)))
    }

    fn named(&self, node: NodeId) -> Line {
        let (class, name) = (self.class(node), self.shown.object(node));
        let id = self.facts.snapshot.object_id(node);
        let name = Line::of(&name).cut(NAME);
        if name.width() == 0 || name == Line::of(&class) {
            Line::of(class).and(" ").text(id)
        } else {
            Line::of(class).and(" ").line(&name).and(" ").text(id)
        }
    }

    /// The edge as DevTools writes it.
    fn edge(&self, holder: &Holder) -> String {
        self.shown.reference(holder.retainer.from, holder.retainer.edge)
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

#[derive(Serialize)]
struct JsonRetainers {
    schema_version: u32,
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
    fn of(view: &View<'_>, node: NodeId, forest: &[Holder]) -> Self {
        let holder = |holder: &Holder| JsonHolder {
            depth: holder.depth,
            edge: view.edge(holder),
            node: JsonNode::of(view, holder.retainer.from),
            end: match holder.end {
                End::Held => "held",
                End::Root => "root",
                End::MetBefore => "met-before",
                End::Limit => "limit",
            },
            hidden_siblings: holder.hidden_siblings,
        };
        let facts = view.facts;
        Self {
            schema_version: 1,
            node: JsonNode::of(view, node),
            self_size: facts.snapshot.self_size(node),
            retained_size: facts.dominators.retained_size(node),
            dominators: facts.dominators.chain(node).skip(1).map(|node| JsonNode::of(view, node)).collect(),
            holders: forest.iter().map(holder).collect(),
        }
    }
}

impl JsonNode {
    fn of(view: &View<'_>, node: NodeId) -> Self {
        let facts = view.facts;
        let key = facts.classes.key(facts.classes.of(node));
        // The name of the class stands behind the constructor's place.
        let place = key.strip_suffix(facts.classes.name(facts.classes.of(node))).unwrap_or(",");
        Self {
            id: facts.snapshot.object_id(node).0,
            class_key: format!("{place}{}", view.class(node)),
            name: view.shown.object(node),
            distance: facts.distances.get(node),
        }
    }
}
