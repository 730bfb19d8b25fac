//! Git's configuration.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ckpt::store::config_file::parse(bytes);
});
