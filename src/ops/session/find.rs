//! Finds the session that a user means: by its name, or by its title.

use super::error::SessionError;
use super::naming::name_of_title;
use super::standing::{Stacks, Standing};
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionDetails};
use crate::ops::chain::{self, Tip};
use crate::ops::points;
use crate::ops::{OpError, Repo};
use crate::store::session::{Session, SessionRecord};

/// A session with all that its tip says.
pub(crate) struct Found {
    pub(crate) name: Name,
    /// `None` for `main` before anything happened in it.
    pub(crate) session: Option<Session>,
    pub(crate) record: SessionRecord,
    pub(crate) standing: Standing,
}

impl Found {
    /// The record with other details.
    pub(super) fn with(&self, change: impl FnOnce(&mut SessionDetails)) -> SessionRecord {
        let mut record = self.record.clone();
        change(&mut record.details);
        record
    }
}

/// The session of that name or title; the current one where none is named.
pub(crate) fn find(repo: &Repo, stacks: &Stacks, typed: Option<&str>) -> Result<Found, OpError> {
    let Some(typed) = typed else { return found(repo, stacks, chain::read_tip_of(repo, stacks.current())?) };
    let by_name: Option<Name> = typed.parse().ok();
    for name in by_name.into_iter().chain(name_of_title(typed)) {
        let tip = chain::read_tip_of(repo, name)?;
        if tip.id.is_some() || tip.name.as_str() == MAIN {
            return found(repo, stacks, tip);
        }
    }
    let nearest = points::nearest_sessions(repo, typed)?;
    Err(OpError::UnknownSession { session: typed.to_owned(), nearest })
}

/// The session of exactly this name, where it exists.
pub(crate) fn find_named(repo: &Repo, stacks: &Stacks, name: &Name) -> Result<Option<Found>, OpError> {
    let tip = chain::read_tip_of(repo, name.clone())?;
    if tip.id.is_none() && name.as_str() != MAIN {
        return Ok(None);
    }
    found(repo, stacks, tip).map(Some)
}

fn found(repo: &Repo, stacks: &Stacks, tip: Tip) -> Result<Found, OpError> {
    if tip.broken().is_some() {
        return Err(SessionError::Damaged { name: tip.name }.into());
    }
    let Tip { name, session, .. } = tip;
    let record = match &session {
        Some(session) => session.record.clone(),
        None => SessionRecord::new(name.as_str(), repo.clock.now(), SessionDetails::default()),
    };
    let standing = stacks.standing(&name, &record.details);
    Ok(Found { name, session, record, standing })
}
