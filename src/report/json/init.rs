//! `ckpt.init/1` and `ckpt.uninit/1`.

use serde::Serialize;

use super::words::SyncedRow;
use crate::ops::context::initialise::{Initialised, Uninitialised};

/// `ckpt.init/1`: what was made, or would be.
#[derive(Debug, Serialize)]
pub struct InitDocument<'a> {
    /// `ckpt.init/1`.
    pub schema: &'static str,
    pub dry_run: bool,
    /// It had been done before, and nothing was.
    pub already: bool,
    /// The file, from the root of the work tree.
    pub path: &'a str,
    /// The file was there before, and is kept.
    pub adopted: bool,
    /// Folders that were made, the innermost first.
    pub folders: &'a [String],
    /// The line that `.git/info/exclude` got.
    pub exclude_line: Option<&'a str>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

impl<'a> InitDocument<'a> {
    pub fn of(done: &'a Initialised) -> InitDocument<'a> {
        InitDocument {
            schema: "ckpt.init/1",
            dry_run: done.dry_run,
            already: done.already,
            path: &done.file,
            adopted: done.adopted,
            folders: &done.folders,
            exclude_line: done.exclude_line.as_deref(),
            synced: SyncedRow::of(&done.synced),
        }
    }
}

/// `ckpt.uninit/1`: what was taken back.
#[derive(Debug, Serialize)]
pub struct UninitDocument<'a> {
    /// `ckpt.uninit/1`.
    pub schema: &'static str,
    /// The file; `null` where there was nothing to take back.
    pub path: Option<&'a str>,
    /// The file stays: it was there before `init`, or is not what ckpt wrote.
    pub kept: bool,
    /// The line that was taken out of `.git/info/exclude`.
    pub exclude_line: Option<&'a str>,
    /// Files in other work trees that were edited, and stay.
    pub left: &'a [String],
    pub edited: &'a [String],
    pub warnings: &'a [String],
}

impl<'a> UninitDocument<'a> {
    pub fn of(done: &'a Uninitialised) -> UninitDocument<'a> {
        UninitDocument {
            schema: "ckpt.uninit/1",
            path: done.file.as_deref(),
            kept: done.kept,
            exclude_line: done.exclude_line.as_deref(),
            left: &done.left,
            edited: &done.synced.edited,
            warnings: &done.synced.warnings,
        }
    }
}
