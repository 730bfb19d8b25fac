//! The context document of a session: its versions in the chain, its file in the work tree, and what is added to it.
//!
//! Truth is the chain. The file is for people and agents to read and edit; [`sync`] brings the two together.

pub mod digest;
pub mod editing;
pub mod facts;
mod file;
pub mod initialise;
pub mod partitions;
mod settle;
mod target;
pub(super) mod update;
mod versions;
pub mod words;

use std::collections::HashSet;
use std::time::Duration;

use file::ContextFile;
use target::Target;
pub(super) use update::cut as subject;
use update::{Step, View, update, version_of};
pub use versions::{NamedText, Version};

use super::{OpError, Repo, chain};
use crate::context::compare::{SectionChange, by_section};
use crate::context::standard::{Standard, new_document};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::object::ObjectReader;
use crate::store::{StoreError, journal, session_events};
use crate::worktree::WorktreeError;

/// What the file and the session say to each other after a [`sync`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// The text of the current version, its facts emptied; `None` where there is no context yet.
    pub text: Option<String>,
    /// The blob of that version.
    pub version: Option<ObjectId>,
    /// The file in the work tree, from its root; `None` without `ckpt init`.
    pub file: Option<String>,
    /// Sections that were edited by hand and are a new version now.
    pub edited: Vec<String>,
    /// Sections in which both sides said something and both were kept, marked.
    pub conflicts: Vec<String>,
    /// The file was written: it was not there, or stood at an older version.
    pub rewritten: bool,
    /// What is to be told: why the file could not be used, or that it came back. One line each.
    pub warnings: Vec<String>,
}

/// Takes what was edited in the file as a new version, and brings a newer version to the file.
///
/// Two edits are merged by section and item; nothing is overwritten unread. Without `ckpt init` this reads the session
/// alone and takes no lock.
pub fn sync(repo: &Repo) -> Result<Synced, OpError> {
    sync_within(repo, chain::PATIENCE)
}

/// [`sync`] for whoever may not wait that long for others who write: busy is an error then.
pub fn sync_within(repo: &Repo, patience: Duration) -> Result<Synced, OpError> {
    let Some(file) = ContextFile::find(repo)? else { return without_file(repo) };
    match in_step(repo, &file)? {
        Some(synced) => Ok(synced),
        None => update(repo, patience, &mut |_| Ok((None, ()))).map(|(synced, ())| synced),
    }
}

fn without_file(repo: &Repo) -> Result<Synced, OpError> {
    let text = versions::current(repo, chain::read_tip(repo)?.session.as_ref())?;
    Ok(Synced {
        version: text.as_deref().map(|text| version_of(repo.store.hash_kind(), text)),
        text,
        ..Synced::default()
    })
}

/// Where file, note and session agree, nothing is locked and nothing is written.
fn in_step(repo: &Repo, file: &ContextFile) -> Result<Option<Synced>, OpError> {
    let seen = file.read(repo)?;
    let current = chain::read_tip(repo)?.session.and_then(|session| session.blob(crate::store::session::CONTEXT));
    let version = seen.version;
    if version.is_none() || version != seen.base || version != current {
        return Ok(None);
    }
    let path = Some(file.path().to_owned());
    Ok(Some(Synced { text: seen.stripped, version, file: path, ..Synced::default() }))
}

/// [`sync`] before a save, which never fails for the sake of the context: what is wrong becomes a warning.
pub(super) fn sync_for_save(repo: &Repo) -> Synced {
    match ContextFile::find(repo) {
        Ok(None) => Synced::default(),
        Ok(Some(_)) => sync(repo).unwrap_or_else(|error| warned(&error)),
        Err(error) => warned(&error),
    }
}

fn warned(error: &OpError) -> Synced {
    let what = match error {
        OpError::Worktree(WorktreeError::UnfitDocument { .. }) => format!("{error}; its last good version was saved"),
        _ => format!("the context was not read: {error}"),
    };
    Synced { warnings: vec![what], ..Synced::default() }
}

/// Writes the facts of this moment into the block of the file, if it has one. Makes no version, starts no process and
/// takes no lock that a save holds; gives up where the file is being changed. True when the file was written.
pub fn refresh_facts(repo: &Repo) -> Result<bool, OpError> {
    facts::refresh(repo)
}

/// [`refresh_facts`] after a save: a file that git sees is left alone, or no state would ever be saved twice the same.
pub(super) fn refresh_after_save(repo: &Repo) {
    let _ = facts::refresh_unseen(repo);
}

/// All events of the current session, oldest first, those in the journal included.
pub fn events(repo: &Repo) -> Result<Vec<Event>, OpError> {
    // The journal first: what is folded meanwhile is then seen twice, and not never.
    let waiting = journal::read(repo.store.layout(), &repo.session())?;
    let Some(session) = chain::read_tip(repo)?.session else { return Ok(waiting) };
    let mut all = session_events::events(&repo.store, &session).collect::<Result<Vec<_>, StoreError>>()?;
    let ids: HashSet<&str> = waiting.iter().map(|event| event.id.as_str()).collect();
    let folded: Vec<Event> = all.iter().filter(|event| ids.contains(event.id.as_str())).cloned().collect();
    all.extend(waiting.into_iter().filter(|event| !folded.contains(event)));
    Ok(all)
}

