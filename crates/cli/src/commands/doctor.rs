//! `leakhunt doctor`: go or no-go for a hunt, and why.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};
use leakhunt_capture::{
    Bound, Chosen, Event, Evidence, Examination, Inspector, Look, NodeProcess, Plan, Proof, Refusal, Usr1,
};
use leakhunt_host::heroku::{Config, DynoName, Heroku};
use leakhunt_host::{Check, Environment, Host};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use super::{analyze, files, heroku, hunt, local, ssh};
use crate::args::{self, DoctorHost, DoctorOptions};
use crate::failure::{Failure, exit, printable};
use crate::human;
use crate::progress::Progress;

pub(crate) fn run(args: &args::Doctor) -> Result<u8, Failure> {
    let runtime = hunt::runtime()?;
    let (host, options, command) = match &args.host {
        DoctorHost::Heroku { dyno, options } => {
            let environment = Environment::new(std::env::vars_os());
            let app = runtime.block_on(heroku::app(dyno, &environment))?;
            let name: DynoName = dyno.dyno.parse()?;
            let command = format!("leakhunt heroku -a {app} -d {name}");
            let config = Config { app, dyno: name, program: None, preload: true, environment };
            (Host::Heroku(Heroku::new(config)), options, command)
        }
        DoctorHost::Ssh { machine, options } => {
            let (host, target) = ssh::host(machine)?;
            (host, options, format!("leakhunt ssh {target}"))
        }
        DoctorHost::Local { options } => (local::host(), options, "leakhunt local".to_owned()),
    };
    let plan = Plan {
        profile: options.profile.into(),
        route: options.route.into(),
        max_pause: options.max_pause,
        pid: options.pid,
        own_only: matches!(host, Host::Local(_)),
        ..Plan::default()
    };
    let quiet = options.json && !options.verbose;
    let progress = Progress::new(std::io::stderr().is_terminal() && !options.json, quiet, options.verbose);
    let watch = |event: &Event| progress.event(event);
    let found = runtime.block_on(async {
        tokio::select! {
            code = interrupted() => Err(Failure::new(code, "interrupted; nothing was changed")),
            found = leakhunt_capture::examine(&plan, &host, &watch) => Ok(found),
        }
    });
    progress.finish();
    end(options, found?, &command)
}

/// Whatever runs is dropped then, and its process group killed.
async fn interrupted() -> u8 {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut int), Ok(mut term), Ok(mut hup)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => exit::INTERRUPTED,
        _ = term.recv() => exit::TERMINATED,
        _ = hup.recv() => exit::TERMINATED,
    }
}

fn end(options: &DoctorOptions, mut found: Examination, command: &str) -> Result<u8, Failure> {
    if !found.left {
        anstream::eprintln!("warning: the shell that looked was killed and not seen gone");
    }
    let verdict = std::mem::replace(&mut found.verdict, Ok(()));
    let no_go = verdict.err().map(Failure::from);
    if options.json {
        let document = Document {
            schema_version: 1,
            target: &found.target,
            verdict: match (&no_go, found.undecided) {
                (Some(_), _) => "no-go",
                (None, Some(_)) => "depends",
                (None, None) => "go",
            },
            exit_code: no_go.as_ref().map_or(exit::DONE, Failure::code),
            error: no_go.as_ref().map(Failure::message),
            hint: no_go.as_ref().and_then(Failure::advice),
            checks: found.checks.iter().map(Answered::of).collect(),
            look: found.look.as_ref(),
        };
        files::print_json(&document)?;
    } else {
        let mut command = command.to_owned();
        if let Some(pid) = options.pid {
            let _ = write!(command, " --pid {pid}");
        }
        if options.profile == args::Profile::Sampling {
            command.push_str(" --profile sampling");
        }
        anstream::print!("{}", render(&found, no_go.as_ref(), &command, analyze::width()));
    }
    Ok(no_go.map_or(exit::DONE, |failure| failure.code()))
}

/// `leakhunt doctor --json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    target: &'a str,
    verdict: &'static str,
    exit_code: u8,
    error: Option<&'a str>,
    hint: Option<&'a str>,
    checks: Vec<Answered<'a>>,
    look: Option<&'a Look>,
}

#[derive(Serialize)]
struct Answered<'a> {
    what: &'a str,
    answer: &'a str,
    ms: u128,
}

impl<'a> Answered<'a> {
    fn of(check: &'a Check) -> Self {
        Self { what: check.what, answer: &check.answer, ms: check.took.as_millis() }
    }
}

const GO: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const NO_GO: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
const HINT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));

/// Where the facts of the process begin.
const LABEL: usize = 14;

