//! Reads what an HTTP server at a port of a host sends, through the forward that a hunt goes by, and prints how many microseconds
//! that took; `cargo xtask bench ways` runs it.
//!
//! `pull local PID PORT BYTES`, where PID is the process whose port it is (0: not known), and in the place of `local`: `ssh TARGET`, `docker CONTAINER`, `kubectl NAMESPACE POD CONTAINER`,
//! `command TEMPLATE`, `heroku APP DYNO`. What the tools are told by their environment, this is told by its own.

use std::error::Error;
use std::io::Write as _;
use std::time::{Duration, Instant};

use leakhunt_host::exec::kubectl::{Cluster, Kubectl};
use leakhunt_host::exec::{Config, Docker, Engine, Tool};
use leakhunt_host::ssh::{Forwarding, Passphrases};
use leakhunt_host::{Environment, Exec, Heroku, Host, Local, Ssh, heroku, ssh};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const PATIENCE: Duration = Duration::from_secs(60);
/// What a hunt's session reads at once.
const BUFFER: usize = 128 << 10;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [way @ .., pid, port, bytes] = words.as_slice() else {
        return Err("name a way, a process, a port and a number".into());
    };
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    let bytes: usize = bytes.parse()?;
    let mut forward = host(&way)?.forward(port.parse()?).await?;
    forward.ready(PATIENCE).await?;
    match pid.parse()? {
        0 => {}
        pid => forward.beside(pid),
    }
    let mut connection = forward.connect(PATIENCE).await?;
    let start = Instant::now();
    connection.write_all(format!("GET /{bytes} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let (mut buffer, mut read) = (vec![0; BUFFER], 0);
    while read < bytes {
        match connection.read(&mut buffer).await? {
            0 => return Err(format!("{read} bytes came, and then the end").into()),
            length => read += length,
        }
    }
    let took = start.elapsed();
    drop(connection);
    let _ = forward.stop().await;
    writeln!(std::io::stdout(), "{}", took.as_micros())?;
    Ok(())
}

fn host(way: &[&str]) -> Result<Host, Box<dyn Error>> {
    let environment = Environment::new(std::env::vars_os());
    let tool = match *way {
        ["local"] => return Ok(Host::Local(Local::new(environment))),
        ["ssh", target] => {
            return Ok(Host::Ssh(Ssh::new(ssh::Config {
                target: target.parse()?,
                identity: None,
                config_file: None,
                forward: Forwarding::Auto,
                passphrases: Passphrases::default(),
                environment,
            })));
        }
        ["heroku", app, dyno] => {
            return Ok(Host::Heroku(Heroku::new(heroku::Config {
                app: app.parse()?,
                dyno: dyno.parse()?,
                program: None,
                preload: true,
                environment,
            })));
        }
        ["command", template] => Tool::Command { exec: template.parse()?, forward: None },
        ["docker", container] => {
            Tool::Docker(Docker { container: container.parse()?, engine: Engine::Docker })
        }
        ["kubectl", namespace, pod, container] => Tool::Kubectl(Kubectl {
            cluster: Cluster::default(),
            namespace: namespace.parse()?,
            pod: pod.parse()?,
            container: container.parse()?,
            chosen: None,
        }),
        _ => return Err(format!("no way is called {way:?}").into()),
    };
    Ok(Host::Exec(Exec::new(Config { tool, environment })))
}
