//! Sessions: a chain of commits each, one commit per thing that happened, whose subjects read as the story of the work.
//!
//! The tip alone says where the session stands; the commits before it say how it came there. A save is told by its commit
//! alone: verb, checkpoint, subject, time. A line of it in `events/*.jsonl` too would cost two trees and a blob for each
//! save, as much again as the save itself; that folder is for events that come without a checkpoint of their own
//! (`session_events`). Called by `ops/`.

use bstr::{BString, ByteSlice};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::path_tree::{PathMap, read_paths, write_paths};
use super::versioned::{self, VERSION};
use super::{StoreError, session_events};
use crate::model::checkpoint::CheckpointKind;
use crate::model::commit::{Commit, Identity, Signature, compose_message};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, ObjectWriter};
use crate::model::session::SessionDetails;

#[cfg(test)]
mod tests;

/// Where the sessions' refs are.
pub const REFS: &str = "refs/ckpt/sessions/";

pub(super) const RECORD: &str = "session.toml";

/// Files of the session's tree.
pub const CONTEXT: &str = "context.md";
pub const CHECKLIST: &str = "checklist.md";
/// What its template says that whoever continues should mind.
pub const HINTS: &str = "hints.md";
/// Items that were done and pruned from the context.
pub const ARCHIVE: &str = "archive.md";
/// Which paths belong to which partition.
pub const PARTITIONS: &str = "partitions.toml";
/// The folder of the partitions' documents.
pub const PARTITION_FOLDER: &str = "partitions/";

/// Trailers of each commit of the chain.
pub(super) const SEQUENCE: &str = "Ckpt-Sequence";
pub(super) const LATEST: &str = "Ckpt-Latest";

/// The same in each commit, and not only for the reader: git stores an object as a delta only if that comes to less than
/// half of it, and two commits of a chain differ in about 140 bytes. Without these words each would be stored whole.
pub(super) const EXPLANATION: &str = "The whole state of the work was kept in the checkpoint named below.\n\
                           `ckpt show` tells what it holds, `ckpt load` brings it back.";

/// What `session.toml` and the trailers of the tip say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    version: u64,
    #[serde(default)]
    revision: u64,
    pub title: String,
    pub created: Timestamp,
    #[serde(flatten)]
    pub details: SessionDetails,
    /// Sequence of the last checkpoint; 0 before the first. A trailer of the tip, not a field of the file: what changes
    /// with each save costs least there.
    #[serde(skip)]
    pub sequence: u64,
    /// The last checkpoint that was not taken for safety; a trailer as well.
    #[serde(skip)]
    pub latest: Option<ObjectId>,
}

/// A session as its tip says it is.
#[derive(Clone, Debug)]
pub struct Session {
    pub tip: ObjectId,
    pub record: SessionRecord,
    pub(super) files: PathMap,
    /// Path and bytes of the segment that was written last, while no reader can have it.
    pub(super) segment: Option<(BString, Vec<u8>)>,
}

/// Files of a session's tree by path, such as `context.md`; `None` removes one.
pub type FileChanges = Vec<(BString, Option<Vec<u8>>)>;

/// What a commit adds to the tree of a session besides what its own kind writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Additions {
    /// Lines for `events/`, as they are to stand there.
    pub lines: Vec<BString>,
    pub files: FileChanges,
}

/// A checkpoint, as the session tells of it.
#[derive(Clone, Debug)]
pub struct SaveEvent<'a> {
    pub session: &'a str,
    pub checkpoint: ObjectId,
    pub sequence: u64,
    pub kind: CheckpointKind,
    pub time: Timestamp,
    /// First line of the note, or what stands for it.
    pub subject: &'a str,
    /// Such as `3 modified, 1 new`; may be empty.
    pub changes: &'a str,
    pub additions: &'a Additions,
}

impl SessionRecord {
    /// A session that nothing was saved in yet.
    pub fn new(title: &str, created: Timestamp, details: SessionDetails) -> SessionRecord {
        SessionRecord { details, ..first_record(title, created) }
    }

    /// Whether the files of both are equal; what the trailers say is not in them.
    fn says_the_same(&self, other: &SessionRecord) -> bool {
        (&self.title, self.created, &self.details) == (&other.title, other.created, &other.details)
    }
}

