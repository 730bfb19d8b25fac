use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::CheckpointKind;
use crate::model::no_objects::NoObjects;
use crate::model::object::{ObjectKind, ObjectWriter};
use crate::model::scratch::Scratch;

fn checkpoint(store: &Scratch<'_>, sequence: u64) -> ObjectId {
    let tree = ObjectId::from_bytes(&[1; 20]).unwrap();
    let text = format!(
        "tree {tree}\nparent {tree}\nparent {tree}\nauthor A <a> 7 +0000\ncommitter A <a> 7 +0000\n\nsubject\n\n\
         Ckpt-Version: 1\nCkpt-Session: main\nCkpt-Sequence: {sequence}\nCkpt-Kind: auto\nCkpt-Branch: topic\n\
         Ckpt-Changes: 1 2 3\nCkpt-Note: yes\n"
    );
    store.write(ObjectKind::Commit, text.as_bytes()).unwrap()
}

fn ids(store: &Scratch<'_>, count: u64) -> Vec<ObjectId> {
    (1..=count).map(|sequence| checkpoint(store, sequence)).collect()
}

fn summaries(reader: &dyn ObjectReader, root: &Path, ids: &[ObjectId]) -> Vec<Summary> {
    read_summaries(reader, &Layout::all_in(root), ids).into_iter().map(|(_, summary)| summary.unwrap()).collect()
}

/// Knows of objects and can read none: what it is asked for must come from the cache.
struct OnlyThere<'a>(&'a Scratch<'a>);

impl ObjectReader for OnlyThere<'_> {
    fn hash_kind(&self) -> crate::model::id::HashKind {
        crate::model::id::HashKind::Sha1
    }
    fn contains(&self, id: &ObjectId) -> bool {
        ObjectReader::contains(self.0, id)
    }
    fn read(&self, id: &ObjectId) -> Result<crate::model::object::Object, ObjectError> {
        Err(ObjectError::Library(format!("{id} was read")))
    }
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        Err(ObjectError::Library(format!("{id} was looked at")))
    }
}

#[test]
fn the_second_list_comes_from_the_cache_and_is_the_same() {
    let store = Scratch::new(&NoObjects);
    let folder = tempfile::tempdir().unwrap();
    let ids = ids(&store, 5);
    let first = summaries(&store, folder.path(), &ids[..3]);
    assert_eq!(summaries(&store, folder.path(), &ids)[..3], first);
    let cached = summaries(&OnlyThere(&store), folder.path(), &ids);
    assert_eq!(cached, summaries(&store, tempfile::tempdir().unwrap().path(), &ids));
    assert_eq!(cached[4].sequence, 5);
}

#[test]
fn a_commit_that_is_gone_is_an_error_although_the_cache_knows_it() {
    let store = Scratch::new(&NoObjects);
    let folder = tempfile::tempdir().unwrap();
    let ids = ids(&store, 2);
    summaries(&store, folder.path(), &ids);
    let found = read_summaries(&NoObjects, &Layout::all_in(folder.path()), &ids);
    assert!(found.iter().all(|(_, summary)| summary.is_err()));
}

#[test]
fn a_cache_cut_anywhere_or_spoilt_anywhere_is_mended() {
    let store = Scratch::new(&NoObjects);
    let folder = tempfile::tempdir().unwrap();
    let ids = ids(&store, 3);
    let expected = summaries(&store, folder.path(), &ids);
    let path = folder.path().join("ckpt/cache/list");
    let sound = std::fs::read(&path).unwrap();
    for at in 0..sound.len() {
        let mut spoilt = sound.clone();
        spoilt[at] ^= 0x41;
        for bytes in [&sound[..at], &spoilt] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(summaries(&store, folder.path(), &ids), expected, "at {at}");
            assert_eq!(summaries(&OnlyThere(&store), folder.path(), &ids), expected, "at {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_summary_comes_back(session in ".*", branch in proptest::option::of(".*"), worktree in ".*", subject in ".*",
                              sequence in any::<u64>(), second in -1_000_000_000i64..9_000_000_000, has_note: bool,
                              new in any::<u64>(), has_base: bool) {
        let id = ObjectId::from_bytes(&[3; 20]).unwrap();
        let summary = Summary {
            id, session, sequence, branch, worktree, subject, has_note,
            kind: CheckpointKind::Safety,
            created: jiff::Timestamp::from_second(second).unwrap(),
            base: has_base.then_some(id),
            changes: ChangeCounts { new, modified: 2, deleted: 3 },
        };
        let mut bytes = Vec::new();
        record::encode(&mut bytes, &summary);
        let (found, payload, rest) = record::split(&bytes).unwrap();
        prop_assert_eq!((found, rest.len()), (id, 0));
        prop_assert_eq!(record::decode(&id, payload), Some(summary));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        let _ = record::split(&bytes);
        let _ = record::decode(&ObjectId::from_bytes(&[3; 20]).unwrap(), &bytes);
    }
}
