//! `submodules.toml` in M: which checkpoints of the repositories inside belong to a checkpoint. Each is in its own
//! repository; nothing here keeps it from being dropped there.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::path_text::PathText;
use super::versioned::{self, VERSION};
use crate::model::checkpoint::SubmoduleCheckpoint;
use crate::model::id::ObjectId;

const FILE: &str = "submodules.toml";

#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    revision: u64,
    #[serde(default)]
    submodules: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    path: PathText,
    checkpoint: ObjectId,
}

/// The bytes of the file.
pub fn encode(submodules: &[SubmoduleCheckpoint]) -> Vec<u8> {
    let row = |one: &SubmoduleCheckpoint| Row { path: PathText::of(&one.path), checkpoint: one.id };
    let file = File { version: VERSION, revision: 0, submodules: submodules.iter().map(row).collect() };
    toml::to_string(&file).expect("strings and numbers are always TOML").into_bytes()
}

/// Reads the file. Where the paths lead is for whoever goes there to check.
pub fn parse(bytes: &[u8]) -> Result<Vec<SubmoduleCheckpoint>, StoreError> {
    let file: File = versioned::parse(bytes, FILE)?;
    let read = |row: Row| {
        let path = row.path.to_path().filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| versioned::damaged(FILE, "a submodule has no path"))?;
        Ok(SubmoduleCheckpoint { path, id: row.checkpoint })
    };
    file.submodules.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_submodule() -> impl Strategy<Value = SubmoduleCheckpoint> {
        let id = prop_oneof!["[0-9a-f]{40}", "[0-9a-f]{64}"].prop_map(|hex| hex.parse().unwrap());
        let path = proptest::collection::vec(any::<u8>(), 1..20);
        (path, id).prop_map(|(path, id)| SubmoduleCheckpoint { path: path.into(), id })
    }

    #[test]
    fn a_newer_one_and_one_without_a_path_are_refused() {
        assert!(matches!(parse(b"version = 2\n"), Err(StoreError::Newer { .. })));
        assert_eq!(parse(b"version = 1\nadded-later = 1\n").unwrap(), []);
        let id = "0".repeat(40);
        let text = format!("version = 1\n[[submodules]]\ncheckpoint = \"{id}\"\n");
        assert!(matches!(parse(text.as_bytes()), Err(StoreError::Damaged { .. })));
    }

    proptest! {
        #[test]
        fn every_path_and_id_comes_back(submodules in proptest::collection::vec(any_submodule(), 0..5)) {
            prop_assert_eq!(parse(&encode(&submodules)).unwrap(), submodules);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
