//! The events of a session after a place in them: for whoever keeps what it made of those before.
//!
//! Segments are only ever appended to, so a place (which segment, how many of its bytes) stays where it is. Called by
//! `ops/summary`.

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::session::Session;
use crate::model::event::{Event, EventKind};
use crate::model::object::{ObjectKind, ObjectReader};

const FOLDER: &str = "events/";

/// A place between two events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Path of the segment.
    pub segment: String,
    /// Bytes of it that come before.
    pub bytes: u64,
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
    for (path, id) in session.below(FOLDER) {
        let start = match after {
            Some(place) if path.as_bstr() < place.segment.as_bytes().as_bstr() => continue,
            Some(place) if path.as_bstr() == place.segment.as_bytes().as_bstr() => place.bytes as usize,
            _ => 0,
        };
        let bytes = reader.read_kind(&id, ObjectKind::Blob)?;
        if start > 0 {
            is_known = bytes.get(start - 1) == Some(&b'\n');
            if !is_known {
                return Ok(None);
            }
        }
        add_lines(&mut found, path, &bytes, start);
    }
    Ok(is_known.then_some(found))
}

fn add_lines(found: &mut Vec<(Event, Place)>, path: &BString, bytes: &[u8], start: usize) {
    let segment = path.to_string();
    let mut at = start;
    for line in bytes[start..].lines_with_terminator() {
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
    for (path, id) in session.below(FOLDER) {
        let start = match after {
            Some(place) if path.as_bstr() < place.segment.as_bytes().as_bstr() => continue,
            Some(place) if path.as_bstr() == place.segment.as_bytes().as_bstr() => place.bytes as usize,
            _ => 0,
        };
        let bytes = reader.read_kind(&id, ObjectKind::Blob)?;
        let lines = bytes.get(start..).unwrap_or_default().lines();
        let is_likely = |line: &&[u8]| kinds.iter().any(|kind| line.contains_str(format!("\"{kind}\"")));
        let events = lines.filter(is_likely).filter_map(Event::parse_line);
        found.extend(events.filter(|event| kinds.contains(&event.kind)));
    }
    Ok(found)
}
