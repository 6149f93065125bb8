//! A stand-in for flyctl, since Fly.io cannot be had on one machine: a program that plays its argument forms and its words of refusal, and
//! runs a command on this machine, split into words and without a shell, as the far end does.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::Error;
use crate::error::{Named, shown};

/// One app, and a folder with its `flyctl`. Its machines are all this one.
pub struct Fly {
    folder: tempfile::TempDir,
}

impl Fly {
    /// The app `shop` without a machine; `node` runs the stand-in.
    pub fn start(node: &Path) -> Result<Self, Error> {
        let folder = tempfile::tempdir().named("a folder for flyctl")?;
        let program = folder.path().join("flyctl");
        let text = format!("#!{}\n{}", node.display(), include_str!("flyctl.js"));
        std::fs::write(&program, text).named(shown(&program))?;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&program, mode).named(shown(&program))?;
        let fly = Self { folder };
        fly.knows(true, &json!([]))?;
        Ok(fly)
    }

    /// Has these machines from now on, as the API tells them.
    pub fn has(&self, machines: &Value) -> Result<(), Error> {
        self.knows(true, machines)
    }

    /// Is logged in no more.
    pub fn log_out(&self) -> Result<(), Error> {
        self.knows(false, &json!([]))
    }

    fn knows(&self, login: bool, machines: &Value) -> Result<(), Error> {
        // Renamed into its place, so that nobody reads half of it.
        let (new, state) = (self.folder.path().join("new.json"), self.folder.path().join("state.json"));
        let text = json!({ "app": "shop", "login": login, "machines": machines }).to_string();
        std::fs::write(&new, text).named(shown(&new))?;
        std::fs::rename(&new, &state).named(shown(&state))
    }

    /// The variables with which it is found.
    pub fn env(&self) -> [(&'static str, String); 1] {
        let path = std::env::var("PATH").unwrap_or_default();
        [("PATH", format!("{}:{path}", self.folder.path().display()))]
    }
}
