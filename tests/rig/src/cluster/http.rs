//! Requests of kubectl, read from the wire: one head after the other on a connection, without bodies; or one that becomes a WebSocket.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{World, api, exec};

/// What an API server takes of a head by itself.
const LONGEST_HEAD: usize = 1 << 20;
const PROTOCOL: &str = "v5.channel.k8s.io";

/// A request without its body, which none of those has that are answered here.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// Names and values of the query, decoded.
    pub(super) query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The values of a name in the query.
    pub(super) fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        let header = |line: &str| {
            line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        };
        Some(Self {
            method: method.to_owned(),
            path: decoded(path),
            query: query.split('&').filter(|part| !part.is_empty()).map(pair).collect(),
            headers: lines.filter_map(header).collect(),
        })
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = rest.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
                match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    Some(byte) => {
                        rest = &rest[2..];
                        byte
                    }
                    None => b'%',
                }
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) async fn serve(listener: TcpListener, world: Arc<World>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&world)));
    }
}

async fn connection(mut stream: TcpStream, world: Arc<World>) {
    let mut read = Vec::new();
    while let Some(request) = next(&mut stream, &mut read).await {
        let wants_exec = request.path.ends_with("/exec");
        let answer =
            if wants_exec { exec::refusal(&world, &request) } else { Some(api::answer(&world, &request)) };
        match answer {
            Some((status, body)) => {
                // A body that is not read here, of an upgrade that was tried in another way, ends the connection.
                let goes_on = request.method == "GET";
                if write(&mut stream, status, &body, goes_on).await.is_err() || !goes_on {
                    return;
                }
            }
            None => {
                if let Some(socket) = upgraded(stream, &request).await {
                    exec::run(socket, &world, &request).await;
                }
                return;
            }
        }
    }
}

async fn next(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head: Vec<u8> = read.drain(..end + 4).collect();
            return Request::parse(String::from_utf8_lossy(&head).trim_end());
        }
        if read.len() > LONGEST_HEAD || stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}

async fn write(stream: &mut TcpStream, status: u16, body: &Value, goes_on: bool) -> std::io::Result<()> {
    let text = body.to_string();
    let connection = if goes_on { "keep-alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {status} It is so\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: {connection}\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(text.as_bytes()).await
}

async fn upgraded(mut stream: TcpStream, request: &Request) -> Option<WebSocketStream<TcpStream>> {
    let offered = request.header("sec-websocket-protocol")?;
    if !offered.split(',').any(|protocol| protocol.trim() == PROTOCOL) {
        return None;
    }
    let accept = derive_accept_key(request.header("sec-websocket-key")?.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\
         Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    Some(WebSocketStream::from_raw_socket(stream, Role::Server, None).await)
}
