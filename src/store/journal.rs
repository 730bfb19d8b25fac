//! The journal of events: a buffer for what happens often, one append each, until a save or a word takes it into the
//! session's chain.
//!
//! Appended to by whatever hears of an event (hooks among others), folded by `ops/`. It names no ref and no object.

use super::{Layout, StoreError};
use crate::model::event::Event;
use crate::model::name::Name;

/// Adds an event to the journal of a session: one write, whatever the length of the history.
///
/// Needs no lock that a save holds. The event is part of the history from now on, and of the chain after the next fold.
pub fn append(layout: &Layout, session: &Name, event: &Event) -> Result<(), StoreError> {
    let _ = (layout, session, event);
    todo!("the first commit holds the contract alone")
}

/// The events that wait in the journal of a session, oldest first; those of an interrupted fold are among them.
pub fn read(layout: &Layout, session: &Name) -> Result<Vec<Event>, StoreError> {
    let _ = (layout, session);
    todo!("the first commit holds the contract alone")
}
