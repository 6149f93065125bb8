//! The file route: the application writes the snapshot, and we pull it block by block, a few calls ahead.
//!
//! The agent answers blocks in any order, since they are compressed on Node's thread pool. Blocks wait here for their
//! turn; no block is asked for before there is room for it, so at most `in_flight` of them are held. A damaged block is
//! asked for once more. The file itself has no name (`agent.js`), so dropping its descriptor is all the cleaning there
//! is; the agent does that on its own when nobody pulls any more.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};

use super::codec::decode;
use super::{Codec, FileRoute, Progress, Route, Taken, discard_console};
use crate::agent::{self, Agent, Answer, Failure, read_answer};
use crate::error::Error;
use crate::limits::Limits;
use crate::message::Incoming;
use crate::wire::{CallId, Verdict, Waiting, Wire};

const DOING: &str = "pulling a snapshot";

#[derive(Deserialize)]
struct Written {
    size: u64,
    pause: f64,
    codec: Codec,
    named: bool,
}

/// A file that the agent holds open.
#[derive(Deserialize)]
pub(crate) struct Opened {
    pub(crate) size: u64,
    pub(crate) codec: Codec,
}

/// How a file is pulled: bytes a block, and how many are asked for ahead.
pub(crate) struct Blocks {
    pub(crate) size: u32,
    pub(crate) in_flight: u8,
}

#[derive(Deserialize)]
struct Block {
    data: String,
    sum: String,
}

pub(crate) async fn file(
    wire: &mut Wire,
    agent: &Agent,
    limits: &Limits,
    options: &FileRoute,
    sink: &mut (impl Write + Send + ?Sized),
    progress: impl FnMut(Progress) + Send,
) -> Result<Taken, Error> {
    discard_console(wire, limits.reply).await?;
    let (began, before) = (Instant::now(), wire.received());
    let limit = Waiting::new(DOING, limits.idle, limits.snapshot);
    let written =
        match agent.try_ask::<Written>(wire, "write", &[json!(options.directory)], options.patience).await? {
            Answer::Done(written) => written,
            Answer::Failed { error: Failure { code, message } } => {
                let directory = options.directory.clone();
                let why = if code.is_empty() || message.contains(&code) {
                    message
                } else {
                    format!("{code}: {message}")
                };
                return Err(Error::RemoteDisk { directory, why });
            }
        };
    let opened = Opened { size: written.size, codec: written.codec };
    let blocks = Blocks { size: options.block, in_flight: options.in_flight };
    let pulled = if opened.size > options.most {
        Err(Error::TooMuch { bytes: opened.size, most: options.most })
    } else {
        pull(wire, agent, &limit, &blocks, &opened, sink, progress).await
    };
    // Dropped at once either way; if even that fails, the agent forgets it.
    let dropped = agent.ask::<Value>(wire, "drop", &[], limits.reply).await;
    pulled.and(dropped)?;
    Ok(Taken {
        bytes: written.size,
        wire_bytes: wire.received() - before,
        pause: agent::milliseconds(written.pause),
        pause_measured: true,
        wall: began.elapsed(),
        route: Route::File { codec: written.codec, named: written.named },
    })
}

/// A block that was asked for.
struct Asked {
    call: CallId,
    index: u64,
    again: bool,
}

/// Pulls the file that the agent holds open, into `sink`.
pub(crate) async fn pull(
    wire: &mut Wire,
    agent: &Agent,
    limit: &Waiting,
    pace: &Blocks,
    opened: &Opened,
    sink: &mut (impl Write + Send + ?Sized),
    mut progress: impl FnMut(Progress) + Send,
) -> Result<(), Error> {
    let size = u64::from(pace.size.max(1));
    let blocks = opened.size.div_ceil(size);
    let ahead = u64::from(pace.in_flight.max(1));
    let mut asked: VecDeque<Asked> = VecDeque::new();
    let mut waiting: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let (mut next, mut turn, mut bytes) = (0, 0, 0);
    while turn < blocks {
        while next < blocks && next < turn + ahead {
            let call = ask(wire, agent, limit, next, size).await?;
            asked.push_back(Asked { call, index: next, again: false });
            next += 1;
        }
        let (position, answer) = answered(wire, limit, &asked).await?;
        let Some(Asked { index, again, .. }) = asked.remove(position) else { continue };
        let length = size.min(opened.size - index * size) as usize;
        let decoded = match answer {
            Answer::Done(Block { data, sum }) => decode(opened.codec, &data, &sum, length),
            Answer::Failed { error } => Err(error.message),
        };
        match decoded {
            Ok(block) => drop(waiting.insert(index, block)),
            Err(why) if again => return Err(Error::Damaged { index, why }),
            Err(_) => {
                let call = ask(wire, agent, limit, index, size).await?;
                asked.push_back(Asked { call, index, again: true });
            }
        }
        while let Some(block) = waiting.remove(&turn) {
            sink.write_all(&block).map_err(Error::Sink)?;
            bytes += block.len() as u64;
            turn += 1;
            progress(Progress::Receiving { bytes, total: Some(opened.size) });
        }
    }
    Ok(())
}

async fn ask(
    wire: &mut Wire,
    agent: &Agent,
    limit: &Waiting,
    index: u64,
    size: u64,
) -> Result<CallId, Error> {
    agent.send(wire, "block", &[json!(index), json!(size)], limit).await
}

/// The next answer to one of the calls in `asked`, and which it is.
async fn answered(
    wire: &mut Wire,
    limit: &Waiting,
    asked: &VecDeque<Asked>,
) -> Result<(usize, Answer<Block>), Error> {
    wire.read(limit, |id, incoming| {
        let Some(position) = asked.iter().position(|asked| Some(asked.call) == id) else {
            return Ok(Verdict::Continue);
        };
        match incoming {
            Incoming::Reply { outcome: Ok(result), .. } => {
                Ok(Verdict::Done((position, read_answer("block", result.get())?)))
            }
            Incoming::Reply { outcome: Err(why), .. } => Err(Error::Refused { what: "block", why }),
            _ => Ok(Verdict::Continue),
        }
    })
    .await
}
