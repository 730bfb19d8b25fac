//! Builds nested trees from lists of paths, and reads them back.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, ObjectWriter};
use crate::model::tree::{TreeEntry, encode};

/// A deeper tree was made to exhaust whoever reads it; git's own limit is the same.
const MAX_DEPTH: usize = 2048;

/// Blobs by path, `/` between the parts.
pub type PathMap = BTreeMap<BString, (Mode, ObjectId)>;

#[derive(Default)]
struct Folder {
    folders: BTreeMap<BString, Folder>,
    entries: Vec<TreeEntry>,
}

/// Writes the trees for these paths; the outermost one's id.
pub fn write_paths(writer: &dyn ObjectWriter, paths: &PathMap) -> Result<ObjectId, ObjectError> {
    let mut root = Folder::default();
    for (path, &(mode, id)) in paths {
        let (folder, name) = path.rsplit_once_str("/").unwrap_or((b"", path));
        let mut place = &mut root;
        for part in folder.split_str("/").filter(|part| !part.is_empty()) {
            place = place.folders.entry(BString::from(part)).or_default();
        }
        place.entries.push(TreeEntry { mode, name: BString::from(name), id });
    }
    write_folder(writer, root)
}

fn write_folder(writer: &dyn ObjectWriter, folder: Folder) -> Result<ObjectId, ObjectError> {
    let mut entries = folder.entries;
    for (name, inner) in folder.folders {
        let id = write_folder(writer, inner)?;
        entries.push(TreeEntry { mode: Mode::Tree, name, id });
    }
    write_entries(writer, entries)
}

/// Writes one tree.
pub fn write_entries(writer: &dyn ObjectWriter, entries: Vec<TreeEntry>) -> Result<ObjectId, ObjectError> {
    writer.write(ObjectKind::Tree, &encode(&entries))
}

/// Lists everything below a tree that is no folder itself.
pub fn read_paths(reader: &dyn ObjectReader, tree: &ObjectId) -> Result<PathMap, ObjectError> {
    let mut paths = PathMap::new();
    let mut waiting = vec![(BString::default(), *tree, 0)];
    while let Some((prefix, id, depth)) = waiting.pop() {
        if depth > MAX_DEPTH {
            return Err(ObjectError::Damaged { id, detail: format!("more than {MAX_DEPTH} folders deep") });
        }
        for entry in reader.read_tree(&id)? {
            let mut path = prefix.clone();
            path.extend_from_slice(&entry.name);
            if entry.mode == Mode::Tree {
                path.push(b'/');
                waiting.push((path, entry.id, depth + 1));
            } else {
                paths.insert(path, (entry.mode, entry.id));
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::no_objects::NoObjects;
    use crate::model::scratch::Scratch;

    #[test]
    fn paths_come_back_as_they_were() {
        let store = Scratch::new(&NoObjects);
        let blob = store.write(ObjectKind::Blob, b"x").unwrap();
        let paths: PathMap = ["a/b/c", "a/b.c", "a.txt", "z"]
            .into_iter()
            .map(|path| (BString::from(path), (Mode::Executable, blob)))
            .collect();
        let tree = write_paths(&store, &paths).unwrap();
        assert_eq!(read_paths(&store, &tree).unwrap(), paths);
    }
}
