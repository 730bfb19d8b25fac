//! The chain of a session.
#![no_main]

use ckpt_fuzz::Objects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (objects, tip) = (Objects::new(bytes), Objects::tip());
    if let Ok(session) = ckpt::store::session::read_session(&objects, &tip) {
        let _ = ckpt::store::session_events::events(&objects, &session).take(1000).count();
    }
    let _ = ckpt::store::session::find_latest(&objects, &tip);
    if let Ok(link) = ckpt::store::session_chain::read_link(&objects, &tip) {
        let _ = ckpt::store::session_chain::read_files(&objects, &link);
    }
});
