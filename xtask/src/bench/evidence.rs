//! What each kind of evidence costs an app: requests a second, the slowest of a hundred, the processor's time for each, how long
//! it stands still, what its resident set gains, and what comes of it.
//!
//! A web service is kept busy, with a profiler and without, in short turns and in one process, so that what the machine does
//! besides meets all alike. Of the figures it disturbs the processor's time least, and a service that is busy all the time answers
//! as much less as it takes more of that. A heap snapshot takes nothing but its pause.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::Shell;

use crate::{setup, tools};

/// Connections that ask all the time.
const CLIENTS: usize = 4;
/// Until the service's code is optimised and its carts are full.
const WARM_UP: Duration = Duration::from_secs(5);
/// Of each turn, what is not counted: the garbage collection before it has just ended.
const SETTLING: Duration = Duration::from_millis(200);
/// So much of the processor's time a request may take with the profile, of what it takes without.
const GOAL: f64 = 1.03;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Majors of Node.js
    #[arg(long, value_delimiter = ',', default_values_t = tools::NODE_MAJORS, value_name = "MAJORS")]
    node: Vec<u32>,
    /// Kinds of evidence, with the bytes or microseconds a sample: the allocation profile between snapshots at the usual --growth
    /// and at its finest, the sampling profile by itself, and what else a hunt takes
    #[arg(long, value_delimiter = ',', value_name = "KINDS", default_values_t = [
        "sampling/312500", "sampling/262144", "sampling/131072", "sampling/65536", "sampling/32768", "cpu/1000", "timeline/0", "heap/0",
    ].map(str::to_owned))]
    kinds: Vec<String>,
    /// How often each is measured
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long, each time
    #[arg(long, default_value_t = 500, value_name = "MS", value_parser = clap::value_parser!(u64).range(100..))]
    turn: u64,
}

/// Those that a hunt takes beside its snapshots, all the time.
const BESIDE: [&str; 2] = ["sampling/312500", "sampling/262144"];

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    eprintln!(
        "medians of {} rounds of {} ms, {CLIENTS} connections; beside them what is without",
        args.rounds, args.turn
    );
    eprintln!(
        "\n{:<5}{:<16}{:>9}{:>9}{:>7}{:>9}{:>9}{:>7}{:>9}{:>9}{:>7}{:>14}{:>10}{:>9}{:>10}  goal",
        "Node",
        "kind",
        "req/s",
        "without",
        "ratio",
        "p99 ms",
        "without",
        "ratio",
        "µs/req",
        "without",
        "ratio",
        "range",
        "pause ms",
        "RSS MB",
        "kB"
    );
    for major in &args.node {
        let mut command = Command::new(setup::node(&sh, *major)?);
        command.arg(tools::workspace().join("xtask/peers/evidence-program.cjs"));
        let service = Service::start(command)?;
        service.busy(WARM_UP)?;
        // The first is without.
        let mut turns: Vec<Vec<Turn>> = vec![Vec::new(); args.kinds.len() + 1];
        let measured = Duration::from_millis(args.turn);
        for round in 0..args.rounds as usize {
            for step in 0..turns.len() {
                let at = (round + step) % turns.len();
                let kind = at.checked_sub(1).map_or("none/0", |at| &args.kinds[at]);
                let started = service.evidence(&format!("/start/{kind}"))?;
                service.busy(SETTLING)?;
                let turn = service.busy(measured)?;
                let stopped = service.evidence("/stop")?;
                turns[at].push(Turn {
                    pause: started.pause.max(stopped.pause),
                    gained: stopped.rss.saturating_sub(started.rss),
                    bytes: stopped.bytes,
                    ..turn
                });
            }
        }
        for (kind, with) in args.kinds.iter().zip(&turns[1..]) {
            eprintln!("{}", row(*major, kind, with, &turns[0])?);
        }
    }
    Ok(())
}

/// What was answered in one turn.
#[derive(Clone, Copy)]
struct Turn {
    /// Requests a second.
    rate: f64,
    /// Of a hundred answers, 99 came within so many milliseconds.
    p99: f64,
    /// Microseconds of the processor's time for each request.
    processor: f64,
    /// Milliseconds for which the service stood still, at the start or at the end.
    pause: f64,
    /// Bytes of the resident set.
    gained: u64,
    /// Bytes that came of it.
    bytes: u64,
}

/// What the service tells at the start and at the end.
struct Told {
    rss: u64,
    pause: f64,
    bytes: u64,
}

/// One of its figures.
type Figure = fn(&Turn) -> f64;

