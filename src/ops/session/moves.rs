//! The moves of a session that need no more than a word: pause, resume, cancel, archive.

use jiff::Timestamp;

use super::find::{Found, find, find_named};
use super::standing::{Place, Stacks, check_move, check_place};
use super::switch::{ChainStep, Part, Switch, switch};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionState};
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::context::Synced;
use crate::ops::load::lock;
use crate::ops::{OpError, Repo};
use crate::sys::clock;

/// A session that moved.
#[derive(Clone, Debug)]
pub struct Moved {
    pub name: Name,
    pub title: String,
    pub from: SessionState,
    pub to: SessionState,
    /// The current session of this work tree from now on.
    pub current: Name,
    /// The session that was left for this one.
    pub paused: Option<Name>,
    /// The git branch that it was given, where HEAD is elsewhere.
    pub branch_elsewhere: Option<String>,
    /// Its last checkpoint, for a resumed one.
    pub latest: Option<ObjectId>,
    /// It was so already.
    pub unchanged: bool,
    pub context: Synced,
}

/// What becomes of a session, and how that is said.
#[derive(Clone, Copy, Debug)]
struct Verb {
    to: SessionState,
    /// Such as `paused`: in errors, events and subjects.
    participle: &'static str,
}

/// Leaves the current session for later.
pub fn pause(repo: &Repo) -> Result<Moved, OpError> {
    leave(repo, None, Verb { to: SessionState::Paused, participle: "paused" })
}

/// Gives a session up: the current one where none is named.
pub fn cancel(repo: &Repo, typed: Option<&str>) -> Result<Moved, OpError> {
    leave(repo, typed, Verb { to: SessionState::Cancelled, participle: "cancelled" })
}

/// Puts a closed session out of the way of lists.
pub fn archive(repo: &Repo, typed: &str) -> Result<Moved, OpError> {
    leave(repo, Some(typed), Verb { to: SessionState::Archived, participle: "archived" })
}

fn leave(repo: &Repo, typed: Option<&str>, verb: Verb) -> Result<Moved, OpError> {
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    let stacks = Stacks::read(repo)?;
    let name = find(repo, &stacks, typed)?.name;
    let (found, context) = switch(repo, &mut || {
        let stacks = Stacks::read(repo)?;
        let found = find(repo, &stacks, Some(name.as_str()))?;
        check_place(&stacks, &found.name, &found.standing, verb.participle)?;
        check_move(&found.name, &found.standing, verb.to, verb.participle)?;
        let time = repo.clock.now();
        let mut parts = Vec::new();
        if found.standing.place == Place::Current {
            parts.push(Part::Stack(Stack::default(), format!("{} {}", verb.participle, found.name)));
        }
        parts.push(Part::Chain(Box::new(step(&found, verb, time))));
        Ok((Switch { parts, time }, found))
    })?;
    Ok(Moved {
        name: found.name,
        title: found.record.title,
        from: found.standing.state,
        to: verb.to,
        current: repo.session(),
        paused: None,
        branch_elsewhere: None,
        latest: found.record.latest,
        unchanged: false,
        context,
    })
}

/// What the chain is told of a move.
fn step(found: &Found, verb: Verb, time: Timestamp) -> ChainStep {
    let mut step = ChainStep::new(found.name.clone(), format!("session: {}", verb.participle));
    let said = format!("{} \"{}\"", verb.participle, found.record.title);
    step.events = vec![Event::new(time, EventKind::Session, said, clock::salt()).with("state", Some(verb.participle))];
    step.record = Some(found.with(|details| {
        details.state = verb.to;
        if verb.to != SessionState::Active {
            details.worktree = None;
        }
        details.closed = if verb.to.is_closed() { details.closed.or(Some(time)) } else { None };
    }));
    step
}

/// The step that pauses the current session because another one takes its place; none for `main`.
pub(super) fn paused_part(repo: &Repo, stacks: &Stacks, next: &Name, time: Timestamp) -> Result<Option<Part>, OpError> {
    let current = stacks.current();
    if current.as_str() == MAIN || current == *next {
        return Ok(None);
    }
    let Some(found) = find_named(repo, stacks, &current)? else { return Ok(None) };
    let step = step(&found, Verb { to: SessionState::Paused, participle: "paused" }, time);
    Ok(Some(Part::Chain(Box::new(step))))
}

/// Takes a session up again, in the tree as it is. For who holds the lock of the work tree.
pub(super) fn resume(repo: &Repo, name: &Name) -> Result<Moved, OpError> {
    const RESUMED: Verb = Verb { to: SessionState::Active, participle: "resumed" };
    let before = Stacks::read(repo)?;
    let found = find(repo, &before, Some(name.as_str()))?;
    let paused = Some(before.current()).filter(|current| current.as_str() != MAIN && current != name);
    let branch_elsewhere = branch_elsewhere(repo, &found)?;
    if found.standing.place == Place::Current {
        return Ok(Moved {
            name: found.name,
            title: found.record.title,
            from: SessionState::Active,
            to: SessionState::Active,
            current: name.clone(),
            paused: None,
            branch_elsewhere,
            latest: found.record.latest,
            unchanged: true,
            context: Synced::default(),
        });
    }
    let (found, context) = switch(repo, &mut || {
        let stacks = Stacks::read(repo)?;
        let found = find(repo, &stacks, Some(name.as_str()))?;
        check_place(&stacks, name, &found.standing, RESUMED.participle)?;
        stacks.refuse_nested(RESUMED.participle)?;
        check_move(name, &found.standing, RESUMED.to, RESUMED.participle)?;
        let time = repo.clock.now();
        let mut step = step(&found, RESUMED, time);
        if let Some(record) = &mut step.record {
            record.details.worktree = Some(repo.store.layout().worktree_key.clone());
        }
        let frame = Frame { session: name.clone(), kind: FrameKind::Start, pushed: time, below: None };
        let stack = Part::Stack(Stack { frames: vec![frame] }, format!("resume {name}"));
        let paused = paused_part(repo, &stacks, name, time)?;
        let parts = [Part::Chain(Box::new(step)), stack].into_iter().chain(paused).collect();
        Ok((Switch { parts, time }, found))
    })?;
    Ok(Moved {
        name: found.name,
        title: found.record.title,
        from: found.standing.state,
        to: RESUMED.to,
        current: name.clone(),
        paused,
        branch_elsewhere,
        latest: found.record.latest,
        unchanged: false,
        context,
    })
}

/// Takes a session up again by its name or title.
pub fn take_up(repo: &Repo, typed: &str) -> Result<Moved, OpError> {
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    let stacks = Stacks::read(repo)?;
    let found = find(repo, &stacks, Some(typed))?;
    if found.name.as_str() == MAIN && found.standing.place != Place::Current {
        return Err(super::error::SessionError::Main { wanted: "resumed" }.into());
    }
    resume(repo, &found.name)
}

fn branch_elsewhere(repo: &Repo, found: &Found) -> Result<Option<String>, OpError> {
    let head = repo.store.head()?;
    let branch = found.record.details.branch.clone();
    Ok(branch.filter(|branch| head.branch_name() != Some(branch.as_str())))
}
