//! What git knows of hooks: where they are looked for, whether it reads them from its configuration, and running one.
//!
//! The only place where ckpt writes to the repository's configuration, and only when the user asked for it. Called by
//! `ops/hooks` and `ops/hook_run`.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use bstr::{BString, ByteSlice};

use super::git_config::{GitConfig, as_boolean};
use super::git_lock::GitLock;
use super::{Store, StoreError};
use crate::sys::process;

const PATIENCE: Duration = Duration::from_secs(5);

/// `core.hooksPath`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksPath {
    /// As it stands in the configuration.
    pub value: BString,
    /// From the root of this work tree, where git runs its hooks.
    pub folder: PathBuf,
}

/// How git ran a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookRun {
    /// Ended with 0.
    pub is_success: bool,
    /// What it, or git, said on stderr.
    pub said: String,
    /// This git has no `git hook run`.
    pub is_unknown: bool,
}

impl Store {
    /// `core.hooksPath`, when it is set.
    pub fn hooks_path(&self) -> Result<Option<HooksPath>, StoreError> {
        let config = self.config()?;
        let Some(value) = config.value("core.hookspath").filter(|value| !value.is_empty()) else { return Ok(None) };
        let path = config.path("core.hookspath", self.environment.home().as_deref());
        let folder = path.unwrap_or_else(|| OsStr::from_bytes(value).into());
        Ok(Some(HooksPath { value: value.into(), folder: self.layout.work_dir.join(folder) }))
    }

    /// Whether `ckpt.hooks` switches the hooks off. A repository's files cannot say so, only git's own configuration.
    pub fn hooks_are_off(&self) -> bool {
        self.config().is_ok_and(is_off)
    }

    /// The version of the git that is on the path, such as `(2, 47)`.
    pub fn git_version(&self) -> Result<(u32, u32), StoreError> {
        let text = self.run_git("asking git for its version", &["--version"])?;
        parse_version(&text).ok_or_else(|| StoreError::Git {
            action: "asking git for its version".into(),
            detail: text.trim().to_str_lossy().into_owned(),
        })
    }

    /// The repository's own configuration file, shared by all its work trees.
    pub fn repository_config_bytes(&self) -> Result<Vec<u8>, StoreError> {
        read_or_empty(&self.layout.common_dir.join("config"))
    }

    /// Replaces the repository's configuration by what `change` makes of it, in one step under git's lock. True when it
    /// changed. `dry_run` tells the same and writes nothing.
    pub fn edit_repository_config(&self, dry_run: bool, change: impl Fn(&[u8]) -> Vec<u8>) -> Result<bool, StoreError> {
        let path = self.layout.common_dir.join("config");
        // A link stays one: what it leads to is replaced.
        let path = path.canonicalize().unwrap_or(path);
        let before = read_or_empty(&path)?;
        if change(&before) == before || dry_run {
            return Ok(change(&before) != before);
        }
        let failed = |source| StoreError::Io { action: "write", path: path.clone(), source };
        let lock = GitLock::wait(&self.layout, &path, PATIENCE).map_err(failed)?;
        let mut lock = lock.ok_or_else(|| StoreError::RefLocked { name: "config".into() })?;
        let mode = std::fs::metadata(&path).map_or(0o644, |data| data.permissions().mode() & 0o7777);
        lock.file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(failed)?;
        lock.fill(&change(&read_or_empty(&path)?)).map_err(failed)?;
        lock.commit().map_err(failed)?;
        Ok(true)
    }

    /// Lets git run a hook as it does by itself. With `folder`, hooks are looked for there and nowhere else.
    pub fn run_hook(
        &self,
        hook: &str,
        arguments: &[&str],
        variable: (&str, &str),
        folder: Option<&Path>,
    ) -> Result<HookRun, StoreError> {
        let mut command = process::git_with_hooks(&self.environment, &self.layout.work_dir);
        if let Some(folder) = folder {
            command.arg("-c").arg(format!("core.hooksPath={}", folder.display()));
        }
        command.args(["hook", "run", "--ignore-missing", hook, "--"]).args(arguments).env(variable.0, variable.1);
        let run = run(&mut command)?;
        Ok(HookRun { is_unknown: run.said.contains("'hook' is not a git command"), ..run })
    }

