//! What happened: commits and events, newest first, no more of them than could ever fit.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};
use jiff::Timestamp;
use serde_json::Value;

use super::{Sources, entry, one_line, pinned};
use crate::model::commit::Commit;
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::ObjectReader;
use crate::ops::show::read_commit;
use crate::ops::{OpError, summary};
use crate::store::{StoreError, journal, session_events};
use crate::summary::brief::{Section, Shape};
use crate::summary::line::Line;

/// So many commits are told.
const COMMITS: usize = 15;

/// So many are looked at for those that changed the paths which the brief is about.
const LOOKED_AT: usize = 500;

/// So many pins are in every brief.
const MOST_PINS: usize = 15;

/// Digits of an id.
const SHORT_ID: usize = 10;

/// The shortest line of an event is no fewer tokens.
const LEAST_TOKENS: usize = 5;

/// The last commits of the branch.
pub(super) struct Commits {
    pub(super) section: Section,
    ids: Vec<ObjectId>,
}

/// Follows the first parents from HEAD; where the brief is about some paths, only commits that changed them are told.
pub(super) fn commits(sources: &Sources<'_>, head: Option<ObjectId>) -> Result<Commits, OpError> {
    let (mut entries, mut ids, mut next) = (Vec::new(), Vec::new(), head);
    let mut looked_at = 0;
    while let Some(id) = next.filter(|_| ids.len() < COMMITS && looked_at < LOOKED_AT) {
        // In a shallow clone the rest is not there.
        let Ok(commit) = read_commit(&sources.repo.store, &id) else { break };
        looked_at += 1;
        next = commit.parents.first().copied();
        if !changes(sources, &commit)? {
            continue;
        }
        let mut told = entry(Shape::Item, Some(id.short()), &commit.subject().to_string());
        if let Some(told) = &mut told {
            told.time = Timestamp::from_second(commit.committer.seconds).ok();
        }
        entries.extend(told);
        ids.push(id);
    }
    let section = Section {
        name: "commits",
        title: "Last commits",
        entries,
        has_older: next.is_some(),
        source: "git log".to_owned(),
        share: 10,
    };
    Ok(Commits { section, ids })
}

