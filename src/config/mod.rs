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
    /// A program that writes summaries, and its arguments; none for the embedded text.
    pub summarizer_command: Sourced<Vec<String>>,
    /// How long it may take, in seconds.
    pub summarizer_timeout: Sourced<u64>,
    /// Up to which age a summary tells every event, and details, in seconds.
    pub summary_full: Sourced<u64>,
    pub summary_detailed: Sourced<u64>,
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
            summarizer_command: Sourced { value: Vec::new(), origin: Origin::Default },
            summarizer_timeout: built_in(30),
            summary_full: built_in(3600),
            summary_detailed: built_in(4 * 3600),
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

/// `90`, `90s`, `5m`, `2h`: seconds.
pub(crate) fn parse_span(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|one: char| one.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(format!("`{text}` is no span of time; `30s`, `5m` and `2h` are")),
    };
    let number = digits.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    number.ok_or_else(|| format!("`{text}` is no span of time; `30s`, `5m` and `2h` are"))
}

#[cfg(test)]
mod tests;
