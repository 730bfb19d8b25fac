//! Finds the repository that a folder belongs to, as git does, and refuses what ckpt cannot serve.
//!
//! Never asks `GIT_DIR` and its like: a hook's variables would lead to another repository. Writes nothing.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use super::format::Format;
use super::git_config::GitConfig;
use super::sharing::Sharing;
use super::{Layout, StoreError, owner};
use crate::model::id::ObjectId;
use crate::sys::environment::Environment;

/// Where discovery ended.
struct Found {
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// The folder in which `.git` stands.
    holder: PathBuf,
    /// `.git`, when it is a file.
    git_file: Option<PathBuf>,
}

/// Finds the repository around the environment's directory, and reads its own configuration.
pub(crate) fn discover(environment: &Environment) -> Result<(Layout, GitConfig, Format), StoreError> {
    let start = canonical(environment.directory())?;
    let found = walk_up(&start, environment)?;
    let config = repository_config(&found)?;
    let work_dir = work_dir(&found, &config)?;
    owner::check(environment, &work_dir, &found.git_dir, found.git_file.as_deref())?;
    let format = Format::of(&config, environment)?;
    Ok((layout(found, work_dir, &start, Sharing::of(&config)), config, format))
}

fn walk_up(start: &Path, environment: &Environment) -> Result<Found, StoreError> {
    let ceilings = ceilings(environment);
    let absent = || StoreError::NotARepository { path: start.to_path_buf() };
    let device = std::fs::metadata(start).map_err(|_| absent())?.dev();
    for folder in start.ancestors() {
        if folder != start && ceilings.iter().any(|ceiling| ceiling == folder) {
            break;
        }
        if std::fs::metadata(folder).map_or(true, |data| data.dev() != device) {
            break;
        }
        if let Some(found) = look_in(folder)? {
            return Ok(found);
        }
        if let Some(common_dir) = common_dir_of(folder) {
            return Err(inside_git_folder(start, folder, &common_dir));
        }
    }
    Err(absent())
}

fn ceilings(environment: &Environment) -> Vec<PathBuf> {
    let Some(list) = environment.path("GIT_CEILING_DIRECTORIES") else { return Vec::new() };
    let named = std::env::split_paths(&list).filter(|path| path.is_absolute());
    named.map(|path| path.canonicalize().unwrap_or(path)).collect()
}

/// The current folder is a git folder itself: bare, or the inside of a `.git`.
fn inside_git_folder(start: &Path, folder: &Path, common_dir: &Path) -> StoreError {
    let mut config = GitConfig::default();
    let _ = config.read_plain(&common_dir.join("config"));
    let is_linked = common_dir != folder;
    let looks_bare = folder.file_name() != Some(OsStr::new(".git"));
    if !is_linked && config.boolean("core.bare").unwrap_or(looks_bare) {
        return StoreError::Bare { path: folder.to_path_buf() };
    }
    StoreError::NotARepository { path: start.to_path_buf() }
}

fn look_in(folder: &Path) -> Result<Option<Found>, StoreError> {
    let entry = folder.join(".git");
    let Ok(data) = std::fs::metadata(&entry) else { return Ok(None) };
    let holder = folder.to_path_buf();
    if data.is_file() {
        let git_dir = git_file_target(&entry)?;
        let dead = || StoreError::DeadWorktree { git_dir: git_dir.clone() };
        let git_dir = git_dir.canonicalize().map_err(|_| dead())?;
        let common_dir = common_dir_of(&git_dir).ok_or_else(dead)?;
        return Ok(Some(Found { git_dir, common_dir, holder, git_file: Some(entry) }));
    }
    let Ok(git_dir) = entry.canonicalize() else { return Ok(None) };
    Ok(common_dir_of(&git_dir).map(|common_dir| Found { git_dir, common_dir, holder, git_file: None }))
}

