//! The stack of a work tree, as a chain of commits behind a ref of the work tree's own.
//!
//! The tip's message names the current session, so that a save learns it from one object. Called by `ops/`.

use bstr::ByteSlice;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::path_tree::write_entries;
use super::versioned::{self, VERSION};
use crate::model::commit::{Commit, Identity, Signature, compose_message};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::name::Name;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::model::session::MAIN;
use crate::model::stack::{Frame, Stack};
use crate::model::tree::TreeEntry;

#[cfg(test)]
mod tests;

/// The ref at the end of the chain.
pub const REF: &str = "refs/worktree/ckpt/stack";

const FILE: &str = "stack.toml";
const SESSION: &str = "Ckpt-Session";

#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    revision: u64,
    #[serde(default, rename = "frame", skip_serializing_if = "Vec::is_empty")]
    frames: Vec<Frame>,
}

/// Puts `stack` at the end of the chain that ends at `tip`; the new tip. `subject` is a readable sentence.
///
/// The checkpoints that its frames wait for become parents, so that nothing can take them away.
pub fn append(
    writer: &dyn ObjectWriter,
    identity: &Identity,
    tip: Option<&ObjectId>,
    stack: &Stack,
    time: Timestamp,
    subject: &str,
) -> Result<ObjectId, StoreError> {
    let file = File { version: VERSION, revision: 0, frames: stack.frames.clone() };
    let text = toml::to_string(&file).map_err(|error| versioned::damaged(FILE, error))?;
    let id = writer.write(ObjectKind::Blob, text.as_bytes())?;
    let tree = write_entries(writer, vec![TreeEntry { mode: Mode::File, name: FILE.into(), id }])?;
    let mut parents: Vec<ObjectId> = tip.into_iter().copied().collect();
    for below in stack.frames.iter().filter_map(|frame| frame.below) {
        if !parents.contains(&below) {
            parents.push(below);
        }
    }
    let author = Signature { identity: identity.clone(), seconds: time.as_second().max(0), offset: 0 };
    let current = stack.current().map_or(MAIN, Name::as_str);
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = compose_message(&subject, &[("Ckpt-Version", VERSION.to_string()), (SESSION, current.to_owned())]);
    let commit = Commit { tree, parents, committer: author.clone(), author, message };
    Ok(writer.write(ObjectKind::Commit, &commit.encode())?)
}

/// Reads the stack that the chain ends with.
pub fn read(reader: &dyn ObjectReader, tip: &ObjectId) -> Result<Stack, StoreError> {
    let what = "the stack";
    let bytes = reader.read_kind(tip, ObjectKind::Commit)?;
    let commit = Commit::parse(&bytes).map_err(|error| versioned::damaged(what, error))?;
    let entries = reader.read_tree(&commit.tree)?;
    let entry = entries.iter().find(|entry| entry.name == FILE);
    let entry = entry.ok_or_else(|| versioned::damaged(what, "it has no record"))?;
    let file: File = versioned::parse(&reader.read_kind(&entry.id, ObjectKind::Blob)?, what)?;
    Ok(Stack { frames: file.frames })
}

/// The current session, from the tip alone.
pub fn read_current(reader: &dyn ObjectReader, tip: &ObjectId) -> Result<Name, StoreError> {
    let bytes = reader.read_kind(tip, ObjectKind::Commit)?;
    let commit = Commit::parse(&bytes).map_err(|error| versioned::damaged("the stack", error))?;
    let name = commit.trailer(SESSION).and_then(|text| text.to_str().ok()?.parse().ok());
    name.ok_or_else(|| versioned::damaged("the stack", format!("its tip has no `{SESSION}`")))
}
