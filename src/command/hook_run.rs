//! `ckpt hook-run`: what git calls. No command for people, so it stands in no help.
//!
//! It ends with 0 whatever happens, within a few seconds, and prints nothing: the git that called it must not notice it.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use crate::ops::hook_run::{self, HookCall};
use crate::sys::environment::Environment;

/// The first word of the command line.
pub const NAME: &str = "hook-run";

/// Runs a hook; `words` is what follows [`NAME`].
pub fn run(words: &[OsString]) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let Some(call) = HookCall::parse(words.iter().map(String::as_str)) else { return ExitCode::SUCCESS };
    let (done, ended) = mpsc::channel();
    let work = move || {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if let Ok(environment) = Environment::of_process() {
                hook_run::run(&call, &environment, std::io::stdin());
            }
        }));
        let _ = done.send(());
    };
    // What hangs (a file system that is gone, an input that never ends) ends with the process.
    if thread::Builder::new().spawn(work).is_ok() {
        let _ = ended.recv_timeout(hook_run::LONGEST);
    }
    ExitCode::SUCCESS
}
