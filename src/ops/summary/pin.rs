//! Pins: what somebody says must never be compressed away. An event each, so a pin has a history of its own; it stands in
//! the session's chain before the command answers, as every other word does.

use bstr::ByteSlice;

use super::error::SummaryError;
use crate::model::event::EventKind;
use crate::ops::context::Synced;
use crate::ops::context::update::{Step, update};
use crate::ops::show::read_commit;
use crate::ops::{OpError, Repo, chain};
use crate::summary::item::one_line;
use crate::summary::standing::{KeptKind, Standing};

use super::expand::{find_commit, find_event, find_line};
use super::layers;

/// A pin says no more than this, in characters.
const LONGEST: usize = 300;

/// What is pinned, or was.
#[derive(Clone, Debug)]
pub struct Pinned {
    pub id: String,
    pub text: String,
    /// It was so already.
    pub is_unchanged: bool,
    pub synced: Synced,
}

/// Pins a line, an event, a checkpoint or a commit.
pub fn pin(repo: &Repo, typed: &str) -> Result<Pinned, OpError> {
    let (id, text) = resolve(repo, typed.trim())?;
    if pins(repo)?.iter().any(|(known, _)| *known == id) {
        return Ok(Pinned { id, text, is_unchanged: true, synced: Synced::default() });
    }
    record(repo, EventKind::Pin, id, text)
}

/// Takes a pin off: by the id of what is pinned, or by the number of its line.
pub fn unpin(repo: &Repo, typed: &str) -> Result<Pinned, OpError> {
    let typed = typed.trim();
    let pins = pins(repo)?;
    let line = find_line(repo, typed)?;
    let is_meant = |id: &str| match &line {
        Some(line) => line.sources.iter().any(|source| source == id),
        None => typed.len() >= 4 && id.starts_with(typed),
    };
    let found = pins.into_iter().find(|(id, _)| is_meant(id));
    let (id, text) = found.ok_or_else(|| SummaryError::NotPinned { typed: typed.to_owned() })?;
    record(repo, EventKind::Unpin, id, text)
}

fn record(repo: &Repo, kind: EventKind, id: String, text: String) -> Result<Pinned, OpError> {
    let (synced, ()) = update(repo, chain::PATIENCE, &mut |view| {
        let event = view.event(kind.clone(), &*text).with("about", Some(&*id));
        let step = Step { subject: format!("{kind}: {text}"), events: vec![event], context: None, files: Vec::new() };
        Ok((Some(step), ()))
    })?;
    Ok(Pinned { id, text, is_unchanged: false, synced })
}

fn resolve(repo: &Repo, typed: &str) -> Result<(String, String), OpError> {
    if let Some(line) = find_line(repo, typed)? {
        let id = line.sources.first().cloned().unwrap_or_default();
        let text = line.text.trim_start_matches("pinned: ").to_owned();
        return Ok((id, text));
    }
    if let Some(event) = find_event(repo, typed)? {
        return Ok((event.id, one_line(&event.text, LONGEST)));
    }
    let unknown = || SummaryError::UnknownLine { typed: typed.to_owned() };
    let id = find_commit(repo, typed).ok_or_else(unknown)?;
    let commit = read_commit(&repo.store, &id)?;
    Ok((id.to_string(), one_line(&commit.subject().to_str_lossy(), LONGEST)))
}

/// What is pinned in the current session: id and text.
pub(in crate::ops) fn pins(repo: &Repo) -> Result<Vec<(String, String)>, OpError> {
    let session = chain::read_tip(repo)?.session;
    let history = layers::read(repo, &repo.session(), session.as_ref())?;
    let mut standing: Standing = history.layers.standing.clone();
    history.items.iter().for_each(|item| drop(standing.feed(item)));
    let pinned = standing.iter().filter(|kept| kept.kind == KeptKind::Pinned);
    Ok(pinned.map(|kept| (kept.id.clone(), kept.text.clone())).collect())
}
