//! How a machine ended, by Fly.io's own words.

use std::time::Duration;

use super::Fly;
use super::machine::{Machine, list};
use crate::exec::life::{How, Life, PlaceEnd, PlaceKind};
use crate::tail::clean;
use crate::{Environment, Error};

/// The API learns of an end a moment after it.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(500);

/// What is known now; `None` where it is the one that it was.
pub(crate) async fn ended(
    fly: &Fly,
    before: &Life,
    environment: &Environment,
) -> Result<Option<PlaceEnd>, Error> {
    let ask = async || {
        let machines = list(&fly.app, fly.program, environment).await?;
        let machine = machines.iter().find(|machine| machine.id == before.place);
        Ok(machine.map_or(Some(How::Removed), |machine| tell(before, machine)))
    };
    PlaceKind::Machine.ended((PATIENCE, POLL), ask).await
}

fn tell(before: &Life, now: &Machine) -> Option<How> {
    if now.state == "destroyed" || now.state == "destroying" {
        return Some(How::Removed);
    }
    if now.is_started() && now.life().run == before.run {
        return None;
    }
    Some(match now.exit() {
        Some(exit) if exit.oom_killed => How::OutOfMemory,
        Some(exit) => How::Exited { code: exit.exit_code },
        None if now.is_started() => How::Restarted,
        None => How::Down { state: clean(&now.state, 40) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(now: &Value, expected: Option<&str>) {
        let before = json!({ "id": "a1", "instance_id": "v1", "state": "started", "updated_at": "then",
            "events": [{ "type": "start", "timestamp": 1 }] });
        let life = serde_json::from_value::<Machine>(before.clone()).unwrap().life();
        let mut machine = before;
        let shown = now.to_string();
        now.as_object().unwrap().iter().for_each(|(key, value)| machine[key] = value.clone());
        let end = tell(&life, &serde_json::from_value(machine).unwrap());
        let said = end.map(|how| PlaceEnd { kind: PlaceKind::Machine, how }.to_string());
        assert_eq!(said.as_deref(), expected, "{shown}");
    }

    #[test]
    fn what_fly_says_is_reported() {
        let start = |at: i64| json!({ "type": "start", "timestamp": at });
        let exit =
            |exit: &Value| json!({ "type": "exit", "timestamp": 2, "request": { "exit_event": exit } });
        check(&json!({}), None);
        check(&json!({ "updated_at": "now" }), None);
        check(&json!({ "instance_id": "v2" }), Some("the machine was restarted"));
        check(&json!({ "events": [start(3), start(1)] }), Some("the machine was restarted"));
        let oom = exit(&json!({ "exit_code": 137, "oom_killed": true }));
        let killed = "the machine ran out of memory and was killed (oom_killed)";
        check(&json!({ "events": [start(3), oom, start(1)] }), Some(killed));
        check(&json!({ "state": "stopped", "events": [oom, start(1)] }), Some(killed));
        let wrong = exit(&json!({ "exit_code": 1 }));
        check(
            &json!({ "state": "stopped", "events": [wrong, start(1)] }),
            Some("the machine's app ended (exit code 1)"),
        );
        check(&json!({ "state": "suspended" }), Some("the machine is suspended"));
        check(&json!({ "state": "destroyed" }), Some("the machine was destroyed"));
    }
}
