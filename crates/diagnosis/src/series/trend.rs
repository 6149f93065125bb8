//! How a series of readings goes: still growing, levelled off, or up and down.

/// The shape of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trend {
    /// Up at (nearly) every step, and not slowing down.
    Growing,
    /// It rose, and has slowed down to nothing or nearly so.
    Plateau,
    /// It went up and down, or rose only once.
    Unsteady,
    /// It did not rise.
    Flat,
}

/// What counts as slowing down.
struct Rule {
    /// The pace of the last steps is below this share of the pace before them.
    late: f64,
    /// Every step is smaller than the one before it, by this factor or more on average.
    fading: f64,
}

/// Chosen by the series of `trend.txt`, as the test below does: at the last reading it misses 1 of 21 leaks (an array that
/// doubles its room and rests in between), takes none of 12 caches and tides for growing, and 8 of 19 warm-ups, which are
/// told from leaks by how little they gain. Asked at each reading from the fourth on, it is wrong 71 times of 272: 12 of 114
/// on leaks, which look levelled off while traffic pauses or has just begun to fall, 2 of 54 on caches and tides, and 57 of 104
/// on warm-ups.
const RULE: Rule = Rule { late: 0.3, fading: 0.75 };

/// Judges readings in the order they were taken.
///
/// One interval in five may be without growth: traffic has its lulls. A series that slowed down to less than a third of its
/// earlier pace is a plateau in the making (a cache that fills finds ever fewer new keys), while one that sped up is
/// still growing.
pub(crate) fn trend(readings: &[u64]) -> Trend {
    judged(readings, &RULE)
}

fn judged(readings: &[u64], rule: &Rule) -> Trend {
    let steps: Vec<f64> = readings.windows(2).map(|pair| pair[1] as f64 - pair[0] as f64).collect();
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Trend::Flat };
    if last <= first {
        return if steps.iter().any(|step| *step > 0.0) { Trend::Unsteady } else { Trend::Flat };
    }
    let gain = (last - first) as f64;
    let lulls = steps.iter().filter(|step| **step <= 0.0).count();
    let drop: f64 = steps.iter().filter(|step| **step < 0.0).sum();
    if late_pace(&steps) < rule.late || fades(&steps, rule.fading) {
        return Trend::Plateau;
    }
    let allowed = if steps.len() >= 4 { 1 + steps.len() / 10 } else { 0 };
    if lulls > allowed || -drop > gain * 0.1 {
        return Trend::Unsteady;
    }
    let largest = steps.iter().copied().fold(0.0, f64::max);
    if steps.len() >= 3 && largest > gain * 0.85 {
        return Trend::Unsteady;
    }
    Trend::Growing
}

/// Whether every step is smaller than the one before it, on average by a factor: what is asked for by fewer and fewer new
/// keys, the rare ones, comes to an end by itself. Steps that shrink by a quarter each add up to three more like the last.
fn fades(steps: &[f64], factor: f64) -> bool {
    let shrink = steps.windows(2).all(|pair| pair[1] < pair[0]);
    let turns = i32::try_from(steps.len()).unwrap_or(i32::MAX) - 1;
    steps.len() >= 4 && shrink && steps[steps.len() - 1] < steps[0] * factor.powi(turns)
}

