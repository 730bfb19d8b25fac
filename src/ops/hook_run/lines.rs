//! How much a commit changed: files and lines, counted as far as that is quick.

use bstr::ByteSlice;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::model::change::{Change, Side};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::ops::tree_diff::first_changes;

/// More files than this are not counted.
const MOST_FILES: usize = 1000;
/// The lines of more files than this are not counted.
const MOST_COMPARED: usize = 100;
/// Larger files are not read.
const LARGEST: u64 = 256 << 10;
/// So many lines, on both sides of all files together, are compared.
const MOST_LINES: usize = 10_000;

/// The size of a change; what is `None` was too much to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub files: Option<u64>,
    pub lines_added: Option<u64>,
    pub lines_removed: Option<u64>,
}

/// Compares two trees.
pub(super) fn extent(reader: &dyn ObjectReader, old: Option<&ObjectId>, new: &ObjectId) -> Result<Extent, ObjectError> {
    let Some(changes) = first_changes(reader, old, Some(new), MOST_FILES)? else { return Ok(Extent::default()) };
    let lines = count_lines(reader, &changes)?;
    Ok(Extent {
        files: Some(changes.len() as u64),
        lines_added: lines.map(|(added, _)| added),
        lines_removed: lines.map(|(_, removed)| removed),
    })
}

fn count_lines(reader: &dyn ObjectReader, changes: &[Change]) -> Result<Option<(u64, u64)>, ObjectError> {
    if changes.len() > MOST_COMPARED {
        return Ok(None);
    }
    let (mut added, mut removed, mut left) = (0, 0, MOST_LINES);
    for change in changes.iter().filter(|change| change.old.map(|side| side.id) != change.new.map(|side| side.id)) {
        let (Some(old), Some(new)) = (read_side(reader, change.old)?, read_side(reader, change.new)?) else {
            return Ok(None);
        };
        // Git counts no lines of what is no text.
        if is_binary(&old) || is_binary(&new) {
            continue;
        }
        let (old, new): (Vec<_>, Vec<_>) =
            (old.lines_with_terminator().collect(), new.lines_with_terminator().collect());
        let Some(rest) = left.checked_sub(old.len() + new.len()) else { return Ok(None) };
        left = rest;
        for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
            let (is_equal, old, new) = match operation {
                DiffOp::Equal { .. } => (true, 0, 0),
                DiffOp::Delete { old_len, .. } => (false, old_len, 0),
                DiffOp::Insert { new_len, .. } => (false, 0, new_len),
                DiffOp::Replace { old_len, new_len, .. } => (false, old_len, new_len),
            };
            if !is_equal {
                removed += old as u64;
                added += new as u64;
            }
        }
    }
    Ok(Some((added, removed)))
}

/// The bytes of one side, none where it is absent; `None` for what is too large.
fn read_side(reader: &dyn ObjectReader, side: Option<Side>) -> Result<Option<Vec<u8>>, ObjectError> {
    match side {
        None => Ok(Some(Vec::new())),
        // A nested repository's commit is one line to git.
        Some(side) if side.mode == Mode::Gitlink => Ok(Some(format!("{}\n", side.id).into_bytes())),
        Some(side) if reader.read_header(&side.id)?.1 > LARGEST => Ok(None),
        Some(side) => reader.read_kind(&side.id, ObjectKind::Blob).map(Some),
    }
}

/// Git's own test.
fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(8000)].contains(&0)
}
