//! The stack of a work tree.
#![no_main]

use ckpt_fuzz::Objects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (objects, tip) = (Objects::new(bytes), Objects::tip());
    let _ = ckpt::store::stack::read(&objects, &tip);
    let _ = ckpt::store::stack::read_current(&objects, &tip);
});
