//! Notes follow commits for which git gives no mapping: those that a server squashed or rebased.
//!
//! After a merge, the commits that it brought are compared with the local branches: a commit with the tree of a branch,
//! or with the same change as the whole of it, is its squash and gets all of its notes; one with the same change as one
//! of its commits gets that one's. Everything is bounded; what lies beyond stays without a note.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::ByteSlice;
use sha1::{Digest, Sha1};

use super::PATIENCE;
use super::annotate::{edits_of, signature};
use crate::model::head::BRANCHES;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::ops::show::read_commit;
use crate::ops::tree_diff::first_changes;
use crate::ops::{OpError, Repo};
use crate::store::notes::{self, Notes};

/// So many commits that a merge brought are looked at.
const MOST_NEW: usize = 20;
/// A branch that left the new line longer ago than this is not followed.
const MOST_ABOVE: usize = 500;
const MOST_BRANCHES: usize = 50;
/// A branch of more commits than this is not taken for squashed.
const LONGEST_BRANCH: usize = 50;
/// Changes of more files than this have no fingerprint.
const MOST_FILES: usize = 200;
/// Files larger than this count by their ids.
const LARGEST: u64 = 128 << 10;

/// A commit's parents and tree.
#[derive(Clone, Debug)]
struct Known {
    parents: Vec<ObjectId>,
    tree: ObjectId,
}

struct Follower<'a> {
    repo: &'a Repo,
    commits: HashMap<ObjectId, Option<Known>>,
    fingerprints: HashMap<(Option<ObjectId>, ObjectId), Option<[u8; 20]>>,
}

/// A local branch from where it left the new line of commits; the newest commit first.
struct Branch {
    commits: Vec<ObjectId>,
    base: ObjectId,
}

/// Gives notes to the commits between HEAD as it was before the merge and `head`.
pub(super) fn follow(repo: &Repo, head: &ObjectId) -> Result<(), OpError> {
    let Some(before) = repo.store.find_ref("ORIG_HEAD")?.filter(|before| before != head) else { return Ok(()) };
    let notes = Notes::open(&repo.store)?;
    let mut follower = Follower { repo, commits: HashMap::new(), fingerprints: HashMap::new() };
    let parents = follower.commit(head).map(|commit| commit.parents).unwrap_or_default();
    // What a merge brought stands on the side of its second parent; a fast-forward has one side alone.
    let start = if let [first, second] = parents[..]
        && first == before
    {
        second
    } else {
        *head
    };
    let line = follower.first_parents(&start, MOST_ABOVE);
    let old: HashSet<ObjectId> = follower.first_parents(&before, MOST_ABOVE).into_iter().collect();
    let new: Vec<ObjectId> = line.iter().copied().take_while(|id| !old.contains(id)).take(MOST_NEW).collect();
    let mut without_note = Vec::new();
    for id in new {
        if notes.find(&id)?.is_none() {
            without_note.push(id);
        }
    }
    if without_note.is_empty() {
        return Ok(());
    }
    let sources = follower.sources(&without_note, &line.into_iter().collect(), &notes)?;
    if !sources.is_empty() {
        notes::edit(&repo.store, &signature(repo), PATIENCE, |notes| edits_of(notes, &sources))?;
    }
    Ok(())
}

