//! The commits of a session's chain, one by one, as whoever looks for tampering wants them.
//!
//! Reads alone, and believes nothing. Called by `ops/verify`.

use bstr::{BString, ByteSlice};

use super::path_tree::{PathMap, read_paths};
use super::session::{LATEST, RECORD, SEQUENCE, SessionRecord};
use super::session_events::is_segment;
use super::{StoreError, versioned};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectKind, ObjectReader};

/// One commit of a chain.
#[derive(Clone, Debug)]
pub struct Link {
    pub id: ObjectId,
    pub tree: ObjectId,
    /// The commit before it comes first; what else is there has come back to the session.
    pub parents: Vec<ObjectId>,
    /// Of the last checkpoint; 0 before the first.
    pub sequence: u64,
    /// The last checkpoint that was not taken for safety.
    pub latest: Option<ObjectId>,
    pub subject: BString,
}

impl Link {
    /// The first digits of the checkpoint that the commit tells of, if that is what it does, and whether it was for safety.
    pub fn told(&self) -> Option<(&str, bool)> {
        let (verb, rest) = self.subject.to_str().ok()?.split_once(' ')?;
        let (digits, _) = rest.split_once(" \"")?;
        let is_id = digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_id && (verb == "save" || verb == "keep")).then_some((digits, verb == "keep"))
    }

    /// The commit before this one.
    pub fn previous(&self) -> Option<&ObjectId> {
        self.parents.first()
    }
}

/// Reads one commit of a chain.
pub fn read_link(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Link, StoreError> {
    let what = || format!("commit {}", id.short());
    let bytes = reader.read_kind(id, ObjectKind::Commit)?;
    let commit = Commit::parse(&bytes).map_err(|error| versioned::damaged(&what(), error))?;
    let text = commit.trailer("Ckpt-Version").and_then(|text| text.to_str().ok()?.parse().ok());
    versioned::check(text.ok_or_else(|| versioned::damaged(&what(), "it has no `Ckpt-Version`"))?, &what())?;
    let sequence = commit.trailer(SEQUENCE).and_then(|text| text.to_str().ok()?.parse().ok());
    Ok(Link {
        id: *id,
        tree: commit.tree,
        sequence: sequence.ok_or_else(|| versioned::damaged(&what(), format!("it has no `{SEQUENCE}`")))?,
        latest: commit.trailer(LATEST).and_then(|text| ObjectId::from_hex(text)),
        subject: commit.subject().to_owned(),
        parents: commit.parents,
    })
}

/// The files of a commit of a chain, its record looked at.
pub fn read_files(reader: &dyn ObjectReader, link: &Link) -> Result<PathMap, StoreError> {
    let files = read_paths(reader, &link.tree)?;
    let (_, record) = files.get(RECORD.as_bytes().as_bstr()).ok_or_else(|| versioned::damaged(RECORD, "not there"))?;
    versioned::parse::<SessionRecord>(&reader.read_kind(record, ObjectKind::Blob)?, RECORD)?;
    Ok(files)
}

/// Why `newer` is not `older` with events added to its end; `None` where it is.
pub fn history_problem(
    reader: &dyn ObjectReader,
    older: &PathMap,
    newer: &PathMap,
) -> Result<Option<String>, StoreError> {
    let segments = |files: &PathMap| -> Vec<(BString, ObjectId)> {
        let found = files.iter().filter(|(path, _)| is_segment(path));
        found.map(|(path, (_, id))| (path.clone(), *id)).collect()
    };
    let (old, new) = (segments(older), segments(newer));
    let last = old.len().checked_sub(1);
    for (position, (path, id)) in old.iter().enumerate() {
        match new.get(position) {
            Some((_, same)) if same == id => {}
            Some((found, grown)) if found == path && Some(position) == last => {
                let (before, after) = (read(reader, id)?, read(reader, grown)?);
                let Some(added) = after.strip_prefix(before.as_slice()) else {
                    return Ok(Some(format!("events that stood in {path} were changed or removed")));
                };
                if let Some(problem) = lines_problem(path, added) {
                    return Ok(Some(problem));
                }
            }
            _ => return Ok(Some(format!("events that stood in {path} were changed or removed"))),
        }
    }
    for (path, id) in new.iter().skip(old.len()) {
        if let Some(problem) = lines_problem(path, &read(reader, id)?) {
            return Ok(Some(problem));
        }
    }
    Ok(None)
}

fn read(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Vec<u8>, StoreError> {
    Ok(reader.read_kind(id, ObjectKind::Blob)?)
}

fn lines_problem(path: &BString, lines: &[u8]) -> Option<String> {
    let is_bad = |line: &[u8]| !line.trim().is_empty() && Event::parse_line(line).is_none();
    lines.lines().any(is_bad).then(|| format!("a line of {path} is no event"))
}
