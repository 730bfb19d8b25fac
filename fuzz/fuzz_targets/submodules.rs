//! The checkpoints that belong to one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::store::submodules::parse(bytes);
});