    /// Runs a hook's file as git does, for a git that has no command for it.
    pub fn run_hook_file(
        &self,
        file: &Path,
        arguments: &[&str],
        variable: (&str, &str),
    ) -> Result<HookRun, StoreError> {
        let mut command = process::outside_git(&self.environment, Path::new("sh"), &self.layout.work_dir);
        // A file without a first line of its own is the shell's, as git has it.
        command.args(["-c", "\"$0\" \"$@\""]).arg(file).args(arguments).env(variable.0, variable.1);
        run(&mut command)
    }
}

fn run(command: &mut Command) -> Result<HookRun, StoreError> {
    let failed = |error: io::Error| StoreError::Git { action: "running a hook".into(), detail: error.to_string() };
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(failed)?;
    let said = output.stderr.trim().to_str_lossy().into_owned();
    Ok(HookRun { is_success: output.status.success(), said, is_unknown: false })
}

fn is_off(config: &GitConfig) -> bool {
    config.all("ckpt.hooks").last().is_some_and(|value| as_boolean(value) == Some(false))
}

fn read_or_empty(path: &Path) -> Result<Vec<u8>, StoreError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(StoreError::Io { action: "read", path: path.to_path_buf(), source }),
    }
}

/// `git version 2.47.3`, `git version 2.39.5 (Apple Git-154)`, `git version 2.55.GIT`.
fn parse_version(text: &[u8]) -> Option<(u32, u32)> {
    let text = text.to_str().ok()?.strip_prefix("git version ")?;
    let mut numbers = text.split(['.', '-', ' ', '\n']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn versions_are_read_as_gits_print_them() {
        for (text, version) in [
            ("git version 2.47.3\n", Some((2, 47))),
            ("git version 2.39.5 (Apple Git-154)\n", Some((2, 39))),
            ("git version 2.55.0-rc1\n", Some((2, 55))),
            ("git version 3.0.GIT\n", Some((3, 0))),
            ("jj 0.1", None),
        ] {
            assert_eq!(parse_version(text.as_bytes()), version, "{text}");
        }
    }

    #[test]
    fn the_path_and_the_switch_are_those_of_gits_configuration() {
        let fixture = Fixture::with_commit();
        assert_eq!(fixture.store().hooks_path().unwrap(), None);
        assert!(!fixture.store().hooks_are_off());
        fixture.git(["config", "core.hooksPath", ".husky/_"]);
        fixture.git(["config", "ckpt.hooks", "off"]);
        let path = fixture.store().hooks_path().unwrap().unwrap();
        assert_eq!((path.value.to_string(), path.folder), (".husky/_".into(), fixture.root.join(".husky/_")));
        assert!(fixture.store().hooks_are_off());
        fixture.git(["config", "ckpt.hooks", "on"]);
        assert!(!fixture.store().hooks_are_off());
    }

    #[test]
    fn the_configuration_is_replaced_in_one_step_and_keeps_its_mode() {
        let fixture = Fixture::with_commit();
        let path = fixture.root.join(".git/config");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let store = fixture.store();
        let grown = |config: &[u8]| [config, b"[a]\n\tb = c\n"].concat();
        assert!(store.edit_repository_config(true, grown).unwrap());
        assert!(!fixture.git(["config", "--list"]).contains("a.b"));
        assert!(store.edit_repository_config(false, grown).unwrap());
        assert_eq!(fixture.git(["config", "a.b"]), "c");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert!(!store.edit_repository_config(false, |config: &[u8]| config.to_vec()).unwrap());
    }
}
