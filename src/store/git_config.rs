//! Git's configuration as a whole: which files there are, what they include, and typed look-ups.
//!
//! Read by ckpt itself, because libgit2 takes the user's files from the process and not from our `Environment`, and
//! because nothing here may cost a subprocess. Never writes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};

use super::StoreError;
use super::config_file::{self, Setting};
use crate::sys::environment::Environment;

/// Settings in the order in which they were read; the last one of a key counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct GitConfig {
    settings: Vec<Setting>,
}

/// What `includeIf` conditions are asked about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    pub home: Option<PathBuf>,
    pub git_dir: Option<PathBuf>,
    /// Short name of the branch.
    pub branch: Option<String>,
}

/// Git's own limit.
const MAX_INCLUDE_DEPTH: u32 = 10;

impl GitConfig {
    /// The files that belong to the machine and the user, in git's order.
    pub(crate) fn user_files(environment: &Environment) -> Vec<PathBuf> {
        let mut files = Vec::new();
        if !environment.var("GIT_CONFIG_NOSYSTEM").is_some_and(is_true_word) {
            files.push(environment.path("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig")));
        }
        match environment.path("GIT_CONFIG_GLOBAL") {
            Some(file) => files.push(file),
            None => {
                files.extend(environment.config_home().map(|folder| folder.join("git/config")));
                files.extend(environment.home().map(|folder| folder.join(".gitconfig")));
            }
        }
        files
    }

    /// Adds the settings of a file and of all that it includes; an absent file adds nothing.
    pub(crate) fn read_file(&mut self, path: &Path, conditions: &Conditions) -> Result<(), StoreError> {
        self.read_included(path, conditions, 0)
    }

    /// Adds the settings of one file, without what it includes.
    pub(crate) fn read_plain(&mut self, path: &Path) -> Result<(), StoreError> {
        self.settings.extend(read_settings(path)?);
        Ok(())
    }

    fn read_included(&mut self, path: &Path, conditions: &Conditions, depth: u32) -> Result<(), StoreError> {
        for setting in read_settings(path)? {
            let included = included_file(&setting, path, conditions);
            self.settings.push(setting);
            if let Some(file) = included.filter(|_| depth < MAX_INCLUDE_DEPTH) {
                self.read_included(&file, conditions, depth + 1)?;
            }
        }
        Ok(())
    }

    /// All values of a key, in order.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = Option<&'a BStr>> {
        self.settings
            .iter()
            .filter(move |one| one.key == key)
            .map(|one| one.value.as_ref().map(|value| value.as_bstr()))
    }

    /// Every setting below `prefix` (which ends in a dot): what follows it in the key, and the value.
    pub(crate) fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a BStr, Option<&'a BStr>)> {
        self.settings.iter().filter_map(move |one| {
            let rest = one.key.strip_prefix(prefix.as_bytes())?;
            Some((rest.as_bstr(), one.value.as_ref().map(|value| value.as_bstr())))
        })
    }

    /// The value of a key; an empty one when it has no `=`.
    pub(crate) fn value<'a>(&'a self, key: &str) -> Option<&'a BStr> {
        self.last(key).map(Option::unwrap_or_default)
    }

    fn last<'a>(&'a self, key: &str) -> Option<Option<&'a BStr>> {
        let setting = self.settings.iter().rfind(|one| one.key == key)?;
        Some(setting.value.as_ref().map(|value| value.as_bstr()))
    }

    /// A boolean as git reads it; `None` when unset or not a boolean.
    pub(crate) fn boolean(&self, key: &str) -> Option<bool> {
        as_boolean(self.last(key)?)
    }

    /// A path, `~` expanded; `None` when unset or empty.
    pub(crate) fn path(&self, key: &str, home: Option<&Path>) -> Option<PathBuf> {
        let value = self.value(key).filter(|value| !value.is_empty())?;
        expand_home(value, home)
    }
}

