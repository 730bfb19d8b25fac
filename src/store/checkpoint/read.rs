//! Reads W, I and M, and believes nothing of their shape.

use bstr::{BString, ByteSlice};
use jiff::Timestamp;

use super::write::kind_word;
use super::{file, trailer};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{Checkpoint, CheckpointKind, OperationState, Snapshot, Summary, Words};
use crate::model::commit::Commit;
use crate::model::extra::{ExtraParseError, WorktreeExtra, unescape};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::IndexExtra;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::tree::TreeEntry;
use crate::store::meta::{self, Meta};
use crate::store::path_tree::read_paths;
use crate::store::{StoreError, index_extra, left_out, submodules, versioned};

/// Larger files in M are not read: none of ours comes near it.
const MAX_FILE: u64 = 256 << 20;

/// Reads what W alone tells.
pub fn read_summary(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Summary, StoreError> {
    summary_of(id, &read_commit(reader, id)?)
}

/// Reads a checkpoint in full, its three commits checked against each other.
pub fn read_checkpoint(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Checkpoint, StoreError> {
    let damaged = |detail: &str| versioned::damaged(&what(id), detail);
    let saved = read_commit(reader, id)?;
    let summary = summary_of(id, &saved)?;
    let (index_id, base) = saved.parents.split_last().ok_or_else(|| damaged("it has no parents"))?;
    let index = read_commit(reader, index_id)?;
    let (meta_id, index_base) = index.parents.split_last().ok_or_else(|| damaged("its index has no parents"))?;
    if base != index_base {
        return Err(damaged("its index belongs to another commit"));
    }
    let facts = read_commit(reader, meta_id)?;
    let files = Files { reader, entries: reader.read_tree(&facts.tree)? };
    let meta = Meta::parse(&files.require(meta::FILE)?)?;
    let operation = files.operation(meta.operation.as_deref(), facts.parents);
    let words = files.words(&meta)?;
    let snapshot = Snapshot {
        tree: saved.tree,
        extra: files.worktree_extra()?,
        omissions: files.find(file::LEFT_OUT)?.map_or(Ok(Vec::new()), |bytes| left_out::parse(&bytes))?,
        included: files.find(file::INCLUDED)?.map_or_else(Vec::new, |bytes| bytes.lines().map(unescape).collect()),
        index_tree: index.tree,
        index_extra: files.find(file::INDEX_EXTRA)?.map_or(Ok(IndexExtra::default()), |b| index_extra::parse(&b))?,
        head: Head { branch: meta.branch, commit: summary.base },
        operation,
        submodules: files.find(file::SUBMODULES)?.map_or(Ok(Vec::new()), |bytes| submodules::parse(&bytes))?,
    };
    Ok(Checkpoint { summary, snapshot, words, environment: meta.environment })
}

fn what(id: &ObjectId) -> String {
    format!("checkpoint {}", id.short())
}

fn read_commit(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Commit, StoreError> {
    parse_commit(id, &reader.read_kind(id, ObjectKind::Commit)?)
}

fn parse_commit(id: &ObjectId, bytes: &[u8]) -> Result<Commit, StoreError> {
    Commit::parse(bytes).map_err(|error| ObjectError::Damaged { id: *id, detail: error.to_string() }.into())
}

/// [`read_summary`] of a commit whose bytes are at hand.
pub(super) fn summary_of_bytes(id: &ObjectId, bytes: &[u8]) -> Result<Summary, StoreError> {
    summary_of(id, &parse_commit(id, bytes)?)
}

/// Takes the summary from a commit's trailers.
fn summary_of(id: &ObjectId, commit: &Commit) -> Result<Summary, StoreError> {
    let trailers = Trailers { commit, what: what(id) };
    let version = trailers.number(trailer::VERSION)?;
    versioned::check(version, &trailers.what)?;
    let base = match commit.parents.as_slice() {
        [_] => None,
        [base, _] => Some(*base),
        _ => return Err(versioned::damaged(&trailers.what, "it has neither one nor two parents")),
    };
    Ok(Summary {
        id: *id,
        session: trailers.require(trailer::SESSION)?,
        sequence: trailers.number(trailer::SEQUENCE)?,
        kind: trailers.kind()?,
        created: Timestamp::from_second(commit.committer.seconds).unwrap_or(Timestamp::UNIX_EPOCH),
        branch: trailers.find(trailer::BRANCH),
        base,
        worktree: trailers.find(trailer::WORKTREE).unwrap_or_default(),
        changes: trailers.changes()?,
        subject: commit.subject().to_string(),
        has_note: trailers.find(trailer::NOTE).as_deref() == Some("yes"),
    })
}

struct Trailers<'a> {
    commit: &'a Commit,
    what: String,
}

impl Trailers<'_> {
    fn find(&self, key: &str) -> Option<String> {
        self.commit.trailer(key).map(ToString::to_string)
    }

    fn require(&self, key: &str) -> Result<String, StoreError> {
        self.find(key).ok_or_else(|| versioned::damaged(&self.what, format!("it has no `{key}`")))
    }

    fn bad(&self, key: &str) -> StoreError {
        versioned::damaged(&self.what, format!("its `{key}` is not understood"))
    }

    fn number(&self, key: &str) -> Result<u64, StoreError> {
        self.require(key)?.parse().map_err(|_| self.bad(key))
    }

    fn kind(&self) -> Result<CheckpointKind, StoreError> {
        let word = self.require(trailer::KIND)?;
        let kinds = [CheckpointKind::Manual, CheckpointKind::Safety, CheckpointKind::Auto];
        kinds.into_iter().find(|&kind| kind_word(kind) == word).ok_or_else(|| self.bad(trailer::KIND))
    }

    fn changes(&self) -> Result<ChangeCounts, StoreError> {
        let text = self.require(trailer::CHANGES)?;
        let mut numbers = text.split(' ').map(|word| word.parse::<u64>().ok());
        let mut next = || numbers.next().flatten().ok_or_else(|| self.bad(trailer::CHANGES));
        Ok(ChangeCounts { new: next()?, modified: next()?, deleted: next()? })
    }
}

/// The tree of M.
struct Files<'a> {
    reader: &'a dyn ObjectReader,
    entries: Vec<TreeEntry>,
}

