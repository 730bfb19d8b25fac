//! Settings: defaults < the user's file < the environment < flags, each value knowing where it comes from.
//!
//! Knows nothing of operations and of repositories; called by `command/`, which hands the values on. Nothing that a
//! repository brings along is read here.

pub mod file;
pub mod size;

use std::fmt;
use std::path::PathBuf;

use crate::sys::environment::Environment;

pub use size::{NotASize, parse_size};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The user's configuration file.
    File(PathBuf),
    /// An environment variable.
    Environment(&'static str),
    /// An option on the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => out.write_str("the defaults"),
            Origin::File(path) => write!(out, "{}", path.display()),
            Origin::Environment(name) | Origin::Flag(name) => out.write_str(name),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub origin: Origin,
}

/// The limits of a save, in bytes and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub max_file_size: Sourced<u64>,
    pub max_untracked_files: Sourced<u64>,
    pub max_untracked_bytes: Sourced<u64>,
    /// Where the context's file is to be, from the root of the work tree.
    pub context_file: Sourced<Option<String>>,
    /// The sections of a new context; none for the standard ones.
    pub context_sections: Sourced<Vec<String>>,
    /// Documents that a brief refers to, from the root of the work tree.
    pub context_documents: Sourced<Vec<String>>,
    /// What `ckpt session close --check` runs.
    pub checks: Sourced<Vec<CheckSetting>>,
    /// One line each: what was read and not understood.
    pub warnings: Vec<String>,
}

/// A check of quality that the user runs before a session is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSetting {
    pub name: String,
    /// For the shell.
    pub command: String,
    /// Seconds after which it is ended.
    pub timeout: u64,
}

/// What the command line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub max_file_size: Option<u64>,
}

/// A value that cannot be used.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("bad configuration in {origin}: {problem}")]
pub struct ConfigError {
    pub origin: Origin,
    pub problem: String,
}

impl Settings {
    /// Built-in values.
    pub fn of_defaults(max_file_size: u64, max_untracked_files: u64, max_untracked_bytes: u64) -> Settings {
        let built_in = |value| Sourced { value, origin: Origin::Default };
        Settings {
            max_file_size: built_in(max_file_size),
            max_untracked_files: built_in(max_untracked_files),
            max_untracked_bytes: built_in(max_untracked_bytes),
            context_file: Sourced { value: None, origin: Origin::Default },
            context_sections: Sourced { value: Vec::new(), origin: Origin::Default },
            context_documents: Sourced { value: Vec::new(), origin: Origin::Default },
            checks: Sourced { value: Vec::new(), origin: Origin::Default },
            warnings: Vec::new(),
        }
    }

    /// Lays the user's file, the environment and the flags over these defaults.
    pub fn resolve(mut self, environment: &Environment, flags: Flags) -> Result<Settings, ConfigError> {
        file::lay_over(&mut self, environment)?;
        lay_variable(&mut self.max_file_size, environment, "CKPT_MAX_FILE_SIZE", parse_bytes)?;
        lay_variable(&mut self.max_untracked_files, environment, "CKPT_MAX_UNTRACKED_FILES", parse_count)?;
        lay_variable(&mut self.max_untracked_bytes, environment, "CKPT_MAX_UNTRACKED_BYTES", parse_bytes)?;
        if let Some(value) = flags.max_file_size {
            self.max_file_size = Sourced { value, origin: Origin::Flag("--max-file-size") };
        }
        Ok(self)
    }
}

fn lay_variable(
    setting: &mut Sourced<u64>,
    environment: &Environment,
    name: &'static str,
    parse: fn(&str) -> Result<u64, String>,
) -> Result<(), ConfigError> {
    let Some(text) = environment.var(name) else { return Ok(()) };
    let origin = Origin::Environment(name);
    match parse(text) {
        Ok(value) => *setting = Sourced { value, origin },
        Err(problem) => return Err(ConfigError { origin, problem }),
    }
    Ok(())
}

pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    parse_size(text).map_err(|error| error.to_string())
}

pub(crate) fn parse_count(text: &str) -> Result<u64, String> {
    match text.trim() {
        "none" => Ok(u64::MAX),
        digits => digits.parse().map_err(|_| format!("`{digits}` is not a number")),
    }
}

#[cfg(test)]
mod tests;
