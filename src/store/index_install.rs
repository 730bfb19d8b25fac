//! Puts a new index in the place of the user's, under git's own lock.
//!
//! The only writer of an index. It is built beside its place, synced, and renamed; called by `ops/` at the end of a load.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bstr::{BStr, BString, ByteSlice};

use super::index_read::index_path;
use super::index_render::{self, TreeNode};
use super::{Store, StoreError};
use crate::model::id::{HashKind, ObjectId};
use crate::model::index::{CachedTree, Index, IndexEntry, IndexExtra, IndexSource, IndexStamp};
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, hash_object};
use crate::model::stat::Stat;
use crate::sys::clock::file_time_now;
use crate::sys::{atomic, fault, private};

/// Says what is on disk at a path, if that is known for sure: mode, id, and what `lstat` said.
pub type CleanPath<'a> = &'a dyn Fn(&BStr) -> Option<(Mode, ObjectId, Stat)>;

/// A file changed this shortly before the index is written could change again within the same tick of its clock.
const RACY: i64 = 100_000_000;

/// Makes the index hold exactly `tree` and `extra`.
///
/// Entries whose content `clean` knows to be on disk get its stat data, the others are looked at by git once more.
pub fn install_index(
    store: &Store,
    tree: &ObjectId,
    extra: &IndexExtra,
    clean: CleanPath<'_>,
) -> Result<(), StoreError> {
    install_index_over(store, None, tree, extra, clean).map(|_| ())
}

/// An index that was put in place a moment ago.
pub struct Installed {
    entries: Vec<IndexEntry>,
    /// Empty where the tree alone does not say everything.
    trees: Vec<TreeNode>,
    /// `None` when somebody else was at it at once.
    stamp: Option<IndexStamp>,
}

/// The same, if the user's index is still the one that `expected` was taken of.
pub fn install_index_over(
    store: &Store,
    expected: Option<&IndexStamp>,
    tree: &ObjectId,
    extra: &IndexExtra,
    clean: CleanPath<'_>,
) -> Result<Installed, StoreError> {
    let (mut entries, mut trees) = flatten(store, tree)?;
    add_extra(store.hash_kind(), &mut entries, extra, clean);
    let old = IndexSource::read(store).unwrap_or_default();
    fill_stats(&mut entries, &old, clean);
    if !(extra.conflicts.is_empty() && extra.intent_to_add.is_empty()) {
        trees.clear();
    }
    let stamp = put_in_place(store, expected, &index_render::render(store.hash_kind(), &entries, &trees), None)?;
    Ok(Installed { entries, trees, stamp })
}

/// Gives the entries that have no stat data those that `clean` knows, if nobody has touched the index since. What has
/// none is read by git once more, so only speed hangs on it.
///
/// The file is dated before the first look at the disk. Whatever is changed after that look gets a time at which git does
/// not believe stat data, for it is not older than the index.
pub fn complete_stats(store: &Store, installed: Installed, clean: CleanPath<'_>) -> Result<(), StoreError> {
    let Installed { mut entries, trees, stamp: Some(stamp) } = installed else { return Ok(()) };
    let begun = file_time_now() - RACY;
    let mut any = false;
    for entry in entries.iter_mut().filter(|entry| is_open(entry)) {
        if let Some(stat) = stat_of_clean(entry, clean) {
            entry.stat = stat;
            any = true;
        }
    }
    if any {
        put_in_place(store, Some(&stamp), &index_render::render(store.hash_kind(), &entries, &trees), Some(begun))?;
    }
    Ok(())
}

fn is_open(entry: &IndexEntry) -> bool {
    entry.stage == 0 && !entry.intent_to_add && entry.stat == Stat::default()
}

fn stat_of_clean(entry: &IndexEntry, clean: CleanPath<'_>) -> Option<Stat> {
    let (mode, id, stat) = clean(entry.path.as_bstr())?;
    (mode.number() == entry.mode && id == entry.id).then_some(stat)
}

/// All entries of a tree in the index's order, and its folders for the cache of trees.
fn flatten(store: &Store, tree: &ObjectId) -> Result<(Vec<IndexEntry>, Vec<TreeNode>), ObjectError> {
    let (mut entries, mut trees) = (Vec::new(), Vec::new());
    add_folder(store, tree, &BString::default(), &mut entries, &mut trees)?;
    Ok((entries, trees))
}

