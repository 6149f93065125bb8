//! A machine as `flyctl machine list --json` has it.

use std::time::Duration;

use serde::Deserialize;

use super::FlyName;
use super::names::FlyProgram;
use super::words::recognise_of;
use crate::exec::life::Life;
use crate::question::ask;
use crate::tail::{Tail, clean};
use crate::{CommandLine, Environment, Error, LastLines};

/// Two calls of an API that may be far away.
const TIMEOUT: Duration = Duration::from_secs(30);
/// In which no app runs.
const OF_FLYCTL: [&str; 2] = ["fly_app_console", "fly_app_release_command"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Machine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) region: String,
    instance_id: String,
    updated_at: String,
    config: Option<MachineConfig>,
    /// The latest comes first.
    events: Option<Vec<Event>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MachineConfig {
    metadata: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    request: Option<Request>,
    /// In milliseconds.
    timestamp: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Request {
    exit_event: Option<Exit>,
    #[serde(rename = "MonitorEvent")]
    monitor_event: Option<Monitor>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Monitor {
    exit_event: Option<Exit>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exit {
    pub(super) exit_code: i64,
    pub(super) oom_killed: bool,
}

impl Machine {
    pub(super) fn is_started(&self) -> bool {
        self.state == "started"
    }

    /// Does it run the app, as far as it is said?
    pub(super) fn is_of_the_app(&self) -> bool {
        let metadata = self.config.as_ref().and_then(|config| config.metadata.as_ref());
        let group = metadata.and_then(|all| all.get("fly_process_group"));
        !group.is_some_and(|group| OF_FLYCTL.contains(&group.as_str()))
    }

    /// Its run: its version, and when it was started last; when it was changed last, where its starts are not told.
    pub(super) fn life(&self) -> Life {
        let start = self.events().find(|event| event.kind == "start").map(|event| event.timestamp);
        let mark = start.map_or_else(|| self.updated_at.clone(), |at| at.to_string());
        let since = start.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        Life {
            place: self.id.clone(),
            run: format!("{}/{mark}", self.instance_id),
            since: since.map_or_else(|| "an unknown time".to_owned(), |at| at.to_string()),
        }
    }

    /// How its app ended last.
    pub(super) fn exit(&self) -> Option<&Exit> {
        let request = self.events().find(|event| event.kind == "exit")?.request.as_ref()?;
        let monitored = request.monitor_event.as_ref().and_then(|it| it.exit_event.as_ref());
        monitored.or(request.exit_event.as_ref())
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().flatten()
    }

    /// As in "3d8d9014b32d68 (web-1, fra, stopped)".
    pub(super) fn told(&self) -> String {
        let parts = [&self.name, &self.region, &self.state].map(|part| clean(part, 60));
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        format!("{} ({})", clean(&self.id, 63), parts.join(", "))
    }
}

/// All machines of an app.
pub(super) async fn list(
    app: &FlyName,
    program: FlyProgram,
    environment: &Environment,
) -> Result<Vec<Machine>, Error> {
    let args = ["machine", "list", "--json", "--app", app.as_str()];
    let command = CommandLine::new(program.program(), args);
    let recognise = recognise_of(app.to_string());
    let answer = ask(&command, environment, &recognise, Tail::new(environment), TIMEOUT).await?;
    // An app without machines may be a list of none, or null.
    let read: Result<Option<Vec<Machine>>, _> = serde_json::from_str(answer.trim());
    read.map(Option::unwrap_or_default).map_err(|error| Error::Command {
        command: command.short(),
        ended: format!("gave no JSON as expected: {error}"),
        last_lines: LastLines::default(),
    })
}
