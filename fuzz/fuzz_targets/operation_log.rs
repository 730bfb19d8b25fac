//! An operation log.
#![no_main]

use ckpt_fuzz::Objects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let records = ckpt::store::operation_log::read_readable(&Objects::new(bytes), Some(&Objects::tip())).0;
    let _ = ckpt::store::operation_log::replay(&records);
});
