//! Saves the whole state of the work as a checkpoint.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::capture::{CaptureRequest, Captured, capture};
use super::context::{self, Synced};
use super::diff::without_omitted;
use super::publishing::{Publishing, documents};
use super::submodules::{self, SavedSubmodule, Submodules};
use super::tree_diff::diff_trees;
use super::{OpError, Repo};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Snapshot, SubmoduleCheckpoint, Words};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::ObjectError;
use crate::model::omission::Omission;
use crate::model::recording::{Recorded, Recording};
use crate::store::{StoreError, Writing, checkpoint, session};

/// What to save, and how.
#[derive(Clone, Debug)]
pub struct SaveRequest {
    pub name: Option<Name>,
    /// Take the name from the checkpoint that has it (`--move`).
    pub move_name: bool,
    pub words: Words,
    pub kind: CheckpointKind,
    /// Make a checkpoint even when nothing changed since the last one.
    pub always: bool,
    /// Patterns (as in `.gitignore`) of ignored files to take along.
    pub include: Vec<String>,
    /// Exact paths to take along whatever the ignore rules say (for a safety checkpoint).
    pub include_paths: Vec<bstr::BString>,
    /// Distrust every cache.
    pub full: bool,
    /// Go on in `$HOME`, `/` or the temporary folder, and beyond the budgets of untracked files.
    pub force: bool,
    /// What becomes of the repositories inside.
    pub submodules: Submodules,
    /// Root of the work tree around this one, which is being saved with it. Then what has not changed is not saved again,
    /// whatever is said about it.
    pub outer: Option<String>,
}

impl SaveRequest {
    /// A plain save of `kind`, with no words and no name.
    pub fn of_kind(kind: CheckpointKind) -> SaveRequest {
        SaveRequest {
            name: None,
            move_name: false,
            words: Words::default(),
            kind,
            always: false,
            include: Vec::new(),
            include_paths: Vec::new(),
            full: false,
            force: false,
            submodules: Submodules::Alone,
            outer: None,
        }
    }
}

/// A save that is on disk.
#[derive(Clone, Debug)]
pub struct Saved {
    pub id: ObjectId,
    /// Nothing had changed: `id` is the checkpoint that was there before.
    pub unchanged: bool,
    pub name: Option<Name>,
    pub session: String,
    pub branch: Option<String>,
    /// Against the commit at HEAD.
    pub changes: ChangeCounts,
    /// Bytes that this save added to the repository, compressed.
    pub bytes_stored: u64,
    pub elapsed: Duration,
    pub omissions: Vec<Omission>,
    /// Ignored files that were taken on request.
    pub included: u64,
    /// What became of the context's file before the save.
    pub context: Synced,
    /// What became of the repositories inside, where they were to be saved too.
    pub submodules: Vec<SavedSubmodule>,
}

impl Saved {
    /// Whether something failed, so that the checkpoint lacks what it should hold.
    pub fn is_partial(&self) -> bool {
        let is_partial = |one: &SavedSubmodule| one.outcome.as_ref().map_or(true, |saved| saved.is_partial());
        self.omissions.iter().any(|omission| omission.reason.is_failure()) || self.submodules.iter().any(is_partial)
    }
}

/// Saves the work tree, the index, HEAD and the operation in progress.
pub fn save(repo: &Repo, request: &SaveRequest) -> Result<Saved, OpError> {
    check_root(repo, request.force)?;
    check_name(repo, request)?;
    let context = context::sync_for_save(repo);
    let saved = save_again(repo, request)?;
    if context.file.is_some() {
        context::refresh_after_save(repo);
    }
    Ok(Saved { context, ..saved })
}

fn save_again(repo: &Repo, request: &SaveRequest) -> Result<Saved, OpError> {
    const ATTEMPTS: usize = 3;
    let mut outcome = save_once(repo, request);
    // A `git gc` beside us may prune an object that was there when we looked: then it has to be written after all. What
    // the next look finds in its stead may be pruned as well.
    for _ in 1..ATTEMPTS {
        match outcome {
            Err(OpError::Store(StoreError::Object(ObjectError::Missing(_)))) => {
                outcome = save_once(repo, &SaveRequest { full: true, ..request.clone() });
            }
            _ => break,
        }
    }
    outcome
}

fn save_once(repo: &Repo, request: &SaveRequest) -> Result<Saved, OpError> {
    let start = Instant::now();
    let writing = repo.store.start_writing()?;
    let recording = Recording::new(&writing);
    let capture_request = CaptureRequest {
        include: &request.include,
        include_paths: &request.include_paths,
        full: request.full,
        unlimited: request.force || request.kind == CheckpointKind::Safety,
    };
    let Captured { mut snapshot, caches } = capture(repo, &recording, &capture_request)?;
    let inside = submodules::save(repo, request, &snapshot.omissions);
    snapshot.submodules = checkpoints(request, &inside);
    let trees = recording.over(&repo.store);
    let (_, mut saved) = caches.write_during(repo, || {
        let saved = match find_unchanged(repo, request, &snapshot)? {
            Some(saved) => saved,
            None => {
                let changes = count_changes(repo, &trees, &snapshot)?;
                publish(repo, request, snapshot, changes, writing)?
            }
        };
        Ok::<_, OpError>((saved.id, saved))
    })?;
    saved.omissions.retain(|left| !inside.iter().any(|one| one.outcome.is_ok() && one.path == left.path));
    Ok(Saved { elapsed: start.elapsed(), submodules: inside, ..saved })
}

