//! Writes W, I and M.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::read::summary_of_bytes;
use super::{file, trailer};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Facts, Snapshot, Summary, Words};
use crate::model::commit::{Commit, Identity, Signature, compose_message};
use crate::model::extra::escape_into;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectWriter};
use crate::model::tree::TreeEntry;
use crate::store::meta::Meta;
use crate::store::path_tree::{PathMap, write_entries, write_paths};
use crate::store::versioned::VERSION;
use crate::store::{StoreError, index_extra, left_out, meta, submodules};

/// All that goes into a checkpoint. Whatever `snapshot` names must be stored already.
#[derive(Clone, Copy, Debug)]
pub struct NewCheckpoint<'a> {
    pub snapshot: &'a Snapshot,
    pub words: &'a Words,
    pub facts: &'a Facts,
    pub session: &'a str,
    /// Position in the session, from 1. Makes the id differ from that of any other checkpoint.
    pub sequence: u64,
    pub kind: CheckpointKind,
    pub created: Timestamp,
    /// Seconds of the commit at HEAD (`created` before the first one). I and M carry this time, not that of the save,
    /// so that they are the same two objects for as long as nothing about them changes.
    pub base_seconds: i64,
    pub worktree: &'a str,
    /// Against the commit at HEAD.
    pub changes: ChangeCounts,
}

/// Writes a checkpoint's commits and the trees of M; what W alone tells, as a later reader will read it.
///
/// Cheap to repeat with another sequence: only W is new then.
pub fn write_checkpoint(
    writer: &dyn ObjectWriter,
    identity: &Identity,
    new: &NewCheckpoint<'_>,
) -> Result<Summary, StoreError> {
    let steady = Signature { identity: identity.clone(), seconds: new.base_seconds.max(0), offset: 0 };
    let encode = |tree, parents, signature: &Signature, message| {
        let commit = Commit { tree, parents, author: signature.clone(), committer: signature.clone(), message };
        commit.encode()
    };
    let snapshot = new.snapshot;
    let base = snapshot.head.commit;
    let named = snapshot.operation.as_ref().map_or(Vec::new(), |operation| operation.commits.clone());
    let meta_tree = write_meta_tree(writer, new)?;
    let meta = encode(meta_tree, named, &steady, "ckpt: facts of a checkpoint\n".into());
    let meta = writer.write(ObjectKind::Commit, &meta)?;
    let on_index = base.into_iter().chain([meta]).collect();
    let index = encode(snapshot.index_tree, on_index, &steady, "ckpt: index of a checkpoint\n".into());
    let index = writer.write(ObjectKind::Commit, &index)?;
    let now = Signature { seconds: new.created.as_second().max(0), ..steady.clone() };
    let saved = encode(snapshot.tree, base.into_iter().chain([index]).collect(), &now, message(new));
    let id = writer.write(ObjectKind::Commit, &saved)?;
    summary_of_bytes(&id, &saved)
}

fn write_meta_tree(writer: &dyn ObjectWriter, new: &NewCheckpoint<'_>) -> Result<ObjectId, ObjectError> {
    let (snapshot, words) = (new.snapshot, new.words);
    let mut entries = Vec::new();
    let mut add = |mode, name: &str, id| entries.push(TreeEntry { mode, name: name.into(), id });
    let blob = |bytes: &[u8]| writer.write(ObjectKind::Blob, bytes);
    add(Mode::File, meta::FILE, blob(&Meta::of(snapshot, words, new.facts).encode())?);
    add(Mode::File, file::WORKTREE_EXTRA, blob(&snapshot.extra.encode())?);
    for (name, text) in [(file::CONTEXT, &words.context), (file::CHECKLIST, &words.checklist)] {
        if let Some(text) = text {
            add(Mode::File, name, blob(text.as_bytes())?);
        }
    }
    if !words.partitions.is_empty() {
        let blobs = words.partitions.iter().map(|(name, text)| {
            let id = blob(text.as_bytes())?;
            Ok(TreeEntry { mode: Mode::File, name: format!("{name}.md").into(), id })
        });
        add(Mode::Tree, file::PARTITIONS, write_entries(writer, blobs.collect::<Result<_, ObjectError>>()?)?);
    }
    if !snapshot.index_extra.is_empty() {
        add(Mode::File, file::INDEX_EXTRA, blob(&index_extra::encode(&snapshot.index_extra))?);
    }
    if !snapshot.omissions.is_empty() {
        add(Mode::File, file::LEFT_OUT, blob(&left_out::encode(&snapshot.omissions))?);
    }
    if !snapshot.included.is_empty() {
        add(Mode::File, file::INCLUDED, blob(&encode_included(snapshot))?);
    }
    if !snapshot.submodules.is_empty() {
        add(Mode::File, file::SUBMODULES, blob(&submodules::encode(&snapshot.submodules))?);
    }
    if let Some(operation) = &snapshot.operation {
        add(Mode::Tree, file::OPERATION, operation.tree);
    }
    if !snapshot.extra.raw.is_empty() {
        let raw: PathMap = snapshot.extra.raw.iter().map(|(path, &id)| (path.clone(), (Mode::File, id))).collect();
        add(Mode::Tree, file::RAW, write_paths(writer, &raw)?);
    }
    if let Some(stages) = write_stages(writer, snapshot)? {
        add(Mode::Tree, file::STAGES, stages);
    }
    write_entries(writer, entries)
}

