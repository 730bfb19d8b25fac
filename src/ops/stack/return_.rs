//! Comes back to the work that was left: the child's state is saved, and everything is as it was.

use super::child::{self, Member};
use super::merge::{self, MergeReport, Moved};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Snapshot};
use crate::model::event::EventKind;
use crate::model::head::short_branch;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::operation::OperationVerb;
use crate::model::session::SessionState;
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::load::job::Errand;
use crate::ops::load::{Loaded, lock, prepare};
use crate::ops::repo::main_session;
use crate::ops::session::flow_back::{Flowed, flow_back};
use crate::ops::session::shift::{self, Shift};
use crate::ops::session::standing::read_own;
use crate::ops::session::switch::{self, ChainStep, Part};
use crate::ops::show::{Shown, show_checkpoint};
use crate::ops::stack::error::StackError;
use crate::ops::summary::{self, Wish};
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo};
use crate::store::checkpoint::{read_checkpoint, read_summary};
use crate::store::{Written, linked_worktree};

/// What becomes of the child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Its work is done.
    #[default]
    Completed,
    /// It is taken up again later.
    Kept,
    /// It was given up.
    Discarded,
}

impl Outcome {
    /// The state that it leaves the child in.
    pub const fn state(self) -> SessionState {
        match self {
            Outcome::Completed => SessionState::Complete,
            Outcome::Kept => SessionState::Paused,
            Outcome::Discarded => SessionState::Cancelled,
        }
    }

    /// The word in records and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Kept => "paused",
            Outcome::Discarded => "cancelled",
        }
    }
}

/// How to come back.
#[derive(Clone, Debug, Default)]
pub struct ReturnRequest {
    pub outcome: Outcome,
    /// Where the parent's branch has moved: the old commit, detached, instead of a merge.
    pub exact: bool,
    pub note: Option<String>,
    /// Go on in `$HOME` and the like, and beyond the budgets of untracked files.
    pub force: bool,
}

/// What was found of the place that the parent's work was left at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// As it was left.
    Same,
    /// No file was to be moved: the child was on the parent's own tree. So many paths differ from when it began.
    Shared { changed: usize },
    /// The child has a work tree of its own, which stays.
    Apart,
    /// The branch has moved, and the saved changes were merged onto it.
    Merged { branch: String, tip: ObjectId, ahead: usize, behind: usize, report: MergeReport },
    /// The branch has moved, and the old commit was asked for.
    Detached { branch: String, tip: ObjectId },
    /// The branch is gone.
    Gone { branch: String, commit: ObjectId },
    /// Another work tree is on the branch.
    InUse { branch: String },
}

/// A return that is done.
#[derive(Debug)]
pub struct Returned {
    pub child: Name,
    pub child_title: String,
    pub child_branch: Option<String>,
    pub outcome: Outcome,
    pub parent: Name,
    pub parent_title: String,
    /// The child's state as it was left.
    pub saved: ObjectId,
    /// What of it is in no commit.
    pub uncommitted: ChangeCounts,
    /// The checkpoint that the parent's work waited in.
    pub below: Option<ObjectId>,
    pub ground: Ground,
    /// What the child decided and found is in the parent's context now.
    pub context_changed: bool,
    pub loaded: Loaded,
    /// The parent's work as it was left; `None` where it was not interrupted.
    pub shown: Option<Shown>,
    pub warnings: Vec<String>,
}

/// The state that is to be loaded, and why it is that one.
struct Destination {
    target: ObjectId,
    ground: Ground,
    /// Held until the load names it.
    _written: Option<Written>,
}

