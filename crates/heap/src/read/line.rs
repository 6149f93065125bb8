//! A whole record read at once, as V8 writes it: a line of digits and commas.
//!
//! Which of the next bytes are no digits is one number of as many bits, and the bits that are set in it are where each of
//! the record's numbers ends. Only that is a chain of steps from one record to the next, and a short one; what the
//! digits say is found beside it, for two numbers at a time and however many digits they have. With AVX2 that is a few
//! instructions; without it the scanner goes from number to number.
#![expect(
    unsafe_code,
    reason = "these instructions are asked for where the processor was seen to have them; the proofs are beside each use"
)]

use std::arch::x86_64::{
    __m256i, _mm_cvtsi128_si64, _mm_madd_epi16, _mm_maddubs_epi16, _mm_packus_epi32, _mm_set_epi64x,
    _mm_set1_epi8, _mm_set1_epi16, _mm_set1_epi32, _mm_subs_epu8, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_max_epu8, _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_sub_epi8,
};

/// How many bytes of a record are looked at, and eight more, so that eight can be taken wherever a number begins.
const WINDOW: usize = 64 + 8;

/// Reads lines from `at` on for as long as they are written as V8 does and there is room for them; says how many. On a
/// processor that cannot do this, that is none.
#[inline]
pub(crate) fn lines<const N: usize>(text: &[u8], at: &mut usize, records: &mut [[u32; N]]) -> usize {
    if !(is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2"))
    {
        return 0;
    }
    // SAFETY: the processor has just been seen to have what the function asks for.
    unsafe { lines_with_avx2(text, at, records) }
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn lines_with_avx2<const N: usize>(text: &[u8], at: &mut usize, records: &mut [[u32; N]]) -> usize {
    let mut here = *at;
    let mut read = 0;
    for record in records {
        let Some((numbers, length)) =
            text.get(here..).and_then(<[u8]>::first_chunk).and_then(|window| line(window))
        else {
            break;
        };
        *record = numbers;
        here += length;
        read += 1;
    }
    *at = here;
    read
}

/// The record that the window begins with, and the length of its text with the comma behind it; none where it is written
/// in another way than V8's, or a number has more than eight digits.
#[target_feature(enable = "avx2,bmi1,bmi2")]
#[inline]
fn line<const N: usize>(window: &[u8; WINDOW]) -> Option<([u32; N], usize)> {
    let half = |at: usize| window[at..at + 32].first_chunk().expect("32 bytes");
    let mut rest = u64::from(no_digits(half(0)));
    // Three numbers, as edges have, mostly fit in 32 bytes.
    if N > 3 {
        rest |= u64::from(no_digits(half(32))) << 32;
    }
    let mut digits = [0; N];
    let (mut start, mut end, mut is_odd) = (0_usize, 0_usize, false);
    for (place, value) in digits.iter_mut().enumerate() {
        // With no bit left this is 64, and the number is too long.
        end = rest.trailing_zeros() as usize;
        rest &= rest.wrapping_sub(1);
        let count = end.wrapping_sub(start);
        is_odd |= !(1..=8).contains(&count);
        is_odd |= place + 1 < N && window[end] != b',';
        // Within the window, whatever the bytes are: of an odd record nothing is used.
        let begin = start & 63;
        let bytes = u64::from_le_bytes(*window[begin..begin + 8].first_chunk().expect("8 bytes"));
        // The number's last digit becomes the highest byte. Zeros come in below, which are no digits and count for nothing.
        *value = bytes.wrapping_shl((count as u32).wrapping_mul(8).wrapping_neg());
        start = end + 1;
    }
    if is_odd || window[end] != b'\n' || window[end + 1] != b',' {
        return None;
    }
    let mut record = [0; N];
    for (numbers, digits) in record.chunks_mut(2).zip(digits.chunks(2)) {
        let both = two_numbers(digits[0], digits.get(1).copied().unwrap_or_default());
        numbers.copy_from_slice(&both[..numbers.len()]);
    }
    Some((record, end + 2))
}

/// Which bytes are no digits; the first is the lowest bit.
#[target_feature(enable = "avx2,bmi1,bmi2")]
#[inline]
fn no_digits(bytes: &[u8; 32]) -> u32 {
    // SAFETY: 32 bytes are read from a reference to 32 bytes; they may lie at any address.
    let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
    let values = _mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0'.cast_signed()));
    let is_no_digit = _mm256_cmpeq_epi8(_mm256_max_epu8(values, _mm256_set1_epi8(10)), values);
    _mm256_movemask_epi8(is_no_digit).cast_unsigned()
}

/// The numbers that two times eight digits say, the last digit in the highest byte: neighbours are joined to pairs, pairs
/// to fours, fours to a number.
#[target_feature(enable = "avx2,bmi1,bmi2")]
#[inline]
fn two_numbers(first: u64, second: u64) -> [u32; 2] {
    let digits = _mm_set_epi64x(second.cast_signed(), first.cast_signed());
    let digits = _mm_subs_epu8(digits, _mm_set1_epi8(b'0'.cast_signed()));
    let pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(1 << 8 | 10));
    let fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
    let fours = _mm_packus_epi32(fours, fours);
    let numbers = _mm_madd_epi16(fours, _mm_set1_epi32(1 << 16 | 10_000));
    let both = _mm_cvtsi128_si64(numbers).cast_unsigned();
    [both as u32, (both >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<([u32; 3], usize)>) {
        assert!(is_x86_feature_detected!("avx2"), "this is tested where it can run");
        let text = format!("{text}{}", "\n,1,2,3".repeat(20));
        let window = text.as_bytes().first_chunk().expect("it is long enough");
        // SAFETY: the processor has just been seen to have AVX2; those that do have the others.
        let (three, seven) = unsafe { (line::<3>(window), line::<7>(window)) };
        assert_eq!(three, expected, "{text}");
        assert_eq!(seven, None, "{text}");
    }

    #[test]
    fn a_line_is_read_whole_or_not_at_all() {
        check("1,22,333", Some(([1, 22, 333], 10)));
        check("0,0,0", Some(([0, 0, 0], 7)));
        check("99999999,10000000,12345678", Some(([99_999_999, 10_000_000, 12_345_678], 28)));
        check("1,2,123456789", None);
        for text in [
            "1,2", "1,2,3,4", "1,,3", ",2,3", "1,2,", "1;2,3", "1,2;3", "1, 2,3", "1,2,3 ", "1,2,x", "-1,2,3",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn every_byte_is_told_from_digits() {
        for byte in 0..=255_u8 {
            for place in 0..32 {
                for others in [b'0', b'9', b',', 0, 255] {
                    let mut bytes = [others; 32];
                    bytes[place] = byte;
                    let expected =
                        (0..32).map(|at| u32::from(!bytes[at].is_ascii_digit()) << at).sum::<u32>();
                    // SAFETY: as above.
                    assert_eq!(unsafe { no_digits(&bytes) }, expected, "{bytes:?}");
                }
            }
        }
    }
}
