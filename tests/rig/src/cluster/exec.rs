//! `exec`: a command in a container, behind a WebSocket of `v5.channel.k8s.io`.
//!
//! Of each message the first byte is a channel: 0 stdin, 1 stdout, 2 stderr, 3 how it ended; 255 closes the channel that follows. As
//! with a kubelet, a command whose connection is lost is not ended: its input is.

use std::process::Stdio;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::api::{self, Answer};
use super::http::Request;
use super::{NAMESPACE, World};

/// As containerd reports it.
const NO_SHELL: &str = "error executing command in container: failed to exec in container: failed to start exec \"5f2\": OCI runtime exec \
                        failed: exec failed: unable to start container process: exec: \"sh\": executable file not found in $PATH: unknown";

/// Namespace, pod and container of an exec.
fn whose(request: &Request) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match parts[..] {
        ["api", "v1", "namespaces", namespace, "pods", pod, "exec"] => {
            Some((namespace, pod, request.all("container").next().unwrap_or_default()))
        }
        _ => None,
    }
}

/// The answer, where no command is run.
pub(super) fn refusal(world: &World, request: &Request) -> Option<Answer> {
    let mut state = world.state();
    let Some((namespace, pod, container)) = whose(request) else { return Some(api::not_found("pods", "")) };
    if let Some(answer) = api::allowed(&state, "create", "pods/exec", pod, namespace) {
        return Some(answer);
    }
    if state.no_node {
        let message = "error dialing backend: dial tcp 10.0.0.5:10250: connect: connection refused";
        return Some(api::status(500, "InternalError", message));
    }
    match state.pod(pod).filter(|_| namespace == NAMESPACE) {
        None => Some(api::not_found("pods", pod)),
        Some(pod) if pod.container(container).is_none() => {
            let message = format!("container {container} is not valid for pod {}", pod.name());
            Some(api::status(400, "BadRequest", &message))
        }
        Some(_) => None,
    }
}

/// Runs the command of a request, until it ends or the connection does.
pub(super) async fn run(mut socket: WebSocketStream<TcpStream>, world: &World, request: &Request) {
    let mut cuts = world.cuts.subscribe();
    let command = {
        let mut state = world.state();
        let Some((_, pod, container)) = whose(request) else { return };
        let Some(container) = state.pod(pod).and_then(|pod| pod.container(container)) else { return };
        container.enter().map(|enter| (enter, container.has_shell()))
    };
    let Some((enter, has_shell)) = command else {
        return end(&mut socket, &failure("InternalError", "container not found")).await;
    };
    if !has_shell {
        return end(&mut socket, &failure("InternalError", NO_SHELL)).await;
    }
    let mut command = Command::new("nsenter");
    command.args(enter).arg("--").args(request.all("command"));
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else { return };
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return;
    };
    let (frames, mut from_child) = mpsc::channel(16);
    tokio::spawn(pump(1, stdout, frames.clone()));
    tokio::spawn(pump(2, stderr, frames));
    let (to_child, said) = mpsc::unbounded_channel();
    let mut to_child = Some(to_child);
    tokio::spawn(feed(stdin, said));
    loop {
        tokio::select! {
            _ = cuts.changed() => return,
            frame = from_child.recv() => match frame {
                Some(frame) => if socket.send(Message::binary(frame)).await.is_err() { return },
                None => break,
            },
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => match bytes.as_ref() {
                    [0, data @ ..] => if let Some(to_child) = &to_child { let _ = to_child.send(data.to_vec()); },
                    [255, 0] => to_child = None,
                    _ => {}
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_))) => {}
                // What it runs sees the end of its input, when `to_child` goes.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
        }
    }
    let status = child.wait().await.ok().and_then(|status| status.code()).unwrap_or(137);
    let outcome = match status {
        0 => json!({ "metadata": {}, "status": "Success" }),
        code => json!({ "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
            "message": format!("command terminated with non-zero exit code: {code}"),
            "details": { "causes": [{ "reason": "ExitCode", "message": code.to_string() }] } }),
    };
    end(&mut socket, &outcome).await;
}

fn failure(reason: &str, message: &str) -> Value {
    json!({ "metadata": {}, "status": "Failure", "reason": reason, "message": format!("Internal error occurred: {message}"),
        "code": 500 })
}

async fn end(socket: &mut WebSocketStream<TcpStream>, outcome: &Value) {
    let mut frame = vec![3];
    frame.extend(outcome.to_string().as_bytes());
    // Whoever has gone needs no answer.
    let _ = socket.send(Message::binary(frame)).await;
    // Of any other code kubectl says that the connection was lost.
    let _ = socket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).await;
    while let Some(Ok(_)) = socket.next().await {}
}

async fn pump(channel: u8, mut from: impl AsyncRead + Unpin, frames: mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; 32 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let frame = [&[channel], &buffer[..length]].concat();
        if frames.send(frame).await.is_err() {
            return;
        }
    }
}

async fn feed(mut stdin: tokio::process::ChildStdin, mut said: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(data) = said.recv().await {
        if stdin.write_all(&data).await.is_err() {
            return;
        }
    }
}
