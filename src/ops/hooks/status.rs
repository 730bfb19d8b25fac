//! Tells which hooks are installed, whether they can run, and how the last runs went.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::changes::read_hook_file;
use super::error::HooksError;
use super::install::{alive_path, aside_path};
use super::place::{Place, PlaceKind, find_folder, find_neighbours, find_place};
use super::switch::{Off, find_off};
use crate::hooks::block::{self, State};
use crate::hooks::neighbours::Neighbour;
use crate::hooks::{Hook, configured};
use crate::ops::{OpError, Repo};
use crate::store::hook_record::{self, HookRuns};

/// How it stands with one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    Installed,
    /// Its block calls another ckpt, or is of another version.
    Outdated,
    /// Not there.
    Missing,
    /// A tool put it aside and does not run it any more.
    PutAside,
    /// The program that it calls is not there.
    ProgramGone,
    /// In a file that git passes over because it is not executable.
    NotExecutable,
    /// What stands there cannot be understood; why.
    Unclear(String),
}

impl HookState {
    /// The word for data.
    pub const fn word(&self) -> &'static str {
        match self {
            HookState::Installed => "installed",
            HookState::Outdated => "outdated",
            HookState::Missing => "missing",
            HookState::PutAside => "put-aside",
            HookState::ProgramGone => "program-gone",
            HookState::NotExecutable => "not-executable",
            HookState::Unclear(_) => "unclear",
        }
    }

    /// Whether git reaches ckpt through it.
    pub const fn is_alive(&self) -> bool {
        matches!(self, HookState::Installed | HookState::Outdated)
    }
}

/// One hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookStatus {
    pub hook: Hook,
    pub state: HookState,
    /// Where it is, or would be.
    pub path: PathBuf,
    /// The tool that wrote the rest of the file.
    pub keeper: Option<Neighbour>,
    pub runs: Option<HookRuns>,
}

/// The hooks of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksStatus {
    pub place: Place,
    pub hooks: Vec<HookStatus>,
    pub off: Option<Off>,
    pub neighbours: Vec<Neighbour>,
}

impl HooksStatus {
    /// Whether any hook is there at all.
    pub fn is_installed(&self) -> bool {
        self.hooks.iter().any(|hook| hook.state != HookState::Missing)
    }
}

/// Looks at the hooks; changes and runs nothing but `git --version`.
pub fn status(repo: &Repo) -> Result<HooksStatus, OpError> {
    let place = find_installed_place(repo)?;
    let mut runs = hook_record::read_runs(repo.store.layout());
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let (state, path, keeper) = look(repo, &place, hook)?;
        hooks.push(HookStatus { hook, state, path, keeper, runs: runs.remove(hook.name()) });
    }
    Ok(HooksStatus { hooks, off: find_off(repo), neighbours: find_neighbours(repo, &place), place })
}

/// Where the hooks are; where none are, the place that they would go to.
pub(super) fn find_installed_place(repo: &Repo) -> Result<Place, OpError> {
    let new = find_place(repo, false)?;
    if new.kind == PlaceKind::Configuration
        && configured::present(&repo.store.repository_config_bytes()?, &new.program).is_empty()
    {
        let folder = find_folder(repo)?;
        let has_block = |hook| look(repo, &folder, hook).is_ok_and(|(state, ..)| state != HookState::Missing);
        if Hook::ALL.into_iter().any(has_block) {
            return Ok(folder);
        }
    }
    Ok(new)
}

fn look(repo: &Repo, place: &Place, hook: Hook) -> Result<(HookState, PathBuf, Option<Neighbour>), OpError> {
    if place.kind == PlaceKind::Configuration {
        let present = configured::present(&repo.store.repository_config_bytes()?, &place.program);
        let found = present.iter().find(|(known, _)| *known == hook).map(|(_, is_current)| *is_current);
        let state = match found {
            Some(true) => HookState::Installed,
            Some(false) => HookState::Outdated,
            None => HookState::Missing,
        };
        return Ok((state, place.path.clone(), None));
    }
    let path = alive_path(place, hook);
    let file = match read_hook_file(&path, hook) {
        Ok(file) => file,
        Err(OpError::Hooks(HooksError::Refused { problem, .. })) => {
            return Ok((HookState::Unclear(problem), path, None));
        }
        Err(error) => return Err(error),
    };
    let Some(file) = file else { return Ok((HookState::Missing, path, None)) };
    let keeper = Neighbour::of_file(&file.bytes);
    let state = match block::state(&file.bytes, hook, &place.program) {
        Err(error) => HookState::Unclear(error.to_string()),
        Ok(State::Absent) if is_put_aside(&path, keeper) => HookState::PutAside,
        Ok(State::Absent) => HookState::Missing,
        Ok(_) if place.needs_executable() && !file.is_executable() => HookState::NotExecutable,
        Ok(_) if is_gone(repo, &file.bytes) => HookState::ProgramGone,
        Ok(State::Current) => HookState::Installed,
        Ok(State::Outdated) => HookState::Outdated,
    };
    Ok((state, path, keeper))
}

fn is_put_aside(path: &Path, keeper: Option<Neighbour>) -> bool {
    let Some(aside) = keeper.and_then(|keeper| aside_path(path, keeper)) else { return false };
    std::fs::read(aside).is_ok_and(|bytes| block::remove(&bytes) != Ok(block::Removed::NoBlock))
}

/// Whether the program that a block calls is not there.
fn is_gone(repo: &Repo, file: &[u8]) -> bool {
    match block::program(file) {
        Some(path) => !Path::new(OsStr::from_bytes(&path)).exists(),
        None => repo.environment.find_program("ckpt").is_none(),
    }
}
