//! What happened: commits and events, newest first, no more of them than could ever fit.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use super::{Sources, entry, one_line};
use crate::model::event::{Event, EventKind};
use crate::model::id::ObjectId;
use crate::ops::OpError;
use crate::ops::show::read_commit;
use crate::store::{journal, session_events};
use crate::summary::brief::{Section, Shape};

/// So many commits are told.
const COMMITS: usize = 15;

/// The shortest line of an event is no fewer tokens.
const LEAST_TOKENS: usize = 5;

/// The last commits of the branch.
pub(super) struct Commits {
    pub(super) section: Section,
    ids: Vec<ObjectId>,
}

/// Follows the first parents from HEAD.
pub(super) fn commits(sources: &Sources<'_>, head: Option<ObjectId>) -> Result<Commits, OpError> {
    let (mut entries, mut ids, mut next) = (Vec::new(), Vec::new(), head);
    while let Some(id) = next.filter(|_| ids.len() < COMMITS) {
        // In a shallow clone the rest is not there.
        let Ok(commit) = read_commit(&sources.repo.store, &id) else { break };
        let mut told = entry(Shape::Item, Some(id.short()), &commit.subject().to_string());
        if let Some(told) = &mut told {
            told.time = Timestamp::from_second(commit.committer.seconds).ok();
        }
        entries.extend(told);
        ids.push(id);
        next = commit.parents.first().copied();
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

/// The last events of the session, without what the context or the commits say already.
///
/// This is the place of the layers: once older events are summarised, their summaries come after the newest events here,
/// and what is read ends where they begin.
pub(super) fn events(sources: &Sources<'_>, said: &HashSet<String>, commits: &Commits) -> Result<Section, OpError> {
    let most = sources.budget / LEAST_TOKENS + 1;
    let (newest, has_older) = newest_events(sources, most)?;
    let is_known = |event: &Event| is_said(event, said) || is_commit(event, &commits.ids);
    let told = newest.iter().filter(|event| !is_known(event)).filter_map(|event| {
        let mut told = entry(Shape::Item, Some(one_line(event.kind.as_str())), &text_of(event))?;
        told.time = Some(event.time);
        Some(told)
    });
    Ok(Section {
        name: "events",
        title: "Last events",
        entries: told.collect(),
        has_older,
        source: format!("git log {}{}", crate::store::session::REFS, sources.repo.session()),
        share: 15,
    })
}

/// Those that wait in the journal first, then segment by segment from the last one; at most `most`, and whether there
/// are more.
fn newest_events(sources: &Sources<'_>, most: usize) -> Result<(Vec<Event>, bool), OpError> {
    let repo = sources.repo;
    let mut newest = journal::read(repo.store.layout(), &repo.session())?;
    newest.reverse();
    let mut seen: HashSet<String> = newest.iter().map(|event| event.id.clone()).collect();
    if let Some(session) = &sources.session {
        for event in session_events::events(&repo.store, session).rev() {
            if newest.len() > most {
                break;
            }
            let event = event?;
            // A fold that is under way has put it into the chain already.
            if seen.insert(event.id.clone()) {
                newest.push(event);
            }
        }
    }
    let has_older = newest.len() > most;
    newest.truncate(most);
    Ok((newest, has_older))
}

/// Whether the document has it as an item: then it need not be told twice.
fn is_said(event: &Event, said: &HashSet<String>) -> bool {
    use EventKind::{Decision, Issue, Next, Note, Todo};
    let text = || event.text.lines().all(|line| said.contains(&one_line(line)));
    matches!(event.kind, Note | Decision | Issue | Todo | Next) && text()
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
