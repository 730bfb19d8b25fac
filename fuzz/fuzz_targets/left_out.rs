//! The list of what was left out.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::store::left_out::parse(bytes);
});
