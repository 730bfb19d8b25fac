//! Events in the chain of a session, and the commits that words add to it.

use bstr::BString;
use jiff::Timestamp;

use super::StoreError;
use super::session::Session;
use crate::model::commit::Identity;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectReader, ObjectWriter};

/// What one commit adds to a session.
#[derive(Clone, Debug)]
pub struct SessionChanges<'a> {
    /// Name of the session, for a new one.
    pub session: &'a str,
    pub time: Timestamp,
    /// A readable sentence.
    pub subject: &'a str,
    /// Lines for `events/`, as they are to stand there.
    pub lines: &'a [BString],
    /// Files of the session's tree by path, such as `context.md`; `None` removes one.
    pub files: &'a [(BString, Option<Vec<u8>>)],
}

/// Adds one commit to a session (a new one when `session` is `None`); the new tip.
pub fn append_events(
    reader: &dyn ObjectReader,
    writer: &dyn ObjectWriter,
    identity: &Identity,
    session: Option<&Session>,
    changes: &SessionChanges<'_>,
) -> Result<ObjectId, StoreError> {
    let _ = (reader, writer, identity, session, changes);
    todo!("the first commit holds the contract alone")
}

/// The events in the chain of a session, oldest first. What waits in the journal comes after them.
pub fn events<'a>(
    reader: &'a dyn ObjectReader,
    session: &Session,
) -> Result<impl Iterator<Item = Result<Event, StoreError>> + 'a, StoreError> {
    let _ = (reader, session);
    Ok(std::iter::empty())
}