/// The checkpoints inside that belong to this one.
fn checkpoints(request: &SaveRequest, inside: &[SavedSubmodule]) -> Vec<SubmoduleCheckpoint> {
    if let Submodules::Saved(checkpoints) = &request.submodules {
        return checkpoints.clone();
    }
    let checkpoint = |one: &SavedSubmodule| {
        let saved = one.outcome.as_ref().ok()?;
        Some(SubmoduleCheckpoint { path: one.path.clone(), id: saved.id })
    };
    inside.iter().filter_map(checkpoint).collect()
}

/// What differs from the commit at HEAD.
fn count_changes(repo: &Repo, trees: &Recorded<'_>, snapshot: &Snapshot) -> Result<ChangeCounts, OpError> {
    let base_tree = snapshot.head.commit.map(|commit| repo.store.tree_of(&commit)).transpose()?;
    let changes = diff_trees(trees, base_tree.as_ref(), Some(&snapshot.tree))?;
    Ok(ChangeCounts::of(&without_omitted(changes, &snapshot.omissions)))
}

fn publish(
    repo: &Repo,
    request: &SaveRequest,
    snapshot: Snapshot,
    changes: ChangeCounts,
    writing: Writing,
) -> Result<Saved, OpError> {
    let (id, bytes_stored) = Publishing { repo, request, snapshot: &snapshot, changes }.run(writing)?;
    Ok(Saved {
        id,
        unchanged: false,
        name: request.name.clone(),
        session: repo.session().to_string(),
        branch: snapshot.head.branch_name().map(str::to_owned),
        changes,
        bytes_stored,
        elapsed: Duration::ZERO,
        included: snapshot.included.len() as u64,
        omissions: snapshot.omissions,
        context: Synced::default(),
        submodules: Vec::new(),
    })
}

/// Refuses places that are not projects, where a save would swallow everything a user has.
fn check_root(repo: &Repo, force: bool) -> Result<(), OpError> {
    let root = &repo.store.layout().work_dir;
    let is = |path: PathBuf| path.canonicalize().is_ok_and(|path| path == *root);
    let temporary = repo.environment.path("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp"));
    let what = if root.parent().is_none() {
        "the root of the filesystem"
    } else if repo.environment.home().is_some_and(is) {
        "your home folder"
    } else if is(temporary) {
        "the folder for temporary files"
    } else {
        return Ok(());
    };
    if force { Ok(()) } else { Err(OpError::UnfitRoot { path: root.clone(), what }) }
}

/// A taken name is refused before anything is done; whether it is still free is checked again when the ref is written.
fn check_name(repo: &Repo, request: &SaveRequest) -> Result<(), OpError> {
    let Some(name) = request.name.as_ref().filter(|_| !request.move_name) else { return Ok(()) };
    match repo.store.find_ref(&format!("{}{name}", checkpoint::NAMES))? {
        Some(id) => Err(OpError::NameTaken { name: name.to_string(), id }),
        None => Ok(()),
    }
}

/// The session's latest checkpoint, if it holds exactly this state and nothing new is to be said about it.
fn find_unchanged(repo: &Repo, request: &SaveRequest, snapshot: &Snapshot) -> Result<Option<Saved>, OpError> {
    let says_nothing = request.outer.is_some() || request.words == Words::default();
    let is_silent = request.name.is_none() && !request.always && says_nothing;
    let tip = repo.store.find_ref(&format!("{}{}", session::REFS, repo.session()))?;
    let (true, Some(tip)) = (is_silent, tip) else { return Ok(None) };
    let Some(latest) = session::find_latest(&repo.store, &tip) else { return Ok(None) };
    // Mostly the files differ, which one object tells.
    let has_this_tree = repo.store.tree_of(&latest).is_ok_and(|tree| tree == snapshot.tree);
    if !has_this_tree || repo.store.find_ref(&checkpoint::ref_name(&latest))? != Some(latest) {
        return Ok(None);
    }
    let Some(session) = session::find_sound_session(&repo.store, &tip)? else { return Ok(None) };
    // A damaged checkpoint is no reason not to save; a new one is made.
    let Ok(found) = checkpoint::read_checkpoint(&repo.store, &latest) else { return Ok(None) };
    if !is_same_state(&found.snapshot, snapshot) || found.summary.worktree != repo.store.layout().worktree_key {
        return Ok(None);
    }
    let documents = documents(&repo.store, &session);
    let is_same_text = found.words.context == documents.context
        && found.words.checklist == documents.checklist
        && found.words.partitions == documents.partitions;
    if !is_same_text {
        return Ok(None);
    }
    Ok(Some(Saved {
        id: latest,
        unchanged: true,
        name: None,
        session: found.summary.session,
        branch: found.summary.branch,
        changes: found.summary.changes,
        bytes_stored: 0,
        elapsed: Duration::ZERO,
        omissions: snapshot.omissions.clone(),
        included: snapshot.included.len() as u64,
        context: Synced::default(),
        submodules: Vec::new(),
    }))
}

fn is_same_state(old: &Snapshot, new: &Snapshot) -> bool {
    old.tree == new.tree
        && old.index_tree == new.index_tree
        && old.head == new.head
        && old.operation.as_ref().map(|state| state.tree) == new.operation.as_ref().map(|state| state.tree)
        && old.extra == new.extra
        && old.index_extra == new.index_extra
        && old.omissions == new.omissions
        && old.included == new.included
        && (new.submodules.is_empty() || old.submodules == new.submodules)
}
