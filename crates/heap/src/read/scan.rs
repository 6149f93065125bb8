//! The integer scanner: the inner loop of this crate.
//!
//! Where the processor can, a record is read at once: see `line.rs`. Elsewhere, and where it is written in another way
//! than V8's, number by number. Types and counts are mostly of one digit, ids and indices of many. So a number is looked
//! at for a second digit, and if there is one, eight bytes are taken at once: where the digits end is a matter of a few
//! operations, and what they say of three multiplications, however many there are. A digit at a time costs a wrong guess
//! of the processor a number, at the end of it.

use crate::error::Error;
#[cfg(target_arch = "x86_64")]
use crate::read::line::lines;
use crate::read::source::{RELEASE_STEP, Source, skip_space};
use std::ops::Range;

/// How many records are read before the first of them is handed on: each of the two loops then has the processor to
/// itself, and what lies between them stays in its nearest cache.
const BATCH: usize = 256;

/// A section whose records are to be read.
pub(crate) struct Section<'s> {
    pub(crate) source: &'s Source<'s>,
    /// Where it lies, between its brackets.
    pub(crate) range: Range<usize>,
    pub(crate) name: &'static str,
    /// How many records it must have, no more and no less.
    pub(crate) count: usize,
}

impl Section<'_> {
    /// Reads all records of `N` numbers and hands each to `each`.
    ///
    /// Numbers wrap at 32 bits, as they do in the Uint32Array that DevTools keeps them in.
    #[inline(always)]
    pub(crate) fn records<const N: usize>(
        self,
        mut each: impl FnMut([u32; N]) -> Result<(), &'static str>,
    ) -> Result<(), Error> {
        let Self { source, range, name, count } = self;
        let text = &source.bytes[range.clone()];
        let mut at = skip_space(text, 0);
        let mut released = 0;
        let mut left = count;
        let mut batch = [[0; N]; BATCH];
        while left > 0 {
            let room = left.min(BATCH);
            // Nobody writes a line for one number.
            let mut read = if N == 1 { 0 } else { lines(text, &mut at, &mut batch[..room]) };
            if read == 0 {
                batch[0] = numbers(text, &mut at).ok_or_else(|| unreadable(name, text, at))?;
                read = 1;
            }
            for record in &batch[..read] {
                each(*record).map_err(|what| Error::damaged(name, what))?;
            }
            left -= read;
            if at - released >= RELEASE_STEP {
                source.released(range.start + released..range.start + at);
                released = at;
            }
        }
        source.released(range.start + released..range.end);
        if at != text.len() {
            return Err(Error::damaged(name, "it has more records than the header says"));
        }
        Ok(())
    }

    /// Reads records of a width that V8 has never written, not quite as fast.
    pub(crate) fn wide_records(
        self,
        fields: usize,
        each: &mut dyn FnMut(&[u32]) -> Result<(), &'static str>,
    ) -> Result<(), Error> {
        let count = self.count;
        let mut record = Vec::with_capacity(fields);
        let values = Section { count: count * fields, ..self };
        values.records::<1>(|[value]| {
            record.push(value);
            if record.len() == fields {
                each(&record)?;
                record.clear();
            }
            Ok(())
        })
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn lines<const N: usize>(_: &[u8], _: &mut usize, _: &mut [[u32; N]]) -> usize {
    0
}

/// The next `N` numbers, however they are separated.
#[inline(always)]
fn numbers<const N: usize>(text: &[u8], at: &mut usize) -> Option<[u32; N]> {
    let mut record = [0; N];
    for value in &mut record {
        *value = number(text, at).filter(|_| separator(text, at))?;
    }
    Some(record)
}

#[inline(always)]
fn number(text: &[u8], at: &mut usize) -> Option<u32> {
    let first = digit(text, *at)?;
    *at += 1;
    if digit(text, *at).is_none() {
        return Some(u32::from(first));
    }
    *at -= 1;
    match text.get(*at..).and_then(<[u8]>::first_chunk::<8>) {
        Some(chunk) => {
            let (value, digits) = eight_digits(u64::from_le_bytes(*chunk));
            *at += digits;
            if digits < 8 { Some(value) } else { Some(more_digits(text, at, value)) }
        }
        None => Some(more_digits(text, at, 0)),
    }
}

/// The number that these bytes begin with, the first in the lowest byte, and how many digits it has: at least one.
///
/// The bytes behind it are shifted out, zeros come in where higher digits would stand, and neighbours are joined:
/// digits to pairs, pairs to fours, fours to the number (D. Lemire, "Quickly parsing eight digits", 2018).
#[inline(always)]
fn eight_digits(bytes: u64) -> (u32, usize) {
    let values = bytes ^ 0x3030_3030_3030_3030;
    let no_digit = (values.wrapping_add(0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080;
    let digits = (no_digit.trailing_zeros() / 8) as usize;
    // With eight digits nothing is shifted out; with none, which the caller rules out, the shift would be too wide.
    let values = values << (64 - 8 * digits.max(1));
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8);
    const MASK: u64 = 0x0000_00ff_0000_00ff;
    let high = (pairs & MASK).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((pairs >> 16) & MASK).wrapping_mul(1 + (10_000 << 32));
    ((high.wrapping_add(low) >> 32) as u32, digits)
}

/// Goes on from `value` a digit at a time: near the end of the text, and for numbers of more than eight digits.
fn more_digits(text: &[u8], at: &mut usize, mut value: u32) -> u32 {
    while let Some(digit) = digit(text, *at) {
        value = value.wrapping_mul(10).wrapping_add(u32::from(digit));
        *at += 1;
    }
    value
}

#[inline(always)]
fn digit(text: &[u8], at: usize) -> Option<u8> {
    text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10)
}

/// Steps over one comma and the space around it; false where something else stands.
///
/// Between two numbers of a record V8 writes a comma, and between two records a new line before it.
#[inline(always)]
fn separator(text: &[u8], at: &mut usize) -> bool {
    match text.get(*at..).and_then(<[u8]>::first_chunk::<3>) {
        Some([b',', next, _]) if *next > b' ' => {
            *at += 1;
            true
        }
        Some([b'\n', b',', next]) if *next > b' ' => {
            *at += 2;
            true
        }
        _ => separator_with_space(text, at),
    }
}

fn separator_with_space(text: &[u8], at: &mut usize) -> bool {
    *at = skip_space(text, *at);
    match text.get(*at) {
        Some(b',') => {
            *at = skip_space(text, *at + 1);
            // Nothing may follow the last number.
            *at < text.len()
        }
        Some(_) => false,
        None => true,
    }
}

#[cold]
fn unreadable(section: &'static str, text: &[u8], at: usize) -> Error {
    if at >= text.len() {
        Error::damaged(section, "it has fewer records than the header says")
    } else {
        Error::damaged(section, format!("not a number at byte {at} of the section"))
    }
}

/// A division by a number that is only known at run time but the same for all of a file (D. Lemire, O. Kaser, N.
/// Kurz, "Faster remainder by direct computation", 2019): exact for every 32-bit dividend.
#[derive(Clone, Copy)]
pub(crate) struct Divisor {
    magic: u64,
}

impl Divisor {
    pub(crate) fn new(divisor: usize) -> Self {
        debug_assert!((2..=32).contains(&divisor));
        Self { magic: u64::MAX / divisor as u64 + 1 }
    }

    /// The quotient, if nothing remains.
    #[inline(always)]
    pub(crate) fn exact(self, dividend: u32) -> Option<u32> {
        let product = u128::from(self.magic) * u128::from(dividend);
        let remains = (product as u64) >= self.magic;
        (!remains).then_some((product >> 64) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, fields: usize, count: usize) -> Result<Vec<u32>, Error> {
        let source = Source::plain(text.as_bytes(), 1);
        let section = || Section { source: &source, range: 0..text.len(), name: "nodes", count };
        let (mut wide, mut known) = (Vec::new(), Vec::new());
        let result = section().wide_records(fields, &mut |record| {
            wide.extend_from_slice(record);
            Ok(())
        });
        let known_result = match fields {
            2 => section().records::<2>(|record| {
                known.extend(record);
                Ok(())
            }),
            _ => section().records::<3>(|record| {
                known.extend(record);
                Ok(())
            }),
        };
        assert_eq!(result.is_ok(), known_result.is_ok(), "{text}");
        result?;
        assert_eq!(wide, known);
        Ok(wide)
    }

    #[test]
    fn numbers_of_all_lengths_are_read() {
        for digits in 1..=12_usize {
            for (first, rest) in [("1", "0"), ("9", "9"), ("0", "7")] {
                let text = format!("{first}{}", rest.repeat(digits - 1));
                let expected = text.parse::<u64>().expect("a number") as u32;
                for behind in ["", ",", "\n,1,2,3", ",12345678"] {
                    let mut at = 0;
                    let whole = format!("{text}{behind}");
                    assert_eq!(number(whole.as_bytes(), &mut at), Some(expected), "{whole}");
                    assert_eq!(at, digits, "{whole}");
                }
            }
        }
    }

    #[test]
    fn records_are_read_with_any_space_between() {
        #[track_caller]
        fn check(text: &str, fields: usize, expected: &[u32]) {
            assert_eq!(read(text, fields, expected.len() / fields).expect(text), expected);
        }
        check("", 3, &[]);
        check(" \n", 3, &[]);
        check("1,2,3", 3, &[1, 2, 3]);
        check("1,2,3\n,4,5,6\n", 3, &[1, 2, 3, 4, 5, 6]);
        check(" 1 , 2 ,\r\n 3 ,40,50, 60 ", 3, &[1, 2, 3, 40, 50, 60]);
        check("4294967295,4294967296", 2, &[u32::MAX, 0]);
    }

    #[test]
    fn what_is_no_list_of_records_is_refused() {
        for text in ["1,2", "1,2,3,4", "1,,3", "1,2,x", "1 2,3", "-1,2,3", "1.5,2,3", "1,2,3,", ",1,2,3"] {
            assert!(read(text, 3, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn division_is_exact() {
        for divisor in 2..=32_u32 {
            let by = Divisor::new(divisor as usize);
            for dividend in (0..5000).chain(u32::MAX - 5000..=u32::MAX) {
                let expected = (dividend % divisor == 0).then_some(dividend / divisor);
                assert_eq!(by.exact(dividend), expected, "{dividend} / {divisor}");
            }
        }
    }
}
