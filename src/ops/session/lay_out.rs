//! Puts a state together that nobody has saved: a commit's tree laid out as git would, beside what is there now.
//!
//! What says the same there stays as it is on disk, to the permission bit. What differs gets the bytes that git would
//! write. Called by `start`, and by the stack's `branch` and `merge`; the load engine brings the state about as any other.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use crate::model::change::{Change, ChangeCounts};
use crate::model::checkpoint::{CheckpointKind, Facts, Snapshot, Words};
use crate::model::extra::WorktreeExtra;
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::IndexExtra;
use crate::model::mode::Mode;
use crate::model::name::Name;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, ObjectWriter};
use crate::model::tree::TreeEntry;
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo, chain};
use crate::store::checkpoint::{NewCheckpoint, write_checkpoint};
use crate::store::smudge::Smudge;
use crate::store::{Writing, sparse};
use crate::worktree::scan::outgoing::{Form, Outgoing, form_of};

/// What is to be laid out beside what is there.
pub(crate) struct Wanted<'a> {
    /// Where the bytes of a path were seen, in what form.
    pub(crate) beside: &'a Snapshot,
    pub(crate) tree: ObjectId,
    pub(crate) index_tree: ObjectId,
    pub(crate) conflicts: IndexExtra,
    pub(crate) head: Head,
}

/// A commit as a checkout lays it out; HEAD on `branch` (a full name), or detached.
pub(crate) fn clean_state(
    repo: &Repo,
    writing: &Writing,
    beside: &Snapshot,
    branch: Option<&str>,
    commit: &ObjectId,
) -> Result<Snapshot, OpError> {
    let tree = repo.store.tree_of(commit)?;
    let head = Head { branch: branch.map(str::to_owned), commit: Some(*commit) };
    let wanted = Wanted { beside, tree, index_tree: tree, conflicts: IndexExtra::default(), head };
    lay_out(repo, writing, wanted)
}

/// The state of `wanted`. New objects go to `writing`; the trees themselves are read from the repository.
pub(crate) fn lay_out(repo: &Repo, writing: &Writing, wanted: Wanted<'_>) -> Result<Snapshot, OpError> {
    let Wanted { beside, tree, index_tree, conflicts, head } = wanted;
    let changes = diff_trees(&repo.store, Some(&beside.tree), Some(&tree))?;
    let mut lookup = Lookup::new(&repo.store, tree);
    let mut extra = kept_facts(&beside.extra, &changes, &mut lookup)?;
    let mut index_extra = conflicts;
    keep_flags(&mut index_extra, &beside.index_extra, &mut Lookup::new(&repo.store, index_tree))?;
    leave_out_sparse(repo, beside, &changes, &mut extra, &mut index_extra)?;
    convert(repo, writing, &tree, &changes, &mut extra)?;
    Ok(Snapshot {
        tree,
        extra,
        omissions: Vec::new(),
        included: Vec::new(),
        index_tree,
        index_extra,
        head,
        operation: None,
        submodules: Vec::new(),
    })
}

/// What is known of paths that stay as they are, and of folders that stay.
fn kept_facts(
    facts: &WorktreeExtra,
    changes: &[Change],
    lookup: &mut Lookup<'_>,
) -> Result<WorktreeExtra, ObjectError> {
    let changed: HashMap<&BString, &Change> = changes.iter().map(|change| (&change.path, change)).collect();
    let stays = |path: &BString| !changed.contains_key(path);
    let mut kept = WorktreeExtra { usual: facts.usual, ..WorktreeExtra::default() };
    for (path, &bits) in &facts.permissions {
        // A private file stays private whatever is in it.
        let is_same_kind = |change: &&Change| match (change.old, change.new) {
            (Some(old), Some(new)) => old.mode == new.mode,
            _ => false,
        };
        let is_kept = match changed.get(path) {
            Some(change) => is_same_kind(change),
            None => path.is_empty() || lookup.find(path.as_bstr())?.is_some(),
        };
        if is_kept {
            kept.permissions.insert(path.clone(), bits);
        }
    }
    for path in &facts.empty_folders {
        if lookup.has_room_for(path.as_bstr())? {
            kept.empty_folders.push(path.clone());
            if let Some(&bits) = facts.permissions.get(path) {
                kept.permissions.insert(path.clone(), bits);
            }
        }
    }
    kept.crlf = facts.crlf.iter().filter(|path| stays(path)).cloned().collect();
    kept.raw = facts.raw.iter().filter(|(path, _)| stays(path)).map(|(path, id)| (path.clone(), *id)).collect();
    for path in &facts.absent {
        if lookup.find(path.as_bstr())?.is_some() {
            kept.absent.push(path.clone());
        }
    }
    Ok(kept)
}

/// The user's own marks on paths that are still tracked.
fn keep_flags(extra: &mut IndexExtra, old: &IndexExtra, lookup: &mut Lookup<'_>) -> Result<(), ObjectError> {
    for path in &old.skip_worktree {
        if lookup.find(path.as_bstr())?.is_some() {
            extra.skip_worktree.push(path.clone());
        }
    }
    for path in &old.assume_unchanged {
        if lookup.find(path.as_bstr())?.is_some() {
            extra.assume_unchanged.push(path.clone());
        }
    }
    Ok(())
}

