//! The order of a search in breadth.

/// Visits some nodes, then all that `visit` has found from those, and so on.
///
/// `visit` is given a node and where to put what it leads to and was not found before.
#[inline(always)]
pub(super) fn breadth_first(begin: Vec<u32>, mut visit: impl FnMut(u32, &mut Vec<u32>)) {
    // Those of one distance, and those they lead to.
    let mut far = Vec::with_capacity(begin.capacity());
    let mut near = begin;
    while !near.is_empty() {
        for &node in &near {
            visit(node, &mut far);
        }
        near.clear();
        std::mem::swap(&mut near, &mut far);
    }
}
