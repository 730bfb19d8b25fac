//! The process's environment, read once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A copy of the environment variables and the working directory.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    directory: PathBuf,
}

impl Environment {
    /// Reads the process's environment.
    pub fn of_process() -> std::io::Result<Environment> {
        Ok(Environment { variables: std::env::vars_os().collect(), directory: std::env::current_dir()? })
    }

    /// An environment of exactly these variables, standing in `directory`.
    pub fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>, directory: &Path) -> Environment {
        Environment { variables: variables.into_iter().collect(), directory: directory.to_owned() }
    }

    /// The same environment, standing in another directory (`-C`). Relative paths count from the current one.
    #[must_use]
    pub fn in_directory(&self, directory: &Path) -> Environment {
        Environment { variables: self.variables.clone(), directory: self.directory.join(directory) }
    }

    /// The working directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A variable's text; `None` when it is unset, empty or not UTF-8.
    pub fn var(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(&OsString::from(name))?.to_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// A variable that names a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variables.get(&OsString::from(name))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.path("HOME")
    }

    /// The user's configuration folder: `$XDG_CONFIG_HOME` or `~/.config`.
    pub fn config_home(&self) -> Option<PathBuf> {
        self.path("XDG_CONFIG_HOME").or_else(|| Some(self.home()?.join(".config")))
    }

    /// The folder of what programs note of their own accord: `$XDG_STATE_HOME` or `~/.local/state`.
    pub fn state_home(&self) -> Option<PathBuf> {
        let named = self.path("XDG_STATE_HOME").filter(|path| path.is_absolute());
        named.or_else(|| Some(self.home()?.join(".local/state")))
    }

    /// The first program of this name on `PATH`; relative folders of it do not count.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let folders = self.path("PATH")?;
        let is_program =
            |path: &PathBuf| path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
        let folders = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
        folders.map(|folder| folder.join(name)).find(is_program)
    }

    /// All variables, for a child process.
    pub fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }
}

/// Where the running program stands, links resolved.
pub fn own_program() -> std::io::Result<PathBuf> {
    std::env::current_exe()?.canonicalize()
}

/// The name of this machine, for the record.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
