//! All that is to be known of one session: where it stands, what was done in it, what is open. Changes nothing but what
//! was edited by hand in the context's file.

use std::collections::BTreeMap;

use bstr::ByteSlice;
use jiff::Timestamp;

use super::artifacts::{ArtifactKind, kind_of};
use super::branch_name::full_name;
use super::find::{Found, find};
use super::standing::{Place, Stacks, Standing};
use super::totals::{Tally, Totals};
use crate::context::edit::items;
use crate::context::standard::{KNOWN_ISSUES, NEXT_SESSION, RECENT_DECISIONS, TODO};
use crate::model::change::{Change, ChangeCounts};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::object::ObjectReader;
use crate::ops::context::{self, Synced};
use crate::ops::points::{self, Listed};
use crate::ops::show::read_commit;
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo};
use crate::store::session::{Session, SessionRecord};
use crate::store::{StoreError, journal, session_events};

/// A session as it is shown.
#[derive(Clone, Debug)]
pub struct Portrait {
    pub name: Name,
    pub record: SessionRecord,
    pub standing: Standing,
    /// The frames of this work tree's stack, the bottom first; `main` below them is not among them.
    pub stack: Vec<Name>,
    pub totals: Totals,
    /// The git branch that it was given does not exist any more.
    pub branch_is_gone: bool,
    pub last: Option<Listed>,
    /// Paths that differ between where it began and its last checkpoint, by kind.
    pub artifacts: BTreeMap<ArtifactKind, Vec<Change>>,
    pub changes: ChangeCounts,
    /// Commits between the two.
    pub commits: Option<u64>,
    pub todos: Vec<String>,
    pub issues: Vec<String>,
    pub decisions: Vec<String>,
    pub next: Vec<String>,
    pub checklist: Checklist,
    pub now: Timestamp,
    /// What became of the context's file before.
    pub context: Synced,
}

impl Portrait {
    /// What differs between where it began and what it has come to.
    pub(super) fn set_changes(&mut self, changes: Vec<Change>) {
        self.changes = ChangeCounts::of(&changes);
        self.artifacts = by_kind(changes);
    }
}

/// How far the plan is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checklist {
    pub done: u64,
    /// Phase and text of what is open.
    pub open: Vec<(String, String)>,
}

impl Checklist {
    pub fn total(&self) -> u64 {
        self.done + self.open.len() as u64
    }
}

/// Looks at a session; the current one where none is named.
pub fn portrait(repo: &Repo, typed: Option<&str>) -> Result<Portrait, OpError> {
    let stacks = Stacks::read(repo)?;
    let named = find(repo, &stacks, typed)?;
    let synced = if named.standing.place == Place::Current { context::sync_for_save(repo) } else { Synced::default() };
    // The sync may have added a version.
    let found = find(repo, &stacks, Some(named.name.as_str()))?;
    of_found(repo, &stacks, found, synced)
}

fn of_found(repo: &Repo, stacks: &Stacks, found: Found, context: Synced) -> Result<Portrait, OpError> {
    let now = repo.clock.now();
    let Found { name, session, record, standing } = found;
    let last = record.latest.filter(|id| points::exists(repo, id).unwrap_or(false));
    let last = last.and_then(|id| points::listed(repo, &id).ok());
    let changed = changed_paths(repo, &record, last.as_ref())?;
    let commits = commits_since(repo, &record, last.as_ref());
    let branch = record.details.branch.as_deref().map(full_name);
    let said = Said::of(repo, session.as_ref())?;
    Ok(Portrait {
        totals: totals(repo, &name, session.as_ref(), (standing.place == Place::Current).then_some(now))?,
        stack: stacks.own.frames.iter().map(|frame| frame.session.clone()).collect(),
        branch_is_gone: branch.map(|branch| repo.store.find_ref(&branch)).transpose()?.is_some_and(|at| at.is_none()),
        changes: ChangeCounts::of(&changed),
        artifacts: by_kind(changed),
        commits,
        todos: said.todos,
        issues: said.issues,
        decisions: said.decisions,
        next: said.next,
        checklist: said.checklist,
        last,
        name,
        record,
        standing,
        now,
        context,
    })
}

/// What differs between the commit that it began from and its last checkpoint.
fn changed_paths(repo: &Repo, record: &SessionRecord, last: Option<&Listed>) -> Result<Vec<Change>, OpError> {
    let (Some(base), Some(last)) = (record.details.base, last) else { return Ok(Vec::new()) };
    let tree = |id: &ObjectId| read_commit(&repo.store, id).map(|commit| commit.tree);
    // The user may have thrown the commit away, and git with it.
    let Ok(base) = tree(&base) else { return Ok(Vec::new()) };
    Ok(diff_trees(&repo.store, Some(&base), Some(&tree(&last.summary.id)?))?)
}

