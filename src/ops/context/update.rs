//! One step of the session: takes what was edited by hand, adds what a command has to say, publishes both, and brings the
//! result to the file.
//!
//! The chain comes first and the file after it: whoever dies in between leaves a file that the next command brings up to
//! date. Called by everything in this module that changes something.

use std::time::Duration;

use bstr::BString;
use jiff::Timestamp;
use serde_json::Value;

use super::file::{ContextFile, Seen};
use super::settle::{Settled, Sides, changed_sections, settle};
use super::{Synced, facts, versions};
use crate::model::event::{Event, EventKind};
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{ObjectError, ObjectKind, ObjectReader, hash_object};
use crate::ops::chain::{self, Tip};
use crate::ops::{OpError, Repo};
use crate::store::session::{CONTEXT, FileChanges, Session};
use crate::store::session_events::SessionChanges;
use crate::store::{StoreError, materialised};
use crate::sys::{clock, fault};

/// Longer subjects are cut: the event has the whole text.
const LONGEST_SUBJECT: usize = 72;

/// What one commit of the chain says.
#[derive(Clone, Debug)]
pub(in crate::ops) struct Step {
    /// A readable sentence; only its first line counts.
    pub(in crate::ops) subject: String,
    pub(in crate::ops) events: Vec<Event>,
    /// The new text of the context, its facts emptied.
    pub(in crate::ops) context: Option<String>,
    /// Other files of the session's tree.
    pub(in crate::ops) files: FileChanges,
}

/// The session as a step finds it, the file's edits included.
pub(in crate::ops) struct View<'a> {
    pub(in crate::ops) repo: &'a Repo,
    pub(in crate::ops) session: Option<&'a Session>,
    pub(in crate::ops) text: Option<&'a str>,
    pub(in crate::ops) now: Timestamp,
}

impl View<'_> {
    /// A file of the session's tree.
    pub(in crate::ops) fn file(&self, name: &str) -> Result<Option<String>, OpError> {
        let text = self.session.map(|session| session.text(&self.repo.store, name)).transpose()?;
        Ok(text.flatten())
    }

    /// An event of this moment.
    pub(in crate::ops) fn event(&self, kind: EventKind, text: impl Into<String>) -> Event {
        Event::new(self.now, kind, text, clock::salt())
    }
}

/// What a command adds, from what it finds; it may be asked again when somebody else was faster.
pub(in crate::ops) type Work<'w, T> = dyn FnMut(&View<'_>) -> Result<(Option<Step>, T), OpError> + 'w;

/// Runs a step.
pub(in crate::ops) fn update<T>(
    repo: &Repo,
    patience: Duration,
    work: &mut Work<'_, T>,
) -> Result<(Synced, T), OpError> {
    let _queue = chain::queue(repo, patience)?;
    let mut folding = None;
    for _ in 0..chain::ATTEMPTS {
        let tip = chain::read_tip(repo)?;
        let found = Found::read(repo, &tip)?;
        let now = repo.clock.now();
        let view = View { repo, session: tip.session.as_ref(), text: found.text.as_deref(), now };
        let (step, outcome) = work(&view)?;
        let text = step.as_ref().and_then(|step| step.context.clone()).or_else(|| found.text.clone());
        let steps: Vec<Step> = found.edit_step(&view).into_iter().chain(step).collect();
        // Before anything is published: no word changes the facts, and the store is open as it is.
        let content = found.new_content(repo, text.as_deref());
        if !steps.is_empty() {
            folding = match folding.take() {
                Some(folding) => Some(folding),
                None => chain::take_journal(repo)?,
            };
            let lines = folding.as_ref().map_or(&[][..], |folding| &folding.lines);
            match publish(repo, &tip, steps, lines, now) {
                Ok(()) => {}
                Err(OpError::Store(StoreError::RefMoved { .. } | StoreError::Object(ObjectError::Missing(_)))) => {
                    continue;
                }
                Err(error) => return Err(error),
            }
            fault::reach("context.published");
            if let Some(folding) = folding {
                folding.remove();
            }
        }
        return Ok((found.bring_to_file(repo, text, content), outcome));
    }
    Err(chain::busy(&repo.session()).into())
}

