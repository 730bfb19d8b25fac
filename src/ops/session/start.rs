//! Starts a session in the present work tree. At HEAD no file moves: what is not committed is simply part of the new
//! session. At another commit everything is kept first, and the session begins with a clean tree.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::begin::Beginning;
use super::branch_name::free_branch;
use super::elsewhere::{self, Elsewhere, MovedFiles};
use super::error::SessionError;
use super::find::{Found, find_named};
use super::moves::{Moved, paused_part, resume};
use super::naming::{check_title, name_of_title, numbered_name};
use super::standing::{Place, Stacks};
use super::switch::{ChainStep, Part, Switch, switch};
use crate::model::head::{Head, short_branch};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::session::{MAIN, SessionState, TemplateUse};
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::context::Synced;
use crate::ops::load::lock;
use crate::ops::points::find_session;
use crate::ops::repo::main_session;
use crate::ops::{OpError, Repo};
use crate::store::session::{CHECKLIST, FileChanges, HINTS};
use crate::store::{Expected, RefEdit, session};
use crate::sys::fault;

/// Which git branch a session gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BranchWish {
    /// What the template says; without one the branch that is there.
    #[default]
    Rule,
    /// None: the work goes on where HEAD is.
    Stay,
    Named(String),
}

/// What a template has to say about a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    pub template: Option<TemplateUse>,
    /// What the template calls the work.
    pub title: Option<String>,
    pub branch: Option<String>,
    pub from: Option<String>,
    /// Sections of the context and what each begins with.
    pub sections: Vec<(String, String)>,
    pub checklist: String,
    /// What whoever continues should mind.
    pub hints: Vec<String>,
    pub variables: BTreeMap<String, String>,
}

impl Planned {
    /// The files of a new session that the template fills.
    pub(in crate::ops) fn files(&self) -> FileChanges {
        let hints: String = self.hints.iter().map(|hint| format!("- {hint}\n")).collect();
        let files = [(CHECKLIST, &self.checklist), (HINTS, &hints)];
        let filled = files.into_iter().filter(|(_, text)| !text.is_empty());
        filled.map(|(path, text)| (path.into(), Some(text.clone().into_bytes()))).collect()
    }
}

/// A session to start.
#[derive(Clone, Debug, Default)]
pub struct StartRequest {
    pub title: String,
    pub task: Option<String>,
    pub branch: BranchWish,
    /// The commit to begin at, as typed.
    pub from: Option<String>,
    pub planned: Planned,
    /// Where it exists already, it is resumed.
    pub or_resume: bool,
    /// Go on in `$HOME` and the like, and beyond the budgets of untracked files, where everything has to be kept.
    pub force: bool,
}

/// A session that is the current one now.
#[derive(Debug)]
pub struct Started {
    pub name: Name,
    pub title: String,
    pub task: Option<String>,
    pub template: Option<TemplateUse>,
    /// The git branch that was made for it, and that HEAD is on now.
    pub branch: Option<String>,
    /// The session that was left for it.
    pub paused: Option<Name>,
    /// The session that its decisions flow back to.
    pub parent: Name,
    /// It was there already and was resumed.
    pub resumed: Option<Moved>,
    /// What was there before, where it began elsewhere than at HEAD.
    pub moved: Option<MovedFiles>,
    /// The context's file.
    pub context: Synced,
}

