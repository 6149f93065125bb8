//! `leakhunt watch --replay` on a log that is made while it is read: lines a second of one core, and whether memory stays what it was when
//! the log gets longer. Beside it `grep -c`, which looks for one word in the same lines and keeps nothing.

use std::io::{self, Write};
use std::process::Command;

use xshell::Shell;

use super::measure::{self, Run, median};
use crate::tools;

/// A thousand a second, as a busy app logs.
const LINES_A_SECOND: usize = 1_000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many hours the logs have, a thousand lines a second
    #[arg(long, value_delimiter = ',', default_values_t = [0.1, 1.0, 24.0], value_name = "HOURS")]
    hours: Vec<f64>,
    /// How often each program reads the shorter ones; of the longest once is enough
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

#[expect(clippy::print_stdout, reason = "the figures are what the task is asked for")]
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    tools::build(&sh, "release", &["leakhunt"])?;
    let leakhunt = || {
        let mut command = Command::new(tools::target().join("release/leakhunt"));
        let on = "R14,R15,H12,mem>90% for 5m,growth>20MB/h";
        command.args(["watch", "heroku", "--app", "bench", "--on", on, "--replay", "-"]);
        command
    };
    let grep = || {
        let mut command = Command::new("grep");
        // Of what is in every log here: with nothing found it would end with 1.
        command.args(["-c", "sample#memory_rss"]);
        command
    };
    println!("{:>16}  {:<10}{:>16}{:>14}{:>12}", "lines", "", "a second, core", "wall", "memory");
    for hours in &args.hours {
        let seconds = (hours * 3_600.0) as i64;
        let rounds = if *hours > 5.0 { 1 } else { args.rounds };
        let mut runs: [Vec<Run>; 2] = Default::default();
        for _ in 0..rounds {
            for (runs, command) in runs.iter_mut().zip([leakhunt(), grep()]) {
                runs.push(measure::run_fed(command, |to| log(to, seconds))?.map_err(anyhow::Error::msg)?);
            }
        }
        for (name, runs) in ["leakhunt", "grep -c"].into_iter().zip(&runs) {
            let lines = seconds as usize * LINES_A_SECOND;
            let of = |pick: fn(&Run) -> std::time::Duration| {
                median(runs.iter().map(pick)).map_or(f64::NAN, |median| median.as_secs_f64())
            };
            let peak = median(runs.iter().map(|run| run.peak)).unwrap_or_default() as f64 / 1e6;
            let a_second = lines as f64 / of(|run| run.processor);
            println!("{lines:>16}  {name:<10}{a_second:>16.0}{:>12.1} s{peak:>9.1} MB", of(|run| run.wall));
        }
    }
    Ok(())
}

/// Writes so many seconds of a log: requests, what the app prints of them, and what the platform says of ten dynos.
fn log(to: &mut dyn Write, seconds: i64) -> io::Result<()> {
    let mut second = Second::new();
    for at in 0..seconds {
        second.write(to, at)?;
    }
    Ok(())
}

/// The lines of a second, in which only their times change, and a few of a dyno's.
struct Second {
    text: Vec<u8>,
    starts: Vec<usize>,
}

impl Second {
    fn new() -> Self {
        let (mut text, mut starts) = (Vec::new(), Vec::new());
        for line in 0..LINES_A_SECOND {
            starts.push(text.len());
            let dyno = line % 10 + 1;
            let micros = line * 1_000;
            let said = if line % 2 == 0 {
                format!(
                    "heroku[router]: at=info method=GET path=\"/products/{line}?page=2\" host=shop-1234.herokuapp.com \
                     request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd=\"203.0.113.7\" dyno=web.{dyno} connect=0ms service=12ms \
                     status=200 bytes=5012 protocol=https"
                )
            } else {
                format!(
                    "app[web.{dyno}]: {{\"level\":\"info\",\"msg\":\"request completed\",\"url\":\"/products/{line}\",\"ms\":11}}"
                )
            };
            text.extend(format!("2026-01-31T00:00:00.{micros:06}+00:00 {said}\n").bytes());
        }
        Self { text, starts }
    }

    fn write(&mut self, to: &mut dyn Write, at: i64) -> io::Result<()> {
        let (day, hour, minute, second) = (at / 86_400, at / 3_600 % 24, at / 60 % 60, at % 60);
        let time = format!("2026-02-{:02}T{hour:02}:{minute:02}:{second:02}", day % 28 + 1);
        for start in &self.starts {
            self.text[*start..start + time.len()].copy_from_slice(time.as_bytes());
        }
        to.write_all(&self.text)?;
        // Each dyno in its turn tells its memory, each 20 s; one of them leaks and is restarted each six hours.
        let dyno = at % 20 + 1;
        if dyno > 10 {
            return Ok(());
        }
        let resident = if dyno == 3 { 200 + at % 21_600 / 60 } else { 250 };
        writeln!(
            to,
            "{time}.999000+00:00 heroku[web.{dyno}]: source=web.{dyno} dyno=heroku.1.a sample#memory_total={resident}.00MB \
             sample#memory_rss={resident}.00MB sample#memory_swap=0.00MB sample#memory_quota=512.00MB"
        )?;
        if resident > 512 {
            writeln!(to, "{time}.999100+00:00 heroku[web.{dyno}]: Error R14 (Memory quota exceeded)")?;
        }
        if dyno == 3 && at % 21_600 < 20 {
            writeln!(to, "{time}.999200+00:00 heroku[web.{dyno}]: State changed from starting to up")?;
        }
        Ok(())
    }
}
