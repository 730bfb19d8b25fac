//! `meta.toml` in M: what people and the machine said at a checkpoint. Bounded, however large the repository is.

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::path_text::PathText;
use super::versioned::{self, VERSION};
use crate::model::checkpoint::{Facts, Snapshot, Words};

/// The name of the file, also in errors.
pub const FILE: &str = "meta.toml";

/// How many of the paths that were left out or taken along are shown; all of them are in files of their own.
const SAMPLE: usize = 20;

/// The record. Fields that a later revision adds are passed over.
#[derive(Debug, Serialize, Deserialize)]
pub struct Meta {
    version: u64,
    #[serde(default)]
    revision: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// Full name of the branch; absent when HEAD was detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Kind of the operation in progress, whose files are in `operation/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    pub environment: Facts,
    #[serde(default, skip_serializing_if = "Sample::is_empty")]
    left_out: Sample,
    #[serde(default, skip_serializing_if = "Sample::is_empty")]
    included: Sample,
}

/// How many, and the first of them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Sample {
    count: u64,
    #[serde(default)]
    first: Vec<Sampled>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sampled {
    #[serde(flatten)]
    path: PathText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Sample {
    fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn of<'a>(items: impl ExactSizeIterator<Item = (&'a [u8], Option<&'static str>)>) -> Sample {
        let count = items.len() as u64;
        let sampled = |(path, reason): (&[u8], Option<&str>)| Sampled {
            path: PathText::of(path),
            reason: reason.map(str::to_owned),
        };
        Sample { count, first: items.take(SAMPLE).map(sampled).collect() }
    }
}

impl Meta {
    /// Collects the record of a checkpoint.
    pub fn of(snapshot: &Snapshot, words: &Words, facts: &Facts) -> Meta {
        let left_out = snapshot.omissions.iter().map(|left| (left.path.as_slice(), Some(left.reason.code())));
        Meta {
            version: VERSION,
            revision: 0,
            note: words.note.clone(),
            next: words.next.clone(),
            branch: snapshot.head.branch.clone(),
            operation: snapshot.operation.as_ref().map(|operation| operation.kind.clone()),
            environment: facts.clone(),
            left_out: Sample::of(left_out),
            included: Sample::of(snapshot.included.iter().map(|path| (path.as_slice(), None))),
        }
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        toml::to_string(self).expect("strings, numbers and lists are always TOML").into_bytes()
    }

    /// Reads the file.
    pub fn parse(bytes: &[u8]) -> Result<Meta, StoreError> {
        versioned::parse(bytes, FILE)
    }
}
