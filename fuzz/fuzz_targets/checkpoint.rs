//! The three commits of a checkpoint.
#![no_main]

use ckpt_fuzz::Objects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (objects, tip) = (Objects::new(bytes), Objects::tip());
    let _ = ckpt::store::checkpoint::read_summary(&objects, &tip);
    let _ = ckpt::store::checkpoint::read_checkpoint(&objects, &tip);
});
