//! The pager: a program that the user's environment names, never a repository.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::environment::Environment;

/// What is run where the environment names nothing.
const USUAL_PAGER: &str = "less -FRX";

/// A command line for the shell of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pager {
    command: OsString,
}

impl Pager {
    /// `$CKPT_PAGER`, else `$PAGER`, else `less -FRX`. An empty value or `cat` means none.
    pub fn of_environment(environment: &Environment) -> Option<Pager> {
        let value = |wanted: &str| environment.variables().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let chosen = value("CKPT_PAGER").or_else(|| value("PAGER"));
        let command = chosen.cloned().unwrap_or_else(|| OsString::from(USUAL_PAGER));
        let is_none = command.is_empty() || command == OsStr::new("cat");
        (!is_none).then_some(Pager { command })
    }

    /// Shows `text` and waits until the user has left. `Ok(false)`: the program could not be run, nothing was shown.
    pub fn show(&self, text: &[u8]) -> io::Result<bool> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", "FRX");
        }
        let Ok(mut child) = command.spawn() else { return Ok(false) };
        if let Some(mut stdin) = child.stdin.take() {
            // A user who leaves early closes the pipe: that is no error.
            let _ = stdin.write_all(text);
        }
        let status = child.wait()?;
        Ok(!matches!(status.code(), Some(126 | 127)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_is_told_from_one_that_ran() {
        let pager = |command: &str| Pager { command: command.into() };
        assert!(!pager("/nonexistent/pager 2>/dev/null").show(b"text").unwrap());
        assert!(pager("cat >/dev/null").show(b"text").unwrap());
        assert!(pager("true").show(&vec![b'x'; 1 << 20]).unwrap());
    }
}
