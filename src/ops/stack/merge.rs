//! Brings a parent's saved changes onto the new tip of its git branch, which has moved while the child was worked on.
//!
//! Files and index are merged each by three trees: the commit that the work began from, the new tip, and what was saved.
//! Nothing is written over: where both sides say something, the file has both, and each stands untouched in its commit.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::tree_edit::{Edits, Leaf, edit_tree};
use crate::model::checkpoint::{Checkpoint, Words};
use crate::model::head::{Head, short_branch};
use crate::model::id::ObjectId;
use crate::model::index::{ConflictStage, IndexExtra};
use crate::model::mode::Mode;
use crate::model::name::Name;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::ops::session::lay_out::{self, Lookup, Wanted};
use crate::ops::stack::error::StackError;
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo};
use crate::store::tree_merge::{MergedTree, Trees, merge_trees};
use crate::store::{StoreError, Writing};

/// What came of it, besides the state itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Files that both sides changed in the same place: they hold both, with markers.
    pub conflicts: Vec<BString>,
    /// Untracked files whose place the new tip has taken, and where they are now.
    pub renamed: Vec<(BString, BString)>,
    /// Paths whose staged changes could not be merged: they are in the files alone.
    pub unstaged: Vec<BString>,
}

/// The parts of a merge.
pub(super) struct Moved<'a> {
    pub(super) saved: &'a Checkpoint,
    pub(super) branch: &'a str,
    pub(super) tip: ObjectId,
}

/// The saved state on top of the new tip, as a checkpoint that no ref names.
pub(super) fn onto_tip(
    repo: &Repo,
    writing: &Writing,
    parent: &Name,
    moved: &Moved<'_>,
) -> Result<(ObjectId, MergeReport), OpError> {
    let store = &repo.store;
    let saved = &moved.saved.snapshot;
    let tip_tree = store.tree_of(&moved.tip)?;
    let base_tree = match saved.head.commit {
        Some(commit) => store.tree_of(&commit)?,
        None => writing.write(ObjectKind::Tree, b"")?,
    };
    let untracked = untracked(repo, moved.saved, &base_tree)?;
    // Trees are read again by git and by us: they have to be in the repository.
    let tracked = settled(repo, |writing| {
        let edits = untracked.iter().map(|(path, _)| (path.clone(), None)).collect();
        Ok(edit_tree(store, writing, &saved.tree, &edits)?)
    })?;
    let failed = |error| failure(error, moved.saved.summary.id);
    let files = merge_trees(store, Trees { base: base_tree, ours: tip_tree, theirs: tracked }).map_err(failed)?;
    let labels = Labels::of(moved, &files);
    let files = settled(repo, |writing| labels.apply(repo, writing, files.clone()))?;
    let mut report = MergeReport::default();
    let tree = settled(repo, |writing| {
        let edits = place_untracked(repo, &files.tree, &untracked, &moved.saved.summary.id, &mut report)?;
        Ok(edit_tree(store, writing, &files.tree, &edits)?)
    })?;
    let index = merged_index(repo, moved.saved, base_tree, tip_tree, &mut report).map_err(|error| match error {
        OpError::Store(error) => failed(error),
        error => error,
    })?;
    let (index_tree, conflicts) = with_stages(repo, index, &files, saved)?;
    report.conflicts = paths_of(&files.stages);
    let head = Head { branch: Some(moved.branch.to_owned()), commit: Some(moved.tip) };
    let wanted = Wanted { beside: saved, tree, index_tree, conflicts, head };
    let snapshot = lay_out::lay_out(repo, writing, wanted)?;
    let words = Words { partitions: moved.saved.words.partitions.clone(), ..moved.saved.words.clone() };
    Ok((lay_out::write(repo, writing, parent, &snapshot, &words)?, report))
}

/// Trees that the next step reads have to be there. They are young and small, and what comes of them is held by a ref.
fn settled<T>(repo: &Repo, make: impl FnOnce(&Writing) -> Result<T, OpError>) -> Result<T, OpError> {
    let writing = repo.store.start_writing()?;
    let made = make(&writing)?;
    drop(repo.store.finish_writing(writing)?);
    Ok(made)
}

