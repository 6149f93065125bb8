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

/// Judges readings in the order they were taken.
///
/// One interval in five may be without growth: traffic has its lulls. A series that slowed down to a third of its
/// earlier pace is a plateau in the making (a cache that fills finds ever fewer new keys), while one that sped up is
/// still growing.
pub(crate) fn trend(readings: &[u64]) -> Trend {
    let steps: Vec<f64> = readings.windows(2).map(|pair| pair[1] as f64 - pair[0] as f64).collect();
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Trend::Flat };
    if last <= first {
        return if steps.iter().any(|step| *step > 0.0) { Trend::Unsteady } else { Trend::Flat };
    }
    let gain = (last - first) as f64;
    let lulls = steps.iter().filter(|step| **step <= 0.0).count();
    let drop: f64 = steps.iter().filter(|step| **step < 0.0).sum();
    let late = late_pace(&steps);
    if late < 0.35 || fades(&steps) {
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

/// Whether every step is smaller than the one before it, and the last one a fraction of the first: what is asked for by
/// fewer and fewer new keys, the rare ones, comes to an end by itself.
fn fades(steps: &[f64]) -> bool {
    steps.len() >= 4
        && steps.windows(2).all(|pair| pair[1] < pair[0])
        && steps[steps.len() - 1] < steps[0] * 0.4
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