fn add_folder(
    store: &Store,
    id: &ObjectId,
    path: &BString,
    entries: &mut Vec<IndexEntry>,
    trees: &mut Vec<TreeNode>,
) -> Result<(), ObjectError> {
    let (node, before) = (trees.len(), entries.len());
    trees.push(TreeNode { tree: CachedTree { path: path.clone(), id: *id, entries: 0 }, subtrees: 0 });
    for entry in store.read_tree(id)? {
        let mut full = path.clone();
        if !full.is_empty() {
            full.push(b'/');
        }
        full.extend_from_slice(&entry.name);
        if entry.mode == Mode::Tree {
            trees[node].subtrees += 1;
            add_folder(store, &entry.id, &full, entries, trees)?;
        } else {
            entries.push(new_entry(full, 0, entry.mode.number(), entry.id));
        }
    }
    trees[node].tree.entries = (entries.len() - before) as u32;
    Ok(())
}

fn new_entry(path: BString, stage: u8, mode: u32, id: ObjectId) -> IndexEntry {
    IndexEntry {
        path,
        mode,
        id,
        stage,
        assume_unchanged: false,
        skip_worktree: false,
        intent_to_add: false,
        stat: Stat::default(),
    }
}

fn add_extra(hash: HashKind, entries: &mut Vec<IndexEntry>, extra: &IndexExtra, clean: CleanPath<'_>) {
    if extra.is_empty() {
        return;
    }
    let set = |paths: &[BString]| paths.iter().cloned().collect::<BTreeSet<_>>();
    let in_conflict: BTreeSet<_> = extra.conflicts.iter().map(|stage| stage.path.clone()).collect();
    let intended = set(&extra.intent_to_add);
    entries.retain(|entry| !in_conflict.contains(&entry.path) && !intended.contains(&entry.path));
    for stage in &extra.conflicts {
        entries.push(new_entry(stage.path.clone(), stage.stage, stage.mode, stage.id));
    }
    let empty = hash_object(hash, ObjectKind::Blob, b"");
    for path in intended {
        let known = extra.intended_modes.get(&path).copied();
        let mode = known.or_else(|| clean(path.as_bstr()).map(|(mode, ..)| mode.number()));
        let entry = new_entry(path, 0, mode.unwrap_or(Mode::File.number()), empty);
        entries.push(IndexEntry { intent_to_add: true, ..entry });
    }
    let (skipped, assumed) = (set(&extra.skip_worktree), set(&extra.assume_unchanged));
    for entry in entries.iter_mut() {
        entry.skip_worktree = skipped.contains(&entry.path);
        entry.assume_unchanged = assumed.contains(&entry.path);
    }
    entries.sort_by(|left, right| left.path.cmp(&right.path).then(left.stage.cmp(&right.stage)));
}

/// Fills in what is known to be on disk: from `clean`, else from the old index, whose knowledge stays true.
fn fill_stats(entries: &mut [IndexEntry], old: &Index, clean: CleanPath<'_>) {
    const SECOND: i64 = 1_000_000_000;
    let now = file_time_now();
    let mut olds = old.entries.iter().peekable();
    for entry in entries.iter_mut().filter(|entry| entry.stage == 0 && !entry.intent_to_add) {
        while olds.next_if(|old| old.path < entry.path).is_some() {}
        let from_old = || {
            let old_entry = olds.peek().filter(|old| old.path == entry.path && old.stage == 0 && !old.intent_to_add)?;
            let same = old_entry.mode == entry.mode && old_entry.id == entry.id;
            // Git compares whole seconds: what was changed in the second of the old index it looks at again, but only as
            // long as it knows that second.
            let is_proven = old_entry.stat.modified.div_euclid(SECOND) < old.written.div_euclid(SECOND);
            (same && is_proven).then_some(old_entry.stat)
        };
        if let Some(stat) = stat_of_clean(entry, clean).or_else(from_old).filter(|stat| stat.modified < now - RACY) {
            entry.stat = stat;
        }
    }
}

