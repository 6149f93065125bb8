//! The memory of a dyno, as the platform logs it.
//!
//! All the time where `log-runtime-metrics` is on, each 20 s (<https://devcenter.heroku.com/articles/log-runtime-metrics>), and beside
//! each R14 and R15 (<https://devcenter.heroku.com/articles/error-codes>).

/// Memory in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// What counts against the quota: resident and swapped, of all processes of the dyno.
    pub used: u64,
    /// What it may use.
    pub quota: Option<u64>,
}

impl Memory {
    /// Of a line of the dyno's, without its time and source: `Process running mem=520M(101.6%)`, or runtime metrics.
    #[must_use]
    pub fn logged(text: &str) -> Option<Self> {
        match text.strip_prefix("Process running mem=") {
            Some(memory) => Self::running(memory),
            None => Self::metered(text),
        }
    }

    /// Of runtime metrics alone:
    /// `source=web.1 dyno=heroku.1.d97d sample#memory_total=21.00MB sample#memory_rss=21.00MB … sample#memory_quota=512.00MB`.
    /// The total has the disk's cache in it, which no quota counts; it is taken where there is nothing else.
    #[must_use]
    pub fn metered(text: &str) -> Option<Self> {
        let samples = text.strip_prefix("source=")?.split(' ');
        let (mut total, mut resident, mut swap, mut quota) = (None, None, 0, None);
        for sample in samples.filter_map(|word| word.strip_prefix("sample#memory_")) {
            let (name, value) = sample.split_once('=')?;
            match name {
                "total" => total = size_of(value),
                "rss" => resident = size_of(value),
                "swap" => swap = size_of(value).unwrap_or(0),
                "quota" => quota = size_of(value).filter(|quota| *quota > 0),
                _ => {}
            }
        }
        let used = resident.map(|resident| resident + swap).or(total)?;
        Some(Self { used, quota })
    }

    /// `520M(101.6%)`.
    fn running(text: &str) -> Option<Self> {
        let (size, share) = text.split_once('(')?;
        let used = size_of(size)?;
        let share: f64 = share.split_once("%)")?.0.parse().ok()?;
        let quota = (share.is_finite() && share > 0.01).then(|| (used as f64 * 100.0 / share) as u64);
        Some(Self { used, quota: quota.filter(|quota| (1..=MOST).contains(quota)) })
    }
}

/// More than any machine has.
const MOST: u64 = 1 << 50;

/// `520M`, `21.00MB`: the platform's megabyte is 2^20 bytes.
fn size_of(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit {
        "B" => 0,
        "K" | "KB" => 10,
        "M" | "MB" => 20,
        "G" | "GB" => 30,
        _ => return None,
    };
    let size = number.parse::<f64>().ok()? * f64::from(1_u32 << shift);
    (0.0..=MOST as f64).contains(&size).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, used_mb: f64, quota_mb: Option<f64>) {
        let bytes = |mb: f64| (mb * f64::from(1 << 20)) as u64;
        let memory = Memory { used: bytes(used_mb), quota: quota_mb.map(bytes) };
        assert_eq!(Memory::logged(text), Some(memory), "{text}");
    }

    #[test]
    fn it_is_what_counts_against_the_quota() {
        check("Process running mem=512M(100.0%)", 512.0, Some(512.0));
        check("Process running mem=1024MB(200.0%)", 1024.0, Some(512.0));
        let metrics = "source=web.1 dyno=heroku.2808254.d97d0ea7 sample#memory_total=70.00MB \
                       sample#memory_rss=21.00MB sample#memory_cache=44.00MB sample#memory_swap=5.00MB \
                       sample#memory_pgpgin=348836pages sample#memory_quota=512.00MB";
        check(metrics, 26.0, Some(512.0));
        check("source=web.1 sample#memory_total=7.50MB", 7.5, None);
        check("source=web.1 sample#memory_total=7.50MB sample#memory_quota=0.00MB", 7.5, None);
    }

    #[test]
    fn what_is_no_memory_is_none() {
        for text in [
            "Process running mem=NaNM(NaN%)",
            "Process running mem=99999999999999999999G(1%)",
            "Process running mem=512M",
            "source=web.1 sample#load_avg_1m=2.46",
            "source=web.1 sample#memory_rss=-5.00MB",
            "source=web.1 sample#memory_rss=1e300MB",
            "sample#memory_rss=5.00MB",
            "",
        ] {
            assert_eq!(Memory::logged(text), None, "{text}");
        }
        assert_eq!(Memory::metered("Process running mem=512M(100.0%)"), None);
    }
}