fn commits_since(repo: &Repo, record: &SessionRecord, last: Option<&Listed>) -> Option<u64> {
    let (base, head) = (record.details.base?, last?.summary.base?);
    let is_there = |id: &ObjectId| repo.store.contains(id);
    if !is_there(&base) || !is_there(&head) {
        return None;
    }
    repo.store.ahead_behind(&head, &base).ok().map(|(ahead, _)| ahead as u64)
}

fn by_kind(changes: Vec<Change>) -> BTreeMap<ArtifactKind, Vec<Change>> {
    let mut kinds: BTreeMap<ArtifactKind, Vec<Change>> = BTreeMap::new();
    for change in changes {
        kinds.entry(kind_of(change.path.as_bstr())).or_default().push(change);
    }
    kinds
}

/// Adds a session's history up: one segment of events and one commit in memory at a time.
fn totals(repo: &Repo, name: &Name, session: Option<&Session>, now: Option<Timestamp>) -> Result<Totals, OpError> {
    let mut tally = Tally::new(now);
    let waiting = journal::read(repo.store.layout(), name)?;
    waiting.iter().rev().for_each(|event| tally.event(event));
    let Some(session) = session else { return Ok(tally.totals()) };
    let known: std::collections::HashSet<&str> = waiting.iter().map(|event| event.id.as_str()).collect();
    let mut saves = saves(repo, session).peekable();
    for event in session_events::events(&repo.store, session).rev() {
        let event = event?;
        while let Some(save) = saves.next_if(|save| save.as_ref().map_or(true, |time| *time >= event.time)) {
            tally.save(save?);
        }
        if !known.contains(event.id.as_str()) {
            tally.event(&event);
        }
    }
    for save in saves {
        tally.save(save?);
    }
    Ok(tally.totals())
}

/// When checkpoints were taken, newest first, those for safety left out.
fn saves<'a>(repo: &'a Repo, session: &Session) -> impl Iterator<Item = Result<Timestamp, StoreError>> + 'a {
    let mut next = Some(session.tip);
    let walk = std::iter::from_fn(move || {
        let commit = match read_commit(&repo.store, &next.take()?) {
            Ok(commit) => commit,
            Err(error) => return Some(Err(error.into())),
        };
        // A child that came back is the second parent: its history is its own.
        next = commit.parents.first().copied();
        Some(Ok(commit))
    });
    walk.filter_map(|commit| match commit {
        Ok(commit) if commit.message.starts_with(b"save ") => {
            Some(Ok(Timestamp::from_second(commit.committer.seconds).unwrap_or(Timestamp::UNIX_EPOCH)))
        }
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    })
}

/// What the documents of a session say.
#[derive(Default)]
struct Said {
    todos: Vec<String>,
    issues: Vec<String>,
    decisions: Vec<String>,
    next: Vec<String>,
    checklist: Checklist,
}

impl Said {
    fn of(repo: &Repo, session: Option<&Session>) -> Result<Said, OpError> {
        let Some(session) = session else { return Ok(Said::default()) };
        // A document that is damaged says nothing; the rest of the session is still to be seen.
        let text = session.context(&repo.store).ok().flatten().unwrap_or_default();
        let standard = context::standard_of(repo)?;
        let open = |section: &str| {
            let found = items(&text, section, &standard).unwrap_or_default();
            let open = found.into_iter().filter(|item| item.checked != Some(true));
            open.map(|item| item.text).collect::<Vec<_>>()
        };
        let checklist = session.checklist(&repo.store).ok().flatten().unwrap_or_default();
        Ok(Said {
            todos: open(TODO),
            issues: open(KNOWN_ISSUES),
            decisions: open(RECENT_DECISIONS),
            next: open(NEXT_SESSION),
            checklist: read_checklist(&checklist),
        })
    }
}

/// Phases are headings, items have a check box.
fn read_checklist(text: &str) -> Checklist {
    let mut checklist = Checklist::default();
    let mut phase = String::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(heading) = line.strip_prefix("## ") {
            phase = heading.trim().to_owned();
        } else if line.starts_with("- [x] ") || line.starts_with("- [X] ") {
            checklist.done += 1;
        } else if let Some(item) = line.strip_prefix("- [ ] ") {
            let item = item.split("<!--").next().unwrap_or_default().trim();
            checklist.open.push((phase.clone(), item.to_owned()));
        }
    }
    checklist
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checklist_is_read_by_phase() {
        let text =
            "# Plan\n\n## Understand\n\n- [x] read it\n- [ ] run it <!-- verify: cargo test -->\n\n## Do\n- [ ] it\n";
        let open = |phase: &str, item: &str| (phase.to_owned(), item.to_owned());
        let expected = Checklist { done: 1, open: vec![open("Understand", "run it"), open("Do", "it")] };
        assert_eq!(read_checklist(text), expected);
    }
}
