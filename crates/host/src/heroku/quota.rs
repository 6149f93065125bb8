//! How much memory a dyno may use: by the name of its type, or else by its own runtime metrics.
//!
//! From the Dev Center's articles "Dyno Types" (of 2024-06-04) and "Dyno Memory Behavior" (of 2024-10-16). In the Common
//! Runtime a dyno that passes its quota swaps, with an R14, and is ended (R15) at twice of it, from Performance-L-RAM up at
//! 1.2 times; in a Private Space it is ended at the quota. Swapping is no room: an app that swaps for the length of a pause
//! answers nobody, so the quota is the limit everywhere.
//!
//! A dyno shows no cgroup files, so from inside its memory looks like the host's, tens of gigabytes.

/// The least that any type has.
const SMALLEST: u64 = 512 << 20;

/// Memory that a dyno may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The name of the type, where the platform told one.
    pub dyno_type: Option<String>,
    /// Bytes.
    pub bytes: u64,
    /// Who says so.
    pub source: QuotaSource,
}

/// Who tells a dyno's quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaSource {
    /// The name of its type.
    DynoType,
    /// Its runtime metrics; the type is not known here.
    RuntimeMetrics,
    /// Nobody: the bytes are those of the smallest type.
    Smallest,
}

impl Quota {
    /// Of a type as the platform names it, such as `Standard-1X`, and of what the dyno's metrics tell, bytes.
    pub(crate) fn of(dyno_type: Option<&str>, metered: Option<u64>) -> Self {
        let (bytes, source) = match (dyno_type.and_then(memory), metered) {
            (Some(of_type), None) => (of_type, QuotaSource::DynoType),
            (Some(of_type), Some(metered)) if of_type <= metered => (of_type, QuotaSource::DynoType),
            (_, Some(metered)) => (metered, QuotaSource::RuntimeMetrics),
            (None, None) => (SMALLEST, QuotaSource::Smallest),
        };
        Self { dyno_type: dyno_type.map(str::to_owned), bytes, source }
    }
}

fn memory(dyno_type: &str) -> Option<u64> {
    let name = dyno_type.to_ascii_lowercase();
    let tenths = match name.as_str() {
        "free" | "hobby" | "eco" | "basic" | "standard-1x" | "1x" => return Some(SMALLEST),
        "standard-2x" | "2x" => 10,
        // Performance, Private and Shield have the same sizes under their letters; S is of the spaces only.
        _ => match name.split_once('-')? {
            ("private" | "shield", "s") => 10,
            ("performance" | "private" | "shield", size) => match size {
                "m" => 25,
                "l" => 140,
                "l-ram" => 300,
                "xl" => 620,
                "2xl" => 1260,
                _ => return None,
            },
            // Fir says it in the name: dyno-1c-0.5gb, dyno-16c-64gb.
            ("dyno", size) => fir(size)?,
            _ => return None,
        },
    };
    Some((tenths << 30) / 10)
}

/// `1c-0.5gb` in tenths of a gigabyte.
fn fir(size: &str) -> Option<u64> {
    let (cores, memory) = size.split_once("c-")?;
    cores.parse::<u32>().ok()?;
    let gigabytes: f64 = memory.strip_suffix("gb")?.parse().ok()?;
    (0.1..=4096.0).contains(&gigabytes).then_some((gigabytes * 10.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_its_memory_and_an_unknown_one_the_least() {
        #[track_caller]
        fn check(dyno_type: &str, megabytes: u64, known: bool) {
            let quota = Quota::of(Some(dyno_type), None);
            let source = if known { QuotaSource::DynoType } else { QuotaSource::Smallest };
            assert_eq!((quota.bytes >> 20, quota.source), (megabytes, source), "{dyno_type}");
        }
        for small in ["Eco", "Basic", "Standard-1X", "dyno-1c-0.5gb"] {
            check(small, 512, true);
        }
        check("Standard-2X", 1024, true);
        check("Private-S", 1024, true);
        check("Performance-M", 2560, true);
        check("Shield-L", 14 << 10, true);
        check("Performance-L-RAM", 30 << 10, true);
        check("Private-XL", 62 << 10, true);
        check("Performance-2XL", 126 << 10, true);
        check("dyno-4c-16gb", 16 << 10, true);
        for unknown in ["Performance-S", "Quantum-1X", "", "dyno-4c-NaNgb", "dyno-4c-1e99gb", "standard"] {
            check(unknown, 512, false);
        }
        let smallest = Quota { dyno_type: None, bytes: 512 << 20, source: QuotaSource::Smallest };
        assert_eq!(Quota::of(None, None), smallest);
    }

    #[test]
    fn metrics_tell_the_quota_of_an_unknown_type_and_never_raise_that_of_a_known_one() {
        let of = |dyno_type, megabytes: u64| Quota::of(Some(dyno_type), Some(megabytes << 20));
        let metered = of("Quantum-1X", 2048);
        assert_eq!((metered.bytes >> 20, metered.source), (2048, QuotaSource::RuntimeMetrics));
        assert_eq!(of("Standard-1X", 2048).bytes >> 20, 512);
        assert_eq!(of("Performance-L", 1024).bytes >> 20, 1024);
    }
}
