//! A tree.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::model::tree::parse(bytes, ckpt::model::id::HashKind::Sha1);
    let _ = ckpt::model::tree::parse(bytes, ckpt::model::id::HashKind::Sha256);
});
