//! The events of a session after a place in them: for whoever keeps what it made of those before.
//!
//! Segments are only ever appended to, so a place (which segment, how many of its bytes) stays where it is. Called by
//! `ops/summary`.

use std::cmp::Ordering;

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::session::Session;
use super::session_events::EVENTS;
use crate::model::event::{Event, EventKind};
use crate::model::object::{ObjectKind, ObjectReader};

/// A place between two events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Path of the segment.
    pub segment: String,
    /// Bytes of it that come before.
    pub bytes: u64,
}

/// A segment, of which the lines from `start` on come after the place.
struct Tail<'a> {
    path: &'a BString,
    bytes: Vec<u8>,
    start: usize,
}

impl Tail<'_> {
    /// The place is within this segment, and a line ends there.
    fn has_place(&self) -> bool {
        self.start > 0 && self.bytes.get(self.start - 1) == Some(&b'\n')
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// The segments that have something after the place, oldest first, one in memory at a time.
fn tails<'a>(
    reader: &'a dyn ObjectReader,
    session: &'a Session,
    after: Option<&'a Place>,
) -> impl Iterator<Item = Result<Tail<'a>, StoreError>> {
    session.below(EVENTS).filter_map(move |(path, id)| {
        let order = after.map(|place| path.as_bstr().cmp(place.segment.as_bytes().as_bstr()));
        let start = match (order, after) {
            (Some(Ordering::Less), _) => return None,
            (Some(Ordering::Equal), Some(place)) => usize::try_from(place.bytes).unwrap_or(usize::MAX),
            _ => 0,
        };
        let bytes = reader.read_kind(&id, ObjectKind::Blob);
        Some(bytes.map(|bytes| Tail { path, bytes, start }).map_err(StoreError::from))
    })
}

/// The events after a place, oldest first, each with the place behind it; from the beginning without one.
///
/// `None` where the place is none of this session: its chain was begun anew.
pub fn events_after(
    reader: &dyn ObjectReader,
    session: &Session,
    after: Option<&Place>,
) -> Result<Option<Vec<(Event, Place)>>, StoreError> {
    let mut found = Vec::new();
    let mut is_known = after.is_none();
    for tail in tails(reader, session, after) {
        let tail = tail?;
        is_known |= tail.has_place();
        if !is_known {
            return Ok(None);
        }
        add_lines(&mut found, &tail);
    }
    Ok(is_known.then_some(found))
}

fn add_lines(found: &mut Vec<(Event, Place)>, tail: &Tail<'_>) {
    let segment = tail.path.to_string();
    let mut at = tail.start;
    for line in tail.rest().lines_with_terminator() {
        at += line.len();
        if let Some(event) = Event::parse_line(line) {
            found.push((event, Place { segment: segment.clone(), bytes: at as u64 }));
        }
    }
}

/// [`events_after`], of these kinds alone: lines that cannot be one of them are not even read as events.
pub fn events_of_kinds(
    reader: &dyn ObjectReader,
    session: &Session,
    after: Option<&Place>,
    kinds: &[EventKind],
) -> Result<Vec<Event>, StoreError> {
    let mut found = Vec::new();
    let words: Vec<String> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
    for tail in tails(reader, session, after) {
        let tail = tail?;
        let is_likely = |line: &&[u8]| words.iter().any(|word| line.contains_str(word));
        let events = tail.rest().lines().filter(is_likely).filter_map(Event::parse_line);
        found.extend(events.filter(|event| kinds.contains(&event.kind)));
    }
    Ok(found)
}