fn publish(repo: &Repo, tip: &Tip, steps: Vec<Step>, folded: &[BString], now: Timestamp) -> Result<(), OpError> {
    let writing = repo.store.start_writing()?;
    let mut session = tip.session.clone();
    let mut lines = folded.to_vec();
    for step in steps {
        let additions = chain::additions(std::mem::take(&mut lines), &step.events, step.context.as_deref(), step.files);
        let subject = cut(&step.subject);
        let changes = SessionChanges::new(tip.name.as_str(), now, &subject, &additions);
        session = Some(chain::write(repo, &writing, session.as_ref(), &changes)?);
    }
    let Some(session) = session else { return Ok(()) };
    let written = repo.store.finish_writing(writing)?;
    fault::reach("context.before-refs");
    Ok(repo.store.publish(Some(written), &[tip.edit_to(session.tip)])?)
}

/// The first line, or as much of it as a subject may be.
pub(in crate::ops) fn cut(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST_SUBJECT) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// The id that a text has as a version: that of its blob.
pub(super) fn version_of(hash: HashKind, text: &str) -> ObjectId {
    hash_object(hash, ObjectKind::Blob, text.as_bytes())
}

/// File and session as they were found, and what comes of it.
struct Found {
    file: Option<ContextFile>,
    seen: Seen,
    /// The version of the session before this step.
    current: Option<String>,
    /// There is one, and it cannot be read.
    is_damaged: bool,
    settled: Settled,
    /// The context with the edits of the file.
    text: Option<String>,
}

impl Found {
    fn read(repo: &Repo, tip: &Tip) -> Result<Found, OpError> {
        let session = tip.session.as_ref();
        let file = ContextFile::find(repo)?;
        let seen = file.as_ref().map(|file| file.read(repo)).transpose()?.unwrap_or_default();
        let blob = session.and_then(|session| session.blob(CONTEXT));
        // The file often says it already.
        let current = match (&seen.stripped, blob) {
            (Some(text), Some(blob)) if seen.version == Some(blob) => Some(text.clone()),
            _ => versions::current(repo, session)?,
        };
        let is_damaged = current.is_none() && blob.is_some();
        let Some(file) = file else {
            let text = current.clone();
            return Ok(Found { file: None, seen, current, is_damaged, settled: Settled::InStep, text });
        };
        let base = base_text(repo, session, &seen, current.as_deref())?;
        let settled =
            settle(&Sides { file: seen.stripped.as_deref(), current: current.as_deref(), base: base.as_deref() });
        let text = match &settled {
            Settled::InStep | Settled::Rewrite => current.clone(),
            Settled::Taken => seen.stripped.clone(),
            Settled::Merged { text, .. } => Some(text.clone()),
        };
        Ok(Found { file: Some(file), seen, current, is_damaged, settled, text })
    }

    /// Sections that were edited by hand; a file that is the first version was not edited.
    fn edited(&self) -> Vec<String> {
        let is_edit = matches!(self.settled, Settled::Taken | Settled::Merged { .. });
        match (&self.current, &self.text) {
            (Some(current), Some(text)) if is_edit => named(changed_sections(current, text)),
            _ => Vec::new(),
        }
    }

    fn conflicts(&self) -> Vec<String> {
        match &self.settled {
            Settled::Merged { conflicts, .. } => named(conflicts.clone()),
            _ => Vec::new(),
        }
    }

