//! What is changed and not committed: the files, and how many lines of each.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Sources;
use crate::model::change::{Change, ChangeCounts};
use crate::model::id::ObjectId;
use crate::model::scratch::Scratch;
use crate::ops::capture::scan_now;
use crate::ops::diff::{FileContent, content_of, without_omitted};
use crate::ops::points;
use crate::ops::show::read_commit;
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo};
use crate::summary::brief::{Entry, Section, Shape};

/// Of more files than this the lines are not counted, and their folders are told first.
const MOST_COMPARED: usize = 50;

/// So many bytes, on both sides of all files together, are compared.
const MOST_BYTES: usize = 2 << 20;

/// So many folders are told.
const FOLDERS: usize = 10;

/// The work tree as it is now, compared.
pub(super) struct Changed {
    /// By path.
    pub(super) against_head: Vec<Change>,
    /// Lines added and removed by each, as far as they were counted.
    lines: Vec<Option<(usize, usize)>>,
    /// The session's last checkpoint, and what changed since.
    pub(super) checkpoint: Option<(ObjectId, ChangeCounts)>,
    /// Paths that a save would leave out.
    pub(super) omitted: usize,
}

/// Looks at the work tree.
pub(super) fn look(repo: &Repo) -> Result<Changed, OpError> {
    let scratch = Scratch::new(&repo.store);
    let scanned = scan_now(repo, &scratch)?;
    let against = |commit: Option<ObjectId>| {
        let tree = commit.map(|id| read_commit(&repo.store, &id)).transpose()?.map(|commit| commit.tree);
        let changes = diff_trees(&scratch, tree.as_ref(), Some(&scanned.tree))?;
        Ok::<_, OpError>(without_omitted(changes, &scanned.omissions))
    };
    let against_head = against(repo.store.head()?.commit)?;
    let latest = points::find_latest(repo)?;
    let checkpoint = latest.map(|id| Ok::<_, OpError>((id, ChangeCounts::of(&against(Some(id))?)))).transpose()?;
    let mut left = MOST_BYTES;
    let lines = against_head.iter().take(MOST_COMPARED).map(|change| lines_of(&scratch, change, &mut left)).collect();
    Ok(Changed { against_head, lines, checkpoint, omitted: scanned.omissions.len() })
}

fn lines_of(scratch: &Scratch<'_>, change: &Change, left: &mut usize) -> Option<(usize, usize)> {
    let Ok(FileContent::Text { old, new }) = content_of(scratch, change) else { return None };
    *left = left.checked_sub(old.len() + new.len())?;
    let lines = |bytes: &[u8]| bytes.lines_with_terminator().map(BString::from).collect::<Vec<_>>();
    let (old, new) = (lines(&old), lines(&new));
    let (mut added, mut removed) = (0, 0);
    for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if !matches!(operation, DiffOp::Equal { .. }) {
            removed += operation.old_range().len();
            added += operation.new_range().len();
        }
    }
    Some((added, removed))
}

/// One line a file, as `git diff --stat` has it; of many files the folders first.
pub(super) fn section(sources: &Sources<'_>) -> Result<Section, OpError> {
    let changed = &sources.changed;
    let lines = changed.lines.iter().copied().chain(std::iter::repeat(None));
    let shown = changed.against_head.iter().zip(lines).filter(|(change, _)| sources.scope.has(&change.path));
    let shown: Vec<_> = shown.collect();
    let mut entries = Vec::new();
    if shown.len() > MOST_COMPARED {
        let folders = by_folder(shown.iter().map(|(change, _)| *change));
        let told = folders.into_iter().take(FOLDERS);
        entries.extend(told.map(|(folder, count)| item(None, format!("{}/: {count} files", shown_path(&folder)))));
    }
    entries.extend(shown.iter().map(|(change, lines)| {
        let lines = lines.map(|(added, removed)| format!(" +{added} -{removed}")).unwrap_or_default();
        item(Some(change.letter().to_string()), format!("{}{lines}", shown_path(&change.path)))
    }));
    Ok(Section {
        name: "changes",
        title: "Not committed",
        entries,
        has_older: false,
        source: "git status".to_owned(),
        share: 15,
    })
}

fn item(label: Option<String>, text: String) -> Entry {
    Entry { shape: Shape::Item, label, time: None, text, is_pinned: false }
}

/// As it is, or quoted where it is no text on one line.
fn shown_path(path: &BString) -> String {
    match path.to_str() {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => format!("{path:?}"),
    }
}

/// At most two folders deep, the fullest first.
fn by_folder<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<(BString, usize)> {
    let mut counts: BTreeMap<BString, usize> = BTreeMap::new();
    for change in changes {
        let folder = change.path.rsplit_once_str("/").map_or(&b"."[..], |(folder, _)| folder);
        *counts.entry(BString::from(bstr::join("/", folder.split_str("/").take(2)))).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    counts
}
