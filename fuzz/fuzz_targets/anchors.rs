//! Anchors outside the repository, signed or not.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::store::anchors::parse(bytes);
});
