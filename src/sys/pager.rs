//! The pager: a program that the user's environment names, never a repository.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::environment::Environment;

/// What is run where the environment names nothing.
const USUAL_PAGER: &str = "less -FRX";

/// A command line for the shell of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pager {
    command: OsString,
    /// `$LESS` is set: the user has said how `less` is to behave.
    has_less_options: bool,
}

impl Pager {
    /// `$CKPT_PAGER`, else `$PAGER`, else `less -FRX`. An empty value or `cat` means none.
    pub fn of_environment(environment: &Environment) -> Option<Pager> {
        let value = |wanted: &str| environment.variables().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let chosen = value("CKPT_PAGER").or_else(|| value("PAGER"));
        let command = chosen.cloned().unwrap_or_else(|| OsString::from(USUAL_PAGER));
        let is_none = command.is_empty() || command == OsStr::new("cat");
        (!is_none).then_some(Pager { command, has_less_options: value("LESS").is_some() })
    }

    /// Shows `text` and waits until the user has left. `Ok(false)`: the program could not be run, nothing was shown.
    pub fn show(&self, text: &[u8]) -> io::Result<bool> {
        let Ok(mut running) = self.start() else { return Ok(false) };
        // A user who leaves early closes the pipe: that is no error.
        let _ = running.write(text);
        running.finish()
    }

    /// Starts the program, for text that comes bit by bit.
    pub fn start(&self) -> io::Result<RunningPager> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped());
        if !self.has_less_options {
            command.env("LESS", "FRX");
        }
        let mut child = command.spawn()?;
        Ok(RunningPager { stdin: child.stdin.take(), child })
    }
}

/// A pager at work.
#[derive(Debug)]
pub struct RunningPager {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl RunningPager {
    /// Hands it more. Fails once the user has left.
    pub fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(text))
    }

    /// Tells it that this is all, and waits until the user has left. `Ok(false)`: it could not be run at all.
    pub fn finish(mut self) -> io::Result<bool> {
        self.stdin = None;
        let status = self.child.wait()?;
        Ok(!matches!(status.code(), Some(126 | 127)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_is_told_from_one_that_ran() {
        let pager = |command: &str| Pager { command: command.into(), has_less_options: false };
        assert!(!pager("/nonexistent/pager 2>/dev/null").show(b"text").unwrap());
        assert!(pager("cat >/dev/null").show(b"text").unwrap());
        assert!(pager("true").show(&vec![b'x'; 1 << 20]).unwrap());
    }
}
