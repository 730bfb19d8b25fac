//! The sessions on both sides of a switch: what a child begins with, and what it gives back. Texts and records only.

use jiff::Timestamp;

use crate::context::merge::{merge, merge_shared};
use crate::context::standard::{Standard, new_document};
use crate::model::event::{Event, EventKind};
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionDetails, SessionState};
use crate::ops::session::switch::ChainStep;
use crate::ops::{OpError, Repo, chain};
use crate::store::session::{CONTEXT, Session, SessionRecord};
use crate::sys::clock;

/// A session with its record, made up for `main` before anything happened in it.
pub(super) struct Member {
    pub(super) name: Name,
    pub(super) session: Option<Session>,
    pub(super) record: SessionRecord,
    /// The text of its context.
    pub(super) context: Option<String>,
}

impl Member {
    pub(super) fn read(repo: &Repo, name: Name) -> Result<Member, OpError> {
        let tip = chain::read_tip_of(repo, name)?;
        let (name, session) = (tip.name, tip.session);
        let record = match &session {
            Some(session) => session.record.clone(),
            None => SessionRecord::new(name.as_str(), repo.clock.now(), SessionDetails::default()),
        };
        let context = session.as_ref().map(|session| session.text(&repo.store, CONTEXT)).transpose()?.flatten();
        Ok(Member { name, session, record, context })
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

/// The record of a new session.
pub(super) fn new_record(title: &str, now: Timestamp, details: SessionDetails) -> SessionRecord {
    SessionRecord::new(&title.split_whitespace().collect::<Vec<_>>().join(" "), now, details)
}

/// The parent's context with what the child decided and found; `None` where that changes nothing.
pub(super) fn flow_back(parent: Option<&str>, base: Option<&str>, child: Option<&str>) -> Option<String> {
    let child = child?;
    // A parent without a context gets what belongs to the project, in a document of its own.
    let empty = new_document(MAIN, &Standard::default());
    let own = parent.unwrap_or(&empty);
    let merged = merge_shared(own, base.unwrap_or(own), child).text;
    (merged != own).then_some(merged)
}

/// A context in which a step from one text to another is made: exactly, or merged where it has gone on since.
pub(super) fn stepped(current: Option<&str>, from: Option<&str>, to: Option<&str>) -> Option<String> {
    let (current, to) = (current?, to?);
    let text = if Some(current) == from { to.to_owned() } else { merge(from.unwrap_or_default(), current, to).text };
    (text != current).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "# P\n\n## Current Work\n\nmine\n\n## Recent Decisions\n\n- one\n";

    #[test]
    fn decisions_flow_back_and_current_work_does_not() {
        let child = PARENT.replace("mine", "other").replace("- one\n", "- one\n- two\n");
        let back = flow_back(Some(PARENT), Some(PARENT), Some(&child)).unwrap();
        assert_eq!(back, PARENT.replace("- one\n", "- one\n- two\n"));
        assert_eq!(flow_back(Some(&back), Some(PARENT), Some(&child)), None);
        assert_eq!(flow_back(Some(PARENT), Some(PARENT), None), None);
        let seed = new_document("child", &Standard::default());
        let decided = seed.replace("## Recent Decisions\n", "## Recent Decisions\n\n- two\n");
        assert!(flow_back(None, Some(&seed), Some(&decided)).unwrap().contains("- two"));
    }

    #[test]
    fn a_step_is_made_exactly_where_nobody_has_gone_on() {
        let after = PARENT.replace("- one\n", "- one\n- two\n");
        assert_eq!(stepped(Some(&after), Some(&after), Some(PARENT)).as_deref(), Some(PARENT));
        let gone_on = after.replace("mine", "changed");
        let back = stepped(Some(&gone_on), Some(&after), Some(PARENT)).unwrap();
        assert!(back.contains("changed") && !back.contains("- two"), "{back}");
        assert_eq!(stepped(Some(PARENT), Some(&after), Some(PARENT)), None);
    }
}
