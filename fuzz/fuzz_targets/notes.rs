//! Notes on commits, of two machines.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (one, other) = bytes.split_at(bytes.len() / 2);
    let _ = ckpt::store::notes::union(one, other);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = ckpt::store::notes::NoteLine::parse(text);
    }
});
