//! Several sites as one.

use crate::series::growth::Site;

/// What grows at all of them, in the hands of one owner.
pub(super) fn joined(group: Vec<Site>, owner: u32) -> Site {
    let mut group = group.into_iter();
    let mut sum = group.next().expect("a group has at least two sites");
    for site in group {
        for (sum, more) in sum.counts.iter_mut().zip(&site.counts) {
            *sum += more;
        }
        for (sum, more) in sum.bytes.iter_mut().zip(&site.bytes) {
            *sum += more;
        }
        sum.members.extend(site.members);
    }
    sum.owner = owner;
    sum.is_inner = true;
    sum
}
