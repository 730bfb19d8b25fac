//! Looks for objects that a checkpoint needs and that are not there. Called before a load, and by `show`.

use std::collections::{HashMap, HashSet};

use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};

/// The objects that are absent: how many, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    pub count: u64,
    pub first: Vec<ObjectId>,
}

/// Walks the trees of a checkpoint's three commits.
///
/// What `present` (a tree) holds at the same path is taken for granted: a load passes the tree of the work tree as it
/// is, and then pays for what differs alone. Objects that only nested repositories have are not asked for. An object
/// that is there but damaged is an error.
pub fn find_missing(
    reader: &dyn ObjectReader,
    checkpoint: &ObjectId,
    present: Option<&ObjectId>,
    limit: usize,
) -> Result<Missing, ObjectError> {
    let mut walk = Walk { reader, seen: HashSet::new(), missing: Missing::default(), limit };
    let Some(saved) = walk.commit(checkpoint)? else { return Ok(walk.missing) };
    walk.tree(saved.tree, present.copied())?;
    let Some(index) = walk.last_parent(&saved)? else { return Ok(walk.missing) };
    walk.tree(index.tree, Some(saved.tree))?;
    if let Some(meta) = walk.last_parent(&index)? {
        walk.tree(meta.tree, None)?;
    }
    Ok(walk.missing)
}

/// [`find_missing`] with nothing taken for granted: how many objects are missing, and at most `limit` of them.
pub fn missing_objects(
    reader: &dyn ObjectReader,
    checkpoint: &ObjectId,
    limit: usize,
) -> Result<(u64, Vec<ObjectId>), ObjectError> {
    let missing = find_missing(reader, checkpoint, None, limit)?;
    Ok((missing.count, missing.first))
}

struct Walk<'a> {
    reader: &'a dyn ObjectReader,
    seen: HashSet<ObjectId>,
    missing: Missing,
    limit: usize,
}

impl Walk<'_> {
    fn note(&mut self, id: ObjectId) {
        self.missing.count += 1;
        if self.missing.first.len() < self.limit {
            self.missing.first.push(id);
        }
    }

    fn commit(&mut self, id: &ObjectId) -> Result<Option<Commit>, ObjectError> {
        match self.reader.read_kind(id, ObjectKind::Commit) {
            Ok(bytes) => Commit::parse(&bytes)
                .map(Some)
                .map_err(|error| ObjectError::Damaged { id: *id, detail: error.to_string() }),
            Err(ObjectError::Missing(id)) => {
                self.note(id);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn last_parent(&mut self, commit: &Commit) -> Result<Option<Commit>, ObjectError> {
        commit.parents.last().map_or(Ok(None), |parent| self.commit(parent))
    }

    /// Walks a tree beside one whose objects are known to be there (or to be asked for already).
    fn tree(&mut self, root: ObjectId, known: Option<ObjectId>) -> Result<(), ObjectError> {
        let mut waiting = vec![(root, known)];
        while let Some((id, known)) = waiting.pop() {
            if Some(id) == known || !self.seen.insert(id) {
                continue;
            }
            let entries = match self.reader.read_tree(&id) {
                Err(ObjectError::Missing(id)) => {
                    self.note(id);
                    continue;
                }
                entries => entries?,
            };
            let beside = self.known_entries(known);
            for entry in entries {
                let beside = beside.get(&entry.name).copied();
                match entry.mode {
                    Mode::Gitlink => {}
                    Mode::Tree => waiting.push((entry.id, beside)),
                    _ if beside == Some(entry.id) => {}
                    _ => {
                        if self.seen.insert(entry.id) && !self.reader.contains(&entry.id) {
                            self.note(entry.id);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// What cannot be read is not taken for granted.
    fn known_entries(&self, known: Option<ObjectId>) -> HashMap<bstr::BString, ObjectId> {
        let entries = known.and_then(|id| self.reader.read_tree(&id).ok()).unwrap_or_default();
        entries.into_iter().map(|entry| (entry.name, entry.id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::commit::{Identity, Signature};
    use crate::model::no_objects::NoObjects;
    use crate::model::object::ObjectWriter;
    use crate::model::scratch::Scratch;
    use crate::model::tree::TreeEntry;
    use crate::store::path_tree::write_entries;

    fn absent(byte: u8) -> ObjectId {
        ObjectId::from_bytes(&[byte; 20]).unwrap()
    }

    fn tree(store: &Scratch<'_>, entries: &[(Mode, &str, ObjectId)]) -> ObjectId {
        let entries = entries.iter().map(|&(mode, name, id)| TreeEntry { mode, name: name.into(), id });
        write_entries(store, entries.collect()).unwrap()
    }

    fn commit(store: &Scratch<'_>, tree: ObjectId, parents: Vec<ObjectId>) -> ObjectId {
        let author = Signature { identity: Identity::default(), seconds: 0, offset: 0 };
        let commit = Commit { tree, parents, committer: author.clone(), author, message: "x".into() };
        store.write(ObjectKind::Commit, &commit.encode()).unwrap()
    }

    #[test]
    fn what_is_absent_is_counted_once_and_gitlinks_are_not_asked_for() {
        let store = Scratch::new(&NoObjects);
        let blob = store.write(ObjectKind::Blob, b"x").unwrap();
        let meta = commit(&store, tree(&store, &[(Mode::File, "meta.toml", absent(4))]), vec![]);
        let index = commit(&store, tree(&store, &[(Mode::File, "f", absent(1)), (Mode::File, "g", blob)]), vec![meta]);
        let saved = tree(
            &store,
            &[
                (Mode::File, "f", absent(1)),
                (Mode::Gitlink, "module", absent(2)),
                (Mode::Tree, "t", absent(3)),
                (Mode::Tree, "u", absent(3)),
            ],
        );
        let checkpoint = commit(&store, saved, vec![index]);
        let (count, first) = missing_objects(&store, &checkpoint, 2).unwrap();
        assert_eq!((count, first.len()), (3, 2));
        let present = tree(&store, &[(Mode::File, "f", absent(1)), (Mode::Tree, "u", absent(3))]);
        assert_eq!(find_missing(&store, &checkpoint, Some(&present), 9).unwrap().count, 2);
        assert_eq!(missing_objects(&store, &absent(9), 9).unwrap(), (1, vec![absent(9)]));
    }
}
