//! What a look has found, in lines.

use anstyle::{AnsiColor, Style};
use leakhunt_capture::{
    Bound, Chosen, EvidenceKind, Examination, Inspector, Look, NodeProcess, Proof, Refusal, Usr1,
};
use leakhunt_text::{Line, cut_tokens, paragraph};

use crate::failure::Failure;
use crate::human;

const GO: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const NO_GO: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const HINT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));

/// Where the facts of the process begin.
const LABEL: usize = 14;

/// What a hunt that takes snapshots could do besides.
pub(super) const LIGHTER: &str =
    "    with --profile auto: snapshots only where lighter evidence leaves a doubt";

/// `command` is the hunt, behind it stands what is advised.
pub(super) fn render(
    found: &Examination,
    no_go: Option<&Failure>,
    (command, advised): (&str, Option<&'static str>),
    width: usize,
) -> Vec<Line> {
    let mut text = vec![Line::of(&found.target)];
    if !found.checks.is_empty() {
        text.push(Line::default());
    }
    for check in &found.checks {
        push(&mut text, check.what, &check.answer, width);
    }
    if let Some(look) = &found.look {
        push_tree(&mut text, look, width);
        if let Some(chosen) = &look.chosen {
            push_chosen(&mut text, chosen, width);
        }
    }
    text.push(Line::default());
    let Some(failure) = no_go else {
        if let Some(refusal) = found.undecided {
            text.extend(marked(HINT, "depends", &depends(refusal), width));
        }
        text.push(Line::default().styled(GO, "go").and(": ").text(command));
        text.extend(advised.map(Line::own));
        return text;
    };
    let message = cut_tokens(failure.message());
    let mut message = message.lines();
    let first = format!("no-go (exit {}): {}", failure.code(), message.next().unwrap_or_default());
    text.extend(marked(NO_GO, "no-go", &first, width));
    for line in message {
        text.extend(paragraph(&Line::own("  | "), line, width));
    }
    if let Some(hint) = failure.advice() {
        text.extend(marked(HINT, "hint:", &format!("hint: {hint}"), width));
    }
    text
}

/// What a hunt decides that a look from outside cannot.
fn depends(refusal: Refusal) -> String {
    let what = match refusal {
        Refusal::Memory => "whether a snapshot fits the memory",
        Refusal::Pause => "whether a snapshot keeps within --max-pause",
    };
    format!(
        "depends: {what} goes by the number of objects in the heap. A hunt counts them before the first snapshot, and is \
         refused (exit 20) where it does not"
    )
}

/// A paragraph that begins with a word in a style.
fn marked(style: Style, word: &str, text: &str, width: usize) -> Vec<Line> {
    let mut lines = paragraph(&Line::default(), text, width);
    if let Some(first) = lines.first_mut() {
        *first = first.clone().in_style(style, word.len());
    }
    lines
}

/// Every Node.js process, below the one that started it.
fn push_tree(text: &mut Vec<Line>, look: &Look, width: usize) {
    if look.processes.is_empty() {
        return;
    }
    text.extend([Line::default(), Line::own("     pid   resident  Node.js processes")]);
    let chosen = look.chosen.as_ref().map(|chosen| chosen.pid);
    for (node, depth) in tree(&look.processes) {
        let mark = Line::own(if chosen == Some(node.pid) { "→ " } else { "  " });
        let line = mark.right(node.pid, 6).and(" ").right(human::bytes(node.rss), 10).and("  ");
        let indented = line.width() + 2 * depth.min(8);
        let line = line.padded(indented);
        let line = match (node.other_runtime(), node.proof) {
            (Some(runtime), _) => line.and("(").and(runtime).and(") ").text(&node.command),
            (None, Proof::None) => line.text(&node.command).and("  (not proven to run it)"),
            (None, _) => line.text(&node.command),
        };
        text.push(line.cut(width));
    }
}

/// Parents before their children, each with its depth. The list is in the order of the pids.
fn tree(nodes: &[NodeProcess]) -> Vec<(&NodeProcess, usize)> {
    let parent = |node: &NodeProcess| {
        node.ancestors
            .iter()
            .copied()
            .find(|pid| *pid != node.pid && nodes.iter().any(|other| other.pid == *pid))
    };
    let mut open: Vec<(&NodeProcess, usize)> =
        nodes.iter().rev().filter(|node| parent(node).is_none()).map(|node| (node, 0)).collect();
    let mut ordered = Vec::with_capacity(nodes.len());
    while let Some((node, depth)) = open.pop() {
        // What the far end says of parents may be a circle.
        if ordered.len() == nodes.len() {
            break;
        }
        ordered.push((node, depth));
        let children = nodes.iter().rev().filter(|child| parent(child) == Some(node.pid));
        open.extend(children.map(|child| (child, depth + 1)));
    }
    ordered
}

fn push_chosen(text: &mut Vec<Line>, chosen: &Chosen, width: usize) {
    text.push(Line::default());
    push(text, "process", &format!("{}: {}", chosen.pid, chosen.why), width);
    let usr1 = match (chosen.sigusr1, &chosen.locked_by) {
        (Usr1::Caught, _) => {
            "caught (whether by Node.js or by the app itself is not to be seen from outside)"
        }
        (Usr1::Never, Some(option)) => &format!("never caught ({option}): no signal opens the inspector"),
        (Usr1::Never | Usr1::NotYet, _) => {
            "not caught yet: the process is starting, and the signal would kill it"
        }
    };
    push(text, "SIGUSR1", usr1, width);
    let proof = match chosen.proof {
        Proof::None => "nothing proves it: what does not run Node.js may end at SIGUSR1",
        Proof::Threads => "proven by the names of its threads",
        Proof::Libnode => "proven by libnode, with which its executable is linked",
        Proof::Symbols => "proven by what its executable exports",
    };
    push(text, "Node.js", proof, width);
    let room = match chosen.short[..] {
        [] => "enough descriptors, threads and memory for an inspector".to_owned(),
        _ => chosen.short.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    push(text, "room", &room, width);
    push(text, "inspector", &inspector(&chosen.inspector), width);
    push_memory(text, chosen, width);
    push_evidence(text, chosen);
}

fn inspector(inspector: &Inspector) -> String {
    match *inspector {
        Inspector::Open { port, clients: 0 } => {
            format!("open already on port {port}: a hunt uses it and leaves it open")
        }
        Inspector::Open { port, clients } => format!("open on port {port}, connected to: {clients}"),
        Inspector::Closed => "closed: a hunt opens it and closes it again".to_owned(),
        Inspector::PortTaken { port, by: Some(pid) } => {
            format!("closed, and process {pid} has its port {port}")
        }
        Inspector::PortTaken { port, by: None } => format!("closed, and another program has its port {port}"),
        Inspector::Gone => "gone, with its process".to_owned(),
    }
}

fn push_memory(text: &mut Vec<Line>, chosen: &Chosen, width: usize) {
    let resident = human::bytes(chosen.rss);
    let memory = match (chosen.charged, chosen.limit) {
        (Some(charged), Some(limit)) => {
            let of = chosen.limit_of.map_or("", Bound::words);
            format!(
                "{resident} resident; {} of {} are in use ({of})",
                human::bytes(charged),
                human::bytes(limit)
            )
        }
        _ => format!("{resident} resident; no limit is known"),
    };
    push(text, "memory", &memory, width);
    let heap = format!(
        "at most some {}, guessed from the resident memory: nobody attached to look; the predictions below reach from a heap \
         of buffers to one of small objects on the slowest Node.js",
        human::bytes(chosen.estimated_heap)
    );
    push(text, "heap", &heap, width);
}

/// What each kind of evidence would cost.
fn push_evidence(text: &mut Vec<Line>, chosen: &Chosen) {
    text.extend([Line::default(), Line::own("evidence                        peak            pause")]);
    for weighed in &chosen.evidence {
        let verdict = match (weighed.refusal, weighed.possible_refusal) {
            (Some(Refusal::Memory), _) => "no: over the memory limit",
            (Some(Refusal::Pause), _) => "no: over --max-pause",
            _ if weighed.evidence == EvidenceKind::Timeline => "--accept timeline",
            (None, Some(_)) => "depends",
            (None, None) => "go",
        };
        let (least, most) = (&weighed.least, &weighed.prediction);
        let peak = range(&human::bytes(least.peak), &human::bytes(most.peak));
        let pause = range(&human::duration(least.pause), &human::duration(most.pause));
        let line = Line::own(name(weighed.evidence)).padded(24).right(peak, 17);
        text.push(line.and(" ").right(pause, 16).and("  ").and(verdict));
    }
}

fn range(least: &str, most: &str) -> String {
    if least == most { most.to_owned() } else { format!("{least} – {most}") }
}

fn name(evidence: EvidenceKind) -> &'static str {
    match evidence {
        EvidenceKind::SnapshotByFile => "heap snapshot, by file",
        EvidenceKind::SnapshotByStream => "heap snapshot, streamed",
        EvidenceKind::Sampling => "sampling profile",
        EvidenceKind::Cpu => "CPU profile",
        EvidenceKind::Timeline => "allocation timeline",
    }
}

/// A fact, its lines as far in as the first.
fn push(text: &mut Vec<Line>, label: &'static str, fact: &str, width: usize) {
    text.extend(paragraph(&Line::own(label).padded(LABEL), cut_tokens(fact), width));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(pid: u32, ancestors: &[u32]) -> NodeProcess {
        NodeProcess { pid, ancestors: ancestors.to_vec(), ..NodeProcess::default() }
    }

    #[track_caller]
    fn check(nodes: &[NodeProcess], expected: &[(u32, usize)]) {
        let ordered: Vec<_> = tree(nodes).into_iter().map(|(node, depth)| (node.pid, depth)).collect();
        assert_eq!(ordered, expected);
    }

    #[test]
    fn children_stand_below_their_parents() {
        // npm (10) → sh → node (14) → worker (15); an agent (12) beside them.
        check(
            &[node(10, &[1]), node(12, &[1]), node(14, &[11, 10, 1]), node(15, &[14, 11, 10, 1])],
            &[(10, 0), (14, 1), (15, 2), (12, 0)],
        );
    }

    #[test]
    fn a_circle_of_parents_ends() {
        check(&[node(10, &[12]), node(12, &[10])], &[]);
        check(&[node(10, &[10])], &[(10, 0)]);
    }

    #[test]
    fn long_facts_are_wrapped_below_themselves() {
        let mut text = Vec::new();
        push(&mut text, "heap", "some words that do not fit one line", 34);
        let shown: Vec<String> = text.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["heap          some words that do", "              not fit one line"]);
    }
}
