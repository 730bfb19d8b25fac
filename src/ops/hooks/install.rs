//! Installs the hooks, and takes them out again so that every file is as it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::changes::{self, ChangeKind, FileChange, plan_insert, plan_remove};
use super::error::HooksError;
use super::place::{Place, PlaceKind, find_folder, find_neighbours, find_place, git_folder};
use crate::hooks::block;
use crate::hooks::neighbours::Neighbour;
use crate::hooks::{Hook, configured};
use crate::ops::{OpError, Repo};
use crate::store::StoreError;
use crate::store::hook_record::{self, Installed};

/// How to install.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstallRequest {
    /// `core.hooksPath` may lie outside the repository.
    pub allow_outside: bool,
    /// Hook files, although this git reads its configuration for hooks.
    pub in_files: bool,
    pub dry_run: bool,
}

/// What was done to the hooks of a repository, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksChanged {
    pub place: Place,
    pub dry_run: bool,
    /// One for each hook that is touched, the unchanged included.
    pub files: Vec<FileChange>,
    pub neighbours: Vec<Neighbour>,
    /// `ckpt` is not on the path, and the place needs it there.
    pub lacks_program: bool,
}

impl HooksChanged {
    /// Whether everything was as it should be.
    pub fn is_unchanged(&self) -> bool {
        self.files.iter().all(|file| file.kind == ChangeKind::Unchanged)
    }
}

/// Installs the hooks; what is there already is brought up to date.
pub fn install(repo: &Repo, request: &InstallRequest) -> Result<HooksChanged, OpError> {
    let place = find_place(repo, request.in_files)?;
    if place.is_outside && !request.allow_outside {
        return Err(HooksError::Outside { path: place.path }.into());
    }
    let is_configured = place.kind == PlaceKind::Configuration;
    let mut files = if is_configured { plan_configuration(repo, &place)? } else { plan_files(&place)? };
    let own: BTreeSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    // A block that was left elsewhere would run beside the new one.
    files.extend(plan_removals(repo, &own)?);
    let outcome = HooksChanged {
        lacks_program: place.is_in_work_tree && repo.environment.find_program("ckpt").is_none(),
        neighbours: find_neighbours(repo, &place),
        dry_run: request.dry_run,
        place,
        files,
    };
    if !request.dry_run {
        carry_out(repo, &outcome)?;
    }
    Ok(outcome)
}

fn carry_out(repo: &Repo, outcome: &HooksChanged) -> Result<(), OpError> {
    let place = &outcome.place;
    let layout = repo.store.layout();
    let is_configured = place.kind == PlaceKind::Configuration;
    let made_now = if is_configured { None } else { make_folder(&place.path)? };
    let before = hook_record::read_installed(layout).unwrap_or_default().unwrap_or_default();
    let made_folder = made_now.clone().or(before.made_folder);
    let kept = outcome.files.iter().filter(|file| !is_configured && is_there_after(file.kind));
    let files = kept.map(|file| file.path.clone()).collect();
    let done = changes::apply(&files_only(outcome)).and_then(|()| {
        repo.store.edit_repository_config(false, |config| match is_configured {
            true => configured::insert(config, &place.program),
            false => configured::remove(config),
        })?;
        Ok(hook_record::write_installed(layout, &Installed { files, made_folder })?)
    });
    if done.is_err() {
        // Only an empty folder goes.
        made_now.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
    done
}

fn files_only(outcome: &HooksChanged) -> Vec<FileChange> {
    let is_file =
        |file: &&FileChange| outcome.place.kind != PlaceKind::Configuration || file.path != outcome.place.path;
    outcome.files.iter().filter(is_file).cloned().collect()
}

const fn is_there_after(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Created | ChangeKind::Added | ChangeKind::Replaced | ChangeKind::Unchanged)
}

fn make_folder(path: &Path) -> Result<Option<PathBuf>, OpError> {
    if path.is_dir() {
        return Ok(None);
    }
    let failed = |source| StoreError::Io { action: "create", path: path.to_path_buf(), source };
    std::fs::create_dir_all(path).map_err(failed)?;
    Ok(Some(path.to_path_buf()))
}

fn plan_files(place: &Place) -> Result<Vec<FileChange>, OpError> {
    let plan = |hook| plan_insert(alive_path(place, hook), hook, &place.program, place.needs_executable());
    Hook::ALL.into_iter().map(plan).collect()
}

