//! A line of history.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::model::event::Event::parse_line(bytes);
});