/// A line of the table: medians, and the median ratio of each round's two turns, which the same second of the machine has seen. What
/// the resident set gained is the most, for what V8 and malloc keep they use again, above the most without.
fn row(major: u32, kind: &str, with: &[Turn], without: &[Turn]) -> anyhow::Result<String> {
    let mut row = format!("{major:<5}{kind:<16}");
    let of = |turns: &[Turn], figure: Figure| sorted(turns.iter().map(figure));
    let figures: [(Figure, usize); 3] =
        [(|turn| turn.rate, 0), (|turn| turn.p99, 2), (|turn| turn.processor, 1)];
    let mut ratios = Vec::new();
    for (figure, digits) in figures {
        ratios = sorted(with.iter().zip(without).map(|(with, without)| figure(with) / figure(without)));
        let (with, without) = (middle(&of(with, figure)), middle(&of(without, figure)));
        write!(row, "{with:>9.digits$}{without:>9.digits$}{:>7.3}", middle(&ratios))?;
    }
    let quartiles = format!("{:.2}-{:.2}", ratios[ratios.len() / 4], ratios[ratios.len() * 3 / 4]);
    let pause = middle(&of(with, |turn| turn.pause));
    let most = |turns: &[Turn]| turns.iter().map(|turn| turn.gained).max().unwrap_or_default();
    let gained = most(with).saturating_sub(most(without)) as f64 / 1e6;
    let bytes = middle(&of(with, |turn| turn.bytes as f64)) / 1e3;
    write!(row, "{quartiles:>14}{pause:>10.1}{gained:>9.1}{bytes:>10.0}")?;
    if BESIDE.contains(&kind) {
        let verdict = if middle(&ratios) <= GOAL { "met" } else { "MISSED" };
        write!(row, "  ≤ {GOAL}: {verdict}")?;
    }
    Ok(row)
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The median of what is in order.
fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// The service. It ends when this is dropped.
struct Service {
    child: Child,
    port: u16,
}

impl Service {
    fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut told = String::new();
        let read = BufReader::new(child.stdout.take().expect("piped")).read_line(&mut told);
        let mut service = Self { child, port: 0 };
        read?;
        service.port = told.trim().parse().with_context(|| format!("no port: {told:?}"))?;
        Ok(service)
    }

    /// Starts a kind of evidence, or ends it.
    fn evidence(&self, path: &str) -> anyhow::Result<Told> {
        let told: Value = serde_json::from_str(&Client::of(self.port)?.ask(path, "")?)?;
        let whole = |name: &str| told[name].as_u64().with_context(|| format!("{path}: no {name} in {told}"));
        let pause = told["pause"].as_f64().with_context(|| format!("{path}: no pause in {told}"))?;
        Ok(Told { rss: whole("rss")?, pause, bytes: whole("bytes")? })
    }

    /// The processor's time that it has had, in microseconds.
    fn processor(&self) -> anyhow::Result<f64> {
        Ok(Client::of(self.port)?.ask("/processor", "")?.parse()?)
    }

    /// Keeps it busy.
    fn busy(&self, lasting: Duration) -> anyhow::Result<Turn> {
        let before = self.processor()?;
        let since = Instant::now();
        let work = || -> anyhow::Result<Vec<f64>> {
            let mut client = Client::of(self.port)?;
            let line = r#"{"item":"Blue widget of the second kind","quantity":3,"cents":1250}"#;
            let body = format!("{{\"lines\":[{}]}}", [line; 8].join(","));
            let mut answered = Vec::new();
            while since.elapsed() < lasting {
                let asked = Instant::now();
                client.ask("/order", &body)?;
                answered.push(asked.elapsed().as_secs_f64());
            }
            Ok(answered)
        };
        let answered: Vec<anyhow::Result<Vec<f64>>> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
            clients.into_iter().map(|client| client.join().expect("a client does not panic")).collect()
        });
        let took = since.elapsed();
        let answered = answered.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        let answered = sorted(answered.into_iter().flatten());
        let p99 = *answered.get(answered.len() * 99 / 100).context("nothing was answered")?;
        let count = answered.len() as f64;
        Ok(Turn {
            rate: count / took.as_secs_f64(),
            p99: p99 * 1e3,
            processor: (self.processor()? - before) / count,
            pause: 0.0,
            gained: 0,
            bytes: 0,
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn of(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// One request, and its answer read to the end.
    fn ask(&mut self, path: &str, body: &str) -> anyhow::Result<String> {
        let length = body.len();
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}");
        self.0.get_mut().write_all(request.as_bytes())?;
        let (mut line, mut length) = (String::new(), 0);
        while self.0.read_line(&mut line)? > 0 && line.trim() != "" {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.starts_with("HTTP/") && !line.contains(" 200 ") {
                bail!("the service answered {}", line.trim());
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer)?;
        Ok(String::from_utf8(answer)?)
    }
}