impl Session {
    /// The text of `context.md`.
    pub fn context(&self, reader: &dyn ObjectReader) -> Result<Option<String>, StoreError> {
        self.text(reader, CONTEXT)
    }

    /// The text of `checklist.md`.
    pub fn checklist(&self, reader: &dyn ObjectReader) -> Result<Option<String>, StoreError> {
        self.text(reader, CHECKLIST)
    }

    /// The text of a file of the tree.
    pub fn text(&self, reader: &dyn ObjectReader, name: &str) -> Result<Option<String>, StoreError> {
        let Some(id) = self.blob(name) else { return Ok(None) };
        let bytes = reader.read_kind(&id, ObjectKind::Blob)?;
        String::from_utf8(bytes).map(Some).map_err(|error| versioned::damaged(name, error))
    }

    /// The blob of a file of the tree.
    pub fn blob(&self, name: &str) -> Option<ObjectId> {
        self.files.get(name.as_bytes().as_bstr()).map(|(_, id)| *id)
    }

    /// Paths of its documents: all but the record and the events.
    pub fn documents(&self) -> Vec<String> {
        let paths = self.files.keys().filter_map(|path| path.to_str().ok());
        let is_document = |path: &&str| *path != RECORD && !path.starts_with(session_events::EVENTS);
        paths.filter(is_document).map(str::to_owned).collect()
    }

    /// The lines of its events, as they stand there.
    pub fn lines(&self, reader: &dyn ObjectReader) -> Result<Vec<BString>, StoreError> {
        session_events::lines(reader, self)
    }

