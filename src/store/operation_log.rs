//! The operation log of a work tree: a chain of commits, one per operation, and what can be undone by it.
//!
//! Called by whatever moves the user's files or refs, under the work tree's lock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::path_tree::write_entries;
use super::versioned::{self, VERSION};
use super::{Layout, StoreError};
use crate::model::commit::{Commit, Identity, Signature, compose_message};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::model::operation::{OperationRecord, OperationVerb};
use crate::model::tree::TreeEntry;

#[cfg(test)]
mod tests;

/// The ref at the end of the chain.
pub const REF: &str = "refs/worktree/ckpt/operations";

const FILE: &str = "operation.toml";

/// A record larger than this was not written by us.
const MAX_RECORD: u64 = 64 << 20;

#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    revision: u64,
    /// Position in the log, from 1: the first one has no predecessor among its parents.
    position: u64,
    #[serde(flatten)]
    record: OperationRecord,
}

/// Adds an operation to the log that ends at `tip`; the new tip.
///
/// The checkpoints that it names become parents, so that they outlive the refs on them and the operation can be undone.
pub fn append(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    identity: &Identity,
    tip: Option<&ObjectId>,
    record: &OperationRecord,
) -> Result<ObjectId, StoreError> {
    let position = tip.map_or(Ok(0), |tip| Ok::<_, StoreError>(read_entry(reader, tip)?.position))? + 1;
    let file = File { version: VERSION, revision: 0, position, record: record.clone() };
    let text = toml::to_string(&file).map_err(|error| versioned::damaged(FILE, error))?;
    let id = writer.write(ObjectKind::Blob, text.as_bytes())?;
    let tree = write_entries(writer, vec![TreeEntry { mode: Mode::File, name: FILE.into(), id }])?;
    let mut parents: Vec<ObjectId> = tip.into_iter().copied().collect();
    for id in named_checkpoints(record) {
        if !parents.contains(&id) && is_commit(reader, writer, &id) {
            parents.push(id);
        }
    }
    let author = signature(identity, record.created);
    let message = compose_message(&record.description, &[("Ckpt-Version", VERSION.to_string())]);
    let commit = Commit { tree, parents, committer: author.clone(), author, message };
    Ok(writer.write(ObjectKind::Commit, &commit.encode())?)
}

/// Whether one of the latest operations names a checkpoint, which is there for as long as the log is.
pub fn holds_lately(reader: &dyn ObjectReader, tip: &ObjectId, checkpoint: &ObjectId) -> bool {
    const LATEST: usize = 8;
    let mut next = Some(*tip);
    for _ in 0..LATEST {
        let Some(id) = next else { return false };
        let Ok(bytes) = reader.read_kind(&id, ObjectKind::Commit) else { return false };
        let Ok(commit) = Commit::parse(&bytes) else { return false };
        if commit.parents.contains(checkpoint) {
            return true;
        }
        next = commit.parents.first().copied();
    }
    false
}

fn signature(identity: &Identity, time: Timestamp) -> Signature {
    Signature { identity: identity.clone(), seconds: time.as_second().max(0), offset: 0 }
}

fn named_checkpoints(record: &OperationRecord) -> impl Iterator<Item = ObjectId> {
    let in_refs = record.refs.iter().filter(|change| change.name.starts_with("refs/ckpt/"));
    let states = [record.before, record.after].into_iter().flatten();
    states.chain(in_refs.flat_map(|change| [change.old, change.new].into_iter().flatten()))
}

/// A parent that is absent would make the repository corrupt. What was only just written is there for the writer alone.
fn is_commit(reader: &dyn ObjectReader, writer: &dyn ObjectWriter, id: &ObjectId) -> bool {
    match reader.read_header(id) {
        Ok((kind, _)) => kind == ObjectKind::Commit,
        Err(_) => writer.contains(id),
    }
}

