//! How much memory a dyno may use, by the name of its type.
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
    /// Is the type known here? Else the bytes are those of the smallest.
    pub known: bool,
}

impl Quota {
    /// Of a type as the platform names it, such as `Standard-1X`.
    pub(crate) fn of(dyno_type: Option<&str>) -> Self {
        let bytes = dyno_type.and_then(memory);
        Self {
            dyno_type: dyno_type.map(str::to_owned),
            bytes: bytes.unwrap_or(SMALLEST),
            known: bytes.is_some(),
        }
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
            let quota = Quota::of(Some(dyno_type));
            assert_eq!((quota.bytes >> 20, quota.known), (megabytes, known), "{dyno_type}");
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
        assert_eq!(Quota::of(None), Quota { dyno_type: None, bytes: 512 << 20, known: false });
    }
}
