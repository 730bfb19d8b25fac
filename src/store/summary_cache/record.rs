//! One summary as bytes: length, checksum, id, numbers, texts.

use jiff::Timestamp;

use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Summary};
use crate::model::id::ObjectId;

const NO_BRANCH: u8 = 1;
const HAS_NOTE: u8 = 2;

/// Adds a record.
pub(super) fn encode(out: &mut Vec<u8>, summary: &Summary) {
    let mut body = Vec::with_capacity(160);
    push_bytes(&mut body, summary.id.as_bytes());
    push_bytes(&mut body, summary.base.as_ref().map_or(&b""[..], ObjectId::as_bytes));
    let ChangeCounts { new, modified, deleted } = summary.changes;
    for number in [summary.sequence, summary.created.as_second().cast_unsigned(), new, modified, deleted] {
        body.extend_from_slice(&number.to_le_bytes());
    }
    body.push(kind_number(summary.kind));
    let flags = [(summary.branch.is_none(), NO_BRANCH), (summary.has_note, HAS_NOTE)];
    body.push(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum());
    let branch = summary.branch.as_deref().unwrap_or_default();
    for text in [&summary.session, branch, &summary.worktree, &summary.subject] {
        push_bytes(&mut body, text.as_bytes());
    }
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    out.extend_from_slice(&body);
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn kind_number(kind: CheckpointKind) -> u8 {
    match kind {
        CheckpointKind::Manual => 0,
        CheckpointKind::Safety => 1,
        CheckpointKind::Auto => 2,
    }
}

/// Takes the first record off: its id, what follows the id, and the rest. `None` when it is not sound.
pub(super) fn split(bytes: &[u8]) -> Option<(ObjectId, &[u8], &[u8])> {
    let mut reading = Reading(bytes);
    let length = reading.length()?;
    let checksum = reading.length()?;
    let (body, rest) = reading.0.split_at_checked(length)?;
    if crc32fast::hash(body) as usize != checksum {
        return None;
    }
    let mut reading = Reading(body);
    let id = ObjectId::from_bytes(reading.bytes()?)?;
    Some((id, reading.0, rest))
}

/// Reads what follows the id.
pub(super) fn decode(id: &ObjectId, payload: &[u8]) -> Option<Summary> {
    let mut reading = Reading(payload);
    let base = reading.bytes()?;
    let base = if base.is_empty() { None } else { Some(ObjectId::from_bytes(base)?) };
    let sequence = reading.number()?;
    let created = Timestamp::from_second(reading.number()?.cast_signed()).ok()?;
    let changes = ChangeCounts { new: reading.number()?, modified: reading.number()?, deleted: reading.number()? };
    let kind = match reading.byte()? {
        0 => CheckpointKind::Manual,
        1 => CheckpointKind::Safety,
        2 => CheckpointKind::Auto,
        _ => return None,
    };
    let flags = reading.byte()?;
    let session = reading.text()?;
    let branch = Some(reading.text()?).filter(|_| flags & NO_BRANCH == 0);
    let (worktree, subject) = (reading.text()?, reading.text()?);
    let has_note = flags & HAS_NOTE != 0;
    Some(Summary { id: *id, session, sequence, kind, created, branch, base, worktree, changes, subject, has_note })
}

struct Reading<'a>(&'a [u8]);

impl<'a> Reading<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn length(&mut self) -> Option<usize> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?) as usize)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }
}
