//! What is said when ckpt itself is at fault.

use std::io::Write;
use std::panic::PanicHookInfo;

/// From now on a panic says one line that asks for a report. With `RUST_BACKTRACE` set, Rust's own words come as well.
pub fn install() {
    let usual = std::panic::take_hook();
    let wants_trace = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    std::panic::set_hook(Box::new(move |info| {
        if wants_trace {
            usual(info);
        }
        let _ = writeln!(std::io::stderr(), "error: {}", describe(info));
    }));
}

/// The message of a document about it.
pub const MESSAGE: &str = "ckpt failed by its own fault; please report it with what you typed";

fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|location| format!(" ({}:{})", location.file(), location.line()));
    let what = info.payload_as_str().unwrap_or("unknown").lines().next().unwrap_or_default();
    format!("{MESSAGE}: {}{}", super::text::line(what), place.unwrap_or_default())
}
