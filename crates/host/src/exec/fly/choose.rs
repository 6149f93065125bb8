//! Which machine is meant, and what Fly.io says of it. It is asked, and nothing is run there.

use std::time::Instant;

use super::machine::{Machine, list};
use super::{Fly, FlyName, FlyProgram};
use crate::exec::life::Life;
use crate::findings::{Check, Findings, Source};
use crate::no_place::NoMachine;
use crate::{Environment, Error};

const HINT: &str = "install flyctl: https://fly.io/docs/flyctl/install/";
/// How many machines an error lists.
const MOST: usize = 10;

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The app.
    pub app: FlyName,
    /// The machine, where one was named.
    pub machine: Option<FlyName>,
}

/// Finds the one machine.
///
/// # Errors
/// [`Error::ToolMissing`]; [`Error::Machine`] where there is none, none that is started, or more than one that could be meant.
pub async fn choose(asked: Asked, environment: &Environment) -> Result<Fly, Error> {
    let program = find(environment)?.0;
    let Asked { app, machine } = asked;
    let machines = list(&app, program, environment).await?;
    let id = pick(&machines, machine.as_ref().map(FlyName::as_str));
    let machine = id.map_err(|why| Error::Machine { app: app.to_string(), why })?.parse()?;
    Ok(Fly { app, machine, program })
}

fn pick<'a>(machines: &'a [Machine], named: Option<&str>) -> Result<&'a str, NoMachine> {
    let told = |of: &[&Machine]| of.iter().take(MOST).map(|machine| machine.told()).collect();
    let all: Vec<&Machine> = machines.iter().collect();
    if let Some(id) = named {
        return match machines.iter().find(|machine| machine.id == id) {
            Some(machine) if machine.is_started() => Ok(&machine.id),
            Some(machine) => {
                Err(NoMachine::Down { id: id.into(), state: crate::tail::clean(&machine.state, 40) })
            }
            None => Err(NoMachine::Missing { id: id.into(), there: told(&all) }),
        };
    }
    let started: Vec<&Machine> =
        machines.iter().filter(|machine| machine.is_started() && machine.is_of_the_app()).collect();
    match started[..] {
        [one] => Ok(&one.id),
        [] => Err(NoMachine::NoneStarted { states: told(&all) }),
        _ => Err(NoMachine::Which { started: told(&started) }),
    }
}

/// Which of its names it has here, and where it lies.
fn find(environment: &Environment) -> Result<(FlyProgram, String), Error> {
    let path = environment.get("PATH");
    FlyProgram::ALL
        .into_iter()
        .find_map(|one| {
            let found = which::which_in(one.program(), path, ".").ok()?;
            Some((one, found.display().to_string()))
        })
        .ok_or(Error::ToolMissing { tool: "flyctl".into(), path: None, hint: HINT })
}

pub(crate) async fn survey(fly: &Fly, environment: &Environment) -> Result<Findings<Life>, Error> {
    let start = Instant::now();
    let program = find(environment)?.1;
    let mut checks = vec![Check::new("program", program, Source::Host, start.elapsed())];
    let asked = Instant::now();
    let machines = list(&fly.app, fly.program, environment).await?;
    let refused = |why| Error::Machine { app: fly.app.to_string(), why };
    let refusal = pick(&machines, Some(fly.machine.as_str())).err();
    let Some(machine) = machines.iter().find(|machine| machine.id == fly.machine.as_str()) else {
        let missing = NoMachine::Missing { id: fly.machine.to_string(), there: Vec::new() };
        return Err(refused(refusal.unwrap_or(missing)));
    };
    checks.push(Check::new("machine", machine.told(), Source::Api, asked.elapsed()));
    let refusals = refusal.map(refused).into_iter().collect();
    Ok(Findings { facts: machine.life(), checks, warnings: Vec::new(), refusals, took: start.elapsed() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_one_that_is_named_or_the_only_one_that_is_started() {
        let machines: Vec<Machine> = serde_json::from_value(json!([
            { "id": "a1", "name": "web-1", "region": "fra", "state": "started" },
            { "id": "b2", "name": "web-2", "region": "ams", "state": "stopped" },
            { "id": "c3", "state": "started",
              "config": { "metadata": { "fly_process_group": "fly_app_console" } } },
        ]))
        .unwrap();
        assert_eq!(pick(&machines, None), Ok("a1"));
        assert_eq!(pick(&machines, Some("c3")), Ok("c3"));
        assert_eq!(
            pick(&machines, Some("b2")),
            Err(NoMachine::Down { id: "b2".into(), state: "stopped".into() })
        );
        assert!(
            matches!(pick(&machines, Some("d4")), Err(NoMachine::Missing { there, .. }) if there.len() == 3)
        );
        let stopped = NoMachine::NoneStarted { states: vec!["b2 (web-2, ams, stopped)".into()] };
        assert_eq!(pick(&machines[1..2], None), Err(stopped));
        assert_eq!(pick(&[], None), Err(NoMachine::NoneStarted { states: vec![] }));
    }
}
