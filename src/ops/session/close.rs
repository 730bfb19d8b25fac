//! Closes a session: what came of it is looked at first, then its last state is kept, what it learned flows back, and it
//! is complete.

use std::process::Stdio;

use super::checks::{Checked, run_checks};
use super::error::SessionError;
use super::find::{Found, find};
use super::flow_back::flow_back;
use super::portrait::{Portrait, portrait};
use super::standing::{Place, Stacks, check_move, check_place};
use super::switch::{ChainStep, Part, Switch, switch};
use crate::model::checkpoint::CheckpointKind;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::scratch::Scratch;
use crate::model::session::{SessionDetails, SessionState};
use crate::model::stack::Stack;
use crate::ops::capture::scan_within_limits;
use crate::ops::chain;
use crate::ops::context::Synced;
use crate::ops::diff::without_omitted;
use crate::ops::load::lock;
use crate::ops::points::find_session;
use crate::ops::repo::main_session;
use crate::ops::save::{SaveRequest, Saved, save};
use crate::ops::show::read_commit;
use crate::ops::summary::{self, Wish};
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo};
use crate::sys::{clock, fault};

/// What there is to say about a session before it is closed.
#[derive(Debug)]
pub struct Review {
    pub portrait: Portrait,
    /// What changed since the last checkpoint, for the current session: it will be kept.
    pub unsaved: u64,
    pub checks: Vec<Checked>,
}

/// A session that is complete.
#[derive(Debug)]
pub struct Closed {
    pub name: Name,
    pub title: String,
    /// The last checkpoint, where the session was the current one.
    pub saved: Option<Saved>,
    /// The session that its decisions and the like went to.
    pub parent: Name,
    /// Sections of the parent's context that say more now.
    pub merged: Vec<String>,
    pub current: Name,
    pub context: Synced,
}

/// Looks at a session that is to be closed, and refuses where it cannot be. Runs the user's checks where it is
/// told where they print to.
pub fn review(repo: &Repo, typed: Option<&str>, checks: Option<&dyn Fn() -> Stdio>) -> Result<Review, OpError> {
    let stacks = Stacks::read(repo)?;
    let found = find(repo, &stacks, typed)?;
    refuse(&stacks, &found)?;
    let mut portrait = portrait(repo, Some(found.name.as_str()))?;
    let is_current = found.standing.place == Place::Current;
    let unsaved = if is_current { look_at_present_tree(repo, &mut portrait)? } else { 0 };
    let checks = checks.map_or(Ok(Vec::new()), |output| run_checks(repo, output))?;
    Ok(Review { portrait, unsaved, checks })
}

/// What is there now counts, and not only what was saved. Gives the number of paths that no checkpoint has yet.
fn look_at_present_tree(repo: &Repo, portrait: &mut Portrait) -> Result<u64, OpError> {
    let scratch = Scratch::without_blobs(&repo.store);
    let scanned = scan_within_limits(repo, &scratch)?;
    let since = |commit: Option<ObjectId>| {
        let tree = commit.and_then(|commit| read_commit(&repo.store, &commit).ok()).map(|commit| commit.tree);
        let changes = diff_trees(&scratch, tree.as_ref(), Some(&scanned.tree))?;
        Ok::<_, OpError>(without_omitted(changes, &scanned.omissions))
    };
    portrait.set_changes(since(portrait.record.details.base)?);
    let last = portrait.last.as_ref().map(|last| last.summary.id);
    Ok(since(last.or(portrait.record.details.base))?.len() as u64)
}

fn refuse(stacks: &Stacks, found: &Found) -> Result<(), SessionError> {
    check_place(stacks, &found.name, &found.standing, "closed")?;
    check_move(&found.name, &found.standing, SessionState::Complete, "closed")
}

