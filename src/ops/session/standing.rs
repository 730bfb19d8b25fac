//! Where a session stands: what its record says, read together with the stacks of the work trees.
//!
//! The stacks go first. A record that says active while no stack holds the session was left by a work tree that is gone,
//! or by a process that died: it counts as paused.

use std::collections::BTreeMap;

use super::error::SessionError;
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionDetails, SessionState};
use crate::model::stack::{FrameKind, Stack};
use crate::ops::repo::main_session;
use crate::ops::{OpError, Repo};
use crate::store::{linked_worktree, stack};

/// Where a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the current one of this work tree.
    Current,
    /// It waits on this work tree's stack for a session above it, which is named.
    Interrupted { by: Name },
    /// It is on the stack of another work tree, whose key this is; empty for the main one.
    Elsewhere { worktree: String, is_on_top: bool },
    /// It is on no stack.
    Away,
}

/// State and place of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: SessionState,
    pub place: Place,
}

/// The stack of this work tree.
pub(crate) fn read_own(repo: &Repo) -> Result<Stack, OpError> {
    Ok(match repo.store.find_ref(stack::REF)? {
        Some(tip) => stack::read(&repo.store, &tip)?,
        None => Stack::default(),
    })
}

/// The stacks of all work trees that are there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stacks {
    pub(crate) own: Stack,
    /// By key; only those that hold something.
    others: BTreeMap<String, Stack>,
}

impl Stacks {
    /// Reads them. Another work tree's that cannot be read counts for none.
    pub(crate) fn read(repo: &Repo) -> Result<Stacks, OpError> {
        let own = read_own(repo)?;
        let here = &repo.store.layout().worktree_key;
        let read = |key: String| {
            let tip = repo.store.find_ref_of_worktree(&key, stack::REF).ok()??;
            let stack = stack::read(&repo.store, &tip).ok()?;
            (!stack.frames.is_empty()).then_some((key, stack))
        };
        let keys = linked_worktree::keys(&repo.store).into_iter().filter(|key| key != here);
        Ok(Stacks { own, others: keys.filter_map(read).collect() })
    }

    /// The current session of this work tree.
    pub(crate) fn current(&self) -> Name {
        self.own.current().cloned().unwrap_or_else(main_session)
    }

    fn place(&self, name: &Name) -> Place {
        if *name == self.current() {
            return Place::Current;
        }
        if let Some(at) = self.own.frames.iter().position(|frame| frame.session == *name) {
            return Place::Interrupted { by: self.own.frames[at + 1].session.clone() };
        }
        if name.as_str() == MAIN {
            return match self.own.frames.first() {
                Some(frame) if frame.kind != FrameKind::Start => Place::Interrupted { by: frame.session.clone() },
                _ => Place::Away,
            };
        }
        let other = self.others.iter().find(|(_, stack)| stack.holds(name));
        other.map_or(Place::Away, |(worktree, stack)| Place::Elsewhere {
            worktree: worktree.clone(),
            is_on_top: stack.current() == Some(name),
        })
    }

    /// State and place of a session with this record.
    pub(crate) fn standing(&self, name: &Name, details: &SessionDetails) -> Standing {
        let place = self.place(name);
        let state = match &place {
            _ if name.as_str() == MAIN => SessionState::Active,
            Place::Current | Place::Elsewhere { is_on_top: true, .. } => SessionState::Active,
            Place::Interrupted { .. } | Place::Elsewhere { .. } => SessionState::Paused,
            Place::Away if details.state == SessionState::Active => SessionState::Paused,
            Place::Away => details.state,
        };
        Standing { state, place }
    }

    /// The session below the current one, which is the one that its work flows back to.
    pub(crate) fn below(&self) -> Name {
        let count = self.own.frames.len();
        match count.checked_sub(2) {
            Some(at) => self.own.frames[at].session.clone(),
            None => main_session(),
        }
    }

    /// Refuses where the present tree cannot be given to another session: somebody waits for the current one to return.
    pub(crate) fn refuse_nested(&self, wanted: &'static str) -> Result<(), SessionError> {
        match self.own.frames.last() {
            Some(frame) if frame.kind != FrameKind::Start => {
                let (name, below) = (frame.session.clone(), self.below());
                Err(SessionError::Nested { name, below, wanted })
            }
            _ => Ok(()),
        }
    }
}

/// Refuses a move that the state does not allow. `wanted` is the participle of the verb.
pub(super) fn check_move(
    name: &Name,
    standing: &Standing,
    next: SessionState,
    wanted: &'static str,
) -> Result<(), SessionError> {
    if standing.state.can_become(next) {
        return Ok(());
    }
    Err(SessionError::WrongMove { name: name.clone(), state: standing.state, wanted })
}

/// Refuses what would pull a session off a stack on which others count on it. The current one may go if it interrupted
/// nobody.
pub(super) fn check_place(
    stacks: &Stacks,
    name: &Name,
    standing: &Standing,
    wanted: &'static str,
) -> Result<(), SessionError> {
    if name.as_str() == MAIN {
        return Err(SessionError::Main { wanted });
    }
    let name = name.clone();
    match &standing.place {
        Place::Away => Ok(()),
        Place::Current => match stacks.own.frames.last() {
            Some(frame) if frame.kind != FrameKind::Start => {
                Err(SessionError::Interrupting { name, below: stacks.below(), wanted })
            }
            _ => Ok(()),
        },
        Place::Interrupted { by } => Err(SessionError::Interrupted { name, by: by.clone(), wanted }),
        Place::Elsewhere { worktree, .. } => {
            Err(SessionError::ActiveElsewhere { name, worktree: worktree.clone(), wanted })
        }
    }
}