/// One path a line.
fn encode_included(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Vec::new();
    for path in &snapshot.included {
        escape_into(&mut out, path);
        out.push(b'\n');
    }
    out
}

/// A tree that does nothing but keep the blobs of conflict stages from being pruned.
fn write_stages(writer: &dyn ObjectWriter, snapshot: &Snapshot) -> Result<Option<ObjectId>, ObjectError> {
    let is_blob = |mode: u32| mode != Mode::Gitlink.number();
    let conflicts = &snapshot.index_extra.conflicts;
    let ids: BTreeSet<ObjectId> = conflicts.iter().filter(|stage| is_blob(stage.mode)).map(|stage| stage.id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let numbered = ids.into_iter().zip(1u64..);
    let entries =
        numbered.map(|(id, number)| TreeEntry { mode: Mode::File, name: number.to_string().into(), id }).collect();
    write_entries(writer, entries).map(Some)
}

impl NewCheckpoint<'_> {
    /// The note, if something is written in it.
    fn note(&self) -> Option<&str> {
        self.words.note.as_deref().map(str::trim).filter(|note| !note.is_empty())
    }

    /// What the message of W says before its trailers: the note, or a line that stands for it.
    fn text(&self) -> Cow<'_, str> {
        let generated = || describe(self.changes, self.snapshot.head.branch_name());
        self.note().map_or_else(|| generated().into(), Cow::Borrowed)
    }

    /// The subject of W: the first line of its text.
    pub fn subject(&self) -> String {
        self.text().lines().next().unwrap_or_default().to_owned()
    }
}

fn message(new: &NewCheckpoint<'_>) -> bstr::BString {
    let ChangeCounts { new: added, modified, deleted } = new.changes;
    let mut trailers = vec![
        (trailer::VERSION, VERSION.to_string()),
        (trailer::SESSION, new.session.to_owned()),
        (trailer::SEQUENCE, new.sequence.to_string()),
        (trailer::KIND, kind_word(new.kind).to_owned()),
    ];
    trailers.extend(new.snapshot.head.branch_name().map(|branch| (trailer::BRANCH, branch.to_owned())));
    if !new.worktree.is_empty() {
        trailers.push((trailer::WORKTREE, new.worktree.to_owned()));
    }
    trailers.push((trailer::CHANGES, format!("{added} {modified} {deleted}")));
    trailers.push((trailer::NOTE, if new.note().is_some() { "yes" } else { "no" }.to_owned()));
    compose_message(&new.text(), &trailers)
}

pub(super) const fn kind_word(kind: CheckpointKind) -> &'static str {
    match kind {
        CheckpointKind::Manual => "manual",
        CheckpointKind::Safety => "safety",
        CheckpointKind::Auto => "auto",
    }
}

/// The line that stands for a missing note: `3 modified, 1 new on main`.
fn describe(changes: ChangeCounts, branch: Option<&str>) -> String {
    let parts = [(changes.modified, "modified"), (changes.new, "new"), (changes.deleted, "deleted")];
    let counted: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let what = if counted.is_empty() { "no changes".to_owned() } else { counted.join(", ") };
    match branch {
        Some(branch) => format!("{what} on {branch}"),
        None => format!("{what}, HEAD detached"),
    }
}
