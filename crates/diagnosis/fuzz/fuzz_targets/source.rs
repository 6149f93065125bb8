//! Any text as a script: it is parsed within the bound that was told beforehand, or left out. Never an overflown stack.
#![no_main]

use leakhunt_diagnosis::fuzzing;
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 4] = ["a.js", "a.mjs", "a.ts", "a.tsx"];

fuzz_target!(|bytes: &[u8]| {
    let Some((path, text)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    fuzzing::source(PATHS[usize::from(*path) % PATHS.len()], &text);
    // Behind so much else only what is still open counts.
    if text.len() < 200 {
        fuzzing::source("a.js", &("f(a, b);\n".repeat(2_000) + &text.repeat(100)));
    }
});
