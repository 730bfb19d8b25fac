//! Leaves the work for something else: everything is saved, and another session begins.

use std::path::PathBuf;

use super::child::{self, Member};
use super::linked;
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{Checkpoint, CheckpointKind, Words};
use crate::model::head::short_branch;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::omission::Omission;
use crate::model::operation::OperationVerb;
use crate::model::session::SessionState;
use crate::model::stack::{Frame, FrameKind};
use crate::ops::load::job::Errand;
use crate::ops::load::{Loaded, lock, prepare};
use crate::ops::session::begin::Beginning;
use crate::ops::session::branch_name::free_branch;
use crate::ops::session::error::SessionError;
use crate::ops::session::find::find_named;
use crate::ops::session::lay_out;
use crate::ops::session::naming::{check_title, name_of_title, numbered_name};
use crate::ops::session::shift::{self, Shift};
use crate::ops::session::standing::{Stacks, read_own};
use crate::ops::session::start::{Planned, find_commit};
use crate::ops::session::switch::{self, ChainStep, Part};
use crate::ops::stack::error::StackError;
use crate::ops::{OpError, Repo};
use crate::store::checkpoint::read_checkpoint;

/// What is to be begun.
#[derive(Clone, Debug, Default)]
pub struct BranchRequest {
    pub title: String,
    /// The commit that the new git branch begins at, as typed; `None` for the repository's default branch.
    pub from: Option<String>,
    /// Name of the git branch; `None` for that of the session.
    pub branch: Option<String>,
    /// Stay on the present tree and branch.
    pub here: bool,
    /// Give the child a linked work tree of its own; the folder, where one was named.
    pub worktree: Option<Option<PathBuf>>,
    pub task: Option<String>,
    /// What a template says of the child.
    pub planned: Planned,
    /// Go on in `$HOME` and the like, and beyond the budgets of untracked files.
    pub force: bool,
}

/// A session that has begun.
#[derive(Debug)]
pub struct Branched {
    pub child: Name,
    pub title: String,
    pub parent: Name,
    pub parent_title: String,
    pub kind: FrameKind,
    /// The new git branch, as people say it.
    pub branch: Option<String>,
    /// What it begins at, as people say it.
    pub from: Option<String>,
    pub base: Option<ObjectId>,
    /// The checkpoint that the work below waits in.
    pub below: ObjectId,
    pub below_changes: ChangeCounts,
    /// What could not be read of that work: it stays where it is, in no checkpoint.
    pub missed: Vec<Omission>,
    /// The branch, or the commit, that the work below is on.
    pub below_branch: Option<String>,
    /// The operation in progress that waits as well.
    pub operation: Option<String>,
    /// How many sessions are on the stack now, `main` not counted.
    pub depth: usize,
    /// What the load did.
    pub loaded: Option<Loaded>,
    /// The linked work tree that was made for it.
    pub directory: Option<PathBuf>,
    /// What is to be told about the context's file.
    pub warnings: Vec<String>,
}

/// What a child is to be, checked before anything is done.
pub(super) struct Plan {
    pub(super) name: Name,
    pub(super) title: String,
    pub(super) task: Option<String>,
    pub(super) planned: Planned,
    pub(super) parent: Name,
    /// Full name of the git branch, its commit, and what that is called.
    pub(super) place: Option<(String, ObjectId, String)>,
    pub(super) force: bool,
}

impl Plan {
    /// The branch as people say it.
    pub(super) fn branch_name(&self) -> Option<String> {
        self.place.as_ref().map(|(branch, ..)| short_branch(branch).to_owned())
    }

    /// The first step of the child's chain.
    pub(super) fn begun(&self, repo: &Repo, parent: &Member, worktree: &str) -> Result<ChainStep, OpError> {
        let branch = self.branch_name();
        let beginning = Beginning {
            name: &self.name,
            title: &self.title,
            task: self.task.as_deref(),
            planned: &self.planned,
            parent_name: &self.parent,
            parent: parent.session.as_ref(),
            branch: branch.as_deref(),
            base: self.place.as_ref().map(|(_, commit, _)| *commit),
            worktree,
        };
        beginning.step(repo, repo.clock.now(), &format!(", leaving {}", self.parent))
    }

    /// The step of the parent's chain, which waits from now on.
    fn left(&self, repo: &Repo, parent: &Member) -> ChainStep {
        let mut step = child::left(repo, &self.parent, (&self.name, &self.title), self.branch_name());
        step.record = parent.becomes(repo, SessionState::Paused, String::new()).record;
        step
    }
}

/// Begins it.
pub fn branch(repo: &Repo, request: &BranchRequest) -> Result<Branched, OpError> {
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    let plan = plan(repo, request)?;
    match &request.worktree {
        Some(directory) => linked::branch(repo, &plan, directory.as_deref()),
        None => branch_in_place(repo, &plan),
    }
}

/// Everything that can be refused is refused here.
fn plan(repo: &Repo, request: &BranchRequest) -> Result<Plan, OpError> {
    let title = check_title(&request.title)?.to_owned();
    let is_taken = |name: &Name| {
        let found = repo.store.find_ref(&format!("{}{name}", crate::store::session::REFS));
        !matches!(found, Ok(None))
    };
    let name = name_of_title(&title).unwrap_or_else(|| numbered_name(is_taken));
    refuse_taken(repo, &name)?;
    let title = request.planned.title.as_deref().map(check_title).transpose()?.map_or(title, str::to_owned);
    let place = if request.here { None } else { Some(place(repo, request, &name)?) };
    Ok(Plan {
        name,
        title,
        task: request.task.clone(),
        planned: request.planned.clone(),
        parent: Stacks::read(repo)?.current(),
        place,
        force: request.force,
    })
}

