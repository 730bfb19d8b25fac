//! A hook file with ckpt's block in it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::hooks::block::program(bytes);
    let _ = ckpt::hooks::block::remove(bytes);
});