/// Whether a commit changed what the brief is about.
fn changes(sources: &Sources<'_>, commit: &Commit) -> Result<bool, OpError> {
    let places = sources.scope.places();
    if places.is_empty() {
        return Ok(true);
    }
    let parent = commit.parents.first().and_then(|parent| read_commit(&sources.repo.store, parent).ok());
    for place in places {
        let before = parent.as_ref().map(|parent| object_at(sources, &parent.tree, place)).transpose()?.flatten();
        if object_at(sources, &commit.tree, place)? != before {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What stands at a path of a tree.
fn object_at(sources: &Sources<'_>, tree: &ObjectId, path: &BString) -> Result<Option<ObjectId>, OpError> {
    let mut at = (Mode::Tree, *tree);
    for part in path.split_str("/") {
        if at.0 != Mode::Tree {
            return Ok(None);
        }
        let entries = sources.repo.store.read_tree(&at.1)?;
        let Some(entry) = entries.into_iter().find(|entry| entry.name == part) else { return Ok(None) };
        at = (entry.mode, entry.id);
    }
    Ok(Some(at.1))
}

/// What is told of the history besides the commits: pins, the newest events, and what is compressed.
pub(super) struct Events {
    pub(super) pinned: Section,
    pub(super) newest: Section,
    pub(super) earlier: Section,
}

/// The last events of the session, without what the context or the commits say already; before them the layers.
pub(super) fn events(sources: &Sources<'_>, said: &HashSet<String>, commits: &Commits) -> Result<Events, OpError> {
    let recent = summary::recent(sources.repo, sources.session.as_ref())?;
    let most = sources.budget / LEAST_TOKENS + 1;
    let (newest, has_older) = newest_events(sources, recent.since, most)?;
    let is_shown = |name: &str| sources.scope.partitions.iter().any(|shown| shown == name);
    let is_known = |event: &Event| match partition_of(event) {
        Some(name) => is_word(event) && is_shown(name),
        None => is_word(event) && is_said(event, said) || is_commit(event, &commits.ids) || is_pin(event),
    };
    let told = newest.iter().filter(|event| !is_known(event)).filter_map(|event| {
        let mut told = entry(Shape::Item, Some(label_of(event)), &text_of(event))?;
        told.time = Some(event.time);
        Some(told)
    });
    let newest = Section {
        name: "events",
        title: "Last events",
        entries: told.collect(),
        has_older,
        source: format!("git log {}{}", crate::store::session::REFS, sources.repo.session()),
        share: 15,
    };
    Ok(Events { pinned: pinned_section(&recent.pinned), newest, earlier: earlier_section(&recent.earlier) })
}

fn pinned_section(pins: &[(String, String)]) -> Section {
    let entries = pins.iter().rev().filter_map(|(id, text)| entry(Shape::Item, Some(short(id)), text));
    let section = Section {
        name: "pinned",
        title: "Pinned",
        entries: entries.collect(),
        has_older: false,
        source: "ckpt summary".to_owned(),
        share: 10,
    };
    pinned(section, MOST_PINS)
}

fn earlier_section(lines: &[Line]) -> Section {
    let entries = lines.iter().filter_map(|line| {
        let mut told = entry(Shape::Item, line.sources.first().map(|id| short(id)), &line.text)?;
        told.time = Some(line.time);
        Some(told)
    });
    Section {
        name: "earlier",
        title: "Earlier",
        entries: entries.collect(),
        has_older: false,
        source: "ckpt summary".to_owned(),
        share: 15,
    }
}

fn short(id: &str) -> String {
    id.chars().take(SHORT_ID).collect()
}

/// Those that wait in the journal first, then the chain's from the last one, back to what is compressed; at most `most`,
/// and whether there are more.
fn newest_events(sources: &Sources<'_>, since: Option<Vec<Event>>, most: usize) -> Result<(Vec<Event>, bool), OpError> {
    let repo = sources.repo;
    let mut newest = journal::read(repo.store.layout(), &repo.session())?;
    newest.reverse();
    let mut seen: HashSet<String> = newest.iter().map(|event| event.id.clone()).collect();
    let chained: Box<dyn Iterator<Item = Result<Event, StoreError>>> = match (since, &sources.session) {
        (Some(events), _) => Box::new(events.into_iter().rev().map(Ok)),
        (None, Some(session)) => Box::new(session_events::events(&repo.store, session).rev()),
        (None, None) => Box::new(std::iter::empty()),
    };
    for event in chained {
        if newest.len() > most {
            break;
        }
        let event = event?;
        // A fold that is under way has put it into the chain already.
        if seen.insert(event.id.clone()) {
            newest.push(event);
        }
    }
    let has_older = newest.len() > most;
    newest.truncate(most);
    Ok((newest, has_older))
}

/// It is told as what it pins.
fn is_pin(event: &Event) -> bool {
    matches!(event.kind, EventKind::Pin | EventKind::Unpin)
}

/// Whether it is a line in a document as well.
fn is_word(event: &Event) -> bool {
    use EventKind::{Decision, Issue, Next, Note, Todo};
    matches!(event.kind, Note | Decision | Issue | Todo | Next)
}

/// Whether the context still has it as an item: then it need not be told twice.
fn is_said(event: &Event, said: &HashSet<String>) -> bool {
    event.text.lines().all(|line| said.contains(&one_line(line)))
}

fn partition_of(event: &Event) -> Option<&str> {
    event.fields.get("partition").and_then(Value::as_str)
}

fn label_of(event: &Event) -> String {
    let kind = one_line(event.kind.as_str());
    match partition_of(event).filter(|_| is_word(event)) {
        Some(partition) => format!("{kind} in {partition}"),
        None => kind,
    }
}

fn is_commit(event: &Event, commits: &[ObjectId]) -> bool {
    let id = event.fields.get("commit").and_then(Value::as_str).and_then(|hex| ObjectId::from_hex(hex.as_bytes()));
    event.kind == EventKind::Commit && id.is_some_and(|id| commits.contains(&id))
}

fn text_of(event: &Event) -> String {
    let field = |name: &str| event.fields.get(name).and_then(Value::as_str);
    let because = field("why").map(|why| format!(" — because {}", one_line(why))).unwrap_or_default();
    let instead = field("instead_of").map(|other| format!(" — instead of {}", one_line(other))).unwrap_or_default();
    format!("{}{because}{instead}", event.text)
}
