//! Starts a session in the present work tree. No file moves: what is not committed is simply part of the new session.

use std::collections::BTreeMap;

use super::branch_name::free_branch;
use super::error::SessionError;
use super::find::{Found, find_named};
use super::moves::{Moved, paused_part, resume};
use super::naming::{check_title, name_of_title, numbered_name};
use super::seed::{Seeds, blob_of, seed_context, seed_partitions};
use super::standing::{Place, Stacks};
use super::switch::{ChainStep, Part, Switch, switch};
use crate::model::event::{Event, EventKind};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::ObjectReader;
use crate::model::session::{MAIN, SessionDetails, SessionState, TemplateUse};
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::context::{self, Synced};
use crate::ops::load::lock;
use crate::ops::points::find_session;
use crate::ops::{OpError, Repo};
use crate::store::session::{CHECKLIST, FileChanges, HINTS, SessionRecord};
use crate::store::{Expected, RefEdit, session};
use crate::sys::clock;
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
}

/// A session that is the current one now.
#[derive(Clone, Debug)]
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
    check_base(repo, request.from.as_deref().or(request.planned.from.as_deref()), &head)?;
    let branch = match &request.branch {
        BranchWish::Named(branch) => Some(branch.clone()),
        BranchWish::Rule => request.planned.branch.clone(),
        BranchWish::Stay => None,
    };
    let full_branch = branch.as_deref().map(|branch| free_branch(repo, branch)).transpose()?;
    let work = Beginning { repo, request, title, name: &name, head: &head, branch: branch.as_deref() };
    let ((), context) = switch(repo, &mut || {
        let stacks = Stacks::read(repo)?;
        Ok((work.plan(&stacks, full_branch.as_deref())?, ()))
    })?;
    if let Some(full) = full_branch {
        fault::reach("start.before-head");
        repo.store.set_head(&Head { branch: Some(full), commit: head.commit }, &head)?;
    }
    let paused = Some(stacks.current()).filter(|name| name.as_str() != MAIN);
    Ok(Started {
        name: name.clone(),
        title: title.to_owned(),
        task: request.task.clone(),
        template: request.planned.template.clone(),
        branch,
        paused,
        parent: crate::ops::repo::main_session(),
        resumed: None,
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
        parent: crate::ops::repo::main_session(),
        context: moved.context.clone(),
        resumed: Some(moved),
    })
}

/// A session begins at HEAD; elsewhere files would have to move.
fn check_base(repo: &Repo, from: Option<&str>, head: &Head) -> Result<(), OpError> {
    let Some(revision) = from else { return Ok(()) };
    if find_commit(repo, revision)? == head.commit {
        return Ok(());
    }
    Err(SessionError::FromElsewhere { revision: revision.to_owned() }.into())
}

/// The commit that a revision names.
pub(crate) fn find_commit(repo: &Repo, revision: &str) -> Result<Option<ObjectId>, OpError> {
    let unknown = || SessionError::UnknownRevision { revision: revision.to_owned() };
    if revision.is_empty() || revision.starts_with('-') {
        return Err(unknown().into());
    }
    let wanted = format!("{revision}^{{commit}}");
    let arguments = ["rev-parse", "--quiet", "--verify", "--end-of-options", &wanted];
    let text = repo.store.run_git("looking for a revision", &arguments).map_err(|_| unknown())?;
    Ok(ObjectId::from_hex(text.trim_ascii()))
}

/// A session that is about to be.
struct Beginning<'a> {
    repo: &'a Repo,
    request: &'a StartRequest,
    title: &'a str,
    name: &'a Name,
    head: &'a Head,
    branch: Option<&'a str>,
}

impl Beginning<'_> {
    /// A branch without a ref is only a name; the chain stands before the stack that names it, and what is left comes
    /// last.
    fn plan(&self, stacks: &Stacks, full_branch: Option<&str>) -> Result<Switch, OpError> {
        let time = self.repo.clock.now();
        let step = self.step(stacks, time)?;
        let seed = step.record.as_ref().and_then(|record| record.details.seed);
        let branch = full_branch.zip(self.head.commit).map(|(name, commit)| {
            Part::Ref(RefEdit { name: name.to_owned(), expected: Expected::Absent, new: Some(commit) })
        });
        let frame =
            Frame { session: self.name.clone(), kind: FrameKind::Start, pushed: time, below: None, context: seed };
        let stack = Part::Stack(Stack { frames: vec![frame] }, format!("start {}", self.name));
        let paused = paused_part(self.repo, stacks, self.name, time)?;
        let parts = branch.into_iter().chain([Part::Chain(Box::new(step)), stack]).chain(paused).collect();
        Ok(Switch { parts, time })
    }

    fn step(&self, stacks: &Stacks, time: jiff::Timestamp) -> Result<ChainStep, OpError> {
        // Somebody else may have been faster since we looked.
        if let Some(found) = find_named(self.repo, stacks, self.name)?.filter(|found| !is_stillborn(self.repo, found)) {
            return Err(SessionError::Exists { name: found.name, state: found.standing.state }.into());
        }
        let (store, planned) = (&self.repo.store, &self.request.planned);
        let parent_name = crate::ops::repo::main_session();
        let parent = find_session(self.repo, &parent_name)?;
        let parent_text = parent.as_ref().map(|parent| parent.context(store)).transpose()?.flatten();
        let seeds = Seeds {
            title: self.title,
            task: self.request.task.as_deref(),
            parent: parent_text.as_deref(),
            sections: &planned.sections,
        };
        let text = seed_context(&seeds, &context::standard_of(self.repo)?)?;
        let mut step = ChainStep::new(self.name.clone(), format!("session: started {}", self.title));
        step.files = parent.map(|parent| seed_partitions(store, &parent)).transpose()?.unwrap_or_default();
        step.files.extend(planned.files());
        step.events = vec![self.event(time)];
        let details = SessionDetails {
            task: self.request.task.clone(),
            branch: self.branch.map(str::to_owned),
            base: self.head.commit,
            parent: Some(parent_name.to_string()),
            worktree: Some(store.layout().worktree_key.clone()),
            seed: Some(blob_of(store.hash_kind(), &text)),
            template: planned.template.clone(),
            variables: planned.variables.clone(),
            ..SessionDetails::default()
        };
        step.record = Some(SessionRecord::new(self.title, time, details));
        step.context = Some(text);
        Ok(step)
    }

    fn event(&self, time: jiff::Timestamp) -> Event {
        let said = format!("started \"{}\"", self.title);
        let template = self.request.planned.template.as_ref().map(|template| template.name.clone());
        Event::new(time, EventKind::Session, said, clock::salt())
            .with("state", Some("started"))
            .with("task", self.request.task.clone())
            .with("branch", self.branch)
            .with("template", template)
    }
}