impl Follower<'_> {
    /// For each new commit, the commits whose notes it gets.
    fn sources(
        &mut self,
        new: &[ObjectId],
        line: &HashSet<ObjectId>,
        notes: &Notes<'_>,
    ) -> Result<BTreeMap<ObjectId, Vec<ObjectId>>, OpError> {
        let mut sources = BTreeMap::new();
        for (_, tip) in self.repo.store.list_refs(BRANCHES)?.into_iter().take(MOST_BRANCHES) {
            if line.contains(&tip) || notes.find(&tip)?.is_none() {
                continue;
            }
            let Some(branch) = self.branch(tip, line) else { continue };
            let mut left: Vec<ObjectId> = branch.commits.iter().rev().copied().collect();
            // The oldest first on both sides: of two commits with the same change, each goes to its own.
            for id in new.iter().rev() {
                let found = self.of_branch(id, &branch, &mut left);
                if !found.is_empty() {
                    sources.entry(*id).or_insert(found);
                }
            }
        }
        Ok(sources)
    }

    /// The commits of a branch that `id` was made of; one that is no squash takes its own out of `left`.
    fn of_branch(&mut self, id: &ObjectId, branch: &Branch, left: &mut Vec<ObjectId>) -> Vec<ObjectId> {
        let tip = branch.commits[0];
        let Some(known) = self.commit(id) else { return Vec::new() };
        let is_whole = self.commit(&tip).is_some_and(|commit| commit.tree == known.tree)
            || self.is_same_change((known.parents.first().copied(), *id), (Some(branch.base), tip));
        if is_whole {
            return branch.commits.iter().rev().copied().collect();
        }
        let same = left.iter().position(|one| {
            let parent = self.commit(one).and_then(|commit| commit.parents.first().copied());
            self.is_same_change((known.parents.first().copied(), *id), (parent, *one))
        });
        same.map(|position| left.remove(position)).into_iter().collect()
    }

    fn branch(&mut self, tip: ObjectId, line: &HashSet<ObjectId>) -> Option<Branch> {
        let walked = self.first_parents(&tip, LONGEST_BRANCH + 1);
        let length = walked.iter().position(|id| line.contains(id))?;
        Some(Branch { base: walked[length], commits: walked[..length].to_vec() })
    }

    /// A commit and its first parents, at most `limit` of them.
    fn first_parents(&mut self, start: &ObjectId, limit: usize) -> Vec<ObjectId> {
        let mut found = vec![*start];
        while found.len() < limit {
            let last = found[found.len() - 1];
            let Some(parent) = self.commit(&last).and_then(|commit| commit.parents.first().copied()) else { break };
            found.push(parent);
        }
        found
    }

    fn commit(&mut self, id: &ObjectId) -> Option<Known> {
        let read = || {
            let commit = read_commit(&self.repo.store, id).ok()?;
            Some(Known { parents: commit.parents, tree: commit.tree })
        };
        if let Some(known) = self.commits.get(id) {
            return known.clone();
        }
        let known = read();
        self.commits.insert(*id, known.clone());
        known
    }

    fn is_same_change(&mut self, one: (Option<ObjectId>, ObjectId), other: (Option<ObjectId>, ObjectId)) -> bool {
        let fingerprint = self.fingerprint(one);
        fingerprint.is_some() && fingerprint == self.fingerprint(other)
    }

    /// What a change does, wherever in its files it does it; `None` for one that is empty, too large or not there.
    fn fingerprint(&mut self, (old, new): (Option<ObjectId>, ObjectId)) -> Option<[u8; 20]> {
        if let Some(known) = self.fingerprints.get(&(old, new)) {
            return *known;
        }
        let old_tree = old.map(|old| self.commit(&old).map(|commit| commit.tree));
        let trees = match (old_tree, self.commit(&new)) {
            (Some(None), _) | (_, None) => None,
            (old_tree, Some(commit)) => Some((old_tree.flatten(), commit.tree)),
        };
        let found = trees.and_then(|(old, new)| fingerprint_of(&self.repo.store, old.as_ref(), &new));
        self.fingerprints.insert((old, new), found);
        found
    }
}

fn fingerprint_of(reader: &dyn ObjectReader, old: Option<&ObjectId>, new: &ObjectId) -> Option<[u8; 20]> {
    let changes = first_changes(reader, old, Some(new), MOST_FILES).ok()??;
    if changes.is_empty() {
        return None;
    }
    let mut hasher = Sha1::new();
    for change in changes {
        hasher.update(change.path.as_slice());
        for side in [change.old, change.new] {
            hasher.update(side.map_or("\0-", |side| side.mode.as_str()));
        }
        let read = |side: Option<crate::model::change::Side>| match side {
            None => Some(Vec::new()),
            Some(side) if side.mode == Mode::Gitlink || reader.read_header(&side.id).ok()?.1 > LARGEST => None,
            Some(side) => reader.read_kind(&side.id, ObjectKind::Blob).ok(),
        };
        match (read(change.old), read(change.new)) {
            (Some(old), Some(new)) => add_lines(&mut hasher, &old, &new),
            _ => hasher.update(format!("{:?} {:?}", change.old.map(|side| side.id), change.new.map(|side| side.id))),
        }
    }
    Some(hasher.finalize().into())
}

/// The lines that went and came, without where they stood.
fn add_lines(hasher: &mut Sha1, old: &[u8], new: &[u8]) {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines_with_terminator().collect(), new.lines_with_terminator().collect());
    for operation in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
        let (tag, old_range, new_range) = operation.as_tag_tuple();
        if tag == similar::DiffTag::Equal {
            continue;
        }
        old[old_range].iter().for_each(|line| hasher.update([b"-", *line].concat()));
        new[new_range].iter().for_each(|line| hasher.update([b"+", *line].concat()));
    }
    hasher.update(b"\0");
}
