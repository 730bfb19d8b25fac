//! The index, asked by path; read from disk only when somebody asks.

use std::sync::OnceLock;

use bstr::{BStr, ByteSlice};

use super::node::Seen;
use crate::model::index::{Index, IndexEntry, IndexError, IndexSource};
use crate::model::mode::Mode;

/// Entries whose file was modified this close to the writing of the index prove nothing, in nanoseconds: clocks of
/// filesystems tick up to 10 ms apart.
const SLACK: i64 = 20_000_000;

/// Reads the index when first asked.
pub(super) struct IndexView<'a> {
    source: &'a dyn IndexSource,
    index: OnceLock<Result<Index, IndexError>>,
    sparse: OnceLock<bool>,
}

/// What the index says of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tracked<'a> {
    No,
    /// An entry of exactly this path (of a conflict our side, or what comes first).
    Entry(&'a IndexEntry),
    /// A folder with entries in it.
    Below,
}

impl<'a> IndexView<'a> {
    pub(super) fn new(source: &'a dyn IndexSource) -> IndexView<'a> {
        IndexView { source, index: OnceLock::new(), sparse: OnceLock::new() }
    }

    fn index(&self) -> Option<&Index> {
        self.index.get_or_init(|| self.source.read()).as_ref().ok()
    }

    /// Reads the index now, so that later calls cannot fail.
    pub(super) fn load(&self) -> bool {
        self.index().is_some()
    }

    /// Whether it has been read.
    pub(super) fn is_loaded(&self) -> bool {
        matches!(self.index.get(), Some(Ok(_)))
    }

    /// What was read, if anything was.
    pub(super) fn into_index(self) -> Result<Option<Index>, IndexError> {
        self.index.into_inner().transpose()
    }

    /// Whether any entry has skip-worktree; an index that was not read has none to tell.
    pub(super) fn is_sparse(&self) -> bool {
        let find = || self.all().iter().any(|entry| entry.skip_worktree);
        self.is_loaded() && *self.sparse.get_or_init(find)
    }

    /// All entries.
    pub(super) fn all(&self) -> &[IndexEntry] {
        self.index().map_or(&[], |index| &index.entries)
    }

    /// The entries below a folder, given without a trailing slash; all for the root.
    pub(super) fn below(&self, folder: &BStr) -> &[IndexEntry] {
        if folder.is_empty() { self.all() } else { range_below(self.all(), 0, folder) }
    }

    /// What the index says of a name in `folder`, given the entries [`below`](Self::below) it. Of a conflict it is our side.
    /// `guess` is where it may stand among them.
    pub(super) fn find_in<'e>(entries: &'e [IndexEntry], folder: &BStr, name: &BStr, guess: usize) -> Tracked<'e> {
        // All begin with the folder: only the rest is compared.
        let start = start_below(folder);
        let is_it = |entry: &&IndexEntry| entry.path[start..] == **name;
        if let Some(entry) = entries.get(guess).filter(|entry| entry.stage == 0).filter(is_it) {
            return Tracked::Entry(entry);
        }
        let at = entries.partition_point(|entry| entry.path[start..] < **name);
        if let Some(entry) = entries.get(at).filter(is_it) {
            let ours = entries.get(at + 1).filter(is_it).filter(|next| next.stage == 2);
            return Tracked::Entry(ours.unwrap_or(entry));
        }
        match range_below(&entries[at..], start, name) {
            [] => Tracked::No,
            _ => Tracked::Below,
        }
    }

    /// The same for a folder on disk: a file that the index has of that name does not hide what it has below, as it may
    /// have both in a conflict.
    pub(super) fn find_folder_in<'e>(entries: &'e [IndexEntry], folder: &BStr, name: &BStr) -> Tracked<'e> {
        let start = start_below(folder);
        match Self::find_in(entries, folder, name, 0) {
            Tracked::Entry(entry)
                if entry.mode != Mode::Gitlink.number() && !range_below(entries, start, name).is_empty() =>
            {
                Tracked::Below
            }
            found => found,
        }
    }

    /// Those of the entries below a folder, given as for [`find_in`](Self::find_in), that are below one of its folders.
    pub(super) fn below_in<'e>(entries: &'e [IndexEntry], folder: &BStr, name: &BStr) -> &'e [IndexEntry] {
        let start = start_below(folder);
        range_below(entries, start, name)
    }

    /// The same; `guess` is where they may begin.
    pub(super) fn below_from<'e>(
        entries: &'e [IndexEntry],
        folder: &BStr,
        name: &BStr,
        guess: usize,
    ) -> &'e [IndexEntry] {
        let start = start_below(folder);
        let is_below = |entry: &IndexEntry| compare_with_folder(&entry.path[start..], name).is_eq();
        let begins_there = entries.get(guess).is_some_and(is_below) && !entries[..guess].last().is_some_and(is_below);
        if !begins_there {
            return range_below(entries, start, name);
        }
        let rest = &entries[guess..];
        // Mostly few: in growing steps to the end, and not from the middle of all that follows.
        let mut step = 1;
        while rest.get(step).is_some_and(is_below) {
            step *= 2;
        }
        let last = &rest[step / 2..rest.len().min(step)];
        &rest[..step / 2 + last.partition_point(is_below)]
    }

    /// What the whole index says of `path`.
    pub(super) fn lookup(&self, path: &BStr) -> Tracked<'_> {
        Self::find_in(self.all(), BStr::new(""), path, 0)
    }

    /// The entry of one stage of a path in conflict.
    pub(super) fn stage(&self, path: &BStr, stage: u8) -> Option<&IndexEntry> {
        let start = self.all().partition_point(|entry| entry.path.as_bstr() < path);
        self.all()[start..].iter().take_while(|entry| entry.path == path).find(|entry| entry.stage == stage)
    }

    /// What the stat data prove about a file that the index has an entry for.
    pub(super) fn proof(&self, entry: &IndexEntry, seen: &Seen) -> Proof {
        let Some(index) = self.index() else { return Proof::None };
        let old = &entry.stat;
        let is_same = entry.stage == 0
            && !entry.intent_to_add
            && entry.mode & 0o170000 == seen.kind()
            && old.size == seen.size & 0xffff_ffff
            && seconds(old.modified) == seconds(seen.modified)
            && seconds(old.changed) == seconds(seen.changed)
            && old.inode == seen.inode & 0xffff_ffff;
        // Git compares whole seconds, and in case of doubt hashes the file as it would a new one.
        let is_racy_for_git = seconds(seen.modified) >= seconds(index.written);
        let is_exact = old.modified == seen.modified
            && old.changed == seen.changed
            && seen.modified.max(seen.changed) < index.written - SLACK;
        match is_same && !is_racy_for_git {
            false => Proof::None,
            true if is_exact => Proof::Certain,
            true => Proof::Likely,
        }
    }
}

