//! Names, ids and titles.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = text.parse::<ckpt::model::name::Name>();
        let _ = ckpt::model::name::Name::from_title(text);
        let _ = text.parse::<ckpt::model::id::ObjectId>();
    }
});
