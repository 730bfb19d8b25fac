//! Compares two trees of objects, path by path. Reads only the folders that differ, never a file's content.
//!
//! Called by every operation that counts or lists changes.

use std::cmp::Ordering;

use bstr::BString;

use crate::model::change::{Change, Side};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader};
use crate::model::tree::TreeEntry;

/// Git's own limit (`core.maxTreeDepth`): a deeper tree was made to exhaust whoever reads it.
const MAX_DEPTH: usize = 2048;

/// The paths that differ between two trees, sorted by path bytes; `None` stands for an empty tree.
///
/// Where a folder stands on one side and a file on the other, the file and everything in the folder are listed.
pub fn diff_trees(
    reader: &dyn ObjectReader,
    old: Option<&ObjectId>,
    new: Option<&ObjectId>,
) -> Result<Vec<Change>, ObjectError> {
    let mut comparison = Comparison { reader, path: BString::default(), depth: 0, changes: Vec::new() };
    comparison.folder(old, new)?;
    let mut changes = comparison.changes;
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(changes)
}

struct Comparison<'a> {
    reader: &'a dyn ObjectReader,
    /// Where the comparison stands, without a trailing slash.
    path: BString,
    depth: usize,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn folder(&mut self, old: Option<&ObjectId>, new: Option<&ObjectId>) -> Result<(), ObjectError> {
        if old == new {
            return Ok(());
        }
        let (old_entries, new_entries) = (self.entries(old)?, self.entries(new)?);
        let (mut left, mut right) = (old_entries.iter().peekable(), new_entries.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.name.cmp(&new.name),
            };
            let old = if order == Ordering::Greater { None } else { left.next() };
            let new = if order == Ordering::Less { None } else { right.next() };
            self.entry(old, new)?;
        }
    }

    /// Reads a tree, its entries sorted by plain name, so that a file meets the folder that took its place.
    fn entries(&self, tree: Option<&ObjectId>) -> Result<Vec<TreeEntry>, ObjectError> {
        let Some(id) = tree else { return Ok(Vec::new()) };
        if self.depth > MAX_DEPTH {
            return Err(ObjectError::Damaged { id: *id, detail: format!("more than {MAX_DEPTH} folders deep") });
        }
        let mut entries = self.reader.read_tree(id)?;
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(entries)
    }

    fn entry(&mut self, old: Option<&TreeEntry>, new: Option<&TreeEntry>) -> Result<(), ObjectError> {
        if let (Some(old), Some(new)) = (old, new)
            && old.mode == new.mode
            && old.id == new.id
        {
            return Ok(());
        }
        let name = old.or(new).map_or(&b""[..], |entry| entry.name.as_slice());
        let length = self.path.len();
        if length > 0 {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name);
        let (old_side, new_side) = (side(old), side(new));
        if old_side.is_some() || new_side.is_some() {
            self.changes.push(Change { path: self.path.clone(), old: old_side, new: new_side });
        }
        self.depth += 1;
        let result = self.folder(subtree(old), subtree(new));
        self.depth -= 1;
        self.path.truncate(length);
        result
    }
}

fn side(entry: Option<&TreeEntry>) -> Option<Side> {
    let entry = entry.filter(|entry| entry.mode != Mode::Tree)?;
    Some(Side { mode: entry.mode, id: entry.id })
}

fn subtree(entry: Option<&TreeEntry>) -> Option<&ObjectId> {
    entry.filter(|entry| entry.mode == Mode::Tree).map(|entry| &entry.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::no_objects::NoObjects;
    use crate::model::object::{ObjectKind, ObjectWriter};
    use crate::model::scratch::Scratch;
    use crate::model::tree::encode;

    fn tree(store: &Scratch<'_>, entries: &[(Mode, &str, ObjectId)]) -> ObjectId {
        let entries: Vec<_> =
            entries.iter().map(|&(mode, name, id)| TreeEntry { mode, name: name.into(), id }).collect();
        store.write(ObjectKind::Tree, &encode(&entries)).unwrap()
    }

    fn lines(changes: &[Change]) -> Vec<String> {
        changes.iter().map(|change| format!("{} {}", change.letter(), change.path)).collect()
    }

    #[test]
    fn every_kind_of_change_is_listed_by_path() {
        let store = Scratch::new(&NoObjects);
        let blob = |text: &str| store.write(ObjectKind::Blob, text.as_bytes()).unwrap();
        let (one, two) = (blob("1"), blob("2"));
        let same = tree(&store, &[(Mode::File, "kept", one)]);
        let inner = tree(&store, &[(Mode::File, "deep", one), (Mode::File, "gone", one)]);
        let inner_after = tree(&store, &[(Mode::File, "deep", two)]);
        let old = tree(
            &store,
            &[
                (Mode::Tree, "dir", inner),
                (Mode::File, "file", one),
                (Mode::File, "link", one),
                (Mode::Tree, "same", same),
                (Mode::Tree, "swap", same),
                (Mode::File, "swap.c", one),
            ],
        );
        let new = tree(
            &store,
            &[
                (Mode::Tree, "dir", inner_after),
                (Mode::Executable, "file", one),
                (Mode::Symlink, "link", one),
                (Mode::Tree, "same", same),
                (Mode::File, "swap", one),
                (Mode::File, "swap.c", one),
                (Mode::Gitlink, "zub", one),
            ],
        );
        let changes = diff_trees(&store, Some(&old), Some(&new)).unwrap();
        assert_eq!(lines(&changes), ["M dir/deep", "D dir/gone", "M file", "T link", "A swap", "D swap/kept", "A zub"]);
        assert_eq!(diff_trees(&store, Some(&old), Some(&old)).unwrap(), []);
        assert_eq!(diff_trees(&store, None, Some(&inner)).unwrap().len(), 2);
    }

    #[test]
    fn folders_that_are_the_same_are_never_read() {
        let store = Scratch::new(&NoObjects);
        let absent = ObjectId::from_bytes(&[7; 20]).unwrap();
        let blob = store.write(ObjectKind::Blob, b"x").unwrap();
        let old = tree(&store, &[(Mode::Tree, "absent", absent)]);
        let new = tree(&store, &[(Mode::Tree, "absent", absent), (Mode::File, "new", blob)]);
        assert_eq!(lines(&diff_trees(&store, Some(&old), Some(&new)).unwrap()), ["A new"]);
        assert!(matches!(diff_trees(&store, Some(&old), None), Err(ObjectError::Missing(id)) if id == absent));
    }
}
