//! One block back to what it was, and proof that it is.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Codec;

/// Decodes one block of exactly `length` bytes. The error says what is wrong with it.
pub(super) fn decode(codec: Codec, data: &str, sum: &str, length: usize) -> Result<Vec<u8>, String> {
    let packed = STANDARD.decode(data).map_err(|error| error.to_string())?;
    let mut block = Vec::with_capacity(length);
    match codec {
        Codec::Zstd => {
            // The decoder verifies the frame's checksum, if there is one.
            if !carries_checksum(&packed) {
                return Err("no zstd frame with a checksum".to_owned());
            }
            let decoder = zstd::stream::read::Decoder::with_buffer(packed.as_slice())
                .map_err(|error| error.to_string())?;
            read_bounded(decoder, length, &mut block)?;
        }
        Codec::Brotli => {
            read_bounded(
                brotli_decompressor::Decompressor::new(packed.as_slice(), 64 << 10),
                length,
                &mut block,
            )?;
            let found = Sha256::digest(&block).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            if found != sum {
                return Err("its SHA-256 is another".to_owned());
            }
        }
    }
    if block.len() != length {
        return Err(format!("{} bytes instead of {length}", block.len()));
    }
    Ok(block)
}

/// Frame_Header_Descriptor, RFC 8878, 3.1.1.1.1: bit 2 is Content_Checksum_flag.
fn carries_checksum(frame: &[u8]) -> bool {
    frame.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        && frame.get(4).is_some_and(|descriptor| descriptor & 0b100 != 0)
}

/// Reads to the end, but never more than one byte too many: a small block may claim to hold gigabytes.
fn read_bounded(reader: impl std::io::Read, length: usize, block: &mut Vec<u8>) -> Result<(), String> {
    reader.take(length as u64 + 1).read_to_end(block).map(drop).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zstd(bytes: &[u8], checksum: bool) -> String {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
        encoder.include_checksum(checksum).expect("a parameter");
        std::io::Write::write_all(&mut encoder, bytes).expect("memory");
        STANDARD.encode(encoder.finish().expect("memory"))
    }

    #[track_caller]
    fn check(data: &str, length: usize, expected: Result<&[u8], &str>) {
        let got = decode(Codec::Zstd, data, "", length);
        match expected {
            Ok(block) => assert_eq!(got.as_deref(), Ok(block)),
            Err(why) => assert!(got.as_ref().is_err_and(|got| got.contains(why)), "{got:?}"),
        }
    }

    #[test]
    fn a_block_comes_back_only_whole() {
        let bytes = b"9,1,1,0,6,0,0\n".repeat(1000);
        check(&zstd(&bytes, true), bytes.len(), Ok(&bytes));
        check(&zstd(&bytes, true), bytes.len() + 1, Err("14000 bytes instead of 14001"));
        check(&zstd(&bytes, true), 10, Err("11 bytes instead of 10"));
        check(&zstd(&bytes, false), bytes.len(), Err("checksum"));
        check("", 0, Err("checksum"));
        check("?", 1, Err("Invalid"));
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let bytes: Vec<u8> = (0..4000u32).flat_map(u32::to_le_bytes).collect();
        let whole = STANDARD.decode(zstd(&bytes, true)).expect("base64");
        // Byte 5 is the window's size, of which a bit more or less does no harm.
        for position in (6..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[position] ^= 0x10;
            assert!(decode(Codec::Zstd, &STANDARD.encode(damaged), "", bytes.len()).is_err(), "{position}");
        }
    }

    #[test]
    fn brotli_is_held_against_its_sum() {
        // `zlib.brotliCompressSync('leakhunt')` of Node 26.
        let data = "iwOAbGVha2h1bnQD";
        let sum = Sha256::digest(b"leakhunt").iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(decode(Codec::Brotli, data, &sum, 8).as_deref(), Ok(b"leakhunt".as_slice()));
        assert!(
            decode(Codec::Brotli, data, &sum.replace('a', "b"), 8).is_err_and(|why| why.contains("SHA-256"))
        );
    }
}
