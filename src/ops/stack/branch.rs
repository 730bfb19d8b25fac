//! Leaves the work for something else: everything is saved, and another session begins.

use std::path::PathBuf;

use super::shift::{self, Shift, read_stack};
use super::{child, lay_out, linked};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Snapshot, Words};
use crate::model::event::EventKind;
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::IndexExtra;
use crate::model::name::Name;
use crate::model::object::ObjectReader;
use crate::model::operation::OperationVerb;
use crate::model::session::{SessionDetails, SessionState};
use crate::model::stack::{Frame, FrameKind};
use crate::ops::context;
use crate::ops::load::job::Errand;
use crate::ops::load::{Loaded, lock, prepare};
use crate::ops::session::branch_name::free_branch;
use crate::ops::session::error::SessionError;
use crate::ops::session::naming::{check_title, name_of_title, numbered_name};
use crate::ops::session::seed::{Seeds, blob_of, seed_context, seed_partitions};
use crate::ops::session::standing::Stacks;
use crate::ops::session::start::{Planned, find_commit};
use crate::ops::session::switch::{self, ChainStep, Part};
use crate::ops::stack::error::StackError;
use crate::ops::{OpError, Repo};
use crate::store::branches::BRANCHES;
use crate::store::checkpoint::read_summary;
use crate::store::session::CONTEXT;

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
        self.place.as_ref().map(|(branch, ..)| branch.strip_prefix(BRANCHES).unwrap_or(branch).to_owned())
    }

    /// The steps of both chains, in their order around the stack: the child's, and the parent's.
    pub(super) fn steps(
        &self,
        repo: &Repo,
        parent: &child::Member,
        keeps_parent: bool,
        worktree: &str,
    ) -> Result<(ChainStep, ChainStep), OpError> {
        let now = repo.clock.now();
        let mut details = SessionDetails {
            state: SessionState::Active,
            task: self.task.clone(),
            branch: self.branch_name(),
            base: self.place.as_ref().map(|(_, commit, _)| *commit),
            parent: Some(self.parent.to_string()),
            worktree: Some(worktree.to_owned()),
            template: self.planned.template.clone(),
            variables: self.planned.variables.clone(),
            ..SessionDetails::default()
        };
        let title = format!("\"{}\"", self.title.split_whitespace().collect::<Vec<_>>().join(" "));
        let seeds = Seeds {
            title: &self.title,
            task: self.task.as_deref(),
            parent: parent.context.as_deref(),
            sections: &self.planned.sections,
        };
        let text = seed_context(&seeds, &context::standard_of(repo)?)?;
        details.seed = Some(blob_of(repo.store.hash_kind(), &text));
        let mut begun = ChainStep::new(self.name.clone(), format!("session: started {title}"));
        let seed = parent.session.as_ref().map(|parent| seed_partitions(&repo.store, parent));
        begun.files = seed.transpose()?.unwrap_or_default();
        begun.files.extend(self.planned.files());
        begun.record = Some(child::new_record(&self.title, now, details));
        let event = child::state_event(repo, "started", format!("started {title}, leaving {}", self.parent));
        let template = self.planned.template.as_ref().map(|template| template.name.clone());
        begun.events.push(event.with("task", self.task.clone()).with("template", template));
        begun.context = Some(text);
        let said = format!("branch: left for {title}");
        let mut left = match keeps_parent {
            true => ChainStep::new(self.parent.clone(), said),
            false => parent.becomes(repo, SessionState::Paused, said),
        };
        let event = child::event(repo, EventKind::Branch, format!("left for {title}"));
        let event = event.with("child", Some(self.name.to_string())).with("child_branch", self.branch_name());
        left.events.push(event);
        Ok((begun, left))
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
    let stacks = Stacks::read(repo)?;
    if let Some(found) = crate::ops::session::find::find_named(repo, &stacks, &name)? {
        return Err(SessionError::Exists { name, state: found.standing.state }.into());
    }
    let place = if request.here { None } else { Some(place(repo, request, &name)?) };
    Ok(Plan {
        name,
        title,
        task: request.task.clone(),
        planned: request.planned.clone(),
        parent: stacks.current(),
        place,
        force: request.force,
    })
}

fn place(repo: &Repo, request: &BranchRequest, name: &Name) -> Result<(String, ObjectId, String), OpError> {
    let (commit, from) = match request.from.as_ref().or(request.planned.from.as_ref()) {
        Some(revision) => {
            let unknown = || SessionError::UnknownRevision { revision: revision.clone() };
            (find_commit(repo, revision)?.ok_or_else(unknown)?, revision.clone())
        }
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
    let stack = read_stack(repo)?;
    let first = prepare::keep_first(repo, CheckpointKind::Auto, plan.force)?;
    let operation = first.snapshot.operation.as_ref().map(|operation| operation.kind.clone());
    let mut written = None;
    let target = match &plan.place {
        None => first.checkpoint,
        Some((branch, commit, _)) => {
            let writing = repo.store.start_writing()?;
            let snapshot = clean_state(repo, &writing, &first.snapshot, branch, commit)?;
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
    let parent = child::Member::read(repo, plan.parent.clone())?;
    let kind = if plan.place.is_some() { FrameKind::Branch } else { FrameKind::Here };
    let (begun, left) = plan.steps(repo, &parent, false, &repo.store.layout().worktree_key)?;
    let mut stack = stack;
    stack.frames.push(Frame {
        session: plan.name.clone(),
        kind,
        pushed: repo.clock.now(),
        below: Some(below),
        context: parent.session.as_ref().and_then(|session| session.blob(CONTEXT)),
    });
    let depth = stack.frames.len();
    let said = format!("branch: {} interrupts {}", plan.name, plan.parent);
    let parts = vec![Part::Chain(Box::new(begun)), Part::Stack(stack, said), Part::Chain(Box::new(left))];
    let makes = plan.place.as_ref().map(|(branch, commit, _)| (branch.clone(), *commit));
    let loaded = shift::carry(repo, prepared, Shift { verb: OperationVerb::Branch, parts, makes, removes: None })?;
    drop(written);
    let mut warnings = synced.warnings;
    warnings.extend(switch::after(repo).warnings);
    let parent_title = parent.title().to_owned();
    let branched = told(repo, plan, kind, below, parent_title, operation, depth)?;
    Ok(Branched { loaded: Some(loaded), warnings, ..branched })
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
    let summary = read_summary(&repo.store, &below)?;
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
        below_branch: summary.branch,
        operation,
        depth,
        loaded: None,
        directory: None,
        warnings: Vec::new(),
    })
}

/// A commit as a checkout lays it out, HEAD on a new branch there.
fn clean_state(
    repo: &Repo,
    writing: &crate::store::Writing,
    beside: &Snapshot,
    branch: &str,
    commit: &ObjectId,
) -> Result<Snapshot, OpError> {
    let tree = repo.store.tree_of(commit)?;
    let wanted = lay_out::Wanted {
        beside,
        tree,
        index_tree: tree,
        conflicts: IndexExtra::default(),
        head: Head { branch: Some(branch.to_owned()), commit: Some(*commit) },
    };
    lay_out::lay_out(repo, writing, wanted)
}
