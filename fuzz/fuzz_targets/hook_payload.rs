//! What git writes to a hook.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::hooks::payload::Payload::read(ckpt::hooks::Hook::PostRewrite, &["rebase"], bytes);
});