/// Starts a session.
pub fn start(repo: &Repo, request: &StartRequest) -> Result<Started, OpError> {
    let title = check_title(&request.title)?;
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    let stacks = Stacks::read(repo)?;
    let name = free_name(repo, title)?;
    let title = request.planned.title.as_deref().map(check_title).transpose()?.unwrap_or(title);
    let present = find_named(repo, &stacks, &name)?;
    if let Some(found) = present.as_ref().filter(|found| !is_stillborn(repo, found)) {
        return take_up(repo, request, found);
    }
    stacks.refuse_nested("started")?;
    let head = repo.store.head()?;
    let ground = ground(repo, request, &name, &head)?;
    let (full_branch, base) = match &ground {
        Ground::Here(branch) => (branch.as_deref(), head.commit),
        Ground::Elsewhere(elsewhere) => (elsewhere.branch.as_deref(), Some(elsewhere.commit)),
    };
    let branch = full_branch.map(short_branch);
    let work = Work { repo, request, title, name: &name, base, branch };
    let (context, moved) = match &ground {
        Ground::Here(_) => (work.begin_here(&head, full_branch)?, None),
        Ground::Elsewhere(place) => {
            let (context, moved) = elsewhere::begin(&work, &stacks, place)?;
            (context, Some(moved))
        }
    };
    let paused = Some(stacks.current()).filter(|name| name.as_str() != MAIN);
    Ok(Started {
        name: name.clone(),
        title: title.to_owned(),
        task: request.task.clone(),
        template: request.planned.template.clone(),
        branch: branch.map(str::to_owned),
        paused,
        parent: main_session(),
        resumed: None,
        moved,
        context,
    })
}

/// The name of the title; a number where nothing of the title can stand in a name.
fn free_name(repo: &Repo, title: &str) -> Result<Name, OpError> {
    if let Some(name) = name_of_title(title) {
        return Ok(name);
    }
    let refs = repo.store.list_refs(session::REFS)?;
    Ok(numbered_name(|name| refs.iter().any(|(full, _)| full[session::REFS.len()..] == *name.as_str())))
}

/// A start that died before the stack had it: nothing but its first commit is there, so it may begin again.
fn is_stillborn(repo: &Repo, found: &Found) -> bool {
    let record = &found.record;
    let is_untouched = record.details.state == SessionState::Active && record.sequence == 0 && record.latest.is_none();
    let is_here = record.details.worktree.as_deref() == Some(repo.store.layout().worktree_key.as_str());
    let is_first = found.session.as_ref().is_some_and(|session| {
        crate::ops::show::read_commit(&repo.store, &session.tip).is_ok_and(|commit| commit.parents.is_empty())
    });
    found.standing.place == Place::Away && is_untouched && is_here && is_first
}

/// What is there already is resumed where that was asked for, and refused else.
fn take_up(repo: &Repo, request: &StartRequest, found: &Found) -> Result<Started, OpError> {
    let (name, state) = (found.name.clone(), found.standing.state);
    if !request.or_resume || name.as_str() == MAIN {
        return Err(SessionError::Exists { name, state }.into());
    }
    let moved = resume(repo, &name)?;
    Ok(Started {
        name,
        title: found.record.title.clone(),
        task: found.record.details.task.clone(),
        template: found.record.details.template.clone(),
        branch: None,
        paused: moved.paused.clone(),
        parent: main_session(),
        context: moved.context.clone(),
        resumed: Some(moved),
        moved: None,
    })
}

/// Where a session begins.
enum Ground {
    /// At HEAD, with the files as they are; the full name of its new git branch.
    Here(Option<String>),
    /// At another commit, with a clean tree.
    Elsewhere(Elsewhere),
}

fn ground(repo: &Repo, request: &StartRequest, name: &Name, head: &Head) -> Result<Ground, OpError> {
    let wished = match &request.branch {
        BranchWish::Named(branch) => Some(branch.clone()),
        BranchWish::Rule => request.planned.branch.clone(),
        BranchWish::Stay => None,
    };
    // Who stays where the work stands has no use for a rule of the template's.
    let rule = request.planned.from.as_ref().filter(|_| request.branch != BranchWish::Stay);
    let from = request.from.as_ref().or(rule);
    let commit = from.map(|revision| find_commit(repo, revision)).transpose()?;
    let (Some(revision), Some(commit)) = (from, commit.filter(|commit| Some(*commit) != head.commit)) else {
        let branch = wished.map(|branch| free_branch(repo, &branch)).transpose()?;
        return Ok(Ground::Here(branch));
    };
    // Work of its own, on the branch that is there, would begin at another commit than that branch.
    let is_own = request.branch != BranchWish::Stay;
    let branch = wished.or_else(|| is_own.then(|| name.to_string()));
    let branch = branch.map(|branch| free_branch(repo, &branch)).transpose()?;
    Ok(Ground::Elsewhere(Elsewhere { branch, commit, from: revision.clone() }))
}