    /// The commit that says what was edited by hand.
    fn edit_step(&self, view: &View<'_>) -> Option<Step> {
        let text = self.text.clone().filter(|_| self.text != self.current)?;
        let (sections, conflicts) = (self.edited(), self.conflicts());
        let where_ = if sections.is_empty() { "white space".to_owned() } else { sections.join(", ") };
        let said =
            if self.current.is_none() { "taken from the file".to_owned() } else { format!("edited by hand: {where_}") };
        let list = |names: Vec<String>| Value::from(names);
        let event = view.event(EventKind::Context, &*said).with("action", Some("edited"));
        let event = event.with("sections", Some(list(sections)));
        let event = event.with("conflicts", (!conflicts.is_empty()).then(|| list(conflicts)));
        Some(Step { subject: format!("context: {said}"), events: vec![event], context: Some(text), files: Vec::new() })
    }

    /// What the file is to hold, where that is something else than it does.
    fn new_content(&self, repo: &Repo, text: Option<&str>) -> Option<String> {
        let text = text.filter(|text| self.file.is_some() && self.seen.stripped.as_deref() != Some(*text))?;
        Some(facts::filled(repo, text))
    }

    /// Writes the file where it says something else. What was published stands, whatever becomes of the file.
    fn bring_to_file(self, repo: &Repo, text: Option<String>, content: Option<String>) -> Synced {
        let (edited, conflicts) = (self.edited(), self.conflicts());
        let version = text.as_deref().map(|text| version_of(repo.store.hash_kind(), text));
        let mut synced = Synced { version, edited, conflicts, ..Synced::default() };
        if let (Some(file), Some(_)) = (&self.file, &text) {
            synced.file = Some(file.path().to_owned());
            match self.write(repo, file, content.as_deref(), version) {
                Ok(rewritten) => synced.rewritten = rewritten,
                Err(error) => synced.warnings.push(format!("{} was not written: {error}", file.path())),
            }
            synced.warnings.extend(self.came_back(&synced, file));
        }
        if self.is_damaged {
            synced.warnings.push("the last version of the context cannot be read; see `ckpt context log`".to_owned());
        }
        synced.text = text;
        synced
    }

    /// A file that was there once and is not any more: that is no wish that anybody could be sure of.
    fn came_back(&self, synced: &Synced, file: &ContextFile) -> Option<String> {
        let is_back = self.seen.stripped.is_none() && synced.rewritten && self.seen.base.is_some();
        let what = if self.seen.raw.is_some() { "empty" } else { "gone" };
        is_back.then(|| format!("{} was {what}; its last version was written again", file.path()))
    }

    fn write(
        &self,
        repo: &Repo,
        file: &ContextFile,
        content: Option<&str>,
        version: Option<ObjectId>,
    ) -> Result<bool, OpError> {
        if let Some(content) = content
            && !file.place(repo).replace(self.seen.raw.as_deref(), content)?
        {
            // Somebody else was at it: the next command takes what they wrote.
            return Ok(false);
        }
        fault::reach("context.file-written");
        if let Some(version) = version.filter(|_| self.seen.base != version) {
            materialised::write_base(repo.store.layout(), &version)?;
        }
        Ok(content.is_some())
    }
}

/// What stands before the first heading has no name.
fn named(sections: Vec<String>) -> Vec<String> {
    sections.into_iter().map(|name| if name.is_empty() { "the beginning".to_owned() } else { name }).collect()
}

/// The text that the file was last known as. Without a note of it, the file itself if it is a version of the session.
fn base_text(
    repo: &Repo,
    session: Option<&Session>,
    seen: &Seen,
    current: Option<&str>,
) -> Result<Option<String>, OpError> {
    let Some(file) = seen.stripped.as_deref().filter(|file| Some(*file) != current) else { return Ok(None) };
    let Some(file_version) = seen.version else { return Ok(None) };
    if let Some(base) = seen.base {
        if base == file_version {
            return Ok(Some(file.to_owned()));
        }
        if let Some(text) = versions::text_of_blob(repo, &base)? {
            return Ok(Some(text));
        }
    }
    let is_known = match session {
        Some(session) => versions::has_version(repo, session, &file_version)?,
        None => false,
    };
    Ok(is_known.then(|| file.to_owned()))
}
