//! What the command line knows of itself: help, manual pages, completions.

use crate::check;

const COMMANDS: [&str; 20] = [
    "heroku",
    "ssh",
    "local",
    "docker",
    "kubectl",
    "fly",
    "command",
    "doctor",
    "watch",
    "run",
    "runbook",
    "cleanup",
    "analyze",
    "report",
    "compare",
    "summary",
    "retainers",
    "export",
    "completions",
    "man",
];

#[test]
fn of_everything() {
    check("help", &["--help"]);
    check("no-command", &[]);
    check("version", &["--version"]);
}

#[test]
fn of_each_command() {
    for command in COMMANDS {
        check(&format!("help-{command}"), &[command, "--help"]);
    }
}

#[test]
fn of_each_host() {
    check("doctor-no-host", &["doctor"]);
    for host in ["heroku", "ssh", "local", "docker", "kubectl", "fly", "command"] {
        check(&format!("help-doctor-{host}"), &["doctor", host, "--help"]);
    }
    check("help-watch-heroku", &["watch", "heroku", "--help"]);
}

#[test]
fn in_short() {
    check("short-help", &["-h"]);
    check("short-help-local", &["local", "-h"]);
    check("short-help-analyze", &["analyze", "-h"]);
}

/// A command that is not in the list above would be shown by none of these.
#[test]
fn of_no_other_command() {
    let inputs = crate::inputs();
    let help = String::from_utf8(crate::leakhunt(inputs.path(), &["--help"]).stdout).unwrap();
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A line that goes on has no name at its beginning.
    let named =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let named: Vec<&str> = named.filter(|name| *name != "help").collect();
    assert_eq!(named, COMMANDS, "{help}");
}

#[test]
fn manual_pages() {
    check("man", &["man"]);
    for command in COMMANDS {
        check(&format!("man-{command}"), &["man", command]);
    }
    check("man-unknown", &["man", "nothing"]);
}

/// One shell whose completions hold the texts, and one whose completions hold the structure; the others are made of the same.
#[test]
fn completions() {
    check("completions-bash", &["completions", "bash"]);
    check("completions-fish", &["completions", "fish"]);
    check("completions-unknown", &["completions", "cmd"]);
    let inputs = crate::inputs();
    for shell in ["zsh", "elvish", "powershell"] {
        let output = crate::leakhunt(inputs.path(), &["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && COMMANDS.iter().all(|command| script.contains(command)),
            "{shell}: {script}"
        );
    }
}