/// Reads `gitdir: <path>`; git dies of a `.git` file that says anything else, and so do we.
fn git_file_target(file: &Path) -> Result<PathBuf, StoreError> {
    let text = std::fs::read(file).map_err(|source| io_error("read", file, source))?;
    let target = text.strip_prefix(b"gitdir: ").map(|rest| rest.trim_end_with(|end| end == '\n' || end == '\r'));
    let Some(target) = target.filter(|target| !target.is_empty()) else {
        return Err(StoreError::NotARepository { path: file.to_path_buf() });
    };
    Ok(file.with_file_name("").join(OsStr::from_bytes(target)))
}

/// Whether a folder is a git folder, by git's own test; gives the folder that all its work trees share.
fn common_dir_of(git_dir: &Path) -> Option<PathBuf> {
    if !is_head(&git_dir.join("HEAD")) {
        return None;
    }
    let common_dir = match std::fs::read(git_dir.join("commondir")) {
        Ok(text) => git_dir.join(OsStr::from_bytes(text.trim_end())).canonicalize().ok()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => git_dir.to_path_buf(),
        Err(_) => return None,
    };
    let whole = common_dir.join("objects").is_dir() && common_dir.join("refs").is_dir();
    whole.then_some(common_dir)
}

fn is_head(path: &Path) -> bool {
    if let Ok(target) = std::fs::read_link(path) {
        return target.starts_with("refs");
    }
    let Ok(text) = std::fs::read(path) else { return false };
    match text.strip_prefix(b"ref:") {
        Some(name) => name.trim_start().starts_with(b"refs/"),
        None => text.get(..40).is_some_and(|hex| ObjectId::from_hex(hex).is_some()),
    }
}

/// The shared file, and the work tree's own where `extensions.worktreeConfig` says so.
fn repository_config(found: &Found) -> Result<GitConfig, StoreError> {
    let mut config = GitConfig::default();
    config.read_plain(&found.common_dir.join("config"))?;
    Ok(config)
}

fn work_dir(found: &Found, config: &GitConfig) -> Result<PathBuf, StoreError> {
    let mut own = GitConfig::default();
    // A linked work tree takes neither `core.bare` nor `core.worktree` from the shared file.
    if found.git_dir == found.common_dir {
        own = config.clone();
    }
    if config.boolean("extensions.worktreeconfig") == Some(true) {
        own.read_plain(&found.git_dir.join("config.worktree"))?;
    }
    if let Some(path) = own.value("core.worktree").filter(|path| !path.is_empty()) {
        return canonical(&found.git_dir.join(OsStr::from_bytes(path)));
    }
    if own.boolean("core.bare") == Some(true) {
        return Err(StoreError::Bare { path: found.git_dir.clone() });
    }
    Ok(found.holder.clone())
}

fn layout(found: Found, work_dir: PathBuf, start: &Path, sharing: Sharing) -> Layout {
    let own_dir = found.common_dir.join("ckpt");
    let is_linked = found.git_dir != found.common_dir;
    let worktree_key = match found.git_dir.file_name().filter(|_| is_linked) {
        Some(name) => name.to_string_lossy().into_owned(),
        None => String::new(),
    };
    let own_worktree_dir = match found.git_dir.file_name().filter(|_| is_linked) {
        Some(name) => own_dir.join("worktrees").join(name),
        None => own_dir.join("worktree"),
    };
    let prefix = start.strip_prefix(&work_dir).map(|path| BString::from(path.as_os_str().as_bytes()));
    Layout {
        work_dir,
        git_dir: found.git_dir,
        common_dir: found.common_dir,
        own_dir,
        own_worktree_dir,
        worktree_key,
        sharing,
        prefix: prefix.unwrap_or_default(),
    }
}

fn canonical(path: &Path) -> Result<PathBuf, StoreError> {
    path.canonicalize().map_err(|source| io_error("open", path, source))
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { action, path: path.to_path_buf(), source }
}