fn failure(error: StoreError, below: ObjectId) -> OpError {
    match error {
        StoreError::Git { detail, .. } => StackError::MergeFailed { detail, below }.into(),
        error => error.into(),
    }
}

/// Paths that no index and no commit knew: the new tip may have files of the same names.
fn untracked(repo: &Repo, saved: &Checkpoint, base: &ObjectId) -> Result<Vec<(BString, Leaf)>, OpError> {
    let snapshot = &saved.snapshot;
    let extra = &snapshot.index_extra;
    let known: HashSet<&BString> =
        extra.conflicts.iter().map(|stage| &stage.path).chain(&extra.intent_to_add).collect();
    let mut lookup = Lookup::new(&repo.store, *base);
    let mut untracked = Vec::new();
    for change in diff_trees(&repo.store, Some(&snapshot.index_tree), Some(&snapshot.tree))? {
        let Some(new) = change.new.filter(|_| change.old.is_none() && !known.contains(&change.path)) else { continue };
        if lookup.find(change.path.as_bstr())?.is_none() {
            untracked.push((change.path, (new.mode, new.id)));
        }
    }
    Ok(untracked)
}

/// Puts each where it was, or under a second name where the tip has something else.
fn place_untracked(
    repo: &Repo,
    tree: &ObjectId,
    untracked: &[(BString, Leaf)],
    saved: &ObjectId,
    report: &mut MergeReport,
) -> Result<Edits, OpError> {
    let mut lookup = Lookup::new(&repo.store, *tree);
    let mut edits = Edits::new();
    for (path, entry) in untracked {
        let found = lookup.find(path.as_bstr())?;
        if found == Some(*entry) {
            continue;
        }
        let way = lookup.blocked_at(path.as_bstr())?;
        let Some(way) = way else {
            edits.insert(path.clone(), Some(*entry));
            continue;
        };
        // A repository of its own stands where it is, whatever a tree says.
        if entry.0 == Mode::Gitlink {
            continue;
        }
        let mut renamed = BString::from(&path[..way]);
        renamed.push_str(format!(".saved-{}", saved.short()));
        let mut number = 2;
        while lookup.find(renamed.as_bstr())?.is_some_and(|_| way == path.len()) || edits.contains_key(&renamed) {
            renamed = BString::from(&path[..way]);
            renamed.push_str(format!(".saved-{}-{number}", saved.short()));
            number += 1;
        }
        renamed.push_str(&path[way..]);
        edits.insert(renamed.clone(), Some(*entry));
        report.renamed.push((path.clone(), renamed));
    }
    Ok(edits)
}

/// The staged changes on top of the tip; where that conflicts, the tip's own entries.
fn merged_index(
    repo: &Repo,
    saved: &Checkpoint,
    base: ObjectId,
    tip: ObjectId,
    report: &mut MergeReport,
) -> Result<ObjectId, OpError> {
    let theirs = saved.snapshot.index_tree;
    if theirs == base {
        return Ok(tip);
    }
    let merged = merge_trees(&repo.store, Trees { base, ours: tip, theirs })?;
    let paths = paths_of(&merged.stages);
    let mut lookup = Lookup::new(&repo.store, tip);
    let mut edits = Edits::new();
    // Git gives some of them other names, to have both in one folder.
    for change in diff_trees(&repo.store, Some(&tip), Some(&merged.tree))? {
        if merged.words.iter().any(|word| change.path.contains_str(word)) {
            edits.insert(change.path, None);
        }
    }
    for path in &paths {
        edits.insert(path.clone(), lookup.find(path.as_bstr())?);
    }
    report.unstaged = paths;
    settled(repo, |writing| Ok(edit_tree(&repo.store, writing, &merged.tree, &edits)?))
}

