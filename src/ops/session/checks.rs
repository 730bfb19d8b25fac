//! The user's own checks of quality, run before a session is closed. Never those of a repository.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::error::SessionError;
use crate::ops::{OpError, Repo};
use crate::sys::shell_command::{self, Ended};

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    Passed,
    Failed,
    TimedOut,
    /// It could not be run, or was stopped.
    NotRun,
}

impl CheckState {
    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckState::Passed => "passed",
            CheckState::Failed => "failed",
            CheckState::TimedOut => "timed-out",
            CheckState::NotRun => "not-run",
        }
    }
}

/// A check that was run.
#[derive(Clone, Debug)]
pub struct Checked {
    pub name: String,
    pub command: String,
    pub state: CheckState,
    pub exit: Option<i32>,
    pub elapsed: Duration,
}

/// Runs all of them, one after another, each for the time that it may take. `output` is where they print to.
pub fn run_checks(repo: &Repo, output: &dyn Fn() -> Stdio) -> Result<Vec<Checked>, OpError> {
    if repo.checks.is_empty() {
        return Err(SessionError::NoChecks.into());
    }
    let folder = &repo.store.layout().work_dir;
    let mut all = Vec::new();
    for check in &repo.checks {
        let started = Instant::now();
        let ended = shell_command::run(&repo.environment, folder, &check.command, check.limit, output());
        let (state, exit) = match ended {
            Ok(Ended::Exited(0)) => (CheckState::Passed, Some(0)),
            Ok(Ended::Exited(code)) => (CheckState::Failed, Some(code)),
            Ok(Ended::TimedOut) => (CheckState::TimedOut, None),
            Ok(Ended::Signalled(_)) => (CheckState::Failed, None),
            Ok(Ended::Interrupted) | Err(_) => (CheckState::NotRun, None),
        };
        let (name, command) = (check.name.clone(), check.command.clone());
        all.push(Checked { name, command, state, exit, elapsed: started.elapsed() });
        if matches!(ended, Ok(Ended::Interrupted)) {
            break;
        }
    }
    Ok(all)
}
