//! A tree with some paths changed: only the folders above them are written anew.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectReader, ObjectWriter};
use crate::model::tree::TreeEntry;
use crate::store::path_tree::write_entries;

/// What stands at a path.
pub(super) type Leaf = (Mode, ObjectId);

/// What a path is to be; `None` for nothing.
pub(super) type Edits = BTreeMap<BString, Option<Leaf>>;

/// The edits of one folder, by the rest of their paths.
type Below<'p> = Vec<(&'p [u8], Option<Leaf>)>;

/// Applies the edits. A folder that is left empty goes; what stands in the way of a new path is replaced.
pub(super) fn edit_tree(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    tree: &ObjectId,
    edits: &Edits,
) -> Result<ObjectId, ObjectError> {
    if edits.is_empty() {
        return Ok(*tree);
    }
    let list: Vec<_> = edits.iter().map(|(path, entry)| (path.as_slice(), *entry)).collect();
    let entries = edited(reader, writer, Some(tree), &list)?;
    write_entries(writer, entries)
}

fn edited(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    tree: Option<&ObjectId>,
    edits: &[(&[u8], Option<Leaf>)],
) -> Result<Vec<TreeEntry>, ObjectError> {
    let present = tree.map_or(Ok(Vec::new()), |tree| reader.read_tree(tree))?;
    let mut entries: BTreeMap<BString, TreeEntry> =
        present.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
    let mut below: BTreeMap<&[u8], Below<'_>> = BTreeMap::new();
    for &(path, entry) in edits {
        match (path.split_once_str("/"), entry) {
            (Some((folder, rest)), entry) => below.entry(folder).or_default().push((rest, entry)),
            (None, None) => drop(entries.remove(path.as_bstr())),
            (None, Some((mode, id))) => {
                entries.insert(path.into(), TreeEntry { mode, name: path.into(), id });
            }
        }
    }
    for (folder, edits) in below {
        let old = entries.get(folder.as_bstr()).filter(|entry| entry.mode == Mode::Tree).map(|entry| entry.id);
        if old.is_none() && edits.iter().all(|(_, entry)| entry.is_none()) {
            continue;
        }
        let inner = edited(reader, writer, old.as_ref(), &edits)?;
        if inner.is_empty() {
            entries.remove(folder.as_bstr());
        } else {
            let id = write_entries(writer, inner)?;
            entries.insert(folder.into(), TreeEntry { mode: Mode::Tree, name: folder.into(), id });
        }
    }
    Ok(entries.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::no_objects::NoObjects;
    use crate::model::object::ObjectKind;
    use crate::model::scratch::Scratch;
    use crate::store::path_tree::{PathMap, read_paths, write_paths};

    #[test]
    fn paths_come_and_go_and_empty_folders_go_with_them() {
        let store = Scratch::new(&NoObjects);
        let blob = store.write(ObjectKind::Blob, b"x").unwrap();
        let paths = |names: &[&str]| -> PathMap {
            names.iter().map(|name| (BString::from(*name), (Mode::File, blob))).collect()
        };
        let tree = write_paths(&store, &paths(&["a/b/c", "a/d", "e", "f/g"])).unwrap();
        let mut edits = Edits::new();
        for name in ["a/b/c", "f/g", "gone/too"] {
            edits.insert(name.into(), None);
        }
        for name in ["e/now/folder", "new", "a/x/y"] {
            edits.insert(name.into(), Some((Mode::File, blob)));
        }
        let edited = edit_tree(&store, &store, &tree, &edits).unwrap();
        assert_eq!(read_paths(&store, &edited).unwrap(), paths(&["a/d", "a/x/y", "e/now/folder", "new"]));
        assert_eq!(edit_tree(&store, &store, &tree, &Edits::new()).unwrap(), tree);
    }
}
