//! Takes sessions away: one by its name, or those that nobody needs any more. `ckpt undo` brings them back.

use jiff::Timestamp;
use regex_lite::Regex;

use super::error::SessionError;
use super::find::find;
use super::list::{ListedSession, all_sessions};
use super::standing::{Place, Stacks};
use crate::model::checkpoint::Summary;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::operation::{OperationVerb, RefChange};
use crate::model::session::{MAIN, SessionState};
use crate::ops::label::{LogOrder, lock_worktree, publish, record};
use crate::ops::points::{self, CHECKPOINT_REFS};
use crate::ops::{OpError, Repo, chain};
use crate::store::session::REFS;
use crate::sys::fault;

/// A session that is gone; its checkpoints stay.
#[derive(Clone, Debug)]
pub struct Deleted {
    pub name: Name,
    pub title: String,
    /// How many checkpoints it leaves.
    pub checkpoints: u64,
}

/// Deletes a session that no stack holds.
pub fn delete(repo: &Repo, typed: &str) -> Result<Deleted, OpError> {
    let _lock = lock_worktree(repo)?;
    let _queue = chain::queue(repo, chain::PATIENCE)?;
    let stacks = Stacks::read(repo)?;
    let found = find(repo, &stacks, Some(typed))?;
    refuse_on_stack(&found.name, &found.standing.place)?;
    let Some(session) = &found.session else { return Err(SessionError::Main { wanted: "deleted" }.into()) };
    let change = gone(format!("{REFS}{}", found.name), session.tip);
    let description = format!("session delete {}", found.name);
    fault::reach("delete.before-refs");
    publish(repo, &record(repo, OperationVerb::Drop, description, vec![change]), LogOrder::First)?;
    let own = points_of(repo, &[found.name.as_str()])?;
    Ok(Deleted { name: found.name, title: found.record.title, checkpoints: own.len() as u64 })
}

fn gone(name: String, id: ObjectId) -> RefChange {
    RefChange { name, old: Some(id), new: None }
}

fn refuse_on_stack(name: &Name, place: &Place) -> Result<(), SessionError> {
    let wanted = "deleted";
    if name.as_str() == MAIN {
        return Err(SessionError::Main { wanted });
    }
    match place {
        Place::Away => Ok(()),
        Place::Current => Err(SessionError::OnStack { name: name.clone(), wanted }),
        Place::Interrupted { by } => Err(SessionError::Interrupted { name: name.clone(), by: by.clone(), wanted }),
        Place::Elsewhere { worktree, .. } => {
            Err(SessionError::ActiveElsewhere { name: name.clone(), worktree: worktree.clone(), wanted })
        }
    }
}

/// All checkpoints of these sessions, those taken for safety included.
fn points_of(repo: &Repo, names: &[&str]) -> Result<Vec<Summary>, OpError> {
    let mut points = points::all_points(repo)?.points;
    points.retain(|summary| names.contains(&summary.session.as_str()));
    Ok(points)
}

/// Which sessions are to go.
#[derive(Clone, Debug, Default)]
pub struct CleanupRequest {
    /// Nothing happened in them since.
    pub before: Option<Timestamp>,
    /// For their names: `*` is any text, `?` any character.
    pub pattern: Option<String>,
    /// Only these states; none for all that are closed.
    pub states: Vec<SessionState>,
    /// Their checkpoints stay.
    pub keep_checkpoints: bool,
}

/// A session that would go.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub listed: ListedSession,
    tip: ObjectId,
    /// Checkpoints that would go with it.
    pub checkpoints: Vec<ObjectId>,
    /// Checkpoints that stay because they have names.
    pub named: u64,
    /// What it alone takes in the repository, compressed; `None` where that could not be told.
    pub bytes: Option<u64>,
}

/// Sessions that were cleaned up, as one operation.
#[derive(Clone, Debug, Default)]
pub struct CleanedUp {
    pub names: Vec<Name>,
    pub checkpoints: u64,
    pub bytes: u64,
}

