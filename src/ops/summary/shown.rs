//! The lines that were shown last, so that a number is enough to unfold one. A cache: without it the ids still do.

use std::io::Write;
use std::path::PathBuf;

use crate::ops::Repo;
use crate::summary::line::Line;
use crate::sys::atomic;

/// More are not remembered.
const MOST: usize = 2000;

fn path(repo: &Repo) -> PathBuf {
    repo.cache_dir().join("summary.json")
}

/// Remembers lines in the order in which they were numbered. Failing is harmless.
pub(super) fn remember(repo: &Repo, lines: &[Line]) {
    let path = path(repo);
    let lines = &lines[..lines.len().min(MOST)];
    let Ok(bytes) = serde_json::to_vec(lines) else { return };
    let _ = atomic::replace_unsynced(&path, |mut file| file.write_all(&bytes));
}

/// The lines that were shown last; none where that is not known.
pub(super) fn recall(repo: &Repo) -> Vec<Line> {
    let bytes = std::fs::read(path(repo)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
