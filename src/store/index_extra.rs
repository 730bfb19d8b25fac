//! `index-extra.toml` in M: what the tree of an index cannot say.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::path_text::{PathList, PathText};
use super::versioned;
use crate::model::id::ObjectId;
use crate::model::index::{ConflictStage, IndexExtra};

const WHAT: &str = "index-extra.toml";

#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    revision: u64,
    #[serde(default, skip_serializing_if = "PathList::is_empty")]
    intent_to_add: PathList,
    #[serde(default, skip_serializing_if = "PathList::is_empty")]
    skip_worktree: PathList,
    #[serde(default, skip_serializing_if = "PathList::is_empty")]
    assume_unchanged: PathList,
    #[serde(default, rename = "conflict", skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<Conflict>,
    #[serde(default, rename = "intended_mode", skip_serializing_if = "Vec::is_empty")]
    intended_modes: Vec<IntendedMode>,
}

/// Of a path of `intent_to_add` that is to be no plain file. Since revision 1; without them all are.
#[derive(Serialize, Deserialize)]
struct IntendedMode {
    #[serde(flatten)]
    path: PathText,
    /// Octal, as git prints it.
    mode: String,
}

#[derive(Serialize, Deserialize)]
struct Conflict {
    #[serde(flatten)]
    path: PathText,
    stage: u8,
    /// Octal, as git prints it.
    mode: String,
    id: ObjectId,
}

/// The bytes of the file.
pub fn encode(extra: &IndexExtra) -> Vec<u8> {
    let conflicts = extra.conflicts.iter().map(|conflict| Conflict {
        path: PathText::of(&conflict.path),
        stage: conflict.stage,
        mode: format!("{:o}", conflict.mode),
        id: conflict.id,
    });
    let intended = extra.intended_modes.iter();
    let intended = intended.map(|(path, mode)| IntendedMode { path: PathText::of(path), mode: format!("{mode:o}") });
    let file = File {
        version: 1,
        revision: u64::from(!extra.intended_modes.is_empty()),
        intent_to_add: PathList::of(&extra.intent_to_add),
        skip_worktree: PathList::of(&extra.skip_worktree),
        assume_unchanged: PathList::of(&extra.assume_unchanged),
        conflicts: conflicts.collect(),
        intended_modes: intended.collect(),
    };
    toml::to_string(&file).expect("strings, numbers and lists are always TOML").into_bytes()
}

/// Reads the file. Lists come back sorted by path, as an index has them.
pub fn parse(bytes: &[u8]) -> Result<IndexExtra, StoreError> {
    let file: File = versioned::parse(bytes, WHAT)?;
    read(&file).ok_or_else(|| versioned::damaged(WHAT, "a path, stage or mode is not understood"))
}

fn read(file: &File) -> Option<IndexExtra> {
    let conflicts: Option<Vec<_>> = file.conflicts.iter().map(Conflict::read).collect();
    let intended = file.intended_modes.iter().map(|one| Some((one.path.to_path()?, parse_mode(&one.mode)?)));
    Some(IndexExtra {
        conflicts: conflicts?,
        intended_modes: intended.collect::<Option<_>>()?,
        intent_to_add: file.intent_to_add.to_paths()?,
        skip_worktree: file.skip_worktree.to_paths()?,
        assume_unchanged: file.assume_unchanged.to_paths()?,
    })
}

fn parse_mode(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok()
}

impl Conflict {
    fn read(&self) -> Option<ConflictStage> {
        let mode = parse_mode(&self.mode)?;
        let stage = Some(self.stage).filter(|stage| (1..=3).contains(stage))?;
        Some(ConflictStage { path: self.path.to_path()?, stage, mode, id: self.id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bstr::BString;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    fn any_extra() -> impl Strategy<Value = IndexExtra> {
        let path = || vec(any::<u8>(), 1..12).prop_map(BString::from);
        let paths = || btree_set(path(), 0..4).prop_map(|set| set.into_iter().collect::<Vec<_>>());
        let mode = proptest::sample::select(vec![0o100644u32, 0o100755, 0o120000, 0o160000]);
        let conflict = (path(), 1..4u8, mode.clone(), any::<[u8; 20]>()).prop_map(|(path, stage, mode, id)| {
            ConflictStage { path, stage, mode, id: ObjectId::from_bytes(&id).unwrap() }
        });
        let intended = proptest::collection::btree_map(path(), mode.clone(), 0..3);
        (vec(conflict, 0..4), paths(), intended, paths(), paths()).prop_map(
            |(conflicts, intent_to_add, intended_modes, skip_worktree, assume_unchanged)| IndexExtra {
                conflicts,
                intent_to_add,
                intended_modes,
                skip_worktree,
                assume_unchanged,
            },
        )
    }

    #[test]
    fn versions_and_damage_are_told_apart() {
        assert!(matches!(parse(b"version = 2\nx = ["), Err(StoreError::Damaged { .. })));
        assert!(matches!(parse(b"version = 2\nconflict = 7\n"), Err(StoreError::Newer { version: 2, .. })));
        assert!(parse(b"version = 1\nrevision = 9\nlater = true\n").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn everything_comes_back(extra in any_extra()) {
            prop_assert_eq!(parse(&encode(&extra)).unwrap(), extra);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), text in ".*") {
            let _ = parse(&bytes);
            let _ = parse(text.as_bytes());
        }
    }
}
