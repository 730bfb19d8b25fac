//! Where hooks go: git's own folder, the one that `core.hooksPath` names, husky's, or git's configuration.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::error::HooksError;
use crate::hooks::neighbours::{Neighbour, husky_folder};
use crate::hooks::{Hook, Program, configured};
use crate::ops::{OpError, Repo};
use crate::sys::environment::own_program;

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// `hooks` in git's folder, shared by all work trees.
    GitFolder,
    /// The folder that `core.hooksPath` names.
    HooksPath,
    /// The folder whose files husky's stubs run.
    Husky,
    /// `hook.*` in the repository's configuration.
    Configuration,
}

impl PlaceKind {
    /// The word for data.
    pub const fn word(self) -> &'static str {
        match self {
            PlaceKind::GitFolder => "git-folder",
            PlaceKind::HooksPath => "hooks-path",
            PlaceKind::Husky => "husky",
            PlaceKind::Configuration => "configuration",
        }
    }
}

/// Where the hooks of a repository go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub kind: PlaceKind,
    /// Root of the work tree, from which paths are shown.
    pub root: PathBuf,
    /// The folder of the hook files; for [`PlaceKind::Configuration`] the configuration file.
    pub path: PathBuf,
    /// It is neither in the work tree nor in git's folder: other repositories may use it.
    pub is_outside: bool,
    /// Its files belong to the work tree, so others get them with a clone.
    pub is_in_work_tree: bool,
    /// How a hook there finds ckpt.
    pub program: Program,
}

impl Place {
    /// The file that git, or husky, runs for a hook.
    pub fn file(&self, hook: Hook) -> PathBuf {
        match self.kind {
            PlaceKind::Configuration => self.path.clone(),
            _ => self.path.join(hook.name()),
        }
    }

    /// Whether a hook file that is not executable is passed over.
    pub fn needs_executable(&self) -> bool {
        self.kind != PlaceKind::Husky
    }
}

/// The place that new hooks go to. `in_files` keeps to files although git reads its configuration for hooks.
pub fn find_place(repo: &Repo, in_files: bool) -> Result<Place, OpError> {
    if !in_files && repo.store.git_version()? >= configured::FIRST_GIT {
        return Ok(Place {
            kind: PlaceKind::Configuration,
            root: repo.store.layout().work_dir.clone(),
            path: repo.store.layout().common_dir.join("config"),
            is_outside: false,
            is_in_work_tree: false,
            program: program_at(repo, Program::At)?,
        });
    }
    find_folder(repo)
}

/// The place of hook files, as git looks for them now.
pub fn find_folder(repo: &Repo) -> Result<Place, OpError> {
    let Some(configured) = repo.store.hooks_path()? else { return git_folder(repo) };
    let (kind, folder) = match husky_folder(configured.folder.as_os_str().as_bytes()) {
        Some(folder) => (PlaceKind::Husky, PathBuf::from(std::ffi::OsStr::from_bytes(folder))),
        None => (PlaceKind::HooksPath, configured.folder.clone()),
    };
    if folder.exists() && !folder.is_dir() {
        return Err(HooksError::NoFolder { path: folder }.into());
    }
    place_of(repo, kind, folder)
}

/// What is to be known of a folder of hooks. It may be a link to anywhere.
fn place_of(repo: &Repo, kind: PlaceKind, path: PathBuf) -> Result<Place, OpError> {
    let layout = repo.store.layout();
    let real = real_path(&path);
    let is_gits = real.starts_with(&layout.common_dir) || real.starts_with(&layout.git_dir);
    let is_in_work_tree = !is_gits && real.starts_with(&layout.work_dir);
    let is_outside = !is_gits && !is_in_work_tree;
    let program = match (is_gits, is_outside) {
        (true, _) => program_at(repo, Program::At)?,
        (_, true) => program_at(repo, Program::SharedAt)?,
        _ => Program::OnPath,
    };
    Ok(Place { kind, root: layout.work_dir.clone(), path, is_outside, is_in_work_tree, program })
}

/// Git's own folder for hooks.
pub(super) fn git_folder(repo: &Repo) -> Result<Place, OpError> {
    place_of(repo, PlaceKind::GitFolder, repo.store.layout().common_dir.join("hooks"))
}

/// Links resolved as far as the path exists.
fn real_path(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    path.to_path_buf()
}

/// The running ckpt. A link to it on `PATH` outlives an upgrade better than what it leads to.
fn program_at(repo: &Repo, make: impl Fn(Vec<u8>) -> Program) -> Result<Program, OpError> {
    let failed = |source| crate::store::StoreError::Io { action: "find", path: "the running ckpt".into(), source };
    let own = own_program().map_err(failed)?;
    let named = repo.environment.find_program("ckpt");
    let named = named.filter(|named| named.canonicalize().is_ok_and(|path| path == own));
    Ok(make(named.unwrap_or(own).as_os_str().as_bytes().to_vec()))
}

/// The tools that are configured in this work tree.
pub fn find_neighbours(repo: &Repo, place: &Place) -> Vec<Neighbour> {
    let root = &repo.store.layout().work_dir;
    let is_there = |neighbour: &Neighbour| match neighbour {
        Neighbour::Husky => place.kind == PlaceKind::Husky,
        other => other.configuration().iter().any(|name| root.join(name).exists()),
    };
    Neighbour::ALL.into_iter().filter(is_there).collect()
}
