//! What a run would do, printed.

use std::path::Path;

use anstyle::Style;
use leakhunt_host::CommandLine;
use leakhunt_host::exec::Docker;
use leakhunt_host::heroku::{exec_command, forward_command};
use leakhunt_incident::{Dry, Runbook};
use leakhunt_text::{Line, cut_tokens};
use serde::Serialize;

use crate::terminal::{self, Unwritten};

/// Stands for what is sent there to look, and where it is a hunt, to signal.
const SCRIPT: &str = "SCRIPT";

/// `leakhunt run --dry-run --json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    runbook: &'a str,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    id: &'a str,
    name: &'a str,
    condition: Option<&'a str>,
    always: bool,
    command: Vec<String>,
    remote: Vec<String>,
}

pub(crate) fn print_dry(runbook: &Runbook, steps: &[Dry], json: bool) -> Result<(), Unwritten> {
    if json {
        let steps = steps.iter().map(|step| Step {
            id: &step.id,
            name: &step.name,
            condition: step.condition.as_deref(),
            always: step.always,
            command: std::iter::once(step.command.program.display().to_string())
                .chain(step.command.args.iter().cloned())
                .collect(),
            remote: remote(step),
        });
        return terminal::print_json(&Document {
            schema_version: 1,
            runbook: &runbook.name,
            steps: steps.collect(),
        });
    }
    let mut lines = vec![Line::own("nothing is run; the runbook ").text(&runbook.name).and(" would run:")];
    for (at, step) in steps.iter().enumerate() {
        lines.push(Line::default());
        lines.push(Line::default().text(format!("{}. ", at + 1)).styled(Style::new().bold(), &step.name));
        if let Some(condition) = &step.condition {
            lines.push(Line::own("   if ").text(condition));
        }
        if step.always {
            lines.push(Line::own("   whatever happened before"));
        }
        lines.extend(command(&step.command));
        lines.extend(remote(step).into_iter().map(|remote| Line::own("     ").text(remote)));
    }
    terminal::answer(&lines)
}

/// As one could type it: a script of several lines as it is written.
fn command(command: &CommandLine) -> Vec<Line> {
    let text = match (command.program.to_str(), command.args.as_slice()) {
        (Some("/bin/sh"), [_, script]) => script.trim_end().to_owned(),
        _ => command.to_string(),
    };
    let mark = |at: usize| if at == 0 { "   $ " } else { "     " };
    text.lines().enumerate().map(|(at, line)| Line::own(mark(at)).quoted(cut_tokens(line))).collect()
}

/// What the command runs in the place where the process is.
fn remote(step: &Dry) -> Vec<String> {
    let Some(uses) = &step.uses else { return Vec::new() };
    let looks = uses.starts_with("doctor ");
    let option = |name: &str| {
        let given = step.command.args.iter().find_map(|arg| arg.strip_prefix(&format!("--{name}=")));
        given.map(str::to_owned)
    };
    match uses.trim_start_matches("doctor ") {
        "heroku" => {
            let (app, dyno) =
                (option("app").unwrap_or("APP".into()), option("dyno").unwrap_or("web.1".into()));
            let exec = exec_command(Path::new("heroku"), &app, &dyno, SCRIPT);
            let forward = forward_command(Path::new("heroku"), "9229:9229", &app, &dyno);
            let all = if looks { vec![exec] } else { vec![exec, forward] };
            all.iter().map(ToString::to_string).collect()
        }
        "ssh" => vec![format!("by SSH: sh -c {SCRIPT}")],
        "local" => vec![format!("on this machine: sh -c {SCRIPT}")],
        // Its name is its only word that is no option.
        "docker" => {
            let name = step.command.args.iter().rfind(|arg| !arg.starts_with('-'));
            let engine = option("program").unwrap_or("docker".into());
            let docker = name.and_then(|name| {
                Some(Docker { container: name.parse().ok()?, engine: engine.parse().ok()? })
            });
            docker.map(|docker| docker.template().fill(SCRIPT).to_string()).into_iter().collect()
        }
        // A machine that is chosen when it is run stands as `ID`.
        "fly" => {
            let [app, machine] = [("app", "APP"), ("machine", "ID")]
                .map(|(name, else_said)| option(name).unwrap_or(else_said.to_owned()));
            vec![format!(
                "flyctl ssh console --app={app} --machine={machine} --quiet --command \"sh -c {SCRIPT}\""
            )]
        }
        "kubectl" => vec![kubectl(&step.command.args, option)],
        "command" => option("exec").map(|exec| exec.replacen("{}", SCRIPT, 1)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A pod that is chosen when it is run stands as `POD`.
fn kubectl(args: &[String], option: impl Fn(&str) -> Option<String>) -> String {
    let given = |name: &str| option(name).map(|value| format!(" --{name}={value}")).unwrap_or_default();
    // The first words are the command's.
    let named = args.iter().skip_while(|arg| *arg != "kubectl").skip(1).find(|arg| !arg.starts_with('-'));
    let pod = named.map(String::as_str).filter(|pod| !pod.contains('/')).unwrap_or("POD");
    let cluster = ["kubeconfig", "context", "namespace"].map(given).concat();
    format!("kubectl{cluster} exec -i {pod}{} -- sh -c {SCRIPT}", given("container"))
}