/// The pace of the last steps, as a share of the pace before them.
fn late_pace(steps: &[f64]) -> f64 {
    if steps.len() < 3 {
        return 1.0;
    }
    let late = steps.len().div_ceil(3).max(2).min(steps.len() - 1);
    let (before, after) = steps.split_at(steps.len() - late);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let pace = mean(before);
    // The very last step decides when it is next to nothing: that is what a plateau looks like when it is reached.
    let last = steps[steps.len() - 1];
    if last <= pace * 0.1 && steps[steps.len() - 2] <= pace * 0.5 {
        return 0.0;
    }
    if pace <= 0.0 { 1.0 } else { mean(after) / pace }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(readings: &[u64], expected: Trend) {
        assert_eq!(trend(readings), expected, "{readings:?}");
    }

    /// What a series of `trend.txt` is, and its readings.
    fn series() -> Vec<(&'static str, Vec<u64>)> {
        let lines = include_str!("trend.txt").lines().filter(|line| !line.starts_with('#'));
        let of = |line: &'static str| {
            let mut words = line.split_whitespace();
            let kind = words.next().expect("a kind");
            (kind, words.skip(1).map(|reading| reading.parse().expect("a reading")).collect())
        };
        lines.map(of).collect()
    }

    /// How often the rule is wrong on leaks, on what the program bounds, and on warm-ups; each with how often it was asked.
    fn wrong(rule: &Rule, from: impl Fn(&[u64]) -> usize) -> [(usize, usize); 3] {
        let mut wrong = [(0, 0); 3];
        for (kind, readings) in series() {
            let at = match kind {
                "leak" => 0,
                "cache" | "tide" => 1,
                "warm-up" => 2,
                other => panic!("{other}"),
            };
            for end in from(&readings)..=readings.len() {
                let growing = judged(&readings[..end], rule) == Trend::Growing;
                wrong[at].0 += usize::from(growing != (kind == "leak"));
                wrong[at].1 += 1;
            }
        }
        wrong
    }

    #[test]
    fn so_often_the_rule_is_wrong() {
        assert_eq!(wrong(&RULE, |readings| readings.len()), [(1, 21), (0, 12), (8, 19)]);
        assert_eq!(wrong(&RULE, |_| 4), [(12, 114), (2, 54), (57, 104)]);
    }

    #[test]
    fn no_other_rule_is_wrong_less_often() {
        let errors = |late, fading| -> usize {
            wrong(&Rule { late, fading }, |_| 4).iter().map(|(wrong, _)| wrong).sum()
        };
        let ours = errors(RULE.late, RULE.fading);
        for late in [0.1, 0.2, 0.25, 0.35, 0.4, 0.5] {
            for fading in [0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9] {
                assert!(errors(late, fading) > ours, "{late} and {fading}: {}", errors(late, fading));
            }
        }
        for fading in [0.0, 0.5, 0.6, 0.7, 0.8, 0.9] {
            assert!(errors(RULE.late, fading) >= ours, "{fading}: {}", errors(RULE.late, fading));
        }
    }

    #[test]
    fn a_steady_rise_is_growing() {
        check(&[100, 200, 300, 400, 500], Trend::Growing);
        check(&[100, 250, 330, 480, 900], Trend::Growing);
    }

    #[test]
    fn a_lull_does_not_hide_a_leak() {
        check(&[100, 200, 200, 300, 400], Trend::Growing);
    }

    #[test]
    fn a_cache_that_filled_is_a_plateau() {
        check(&[0, 1295, 2569, 2775, 2775, 2775], Trend::Plateau);
        check(&[1000, 1120, 1170, 1190, 1197, 1200], Trend::Plateau);
        check(&[0, 100, 200, 300, 305, 305], Trend::Plateau);
    }

    #[test]
    fn a_cache_of_ever_rarer_keys_is_a_plateau_in_the_making() {
        check(&[216, 245, 264, 275, 282], Trend::Plateau);
        check(&[100, 200, 290, 380, 440], Trend::Growing);
    }

    #[test]
    fn a_tide_is_unsteady() {
        check(&[300, 900, 150, 700, 400, 800], Trend::Unsteady);
    }

    #[test]
    fn one_jump_is_no_leak() {
        check(&[0, 0, 5000, 5000, 5000], Trend::Plateau);
        check(&[0, 0, 0, 0, 5000], Trend::Unsteady);
    }

    #[test]
    fn nothing_is_flat() {
        check(&[], Trend::Flat);
        check(&[5], Trend::Flat);
        check(&[5, 5, 4], Trend::Flat);
    }
}
