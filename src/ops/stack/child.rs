//! The sessions on both sides of a switch: what a child begins with, and what it gives back. Texts and records only.

use jiff::Timestamp;

use crate::context::document::Document;
use crate::context::merge::{merge, merge_shared};
use crate::context::sections::set_section;
use crate::context::standard::{ARCHITECTURE, CURRENT_WORK, SHARED, Standard, new_document};
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

/// The context that a child begins with: what is known of the project is its parent's, the work is its own.
pub(super) fn first_context(
    title: &str,
    task: Option<&str>,
    parent: Option<&str>,
    standard: &Standard,
) -> Result<Option<String>, OpError> {
    if parent.is_none() && task.is_none() {
        return Ok(None);
    }
    let mut text = new_document(title, standard);
    let document = parent.map(Document::parse);
    for name in SHARED.into_iter().chain([ARCHITECTURE]) {
        let Some(document) = &document else { break };
        let Ok(found) = document.find_section(name) else { continue };
        if document.has_content(found.section) {
            let body = document.text()[found.section.body.clone()].to_owned();
            text = set_section(&text, name, body.trim_matches('\n'), standard)?.text;
        }
    }
    if let Some(task) = task {
        text = set_section(&text, CURRENT_WORK, task, standard)?.text;
    }
    Ok(Some(text))
}

/// The parent's context with what the child decided and found; `None` where that changes nothing.
pub(super) fn flow_back(parent: Option<&str>, base: Option<&str>, child: Option<&str>) -> Option<String> {
    let child = child?;
    let Some(parent) = parent else {
        // A parent without a context gets what belongs to the project, in a document of its own.
        let empty = new_document("main", &Standard::default());
        let merged = merge_shared(&empty, &empty, child).text;
        return (merged != empty).then_some(merged);
    };
    let merged = merge_shared(parent, base.unwrap_or(parent), child).text;
    (merged != parent).then_some(merged)
}

/// A context in which a step from one text to another is made: exactly, or merged where it has gone on since.
pub(super) fn stepped(current: Option<&str>, from: Option<&str>, to: Option<&str>) -> Option<String> {
    let (current, to) = (current?, to?);
    let text = if Some(current) == from { to.to_owned() } else { merge(from.unwrap_or_default(), current, to).text };
    (text != current).then_some(text)
}