/// Closes it.
pub fn close(repo: &Repo, review: &Review) -> Result<Closed, OpError> {
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    let name = &review.portrait.name;
    let stacks = Stacks::read(repo)?;
    let found = find(repo, &stacks, Some(name.as_str()))?;
    refuse(&stacks, &found)?;
    let is_current = found.standing.place == Place::Current;
    let saved = if is_current { Some(save(repo, &SaveRequest::of_kind(CheckpointKind::Manual))?) } else { None };
    // Before the last step, so that the parent merges the chain as it stays.
    summary::compress(repo, name, Wish::All);
    fault::reach("close.saved");
    let ((parent, merged), context) = switch(repo, &mut || {
        let stacks = Stacks::read(repo)?;
        let found = find(repo, &stacks, Some(name.as_str()))?;
        refuse(&stacks, &found)?;
        plan(repo, &stacks, &found, review)
    })?;
    let title = found.record.title;
    Ok(Closed { name: name.clone(), title, saved, parent, merged, current: repo.session(), context })
}

/// What flows back comes first: a session that is not complete yet is closed once more, and what flowed already is known.
fn plan(
    repo: &Repo,
    stacks: &Stacks,
    found: &Found,
    review: &Review,
) -> Result<(Switch, (Name, Vec<String>)), OpError> {
    let time = repo.clock.now();
    let (back, parent, merged) = step_of_parent(repo, found, time)?;
    let mut parts: Vec<Part> = back.map(|step| Part::Chain(Box::new(step))).into_iter().collect();
    if found.standing.place == Place::Current {
        let mut frames = stacks.own.frames.clone();
        frames.pop();
        parts.push(Part::Stack(Stack { frames }, format!("close {}", found.name)));
    }
    parts.push(Part::Chain(Box::new(last_step(found, review, time))));
    Ok((Switch { parts, time }, (parent, merged)))
}

/// What the parent is told; none where it was deleted and nothing is there to take its place.
fn step_of_parent(
    repo: &Repo,
    found: &Found,
    time: jiff::Timestamp,
) -> Result<(Option<ChainStep>, Name, Vec<String>), OpError> {
    let named = found.record.details.parent.as_deref().and_then(|name| name.parse::<Name>().ok());
    let is_there = |name: &Name| {
        let session = find_session(repo, name)?;
        Ok::<_, OpError>(session.is_some_and(|session| !session.record.details.state.is_closed()))
    };
    let name = match named {
        Some(name) if is_there(&name)? => name,
        _ => main_session(),
    };
    let parent = chain::read_tip_of(repo, name.clone())?.session;
    if found.session.is_none() {
        return Ok((None, name, Vec::new()));
    }
    let flowed = flow_back(repo, found.session.as_ref(), parent.as_ref())?;
    let merged = flowed.sections.clone();
    let title = &found.record.title;
    let mut step = ChainStep::new(name.clone(), format!("session: {title} came back"));
    let event = Event::new(time, EventKind::Return, format!("\"{title}\" was completed"), clock::salt());
    let event = event.with("child", Some(found.name.as_str())).with("outcome", Some("completed"));
    step.events = vec![event.with("sections", (!merged.is_empty()).then(|| merged.clone()))];
    step.context = flowed.context;
    step.files = flowed.files;
    step.merged = Some(found.name.clone());
    Ok((Some(step), name, merged))
}

fn last_step(found: &Found, review: &Review, time: jiff::Timestamp) -> ChainStep {
    let mut step = ChainStep::new(found.name.clone(), "session: completed");
    let said = format!("completed \"{}\"", found.record.title);
    let open = review.portrait.checklist.open.len() as u64;
    let failed = review.checks.iter().filter(|check| check.exit != Some(0)).map(|check| check.name.clone());
    let failed: Vec<String> = failed.collect();
    step.events = vec![
        Event::new(time, EventKind::Session, said, clock::salt())
            .with("state", Some("completed"))
            .with("open_items", (open > 0).then_some(open))
            .with("failed_checks", (!failed.is_empty()).then_some(failed)),
    ];
    step.record = Some(found.with(|details: &mut SessionDetails| {
        details.state = SessionState::Complete;
        details.worktree = None;
        details.closed = Some(time);
    }));
    step
}