/// In a sparse checkout, new paths outside of what is checked out are not written either.
fn leave_out_sparse(
    repo: &Repo,
    beside: &Snapshot,
    changes: &[Change],
    extra: &mut WorktreeExtra,
    index_extra: &mut IndexExtra,
) -> Result<(), OpError> {
    if beside.index_extra.skip_worktree.is_empty() || !sparse::is_on(&repo.store)? {
        return Ok(());
    }
    let known: HashSet<&BString> = index_extra.skip_worktree.iter().collect();
    let new = changes.iter().filter(|change| change.new.is_some() && change.old.is_none());
    let new: Vec<BString> = new.map(|change| change.path.clone()).filter(|path| !known.contains(path)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let inside: HashSet<BString> = sparse::inside(&repo.store, &new)?.into_iter().collect();
    for path in new.into_iter().filter(|path| !inside.contains(path)) {
        extra.absent.push(path.clone());
        index_extra.skip_worktree.push(path);
    }
    extra.absent.sort();
    index_extra.skip_worktree.sort();
    Ok(())
}

/// Asks git for the bytes of the files that come and that it converts.
fn convert(
    repo: &Repo,
    writing: &Writing,
    tree: &ObjectId,
    changes: &[Change],
    extra: &mut WorktreeExtra,
) -> Result<(), OpError> {
    let settings = repo.store.scan_settings()?;
    let mut outgoing = Outgoing::of(&repo.store, *tree, &settings, &repo.store.layout().common_dir);
    let mut smudge: Option<Smudge> = None;
    for change in changes {
        let Some(new) = change.new.filter(|new| matches!(new.mode, Mode::File | Mode::Executable)) else { continue };
        let path = change.path.as_bstr();
        let is_there =
            change.old.is_some_and(|old| old.id == new.id && matches!(old.mode, Mode::File | Mode::Executable));
        let is_known = is_there && keeps_form(extra, path);
        if is_known || extra.absent.binary_search(&change.path).is_ok() || !outgoing.converts(path)? {
            continue;
        }
        let git = match &mut smudge {
            Some(git) => git,
            None => smudge.insert(Smudge::start(&repo.store, tree)?),
        };
        let bytes = git.convert(&new.id, path)?;
        match form_of(&repo.store.read_kind(&new.id, ObjectKind::Blob)?, &bytes) {
            Form::Same => {}
            Form::CrLf => extra.crlf.push(change.path.clone()),
            Form::Other => {
                extra.raw.insert(change.path.clone(), writing.write(ObjectKind::Blob, &bytes)?);
            }
        }
    }
    extra.crlf.sort();
    Ok(())
}

fn keeps_form(extra: &WorktreeExtra, path: &BStr) -> bool {
    extra.raw.contains_key(path) || extra.crlf.iter().any(|known| known == path)
}

/// Writes the state as a checkpoint that no ref names: it belongs to no session, and the operation log holds it.
pub(crate) fn write(
    repo: &Repo,
    writing: &Writing,
    session: &Name,
    snapshot: &Snapshot,
    words: &Words,
) -> Result<ObjectId, OpError> {
    let created = repo.clock.now();
    let new = NewCheckpoint {
        snapshot,
        words,
        facts: &Facts {
            ckpt: env!("CARGO_PKG_VERSION").to_owned(),
            directory: repo.store.layout().work_dir.to_string_lossy().into_owned(),
            ..Facts::default()
        },
        session: session.as_str(),
        sequence: 0,
        kind: CheckpointKind::Auto,
        created,
        base_seconds: created.as_second(),
        worktree: &repo.store.layout().worktree_key,
        changes: ChangeCounts::default(),
    };
    Ok(write_checkpoint(writing, &chain::identity(repo), &new)?.id)
}

/// Finds paths in a tree; folders are read once.
pub(crate) struct Lookup<'a> {
    reader: &'a dyn ObjectReader,
    root: ObjectId,
    folders: HashMap<BString, Vec<TreeEntry>>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(reader: &'a dyn ObjectReader, root: ObjectId) -> Lookup<'a> {
        Lookup { reader, root, folders: HashMap::new() }
    }

    /// What stands at a path.
    pub(crate) fn find(&mut self, path: &BStr) -> Result<Option<(Mode, ObjectId)>, ObjectError> {
        let split = path.rfind_byte(b'/');
        let (folder, name) = split.map_or((BStr::new(""), path), |at| (path[..at].as_bstr(), path[at + 1..].as_bstr()));
        if !self.folders.contains_key(folder) {
            let tree = match folder.is_empty() {
                true => Some((Mode::Tree, self.root)),
                false => self.find(folder)?,
            };
            let entries = match tree {
                Some((Mode::Tree, tree)) => self.reader.read_tree(&tree)?,
                _ => Vec::new(),
            };
            self.folders.insert(folder.to_owned(), entries);
        }
        let entry = self.folders[folder].iter().find(|entry| entry.name == name);
        Ok(entry.map(|entry| (entry.mode, entry.id)))
    }

    /// Whether nothing stands at the path, and no file above it.
    fn has_room_for(&mut self, path: &BStr) -> Result<bool, ObjectError> {
        for at in path.find_iter("/").collect::<Vec<_>>() {
            match self.find(path[..at].as_bstr())? {
                None => return Ok(true),
                Some((Mode::Tree, _)) => {}
                Some(_) => return Ok(false),
            }
        }
        Ok(self.find(path)?.is_none())
    }
}
