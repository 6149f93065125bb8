//! The host of commands: templates that lead to this machine, and each relay that can be there.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking, as the test does")]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use leakhunt_host::exec::{Config, Exec, Tool};
use leakhunt_host::{Connection, Ended, Environment, Erased, Error, Forward, Host, Platform, Reach};
use leakhunt_rig::node_of;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SOON: Duration = Duration::from_secs(60);
/// More than any buffer on the way holds.
const MANY: usize = 20_000_000;

fn host(exec: &str, forward: Option<&str>, path: &Path) -> Host {
    let tool = Tool::Command {
        exec: exec.parse().unwrap(),
        forward: forward.map(|forward| forward.parse().unwrap()),
    };
    Host::Exec(Exec::new(Config { tool, environment: Environment::new([("PATH", path)]) }))
}

/// The PATH of these tests.
fn path() -> std::path::PathBuf {
    std::env::var_os("PATH").unwrap().into()
}

/// A PATH with what every relay needs, and this.
fn folder(tools: &[(&str, &Path)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let system = ["sh", "cat", "grep", "readlink", "sleep"].map(|name| (name, which::which(name).unwrap()));
    let all = system.iter().map(|(name, path)| (*name, path.as_path())).chain(tools.iter().copied());
    for (name, path) in all {
        symlink(path, folder.path().join(name)).unwrap();
    }
    folder
}

/// A server that gives back what it gets.
async fn echo() -> u16 {
    serve(|mut stream| async move {
        let (mut read, mut write) = stream.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    })
    .await
}

async fn serve<F: Future<Output = ()> + Send + 'static>(
    answer: impl Fn(TcpStream) -> F + Send + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    port
}

/// Both ways at once, byte for byte, and then the end.
async fn carries(mut connection: Connection) {
    let sent: Vec<u8> = (0..MANY as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let expected = sent.clone();
    let all = async {
        let mut received = vec![0; MANY];
        {
            let (mut read, mut write) = tokio::io::split(&mut connection);
            let (written, read) = tokio::join!(write.write_all(&sent), read.read_exact(&mut received));
            written.unwrap();
            read.unwrap();
        }
        assert!(received == expected);
        connection.shutdown().await.unwrap();
        assert_eq!(connection.read(&mut [0]).await.unwrap(), 0, "it ends");
    };
    tokio::time::timeout(SOON, all).await.unwrap();
}

async fn forward(host: &Host, port: u16) -> Forward {
    let mut forward = host.forward(port).await.unwrap();
    forward.ready(SOON).await.unwrap();
    assert_eq!(forward.exposure().reach, Reach::OwnerOnly);
    forward
}

#[tokio::test]
async fn a_dialogue_from_first_to_last_line() {
    let host = host("env NAME='a b' sh -c {}", None, &path());
    assert_eq!(host.preflight().await.unwrap().platform, Platform::Exec(None));
    assert_eq!(host.describe(), "`env 'NAME=a b' sh -c {}`");
    let mut talk = host
        .open("tell \"$NAME\"; while read -r x; do [ \"$x\" = quit ] && exit 5; tell \"got $x\"; done")
        .await
        .unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("a b"));
    talk.say(r#"it's $HOME "x" \ ;"#).await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some(r#"got it's $HOME "x" \ ;"#));
    talk.say("quit").await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap(), None);
    assert_eq!(talk.status(), Some(5));
    assert!(talk.stop().await.gone);
}

/// Each of them in a PATH with no other.
#[tokio::test]
async fn whatever_is_there_relays() {
    let port = echo().await;
    let node = node_of(22).unwrap();
    let python =
        std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let python = String::from_utf8(python.expect("python3 is needed").stdout).unwrap();
    let named = |name: &str| which::which(name).unwrap_or_else(|_| panic!("{name} is needed"));
    let (busybox, bash, perl) = (named("busybox"), named("bash"), named("perl"));
    let mut tools = vec![
        ("node", node.as_path()),
        ("nodejs", &node),
        ("nc", &busybox),
        ("busybox", &busybox),
        ("bash", &bash),
        ("python3", Path::new(python.trim())),
        ("perl", &perl),
    ];
    // Not of every machine; what they do was tried by hand as well.
    let more: Vec<_> =
        ["socat", "nc.openbsd", "nc.traditional"].iter().filter_map(|name| which::which(name).ok()).collect();
    for program in &more {
        tools.push((if program.ends_with("socat") { "socat" } else { "nc" }, program));
    }
    for tool in tools {
        let folder = folder(&[tool]);
        let forward = forward(&host("sh -c {}", None, folder.path()), port).await;
        let connection = forward.connect(SOON).await.unwrap_or_else(|error| panic!("{tool:?}: {error}"));
        carries(connection).await;
        assert!(forward.stop().await.gone, "{tool:?}");
    }
}

/// The program of the process whose port it is, by its pid, where nothing else is installed; not one that is called otherwise, which
/// may carry an app of its own.
#[tokio::test]
async fn the_process_lends_its_own_node() {
    let (port, node, folder) = (echo().await, node_of(22).unwrap(), folder(&[]));
    let other = folder.path().join("shop");
    std::fs::hard_link(&node, &other).or_else(|_| std::fs::copy(&node, &other).map(drop)).unwrap();
    for (program, lends) in [(&node, true), (&other, false)] {
        let mut app =
            std::process::Command::new(program).args(["-e", "setInterval(() => {}, 1000)"]).spawn().unwrap();
        let mut forward = forward(&host("sh -c {}", None, folder.path()), port).await;
        forward.beside(app.id());
        match forward.connect(SOON).await {
            Ok(connection) if lends => carries(connection).await,
            Err(Error::NoRelay { .. }) if !lends => {}
            other => panic!("{}: {other:?}", program.display()),
        }
        assert!(forward.stop().await.gone);
        app.kill().unwrap();
        app.wait().unwrap();
    }
}

