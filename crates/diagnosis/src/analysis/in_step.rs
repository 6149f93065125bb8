//! What grows in step with something else that a package keeps: one call fills both, and one change ends both.

use crate::findings::Hop;
use crate::series::growth::baseline;

/// One comes so many times for each of the other, at the most.
const MOST_EACH: u64 = 4;
/// At a step one may come this much more or less often than the other: a snapshot falls between the two.
const APART: f64 = 0.15;
/// Classes of what holds things together that have nothing to do with each other.
const NOBODYS: [&str; 3] = ["Module", "process", "system / Context"];

/// Whether at every judged step as many of the one have come as of the other, or a few of the one for each of the other.
pub(super) fn are_in_step(one: &[u64], other: &[u64]) -> bool {
    let steps = |counts: &[u64]| -> Vec<u64> {
        let judged = counts.get(baseline(counts.len())..).unwrap_or_default();
        judged.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
    };
    let (one, other) = (steps(one), steps(other));
    let keeps_step = |fewer: &[u64], more: &[u64], each: u64| {
        fewer.iter().zip(more).all(|(fewer, more)| {
            let expected = fewer * each;
            expected > 0 && expected.abs_diff(*more) as f64 <= (*more as f64 * APART).max(2.0)
        })
    };
    let is_any = |each| keeps_step(&one, &other, each) || keeps_step(&other, &one, each);
    one.len() == other.len() && one.len() > 1 && (1..=MOST_EACH).any(is_any)
}

/// Whether two holders, by the paths that lead through them, are parts of one object: by its fields, and by no entry of a
/// collection, which has many of the same.
pub(super) fn are_parts_of_one(one: (&[Hop], u32), other: (&[Hop], u32)) -> bool {
    let together = one.0.iter().zip(other.0).take_while(|(one, other)| one.id == other.id).count();
    let Some(common) = together.checked_sub(1).and_then(|last| one.0.get(last)) else { return false };
    let is_nobodys = common.class.starts_with("global") || NOBODYS.contains(&common.class.as_str());
    let is_below = |(path, holder): (&[Hop], u32)| {
        let rest = &path[together..];
        let end = rest.iter().position(|hop| hop.id == holder);
        end.is_some_and(|end| rest[..=end].iter().all(|hop| hop.edge.starts_with('.')))
    };
    !is_nobodys && is_below(one) && is_below(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_call_makes_comes_in_step() {
        for (one, other, expected) in [
            (&[291, 398, 504, 614, 723][..], &[296, 403, 510, 621, 730][..], true),
            // Two for each, with a snapshot between them.
            (&[383, 526, 661, 796, 932], &[766, 1_047, 1_322, 1_587, 1_859], true),
            (&[1_859, 1_587, 1_322, 1_047], &[932, 796, 661, 526], false),
            (&[10, 20, 30, 40, 50], &[10, 27, 30, 52, 60], false),
            (&[10, 20, 30, 40, 50], &[10, 15, 20, 25, 26], false),
            (&[10, 20], &[10, 20], false),
            (&[1, 1, 1, 1], &[1, 1, 1, 1], false),
        ] {
            assert_eq!(are_in_step(one, other), expected, "{one:?} {other:?}");
            assert_eq!(are_in_step(other, one), expected, "{other:?} {one:?}");
        }
    }

    fn path(hops: &[(&str, &str, u32)]) -> Vec<Hop> {
        let hop = |(edge, class, id): &(&str, &str, u32)| Hop {
            edge: (*edge).to_owned(),
            class: (*class).to_owned(),
            id: *id,
            location: None,
            repeats: 1,
        };
        hops.iter().map(hop).collect()
    }

    #[test]
    fn the_fields_of_one_object_are_its_parts_and_the_entries_of_a_collection_are_not() {
        let cache =
            path(&[(".2", "global", 1), (".ajv", "Ajv", 3), ("._cache", "Map", 5), ("{2}", "Env", 7)]);
        let scope = [(".2", "global", 1), (".ajv", "Ajv", 3), (".scope", "Scope", 9), (".names", "Map", 11)];
        assert!(are_parts_of_one((&cache, 5), (&path(&scope), 11)));
        assert!(!are_parts_of_one((&cache, 5), (&path(&scope), 99)), "it does not lie on the path");
        let entry = [(".2", "global", 1), (".ajv", "Ajv", 3), ("[1]", "Scope", 9), (".names", "Map", 11)];
        assert!(!are_parts_of_one((&cache, 5), (&path(&entry), 11)));
        let other = [(".2", "global", 1), (".pages", "Map", 13)];
        assert!(!are_parts_of_one((&cache, 5), (&path(&other), 13)), "the global object is nobody's");
    }
}