/// The file whose block is run: where a tool has put it aside and still runs it, there.
pub(super) fn alive_path(place: &Place, hook: Hook) -> PathBuf {
    let path = place.file(hook);
    let bytes = std::fs::read(&path).unwrap_or_default();
    let Some(keeper) = Neighbour::of_file(&bytes).filter(|keeper| keeper.runs_aside()) else { return path };
    let Some(aside) = aside_path(&path, keeper) else { return path };
    let has_block =
        |bytes: Vec<u8>| matches!(block::remove(&bytes), Ok(block::Removed::Rest(_) | block::Removed::WholeFile));
    if std::fs::read(&aside).is_ok_and(has_block) { aside } else { path }
}

/// Where a tool puts a hook file that was in its way.
pub(super) fn aside_path(path: &Path, keeper: Neighbour) -> Option<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(keeper.aside()?);
    Some(name.into())
}

fn plan_configuration(repo: &Repo, place: &Place) -> Result<Vec<FileChange>, OpError> {
    let present = configured::present(&repo.store.repository_config_bytes()?, &place.program);
    let kind = |hook: Hook| match present.iter().find(|(known, _)| *known == hook) {
        Some((_, true)) => ChangeKind::Unchanged,
        Some((_, false)) => ChangeKind::Replaced,
        None => ChangeKind::Added,
    };
    Ok(Hook::ALL.into_iter().map(|hook| FileChange::of_configuration(&place.path, hook, kind(hook))).collect())
}

/// Takes the hooks out of wherever they are.
pub fn remove(repo: &Repo, dry_run: bool) -> Result<HooksChanged, OpError> {
    // A `core.hooksPath` that leads to nothing keeps nobody from removing what is elsewhere.
    let place = find_folder(repo).or_else(|error| match error {
        OpError::Hooks(HooksError::NoFolder { .. }) => git_folder(repo),
        error => Err(error),
    })?;
    let mut files = plan_removals(repo, &BTreeSet::new())?;
    let config = repo.store.layout().common_dir.join("config");
    let present = configured::present(&repo.store.repository_config_bytes()?, &place.program);
    files.extend(present.iter().map(|(hook, _)| FileChange::of_configuration(&config, *hook, ChangeKind::Removed)));
    let neighbours = find_neighbours(repo, &place);
    let outcome = HooksChanged { place, dry_run, files, neighbours, lacks_program: false };
    if !dry_run {
        let in_files: Vec<_> = outcome.files.iter().filter(|file| file.path != config).cloned().collect();
        changes::apply(&in_files)?;
        repo.store.edit_repository_config(false, configured::remove)?;
        let made =
            hook_record::read_installed(repo.store.layout()).unwrap_or_default().and_then(|record| record.made_folder);
        made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
        hook_record::forget(repo.store.layout())?;
    }
    Ok(outcome)
}

/// The blocks in all files where they may be but `except`.
fn plan_removals(repo: &Repo, except: &BTreeSet<PathBuf>) -> Result<Vec<FileChange>, OpError> {
    let mut changes = Vec::new();
    for (hook, path) in candidates(repo)? {
        if !except.contains(&path) {
            changes.extend(plan_remove(path, hook)?);
        }
    }
    Ok(changes)
}

/// Where blocks may be: git's folder, the one that is configured, those of the record, and what tools put aside.
fn candidates(repo: &Repo) -> Result<Vec<(Hook, PathBuf)>, OpError> {
    let layout = repo.store.layout();
    let mut folders = BTreeSet::from([layout.common_dir.join("hooks")]);
    match find_folder(repo) {
        Ok(place) => drop(folders.insert(place.path)),
        Err(OpError::Hooks(HooksError::NoFolder { .. })) => {}
        Err(error) => return Err(error),
    }
    let record = hook_record::read_installed(layout)?.unwrap_or_default();
    folders.extend(record.files.iter().filter_map(|file| file.parent().map(Path::to_path_buf)));
    let mut found = BTreeSet::new();
    for hook in Hook::ALL {
        for path in folders.iter().map(|folder| folder.join(hook.name())) {
            found.extend(Neighbour::ALL.into_iter().filter_map(|tool| Some((hook, aside_path(&path, tool)?))));
            found.insert((hook, path));
        }
    }
    Ok(found.into_iter().collect())
}
