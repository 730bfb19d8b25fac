//! A range of git's history as items: each commit of its first line, a merged pull request as one of them.
//!
//! No process for each commit; what is read of each is bounded, and commits are read by all cores.

use crate::model::event::EventKind;
use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};
use jiff::Timestamp;
use rayon::prelude::*;

use super::error::SummaryError;
use super::{focus, signs};
use crate::model::change::{Change, Side};
use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectReader};
use crate::ops::show::read_commit;
use crate::ops::tree_diff::first_changes;
use crate::ops::{OpError, Repo};
use crate::store::StoreError;
use crate::summary::item::{Extent, Item};
use crate::summary::subject::Subject;
use crate::summary::touched::Focus;

/// Of more commits than these only the newest are told.
const MOST_COMMITS: usize = 20_000;
/// Of more changes than these the lines are not read.
const MOST_READ: usize = 4000;
/// So many paths of a change are listed.
const MOST_PATHS: usize = 300;
/// So much of a message is looked at, in bytes.
const LONGEST_BODY: usize = 4096;

/// The changes of a range, oldest first.
pub(super) struct Range {
    pub(super) items: Vec<Item>,
    pub(super) focus: Focus,
    /// How many commits it has.
    pub(super) commits: usize,
    /// There are older ones that were not looked at.
    pub(super) is_cut: bool,
}

/// A change: a commit, or a merge with all that it brought.
struct Whole {
    id: ObjectId,
    commit: Commit,
}

/// Reads a range.
pub(super) fn read(repo: &Repo, range: &str) -> Result<Range, OpError> {
    let bad = |error: StoreError| -> OpError {
        match error {
            StoreError::Git { detail, .. } => {
                SummaryError::BadRange { range: range.to_owned(), problem: first_line(&detail) }.into()
            }
            other => other.into(),
        }
    };
    let ids = repo.store.commits_of_range(range, MOST_COMMITS + 1).map_err(bad)?;
    let is_cut = ids.len() > MOST_COMMITS;
    let ids = &ids[..ids.len().min(MOST_COMMITS)];
    let read = |id: &ObjectId| read_commit(&repo.store, id).map(|commit| (*id, commit));
    // In a shallow clone the oldest are not there.
    let commits: HashMap<ObjectId, Commit> = ids.par_iter().filter_map(|id| read(id).ok()).collect();
    let changes = changes_of(ids, commits);
    let mut items: Vec<(Item, Option<Vec<Change>>)> = changes.par_iter().map(|whole| item_of(repo, whole)).collect();
    let named: Vec<Item> = items.iter().map(|(item, _)| item.clone()).collect();
    let focus = focus_of(repo, range, ids.first(), &named);
    if items.len() <= MOST_READ {
        items.par_iter_mut().for_each(|(item, changes)| read_lines(repo, item, changes.as_deref(), &focus));
    }
    Ok(Range { items: items.into_iter().map(|(item, _)| item).collect(), focus, commits: ids.len(), is_cut })
}

fn first_line(detail: &str) -> String {
    let line = detail.lines().next().unwrap_or("git does not know it");
    line.trim_start_matches("fatal: ").to_owned()
}

/// Oldest first. A merge that is a pull request stands for what it brought; any other says nothing that the commits which
/// it brought do not say.
fn changes_of(ids: &[ObjectId], mut commits: HashMap<ObjectId, Commit>) -> Vec<Whole> {
    let brought = brought_by_requests(ids, &commits);
    let is_plain = |commit: &Commit| {
        let others = commit.parents.get(1..).unwrap_or_default();
        others.iter().any(|other| commits.contains_key(other)) && !is_request(commit)
    };
    let plain: HashSet<ObjectId> = commits.iter().filter(|(_, commit)| is_plain(commit)).map(|(id, _)| *id).collect();
    let wanted = ids.iter().rev().filter(|id| !brought.contains(id) && !plain.contains(id));
    wanted.filter_map(|id| Some(Whole { id: *id, commit: commits.remove(id)? })).collect()
}

