//! Hunts of several dynos or machines at once: which of them, and how they are shown.

mod ending;
mod progress;
mod report;
mod select;
mod words;
mod workers;

use leakhunt_capture::{Interrupt, Plan};
use leakhunt_host::{Environment, Host};
use leakhunt_incident::{self as incident, Fleet, FleetWatch};
use leakhunt_text::Line;

pub(crate) use select::{FleetArgs, MachinesArgs, of_app, of_machines};
pub(crate) use workers::{candidates, of_processes};

use crate::events::{Destination, Events};
use crate::failure::Failure;
use crate::hunt::{self, Listening};
use crate::{exit, terminal};

/// A hunt in one place, which `command` and `which` are the words for; with `--each-worker` one of each process there that could be the
/// one.
pub(crate) fn hunt_there(
    options: &hunt::Options,
    plan: Plan,
    host: &Host,
    (command, which): (&str, &[String]),
    runtime: &tokio::runtime::Runtime,
    root: &clap::Command,
) -> Result<u8, Failure> {
    if !options.each_worker {
        return hunt::hunt(options, &plan, host, runtime);
    }
    let processes = runtime.block_on(candidates(&plan, host))?;
    let place = (Environment::new(std::env::vars_os()), plan.out);
    let selected = of_processes(plan.name, (command, which), &processes, place, root)?;
    self::hunt(options, &selected, runtime)
}

/// Hunts them, and says what they have in common.
pub(crate) fn hunt(
    options: &hunt::Options,
    fleet: &Fleet,
    runtime: &tokio::runtime::Runtime,
) -> Result<u8, Failure> {
    let events = options.events.as_ref().map(Events::open).transpose()?;
    let interrupt = Interrupt::default();
    let listening = Listening::start(runtime, &interrupt);
    let quiet = options.quiet;
    let event = |event: &incident::FleetEvent| {
        if !quiet {
            terminal::say(&progress::lines(event));
        }
        if let Some(events) = &events {
            events.fleet(event);
        }
    };
    let of_hunt = |member: &str, line: &str| {
        if !quiet {
            terminal::say(&progress::of_hunt(member, line));
        }
        if let Some(events) = &events {
            events.of_step(member, line);
        }
    };
    let watch = FleetWatch { event: &event, of_hunt: &of_hunt };
    let hunted = runtime.block_on(incident::hunt_fleet(fleet, &interrupt.stop, &interrupt.hurry, watch));
    let signalled = listening.signalled();
    drop(listening);
    if let Some(events) = events {
        events.close();
    }
    let hunted = hunted.map_err(|error| {
        Failure::new(exit::INCOMPLETE, format!("--out {} cannot be written: {error}", fleet.out.display()))
    })?;
    let fleet = report::of(&hunted);
    // The hunts have ended, whatever fails here.
    if !options.no_report
        && let Err(failure) = report::write(&hunted.folder, &fleet)
    {
        failure.print();
    }
    if options.json {
        terminal::print_json(&hunted)?;
    } else if options.events != Some(Destination::Stdout) {
        let reports = if options.no_report { "fleet.json" } else { "report.html" };
        let mut lines = ending::lines(&hunted, &fleet);
        lines.push(Line::own("all of it: ").text(hunted.folder.join(reports).display()));
        terminal::answer(&lines)?;
    }
    Ok(match hunted.exit_code {
        exit::NOT_CONFIRMED => not_confirmed(&hunted).print(),
        _ if signalled != 0 => signalled,
        code => code,
    })
}

/// Where an inspector may be open, and what to do about it.
fn not_confirmed(hunted: &incident::Hunted) -> Failure {
    let open = hunted.members.iter().filter(|fate| fate.exit_code == Some(exit::NOT_CONFIRMED));
    let open: Vec<&str> = open.map(|fate| fate.name.as_str()).collect();
    let logs = open.iter().map(|name| hunted.folder.join(format!("{name}.log")).display().to_string());
    let message = format!("teardown not confirmed on {}: the inspector may be open", open.join(", "));
    Failure::new(exit::NOT_CONFIRMED, message).hint(format!(
        "`leakhunt cleanup`; what each hunt says of it: {}",
        logs.collect::<Vec<_>>().join(", ")
    ))
}
