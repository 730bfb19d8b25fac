//! Puts a new index in the place of the user's, under git's own lock.
//!
//! The only writer of an index. It is built beside its place, synced, and renamed; called by `ops/` at the end of a load.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use bstr::{BStr, BString, ByteSlice};

use super::index_read::index_path;
use super::index_render::{self, TreeNode};
use super::{Store, StoreError};
use crate::model::id::ObjectId;
use crate::model::index::{CachedTree, Index, IndexEntry, IndexExtra, IndexSource, IndexStamp};
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, hash_object};
use crate::model::stat::Stat;
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
    install_index_over(store, None, tree, extra, clean)
}

/// The same, if the user's index is still the one that `expected` was taken of.
pub fn install_index_over(
    store: &Store,
    expected: Option<&IndexStamp>,
    tree: &ObjectId,
    extra: &IndexExtra,
    clean: CleanPath<'_>,
) -> Result<(), StoreError> {
    let (mut entries, trees) = flatten(store, tree)?;
    add_extra(&mut entries, extra, clean);
    let old = IndexSource::read(store).unwrap_or_default();
    fill_stats(&mut entries, &old, clean);
    let is_plain = extra.conflicts.is_empty() && extra.intent_to_add.is_empty();
    let bytes = index_render::render(&entries, if is_plain { &trees } else { &[] });
    put_in_place(store, expected, &bytes)
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

fn add_extra(entries: &mut Vec<IndexEntry>, extra: &IndexExtra, clean: CleanPath<'_>) {
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
    let empty = hash_object(ObjectKind::Blob, b"");
    for path in intended {
        let mode = clean(path.as_bstr()).map_or(Mode::File, |(mode, ..)| mode);
        let entry = new_entry(path, 0, mode.number(), empty);
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
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_nanos() as i64);
    let mut olds = old.entries.iter().peekable();
    for entry in entries.iter_mut().filter(|entry| entry.stage == 0 && !entry.intent_to_add) {
        while olds.next_if(|old| old.path < entry.path).is_some() {}
        let from_old = || {
            let old_entry = olds.peek().filter(|old| old.path == entry.path && old.stage == 0 && !old.intent_to_add)?;
            let same = old_entry.mode == entry.mode && old_entry.id == entry.id;
            (same && old_entry.stat.modified < old.written).then_some(old_entry.stat)
        };
        let known = clean(entry.path.as_bstr())
            .filter(|(mode, id, _)| mode.number() == entry.mode && *id == entry.id)
            .map(|(_, _, stat)| stat);
        if let Some(stat) = known.or_else(from_old).filter(|stat| stat.modified < now - RACY) {
            entry.stat = stat;
        }
    }
}

/// The finished file becomes `index.lock` by a hard link, which fails if there is one, and then the index. So a process
/// that dies holds git's lock for an instant at most, and the next one knows the lock for its own by its inode.
fn put_in_place(store: &Store, expected: Option<&IndexStamp>, bytes: &[u8]) -> Result<(), StoreError> {
    let target = index_path(store);
    let lock = target.with_file_name("index.lock");
    let folder = &store.layout.own_worktree_dir;
    let own = folder.join("index.new");
    let failed = |source: io::Error| write_error(&target, source);
    private::create_dir(folder).map_err(failed)?;
    remove_own_lock(&own, &lock);
    let placed = write_own(store, &own, bytes).and_then(|()| {
        fault::reach("index.written");
        take_lock(store, &own, &lock, bytes)
    });
    let result = match placed {
        Ok(true) => rename_over(store, expected, &lock, &target),
        Ok(false) => Err(StoreError::IndexLocked { path: lock }),
        Err(error) => Err(failed(error)),
    };
    let _ = std::fs::remove_file(&own);
    result
}

fn write_own(store: &Store, own: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(own)?;
    store.layout.sharing.apply(&file)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// `false` when somebody else holds the lock.
fn take_lock(store: &Store, own: &Path, lock: &Path, bytes: &[u8]) -> io::Result<bool> {
    let taken = match std::fs::hard_link(own, lock) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // A file system without hard links: git's own way.
            write_own(store, lock, bytes)
        }
        other => other,
    };
    match taken {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn rename_over(store: &Store, expected: Option<&IndexStamp>, lock: &Path, target: &Path) -> Result<(), StoreError> {
    fault::reach("index.locked");
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
    fault::reach("index.renamed");
    atomic::sync_parent(target).map_err(|source| write_error(target, source))
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
    use std::os::unix::fs::MetadataExt;
    let Ok(ours) = std::fs::symlink_metadata(own) else { return };
    let is_same = |held: std::fs::Metadata| (held.ino(), held.dev()) == (ours.ino(), ours.dev());
    if std::fs::symlink_metadata(lock).is_ok_and(is_same) {
        let _ = std::fs::remove_file(lock);
    }
    let _ = std::fs::remove_file(own);
}
