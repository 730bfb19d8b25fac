//! Whether a repository belongs to the user: git's `safe.directory` rule.
//!
//! Only the machine's and the user's own configuration can allow a foreign repository, never the repository itself.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bstr::{BStr, ByteSlice};

use super::StoreError;
use super::git_config::{Conditions, GitConfig, expand_home};
use crate::sys::environment::Environment;

/// Refuses a repository of another user unless `safe.directory` names it.
pub(crate) fn check(
    environment: &Environment,
    work_dir: &Path,
    git_dir: &Path,
    git_file: Option<&Path>,
) -> Result<(), StoreError> {
    let mut paths = [Some(work_dir), Some(git_dir), git_file].into_iter().flatten();
    if paths.all(|path| is_own(environment, path)) || is_declared_safe(environment, work_dir)? {
        return Ok(());
    }
    Err(StoreError::ForeignOwner { path: work_dir.to_path_buf() })
}

/// Like git, somebody who became root by sudo still owns what he owned before.
fn is_own(environment: &Environment, path: &Path) -> bool {
    let Ok(data) = std::fs::symlink_metadata(path) else { return false };
    let user = rustix::process::geteuid().as_raw();
    let before_sudo = || environment.var("SUDO_UID")?.parse::<u32>().ok();
    data.uid() == user || (user == 0 && before_sudo() == Some(data.uid()))
}

fn is_declared_safe(environment: &Environment, work_dir: &Path) -> Result<bool, StoreError> {
    let mut config = GitConfig::default();
    let conditions = Conditions { home: environment.home(), ..Conditions::default() };
    for file in GitConfig::user_files(environment) {
        config.read_file(&file, &conditions)?;
    }
    let mut safe = false;
    for value in config.all("safe.directory") {
        let value = value.unwrap_or_default();
        safe = !value.is_empty() && (safe || allows(value, work_dir, conditions.home.as_deref()));
    }
    Ok(safe)
}

fn allows(value: &BStr, work_dir: &Path, home: Option<&Path>) -> bool {
    if value == "*" {
        return true;
    }
    let Some(path) = expand_home(value, home) else { return false };
    let wanted = work_dir.as_os_str().as_bytes();
    match path.as_os_str().as_bytes().strip_suffix(b"/*") {
        Some(parent) => wanted.strip_prefix(parent).is_some_and(|rest| rest.starts_with_str("/")),
        None => path.canonicalize().unwrap_or(path) == work_dir,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_path_all_below_one_and_everything() {
        let path = Path::new("/data/project");
        for (value, allowed) in
            [("*", true), ("/data/project", true), ("/data/*", true), ("/dat/*", false), ("/data", false)]
        {
            assert_eq!(allows(BStr::new(value), path, None), allowed, "{value}");
        }
    }
}
