//! The layers of a session's summary.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::summary::history::Layers::parse(bytes);
});
