//! What the objects of a snapshot are kept by without those that only pass: a chain of closures of a request under way, a copy of a
//! list that a function goes through. By dominance these would take from the holder what both lead to.

use crate::bits::Bits;
use crate::kinds::EdgeType;
use crate::read::snapshot::Snapshot;

impl Snapshot<'_> {
    /// Makes all edges weak by which objects that pass, by their ids, lead to others that are kept without them: nothing computed from
    /// now on goes by them.
    pub fn weaken_passing(&mut self, passes: impl Fn(u32) -> bool) {
        let ids = self.object_ids();
        let passing: Vec<usize> = (0..ids.len()).filter(|node| passes(ids[*node])).collect();
        let mut others = Bits::new(ids.len());
        passing.iter().for_each(|node| others.set(*node as u32));
        let kept = self.kept_without(&others);
        for node in passing {
            for at in self.nodes.edges(node) {
                if kept.get(self.edges.targets[at].node()) {
                    self.edges.weaken(at..at + 1);
                }
            }
        }
    }

    /// What the root reaches without the objects that pass.
    fn kept_without(&self, passing: &Bits) -> Bits {
        let mut kept = Bits::new(self.nodes.len());
        let mut work = vec![self.root().0];
        while let Some(node) = work.pop() {
            for at in self.nodes.edges(node as usize) {
                let target = self.edges.targets[at].node();
                let counts = self.edges.kinds[at] != EdgeType::Weak && !passing.get(target);
                if counts && !kept.get(target) {
                    kept.set(target);
                    work.push(target);
                }
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::NodeId;
    use crate::kinds::NodeType;
    use crate::testing::Builder;

    #[test]
    fn what_is_kept_anyway_is_not_kept_by_what_passes() {
        let mut builder = Builder::default();
        let object = |builder: &mut Builder, name: &str| builder.node(NodeType::Object, name);
        let [list, entry, copy, other] =
            ["list", "entry", "copy", "other"].map(|name| object(&mut builder, name));
        for (from, name, to) in [
            (Builder::ROOT, "list", list),
            (list, "entry", entry),
            (Builder::ROOT, "copy", copy),
            (copy, "entry", entry),
            (copy, "other", other),
        ] {
            builder.edge(EdgeType::Property, from, name, to);
        }
        let text = builder.text();
        let mut snapshot = Snapshot::parse(text.as_bytes(), 1).expect("it is whole");
        let passing = snapshot.object_ids()[copy.0 as usize];
        snapshot.weaken_passing(|id| id == passing);
        let strong = |node: NodeId| {
            let edges = snapshot.edges(node).filter(|edge| edge.kind != EdgeType::Weak);
            edges.map(|edge| edge.target).collect::<Vec<_>>()
        };
        assert_eq!(strong(copy), [other], "the list has the entry without it");
        assert_eq!(strong(list), [entry]);
    }
}