/// The index with the stages of the files in conflict, as a merge of git's leaves it.
fn with_stages(
    repo: &Repo,
    index: ObjectId,
    files: &MergedTree,
    saved: &crate::model::checkpoint::Snapshot,
) -> Result<(ObjectId, IndexExtra), OpError> {
    let mut extra = IndexExtra { conflicts: files.stages.clone(), ..IndexExtra::default() };
    let edits: Edits = paths_of(&files.stages).into_iter().map(|path| (path, None)).collect();
    let tree = settled(repo, |writing| Ok(edit_tree(&repo.store, writing, &index, &edits)?))?;
    let (mut staged, mut made) = (Lookup::new(&repo.store, tree), Lookup::new(&repo.store, files.tree));
    for path in &saved.index_extra.intent_to_add {
        let is_new = staged.find(path.as_bstr())?.is_none() && !edits.contains_key(path);
        if is_new && made.find(path.as_bstr())?.is_some() {
            extra.intent_to_add.push(path.clone());
            let mode = saved.index_extra.intended_modes.get(path);
            extra.intended_modes.extend(mode.map(|mode| (path.clone(), *mode)));
        }
    }
    Ok((tree, extra))
}

fn paths_of(stages: &[ConflictStage]) -> Vec<BString> {
    let paths: BTreeSet<&BString> = stages.iter().map(|stage| &stage.path).collect();
    paths.into_iter().cloned().collect()
}

/// What the sides are called in markers, in place of ids that mean nothing to anybody.
struct Labels([(String, String); 3]);

impl Labels {
    fn of(moved: &Moved<'_>, merged: &MergedTree) -> Labels {
        let [base, ours, theirs] = merged.words.clone();
        let branch = short_branch(moved.branch).to_owned();
        let saved = format!("checkpoint-{}", moved.saved.summary.id.short());
        Labels([(base, "before".to_owned()), (ours, branch), (theirs, saved)])
    }

    fn apply(&self, repo: &Repo, writing: &Writing, merged: MergedTree) -> Result<MergedTree, OpError> {
        if merged.stages.is_empty() {
            return Ok(merged);
        }
        let in_conflict: HashSet<BString> = paths_of(&merged.stages).into_iter().collect();
        let mut lookup = Lookup::new(&repo.store, merged.tree);
        let mut paths: BTreeMap<BString, BString> = BTreeMap::new();
        for path in in_conflict {
            paths.insert(path.clone(), self.relabel(&path).into());
        }
        let mut edits = Edits::new();
        for (path, renamed) in &paths {
            let Some((mode, id)) = lookup.find(path.as_bstr())? else { continue };
            let mut entry = (mode, id);
            if matches!(mode, Mode::File | Mode::Executable) {
                let text = repo.store.read_kind(&id, ObjectKind::Blob)?;
                let relabelled = self.relabel(&text);
                if relabelled != text {
                    entry.1 = writing.write(ObjectKind::Blob, &relabelled)?;
                }
            }
            if renamed != path {
                edits.insert(path.clone(), None);
            }
            edits.insert(renamed.clone(), Some(entry));
        }
        let tree = edit_tree(&repo.store, writing, &merged.tree, &edits)?;
        let rename = |path: &BString| paths.get(path).cloned().unwrap_or_else(|| path.clone());
        let stages = merged.stages.iter().map(|stage| ConflictStage { path: rename(&stage.path), ..stage.clone() });
        Ok(MergedTree { tree, stages: stages.collect(), words: merged.words })
    }

    /// The ids are of commits that were made for this: no text can hold one by chance.
    fn relabel(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for (word, label) in &self.0 {
            let is_path = !text.contains(&b'\n');
            let label = if is_path { label.replace('/', "_") } else { label.clone() };
            text = text.replace(word, &label);
            // The base goes by an abbreviation of unknown length.
            let short = format!("||||||| {}", &word[..7]);
            if let Some(at) = text.find(&short) {
                let end = at + text[at..].find_byte(b'\n').unwrap_or(text.len() - at);
                let marked = [&text[..at], b"||||||| ", label.as_bytes(), &text[end..]].concat();
                text = marked;
            }
        }
        text
    }
}

impl Lookup<'_> {
    /// Where the way to a path is blocked by something else: the length of the part of the path that is taken.
    fn blocked_at(&mut self, path: &BStr) -> Result<Option<usize>, OpError> {
        for at in path.find_iter("/").collect::<Vec<_>>() {
            match self.find(path[..at].as_bstr())? {
                None => return Ok(None),
                Some((Mode::Tree, _)) => {}
                Some(_) => return Ok(Some(at)),
            }
        }
        Ok(self.find(path)?.map(|_| path.len()))
    }
}
