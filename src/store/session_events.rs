//! Events in the chain of a session, and the commits that words add to it.
//!
//! `events/000001.jsonl` and so on are only ever appended to, and a new one is begun once the last is full: a commit
//! costs one segment, however long the history is. Called by `ops/context`; saves come through `session`.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};
use jiff::Timestamp;

use super::StoreError;
use super::path_tree::PathMap;
use super::session::{Additions, NewCommit, Session, SessionRecord, append, first_record, with_trailers};
use crate::model::commit::Identity;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};

#[cfg(test)]
mod tests;

/// The folder of the segments in a session's tree.
pub(super) const EVENTS: &str = "events/";

/// A segment of this size is full.
const FULL: usize = 64 << 10;

/// What one commit tells of a session.
#[derive(Clone, Debug)]
pub struct SessionChanges<'a> {
    /// Name of the session, for a new one.
    pub session: &'a str,
    pub time: Timestamp,
    /// A readable sentence.
    pub subject: &'a str,
    pub additions: &'a Additions,
    /// What the session is from now on; `None` leaves its record as it is.
    pub record: Option<&'a SessionRecord>,
    /// Tip of a session that comes back with this commit: its second parent.
    pub merged: Option<ObjectId>,
}

impl<'a> SessionChanges<'a> {
    /// Changes that leave the record as it is and bring no other session back.
    pub fn new(session: &'a str, time: Timestamp, subject: &'a str, additions: &'a Additions) -> SessionChanges<'a> {
        SessionChanges { session, time, subject, additions, record: None, merged: None }
    }
}

/// Adds one commit to a session (a new one when `session` is `None`); the session as it is then.
///
/// What it gives can be appended to again before anything was published.
pub fn append_events(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    identity: &Identity,
    session: Option<&Session>,
    changes: &SessionChanges<'_>,
) -> Result<Session, StoreError> {
    let present = || session.map(|session| session.record.clone());
    let given = changes.record.map(|record| counted(record, session));
    let record = given.or_else(present).unwrap_or_else(|| first_record(changes.session, changes.time));
    let subject = changes.subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = with_trailers(&subject, &record);
    append(
        reader,
        writer,
        identity,
        session,
        NewCommit { record, time: changes.time, message, additions: changes.additions, merged: changes.merged },
    )
}

/// The record with what the trailers of the tip say, which no record may take back.
fn counted(record: &SessionRecord, session: Option<&Session>) -> SessionRecord {
    let mut record = record.clone();
    record.sequence = session.map_or(0, |session| session.record.sequence);
    record.latest = session.and_then(|session| session.record.latest);
    record
}

/// Adds lines to the segments among `files`; path and bytes of the last one when it was written.
///
/// `written` is the last segment where the reader does not have it yet.
pub(super) fn put_lines(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    files: &mut PathMap,
    written: Option<(BString, Vec<u8>)>,
    lines: &[BString],
) -> Result<Option<(BString, Vec<u8>)>, StoreError> {
    if lines.is_empty() {
        return Ok(written);
    }
    let (mut path, mut bytes) = match written {
        Some(written) => written,
        None => last_segment(reader, files)?,
    };
    for line in lines {
        if bytes.len() >= FULL {
            files.insert(path.clone(), (Mode::File, writer.write(ObjectKind::Blob, &bytes)?));
            (path, bytes) = (next_path(&path), Vec::new());
        }
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
    }
    files.insert(path.clone(), (Mode::File, writer.write(ObjectKind::Blob, &bytes)?));
    Ok(Some((path, bytes)))
}

fn last_segment(reader: &dyn ObjectReader, files: &PathMap) -> Result<(BString, Vec<u8>), StoreError> {
    let last = files.iter().rev().find(|(path, _)| is_segment(path.as_slice()));
    let Some((path, (_, id))) = last else { return Ok((segment_path(1), Vec::new())) };
    let mut bytes = reader.read_kind(id, ObjectKind::Blob)?;
    if bytes.last().is_some_and(|&last| last != b'\n') {
        bytes.push(b'\n');
    }
    Ok((path.clone(), bytes))
}

/// Whether a path of a session's tree is a segment of its events.
pub fn is_segment(path: &[u8]) -> bool {
    number_of(path).is_some()
}

pub(super) fn number_of(path: &[u8]) -> Option<u64> {
    path.strip_prefix(EVENTS.as_bytes())?.strip_suffix(b".jsonl")?.to_str().ok()?.parse().ok()
}

fn segment_path(number: u64) -> BString {
    format!("{EVENTS}{number:06}.jsonl").into()
}

fn next_path(path: &BString) -> BString {
    segment_path(number_of(path).unwrap_or(0) + 1)
}

/// The events in the chain of a session, oldest first, one segment in memory at a time. What waits in the journal comes
/// after them.
pub fn events<'a>(
    reader: &'a dyn ObjectReader,
    session: &Session,
) -> impl DoubleEndedIterator<Item = Result<Event, StoreError>> + 'a {
    segments(session).into_iter().flat_map(move |id| match reader.read_kind(&id, ObjectKind::Blob) {
        Ok(bytes) => bytes.lines().filter_map(Event::parse_line).map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error.into())],
    })
}

fn segments(session: &Session) -> Vec<ObjectId> {
    session.below(EVENTS).filter(|(path, _)| is_segment(path)).map(|(_, id)| id).collect()
}

/// All lines, oldest first.
pub(super) fn lines(reader: &dyn ObjectReader, session: &Session) -> Result<Vec<BString>, StoreError> {
    let mut lines = Vec::new();
    for id in segments(session) {
        lines.extend(reader.read_kind(&id, ObjectKind::Blob)?.lines().map(BString::from));
    }
    Ok(lines)
}

/// Takes out the lines that are in the chain already: those of a fold that died after its commit.
pub fn without_known(
    reader: &dyn ObjectReader,
    session: &Session,
    lines: Vec<BString>,
) -> Result<Vec<BString>, StoreError> {
    let mut known: HashSet<BString> = HashSet::new();
    for id in segments(session) {
        known.extend(reader.read_kind(&id, ObjectKind::Blob)?.lines().map(BString::from));
    }
    Ok(lines.into_iter().filter(|line| !known.contains(line)).collect())
}
