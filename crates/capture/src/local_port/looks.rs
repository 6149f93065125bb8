//! Looks at `/json/list` and its like: HTTP without a WebSocket.
//!
//! chrome://inspect looks twice a second for as long as it is open, and each connection of `ps:forward` is an SSH connection to the
//! dyno. So looks share one connection of the tunnel, one after the other, as keep-alive has it. The request goes there as it
//! came: it is Node.js that checks its Host header, and that hangs up where that is not this machine's.

use std::time::Duration;

use leakhunt_host::{Connection, Error, Forward};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::InUse;

/// A request, or the head of an answer, has some hundred bytes.
const LONGEST_HEAD: usize = 16 << 10;
/// Of one target there are some 600 bytes.
const LONGEST_BODY: usize = 64 << 10;
/// To the tunnel's local end; by SSH it is a login.
const CONNECT: Duration = Duration::from_secs(30);
/// Inside of a synchronous call of the app nobody answers.
const ANSWER: Duration = Duration::from_secs(20);

/// Is the request answered by one answer, with which it is over?
pub(crate) fn is_a_look(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let more = ["\r\nupgrade:", "\r\ncontent-length:", "\r\ntransfer-encoding:"];
    text.starts_with("get ") && !more.iter().any(|header| text.contains(header))
}

/// What Node.js says to a look.
pub(crate) struct Answer {
    /// As it came.
    pub(crate) bytes: Vec<u8>,
    /// Nothing has hung up.
    pub(crate) goes_on: bool,
}

/// The connection that looks share.
#[derive(Default)]
pub(crate) struct Looks(Mutex<Option<(Connection, InUse)>>);

impl Looks {
    /// Asks Node.js, and gives its answer as it came; `None` where there is none.
    pub(crate) async fn ask(
        &self,
        request: &[u8],
        tunnel: &Forward,
        in_use: impl Fn() -> InUse,
    ) -> Result<Option<Answer>, Error> {
        let mut shared = self.0.lock().await;
        // Taken out: where this is dropped half way, an answer is under way that is another's.
        if let Some((mut connection, counted)) = shared.take()
            && let Some(answer) = one(&mut connection, request).await
        {
            *shared = answer.goes_on.then_some((connection, counted));
            return Ok(Some(answer));
        }
        let (mut connection, counted) = (tunnel.connect(CONNECT).await?, in_use());
        let answer = one(&mut connection, request).await;
        let goes_on = answer.as_ref().is_some_and(|answer| answer.goes_on);
        *shared = goes_on.then_some((connection, counted));
        Ok(answer)
    }
}

async fn one(connection: &mut Connection, request: &[u8]) -> Option<Answer> {
    timeout(ANSWER, async {
        connection.write_all(request).await.ok()?;
        connection.flush().await.ok()?;
        answer(connection).await
    })
    .await
    .ok()
    .flatten()
}

/// One answer: its head, and as much behind it as that says; where it says nothing, as a refusal of Node.js does, all that comes.
async fn answer(from: &mut (impl AsyncRead + Unpin)) -> Option<Answer> {
    let mut bytes = head(from).await?;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map(|length| length.trim().parse::<usize>().unwrap_or(usize::MAX));
    if length.is_some_and(|length| length > LONGEST_BODY) {
        return None;
    }
    let begin = bytes.len();
    let most = length.unwrap_or(LONGEST_BODY);
    from.take(most as u64).read_to_end(&mut bytes).await.ok()?;
    let whole = length.is_none_or(|length| bytes.len() - begin == length);
    whole.then_some(Answer { bytes, goes_on: length.is_some() })
}

/// What comes up to an empty line, and nothing behind it: it is short, and read byte by byte. `None` where none comes.
pub(crate) async fn head(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return None;
        }
        head.push(from.read_u8().await.ok()?);
    }
    Some(head)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use leakhunt_host::{Environment, Host, Local};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers each request with what it asks for, and counts who connects.
    async fn server() -> (u16, Arc<AtomicU32>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (port, connected) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU32::new(0)));
        let count = Arc::clone(&connected);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    while let Some(request) = head(&mut client).await {
                        if request.starts_with(b"GET /refuse") {
                            client.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\nnot here").await.unwrap();
                            return;
                        }
                        let body = String::from_utf8_lossy(&request[4..10]).into_owned();
                        let answer = format!("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n{body}");
                        client.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        (port, connected)
    }

    #[tokio::test]
    async fn looks_share_a_connection_and_a_refusal_ends_it() {
        let (port, connected) = server().await;
        let host = Host::Local(Local::new(Environment::default()));
        let (tunnel, looks, count) = (host.forward(port).await.unwrap(), Looks::default(), Arc::default());
        let ask = async |path: &str| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assert!(is_a_look(request.as_bytes()));
            let answer =
                looks.ask(request.as_bytes(), &tunnel, || InUse::new(&count)).await.unwrap().unwrap();
            (String::from_utf8(answer.bytes).unwrap().rsplit('\n').next().unwrap().to_owned(), answer.goes_on)
        };
        for _ in 0..3 {
            assert_eq!(ask("/json/list").await, ("/json/".to_owned(), true));
        }
        assert_eq!((connected.load(Ordering::Relaxed), count.load(Ordering::Relaxed)), (1, 1));
        assert_eq!(ask("/refuse").await, ("not here".to_owned(), false));
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert_eq!(ask("/json/list").await, ("/json/".to_owned(), true));
        assert_eq!(connected.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_asks_for_more_than_one_answer_is_no_look() {
        let debugger = b"GET /1f2e HTTP/1.1\r\nHost: localhost\r\nupgrade: WebSocket\r\n\r\n";
        assert!(!is_a_look(debugger));
        assert!(!is_a_look(b"PUT /json/new HTTP/1.1\r\n\r\n"));
        assert!(!is_a_look(b"GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\n"));
    }

    #[tokio::test]
    async fn an_answer_of_any_size_is_bounded() {
        for lie in ["Content-Length: 9999999", "Content-Length: -1", "Content-Length: 5"] {
            let text = format!("HTTP/1.0 200 OK\r\n{lie}\r\n\r\nbody");
            assert!(answer(&mut text.as_bytes()).await.is_none(), "{lie}");
        }
        assert!(head(&mut [b'x'; 2 * LONGEST_HEAD].as_slice()).await.is_none());
    }
}