    /// Paths and blobs of the tree below a folder, which ends in `/`; sorted.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl DoubleEndedIterator<Item = (&'a BString, ObjectId)> {
        let from = self.files.range(BString::from(folder)..);
        from.take_while(move |(path, _)| path.starts_with(folder.as_bytes()))
            .map(|(path, (_, id))| (path, *id))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// The sequence that the next checkpoint of a session gets.
pub fn next_sequence(session: Option<&Session>) -> u64 {
    session.map_or(1, |session| session.record.sequence.saturating_add(1))
}

/// Reads the session whose chain ends at `tip`.
pub fn read_session(reader: &dyn ObjectReader, tip: &ObjectId) -> Result<Session, StoreError> {
    let bytes = reader.read_kind(tip, ObjectKind::Commit)?;
    let commit = Commit::parse(&bytes).map_err(|error| versioned::damaged("session", error))?;
    let files = read_paths(reader, &commit.tree)?;
    let (_, id) = files.get(RECORD.as_bytes().as_bstr()).ok_or_else(|| versioned::damaged("session", "no record"))?;
    let mut record: SessionRecord = versioned::parse(&reader.read_kind(id, ObjectKind::Blob)?, RECORD)?;
    let number = commit.trailer(SEQUENCE).and_then(|text| text.to_str().ok()?.parse().ok());
    record.sequence = number.ok_or_else(|| versioned::damaged("session", format!("its tip has no `{SEQUENCE}`")))?;
    record.latest = commit.trailer(LATEST).and_then(|text| ObjectId::from_hex(text));
    Ok(Session { tip: *tip, record, files, segment: None })
}

/// The last checkpoint that the tip of a session names; `None` before the first, and where the tip cannot be read.
///
/// One object is read, whatever the session holds.
pub fn find_latest(reader: &dyn ObjectReader, tip: &ObjectId) -> Option<ObjectId> {
    let commit = Commit::parse(&reader.read_kind(tip, ObjectKind::Commit).ok()?).ok()?;
    commit.trailer(LATEST).and_then(|text| ObjectId::from_hex(text))
}

/// [`read_session`]; `None` where its tip is gone or damaged. The checkpoints stand without the chain, and saving must
/// go on: the next save begins the chain anew.
pub fn find_sound_session(reader: &dyn ObjectReader, tip: &ObjectId) -> Result<Option<Session>, StoreError> {
    match read_session(reader, tip) {
        Ok(session) => Ok(Some(session)),
        Err(StoreError::Damaged { .. }) => Ok(None),
        Err(StoreError::Object(ObjectError::Missing(_) | ObjectError::Damaged { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Adds a checkpoint to a session (a new one when `session` is `None`); the new tip.
///
/// Cheap to repeat: whoever loses a race for the ref reads the new tip and does it again with the next sequence.
pub fn append_save(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    identity: &Identity,
    session: Option<&Session>,
    save: &SaveEvent<'_>,
) -> Result<ObjectId, StoreError> {
    let record = next_record(session, save);
    let message = sentence(save, &record);
    let commit = NewCommit { record, time: save.time, message, additions: save.additions, merged: None };
    append(reader, writer, identity, session, commit).map(|session| session.tip)
}

/// One more commit of a chain.
pub(super) struct NewCommit<'a> {
    pub(super) record: SessionRecord,
    pub(super) time: Timestamp,
    pub(super) message: BString,
    pub(super) additions: &'a Additions,
    /// Tip of a session that comes back with this commit: its second parent.
    pub(super) merged: Option<ObjectId>,
}

/// Adds a commit; the session as it is then.
pub(super) fn append(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    identity: &Identity,
    session: Option<&Session>,
    new: NewCommit<'_>,
) -> Result<Session, StoreError> {
    let mut files = session.map_or_else(PathMap::new, |session| session.files.clone());
    // What says the same stays as it is, to the byte.
    if !session.is_some_and(|session| session.record.says_the_same(&new.record)) {
        let text = toml::to_string(&new.record).expect("strings, numbers and tables are always TOML");
        files.insert(RECORD.into(), (Mode::File, writer.write(ObjectKind::Blob, text.as_bytes())?));
    }
    for (path, bytes) in &new.additions.files {
        match bytes {
            Some(bytes) => {
                files.insert(path.clone(), (Mode::File, writer.write(ObjectKind::Blob, bytes)?));
            }
            None => {
                files.remove(path);
            }
        }
    }
    let written = session.and_then(|session| session.segment.clone());
    let segment = session_events::put_lines(reader, writer, &mut files, written, &new.additions.lines)?;
    let signature = Signature { identity: identity.clone(), seconds: new.time.as_second().max(0), offset: 0 };
    let commit = Commit {
        tree: write_paths(writer, &files)?,
        parents: session.map(|session| session.tip).into_iter().chain(new.merged).collect(),
        author: signature.clone(),
        committer: signature,
        message: new.message,
    };
    let tip = writer.write(ObjectKind::Commit, &commit.encode())?;
    Ok(Session { tip, record: new.record, files, segment })
}

fn next_record(session: Option<&Session>, save: &SaveEvent<'_>) -> SessionRecord {
    let mut record = session.map_or_else(|| first_record(save.session, save.time), |session| session.record.clone());
    record.sequence = record.sequence.max(save.sequence);
    if save.kind != CheckpointKind::Safety {
        record.latest = Some(save.checkpoint);
    }
    record
}

/// What a session is before anything was saved in it.
pub(super) fn first_record(title: &str, created: Timestamp) -> SessionRecord {
    SessionRecord {
        version: VERSION,
        revision: 0,
        title: title.to_owned(),
        created,
        details: SessionDetails::default(),
        sequence: 0,
        latest: None,
    }
}

/// `save 4f2a01b2c3 "login works" (3 modified)`.
fn sentence(save: &SaveEvent<'_>, record: &SessionRecord) -> BString {
    let verb = if save.kind == CheckpointKind::Safety { "keep" } else { "save" };
    let subject = save.subject.replace(['\n', '\r'], " ");
    let changes = if save.changes.is_empty() { String::new() } else { format!(" ({})", save.changes) };
    let text = format!("{verb} {} \"{subject}\"{changes}\n\n{EXPLANATION}", save.checkpoint.short());
    with_trailers(&text, record)
}

/// The message of a commit of the chain: each says where the session stands.
pub(super) fn with_trailers(text: &str, record: &SessionRecord) -> BString {
    let mut trailers = vec![("Ckpt-Version", VERSION.to_string()), (SEQUENCE, record.sequence.to_string())];
    trailers.extend(record.latest.map(|id| (LATEST, id.to_string())));
    compose_message(text, &trailers)
}
