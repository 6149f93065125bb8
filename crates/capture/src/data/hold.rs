//! The inspector offered to DevTools: what was asked for, and how DevTools and editors find it.

use std::net::Ipv4Addr;
use std::time::Duration;

use leakhunt_host::Environment;
use schemars::JsonSchema;
use serde::Serialize;

/// The inspector is to be offered to DevTools.
#[derive(Debug, Clone, Serialize)]
pub struct Hold {
    /// Instead of evidence, or after it.
    pub when: HoldWhen,
    /// For how long at most.
    #[serde(rename = "longest_ms", serialize_with = "super::millis::serialize")]
    pub longest: Duration,
    /// Where a Chrome or Chromium is to be found and started with; `None` starts none.
    #[serde(skip)]
    pub browser: Option<Environment>,
}

/// When it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldWhen {
    /// Instead of evidence.
    Instead,
    /// After it.
    After,
}

/// A configuration of VS Code's `launch.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attach {
    r#type: &'static str,
    request: &'static str,
    name: String,
    address: Ipv4Addr,
    port: u16,
    local_root: &'static str,
    /// The working directory of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_root: Option<String>,
}

impl Attach {
    pub(crate) fn to(target: &str, port: u16, remote_root: Option<String>) -> Self {
        Self {
            r#type: "node",
            request: "attach",
            name: format!("leakhunt: {target}"),
            address: Ipv4Addr::LOCALHOST,
            port,
            local_root: "${workspaceFolder}",
            remote_root,
        }
    }
}

/// The address of DevTools' front end for a Node.js process. That of Node.js in `/json/list` has `experiments=true` too: Chromium 156
/// shows an error then, and nothing is missing without it.
pub(crate) fn devtools_address(port: u16, target: &str) -> String {
    format!("devtools://devtools/bundled/js_app.html?v8only=true&ws=127.0.0.1:{port}/{target}")
}