/// How far the index vouches for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    None,
    /// Git takes its word; the fractions of the seconds, or a clock that ticks too coarsely, leave room for a change.
    Likely,
    Certain,
}

fn seconds(nanoseconds: i64) -> i64 {
    nanoseconds.div_euclid(1_000_000_000)
}

/// How many bytes of a path below a folder are the folder's.
fn start_below(folder: &BStr) -> usize {
    if folder.is_empty() { 0 } else { folder.len() + 1 }
}

/// The entries below `folder`; of all paths the first `start` bytes are the same and not looked at.
fn range_below<'e>(entries: &'e [IndexEntry], start: usize, folder: &BStr) -> &'e [IndexEntry] {
    let compare = |entry: &IndexEntry| compare_with_folder(&entry.path[start..], folder);
    let before = entries.partition_point(|entry| compare(entry).is_lt());
    let count = entries[before..].partition_point(|entry| compare(entry).is_le());
    &entries[before..before + count]
}

/// Where a path lies: before the folder's contents, among them, or after.
fn compare_with_folder(path: &[u8], folder: &BStr) -> std::cmp::Ordering {
    let shared = path.len().min(folder.len());
    path[..shared].cmp(&folder[..shared]).then_with(|| match path.get(folder.len()) {
        Some(next) => next.cmp(&b'/'),
        None => std::cmp::Ordering::Less,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{HashKind, ObjectId};
    use crate::model::stat::Stat;

    fn entries(paths: &[&str]) -> Vec<IndexEntry> {
        let entry = |path: &&str| IndexEntry {
            path: (*path).into(),
            mode: 0o100644,
            id: ObjectId::null(HashKind::Sha1),
            stage: 0,
            assume_unchanged: false,
            skip_worktree: false,
            intent_to_add: false,
            stat: Stat::default(),
        };
        paths.iter().map(entry).collect()
    }

    #[test]
    fn what_is_below_a_folder_is_the_same_whatever_is_guessed() {
        let all = entries(&[
            "d/a", "d/a-b", "d/a-b/1", "d/a.txt", "d/a/1", "d/a/2/x", "d/a/2/y", "d/a/3", "d/a/4", "d/a/5", "d/b/1",
            "d/c",
        ]);
        for (name, number) in [("a", 6), ("a-b", 1), ("a.txt", 0), ("b", 1), ("c", 0), ("0", 0), ("z", 0)] {
            let name = BStr::new(name);
            let below = IndexView::below_in(&all, BStr::new("d"), name);
            assert_eq!(below.len(), number, "{name}");
            for guess in 0..=all.len() + 1 {
                assert_eq!(IndexView::below_from(&all, BStr::new("d"), name, guess), below, "{name} at {guess}");
            }
        }
    }
}
