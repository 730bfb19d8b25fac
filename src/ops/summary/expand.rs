//! Unfolds: a line into what it stands for, an event into its fields, a checkpoint or a commit into its diff.

use super::error::SummaryError;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::ops::diff::{Diffed, FileDiff, content_of};
use crate::ops::show::read_commit;
use crate::ops::tree_diff::first_changes;
use crate::ops::{OpError, Repo, chain, points};
use crate::store::session::{self, find_sound_session};
use crate::store::{journal, session_events};
use crate::summary::history::full_line;
use crate::summary::item::Item;
use crate::summary::line::{Line, Part};

use super::{items, layers, shown};

/// Fewer digits name nothing.
const LEAST_DIGITS: usize = 4;
/// Of a commit with more changes no diff is made.
const MOST_FILES: usize = 500;
/// A line unfolds into so many things at most.
const MOST_ITEMS: usize = 2000;

/// What something unfolds into.
#[derive(Clone, Debug)]
pub enum Expanded {
    /// A line, and what it stands for, oldest first.
    Line { line: Box<Line>, items: Vec<Line>, more: usize },
    /// An event, with all its fields.
    Event(Event),
    /// What a commit or a checkpoint changed.
    Change { id: ObjectId, subject: String, message: String, diffed: Diffed },
}

/// Unfolds what was typed: a line's number or id, or the beginning of the id of anything else.
pub fn expand(repo: &Repo, typed: &str) -> Result<Expanded, OpError> {
    let typed = typed.trim();
    if let Some(line) = find_line(repo, typed)? {
        return expand_line(repo, line);
    }
    if let Some(event) = find_event(repo, typed)? {
        return Ok(Expanded::Event(event));
    }
    match find_commit(repo, typed) {
        Some(id) => change(repo, &id),
        None => Err(SummaryError::UnknownLine { typed: typed.to_owned() }.into()),
    }
}

/// The line of a number as it was shown last, or of an id.
pub(super) fn find_line(repo: &Repo, typed: &str) -> Result<Option<Line>, OpError> {
    if let Some(number) = typed.parse::<usize>().ok().filter(|_| typed.len() <= LEAST_DIGITS) {
        let shown = shown::recall(repo);
        return Ok(number.checked_sub(1).and_then(|place| shown.get(place).cloned()));
    }
    if !typed.starts_with('L') {
        return Ok(None);
    }
    if let Some(line) = shown::recall(repo).into_iter().find(|line| line.id() == typed) {
        return Ok(Some(line));
    }
    for layer in [None, Some(2), Some(3)] {
        let (history, session) = super::history_of(repo, &repo.session())?;
        let lines = super::lines_of(repo, history, session.as_ref(), &repo.session(), layer)?;
        if let Some(line) = lines.into_iter().find(|line| line.id() == typed) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

fn expand_line(repo: &Repo, line: Line) -> Result<Expanded, OpError> {
    // A line that stands for one thing unfolds into that.
    if let ([only], 1) = (line.sources.as_slice(), line.count) {
        let only = only.clone();
        if let Some(event) = find_event(repo, &only)? {
            return Ok(Expanded::Event(event));
        }
        if let Some(id) = ObjectId::from_hex(only.as_bytes())
            && line.layer < 4
        {
            return change(repo, &id);
        }
    }
    let session = chain::read_tip(repo)?.session;
    let all = layers::read_all(repo, &repo.session(), session.as_ref())?;
    let found: Vec<Line> = match (line.part, line.sources.as_slice()) {
        (Part::Earlier, [first, .., last]) => span(&all, first, last).iter().map(full_line).collect(),
        (_, sources) => sources.iter().filter_map(|id| source(repo, &all, id)).collect(),
    };
    let more = line.count.saturating_sub(found.len().min(MOST_ITEMS));
    let items = found.into_iter().take(MOST_ITEMS).collect();
    Ok(Expanded::Line { line: Box::new(line), items, more })
}

fn span<'a>(all: &'a [Item], first: &str, last: &str) -> &'a [Item] {
    let start = all.iter().position(|item| item.id == first);
    let end = all.iter().rposition(|item| item.id == last);
    start.zip(end).and_then(|(start, end)| all.get(start..=end)).unwrap_or_default()
}

/// A source in a line of its own.
fn source(repo: &Repo, all: &[Item], id: &str) -> Option<Line> {
    if let Some(item) = all.iter().find(|item| item.id == id) {
        return Some(full_line(item));
    }
    let commit_id = ObjectId::from_hex(id.as_bytes())?;
    let commit = read_commit(&repo.store, &commit_id).ok()?;
    let time = jiff::Timestamp::from_second(commit.committer.seconds).ok()?;
    Some(full_line(&Item::new(id, time, EventKind::Commit, items::bounded(&commit.subject().to_string()))))
}

/// The event of the current session whose id begins so, else of another session.
pub(super) fn find_event(repo: &Repo, typed: &str) -> Result<Option<Event>, OpError> {
    let is_id = typed.len() >= LEAST_DIGITS && typed.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id {
        return Ok(None);
    }
    let typed = typed.to_ascii_lowercase();
    let current = repo.session();
    let mut names = vec![current.to_string()];
    let refs = repo.store.list_refs(session::REFS)?;
    names.extend(
        refs.into_iter()
            .map(|(full, _)| full[session::REFS.len()..].to_owned())
            .filter(|name| *name != current.as_str()),
    );
    for name in names {
        let Ok(name) = name.parse::<Name>() else { continue };
        let found = events_like(repo, &name, &typed)?;
        match found.as_slice() {
            [] => {}
            [one] => return Ok(Some(one.clone())),
            several => {
                let candidates = several.iter().take(10).map(|event| format!("{}  {}", event.id, event.text)).collect();
                return Err(SummaryError::AmbiguousEvent { typed, candidates }.into());
            }
        }
    }
    Ok(None)
}

fn events_like(repo: &Repo, name: &Name, typed: &str) -> Result<Vec<Event>, OpError> {
    let mut found: Vec<Event> = journal::read(repo.store.layout(), name)?;
    found.retain(|event| event.id.starts_with(typed));
    let tip = repo.store.find_ref(&format!("{}{name}", session::REFS))?;
    let session = tip.map(|tip| find_sound_session(&repo.store, &tip)).transpose()?.flatten();
    if let Some(session) = &session {
        for event in session_events::events(&repo.store, session) {
            let event = event?;
            if event.id.starts_with(typed) && !found.iter().any(|known| known.id == event.id) {
                found.push(event);
            }
        }
    }
    Ok(found)
}

pub(super) fn find_commit(repo: &Repo, typed: &str) -> Option<ObjectId> {
    points::resolve(repo, typed).ok().or_else(|| repo.store.find_commit(typed).ok())
}

fn change(repo: &Repo, id: &ObjectId) -> Result<Expanded, OpError> {
    let reader = &repo.store;
    let commit = read_commit(reader, id)?;
    let parent = commit.parents.first();
    let old = parent.map(|parent| read_commit(reader, parent)).transpose()?.map(|parent| parent.tree);
    let changes = first_changes(reader, old.as_ref(), Some(&commit.tree), MOST_FILES)?.unwrap_or_default();
    let mut files = Vec::new();
    for change in changes {
        let content = content_of(reader, &change)?;
        files.push(FileDiff { change, content });
    }
    let from = parent.map_or_else(|| "nothing".to_owned(), ObjectId::short);
    let message = commit.message.to_string();
    let diffed = Diffed { from, to: id.short(), files };
    Ok(Expanded::Change { id: *id, subject: commit.subject().to_string(), message, diffed })
}
