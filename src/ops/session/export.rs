//! The whole history of a session, for a file that others can read: all events, all checkpoints, the documents as they
//! are last.

use std::io::Write;
use std::path::Path;

use super::error::SessionError;
use super::portrait::{Portrait, portrait};
use crate::model::checkpoint::{CheckpointKind, Summary};
use crate::model::event::Event;
use crate::ops::points::{self, find_session};
use crate::ops::{OpError, Repo};
use crate::store::{StoreError, journal, session_events};

/// Everything of a session.
#[derive(Debug)]
pub struct History {
    pub portrait: Portrait,
    /// Oldest first.
    pub events: Vec<Event>,
    /// Oldest first, those taken for safety left out.
    pub points: Vec<Summary>,
    pub context: Option<String>,
    pub checklist: Option<String>,
}

/// Reads it; of the current session where none is named.
pub fn history(repo: &Repo, typed: Option<&str>) -> Result<History, OpError> {
    let portrait = portrait(repo, typed)?;
    let name = &portrait.name;
    let waiting = journal::read(repo.store.layout(), name)?;
    let session = find_session(repo, name)?;
    let mut events = match &session {
        Some(session) => session_events::events(&repo.store, session).collect::<Result<Vec<_>, StoreError>>()?,
        None => Vec::new(),
    };
    let is_new = |event: &Event| !events.contains(event);
    let new: Vec<Event> = waiting.into_iter().filter(is_new).collect();
    events.extend(new);
    let mut points = points::all_points(repo)?.points;
    points.retain(|summary| summary.session == name.as_str() && summary.kind != CheckpointKind::Safety);
    points.sort_by(|left, right| points::newer_first(right, left));
    let read = |path: &str| session.as_ref().and_then(|session| session.text(&repo.store, path).ok().flatten());
    let (context, checklist) = (read("context.md"), read("checklist.md"));
    Ok(History { portrait, events, points, context, checklist })
}

/// Writes a file that was not there.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SessionError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => SessionError::ExportExists { path: path.to_owned() },
        _ => SessionError::ExportFailed { path: path.to_owned(), source },
    };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|source| {
        // Half a history is none.
        let _ = std::fs::remove_file(path);
        SessionError::ExportFailed { path: path.to_owned(), source }
    })
}
