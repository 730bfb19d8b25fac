//! The chain of a session as a story: its commits and the events that each added, newest first or oldest first.
//!
//! Nothing is read before it is asked for, and one segment of events is in memory at a time, so a story begins at once
//! however long it is. Segments are only ever appended to: what a commit added lies between the end of the commit before
//! it and its own. Order is that of the chain, whatever the clocks said. Called by `ops/history` and `ops/search`.

use std::collections::BTreeMap;
use std::rc::Rc;

use bstr::ByteSlice;
use jiff::Timestamp;

use super::session_events::{EVENTS, is_segment, number_of};
use super::{StoreError, journal, session, versioned};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};

pub mod newest;
pub mod oldest;

#[cfg(test)]
mod tests;

/// One commit of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: ObjectId,
    /// The tree of the session as it was then.
    pub tree: ObjectId,
    /// The first is the commit before it in this chain; another is where a session that came back ended.
    pub parents: Vec<ObjectId>,
    pub time: Timestamp,
    /// First line of the message.
    pub subject: String,
    /// The checkpoint that it tells of, where it was made by one.
    pub point: Option<ToldPoint>,
}

/// A checkpoint as the chain tells of it; the checkpoint itself may be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldPoint {
    /// The full id, or its first digits where the chain has no more.
    pub id: Result<ObjectId, String>,
    /// It was taken before files were moved.
    pub is_safety: bool,
    pub subject: String,
    /// Such as `3 modified, 1 new`; may be empty.
    pub changes: String,
}

/// What a story consists of.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Event { event: Event, link: Rc<Link> },
    Commit(Rc<Link>),
}

/// Reads one commit of a chain.
pub fn read_link(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Link, StoreError> {
    let commit = Commit::parse(&reader.read_kind(id, ObjectKind::Commit)?)
        .map_err(|error| versioned::damaged("session", error))?;
    Ok(Link {
        id: *id,
        tree: commit.tree,
        time: Timestamp::from_second(commit.committer.seconds).unwrap_or(Timestamp::UNIX_EPOCH),
        subject: commit.subject().to_str_lossy().into_owned(),
        point: told_point(&commit),
        parents: commit.parents,
    })
}

/// Reads what a session was by the tree of one of its commits; what its trailers say is not in it.
pub fn read_record(reader: &dyn ObjectReader, tree: &ObjectId) -> Result<session::SessionRecord, StoreError> {
    let entries = reader.read_tree(tree)?;
    let entry = entries.iter().find(|entry| entry.name == session::RECORD);
    let entry = entry.ok_or_else(|| versioned::damaged("session", "no record"))?;
    versioned::parse(&reader.read_kind(&entry.id, ObjectKind::Blob)?, session::RECORD)
}

/// Reads `save 4f2a01b2c3 "login works" (3 modified)`, or the same with `keep`.
fn told_point(commit: &Commit) -> Option<ToldPoint> {
    let subject = commit.subject().to_str_lossy();
    let (verb, rest) = subject.split_once(' ')?;
    let is_safety = match verb {
        "save" => false,
        "keep" => true,
        _ => return None,
    };
    let (digits, rest) = rest.split_once(" \"")?;
    let is_id = digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id || commit.message.find(session::EXPLANATION).is_none() {
        return None;
    }
    let (text, changes) = rest.rsplit_once('"')?;
    let changes = changes.trim().strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or_default();
    let latest = commit.trailer(session::LATEST).and_then(|text| ObjectId::from_hex(text));
    let full = latest.filter(|id| !is_safety && id.to_string().starts_with(digits));
    Some(ToldPoint {
        id: full.ok_or_else(|| digits.to_owned()),
        is_safety,
        subject: text.to_owned(),
        changes: changes.to_owned(),
    })
}

/// Where the events of a commit end: number of the last segment and its size; zeros where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct End {
    number: u64,
    size: u64,
}

/// A part of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    number: u64,
    from: u64,
    to: u64,
}

/// The segments of a chain, as its tip has them: those of every earlier commit begin with the same bytes.
struct Segments<'a> {
    reader: &'a dyn ObjectReader,
    blobs: BTreeMap<u64, ObjectId>,
    /// The last segment that was read.
    held: Option<(u64, Vec<u8>)>,
    /// The trees that were looked at last, the whole and its folder of events, and where they end.
    known: Option<(ObjectId, Option<ObjectId>, End)>,
}

impl<'a> Segments<'a> {
    /// Those of the chain with this tree at its tip.
    fn new(reader: &'a dyn ObjectReader, tree: &ObjectId) -> Result<Segments<'a>, StoreError> {
        let mut segments = Segments { reader, blobs: BTreeMap::new(), held: None, known: None };
        if let Some(folder) = segments.folder(tree)? {
            segments.blobs = segments.list(&folder)?;
        }
        Ok(segments)
    }

    /// The folder of events in the tree of a session.
    fn folder(&self, tree: &ObjectId) -> Result<Option<ObjectId>, StoreError> {
        let entries = self.reader.read_tree(tree)?;
        let is_folder = |name: &[u8], mode| mode == Mode::Tree && name == EVENTS.trim_end_matches('/').as_bytes();
        Ok(entries.iter().find(|entry| is_folder(&entry.name, entry.mode)).map(|entry| entry.id))
    }

    fn list(&self, folder: &ObjectId) -> Result<BTreeMap<u64, ObjectId>, StoreError> {
        let entries = self.reader.read_tree(folder)?;
        let files = entries.into_iter().filter(|entry| entry.mode != Mode::Tree);
        Ok(files
            .filter_map(|entry| {
                let path = [EVENTS.as_bytes(), &entry.name].concat();
                is_segment(&path).then(|| Some((number_of(&path)?, entry.id))).flatten()
            })
            .collect())
    }

    /// Where the events of a tree end.
    fn end(&mut self, tree: &ObjectId) -> Result<End, StoreError> {
        if let Some((known, _, end)) = self.known
            && known == *tree
        {
            return Ok(end);
        }
        let folder = self.folder(tree)?;
        let end = match (self.known, folder) {
            (Some((_, known, end)), folder) if known == folder => end,
            (_, None) => End::default(),
            (_, Some(folder)) => match self.list(&folder)?.last_key_value() {
                Some((&number, blob)) => End { number, size: self.reader.read_header(blob)?.1 },
                None => End::default(),
            },
        };
        self.known = Some((*tree, folder, end));
        Ok(end)
    }

    /// What lies between two ends, oldest first.
    fn spans(&self, from: End, to: End) -> Vec<Span> {
        if to == from {
            return Vec::new();
        }
        let numbers = self.blobs.range(from.number..).map(|(&number, _)| number);
        let spans = numbers.take_while(|&number| number <= to.number).map(|number| Span {
            number,
            from: if number == from.number { from.size } else { 0 },
            to: if number == to.number { to.size } else { u64::MAX },
        });
        spans.filter(|span| span.from < span.to).collect()
    }

    /// The events of a span, oldest first.
    fn events(&mut self, span: &Span) -> Result<Vec<Event>, StoreError> {
        if self.held.as_ref().is_none_or(|(number, _)| *number != span.number) {
            let Some(blob) = self.blobs.get(&span.number) else { return Ok(Vec::new()) };
            self.held = Some((span.number, self.reader.read_kind(blob, ObjectKind::Blob)?));
        }
        let bytes = self.held.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let part = &bytes[place(span.from)..place(span.to).max(place(span.from))];
        Ok(part.lines().filter_map(journal::event_of_line).collect())
    }
}