/// What a clean-up would take away.
pub fn candidates(repo: &Repo, request: &CleanupRequest) -> Result<Vec<Candidate>, OpError> {
    const CLOSED: [SessionState; 3] = [SessionState::Complete, SessionState::Archived, SessionState::Cancelled];
    if let Some(&state) = request.states.iter().find(|state| **state == SessionState::Active) {
        return Err(SessionError::StillOpen { state }.into());
    }
    let states = if request.states.is_empty() { &CLOSED[..] } else { &request.states };
    let pattern = request.pattern.as_deref().map(read_pattern).transpose()?;
    let is_wanted = |session: &ListedSession| {
        session.name.as_str() != MAIN
            && session.place == Place::Away
            && states.contains(&session.state)
            && request.before.is_none_or(|before| session.changed <= before)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(session.name.as_str()))
    };
    let wanted = all_sessions(repo)?.sessions.into_iter().filter(is_wanted);
    let points = if request.keep_checkpoints { Vec::new() } else { points::all_points(repo)?.points };
    let names = points::names_by_id(repo)?;
    let mut found = Vec::new();
    for listed in wanted {
        let Some(tip) = repo.store.find_ref(&format!("{REFS}{}", listed.name))? else { continue };
        let own = points.iter().filter(|summary| summary.session == listed.name.as_str()).map(|summary| summary.id);
        let (named, free): (Vec<_>, Vec<_>) = own.partition(|id| names.contains_key(id));
        let mut objects = free.clone();
        objects.push(tip);
        let bytes = repo.store.size_of_alone(&objects).ok();
        found.push(Candidate { listed, tip, checkpoints: free, named: named.len() as u64, bytes });
    }
    Ok(found)
}

/// `*` is any text and `?` any character; every other character is itself.
fn read_pattern(pattern: &str) -> Result<Regex, SessionError> {
    let bad = |problem: String| SessionError::BadPattern { pattern: pattern.to_owned(), problem };
    if pattern.is_empty() {
        return Err(bad("it is empty".to_owned()));
    }
    let mut expression = "^(?s)".to_owned();
    for one in pattern.chars() {
        match one {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            other => expression.push_str(&regex_lite::escape(&other.to_string())),
        }
    }
    Regex::new(&(expression + "$")).map_err(|error| bad(error.to_string()))
}

/// Takes the candidates away, all in one operation of the log. One that moved since stays, and so do all others.
pub fn clean_up(repo: &Repo, candidates: &[Candidate]) -> Result<CleanedUp, OpError> {
    if candidates.is_empty() {
        return Ok(CleanedUp::default());
    }
    let _lock = lock_worktree(repo)?;
    let _queue = chain::queue(repo, chain::PATIENCE)?;
    let stacks = Stacks::read(repo)?;
    let mut changes = Vec::new();
    for candidate in candidates {
        let name = &candidate.listed.name;
        let standing = stacks.standing(name, &candidate.listed.record.details);
        refuse_on_stack(name, &standing.place)?;
        changes.push(gone(format!("{REFS}{name}"), candidate.tip));
        changes.extend(candidate.checkpoints.iter().map(|id| gone(format!("{CHECKPOINT_REFS}{id}"), *id)));
    }
    let names: Vec<Name> = candidates.iter().map(|candidate| candidate.listed.name.clone()).collect();
    let said: Vec<&str> = names.iter().map(Name::as_str).take(5).collect();
    let more = if names.len() > said.len() { format!(" and {} more", names.len() - said.len()) } else { String::new() };
    let description = format!("session cleanup {}{more}", said.join(" "));
    publish(repo, &record(repo, OperationVerb::Drop, description, changes), LogOrder::First)?;
    Ok(CleanedUp {
        names,
        checkpoints: candidates.iter().map(|candidate| candidate.checkpoints.len() as u64).sum(),
        bytes: candidates.iter().filter_map(|candidate| candidate.bytes).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_for_the_whole_name() {
        let fits = |pattern: &str, name: &str| read_pattern(pattern).unwrap().is_match(name);
        assert!(fits("feature-*", "feature-login") && fits("*", "x") && fits("a.b", "a.b") && fits("v?", "v1"));
        assert!(!fits("feature-*", "my-feature-1") && !fits("a.b", "axb") && !fits("v?", "v10"));
        assert!(read_pattern("").is_err());
    }
}