/// Comes back.
pub fn return_(repo: &Repo, request: &ReturnRequest) -> Result<Returned, OpError> {
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    let mut stack = read_own(repo)?;
    let frame = pop(&mut stack)?;
    let parent = parent_of(repo, &frame, &stack)?;
    // Cheap, and before anything is saved.
    refuse_moved_operation(repo, &frame, &parent, request.exact)?;
    let synced = switch::before(repo);
    let first = prepare::keep_first(repo, CheckpointKind::Auto, request.force)?;
    let destination = destination(repo, &frame, &parent, request.exact, &first.snapshot, first.checkpoint)?;
    let errand = Errand {
        head: true,
        operation: true,
        allow_links: true,
        is_own: true,
        force: request.force,
        keeps: CheckpointKind::Auto,
        ..Errand::new(destination.target, format!("return {}", frame.session))
    };
    let prepared = prepare::prepare_over(repo, errand, first)?;
    let saved = prepared.safety.ok_or(OpError::NotConfirmed)?;
    if request.outcome != Outcome::Kept {
        summary::compress(repo, &frame.session, Wish::AllOfMuch);
    }
    let queue = shift::queue(repo)?;
    let (child, parent) = (Member::read(repo, frame.session.clone())?, Member::read(repo, parent)?);
    let flowed = flow_back(repo, child.session.as_ref(), parent.session.as_ref())?;
    let context_changed = !flowed.is_empty();
    let context = flowed.context.clone();
    let steps = steps(repo, request, &child, &parent, flowed);
    let parts = parts(&frame, stack, steps, &parent.name);
    let shift = Shift { verb: OperationVerb::Return, parts, makes: None, removes: None };
    let loaded = shift::carry(repo, queue, prepared, shift)?;
    let mut warnings = synced.warnings;
    warnings.extend(switch::after(repo).warnings);
    let below = frame.below.filter(|_| frame.kind != FrameKind::Worktree);
    let mut shown = below.map(|below| show_checkpoint(repo, &below)).transpose()?;
    // Who goes on has to know what was found meanwhile as well.
    if let (Some(shown), Some(context)) = (shown.as_mut(), context) {
        shown.checkpoint.words.context = Some(context);
    }
    Ok(Returned {
        child_title: child.title().to_owned(),
        child_branch: child.record.details.branch.clone(),
        child: child.name,
        outcome: request.outcome,
        parent_title: parent.title().to_owned(),
        parent: parent.name,
        saved,
        uncommitted: read_summary(&repo.store, &saved)?.changes,
        below: frame.below,
        ground: destination.ground,
        context_changed,
        loaded,
        shown,
        warnings,
    })
}

/// Takes the frame off that can be returned from.
pub(super) fn pop(stack: &mut Stack) -> Result<Frame, StackError> {
    match stack.frames.pop() {
        Some(frame) if frame.kind != FrameKind::Start => Ok(frame),
        Some(frame) => Err(StackError::Bottom { session: frame.session, is_main: false }),
        None => Err(StackError::Bottom { session: main_session(), is_main: true }),
    }
}

/// The session that was left for this one: below it on the stack, or in the work tree where it was begun.
pub(super) fn parent_of(repo: &Repo, frame: &Frame, stack: &Stack) -> Result<Name, OpError> {
    if frame.kind == FrameKind::Worktree {
        let child = Member::read(repo, frame.session.clone())?;
        let named = child.record.details.parent.as_deref().and_then(|name| name.parse().ok());
        return Ok(named.unwrap_or_else(main_session));
    }
    Ok(stack.current().cloned().unwrap_or_else(main_session))
}

/// Ours, and moved since: its commit.
fn moved_tip(repo: &Repo, saved: &Snapshot) -> Result<Option<(String, ObjectId)>, OpError> {
    let Some(branch) = &saved.head.branch else { return Ok(None) };
    let found = repo.store.find_ref(branch)?.filter(|found| Some(*found) != saved.head.commit);
    let is_elsewhere = linked_worktree::is_branch_elsewhere(&repo.store, branch);
    Ok(found.filter(|_| !is_elsewhere).map(|tip| (branch.clone(), tip)))
}

fn refuse_moved_operation(repo: &Repo, frame: &Frame, parent: &Name, exact: bool) -> Result<(), OpError> {
    let Some(below) = frame.below.filter(|_| frame.kind == FrameKind::Branch && !exact) else { return Ok(()) };
    let saved = read_checkpoint(&repo.store, &below)?.snapshot;
    let moved = moved_tip(repo, &saved)?;
    match (saved.operation, moved) {
        (Some(operation), Some((branch, _))) => {
            let branch = short_branch(&branch).to_owned();
            Err(StackError::MovedInOperation { parent: parent.clone(), operation: operation.kind, branch, below }
                .into())
        }
        _ => Ok(()),
    }
}

