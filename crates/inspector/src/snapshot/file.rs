//! The file route: the application writes the snapshot, and we pull it block by block, a few calls ahead.
//!
//! The file is the main thread's; the isolate whose heap it is writes into it.
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
    pause: f64,
}

#[derive(Deserialize)]
struct Ready {
    size: u64,
    codec: Codec,
    named: bool,
}

/// Who has a part in it.
pub(crate) struct Agents<'a> {
    /// The main thread's, which has the file.
    pub(crate) main: &'a Agent,
    /// That of the isolate whose heap is written.
    pub(crate) heap: &'a Agent,
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
    agents: Agents<'_>,
    limits: &Limits,
    options: &FileRoute,
    sink: &mut (impl Write + Send + ?Sized),
    progress: impl FnMut(Progress) + Send,
) -> Result<Taken, Error> {
    let Agents { main, heap } = agents;
    discard_console(wire.go(heap.isolate()), limits.reply).await?;
    let (began, before) = (Instant::now(), wire.received());
    let limit = Waiting::new(DOING, limits.idle, limits.snapshot);
    let (Written { pause }, Ready { size, codec, named }) = write(wire, &agents, limits, options).await?;
    let opened = Opened { size, codec };
    let blocks = Blocks { size: options.block, in_flight: options.in_flight };
    let pulled = if size > options.most {
        Err(Error::TooMuch { bytes: size, most: options.most })
    } else {
        pull(wire, main, &limit, &blocks, &opened, sink, progress).await
    };
    // Dropped at once either way; if even that fails, the agent forgets it.
    let dropped = main.ask::<Value>(wire, "drop", &[], limits.reply).await;
    pulled.and(dropped)?;
    Ok(Taken {
        bytes: size,
        wire_bytes: wire.received() - before,
        pause: agent::milliseconds(pause),
        pause_measured: true,
        wall: began.elapsed(),
        route: Route::File { codec, named },
    })
}

/// Has a file made, and the snapshot written into it. Where that fails, the next file or the end of the hunt drops this one.
async fn write(
    wire: &mut Wire,
    Agents { main, heap }: &Agents<'_>,
    limits: &Limits,
    options: &FileRoute,
) -> Result<(Written, Ready), Error> {
    let on_disk = |Failure { code, message }| {
        let directory = options.directory.clone();
        let why =
            if code.is_empty() || message.contains(&code) { message } else { format!("{code}: {message}") };
        Error::RemoteDisk { directory, why }
    };
    let asked = [json!(options.directory), json!(options.patience.as_millis() as u64)];
    let place: Value = main.try_ask(wire, "create", &asked, limits.reply).await?.done(on_disk)?;
    let written = heap.try_ask(wire, "write", &[place], options.patience).await?.done(on_disk)?;
    let ready = main.try_ask(wire, "written", &[], limits.reply).await?.done(on_disk)?;
    Ok((written, ready))
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
