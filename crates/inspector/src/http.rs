//! `GET /json/list`, and the WebSocket upgrade behind it on the same connection: through a tunnel each connection costs
//! an SSH handshake.

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::cut;
use crate::error::Error;
use crate::wire::Duplex;

/// Node's own answers have some 130 bytes of header and 600 of body for each target.
const LONGEST_ANSWER: usize = 64 << 10;

/// A UUID has 36 bytes.
const LONGEST_ID: usize = 64;

/// Node refuses a Host that is neither an address nor localhost (its guard against DNS rebinding).
const LIST: &[u8] = b"GET /json/list HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";

/// The largest frame we send is a call with a handful of arguments.
const WRITE_BUFFER: usize = 16 << 10;
/// What is asked of the socket at once.
const READ_BUFFER: usize = 128 << 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    id: String,
    r#type: String,
}

/// Finds the process's target and opens its WebSocket; gives the target's id too.
pub(crate) async fn open(
    mut stream: Box<dyn Duplex>,
    largest: usize,
) -> Result<(WebSocketStream<Box<dyn Duplex>>, String), Error> {
    let disconnected =
        |error: std::io::Error| Error::Disconnected { doing: "attaching", why: error.to_string() };
    stream.write_all(LIST).await.map_err(disconnected)?;
    stream.flush().await.map_err(disconnected)?;
    let body = answer(&mut stream).await?;
    let targets: Vec<Target> = serde_json::from_slice(&body)
        .map_err(|error| not_inspector(format!("/json/list is unreadable: {error}")))?;
    let target = targets
        .into_iter()
        .find(|target| target.r#type == "node")
        .ok_or_else(|| not_inspector("it lists no Node target"))?;
    // The id becomes a path: Node's are UUIDs.
    let is_odd = |byte: u8| !byte.is_ascii_hexdigit() && byte != b'-';
    if target.id.len() > LONGEST_ID || target.id.bytes().any(is_odd) {
        return Err(not_inspector("its target has an odd id"));
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER << 6)
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest));
    let (socket, _) = client_async_with_config(format!("ws://localhost/{}", target.id), stream, Some(config))
        .await
        .map_err(|error| not_inspector(format!("the WebSocket upgrade failed: {error}")))?;
    Ok((socket, target.id))
}

/// Reads exactly one HTTP answer, so that what follows on the connection is the WebSocket's.
async fn answer(stream: &mut Box<dyn Duplex>) -> Result<Vec<u8>, Error> {
    let mut received = Vec::new();
    loop {
        if let Some(head) = memchr::memmem::find(&received, b"\r\n\r\n") {
            let length = body_length(&received[..head])?;
            let whole = head + 4 + length;
            if received.len() > whole {
                return Err(not_inspector("it says more than was asked"));
            }
            if received.len() == whole {
                return Ok(received.split_off(head + 4));
            }
        }
        if received.len() >= LONGEST_ANSWER {
            return Err(not_inspector(format!("its answer is longer than {LONGEST_ANSWER} bytes")));
        }
        match stream.read_buf(&mut received).await {
            Ok(0) => {
                return Err(Error::Disconnected {
                    doing: "attaching",
                    why: "the other side hung up".to_owned(),
                });
            }
            Ok(_) => {}
            Err(error) => return Err(Error::Disconnected { doing: "attaching", why: error.to_string() }),
        }
    }
}

fn body_length(head: &[u8]) -> Result<usize, Error> {
    let head = str::from_utf8(head).map_err(|_| not_inspector("it does not speak HTTP"))?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    if !status.starts_with("HTTP/1.") || status.split(' ').nth(1) != Some("200") {
        let shown: String = status.chars().take(80).collect();
        return Err(not_inspector(format!("it answers {shown:?}")));
    }
    lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .filter(|length| *length <= LONGEST_ANSWER)
        .ok_or_else(|| not_inspector("its answer has no length, or too large a one"))
}

fn not_inspector(why: impl Into<String>) -> Error {
    Error::NotInspector { why: cut::reason(&why.into()) }
}