/// The sections that a document of this repository is meant to have.
pub fn standard_of(repo: &Repo) -> Result<Standard, OpError> {
    let own = repo.store.git_settings("ckpt.contextsection")?;
    let sections = if own.is_empty() { &repo.context.sections } else { &own };
    Ok(if sections.is_empty() { Standard::default() } else { Standard::of(sections.clone()) })
}

/// The document that a project's context begins with.
pub(super) fn new_context(repo: &Repo) -> Result<String, OpError> {
    Ok(new_document(&Target::Context.title(repo), &standard_of(repo)?))
}

/// The document that a partition begins with.
pub(super) fn new_partition(repo: &Repo, name: &str) -> Result<String, OpError> {
    Ok(new_document(&Target::of(Some(name))?.title(repo), &standard_of(repo)?))
}

/// Looks at the session after a sync.
fn read_view<T>(repo: &Repo, look: &mut dyn FnMut(&View<'_>) -> Result<T, OpError>) -> Result<T, OpError> {
    let synced = sync(repo)?;
    let tip = chain::read_tip(repo)?;
    let view = View { repo, session: tip.session.as_ref(), text: synced.text.as_deref(), now: repo.clock.now() };
    look(&view)
}

/// The text of a document after a sync.
fn read_target(repo: &Repo, target: &Target) -> Result<(Synced, Option<String>), OpError> {
    let synced = sync(repo)?;
    if *target == Target::Context {
        let text = synced.text.clone();
        return Ok((synced, text));
    }
    let tip = chain::read_tip(repo)?;
    let view = View { repo, session: tip.session.as_ref(), text: None, now: repo.clock.now() };
    let text = target.text(&view)?;
    Ok((synced, text))
}

/// A document to look at.
#[derive(Clone, Debug)]
pub struct ShownContext {
    /// The facts of this moment stand in it, or none where it is an older version.
    pub text: String,
    /// What was asked for: `None` for what it is now.
    pub at: Option<String>,
    pub partition: Option<String>,
    pub synced: Synced,
}

/// Shows the context as it is now, or as a checkpoint or a version has it.
pub fn show(repo: &Repo, at: Option<&str>) -> Result<ShownContext, OpError> {
    let synced = sync(repo)?;
    if let Some(at) = at {
        let session = chain::read_tip(repo)?.session;
        let NamedText { name, text } = versions::resolve(repo, session.as_ref(), at)?;
        return Ok(ShownContext { text, at: Some(name), partition: None, synced });
    }
    let text = facts::filled(repo, synced.text.as_deref().ok_or(OpError::NoContext)?);
    Ok(ShownContext { text, at: None, partition: None, synced })
}

/// The versions of the context, newest first, at most `limit`, and what a sync before it did.
pub fn log(repo: &Repo, limit: usize) -> Result<(Vec<Version>, Synced), OpError> {
    let synced = sync(repo)?;
    let session = chain::read_tip(repo)?.session;
    let versions = session.map_or(Ok(Vec::new()), |session| versions::list(repo, &session, limit))?;
    Ok((versions, synced))
}

/// Two versions to compare.
#[derive(Clone, Debug)]
pub struct Compared {
    pub from: NamedText,
    pub to: NamedText,
    pub sections: Vec<SectionChange>,
    pub synced: Synced,
}

/// Two versions: with none named, the one before the last and the last; with one, that and the last.
pub fn compared(repo: &Repo, from: Option<&str>, to: Option<&str>) -> Result<Compared, OpError> {
    let synced = sync(repo)?;
    let session = chain::read_tip(repo)?.session;
    let find = |typed: &str| versions::resolve(repo, session.as_ref(), typed);
    let session_ref = session.as_ref().ok_or(OpError::NoContext)?;
    let newest = versions::list(repo, session_ref, 2)?;
    let read = |version: &Version| {
        let text = versions::text_of_blob(repo, &version.blob)?.unwrap_or_default();
        Ok::<_, OpError>(NamedText { name: version.id.short(), text })
    };
    let to = match to {
        Some(typed) => find(typed)?,
        None => read(newest.first().ok_or(OpError::NoContext)?)?,
    };
    let from = match from {
        Some(typed) => find(typed)?,
        None => match newest.get(1) {
            Some(version) => read(version)?,
            None => NamedText { name: "nothing".to_owned(), text: String::new() },
        },
    };
    let sections = by_section(&from.text, &to.text);
    Ok(Compared { from, to, sections, synced })
}

/// A version that is the current one again.
#[derive(Clone, Debug)]
pub struct Restored {
    pub from: String,
    /// It was the current one already.
    pub unchanged: bool,
    pub synced: Synced,
}

/// Makes an older version the current one. What was current stays in the history.
pub fn restore(repo: &Repo, typed: &str) -> Result<Restored, OpError> {
    let (synced, (from, unchanged)) = update(repo, chain::PATIENCE, &mut |view| {
        let NamedText { name, text } = versions::resolve(repo, view.session, typed)?;
        if view.text == Some(text.as_str()) {
            return Ok((None, (name, true)));
        }
        let sections = settle::changed_sections(view.text.unwrap_or_default(), &text);
        let said = format!("restored {name}");
        let event = view.event(EventKind::Context, &*said).with("action", Some("restored"));
        let event = event.with("sections", Some(sections)).with("from", Some(name.clone()));
        let subject = format!("context: {said}");
        let step = Step { subject, events: vec![event], context: Some(text), files: Vec::new() };
        Ok((Some(step), (name, false)))
    })?;
    Ok(Restored { from, unchanged, synced })
}
