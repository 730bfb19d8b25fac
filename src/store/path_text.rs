//! Paths in text formats: as they are when they are UTF-8, else in base64. Used by every record that lists paths.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};

/// One path, as a pair of fields of which one is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PathText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
}

impl PathText {
    pub(super) fn of(path: &[u8]) -> PathText {
        match path.to_str() {
            Ok(text) => PathText { path: Some(text.to_owned()), path_base64: None },
            Err(_) => PathText { path: None, path_base64: Some(STANDARD.encode(path)) },
        }
    }

    /// The path; `None` when neither field is there, or the base64 is broken.
    pub(super) fn to_path(&self) -> Option<BString> {
        match (&self.path, &self.path_base64) {
            (Some(text), _) => Some(BString::from(text.as_str())),
            (None, Some(encoded)) => STANDARD.decode(encoded).ok().map(BString::from),
            (None, None) => None,
        }
    }
}

/// Many paths, as two lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PathList {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    paths: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    paths_base64: Vec<String>,
}

impl PathList {
    pub(super) fn of<'a>(paths: impl IntoIterator<Item = &'a BString>) -> PathList {
        let mut list = PathList::default();
        for path in paths {
            match path.to_str() {
                Ok(text) => list.paths.push(text.to_owned()),
                Err(_) => list.paths_base64.push(STANDARD.encode(path)),
            }
        }
        list
    }

    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.paths_base64.is_empty()
    }

    /// The paths, sorted by bytes; `None` when the base64 is broken.
    pub(super) fn to_paths(&self) -> Option<Vec<BString>> {
        let mut paths: Vec<BString> = self.paths.iter().map(|text| BString::from(text.as_str())).collect();
        for encoded in &self.paths_base64 {
            paths.push(BString::from(STANDARD.decode(encoded).ok()?));
        }
        paths.sort();
        Some(paths)
    }
}
