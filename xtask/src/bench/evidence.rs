//! What the allocation profile between the snapshots of a hunt costs an app: requests a second, the slowest of a hundred, and
//! the processor's time for each.
//!
//! A web service is kept busy, with the profiler and without, in short turns and in one process, so that what the machine does
//! besides meets all alike. Of the three figures it disturbs the processor's time least, and a service that is busy all the
//! time answers as much less as it takes more of that.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
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
    /// Bytes a sample: what a hunt asks for at its usual --growth, and the finest that it asks for
    #[arg(long, value_delimiter = ',', default_values_t = [312_500, 262_144], value_name = "BYTES")]
    intervals: Vec<u32>,
    /// How often each is measured
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long, each time
    #[arg(long, default_value_t = 500, value_name = "MS", value_parser = clap::value_parser!(u64).range(100..))]
    turn: u64,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    eprintln!("medians of {} rounds of {} ms, {CLIENTS} connections", args.rounds, args.turn);
    eprintln!(
        "\n{:<6}{:>10}{:>9}{:>9}{:>7}{:>9}{:>9}{:>7}{:>9}{:>9}{:>7}{:>12}  goal",
        "Node",
        "interval",
        "req/s",
        "without",
        "ratio",
        "p99 ms",
        "without",
        "ratio",
        "µs/req",
        "without",
        "ratio",
        "range"
    );
    for major in &args.node {
        let mut command = Command::new(setup::node(&sh, *major)?);
        command.arg(tools::workspace().join("xtask/peers/evidence-program.cjs"));
        let service = Service::start(command)?;
        service.busy(WARM_UP)?;
        // The first is without.
        let mut turns: Vec<Vec<Turn>> = vec![Vec::new(); args.intervals.len() + 1];
        let measured = Duration::from_millis(args.turn);
        for round in 0..args.rounds as usize {
            for step in 0..turns.len() {
                let at = (round + step) % turns.len();
                let interval = at.checked_sub(1).map_or(0, |at| args.intervals[at]);
                service.profile(interval)?;
                service.busy(SETTLING)?;
                turns[at].push(service.busy(measured)?);
            }
        }
        for (interval, with) in args.intervals.iter().zip(&turns[1..]) {
            eprintln!("{}", row(*major, *interval, with, &turns[0])?);
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
}

/// One of its figures.
type Figure = fn(&Turn) -> f64;

/// A line of the table: medians, and the median ratio of each round's two turns, which the same second of the machine has seen.
fn row(major: u32, interval: u32, with: &[Turn], without: &[Turn]) -> anyhow::Result<String> {
    let mut row = format!("{major:<6}{interval:>10}");
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
    let verdict = if middle(&ratios) <= GOAL { "met" } else { "MISSED" };
    write!(row, "{quartiles:>12}  ≤ {GOAL}: {verdict}")?;
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

    /// Profiles by this interval from now on, or not at all.
    fn profile(&self, interval: u32) -> anyhow::Result<()> {
        Client::of(self.port)?.ask(&format!("/profile/{interval}"), "").map(drop)
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