fn brought_by_requests(ids: &[ObjectId], commits: &HashMap<ObjectId, Commit>) -> HashSet<ObjectId> {
    let mut line = HashSet::new();
    let mut next = ids.first().copied();
    while let Some(id) = next.filter(|id| commits.contains_key(id) && !line.contains(id)) {
        line.insert(id);
        next = commits[&id].parents.first().copied();
    }
    let mut brought = HashSet::new();
    let mut seen = HashSet::new();
    // The oldest merge first: what it brought is its own, whatever merges came after.
    for id in ids.iter().rev() {
        let commit = match commits.get(id) {
            Some(commit) if commit.parents.len() > 1 && line.contains(id) => commit,
            _ => continue,
        };
        let is_request = is_request(commit);
        let mut waiting: Vec<ObjectId> = commit.parents[1..].to_vec();
        while let Some(id) = waiting.pop() {
            let is_new = commits.contains_key(&id) && !line.contains(&id) && seen.insert(id);
            if is_new {
                waiting.extend(&commits[&id].parents);
                if is_request {
                    brought.insert(id);
                }
            }
        }
    }
    brought
}

fn is_request(commit: &Commit) -> bool {
    let (subject, body) = message(commit);
    Subject::parse(&subject, &body).pull_request.is_some()
}

/// Subject and the rest, both bounded.
fn message(commit: &Commit) -> (String, String) {
    let text = commit.message.as_slice();
    let start = text.find_not_byteset(b"\n\r ").unwrap_or(text.len());
    let text = &text[start..];
    let end = text.find_byte(b'\n').unwrap_or(text.len());
    let bounded = |bytes: &[u8], most: usize| {
        let cut = &bytes[..bytes.len().min(most)];
        cut.to_str_lossy().into_owned()
    };
    (bounded(&text[..end], 1000), bounded(&text[end..], LONGEST_BODY))
}

fn item_of(repo: &Repo, whole: &Whole) -> (Item, Option<Vec<Change>>) {
    let (subject, body) = message(&whole.commit);
    let time = Timestamp::from_second(whole.commit.committer.seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut item = Item::new(whole.id.to_string(), time, EventKind::Commit, subject);
    item.body = body;
    let changes = changes(repo, &whole.commit);
    if let Ok((paths, more)) = &changes {
        item.paths = paths.iter().take(MOST_PATHS).map(|change| change.path.to_str_lossy().into_owned()).collect();
        item.extent = Extent { files: paths.len() as u32, ..Extent::default() };
        if *more {
            item.extent = Extent { files: MOST_PATHS as u32, added: 10_000, removed: 0 };
        }
    }
    let few = changes.ok().filter(|(_, more)| !more).map(|(changes, _)| changes);
    (item, few)
}

/// The paths that a commit changed against its first parent; of very many only those of the outermost folder.
fn changes(repo: &Repo, commit: &Commit) -> Result<(Vec<Change>, bool), ObjectError> {
    let reader = &repo.store;
    let old = commit.parents.first().map(|parent| read_commit(reader, parent)).transpose()?.map(|parent| parent.tree);
    if let Some(changes) = first_changes(reader, old.as_ref(), Some(&commit.tree), MOST_PATHS)? {
        return Ok((changes, false));
    }
    let before = old.map(|old| reader.read_tree(&old)).transpose()?.unwrap_or_default();
    let after = reader.read_tree(&commit.tree)?;
    let is_new = |entry: &&crate::model::tree::TreeEntry| !before.contains(entry);
    let outermost = after.iter().filter(is_new).map(|entry| {
        let slash = if entry.mode == crate::model::mode::Mode::Tree { "/src/…" } else { "" };
        let path = BString::from(format!("{}{slash}", entry.name));
        Change { path, old: None, new: Some(Side { mode: entry.mode, id: entry.id }) }
    });
    Ok((outermost.collect(), true))
}

fn read_lines(repo: &Repo, item: &mut Item, changes: Option<&[Change]>, focus: &Focus) {
    if let Some(changes) = changes {
        (item.signs, item.extent) = signs::read(&repo.store, changes, focus);
    }
}

/// The end of the range names what it is about, else its beginning: what is new since a release of that package.
fn focus_of(repo: &Repo, range: &str, end: Option<&ObjectId>, items: &[Item]) -> Focus {
    let Some(end) = end else { return Focus::default() };
    let Ok(commit) = read_commit(&repo.store, end) else { return Focus::default() };
    let (first, last) = match range.split_once("..") {
        Some((first, last)) => (Some(first), last.trim_start_matches('.')),
        None => (None, range),
    };
    let mut names = vec![last.to_owned()];
    names.extend(repo.store.tags_at(end).unwrap_or_default());
    names.extend(first.map(str::to_owned));
    focus::find(&repo.store, &commit.tree, &names, items)
}