/// The finished file becomes `index.lock` by a hard link, which fails if there is one, and then the index. So a process
/// that dies holds git's lock for an instant at most, and the next one knows the lock for its own by its inode.
///
/// Gives the stamp of the new index; none if another file stands there by then.
fn put_in_place(
    store: &Store,
    expected: Option<&IndexStamp>,
    bytes: &[u8],
    dated: Option<i64>,
) -> Result<Option<IndexStamp>, StoreError> {
    let target = index_path(store);
    let lock = target.with_file_name("index.lock");
    let folder = &store.layout.own_worktree_dir;
    let own = folder.join("index.new");
    let failed = |source: io::Error| write_error(&target, source);
    private::create_dir(folder).map_err(failed)?;
    remove_own_lock(&own, &lock);
    let placed = write_own(store, &own, bytes, dated).and_then(|inode| {
        reach("index.written", dated);
        take_lock(store, &own, &lock, bytes).map(|taken| taken.then_some(inode))
    });
    let result = match placed {
        Ok(Some(inode)) => rename_over(store, expected, &lock, &target, dated).map(|()| inode),
        Ok(None) => Err(StoreError::IndexLocked { path: lock }),
        Err(error) => Err(failed(error)),
    };
    // Before the stamp is taken: to lose a name changes a file's time.
    let _ = std::fs::remove_file(&own);
    let inode = result?;
    let is_ours = |found: &IndexStamp| found.stat.inode == inode && found.stat.size == bytes.len() as u64;
    Ok(store.stamp().ok().filter(is_ours))
}

/// Gives the number of the file's inode.
fn write_own(store: &Store, own: &Path, bytes: &[u8], dated: Option<i64>) -> io::Result<u64> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(own)?;
    store.layout.sharing.apply(&file)?;
    file.write_all(bytes)?;
    if let Some(nanoseconds) = dated {
        file.set_modified(UNIX_EPOCH + Duration::from_nanos(nanoseconds.max(0) as u64))?;
    }
    file.sync_data()?;
    Ok(file.metadata()?.ino())
}

/// `false` when somebody else holds the lock.
fn take_lock(store: &Store, own: &Path, lock: &Path, bytes: &[u8]) -> io::Result<bool> {
    let taken = match std::fs::hard_link(own, lock) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // A file system without hard links: git's own way.
            write_own(store, lock, bytes, None).map(drop)
        }
        other => other,
    };
    match taken {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn rename_over(
    store: &Store,
    expected: Option<&IndexStamp>,
    lock: &Path,
    target: &Path,
    dated: Option<i64>,
) -> Result<(), StoreError> {
    reach("index.locked", dated);
    let unchanged = expected.map_or(Ok(true), |stamp| store.stamp().map(|found| found == *stamp));
    let renamed = match unchanged {
        Ok(true) => std::fs::rename(lock, target).map_err(|source| write_error(target, source)),
        Ok(false) => Err(StoreError::IndexChanged { path: target.to_path_buf() }),
        Err(error) => Err(error.into()),
    };
    if renamed.is_err() {
        let _ = std::fs::remove_file(lock);
    }
    renamed?;
    reach("index.renamed", dated);
    atomic::sync_parent(target).map_err(|source| write_error(target, source))
}

/// Whether stat data are added hangs on the clock: no test can count on these points then.
fn reach(point: &str, dated: Option<i64>) {
    if dated.is_none() {
        fault::reach(point);
    }
}

fn write_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { action: "write", path: path.to_path_buf(), source }
}

/// Removes the index lock that an earlier ckpt left when it died; the caller holds the lock of the work tree, so no other
/// is at it now. A lock of git's, or of an editor's, is another file and stays.
pub fn clear_own_lock(store: &Store) {
    let lock = index_path(store).with_file_name("index.lock");
    remove_own_lock(&store.layout.own_worktree_dir.join("index.new"), &lock);
}

/// Undoes what an earlier process of ours left when it died between its link and its rename.
fn remove_own_lock(own: &Path, lock: &Path) {
    let Ok(ours) = std::fs::symlink_metadata(own) else { return };
    let is_same = |held: std::fs::Metadata| (held.ino(), held.dev()) == (ours.ino(), ours.dev());
    if std::fs::symlink_metadata(lock).is_ok_and(is_same) {
        let _ = std::fs::remove_file(lock);
    }
    let _ = std::fs::remove_file(own);
}
