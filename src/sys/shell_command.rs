//! A command line of the user's, run by the shell for a bounded time.
//!
//! It stands in a process group of its own, so that what it starts ends with it; whoever stops ckpt stops it as well.
//! Whether it may run at all is the caller's to know.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::environment::Environment;
use super::process::outside_git;

/// How often is looked whether it is done.
const PAUSE: Duration = Duration::from_millis(10);

/// How long it has to end by itself once it is asked to.
const GRACE: Duration = Duration::from_secs(2);

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Exited(i32),
    /// By a signal of others.
    Signalled(i32),
    /// It took longer than it may.
    TimedOut,
    /// Whoever runs ckpt wants it to stop.
    Interrupted,
}

impl Ended {
    /// The word for data.
    pub fn word(self) -> &'static str {
        match self {
            Ended::Exited(_) => "exited",
            Ended::Signalled(_) => "signalled",
            Ended::TimedOut => "timed-out",
            Ended::Interrupted => "interrupted",
        }
    }
}

/// Runs a line in a folder. It reads nothing; what it prints goes to `stdout` and to our stderr.
pub fn run(environment: &Environment, folder: &Path, line: &str, limit: Duration, stdout: Stdio) -> io::Result<Ended> {
    let mut command = outside_git(environment, Path::new("sh"), folder);
    command.arg("-c").arg(line).stdin(Stdio::null()).stdout(stdout).process_group(0);
    let stop = Stop::listen()?;
    let mut child = command.spawn()?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(ended(status));
        }
        let reason = match () {
            () if stop.is_asked() => Some(Ended::Interrupted),
            () if started.elapsed() >= limit => Some(Ended::TimedOut),
            () => None,
        };
        if let Some(reason) = reason {
            end(&mut child)?;
            return Ok(reason);
        }
        std::thread::sleep(PAUSE);
    }
}

fn ended(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, signal) => Ended::Signalled(signal.unwrap_or(0)),
    }
}

/// Asks the whole group to end, and makes it.
fn end(child: &mut Child) -> io::Result<()> {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let signal = |signal| group.map(|group| kill_process_group(group, signal));
    let _ = signal(Signal::TERM);
    let asked = Instant::now();
    while child.try_wait()?.is_none() && asked.elapsed() < GRACE {
        std::thread::sleep(PAUSE);
    }
    // The shell may be gone, and what it started not.
    let _ = signal(Signal::KILL);
    child.wait().map(|_| ())
}

/// Notices that ckpt is to stop, as long as it lives.
struct Stop {
    asked: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl Stop {
    fn listen() -> io::Result<Stop> {
        let mut stop = Stop { asked: Arc::default(), handlers: Vec::new() };
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            stop.handlers.push(signal_hook::flag::register(signal, Arc::clone(&stop.asked))?);
        }
        Ok(stop)
    }

    fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_here(line: &str, limit: Duration) -> Ended {
        let folder = tempfile::tempdir().unwrap();
        let variables = [("PATH".into(), std::env::var_os("PATH").unwrap_or_default())];
        let environment = Environment::from_variables(variables, folder.path());
        run(&environment, folder.path(), line, limit, Stdio::null()).unwrap()
    }

    #[test]
    fn it_tells_how_it_ended() {
        assert_eq!(run_here("exit 3", Duration::from_secs(60)), Ended::Exited(3));
        assert_eq!(run_here("kill -9 $$", Duration::from_secs(60)), Ended::Signalled(9));
    }

    #[test]
    fn what_takes_too_long_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let line = format!("(sleep 1; touch {}) & wait", mark.display());
        let started = Instant::now();
        assert_eq!(run_here(&line, Duration::from_millis(100)), Ended::TimedOut);
        assert!(started.elapsed() < Duration::from_millis(900));
        std::thread::sleep(Duration::from_millis(1200));
        assert!(!mark.exists());
    }
}