/// A boolean value as git reads it; a key without `=` is true.
pub(crate) fn as_boolean(value: Option<&BStr>) -> Option<bool> {
    let Some(value) = value else { return Some(true) };
    let word = value.to_str().ok()?.to_ascii_lowercase();
    match word.as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

fn is_true_word(word: &str) -> bool {
    as_boolean(Some(BStr::new(word))) == Some(true)
}

/// Expands `~/`. `~user/` would need the password file: such a path counts as unset.
pub(crate) fn expand_home(value: &BStr, home: Option<&Path>) -> Option<PathBuf> {
    match value.strip_prefix(b"~") {
        None => Some(PathBuf::from(OsStr::from_bytes(value))),
        Some(b"") => home.map(Path::to_path_buf),
        Some(rest) => Some(home?.join(OsStr::from_bytes(rest.strip_prefix(b"/")?))),
    }
}

fn read_settings(path: &Path) -> Result<Vec<Setting>, StoreError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(source) => return Err(StoreError::Io { action: "read", path: path.to_path_buf(), source }),
    };
    config_file::parse(&text).map_err(|bad| StoreError::Damaged {
        what: format!("the configuration file {}", path.display()),
        detail: format!("line {} is not understood", bad.0),
    })
}

/// Git, too, passes over a user's file that it may not read.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied | IsADirectory)
}

fn included_file(setting: &Setting, file: &Path, conditions: &Conditions) -> Option<PathBuf> {
    let value = setting.value.as_ref().filter(|value| !value.is_empty())?;
    let wanted = setting.key == "include.path" || {
        let condition = setting.key.strip_prefix(b"includeif.")?.strip_suffix(b".path")?;
        conditions.hold(condition.as_bstr(), file)
    };
    let target = expand_home(value.as_bstr(), conditions.home.as_deref()).filter(|_| wanted)?;
    Some(file.parent()?.join(target))
}

impl Conditions {
    fn hold(&self, condition: &BStr, file: &Path) -> bool {
        if let Some(pattern) = condition.strip_prefix(b"gitdir:") {
            self.git_dir_matches(pattern.as_bstr(), file, false)
        } else if let Some(pattern) = condition.strip_prefix(b"gitdir/i:") {
            self.git_dir_matches(pattern.as_bstr(), file, true)
        } else if let Some(pattern) = condition.strip_prefix(b"onbranch:") {
            let mut pattern = BString::from(pattern);
            close_folder(&mut pattern);
            self.branch.as_ref().is_some_and(|branch| matches_glob(&pattern, branch.as_bytes(), false))
        } else {
            false
        }
    }

    fn git_dir_matches(&self, pattern: &BStr, file: &Path, ignore_case: bool) -> bool {
        let Some(git_dir) = &self.git_dir else { return false };
        let mut full = BString::default();
        if let Some(rest) = pattern.strip_prefix(b"./") {
            let Some(folder) = file.parent() else { return false };
            full.extend_from_slice(folder.as_os_str().as_bytes());
            full.push(b'/');
            full.extend_from_slice(rest);
        } else {
            let Some(path) = expand_home(pattern, self.home.as_deref()) else { return false };
            if !path.is_absolute() {
                full.extend_from_slice(b"**/");
            }
            full.extend_from_slice(path.as_os_str().as_bytes());
        }
        if pattern.ends_with(b"/") && !full.ends_with(b"/") {
            full.push(b'/');
        }
        close_folder(&mut full);
        matches_glob(&full, git_dir.as_os_str().as_bytes(), ignore_case)
    }
}

/// A pattern that ends in `/` means all that is below.
fn close_folder(pattern: &mut BString) {
    if pattern.ends_with(b"/") {
        pattern.extend_from_slice(b"**");
    }
}

fn matches_glob(pattern: &BString, text: &[u8], ignore_case: bool) -> bool {
    let mut mode = gix_glob::wildmatch::Mode::NO_MATCH_SLASH_LITERAL;
    if ignore_case {
        mode |= gix_glob::wildmatch::Mode::IGNORE_CASE;
    }
    gix_glob::wildmatch(pattern.as_bstr(), text.as_bstr(), mode)
}
