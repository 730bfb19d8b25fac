//! The stack as a picture: who was left for whom, here and in other work trees. Reads only.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::change::ChangeCounts;
use crate::model::name::Name;
use crate::model::scratch::Scratch;
use crate::model::session::{MAIN, SessionState};
use crate::model::stack::{FrameKind, Stack};
use crate::ops::capture::scan_within_limits;
use crate::ops::repo::main_session;
use crate::ops::session::standing::read_own;
use crate::ops::tree_diff::diff_trees;
use crate::ops::{OpError, Repo};
use crate::store::checkpoint::{read_checkpoint, read_summary};
use crate::store::session_roster::{RosterEntry, read_roster};
use crate::store::{linked_worktree, operation_state, stack};

/// With more files than this, a look at the present ones takes longer than a picture should.
const QUICKLY_LOOKED_AT: u64 = 10_000;

/// All stacks.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Nobody looked at the present files, because there are so many.
    pub is_unlooked: bool,
    /// This work tree's, the bottom first.
    pub rungs: Vec<Rung>,
    /// Those of other work trees.
    pub others: Vec<OtherStack>,
}

/// The stack of another work tree.
#[derive(Clone, Debug)]
pub struct OtherStack {
    /// Its key; empty for the main one.
    pub worktree: String,
    pub directory: Option<PathBuf>,
    pub rungs: Vec<Rung>,
}

/// One session on a stack.
#[derive(Clone, Debug)]
pub struct Rung {
    pub session: Name,
    pub title: String,
    /// How it came there; `None` for `main`.
    pub kind: Option<FrameKind>,
    /// When it came there.
    pub since: Option<Timestamp>,
    pub is_current: bool,
    pub branch: Option<String>,
    /// Against the commit at HEAD; `None` where nobody looked.
    pub changes: Option<ChangeCounts>,
    /// A merge, rebase … in progress.
    pub operation: Option<String>,
    /// Sessions that were left from here and are not on any stack now, the oldest first.
    pub children: Vec<Left>,
}

/// A session that is not on any stack.
#[derive(Clone, Debug)]
pub struct Left {
    pub session: String,
    pub title: String,
    pub state: SessionState,
    pub branch: Option<String>,
    pub when: Timestamp,
}

/// Reads it. The present files are looked at only where that is quick, or `looks` is wanted.
pub fn picture(repo: &Repo, looks: bool) -> Result<Picture, OpError> {
    let own = read_own(repo)?;
    let here = &repo.store.layout().worktree_key;
    let mut others = Vec::new();
    for key in linked_worktree::keys(&repo.store).into_iter().filter(|key| key != here) {
        let Some(tip) = repo.store.find_ref_of_worktree(&key, stack::REF)? else { continue };
        // One that cannot be read is that work tree's own trouble.
        let Ok(stack) = stack::read(&repo.store, &tip) else { continue };
        if !stack.frames.is_empty() {
            others.push((key, stack));
        }
    }
    let entries = read_roster(&repo.store)?.entries;
    let on_stack = |name: &str| {
        let holds = |stack: &Stack| stack.frames.iter().any(|frame| frame.session.as_str() == name);
        holds(&own) || others.iter().any(|(_, stack)| holds(stack))
    };
    let mut children: HashMap<String, Vec<Left>> = HashMap::new();
    for entry in entries.iter().filter(|entry| !on_stack(&entry.name)) {
        if let Some(parent) = &entry.record.details.parent {
            children.entry(parent.clone()).or_default().push(left(entry));
        }
    }
    children.values_mut().for_each(|list| list.sort_by_key(|left| left.when));
    let known: HashMap<&str, &RosterEntry> = entries.iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let mut draw = Draw { repo, known, children };
    let mut rungs = draw.rungs(&own, true);
    let is_unlooked = !looks && repo.store.index_entry_count().is_some_and(|count| count > QUICKLY_LOOKED_AT);
    look_here(repo, &mut rungs, is_unlooked)?;
    let draw_other = |(key, stack): (String, Stack)| {
        let mut rungs = draw.rungs(&stack, false);
        if let Some(top) = rungs.last_mut() {
            top.branch = repo.store.branch_of_worktree(&key);
        }
        // What is below lives in another work tree, unless it was interrupted there.
        if stack.frames.first().is_some_and(|frame| frame.kind == FrameKind::Worktree) {
            rungs.remove(0);
        }
        OtherStack { directory: linked_worktree::directory_of(&repo.store, &key), worktree: key, rungs }
    };
    let others = others.into_iter().map(draw_other).collect();
    Ok(Picture { is_unlooked, rungs, others })
}

