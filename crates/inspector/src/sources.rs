//! The program's scripts that have source maps, and these, from the disk of the process.
//!
//! The agent looks for them and reads them off the event loop. They come block by block, as a snapshot does by the file
//! route, in smaller blocks: each keeps the loop for a few milliseconds at most.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::cut;
use crate::error::Error;
use crate::limits::Limits;
use crate::snapshot::{Blocks, Opened, pull};
use crate::wire::{Waiting, Wire};

const BLOCKS: Blocks = Blocks { size: 128 << 10, in_flight: 4 };

/// A file on the disk of the process. What it says of itself is to be doubted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SourceFile {
    /// Its path there.
    #[serde(deserialize_with = "cut::a_name")]
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// A script that has a source map.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MappedScript {
    /// The script.
    #[serde(flatten)]
    pub script: SourceFile,
    /// The source map, if it is a file of its own.
    pub map: Option<SourceFile>,
}

pub(crate) async fn sources(
    wire: &mut Wire,
    agent: &Agent,
    limits: &Limits,
) -> Result<Vec<MappedScript>, Error> {
    #[derive(Deserialize)]
    struct Found {
        scripts: Vec<MappedScript>,
    }
    Ok(agent.ask::<Found>(wire, "sources", &[], limits.reply).await?.scripts)
}

pub(crate) async fn source(
    wire: &mut Wire,
    agent: &Agent,
    limits: &Limits,
    path: &str,
    most: u64,
) -> Result<Vec<u8>, Error> {
    let limit = Waiting::new("fetching a source", limits.idle, limits.snapshot);
    let opened: Opened = agent.ask(wire, "openSource", &[json!(path)], limits.reply).await?;
    let mut bytes = Vec::new();
    let pulled = if opened.size > most {
        Err(Error::Refused { what: "fetching a source", why: format!("{} bytes", opened.size) })
    } else {
        pull(wire, agent, &limit, &BLOCKS, &opened, &mut bytes, |_| ()).await
    };
    let dropped = agent.ask::<Value>(wire, "drop", &[], limits.reply).await;
    pulled.and(dropped.map(drop))?;
    Ok(bytes)
}
