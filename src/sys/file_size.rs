//! The limit of a file's size (`ulimit -f`), beyond which the system ends a process unless it says otherwise.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Resource, getrlimit};

/// The limit in bytes, where there is one.
pub fn limit() -> Option<u64> {
    getrlimit(Resource::Fsize).current
}

/// From here on a write beyond the limit fails as any other may, instead of ending the process without a word.
pub fn fail_at_limit() {
    if limit().is_none() {
        return;
    }
    // Nobody looks at the flag: that the signal has a handler is enough to make the write return. Without one we die
    // as before, which is no reason not to try.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
}