fn left(entry: &RosterEntry) -> Left {
    let details = &entry.record.details;
    // A record that says active while no stack holds it was left by somebody who died.
    let state = if details.state == SessionState::Active { SessionState::Paused } else { details.state };
    Left {
        session: entry.name.clone(),
        title: entry.record.title.clone(),
        state,
        branch: details.branch.clone(),
        when: details.closed.unwrap_or(entry.changed),
    }
}

struct Draw<'a> {
    repo: &'a Repo,
    known: HashMap<&'a str, &'a RosterEntry>,
    children: HashMap<String, Vec<Left>>,
}

impl Draw<'_> {
    fn rungs(&mut self, stack: &Stack, takes_children: bool) -> Vec<Rung> {
        let mut rungs = vec![self.rung(main_session(), None, None)];
        for frame in &stack.frames {
            // What waits below was looked at when it was left.
            if let Some(below) = rungs.last_mut()
                && let Some(id) = frame.below
                && frame.kind != FrameKind::Worktree
                && let Ok(summary) = read_summary(&self.repo.store, &id)
            {
                below.branch = summary.branch;
                below.changes = Some(summary.changes);
                let saved = read_checkpoint(&self.repo.store, &id).ok();
                below.operation = saved.and_then(|saved| saved.snapshot.operation).map(|operation| operation.kind);
            }
            rungs.push(self.rung(frame.session.clone(), Some(frame.kind), Some(frame.pushed)));
        }
        if takes_children {
            for rung in &mut rungs {
                rung.children = self.children.remove(rung.session.as_str()).unwrap_or_default();
            }
        }
        if let Some(top) = rungs.last_mut() {
            top.is_current = true;
        }
        rungs
    }

    fn rung(&self, session: Name, kind: Option<FrameKind>, since: Option<Timestamp>) -> Rung {
        let title = self.known.get(session.as_str()).filter(|_| session.as_str() != MAIN);
        let title = title.map_or_else(|| session.to_string(), |entry| entry.record.title.clone());
        Rung {
            session,
            title,
            kind,
            since,
            is_current: false,
            branch: None,
            changes: None,
            operation: None,
            children: Vec::new(),
        }
    }
}

/// The current one is as the work tree is now.
fn look_here(repo: &Repo, rungs: &mut [Rung], is_unlooked: bool) -> Result<(), OpError> {
    let Some(top) = rungs.last_mut() else { return Ok(()) };
    let head = repo.store.head()?;
    let scratch = Scratch::without_blobs(&repo.store);
    top.branch = head.branch_name().map(str::to_owned);
    let operation = operation_state::capture(&repo.store, &scratch)?;
    top.operation = operation.map(|operation| operation.kind);
    if is_unlooked {
        return Ok(());
    }
    // More than a save would take unasked is too much to look at for a picture.
    let Ok(scanned) = scan_within_limits(repo, &scratch) else { return Ok(()) };
    let base = head.commit.map(|commit| repo.store.tree_of(&commit)).transpose()?;
    top.changes = Some(ChangeCounts::of(&diff_trees(&scratch, base.as_ref(), Some(&scanned.tree))?));
    Ok(())
}
