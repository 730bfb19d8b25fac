//! Switches a work tree from one session to another: chains, stack and further refs change in one transaction, and the
//! context's file follows.
//!
//! The order is: [`before`] takes what was edited by hand into the old session, [`prepare`] writes the objects and says
//! which refs are to move, somebody publishes them, [`after`] brings the file to the new session. [`switch`] does all
//! four; the load engine does the third with its own operation log. Who dies between two refs leaves a state that reads
//! as the old or the new one: see [`Part`]. The caller holds the lock of the work tree.

use bstr::BString;
use jiff::Timestamp;

use crate::context::standard::new_document;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::ObjectError;
use crate::model::stack::Stack;
use crate::ops::chain::{self, Tip};
use crate::ops::context::{self, Synced};
use crate::ops::repo::main_session;
use crate::ops::{OpError, Repo};
use crate::store::journal::Folding;
use crate::store::session::{CONTEXT, FileChanges, Session, SessionRecord};
use crate::store::session_events::SessionChanges;
use crate::store::{Expected, RefEdit, StoreError, Writing, materialised, stack};
use crate::sys::fault;

#[cfg(test)]
mod tests;

/// What one session's chain is told.
#[derive(Clone, Debug)]
pub(crate) struct ChainStep {
    pub(crate) session: Name,
    /// What the session is from now on; `None` leaves its record as it is.
    pub(crate) record: Option<SessionRecord>,
    /// A readable sentence.
    pub(crate) subject: String,
    pub(crate) events: Vec<Event>,
    /// The new text of its context, the facts emptied.
    pub(crate) context: Option<String>,
    /// Other files of its tree.
    pub(crate) files: FileChanges,
    /// The session that comes back to this one: its tip, after a step of its own in the same switch, is the second parent.
    pub(crate) merged: Option<Name>,
}

impl ChainStep {
    /// A step that only says something.
    pub(crate) fn new(session: Name, subject: impl Into<String>) -> ChainStep {
        ChainStep {
            session,
            record: None,
            subject: subject.into(),
            events: Vec::new(),
            context: None,
            files: Vec::new(),
            merged: None,
        }
    }

    /// Writes it on top of a session, or as a new one's first, behind what `waiting` says; `merged` is the tip that comes
    /// back. Nothing names it yet.
    pub(crate) fn write(
        &self,
        repo: &Repo,
        writing: &Writing,
        session: Option<&Session>,
        waiting: &[BString],
        merged: Option<ObjectId>,
        time: Timestamp,
    ) -> Result<Session, OpError> {
        let additions = chain::additions(waiting.to_vec(), &self.events, self.context.as_deref(), self.files.clone());
        let subject = context::subject(&self.subject);
        let changes = SessionChanges {
            record: self.record.as_ref(),
            merged,
            ..SessionChanges::new(self.session.as_str(), time, &subject, &additions)
        };
        chain::write(repo, writing, session, &changes)
    }
}

/// One ref that moves. The parts of a switch take effect in their order, should the process die between two of them: a
/// new session's chain stands before the stack that names it, and that of the session which is left after it. A session
/// whose record says active while no stack holds it counts as paused, so every beginning of such a list is sound.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Ref(RefEdit),
    Chain(Box<ChainStep>),
    /// The stack of this work tree from now on, and a readable sentence.
    Stack(Stack, String),
}

/// All that changes, in order; a session has one step at most.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    pub(crate) parts: Vec<Part>,
    pub(crate) time: Timestamp,
}

/// Refs that are to move, their objects written and not yet published.
#[must_use = "what was prepared is to be published"]
pub(crate) struct Prepared {
    pub(crate) edits: Vec<RefEdit>,
    folding: Option<Folding>,
}

impl Prepared {
    /// To be called once the edits are published: the chain has what was in the journal.
    pub(crate) fn published(self) {
        if let Some(folding) = self.folding {
            folding.remove();
        }
    }
}

/// What was edited by hand becomes a version of the session that is current now. Takes the queue for itself.
pub(crate) fn before(repo: &Repo) -> Synced {
    context::sync_for_save(repo)
}

/// Looks at the stack anew and brings the context's file to the session that is current now. Takes the queue for itself.
pub(crate) fn after(repo: &Repo) -> Synced {
    repo.forget_session();
    context::sync_for_save(repo)
}

/// Plans a switch from what is there, and carries it out. `plan` is asked again when somebody else was faster.
///
/// The warnings of both looks at the context's file are in what it gives.
pub(crate) fn switch<T>(
    repo: &Repo,
    plan: &mut dyn FnMut() -> Result<(Switch, T), OpError>,
) -> Result<(T, Synced), OpError> {
    let before = before(repo);
    let outcome = publish(repo, plan)?;
    Ok((outcome, both(before, after(repo))))
}

/// What is told of two looks at the context's file, before and after a switch. The edits are those of the first.
pub(super) fn both(before: Synced, mut after: Synced) -> Synced {
    after.edited = before.edited;
    after.warnings.splice(0..0, before.warnings);
    after.warnings.dedup();
    after
}

