//! How fast a dyno's memory grows: a slope that a few odd samples do not change.
//!
//! Of each minute the lowest sample is kept, which is nearest to what the process holds on to, for two hours. The slope is Theil and
//! Sen's: the median of the slopes between all pairs, of which more than a quarter of the samples must be wrong before it is.

use std::collections::VecDeque;

use jiff::Timestamp;

/// Two hours of minutes.
const MOST: usize = 120;
/// Before that, a warm-up looks like a leak.
const LEAST: usize = 10;
const LEAST_MINUTES: i64 = 20;

#[derive(Debug, Default)]
pub(super) struct Growth {
    /// Minutes since 1970, and the lowest sample of each.
    minutes: VecDeque<(i64, u64)>,
    per_hour: Option<f64>,
}

impl Growth {
    pub(super) fn note(&mut self, at: Timestamp, used: u64) {
        let minute = at.as_second().div_euclid(60);
        match self.minutes.back_mut() {
            Some((last, lowest)) if *last == minute => *lowest = used.min(*lowest),
            // A line that comes late adds nothing.
            Some((last, _)) if *last > minute => {}
            _ => {
                self.per_hour = self.slope();
                self.minutes.retain(|(earlier, _)| *earlier > minute - MOST as i64);
                self.minutes.push_back((minute, used));
            }
        }
    }

    /// Bytes an hour, by all minutes that are over; `None` where there are too few.
    pub(super) fn per_hour(&self) -> Option<f64> {
        self.per_hour
    }

    fn slope(&self) -> Option<f64> {
        let (first, last) = (self.minutes.front()?.0, self.minutes.back()?.0);
        if self.minutes.len() < LEAST || last - first < LEAST_MINUTES {
            return None;
        }
        let pairs = self.minutes.iter().enumerate().flat_map(|(at, (minute, used))| {
            let rise =
                move |(later, more): &(i64, u64)| (*more as f64 - *used as f64) / (later - minute) as f64;
            self.minutes.iter().skip(at + 1).map(rise)
        });
        let mut slopes: Vec<f64> = pairs.collect();
        let middle = slopes.len() / 2;
        let (_, median, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
        Some(*median * 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample every 20 s for so many minutes.
    fn grown(minutes: i64, used: impl Fn(i64) -> u64) -> Growth {
        let mut growth = Growth::default();
        for sample in 0..minutes * 3 {
            growth.note(Timestamp::from_second(1_700_000_000 + sample * 20).unwrap(), used(sample));
        }
        growth
    }

    #[track_caller]
    fn about(growth: &Growth, per_hour: f64) {
        let seen = growth.per_hour().unwrap();
        assert!((seen - per_hour).abs() < 1e5, "{seen}");
    }

    #[test]
    fn a_leak_is_seen_below_the_noise() {
        // 20 MB an hour; collections that come and go; a spike each ten minutes.
        let leak = |sample: i64| 100_000_000 + sample as u64 * 111_111;
        about(&grown(60, leak), 20e6);
        about(&grown(60, |sample| leak(sample) + if sample % 3 == 0 { 0 } else { 30_000_000 }), 20e6);
        about(&grown(60, |sample| leak(sample) + if sample % 30 < 4 { 200_000_000 } else { 0 }), 20e6);
        about(&grown(60, |_| 100_000_000), 0.0);
        // What grew once and stays.
        about(
            &grown(
                119,
                |sample| if sample < 60 { 100_000_000 + sample as u64 * 1_000_000 } else { 160_000_000 },
            ),
            0.0,
        );
    }

    #[test]
    fn too_little_says_nothing_and_the_past_is_forgotten() {
        assert_eq!(grown(15, |sample| sample as u64 * 1_000_000).per_hour(), None);
        let growth = grown(300, |sample| sample as u64);
        assert!(growth.minutes.len() <= MOST);
    }
}
