//! Refs of an operation in progress where git keeps refs in tables: read and written as if each were a file.
//!
//! So a checkpoint holds the same whatever the repository, and its operation can be put back in one of the other kind.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::{FILES, FOLDERS, ORIGINAL_HEAD};
use crate::model::id::ObjectId;
use crate::store::{Expected, RefEdit, Store, StoreError};

/// The one name among the files that is always a file: git keeps more than an id in it.
const ALWAYS_A_FILE: &str = "MERGE_HEAD";

/// What the files would hold. Empty where refs are files.
#[derive(Debug, Default)]
pub(super) struct TableRefs(BTreeMap<BString, Vec<u8>>);

impl TableRefs {
    pub(super) fn read(store: &Store) -> Result<TableRefs, StoreError> {
        let mut found = TableRefs::default();
        if store.refs.has_tables() {
            for name in names() {
                found.add(name, store.find_ref(name)?);
            }
            for folder in FOLDERS.into_iter().filter(|folder| is_ref(folder.as_bytes())) {
                for (name, id) in store.list_refs(&format!("{folder}/"))? {
                    found.add(&name, Some(id));
                }
            }
        }
        Ok(found)
    }

    fn add(&mut self, name: &str, id: Option<ObjectId>) {
        self.0.extend(id.map(|id| (name.into(), format!("{id}\n").into_bytes())));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name.as_bytes().as_bstr())
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.0.get(name.as_bstr()).map(Vec::as_slice)
    }

    /// The names below a folder.
    pub(super) fn below(&self, folder: &[u8]) -> impl Iterator<Item = &BString> {
        let is_below = move |name: &&BString| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with(b"/"));
        self.0.keys().filter(is_below)
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().chain([ORIGINAL_HEAD]).filter(|name| is_ref(name.as_bytes()))
}

/// Whether git keeps this path of an operation as a ref.
pub(super) fn is_ref(path: &[u8]) -> bool {
    const OTHERS: [&[u8]; 3] = [b"AUTO_MERGE", b"BISECT_EXPECTED_REV", b"MERGE_AUTOSTASH"];
    let is_head = path.ends_with(b"_HEAD") && path != ALWAYS_A_FILE.as_bytes();
    path.starts_with(b"refs/") || is_head || OTHERS.contains(&path)
}

/// Gives these refs their values and removes all others of an operation. `ORIG_HEAD` stays where none is wanted: git has
/// it at any time.
pub(super) fn write(store: &Store, wanted: &BTreeMap<BString, Vec<u8>>) -> Result<(), StoreError> {
    let present = TableRefs::read(store)?;
    let paths: BTreeSet<&BString> = present.0.keys().chain(wanted.keys()).collect();
    let mut edits = Vec::new();
    for path in paths {
        let new = wanted.get(path).map(|text| {
            let id = ObjectId::from_hex(text.trim());
            id.ok_or_else(|| StoreError::Damaged { what: format!("the saved {path}"), detail: "it is no id".into() })
        });
        let new = new.transpose()?;
        if new.is_none() && path.as_slice() == ORIGINAL_HEAD.as_bytes() {
            continue;
        }
        edits.push(RefEdit { name: path.to_string(), expected: Expected::Anything, new });
    }
    store.publish(None, &edits)
}
