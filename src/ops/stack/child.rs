//! The sessions on both sides of a switch, and what their chains are told of it.

use crate::model::event::{Event, EventKind};
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionDetails, SessionState};
use crate::ops::session::naming::in_quotes;
use crate::ops::session::switch::ChainStep;
use crate::ops::{OpError, Repo, chain};
use crate::store::session::{Session, SessionRecord};
use crate::sys::clock;

/// A session with its record, made up for `main` before anything happened in it.
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) session: Option<Session>,
    pub(super) record: SessionRecord,
}

impl Member {
    pub(super) fn read(repo: &Repo, name: Name) -> Result<Member, OpError> {
        let tip = chain::read_tip_of(repo, name)?;
        let (name, session) = (tip.name, tip.session);
        let record = match &session {
            Some(session) => session.record.clone(),
            None => SessionRecord::new(name.as_str(), repo.clock.now(), SessionDetails::default()),
        };
        Ok(Member { name, session, record })
    }

    /// What people call it.
    pub(super) fn title(&self) -> &str {
        &self.record.title
    }

    /// A step of its chain that gives it this state, with a line that says so.
    pub(super) fn becomes(&self, repo: &Repo, state: SessionState, subject: String) -> ChainStep {
        let mut step = ChainStep::new(self.name.clone(), subject);
        if self.name.as_str() == MAIN {
            return step;
        }
        let mut record = self.record.clone();
        record.details.state = state;
        record.details.worktree = (state == SessionState::Active).then(|| repo.store.layout().worktree_key.clone());
        record.details.closed = state.is_closed().then(|| repo.clock.now());
        step.record = Some(record);
        step
    }
}

/// An event of this moment.
pub(super) fn event(repo: &Repo, kind: EventKind, text: impl Into<String>) -> Event {
    Event::new(repo.clock.now(), kind, text, clock::salt())
}

/// The line of a session's history that tells of its state.
pub(super) fn state_event(repo: &Repo, word: &str, text: String) -> Event {
    event(repo, EventKind::Session, text).with("state", Some(word.to_owned()))
}

/// The step that tells a parent's chain of the child (name and title) that it was left for.
pub(super) fn left(repo: &Repo, parent: &Name, (child, title): (&Name, &str), branch: Option<String>) -> ChainStep {
    let title = in_quotes(title);
    let event = event(repo, EventKind::Branch, format!("left for {title}"));
    let mut step = ChainStep::new(parent.clone(), format!("branch: left for {title}"));
    step.events.push(event.with("child", Some(child.to_string())).with("child_branch", branch));
    step
}
