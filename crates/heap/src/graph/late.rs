//! Predecessors with greater numbers than their nodes, which the walk finds in the order of the predecessors and who
//! looks for dominators wants by node.

use std::ops::Range;

/// Nodes of one block and a predecessor of each, in the order of these.
///
/// A node is told by its place in the block, a predecessor by how far it is from an earlier one: 16 bits each. Where they
/// do not suffice, [`Pairs::NEW_BASE`] stands in a node's place, and the next pair is the predecessor to count from.
#[derive(Default)]
struct Pairs {
    base: u32,
    /// All of one length, so that none is ever moved to grow.
    full: Vec<Vec<[u16; 2]>>,
    last: Vec<[u16; 2]>,
}

impl Pairs {
    const LENGTH: usize = 1 << 11;
    /// No place in a block.
    const NEW_BASE: u16 = u16::MAX;

    /// `from` must not be less than any before.
    #[inline(always)]
    fn push(&mut self, to: u16, from: u32) {
        if from - self.base > u16::MAX.into() {
            self.set_base(from);
        }
        self.put([to, (from - self.base) as u16]);
    }

    #[inline(always)]
    fn put(&mut self, pair: [u16; 2]) {
        if self.last.len() == self.last.capacity() {
            self.begin_list();
        }
        self.last.push(pair);
    }

    #[cold]
    fn begin_list(&mut self) {
        let full = std::mem::replace(&mut self.last, Vec::with_capacity(Self::LENGTH));
        self.full.push(full);
    }

    #[cold]
    fn set_base(&mut self, base: u32) {
        self.put([Self::NEW_BASE, 0]);
        self.put([base as u16, (base >> 16) as u16]);
        self.base = base;
    }

    /// Hands on each node, by its place in the block, with its predecessor.
    #[inline(always)]
    fn each(&self, mut each: impl FnMut(usize, u32)) {
        let (mut base, mut is_base) = (0, false);
        for list in self.full.iter().chain([&self.last]) {
            for &[to, near] in list {
                if is_base {
                    base = u32::from(to) | u32::from(near) << 16;
                    is_base = false;
                } else if to == Self::NEW_BASE {
                    is_base = true;
                } else {
                    each(to.into(), base + u32::from(near));
                }
            }
        }
    }
}

/// Pairs of a node and a predecessor with a greater number, in blocks of nodes.
#[derive(Default)]
pub(crate) struct Late {
    blocks: Vec<Pairs>,
    /// How many nodes have numbers.
    pub(super) numbers: usize,
}

impl Late {
    /// Nodes to a block: a place in it fits 16 bits, and what is known of them a processor's second cache.
    const BLOCK: usize = 1 << 15;

    #[inline(always)]
    pub(super) fn push(&mut self, number: u32, from: u32) {
        let block = number as usize / Self::BLOCK;
        if block >= self.blocks.len() {
            self.blocks.resize_with(block + 1, Pairs::default);
        }
        self.blocks[block].push((number as usize % Self::BLOCK) as u16, from);
    }

    /// The block of the greatest numbers.
    pub(crate) fn pop(&mut self) -> Option<Block> {
        let count = self.numbers.checked_sub(1)?;
        let first = count / Self::BLOCK * Self::BLOCK;
        let numbers = first..self.numbers;
        self.numbers = first;
        let pairs = if self.blocks.len() > first / Self::BLOCK { self.blocks.pop() } else { None };
        let pairs = pairs.unwrap_or_default();
        // How many predecessors each node has, two places further on; summed up, where its list begins, one place further
        // on; and once the list is filled from there, where the next one begins, at the next one's place.
        let mut begins = vec![0_u32; numbers.len() + 2];
        pairs.each(|to, _| begins[to + 2] += 1);
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        let mut from = vec![0; sum as usize];
        pairs.each(|to, predecessor| {
            let next = &mut begins[to + 1];
            from[*next as usize] = predecessor;
            *next += 1;
        });
        begins.pop();
        Some(Block { numbers: numbers.start as u32..numbers.end as u32, begins, from })
    }
}

/// The predecessors of some nodes, by node.
pub(crate) struct Block {
    numbers: Range<u32>,
    /// By node, where its list begins; and where the last one ends.
    begins: Vec<u32>,
    from: Vec<u32>,
}

impl Block {
    /// The nodes that have predecessors with greater numbers, and those; the greatest node first.
    pub(crate) fn backwards(&self) -> impl Iterator<Item = (u32, &[u32])> {
        let lists = self.numbers.clone().zip(self.begins.windows(2)).rev();
        lists
            .map(|(number, list)| (number, &self.from[list[0] as usize..list[1] as usize]))
            .filter(|(_, list)| !list.is_empty())
    }
}