/// The part of [`switch`] that holds the queue.
fn publish<T>(repo: &Repo, plan: &mut dyn FnMut() -> Result<(Switch, T), OpError>) -> Result<T, OpError> {
    let _queue = chain::queue(repo, chain::PATIENCE)?;
    for _ in 0..chain::ATTEMPTS {
        let (planned, outcome) = plan()?;
        let writing = repo.store.start_writing()?;
        let prepared = prepare(repo, &writing, &planned)?;
        let written = repo.store.finish_writing(writing)?;
        fault::reach("switch.before-refs");
        match repo.store.publish(Some(written), &prepared.edits) {
            Ok(()) => {
                fault::reach("switch.published");
                prepared.published();
                return Ok(outcome);
            }
            Err(StoreError::RefMoved { name, .. }) if name.starts_with("refs/ckpt/") => {}
            Err(StoreError::Object(ObjectError::Missing(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(chain::busy(&repo.session()).into())
}

/// Writes the commits of a switch into `writing` and gives the refs that make it visible.
///
/// For the holder of the queue ([`chain::queue`]): whoever lets go of it before the edits are published may lose the race
/// against a save, and has to prepare again. The events that wait in the journal of the session that is current now are
/// among what is written.
pub(crate) fn prepare(repo: &Repo, writing: &Writing, switch: &Switch) -> Result<Prepared, OpError> {
    let mut parts = switch.parts.clone();
    let mut folding = chain::take_journal(repo)?;
    let waiting = folding.as_mut().map(|folding| std::mem::take(&mut folding.lines)).unwrap_or_default();
    let old = repo.session();
    if !waiting.is_empty() {
        step_of(&mut parts, &old, "events: taken from the journal");
    }
    begin_missing_context(repo, &mut parts)?;
    let mut work = Work { repo, writing, time: switch.time, done: Vec::new() };
    let is_last = |part: &&Part| matches!(part, Part::Chain(step) if step.merged.is_some());
    let (last, first): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(is_last);
    for part in first.into_iter().chain(last) {
        if let Part::Chain(step) = part {
            let lines = if step.session == old { waiting.as_slice() } else { &[] };
            work.write(step, lines)?;
        }
    }
    let edits = parts.iter().map(|part| work.edit(part)).collect::<Result<_, OpError>>()?;
    Ok(Prepared { edits, folding })
}

/// The step of a session, a new one at the end where it has none.
fn step_of<'p>(parts: &'p mut Vec<Part>, session: &Name, subject: &str) -> &'p mut ChainStep {
    let is_own = |part: &Part| matches!(part, Part::Chain(step) if step.session == *session);
    let at = parts.iter().position(is_own).unwrap_or_else(|| {
        parts.push(Part::Chain(Box::new(ChainStep::new(session.clone(), subject))));
        parts.len() - 1
    });
    match &mut parts[at] {
        Part::Chain(step) => step,
        _ => unreachable!("the position is that of a step"),
    }
}

/// A session without a context would take the one that the file has of the session before.
fn begin_missing_context(repo: &Repo, parts: &mut Vec<Part>) -> Result<(), OpError> {
    let stack = parts.iter().rev().find_map(|part| if let Part::Stack(stack, _) = part { Some(stack) } else { None });
    let Some(stack) = stack else { return Ok(()) };
    let session = stack.current().cloned().unwrap_or_else(main_session);
    if session == repo.session() || materialised::find(repo.store.layout())?.is_none() {
        return Ok(());
    }
    let tip = chain::read_tip_of(repo, session.clone())?;
    if tip.session.as_ref().is_some_and(|session| session.blob(CONTEXT).is_some()) {
        return Ok(());
    }
    let standard = context::standard_of(repo)?;
    let step = step_of(parts, &session, "context: begun");
    if step.context.is_none() {
        let title = step.record.as_ref().or(tip.session.as_ref().map(|session| &session.record));
        let title = title.map_or_else(|| session.to_string(), |record| record.title.clone());
        step.context = Some(new_document(&title, &standard));
    }
    Ok(())
}

/// The commits that were written so far.
struct Work<'a> {
    repo: &'a Repo,
    writing: &'a Writing,
    time: Timestamp,
    /// Each session with the tip that it was read from, and where its chain is to end.
    done: Vec<(Tip, Session)>,
}

impl Work<'_> {
    fn write(&mut self, step: &ChainStep, waiting: &[BString]) -> Result<(), OpError> {
        let tip = chain::read_tip_of(self.repo, step.session.clone())?;
        let merged = step.merged.as_ref().map(|merged| self.tip_of(merged)).transpose()?.flatten();
        let session = step.write(self.repo, self.writing, tip.session.as_ref(), waiting, merged, self.time)?;
        self.done.push((tip, session));
        Ok(())
    }

    /// Where the chain of a session ends, with what is written of it here.
    fn tip_of(&self, name: &Name) -> Result<Option<ObjectId>, OpError> {
        match self.done.iter().find(|(tip, _)| tip.name == *name) {
            Some((_, session)) => Ok(Some(session.tip)),
            None => Ok(chain::read_tip_of(self.repo, name.clone())?.id),
        }
    }

    fn edit(&self, part: &Part) -> Result<RefEdit, OpError> {
        Ok(match part {
            Part::Ref(edit) => edit.clone(),
            Part::Chain(step) => {
                let (tip, session) =
                    self.done.iter().find(|(tip, _)| tip.name == step.session).expect("each step was written");
                tip.edit_to(session.tip)
            }
            Part::Stack(stack, subject) => {
                let store = &self.repo.store;
                let tip = store.find_ref(stack::REF)?;
                let identity = chain::identity(self.repo);
                let new = stack::append(self.writing, &identity, tip.as_ref(), stack, self.time, subject)?;
                let expected = tip.map_or(Expected::Absent, Expected::At);
                RefEdit { name: stack::REF.to_owned(), expected, new: Some(new) }
            }
        })
    }
}
