//! The answer of `ckpt diff`: a summary, or the lines that differ.

pub mod patch;
pub mod stat;

use similar::TextDiff;

use super::{text, words};
use crate::model::change::Change;
use crate::ops::diff::{FileContent, FileDiff};

/// With more files than this, the summary alone is shown unless lines are asked for.
pub const MOST_FILES_WITH_LINES: usize = 20;

/// Comparing one file may take this long before the result becomes coarser.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// The lines of both sides, cut at line feeds alone as git does.
fn compare<'a>(old: &'a [u8], new: &'a [u8]) -> LineDiff<'a> {
    LineDiff { old: split_lines(old), new: split_lines(new) }
}

struct LineDiff<'a> {
    old: Vec<&'a [u8]>,
    new: Vec<&'a [u8]>,
}

impl LineDiff<'_> {
    fn run(&self) -> TextDiff<'_, '_, [u8]> {
        TextDiff::configure().timeout(PATIENCE).diff_slices(&self.old, &self.new)
    }
}

fn split_lines(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|&byte| byte == b'\n').collect()
}

/// How many lines were added and removed.
pub fn line_counts(old: &[u8], new: &[u8]) -> (u64, u64) {
    let lines = compare(old, new);
    let mut counts = (0, 0);
    for change in lines.run().iter_all_changes() {
        match change.tag() {
            similar::ChangeTag::Insert => counts.0 += 1,
            similar::ChangeTag::Delete => counts.1 += 1,
            similar::ChangeTag::Equal => {}
        }
    }
    counts
}

/// What else than lines differs, one sentence each: bytes, mode, kind.
fn remarks(file: &FileDiff) -> Vec<String> {
    let mut told = Vec::new();
    if let FileContent::Binary { old, new } = &file.content {
        told.push(format!("binary, {} -> {}", words::bytes(*old), words::bytes(*new)));
    }
    if let (Some(old), Some(new)) = (file.change.old, file.change.new) {
        if file.change.letter() == 'T' {
            let word = super::changed::mode_word;
            told.push(format!("{} -> {}", word(old.mode), word(new.mode)));
        } else if old.mode != new.mode {
            told.push(format!("mode {} -> {}", old.mode.as_str(), new.mode.as_str()));
        }
    }
    told
}

/// A path for people.
fn shown_path(change: &Change) -> String {
    text::line(&change.path)
}

#[cfg(test)]
mod tests;
