//! The tree of an index: what `git write-tree` would give.
//!
//! Paths in conflict and those only intended to be added are left out: they stand in `index-extra.toml`. Folders whose
//! tree the index already knows are taken as they are.

use std::collections::HashMap;

use bstr::{BStr, ByteSlice};

use super::index_file;
use crate::model::id::ObjectId;
use crate::model::index::{CachedTree, Index, IndexEntry};
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectWriter};
use crate::model::tree::{self, TreeEntry};

/// Writes the trees of `index` that are not there yet, and gives the root's id.
pub fn write_index_tree(index: &Index, writer: &dyn ObjectWriter) -> Result<ObjectId, ObjectError> {
    let hash = writer.hash_kind();
    let root = index_file::cached_root(&index.trees, hash);
    if let Some(root) = root.filter(|root| root.entries as usize == index.entries.len() && writer.contains(&root.id)) {
        return Ok(root.id);
    }
    let trees = index_file::cached_trees(&index.trees, hash);
    let cached = trees.iter().map(|tree| (tree.path.as_bstr(), tree)).collect();
    let builder = Builder { cached, writer };
    match builder.folder(&index.entries, 0)? {
        Some(id) => Ok(id),
        None => writer.write(ObjectKind::Tree, b""),
    }
}

struct Builder<'a> {
    cached: HashMap<&'a BStr, &'a CachedTree>,
    writer: &'a dyn ObjectWriter,
}

impl<'a> Builder<'a> {
    /// The tree of entries that share the first `depth` bytes of their paths, the slash included; `None` for no entry.
    fn folder(&self, entries: &'a [IndexEntry], depth: usize) -> Result<Option<ObjectId>, ObjectError> {
        let Some(first) = entries.first() else { return Ok(None) };
        if let Some(id) = self.known(&first.path[..depth.saturating_sub(1)], entries.len()) {
            return Ok(Some(id));
        }
        let mut tree = Vec::new();
        let mut rest = entries;
        while let Some(entry) = rest.first() {
            let tail = &entry.path[depth..];
            let Some(slash) = tail.find_byte(b'/') else {
                tree.extend(leaf(entry, tail)?);
                rest = &rest[1..];
                continue;
            };
            let end = depth + slash + 1;
            let (below, after) = rest.split_at(self.count_below(rest, end));
            if let Some(id) = self.folder(below, end)? {
                tree.push(TreeEntry { mode: Mode::Tree, name: tail[..slash].into(), id });
            }
            rest = after;
        }
        if tree.is_empty() {
            return Ok(None);
        }
        self.writer.write(ObjectKind::Tree, &tree::encode(&tree)).map(Some)
    }

    fn known(&self, path: &[u8], count: usize) -> Option<ObjectId> {
        let tree = self.cached.get(path.as_bstr()).filter(|tree| tree.entries as usize == count)?;
        self.writer.contains(&tree.id).then_some(tree.id)
    }

    /// How many of the entries lie in the folder that is the first `end` bytes of the first one's path.
    fn count_below(&self, entries: &[IndexEntry], end: usize) -> usize {
        let folder = &entries[0].path[..end];
        let is_below = |entry: &IndexEntry| entry.path.starts_with(folder);
        entries.partition_point(is_below)
    }
}

fn leaf(entry: &IndexEntry, name: &[u8]) -> Result<Option<TreeEntry>, ObjectError> {
    if entry.stage != 0 || entry.intent_to_add {
        return Ok(None);
    }
    let mode = Mode::from_number(entry.mode).filter(|&mode| mode != Mode::Tree);
    let mode = mode.ok_or_else(|| ObjectError::Library(format!("the index entry `{entry}` has an unknown mode")))?;
    Ok(Some(TreeEntry { mode, name: name.into(), id: entry.id }))
}