fn place(repo: &Repo, request: &BranchRequest, name: &Name) -> Result<(String, ObjectId, String), OpError> {
    let (commit, from) = match request.from.as_ref().or(request.planned.from.as_ref()) {
        Some(revision) => (find_commit(repo, revision)?, revision.clone()),
        None => {
            let found = repo.store.default_branch()?;
            let missing = match repo.store.head()?.commit {
                Some(_) => StackError::NoDefaultBranch,
                None => StackError::NoCommit,
            };
            let (name, commit) = found.ok_or(missing)?;
            (commit, name)
        }
    };
    let wanted = request.branch.as_deref().or(request.planned.branch.as_deref()).unwrap_or(name.as_str());
    let branch = free_branch(repo, wanted)?;
    Ok((branch, commit, from))
}

fn branch_in_place(repo: &Repo, plan: &Plan) -> Result<Branched, OpError> {
    let synced = switch::before(repo);
    let stack = read_own(repo)?;
    let first = prepare::keep_first(repo, CheckpointKind::Auto, plan.force)?;
    let operation = first.snapshot.operation.as_ref().map(|operation| operation.kind.clone());
    let mut written = None;
    let target = match &plan.place {
        None => first.checkpoint,
        Some((branch, commit, _)) => {
            let writing = repo.store.start_writing()?;
            let snapshot = lay_out::clean_state(repo, &writing, &first.snapshot, Some(branch), commit)?;
            let words = Words { note: Some(format!("start of {}", plan.title)), ..Words::default() };
            let target = lay_out::write(repo, &writing, &plan.name, &snapshot, &words)?;
            written = Some(repo.store.finish_writing(writing)?);
            target
        }
    };
    let errand = Errand {
        head: true,
        operation: true,
        allow_links: true,
        is_own: true,
        force: plan.force,
        keeps: CheckpointKind::Auto,
        creates: plan.place.as_ref().map(|(branch, ..)| branch.clone()),
        ..Errand::new(target, format!("branch {}", plan.name))
    };
    let prepared = prepare::prepare_over(repo, errand, first)?;
    let below = prepared.safety.ok_or(OpError::NotConfirmed)?;
    let queue = shift::queue(repo)?;
    refuse_taken(repo, &plan.name)?;
    let parent = Member::read(repo, plan.parent.clone())?;
    let kind = if plan.place.is_some() { FrameKind::Branch } else { FrameKind::Here };
    let begun = plan.begun(repo, &parent, &repo.store.layout().worktree_key)?;
    let left = plan.left(repo, &parent);
    let mut stack = stack;
    stack.frames.push(Frame { session: plan.name.clone(), kind, pushed: repo.clock.now(), below: Some(below) });
    let depth = stack.frames.len();
    let said = format!("branch: {} interrupts {}", plan.name, plan.parent);
    let parts = vec![Part::Chain(Box::new(begun)), Part::Stack(stack, said), Part::Chain(Box::new(left))];
    let makes = plan.place.as_ref().map(|(branch, commit, _)| (branch.clone(), *commit));
    let mut loaded =
        shift::carry(repo, queue, prepared, Shift { verb: OperationVerb::Branch, parts, makes, removes: None })?;
    drop(written);
    let mut warnings = synced.warnings;
    warnings.extend(switch::after(repo).warnings);
    let parent_title = parent.title().to_owned();
    let branched = told(repo, plan, kind, below, parent_title, operation, depth)?;
    loaded.protected.retain(|omission| !branched.missed.contains(omission));
    Ok(Branched { loaded: Some(loaded), warnings, ..branched })
}

/// Another work tree may have begun one of this name since the plan was made.
fn refuse_taken(repo: &Repo, name: &Name) -> Result<(), OpError> {
    let stacks = Stacks::read(repo)?;
    match find_named(repo, &stacks, name)? {
        Some(found) => Err(SessionError::Exists { name: found.name, state: found.standing.state }.into()),
        None => Ok(()),
    }
}

/// What is told of it.
pub(super) fn told(
    repo: &Repo,
    plan: &Plan,
    kind: FrameKind,
    below: ObjectId,
    parent_title: String,
    operation: Option<String>,
    depth: usize,
) -> Result<Branched, OpError> {
    let Checkpoint { summary, snapshot, .. } = read_checkpoint(&repo.store, &below)?;
    Ok(Branched {
        child: plan.name.clone(),
        title: plan.title.clone(),
        parent: plan.parent.clone(),
        parent_title,
        kind,
        branch: plan.branch_name(),
        from: plan.place.as_ref().map(|(.., from)| from.clone()),
        base: plan.place.as_ref().map(|(_, commit, _)| *commit),
        below,
        below_changes: summary.changes,
        missed: snapshot.omissions.into_iter().filter(|omission| omission.reason.is_failure()).collect(),
        below_branch: summary.branch,
        operation,
        depth,
        loaded: None,
        directory: None,
        warnings: Vec::new(),
    })
}
