//! What of an index a tree cannot hold.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::store::index_extra::parse(bytes);
});
