//! `ckpt.diff/1`.

use serde::Serialize;

use super::parts::FileRow;
use crate::ops::diff::{Diffed, FileContent, FileDiff};
use crate::report::diffed::{line_counts, patch};
use crate::report::look::Look;

/// `ckpt.diff/1`: what differs between two points, or a point and the work tree.
#[derive(Debug, Serialize)]
pub struct DiffDocument<'a> {
    /// `ckpt.diff/1`.
    pub schema: &'static str,
    /// The old side, as people name it.
    pub from: &'a str,
    /// The new side.
    pub to: &'a str,
    pub files: Vec<DiffRow<'a>>,
}

/// One path that differs: the fields of a file, and how.
#[derive(Debug, Serialize)]
pub struct DiffRow<'a> {
    #[serde(flatten)]
    pub file: FileRow<'a>,
    /// `text`, `binary` or `mode` (same bytes, another mode).
    pub content: &'static str,
    /// Lines added and removed, for text.
    pub lines_added: Option<u64>,
    pub lines_removed: Option<u64>,
    /// Bytes on each side, for what is binary or too large to compare.
    pub old_size: Option<u64>,
    pub new_size: Option<u64>,
    /// The unified diff of the path with `--patch`; bytes that are not UTF-8 are replaced.
    pub patch: Option<String>,
}

impl<'a> DiffDocument<'a> {
    /// `look` is that of a pipe; `with_patch` is `--patch`.
    pub fn of(diffed: &'a Diffed, with_patch: bool, look: &Look) -> DiffDocument<'a> {
        let files = diffed.files.iter().map(|file| row(file, with_patch.then_some(look))).collect();
        DiffDocument { schema: "ckpt.diff/1", from: &diffed.from, to: &diffed.to, files }
    }
}

fn row<'a>(file: &'a FileDiff, patch_look: Option<&Look>) -> DiffRow<'a> {
    let mut row = DiffRow {
        file: FileRow::of(&file.change),
        content: "mode",
        lines_added: None,
        lines_removed: None,
        old_size: None,
        new_size: None,
        patch: None,
    };
    match &file.content {
        FileContent::Text { old, new } => {
            let (added, removed) = line_counts(old, new);
            row.content = "text";
            (row.lines_added, row.lines_removed) = (Some(added), Some(removed));
        }
        FileContent::Binary { old, new } => {
            row.content = "binary";
            (row.old_size, row.new_size) = (Some(*old), Some(*new));
        }
        FileContent::ModeOnly => {}
    }
    row.patch = patch_look.map(|look| String::from_utf8_lossy(&patch::render_file(file, look)).into_owned());
    row
}
