//! A template.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::template::Template::parse_file("fuzzed", "fuzzed.md", bytes);
});
