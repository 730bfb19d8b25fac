//! Templates of a repository: a chain of commits each, whose tree holds `template.md`.
//!
//! Bytes in, bytes out: what a template means is not known here. Called by `ops/template`.

use jiff::Timestamp;

use super::StoreError;
use super::path_tree::write_entries;
use super::versioned::{self, VERSION};
use crate::model::commit::{Commit, Identity, Signature, compose_message};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::model::tree::TreeEntry;

#[cfg(test)]
mod tests;

/// Where the templates' refs are.
pub const REFS: &str = "refs/ckpt/templates/";

const FILE: &str = "template.md";

/// The trailer that says how the commit was made.
const VERSION_TRAILER: &str = "Ckpt-Version";

/// One version of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateVersion {
    pub commit: ObjectId,
    pub blob: ObjectId,
    pub time: Timestamp,
    pub subject: String,
    previous: Option<ObjectId>,
}

/// What a new version says.
#[derive(Clone, Copy, Debug)]
pub struct NewVersion<'a> {
    /// A readable sentence.
    pub subject: &'a str,
    pub time: Timestamp,
    pub text: &'a [u8],
}

/// Adds a version to the chain that ends at `tip`; the new tip.
pub fn append(
    writer: &dyn ObjectWriter,
    identity: &Identity,
    tip: Option<ObjectId>,
    new: NewVersion<'_>,
) -> Result<ObjectId, StoreError> {
    let id = writer.write(ObjectKind::Blob, new.text)?;
    let tree = write_entries(writer, vec![TreeEntry { mode: Mode::File, name: FILE.into(), id }])?;
    let author = Signature { identity: identity.clone(), seconds: new.time.as_second().max(0), offset: 0 };
    let message = compose_message(new.subject, &[(VERSION_TRAILER, VERSION.to_string())]);
    let commit = Commit { tree, parents: tip.into_iter().collect(), committer: author.clone(), author, message };
    Ok(writer.write(ObjectKind::Commit, &commit.encode())?)
}

/// Reads the version at `tip`, not its text.
pub fn read_version(reader: &dyn ObjectReader, tip: &ObjectId) -> Result<TemplateVersion, StoreError> {
    let what = format!("template version {}", tip.short());
    let bytes = reader.read_kind(tip, ObjectKind::Commit)?;
    let commit = Commit::parse(&bytes).map_err(|error| versioned::damaged(&what, error))?;
    if let Some(version) = commit.trailer(VERSION_TRAILER).and_then(|text| text.to_string().parse().ok()) {
        versioned::check(version, &what)?;
    }
    let entries = reader.read_tree(&commit.tree)?;
    let file = entries.iter().find(|entry| entry.name == FILE && entry.mode != Mode::Tree);
    let file = file.ok_or_else(|| versioned::damaged(&what, format!("it has no `{FILE}`")))?;
    let time = Timestamp::from_second(commit.committer.seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let previous = commit.parents.first().copied();
    Ok(TemplateVersion { commit: *tip, blob: file.id, time, subject: commit.subject().to_string(), previous })
}

/// The text of a version; refused without being read where it is larger than `largest`.
pub fn read_text(reader: &dyn ObjectReader, blob: &ObjectId, largest: usize) -> Result<Vec<u8>, StoreError> {
    let (_, size) = reader.read_header(blob)?;
    if size > largest as u64 {
        return Err(versioned::damaged(FILE, format!("it has {size} bytes")));
    }
    Ok(reader.read_kind(blob, ObjectKind::Blob)?)
}

/// The versions of the chain that ends at `tip`, newest first, at most `limit`.
pub fn versions(reader: &dyn ObjectReader, tip: &ObjectId, limit: usize) -> Result<Vec<TemplateVersion>, StoreError> {
    let mut versions = Vec::new();
    let mut next = Some(*tip);
    while let Some(id) = next.filter(|_| versions.len() < limit) {
        let version = read_version(reader, &id)?;
        next = version.previous;
        versions.push(version);
    }
    Ok(versions)
}
