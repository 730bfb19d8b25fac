//! All sessions at a glance: of each the tip and the record, nothing of its history.
//!
//! What was read is kept in a cache by the tip's id, which says all of it: the file may be deleted, cut or scrambled at any
//! time without any effect but speed. Called by `ops/session`.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::session::{self, SessionRecord, read_session};
use super::{Layout, Store, StoreError, versioned};
use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::sys::{atomic, private};

#[cfg(test)]
mod tests;

/// First line of the cache; another one means that all of it is passed over.
const HEADER: &str = "ckpt sessions 1";

/// A session as its tip alone tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RosterEntry {
    pub name: String,
    pub tip: ObjectId,
    /// When something happened in it last.
    pub changed: Timestamp,
    pub record: SessionRecord,
}

/// One line of the cache; the trailers of the tip are no fields of the record's own.
#[derive(Serialize, Deserialize)]
struct Line {
    tip: ObjectId,
    changed: Timestamp,
    sequence: u64,
    latest: Option<ObjectId>,
    record: SessionRecord,
}

/// All sessions by name; of those that cannot be read the name and what is wrong.
#[derive(Debug, Default)]
pub struct Roster {
    pub entries: Vec<RosterEntry>,
    pub damaged: Vec<(String, StoreError)>,
}

/// Reads the tips of all sessions.
pub fn read_roster(store: &Store) -> Result<Roster, StoreError> {
    let refs = store.list_refs(session::REFS)?;
    let text = std::fs::read_to_string(path_of(store.layout())).unwrap_or_default();
    let known = index(&text);
    let found: Vec<_> = refs
        .par_iter()
        .map(|(full, tip)| {
            let known = known.get(tip.to_string().as_str()).and_then(|line| recall(line, tip));
            let is_known = known.is_some();
            let name = full[session::REFS.len()..].to_owned();
            (name, is_known, known.map_or_else(|| read(store, tip), Ok))
        })
        .collect();
    let is_stale = known.len() != refs.len() || found.iter().any(|(_, is_known, _)| !is_known);
    let mut roster = Roster::default();
    for (name, _, line) in found {
        match line {
            Ok(line) => roster.entries.push(entry(name, line)),
            Err(error) => roster.damaged.push((name, error)),
        }
    }
    if is_stale {
        remember(store.layout(), &roster.entries);
    }
    Ok(roster)
}

fn read(store: &Store, tip: &ObjectId) -> Result<Line, StoreError> {
    let session = read_session(store, tip)?;
    let bytes = store.read_kind(tip, ObjectKind::Commit)?;
    let commit = Commit::parse(&bytes).map_err(|error| versioned::damaged("session", error))?;
    let changed = Timestamp::from_second(commit.committer.seconds).unwrap_or(session.record.created);
    let SessionRecord { sequence, latest, .. } = session.record;
    Ok(Line { tip: *tip, changed, sequence, latest, record: session.record })
}

fn entry(name: String, line: Line) -> RosterEntry {
    let Line { tip, changed, sequence, latest, mut record } = line;
    (record.sequence, record.latest) = (sequence, latest);
    RosterEntry { name, tip, changed, record }
}

fn path_of(layout: &Layout) -> PathBuf {
    layout.own_dir.join("cache/sessions")
}

/// Lines by the tip's id, with which each begins.
fn index(text: &str) -> HashMap<&str, &str> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return HashMap::new();
    }
    lines.filter_map(|line| line.split_once(' ')).collect()
}

/// `checksum JSON`; what does not fit is read anew.
fn recall(rest: &str, tip: &ObjectId) -> Option<Line> {
    let (checksum, json) = rest.split_once(' ')?;
    let is_sound = u32::from_str_radix(checksum, 16).ok()? == crc32fast::hash(json.as_bytes());
    let line: Line = serde_json::from_str(json).ok().filter(|_| is_sound)?;
    (line.tip == *tip).then_some(line)
}

/// Failing is harmless: the next list reads the tips again.
fn remember(layout: &Layout, entries: &[RosterEntry]) {
    let path = path_of(layout);
    let mut text = format!("{HEADER}\n");
    for entry in entries {
        let RosterEntry { tip, changed, record, .. } = entry.clone();
        let (sequence, latest) = (record.sequence, record.latest);
        let Ok(json) = serde_json::to_string(&Line { tip, changed, sequence, latest, record }) else { continue };
        text.push_str(&format!("{tip} {:08x} {json}\n", crc32fast::hash(json.as_bytes())));
    }
    let folder = path.parent().map_or(Ok(()), private::create_dir);
    let _ = folder.and_then(|()| atomic::write(&path, text.as_bytes()));
}
