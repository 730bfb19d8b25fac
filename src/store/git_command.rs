//! Calls of git that cannot end up in another repository, and what to say of a git that is too old.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use bstr::ByteSlice;

use super::{Layout, StoreError};
use crate::sys::environment::Environment;
use crate::sys::process;

/// The oldest git that every call here works with.
const MINIMUM_GIT: (u32, u32) = (2, 39);

/// The oldest git that knows reftable.
const REFTABLE_GIT: (u32, u32) = (2, 45);

/// How git is called for one work tree.
#[derive(Clone)]
pub(crate) struct GitCommand {
    environment: Environment,
    work_dir: PathBuf,
    git_dir: PathBuf,
    minimum: (u32, u32),
}

impl GitCommand {
    pub(crate) fn new(environment: &Environment, layout: &Layout, has_reftable: bool) -> GitCommand {
        GitCommand {
            environment: environment.clone(),
            work_dir: layout.work_dir.clone(),
            git_dir: layout.git_dir.clone(),
            minimum: if has_reftable { REFTABLE_GIT } else { MINIMUM_GIT },
        }
    }

    /// A call in the root of the work tree.
    pub(crate) fn call(&self) -> Command {
        let mut command = process::git(&self.environment, &self.work_dir);
        command.env("GIT_DIR", &self.git_dir).env("GIT_WORK_TREE", &self.work_dir);
        command
    }

    /// Runs git to its end and gives what it printed; `action` is for the error message.
    pub(crate) fn run(&self, action: &str, arguments: &[&str]) -> Result<Vec<u8>, StoreError> {
        let output = self.call().args(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| self.failure(action, format!("git cannot be run: {error}")))?;
        if !output.status.success() {
            return Err(self.failure(action, output.stderr.trim().to_str_lossy().into_owned()));
        }
        Ok(output.stdout)
    }

    /// What to say of a call that failed: that git is too old, if it is. Only here is git ever asked for its version, so
    /// that a call that works costs nothing more.
    pub(crate) fn failure(&self, action: &str, detail: String) -> StoreError {
        match self.version() {
            Some((found, version)) if version < self.minimum => {
                let (major, minor) = self.minimum;
                StoreError::GitTooOld { found, needed: format!("{major}.{minor}") }
            }
            _ => StoreError::Git { action: action.to_owned(), detail },
        }
    }

    /// As git says it, and as numbers.
    fn version(&self) -> Option<(String, (u32, u32))> {
        let output =
            process::git(&self.environment, &self.work_dir).arg("version").stdin(Stdio::null()).output().ok()?;
        let text = output.stdout.to_str().ok()?;
        let version = text.trim().strip_prefix("git version ")?.split_whitespace().next()?;
        let mut numbers = version.split('.').map(str::parse::<u32>);
        Some((version.to_owned(), (numbers.next()?.ok()?, numbers.next()?.ok()?)))
    }
}
