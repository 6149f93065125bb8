//! Any bytes as a source map: no map, or one in which any place can be looked up.
#![no_main]

use leakhunt_diagnosis::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::source_map(bytes));
