//! What of a work tree a tree cannot hold.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::model::extra::WorktreeExtra::parse(bytes);
});
