//! Whether the hooks are switched off, and by what; pausing them and letting them go on.

use crate::ops::{OpError, Repo};
use crate::store::hook_record;
use crate::sys::environment::Environment;

/// The variable that switches the hooks off: `off`, `0`, `false` or `no`.
pub const VARIABLE: &str = "CKPT_HOOKS";

/// What switches the hooks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// The variable `CKPT_HOOKS`.
    Variable,
    /// `ckpt hooks pause`.
    Paused,
    /// `ckpt.hooks` in git's configuration.
    Configuration,
}

impl Off {
    /// The word for data.
    pub const fn word(self) -> &'static str {
        match self {
            Off::Variable => "variable",
            Off::Paused => "paused",
            Off::Configuration => "configuration",
        }
    }
}

/// The first look of a hook: before a repository is even searched for.
pub fn is_off_by_variable(environment: &Environment) -> bool {
    let word = environment.var(VARIABLE).map(str::to_ascii_lowercase);
    word.is_some_and(|word| matches!(word.as_str(), "off" | "0" | "false" | "no"))
}

/// What switches the hooks off here, if anything does.
pub fn find_off(repo: &Repo) -> Option<Off> {
    if is_off_by_variable(&repo.environment) {
        Some(Off::Variable)
    } else if hook_record::is_paused(repo.store.layout()) {
        Some(Off::Paused)
    } else if repo.store.hooks_are_off() {
        Some(Off::Configuration)
    } else {
        None
    }
}

/// Pauses the hooks of all work trees of this repository. True when they were not paused.
pub fn pause(repo: &Repo) -> Result<bool, OpError> {
    Ok(hook_record::set_paused(repo.store.layout(), true)?)
}

/// Lets them go on. True when they were paused.
pub fn resume(repo: &Repo) -> Result<bool, OpError> {
    Ok(hook_record::set_paused(repo.store.layout(), false)?)
}