fn destination(
    repo: &Repo,
    frame: &Frame,
    parent: &Name,
    exact: bool,
    present: &Snapshot,
    checkpoint: ObjectId,
) -> Result<Destination, OpError> {
    let stays = |ground| Ok(Destination { target: checkpoint, ground, _written: None });
    let below = match (frame.kind, frame.below) {
        (FrameKind::Branch, Some(below)) => below,
        (FrameKind::Worktree, _) => return stays(Ground::Apart),
        (_, Some(below)) => return stays(Ground::Shared { changed: differing(repo, &below, present)? }),
        (_, None) => return stays(Ground::Shared { changed: 0 }),
    };
    let saved = read_checkpoint(&repo.store, &below)?;
    let goes = |ground| Ok(Destination { target: below, ground, _written: None });
    let head = &saved.snapshot.head;
    let Some(branch) = &head.branch else { return goes(Ground::Same) };
    let found = repo.store.find_ref(branch)?;
    let name = short_branch(branch).to_owned();
    if linked_worktree::is_branch_elsewhere(&repo.store, branch) {
        return goes(Ground::InUse { branch: name });
    }
    match (found, head.commit) {
        (found, commit) if found == commit => goes(Ground::Same),
        (None, Some(commit)) => goes(Ground::Gone { branch: name, commit }),
        (Some(tip), Some(_)) if exact => goes(Ground::Detached { branch: name, tip }),
        (None, None) => goes(Ground::Same),
        (Some(tip), commit) => {
            let writing = repo.store.start_writing()?;
            let moved = Moved { saved: &saved, branch, tip };
            let (target, report) = merge::onto_tip(repo, &writing, parent, &moved)?;
            let written = repo.store.finish_writing(writing)?;
            let (ahead, behind) = match commit {
                Some(commit) => repo.store.ahead_behind(&tip, &commit).unwrap_or((0, 0)),
                None => (0, 0),
            };
            let ground = Ground::Merged { branch: name, tip, ahead, behind, report };
            Ok(Destination { target, ground, _written: Some(written) })
        }
    }
}

/// How many paths are not as they were when a child began on its parent's tree.
fn differing(repo: &Repo, below: &ObjectId, present: &Snapshot) -> Result<usize, OpError> {
    let before = read_checkpoint(&repo.store, below)?.snapshot;
    Ok(diff_trees(&repo.store, Some(&before.tree), Some(&present.tree))?.len())
}

fn steps(
    repo: &Repo,
    request: &ReturnRequest,
    child: &Member,
    parent: &Member,
    flowed: Flowed,
) -> (ChainStep, ChainStep) {
    let word = request.outcome.as_str();
    let mut ended = child.becomes(repo, request.outcome.state(), format!("session: {word}, back to {}", parent.name));
    if let Some(note) = &request.note {
        ended.events.push(child::event(repo, EventKind::Note, note.clone()));
    }
    ended.events.push(child::state_event(repo, word, format!("{word}, back to {}", parent.name)));
    let said = format!("return: \"{}\" {word}", child.title());
    let mut back = parent.becomes(repo, SessionState::Active, said);
    let text = match &request.note {
        Some(note) => format!("\"{}\" {word}: {note}", child.title()),
        None => format!("\"{}\" {word}", child.title()),
    };
    let event = child::event(repo, EventKind::Return, text).with("child", Some(child.name.to_string()));
    back.events.push(event.with("outcome", Some(word.to_owned())));
    back.context = flowed.context;
    back.files = flowed.files;
    back.merged = Some(child.name.clone());
    (ended, back)
}

fn parts(frame: &Frame, stack: Stack, steps: (ChainStep, ChainStep), parent: &Name) -> Vec<Part> {
    let (ended, mut back) = steps;
    // In a work tree of its own the child leaves a parent that is at work elsewhere: only its story is told there.
    if frame.kind == FrameKind::Worktree {
        back.record = None;
    }
    let said = format!("return: {} is back at {parent}", frame.session);
    vec![Part::Stack(stack, said), Part::Chain(Box::new(ended)), Part::Chain(Box::new(back))]
}
