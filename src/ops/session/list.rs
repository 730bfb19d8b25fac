//! Lists sessions: the current one first, then those that something happened in last.

use jiff::Timestamp;

use super::standing::{Place, Stacks};
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionDetails, SessionState};
use crate::ops::{OpError, Repo};
use crate::store::session::SessionRecord;
use crate::store::session_roster::{RosterEntry, read_roster};

/// Which sessions to list.
#[derive(Clone, Debug, Default)]
pub struct SessionListRequest {
    /// Archived and cancelled ones too.
    pub all: bool,
    /// Only these; none for all that are not out of the way.
    pub states: Vec<SessionState>,
}

/// A session in a few words.
#[derive(Clone, Debug)]
pub struct ListedSession {
    pub name: Name,
    pub record: SessionRecord,
    pub state: SessionState,
    pub place: Place,
    /// When something happened in it last.
    pub changed: Timestamp,
}

/// The sessions found.
#[derive(Clone, Debug, Default)]
pub struct SessionList {
    pub sessions: Vec<ListedSession>,
    /// Archived or cancelled, and left out.
    pub hidden: u64,
    /// Names of sessions that cannot be read, and why.
    pub damaged: Vec<(String, String)>,
}

/// Lists them.
pub fn list(repo: &Repo, request: &SessionListRequest) -> Result<SessionList, OpError> {
    let mut all = all_sessions(repo)?;
    let is_wanted = |session: &ListedSession| {
        let is_out = matches!(session.state, SessionState::Archived | SessionState::Cancelled);
        if request.states.is_empty() { request.all || !is_out } else { request.states.contains(&session.state) }
    };
    let count = all.sessions.len();
    all.sessions.retain(is_wanted);
    if request.states.is_empty() {
        all.hidden = (count - all.sessions.len()) as u64;
    }
    Ok(all)
}

/// All sessions; `main` is among them even before anything happened in it.
pub(super) fn all_sessions(repo: &Repo) -> Result<SessionList, OpError> {
    let stacks = Stacks::read(repo)?;
    let roster = read_roster(&repo.store)?;
    let mut sessions: Vec<ListedSession> =
        roster.entries.into_iter().filter_map(|entry| listed(&stacks, entry)).collect();
    if !sessions.iter().any(|session| session.name.as_str() == MAIN) {
        sessions.extend(main_before_its_first_event(repo, &stacks));
    }
    let key = |session: &ListedSession| (session.place == Place::Current, session.changed);
    sessions.sort_by(|left, right| key(right).cmp(&key(left)).then_with(|| left.name.cmp(&right.name)));
    let damaged = roster.damaged.into_iter().map(|(name, error)| (name, error.to_string())).collect();
    Ok(SessionList { sessions, hidden: 0, damaged })
}

fn listed(stacks: &Stacks, entry: RosterEntry) -> Option<ListedSession> {
    let name: Name = entry.name.parse().ok()?;
    let standing = stacks.standing(&name, &entry.record.details);
    Some(ListedSession {
        name,
        record: entry.record,
        state: standing.state,
        place: standing.place,
        changed: entry.changed,
    })
}

fn main_before_its_first_event(repo: &Repo, stacks: &Stacks) -> Option<ListedSession> {
    let now = repo.clock.now();
    let name: Name = MAIN.parse().ok()?;
    let details = SessionDetails::default();
    let standing = stacks.standing(&name, &details);
    let record = SessionRecord::new(MAIN, now, details);
    Some(ListedSession { name, record, state: standing.state, place: standing.place, changed: now })
}