/// It is started with the forward, and told its port when somebody listens there.
#[tokio::test]
async fn a_relay_waits_for_its_port() {
    let host = host("sh -c {}", None, &path());
    let mut forward = forward(&host, 1).await;
    let waiting = forward.command();
    assert!(waiting.is_some() && forward.aim(echo().await));
    carries(forward.connect(SOON).await.unwrap()).await;
    assert_eq!(forward.command(), waiting, "it was that one");
    carries(forward.connect(SOON).await.unwrap()).await;
    assert_ne!(forward.command(), waiting, "the next is another");
    assert!(forward.stop().await.gone);

    // One that a link has dropped meanwhile is started again; one that nobody needs leaves by itself.
    let forward = host.forward(echo().await).await.unwrap();
    assert_eq!(forward.footprint().unwrap().erase().await, Erased::Ended);
    carries(forward.connect(SOON).await.unwrap()).await;
    assert!(forward.stop().await.gone);
    let stopped = host.forward(1).await.unwrap().stop().await;
    assert!(stopped.gone && stopped.how == Ended::ByItself, "{stopped:?}");
}

#[tokio::test]
async fn why_there_is_no_connection_is_told() {
    let (busybox, node) = (which::which("busybox").unwrap(), node_of(22).unwrap());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for tool in [("node", node.as_path()), ("busybox", &busybox), ("perl", &which::which("perl").unwrap())] {
        let folder = folder(&[tool]);
        let forward = forward(&host("sh -c {}", None, folder.path()), closed).await;
        let error = forward.connect(SOON).await.unwrap_err().to_string();
        assert!(error.contains("nothing listens there"), "{tool:?}: {error}");
        assert!(forward.stop().await.gone);
    }
    let (port, bare) = (echo().await, folder(&[]));
    let error = forward(&host("sh -c {}", None, bare.path()), port).await.connect(SOON).await.unwrap_err();
    assert!(matches!(error, Error::NoRelay { .. }), "{error}");
    // A program that is called node, and is none, is passed over.
    let odd = folder(&[("node", &which::which("false").unwrap()), ("busybox", &busybox)]);
    forward(&host("sh -c {}", None, odd.path()), port).await.connect(SOON).await.unwrap();
    // What the tool prints is the reason.
    let broken = "sh -c 'echo no such place >&2; exit 3' {}";
    let error = forward(&host(broken, None, &path()), port).await.connect(SOON).await.unwrap_err();
    assert!(matches!(error, Error::Tunnel { .. }) && error.to_string().contains("no such place"), "{error}");
    let error = host("nosuch-tool {}", None, &path()).preflight().await.unwrap_err();
    assert!(matches!(error, Error::ToolMissing { .. }), "{error}");
}

#[tokio::test]
async fn what_is_printed_before_is_no_byte_of_the_connection() {
    let port = echo().await;
    let greeting = r#"sh -c 'echo "Welcome to the machine"; printf "no newline"; exec sh -c "$0"' {}"#;
    let forward = forward(&host(greeting, None, &path()), port).await;
    carries(forward.connect(SOON).await.unwrap()).await;
    assert!(forward.stop().await.gone);
}

#[tokio::test]
async fn a_forward_of_ones_own_connects_by_itself() {
    let port = echo().await;
    let forward = forward(&host("false {}", Some("busybox nc 127.0.0.1 {}"), &path()), port).await;
    carries(forward.connect(SOON).await.unwrap()).await;
    let command = forward.command().unwrap().to_string();
    assert_eq!(command, format!("busybox nc 127.0.0.1 {port}"));
    assert!(forward.stop().await.gone);
}

/// What is not read here is not taken from the app: it must wait, and nothing grows on the way.
#[tokio::test]
async fn a_slow_reader_slows_the_app() {
    let written = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&written);
    let port = serve(move |mut stream| {
        let count = std::sync::Arc::clone(&count);
        async move {
            while let Ok(length) = stream.write(&[7; 65_536]).await {
                count.fetch_add(length, std::sync::atomic::Ordering::Relaxed);
            }
        }
    })
    .await;
    let folder = folder(&[("node", &node_of(22).unwrap())]);
    let forward = forward(&host("sh -c {}", None, folder.path()), port).await;
    let mut connection = forward.connect(SOON).await.unwrap();
    connection.read_exact(&mut [0; 1000]).await.unwrap();
    // Until nothing more is taken.
    let deadline = Instant::now() + SOON;
    let mut before = usize::MAX;
    loop {
        let now = written.load(std::sync::atomic::Ordering::Relaxed);
        if now == before {
            break;
        }
        assert!(Instant::now() < deadline);
        before = now;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // The sockets' buffers on loopback, and those of two pipes.
    assert!(before < 16_000_000, "{before} bytes are on their way");
    drop(connection);
    assert!(forward.stop().await.gone);
}

#[tokio::test]
async fn stopping_ends_the_relays_that_are_left() {
    let port = echo().await;
    let forward = forward(&host("sh -c {}", None, &path()), port).await;
    let connection = forward.connect(SOON).await.unwrap();
    let footprint = forward.footprint().unwrap();
    let stopped = forward.stop().await;
    assert!(stopped.gone, "{stopped:?}");
    assert_eq!(stopped.group, Some(footprint.group));
    drop(connection);
}