fn render(found: &Examination, no_go: Option<&Failure>, command: &str, width: usize) -> String {
    let mut text = format!("{}\n", printable(&found.target));
    if !found.checks.is_empty() {
        text.push('\n');
    }
    for check in &found.checks {
        push(&mut text, check.what, &printable(&check.answer), width);
    }
    if let Some(look) = &found.look {
        push_tree(&mut text, look, width);
        if let Some(chosen) = &look.chosen {
            push_chosen(&mut text, chosen, width);
        }
    }
    text.push('\n');
    match no_go {
        None => {
            if let Some(refusal) = found.undecided {
                let said = wrapped(&depends(refusal), width);
                let _ = writeln!(text, "{HINT}depends{HINT:#}{}", said.trim_start_matches("depends"));
            }
            let _ = writeln!(text, "{GO}go{GO:#}: {command}");
        }
        Some(failure) => {
            let message = printable(failure.message());
            let said = wrapped(&format!("no-go (exit {}): {message}", failure.code()), width);
            let _ = writeln!(text, "{NO_GO}no-go{NO_GO:#}{}", said.trim_start_matches("no-go"));
            if let Some(hint) = failure.advice() {
                let said = wrapped(&format!("hint: {}", printable(hint)), width);
                let _ = writeln!(text, "{HINT}hint:{HINT:#}{}", said.trim_start_matches("hint:"));
            }
        }
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

/// Every Node.js process, below the one that started it.
fn push_tree(text: &mut String, look: &Look, width: usize) {
    if look.processes.is_empty() {
        return;
    }
    text.push_str("\n     pid   resident  Node.js processes\n");
    let chosen = look.chosen.as_ref().map(|chosen| chosen.pid);
    for (node, depth) in tree(&look.processes) {
        let mark = if chosen == Some(node.pid) { "→" } else { " " };
        let line = format!(
            "{mark} {:>6} {:>10}  {}{}",
            node.pid,
            human::bytes(node.rss),
            "  ".repeat(depth.min(8)),
            printable(&node.command)
        );
        let line = if node.proof == Proof::None { format!("{line}  (not proven to run it)") } else { line };
        let _ = writeln!(text, "{}", console::truncate_str(line.trim_end(), width, "…"));
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

fn push_chosen(text: &mut String, chosen: &Chosen, width: usize) {
    text.push('\n');
    push(text, "process", &format!("{}: {}", chosen.pid, printable(&chosen.why)), width);
    let usr1 = match chosen.sigusr1 {
        Usr1::Caught => "caught (whether by Node.js or by the app itself is not to be seen from outside)",
        Usr1::NotYet => "not caught yet: the process is starting, and the signal would kill it",
        Usr1::Never => "never caught (--disable-sigusr1): the signal would kill it",
    };
    push(text, "SIGUSR1", usr1, width);
    let proof = match chosen.proof {
        Proof::None => "nothing proves it: what does not run Node.js may end at SIGUSR1",
        Proof::Threads => "proven by the names of its threads",
        Proof::Libnode => "proven by libnode, which it has mapped",
        Proof::Symbols => "proven by what its executable exports",
    };
    push(text, "Node.js", proof, width);
    let room = match chosen.short[..] {
        [] => "enough descriptors, threads and memory for an inspector".to_owned(),
        _ => chosen.short.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    push(text, "room", &room, width);
    let inspector = match chosen.inspector {
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
    };
    push(text, "inspector", &inspector, width);
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
    text.push_str("\nevidence                        peak            pause\n");
    for weighed in &chosen.evidence {
        let verdict = match (weighed.refusal, weighed.possible_refusal) {
            (Some(Refusal::Memory), _) => "no: over the memory limit",
            (Some(Refusal::Pause), _) => "no: over --max-pause",
            (None, Some(_)) => "depends",
            (None, None) => "go",
        };
        let (least, most) = (&weighed.least, &weighed.prediction);
        let _ = writeln!(
            text,
            "{:<23} {:>17} {:>16}  {verdict}",
            name(weighed.evidence),
            range(&human::bytes(least.peak), &human::bytes(most.peak)),
            range(&human::duration(least.pause), &human::duration(most.pause))
        );
    }
}

fn range(least: &str, most: &str) -> String {
    if least == most { most.to_owned() } else { format!("{least} – {most}") }
}

fn name(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::SnapshotByFile => "heap snapshot, by file",
        Evidence::SnapshotByStream => "heap snapshot, streamed",
        Evidence::Sampling => "sampling profile",
    }
}

/// Each line of the text broken at blanks; its own indentation stays.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for whole in text.lines() {
        let mut line = String::new();
        for word in whole.split_inclusive(' ') {
            if !line.is_empty() && line.chars().count() + word.trim_end().chars().count() > width {
                lines.push(line.trim_end().to_owned());
                line.clear();
            }
            line.push_str(word);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// A fact, its lines as far in as the first.
fn push(text: &mut String, label: &str, fact: &str, width: usize) {
    let room = width.saturating_sub(LABEL).max(20);
    let mut line = String::new();
    let mut label = label;
    for word in fact.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            let _ = writeln!(text, "{label:<LABEL$}{line}");
            line.clear();
            label = "";
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(text, "{label:<LABEL$}{line}");
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
        let mut text = String::new();
        push(&mut text, "heap", "some words that do not fit one line", 34);
        assert_eq!(text, "heap          some words that do\n              not fit one line\n");
    }
}