/// Removes the lock on the log's ref that a ckpt left when it died.
///
/// Only for who holds the lock of the work tree: nobody else writes this ref, so a lock on it belongs to the dead.
pub fn clear_own_lock(layout: &Layout) {
    let _ = std::fs::remove_file(layout.git_dir.join(format!("{REF}.lock")));
}

struct Entry {
    position: u64,
    previous: Option<ObjectId>,
    record: OperationRecord,
}

fn read_entry(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Entry, StoreError> {
    let what = format!("operation {}", id.short());
    let damaged = |detail: &dyn ToString| versioned::damaged(&what, detail.to_string());
    let bytes = reader.read_kind(id, ObjectKind::Commit).map_err(|error| damaged(&error))?;
    let commit = Commit::parse(&bytes).map_err(|error| damaged(&error))?;
    let entries = reader.read_tree(&commit.tree).map_err(|error| damaged(&error))?;
    let entry = entries.iter().find(|entry| entry.name == FILE).ok_or_else(|| damaged(&"it has no record"))?;
    let (_, size) = reader.read_header(&entry.id).map_err(|error| damaged(&error))?;
    if size > MAX_RECORD {
        return Err(damaged(&format!("its record is {size} bytes long")));
    }
    let bytes = reader.read_kind(&entry.id, ObjectKind::Blob).map_err(|error| damaged(&error))?;
    let file: File = versioned::parse(&bytes, &what)?;
    let previous = if file.position > 1 { commit.parents.first().copied() } else { None };
    Ok(Entry { position: file.position, previous, record: file.record })
}

/// Reads the log that ends at `tip`, oldest first. Position 1 is the first of the list.
pub fn read_all(reader: &dyn ObjectReader, tip: Option<&ObjectId>) -> Result<Vec<OperationRecord>, StoreError> {
    let (mut records, problem) = read_readable(reader, tip);
    if let Some(problem) = problem {
        return Err(problem);
    }
    records.reverse();
    Ok(records)
}

/// Reads the log that ends at `tip`, whatever of it can be read: the records with their positions, newest first, and why
/// the rest cannot.
pub fn read_readable(reader: &dyn ObjectReader, tip: Option<&ObjectId>) -> (Vec<OperationRecord>, Option<StoreError>) {
    let (mut records, mut next, mut wanted) = (Vec::new(), tip.copied(), None);
    while let Some(id) = next {
        let entry = match read_entry(reader, &id) {
            Ok(entry) => entry,
            Err(error) => return (records, Some(error)),
        };
        if wanted.is_some_and(|wanted| wanted != entry.position) {
            let detail = format!("it is number {} and stands where another belongs", entry.position);
            return (records, Some(versioned::damaged(&format!("operation {}", id.short()), detail)));
        }
        wanted = entry.position.checked_sub(1);
        next = entry.previous;
        records.push(entry.record);
    }
    (records, None)
}

/// What can be undone and redone, by position; the last of each comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacks {
    pub done: Vec<u64>,
    pub undone: Vec<u64>,
}

/// Plays the log: an undo moves its subject from `done` to `undone`, a redo back, and anything new forgets `undone`.
pub fn replay(records: &[OperationRecord]) -> Stacks {
    let mut stacks = Stacks::default();
    for (record, position) in records.iter().zip(1u64..) {
        match (record.verb, record.subject) {
            (OperationVerb::Undo, Some(subject)) => move_between(&mut stacks.done, &mut stacks.undone, subject),
            (OperationVerb::Redo, Some(subject)) => move_between(&mut stacks.undone, &mut stacks.done, subject),
            _ => {
                stacks.undone.clear();
                stacks.done.push(position);
            }
        }
    }
    stacks
}

fn move_between(from: &mut Vec<u64>, to: &mut Vec<u64>, subject: u64) {
    if let Some(at) = from.iter().rposition(|&position| position == subject) {
        from.remove(at);
        to.push(subject);
    }
}