/// The commit that a revision names.
pub(crate) fn find_commit(repo: &Repo, revision: &str) -> Result<ObjectId, OpError> {
    let unknown = || SessionError::UnknownRevision { revision: revision.to_owned() };
    if revision.is_empty() || revision.starts_with('-') {
        return Err(unknown().into());
    }
    let wanted = format!("{revision}^{{commit}}");
    let arguments = ["rev-parse", "--quiet", "--verify", "--end-of-options", &wanted];
    let text = repo.store.run_git("looking for a revision", &arguments).map_err(|_| unknown())?;
    Ok(ObjectId::from_hex(text.trim_ascii()).ok_or_else(unknown)?)
}

/// A session that is about to be started.
pub(super) struct Work<'a> {
    pub(super) repo: &'a Repo,
    pub(super) request: &'a StartRequest,
    pub(super) title: &'a str,
    pub(super) name: &'a Name,
    /// The commit that it begins at.
    pub(super) base: Option<ObjectId>,
    /// Its new git branch, as people say it.
    pub(super) branch: Option<&'a str>,
}

impl Work<'_> {
    /// Begins with the files as they are.
    fn begin_here(&self, head: &Head, full_branch: Option<&str>) -> Result<Synced, OpError> {
        let repo = self.repo;
        let ((), context) = switch(repo, &mut || {
            let time = repo.clock.now();
            // A branch without a ref is only a name.
            let branch = full_branch.zip(head.commit).map(|(name, commit)| {
                Part::Ref(RefEdit { name: name.to_owned(), expected: Expected::Absent, new: Some(commit) })
            });
            let parts = branch.into_iter().chain(self.parts(&Stacks::read(repo)?, time)?).collect();
            Ok((Switch { parts, time }, ()))
        })?;
        if let Some(full) = full_branch {
            fault::reach("start.before-head");
            repo.store.set_head(&Head { branch: Some(full.to_owned()), commit: head.commit }, head)?;
        }
        Ok(context)
    }

    /// The chain stands before the stack that names it, and what is left comes last.
    pub(super) fn parts(&self, stacks: &Stacks, time: Timestamp) -> Result<Vec<Part>, OpError> {
        let step = Part::Chain(Box::new(self.step(stacks, time)?));
        let frame = Frame { session: self.name.clone(), kind: FrameKind::Start, pushed: time, below: None };
        let stack = Part::Stack(Stack { frames: vec![frame] }, format!("start {}", self.name));
        let paused = paused_part(self.repo, stacks, self.name, time)?;
        Ok([step, stack].into_iter().chain(paused).collect())
    }

    fn step(&self, stacks: &Stacks, time: Timestamp) -> Result<ChainStep, OpError> {
        // Somebody else may have been faster since we looked.
        if let Some(found) = find_named(self.repo, stacks, self.name)?.filter(|found| !is_stillborn(self.repo, found)) {
            return Err(SessionError::Exists { name: found.name, state: found.standing.state }.into());
        }
        let parent_name = main_session();
        let parent = find_session(self.repo, &parent_name)?;
        let beginning = Beginning {
            name: self.name,
            title: self.title,
            task: self.request.task.as_deref(),
            planned: &self.request.planned,
            parent_name: &parent_name,
            parent: parent.as_ref(),
            branch: self.branch,
            base: self.base,
            worktree: &self.repo.store.layout().worktree_key,
        };
        beginning.step(self.repo, time, "")
    }
}
