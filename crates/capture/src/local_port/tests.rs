use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::*;

/// A local port, a client of it whose first words were read, and the app's end of the tunnel.
struct Scene {
    port: LocalPort,
    told: mpsc::UnboundedReceiver<Happening>,
    client: TcpStream,
    app: UnixStream,
}

const ASKS: &[u8] = b"GET /1f2e HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";

async fn scene() -> Scene {
    let (port, told) = LocalPort::open().await.unwrap();
    let client = TcpStream::connect(port.address()).await.unwrap();
    let (accepted, _) = port.accept().await.unwrap();
    let (ours, app) = UnixStream::pair().unwrap();
    port.carry(accepted, ASKS.to_vec(), Connection::Unix(ours), None);
    Scene { port, told, client, app }
}

#[track_caller]
fn soon<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move { timeout(Duration::from_secs(20), future).await.unwrap_or_else(|_| panic!("{place}")) }
}

async fn read(from: &mut (impl tokio::io::AsyncRead + Unpin), length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    soon(from.read_exact(&mut bytes)).await.unwrap();
    bytes
}

#[tokio::test]
async fn bytes_go_both_ways_as_they_are() {
    let Scene { port, mut client, mut app, .. } = scene().await;
    assert_eq!(read(&mut app, ASKS.len()).await, ASKS);
    let large: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    let (mut client_reads, mut client_writes) = client.split();
    let (mut app_reads, mut app_writes) = app.split();
    let (to_app, to_client) = (large.clone(), large.clone());
    let (there, back, ..) = soon(async {
        tokio::join!(
            read(&mut app_reads, large.len()),
            read(&mut client_reads, large.len()),
            async { client_writes.write_all(&to_app).await.unwrap() },
            async { app_writes.write_all(&to_client).await.unwrap() },
        )
    })
    .await;
    assert!(there == large && back == large);
    assert_eq!(port.carried(), 1);
}

#[tokio::test]
async fn a_debugger_is_told_from_a_look_however_the_answer_is_cut() {
    let Scene { port: _port, mut told, mut client, mut app } = scene().await;
    // A look, whose answer holds what is no answer to it.
    app.write_all(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching").await.unwrap();
    read(&mut client, 41).await;
    client.write_all(ASKS).await.unwrap();
    read(&mut app, 2 * ASKS.len()).await;
    assert!(told.try_recv().is_err());
    for byte in b"HTTP/1.1 101 Switching Protocols\r\n\r\n" {
        app.write_all(&[*byte]).await.unwrap();
        read(&mut client, 1).await;
    }
    assert_eq!(soon(told.recv()).await, Some(Happening::Attached(None)));
    drop(client);
    assert_eq!(soon(told.recv()).await, Some(Happening::Detached));
}

/// A tunnel that is reset while the app writes can end the app: it is read until it is quiet, whoever has gone.
#[tokio::test]
async fn a_client_that_goes_leaves_nothing_unread() {
    let Scene { port, client, mut app, .. } = scene().await;
    read(&mut app, ASKS.len()).await;
    drop(client);
    // More than any buffer between us takes: it is written to its end only if somebody reads it.
    soon(app.write_all(&vec![7; 4_000_000])).await.unwrap();
    assert_eq!(soon(app.read(&mut [0; 8])).await.unwrap(), 0, "then it hangs up");
    drop(app);
    soon(async {
        while port.carried() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn closing_ends_all_and_nobody_listens_any_more() {
    let Scene { port, mut told, mut client, mut app } = scene().await;
    let address = port.address();
    read(&mut app, ASKS.len()).await;
    app.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").await.unwrap();
    read(&mut client, 36).await;
    let app_ends = async {
        assert_eq!(app.read(&mut [0; 8]).await.unwrap(), 0, "the app's end is hung up in order");
        drop(app);
    };
    let (ended, ()) = soon(async { tokio::join!(port.close(), app_ends) }).await;
    assert_eq!(ended, 1);
    assert_eq!(soon(client.read(&mut [0; 8])).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(told.recv().await, Some(Happening::Attached(None)));
    assert_eq!(told.recv().await, Some(Happening::Detached));
    assert_eq!(told.recv().await, None, "nobody is left to tell anything");
}

#[tokio::test]
async fn one_that_is_dropped_hangs_up_too() {
    let Scene { port, mut client, mut app, .. } = scene().await;
    read(&mut app, ASKS.len()).await;
    drop(port);
    assert_eq!(soon(client.read(&mut [0; 8])).await.unwrap(), 0);
    assert_eq!(soon(app.read(&mut [0; 8])).await.unwrap(), 0);
}
