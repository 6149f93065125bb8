//! What the platform logged, of one dyno or of all.
//!
//! Only its own lines are asked for (`source: heroku`): the app's, which may hold anything, are not read. Of a Fir app there is no
//! log but what comes.

use std::time::Duration;

use super::api::Api;
use super::ask::{ask_app, is_fir};
use super::cli::Cli;
use super::dyno::Heroku;
use super::metrics::Memory;

/// As many lines as the platform keeps of a log.
pub(super) const KEPT: &str = "1500";
/// How many lines are looked through; a dyno that is over its quota logs two every 20 s, runtime metrics two more.
const LINES: u32 = 200;

/// What the platform logged of all dynos, as the CLI prints it. The log only makes the answer better; without it there is one, too.
pub(super) async fn of_all(heroku: &Heroku) -> String {
    // There the CLI reads on for ever, and nothing is kept that could be read.
    if is_fir(heroku).await {
        return String::new();
    }
    let asked = async {
        let cli = heroku.cli().await?;
        ask_app(heroku, &cli, &["logs", "--num", KEPT, "--source", "heroku"]).await
    };
    match asked.await {
        Ok((text, _)) => text,
        Err(error) => {
            tracing::info!("the app's log cannot be read: {error}");
            String::new()
        }
    }
}

/// What the platform logged of the dyno. Without it there is an answer, too.
pub(super) async fn lines(heroku: &Heroku, cli: &Cli, api: Option<&Api>) -> Vec<String> {
    const PATIENCE: Duration = Duration::from_secs(20);
    if is_fir(heroku).await {
        return Vec::new();
    }
    let name = heroku.config.dyno.as_str();
    let asked = async {
        match api {
            Some(api) => api.log(name, LINES).await,
            None => {
                let number = LINES.to_string();
                let args = ["logs", "-n", &number, "-s", "heroku", "-d", name];
                Ok(ask_app(heroku, cli, &args).await?.0)
            }
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(text)) => text.lines().map(str::to_owned).collect(),
        Ok(Err(error)) => {
            tracing::info!("the platform's log cannot be read: {error}");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// When, and what: of a line such as `2026-01-31T12:00:00.000000+00:00 heroku[web.1]: Process exited with status 137`, as the log
/// drain gives it or as a server-sent event; `None` where it is another dyno's or the app's own.
pub(super) fn of_dyno<'a>(line: &'a str, dyno: &str) -> Option<(&'a str, &'a str)> {
    let (at, said) = line.strip_prefix("data: ").unwrap_or(line).split_once(' ')?;
    let text = said.strip_prefix("heroku[")?.strip_prefix(dyno)?.strip_prefix("]: ")?;
    Some((at, text))
}

/// The memory quota of the dyno's latest runtime metrics, bytes.
pub(super) fn quota(lines: &[String], dyno: &str) -> Option<u64> {
    let metrics = lines.iter().filter_map(|line| of_dyno(line, dyno));
    let mut quotas = metrics.filter_map(|(_, text)| Memory::metered(text)?.quota);
    // A quota of less than a megabyte, or of more than a machine has, is none.
    quotas.rfind(|quota| (1..=4_000_000).contains(&(quota >> 20)))
}

#[cfg(test)]
mod tests {
    use super::quota;

    #[test]
    fn the_quota_is_that_of_the_latest_metrics_of_this_dyno() {
        let metrics = |dyno: &str, quota: &str| {
            format!(
                "2026-01-31T12:00:00.000000+00:00 heroku[{dyno}]: source={dyno} dyno=heroku.1.d97d0ea7 \
                 sample#memory_total=21.00MB sample#memory_swap=0.00MB sample#memory_quota={quota}"
            )
        };
        let lines = [
            metrics("web.1", "512.00MB"),
            metrics("web.1", "2560.00MB"),
            metrics("web.10", "99.00MB"),
            "2026-01-31T12:00:01.000000+00:00 app[web.1]: source=web.1 sample#memory_quota=1.00MB".to_owned(),
            "2026-01-31T12:00:02.000000+00:00 heroku[web.1]: source=web.1 sample#load_avg_1m=2.46".to_owned(),
        ];
        assert_eq!(quota(&lines, "web.1"), Some(2560 << 20));
        assert_eq!(quota(&lines, "web.2"), None);
        for nonsense in ["0.00MB", "-5.00MB", "NaNMB", "1e300MB", "512.00", ""] {
            assert_eq!(quota(&[metrics("web.1", nonsense)], "web.1"), None, "{nonsense}");
        }
    }
}