impl Files<'_> {
    fn entry(&self, name: &str, is_tree: bool) -> Option<ObjectId> {
        let found = self.entries.iter().find(|entry| entry.name == name)?;
        ((found.mode == Mode::Tree) == is_tree).then_some(found.id)
    }

    fn find(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(id) = self.entry(name, false) else { return Ok(None) };
        let (_, size) = self.reader.read_header(&id)?;
        if size > MAX_FILE {
            return Err(versioned::damaged(name, format!("it is {size} bytes long")));
        }
        Ok(Some(self.reader.read_kind(&id, ObjectKind::Blob)?))
    }

    fn require(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        self.find(name)?.ok_or_else(|| versioned::damaged("checkpoint", format!("it has no `{name}`")))
    }

    fn text(&self, name: &str) -> Result<Option<String>, StoreError> {
        let text = self.find(name)?.map(String::from_utf8).transpose();
        text.map_err(|error| versioned::damaged(name, error))
    }

    fn words(&self, meta: &Meta) -> Result<Words, StoreError> {
        let (context, checklist) = (self.text(file::CONTEXT)?, self.text(file::CHECKLIST)?);
        let partitions = self.partitions()?;
        Ok(Words { note: meta.note.clone(), next: meta.next.clone(), context, checklist, partitions })
    }

    fn partitions(&self) -> Result<Vec<(String, String)>, StoreError> {
        let Some(tree) = self.entry(file::PARTITIONS, true) else { return Ok(Vec::new()) };
        let documents = Files { reader: self.reader, entries: self.reader.read_tree(&tree)? };
        let mut partitions = Vec::new();
        for entry in &documents.entries {
            let Some(name) = entry.name.strip_suffix(b".md").and_then(|name| name.to_str().ok()) else { continue };
            let text = entry.name.to_str().ok().map(|file| documents.text(file)).transpose()?.flatten();
            partitions.extend(text.map(|text| (name.to_owned(), text)));
        }
        Ok(partitions)
    }

    fn worktree_extra(&self) -> Result<WorktreeExtra, StoreError> {
        let name = file::WORKTREE_EXTRA;
        let mut extra = WorktreeExtra::parse(&self.require(name)?).map_err(|error| match error {
            ExtraParseError::Newer(header) => newer_extra(&header),
            ExtraParseError::Line { .. } => versioned::damaged(name, error),
        })?;
        if let Some(tree) = self.entry(file::RAW, true) {
            extra.raw = read_paths(self.reader, &tree)?.into_iter().map(|(path, (_, id))| (path, id)).collect();
        }
        Ok(extra)
    }

    fn operation(&self, kind: Option<&str>, commits: Vec<ObjectId>) -> Option<OperationState> {
        let tree = self.entry(file::OPERATION, true)?;
        Some(OperationState { kind: kind.unwrap_or("operation").to_owned(), tree, commits })
    }
}

/// Tells a higher number in the header from a header that is none.
fn newer_extra(header: &str) -> StoreError {
    let what = file::WORKTREE_EXTRA.to_owned();
    match header.rsplit(' ').next().and_then(|number| number.parse().ok()) {
        Some(version) => StoreError::Newer { what, version },
        None => StoreError::Damaged { what, detail: BString::from(header).to_string() },
    }
}
